package org.courier.data

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Job
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.SharingCommand
import kotlinx.coroutines.flow.SharingStarted
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.asStateFlow
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.distinctUntilChanged
import kotlinx.coroutines.launch

/**
 * The last of a [view], pulled while somebody looks. Unlike `stateIn` it can [forget]: what one courier saw must not be the
 * first thing that the next one sees.
 */
internal class Kept<T : Any>(
    private val scope: CoroutineScope,
    private val view: Flow<T?>,
) {
    private val last = MutableStateFlow<T?>(null)
    private var pulling = pull()

    /** Null as long as nothing was pulled. */
    val values: StateFlow<T?> = last.asStateFlow()

    /** Null from now on, until the view has something again. */
    suspend fun forget() {
        // Nothing that is being pulled arrives any more.
        pulling.cancelAndJoin()
        last.value = null
        pulling = pull()
    }

    private fun pull(): Job =
        scope.launch {
            WHILE_SEEN
                .command(last.subscriptionCount)
                .distinctUntilChanged()
                .collectLatest { if (it == SharingCommand.START) view.collect(last) }
        }

    private companion object {
        /** A screen that is turned looks again at once. */
        val WHILE_SEEN = SharingStarted.WhileSubscribed(stopTimeoutMillis = 5_000)
    }
}
