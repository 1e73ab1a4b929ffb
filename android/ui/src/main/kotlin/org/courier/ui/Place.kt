package org.courier.ui

import org.courier.core.ShipmentId
import org.courier.core.StopId

/** Where the courier is in the app. */
sealed interface Place {
    /** Where the way back leads; null: out of the app. */
    val parent: Place? get() = Today

    data object Today : Place {
        override val parent = null
    }

    data class Stop(
        val id: StopId,
    ) : Place

    data class Door(
        val stop: StopId,
        val shipment: ShipmentId,
    ) : Place {
        override val parent get() = Stop(stop)
    }

    data object LoadCheck : Place

    data object ReturnCheck : Place

    data object DayEnd : Place

    data object OnThisPhone : Place

    data object Settings : Place

    /** As a phone may keep it: identifiers only, nothing personal. */
    fun saved(): List<String> =
        when (this) {
            is Stop -> listOf("stop", id)
            is Door -> listOf("door", stop, shipment)
            else -> listOf(toString())
        }

    companion object {
        /** Made when asked for: the places are made after this. */
        private val plain get() = listOf(Today, LoadCheck, ReturnCheck, DayEnd, OnThisPhone, Settings)

        /** The place that was [saved]; today for what is none. */
        fun restored(saved: List<String>): Place =
            when {
                saved.size == 2 && saved[0] == "stop" -> Stop(saved[1])
                saved.size == 3 && saved[0] == "door" -> Door(saved[1], saved[2])
                else -> plain.firstOrNull { listOf(it.toString()) == saved } ?: Today
            }
    }
}
