package org.courier.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.unit.dp
import kotlinx.coroutines.flow.map
import org.courier.core.Command
import org.courier.core.DoorView
import org.courier.core.StopId
import org.courier.core.StopView
import org.courier.ui.words.LocalWords

/** A view that may not have come yet, or that is gone. */
internal class Pulled<T>(
    val view: T?,
)

/** The stop as the core tells it; null while it was not told yet. */
@Composable
internal fun pulledStop(
    state: AppState,
    id: StopId,
): Pulled<StopView>? {
    val flow = remember(id) { state.repository.stop(id).map { Pulled(it) } }
    val stop by flow.collectAsState(null)
    return stop
}

@Composable
internal fun StopPlace(
    state: AppState,
    id: StopId,
) {
    val pulled = pulledStop(state, id) ?: return
    val route by state.repository.route.collectAsState()
    val stop = pulled.view
    if (stop == null) {
        Scrolled { item { Text(LocalWords.current.stopGone) } }
    } else {
        StopScreen(stop, route?.tz ?: "UTC", state)
    }
}

/** Where it is, and who is behind its doors. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun StopScreen(
    stop: StopView,
    tz: String,
    state: AppState,
) {
    val words = LocalWords.current
    val street = "${stop.address.street} ${stop.address.house}"
    Scrolled(Modifier.testTag("stop")) {
        item("address") {
            Title(words.stop(stop.no))
            Text("$street, ${stop.address.postcode} ${stop.address.city}", style = MaterialTheme.typography.titleLarge)
        }
        stop.gone?.let { item("gone") { Gone(words.takenAway(it)) } }
        item("arrival") {
            if (stop.arrived) {
                Text(words.arrived, Modifier.testTag("arrived"))
            } else {
                MainButton(words.arrive, "arrive") { state.submit(Command.Arrive(stop.id)) }
            }
        }
        item("ways") {
            FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
                SideButton(words.scan, "scan") { state.scan() }
                SideButton(words.navigate, "navigate") { state.navigate(stop.parkingPin ?: stop.doorPin, street) }
                for (door in stop.doors) CallButton(door, state, named = stop.doors.count { it.recipientPhone != null } > 1)
            }
        }
        stop.awayM?.let { item("far-from-pin") { Panel("far-from-pin", important = true) { Text(words.farFromPin(it)) } } }
        val facts =
            listOf(
                Triple(words.flat, stop.flat, "flat"),
                Triple(words.window, stop.window?.let { clock(it, tz) }, "window"),
                Triple(words.arrivalTime, stop.eta?.let { reached(it, tz, words) }, "eta"),
                Triple(words.wayIn, stop.accessNotes, "way-in"),
                Triple(words.inTheVan, stop.vanPlace, "in-the-van"),
            )
        facts.forEach { (what, text, tag) -> if (text != null) item(tag) { Fact(what, text, tag) } }
        items(stop.doors, key = { "door-${it.shipment}" }) { door ->
            DoorCard(door) { state.go(Place.Door(stop.id, door.shipment)) }
        }
        // Last: who is at the stop needs everything else first.
        item("edit") { EditButtons(stop, state) }
    }
}

@Composable
internal fun Gone(text: String) = Panel("gone", important = true) { Text(text, fontWeight = FontWeight.Bold) }

@Composable
private fun DoorCard(
    door: DoorView,
    onClick: () -> Unit,
) {
    val words = LocalWords.current
    Panel("door-${door.recipientName}", onClick = onClick) {
        Text(door.recipientName, fontWeight = FontWeight.Bold, style = MaterialTheme.typography.titleMedium)
        Text(words.from(door.senderName))
        Text("${words.scannedOf(door.parcels.count { it.scanned }, door.parcels.size)} · ${words.attempt(door.state)}")
    }
}
