package org.courier.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.lazy.items
import androidx.compose.foundation.lazy.rememberLazyListState
import androidx.compose.material3.LinearProgressIndicator
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.CustomAccessibilityAction
import androidx.compose.ui.semantics.customActions
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import org.courier.core.Command
import org.courier.core.Near
import org.courier.core.RouteView
import org.courier.core.StopId
import org.courier.core.StopLine
import org.courier.core.StopState
import org.courier.core.TimeWindow
import org.courier.data.next
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words

@Composable
internal fun TodayPlace(state: AppState) {
    val route by state.repository.route.collectAsState()
    val near by state.repository.near.collectAsState()
    TodayScreen(route, near, state)
}

/**
 * The route as a list and as a map. Keys keep what is below when something comes or goes: who types there goes on typing. No id of
 * a stop has a `#`.
 */
@Composable
private fun TodayScreen(
    route: RouteView?,
    near: Near?,
    state: AppState,
) {
    val words = LocalWords.current
    val found = route?.stops.orEmpty().filter { it.isFound(state.search.trim()) }
    val list = rememberLazyListState()
    val drag = remember { StopDrag(list) }
    // Among all stops only: where something lies between them that is not shown, a place would not be what it looks like.
    val places = if (state.search.isBlank()) found.filter { it.eta != null }.mapNotNull { it.place() }.toMap() else emptyMap()
    drag.places = places.keys
    ScrollsWith(drag)
    Scrolled(Modifier.testTag("today"), list) {
        if (route == null) {
            item("#no-route") { Text(words.noRoute, Modifier.testTag("no-route")) }
        } else {
            item("#progress") { Progress(route) }
            val there = near?.let { route.stops.firstOrNull { stop -> stop.id == it.stop && !stop.arrived } }
            if (near != null && there != null) item("#near") { NearPanel(near, there, state) }
            route.proposal?.let { item("#proposal") { ProposalPanel(it, route, state) } }
            if (!route.started && !route.closed) {
                item("#start-day") { MainButton(words.startDay, "start-day") { state.submit(Command.StartDay) } }
            }
            route.next?.let { next ->
                item("#next-stop") {
                    MainButton("${words.nextStop}: ${next.address.street} ${next.address.house}", "next-stop") {
                        state.go(Place.Stop(next.id))
                    }
                }
            }
        }
        if (route != null && state.map) item("#map") { RouteMap(found, Modifier.fillMaxWidth()) { state.go(Place.Stop(it)) } }
        item("#ways") { Ways(state, route != null) }
        if (route != null) {
            item("#search") { Field(words.search, state.search, "search") { state.search = it } }
            if (found.isEmpty()) item("#no-stop") { Text(words.noStop) }
            items(found, key = { it.id }) { stop ->
                val place = places[stop.id]
                val look = if (place == null) Modifier else Modifier.dragged(drag, stop.id) { state.move(stop.id, places[it]) }
                val moves = if (place == null) Modifier else Modifier.semantics { customActions = moves(stop.id, place, state, words) }
                StopCard(stop, route.tz, look.then(moves), drag.target == stop.id) { state.go(Place.Stop(stop.id)) }
            }
        }
    }
}

/** Its place on the route, if it can have another one. */
private fun StopLine.place() = position?.let { id to it }

/** What dragging does, for whoever has a screen reader move the stop: a place earlier, or later. */
private fun moves(
    stop: StopId,
    place: UInt,
    state: AppState,
    words: Words,
): List<CustomAccessibilityAction> {
    fun to(
        text: String,
        place: UInt,
    ) = CustomAccessibilityAction(text) {
        state.move(stop, place)
        true
    }
    return listOfNotNull(to(words.comesEarlier, place - 1u).takeIf { place > 1u }, to(words.comesLater, place + 1u))
}

@Composable
private fun Progress(route: RouteView) {
    val words = LocalWords.current
    val counts = route.counts
    Panel("progress") {
        val phase =
            when {
                route.closed -> words.dayOver
                route.started -> words.dayStarted
                else -> words.dayNotStarted
            }
        Title("${route.day} · $phase")
        Text(words.progress(counts.stopsDone, counts.stops))
        LinearProgressIndicator(
            progress = { if (counts.stops == 0u) 0f else counts.stopsDone.toFloat() / counts.stops.toFloat() },
            Modifier.fillMaxWidth(),
            drawStopIndicator = {},
        )
        Text(words.sums(counts.handedOver, counts.notDelivered, counts.confirmed))
        route.ends?.let { Text(words.doneAbout(clock(it, route.tz))) }
    }
}

/** Everything else of the day. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Ways(
    state: AppState,
    hasRoute: Boolean,
) {
    val words = LocalWords.current
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        SideButton(words.exchange, "exchange", enabled = !state.busy, onClick = state::exchange)
        if (hasRoute) {
            SideButton(if (state.map) words.list else words.map, "map-or-list") { state.map = !state.map }
            SideButton(words.loadCheck, "load-check") { state.go(Place.LoadCheck) }
            SideButton(words.returnCheck, "return-check") { state.go(Place.ReturnCheck) }
            SideButton(words.dayEnd, "day-end") { state.go(Place.DayEnd) }
        }
        SideButton(words.onThisPhone, "on-this-phone") { state.go(Place.OnThisPhone) }
        SideButton(words.settings, "settings") { state.go(Place.Settings) }
    }
}

/** A stop in the list. Nothing in it tells whether a parcel needs a code. */
@Composable
private fun StopCard(
    stop: StopLine,
    tz: String,
    modifier: Modifier,
    isTarget: Boolean,
    onClick: () -> Unit,
) {
    val words = LocalWords.current
    val important = isTarget || (stop.arrived && stop.state != StopState.DONE)
    Panel("stop-${stop.no}", modifier, important, onClick) {
        val address = "${stop.no}  ${stop.address.street} ${stop.address.house}"
        Text(address, fontWeight = FontWeight.Bold, style = MaterialTheme.typography.titleMedium)
        Text(stop.names.joinToString())
        val window = stop.window?.let { " · " + clock(it, tz) }.orEmpty()
        Text(words.parcels(stop.parcels) + window)
        stop.eta?.let { Text(reached(it, tz, words), fontWeight = if (it.lateS > 0u) FontWeight.Bold else null) }
        Text(stands(stop, words))
    }
}

private fun stands(
    stop: StopLine,
    words: Words,
) = listOfNotNull(words.stopState(stop.state), stop.standing?.let(words::standing)).joinToString()

private fun StopLine.isFound(wanted: String): Boolean {
    val place = "${address.street} ${address.house} ${address.postcode} ${address.city}"
    return wanted.isEmpty() || no.toString() == wanted || place.contains(wanted, ignoreCase = true) ||
        names.any { it.contains(wanted, ignoreCase = true) }
}

/** A time window as the clocks there show it. */
internal fun clock(
    window: TimeWindow,
    tz: String,
): String = "${clock(window.from, tz)}–${clock(window.to, tz)}"
