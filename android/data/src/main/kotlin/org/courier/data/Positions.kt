package org.courier.data

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.launch
import org.courier.core.Position

/** Where the phone is. It is asked for only while somebody collects it. */
interface Positions {
    /** Fixes as they come, about one a second; none while the courier has not allowed it. */
    val fixes: Flow<Fix>
}

/** Where the phone was, with its speed in decimetres a second if it knows that. */
data class Fix(
    val position: Position,
    val speedDmS: UInt? = null,
)

/**
 * Shows the phone's position to the core while the core is open and wants it, which it does from the
 * beginning to the end of a day. Ends with the returned job.
 */
fun CourierRepository.followPositions(
    scope: CoroutineScope,
    positions: Positions,
): Job =
    scope.launch {
        wantsFixes.distinctUntilChanged().collectLatest { wanted ->
            if (wanted) positions.fixes.collect { fix(it) }
        }
    }
