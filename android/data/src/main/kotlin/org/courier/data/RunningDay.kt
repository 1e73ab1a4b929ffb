package org.courier.data

import org.courier.core.RouteView
import org.courier.core.StopLine
import org.courier.core.StopState

/** A day that has begun and not ended, in numbers alone: what may be told where others read, too. */
data class RunningDay(
    /** The number of the next stop; null when nothing is left to do. */
    val next: UInt?,
    /** Stops that are not done. */
    val left: UInt,
    /** Facts that the server does not have for sure. */
    val facts: ULong,
    /** Photos and signatures that it does not have. */
    val files: ULong,
) {
    companion object {
        fun of(
            route: RouteView,
            facts: ULong,
            files: ULong,
        ): RunningDay? {
            if (!route.started || route.closed) return null
            return RunningDay(route.next?.no, route.counts.stops - route.counts.stopsDone, facts, files)
        }
    }
}

/** The next stop with something to do. */
val RouteView.next: StopLine? get() = stops.firstOrNull { it.state == StopState.OPEN || it.state == StopState.PARTLY }
