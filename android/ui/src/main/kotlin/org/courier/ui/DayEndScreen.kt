package org.courier.ui

import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import org.courier.core.Command
import org.courier.core.Diagnostics
import org.courier.core.RouteView
import org.courier.ui.words.LocalWords

@Composable
internal fun DayEndPlace(state: AppState) {
    val route by state.repository.route.collectAsState()
    val phone by state.repository.diagnostics.collectAsState()
    val day = route
    if (day == null) {
        Scrolled { item { Text(LocalWords.current.noRoute) } }
    } else {
        DayEndScreen(day, phone, state)
    }
}

/** What was done, what still waits for the network, and the last word. */
@Composable
private fun DayEndScreen(
    route: RouteView,
    phone: Diagnostics?,
    state: AppState,
) {
    val words = LocalWords.current
    var asked by rememberSaveable { mutableStateOf(false) }
    val counts = route.counts
    Scrolled(Modifier.testTag("day-end-sums")) {
        item { Title("${route.day} · ${if (route.closed) words.dayOver else words.dayStarted}") }
        item { Fact(words.stopsTitle, words.doneAndOpen(counts.stopsDone, counts.stops - counts.stopsDone), "stops") }
        item {
            val open = counts.parcels - counts.handedOver - counts.notDelivered
            Fact(words.parcelsTitle, words.parcelSums(counts.handedOver, counts.notDelivered, open), "parcels")
        }
        item { Fact(words.provisionalTitle, words.provisional(counts.onPhone, counts.stored), "provisional") }
        item { Fact(words.judgedTitle, words.judged(counts.confirmed, counts.underReview, counts.refuted), "judged") }
        phone?.let { item { Fact(words.outboxTitle, words.outbox(it.pending, it.files), "day-outbox") } }
        item { SideButton(words.exchange, "exchange", enabled = !state.busy, onClick = state::exchange) }
        if (!route.closed) {
            if (asked) item { Text(words.closeDaySure, Modifier.testTag("sure")) }
            item {
                MainButton(words.closeDay, "close-day") {
                    if (asked) state.submit(Command.CloseDay)
                    asked = !asked
                }
            }
            if (asked) item { SideButton(words.cancel, "cancel") { asked = false } }
        }
    }
}
