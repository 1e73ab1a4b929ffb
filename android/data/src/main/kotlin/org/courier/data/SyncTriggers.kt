package org.courier.data

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.flow.filter
import kotlinx.coroutines.launch

/** Longest exchange that a trigger starts, in milliseconds. */
const val SYNC_BUDGET_MS = 20_000L

/**
 * Exchanges as soon as the phone believes to be online again: the core waits longer after every failure, and a network
 * that came back is a reason not to. Ends with the returned job.
 */
fun CourierRepository.syncWhenOnline(
    scope: CoroutineScope,
    connectivity: Connectivity,
): Job =
    scope.launch {
        connectivity.online
            .distinctUntilChanged()
            .filter { it && state.value == PhoneState.Enrolled }
            .collect { sync(SYNC_BUDGET_MS) }
    }
