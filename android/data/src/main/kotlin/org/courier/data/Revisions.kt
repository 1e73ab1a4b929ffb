package org.courier.data

import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import org.courier.core.CourierInterface
import org.courier.core.Observer

/**
 * The revisions of the core, newest only. It begins with a 0 as soon as the core was told who observes, so that whoever
 * pulls a view at every item misses nothing. Ending the collection ends the observation.
 */
fun CourierInterface.revisions(): Flow<ULong> =
    callbackFlow {
        val subscription =
            observe(
                object : Observer {
                    // On a thread of the core. A closed channel ignores it.
                    override fun onChange(revision: ULong) {
                        trySend(revision)
                    }
                },
            )
        trySend(0uL)
        awaitClose {
            subscription.cancel()
            subscription.close()
        }
    }.conflate()
