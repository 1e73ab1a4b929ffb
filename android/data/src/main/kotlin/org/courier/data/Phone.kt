package org.courier.data

import kotlinx.coroutines.flow.Flow

/** Small settings by name. Nothing secret: secrets are for the core's `SecureStore`. */
interface Preferences {
    fun read(name: String): String?

    fun write(
        name: String,
        value: String,
    )
}

/** What the phone thinks of its network. A hint: only an answer of the server proves that there is one. */
interface Connectivity {
    /** Whether there seems to be a network, now and after every change. */
    val online: Flow<Boolean>
}

/** Exchanges that happen while the app is not on the screen. */
interface BackgroundSync {
    /** Something waits for the network: call [CourierRepository.sync] when there is one, even if the app is gone. */
    fun request()
}

/** How the phone stands. */
sealed interface PhoneState {
    /** It was not looked at yet. */
    data object Starting : PhoneState

    /** It belongs to nobody; [server] is where it was asked for last. */
    data class NotEnrolled(
        val server: String,
    ) : PhoneState

    /** It is a courier's. */
    data object Enrolled : PhoneState

    /** Its data cannot be opened. */
    data class Broken(
        val error: org.courier.core.CourierException,
    ) : PhoneState
}
