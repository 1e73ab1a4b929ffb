package org.courier.data

import kotlinx.coroutines.CancellationException
import org.courier.core.CourierException
import org.courier.core.InternalException

/** What came of asking the core. */
sealed interface Answer<out T> {
    /** It worked. */
    data class Ok<T>(
        val value: T,
    ) : Answer<T>

    /** It did not; nothing was recorded. */
    data class No(
        val error: CourierException,
    ) : Answer<Nothing>
}

/** The answer of [call], whichever way it ends. */
internal suspend fun <T> answer(call: suspend () -> T): Answer<T> =
    try {
        Answer.Ok(call())
    } catch (cancelled: CancellationException) {
        throw cancelled
    } catch (error: CourierException) {
        Answer.No(error)
    } catch (_: InternalException) {
        // A panic of the core. Its text may hold anything, and is dropped.
        Answer.No(CourierException.Internal("panic"))
    }
