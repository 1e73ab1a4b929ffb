package org.courier.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.unit.dp
import org.courier.core.Command
import org.courier.core.Eta
import org.courier.core.Near
import org.courier.core.Proposal
import org.courier.core.RouteEdit
import org.courier.core.RouteView
import org.courier.core.StopLine
import org.courier.core.StopView
import org.courier.core.UnixMs
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words
import java.time.Instant
import java.time.ZoneId
import java.time.format.DateTimeFormatter

private val minutes = DateTimeFormatter.ofPattern("HH:mm")

/** An instant as the clocks there show it. */
internal fun clock(
    at: UnixMs,
    tz: String,
): String = minutes.format(Instant.ofEpochMilli(at).atZone(ZoneId.of(tz)))

/** When a stop is reached. */
internal fun reached(
    eta: Eta,
    tz: String,
    words: Words,
) = words.arrival(clock(eta.p50, tz), clock(eta.p80, tz), eta.lateS)

/** Another order with its price. Unless it is taken, nothing changes. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun ProposalPanel(
    proposal: Proposal,
    route: RouteView,
    state: AppState,
) {
    val words = LocalWords.current
    Panel("proposal") {
        Title(words.otherOrder)
        words.proposal(proposal, route.stops).forEach { Text(it) }
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
            SideButton(words.keepMine, "keep-mine") { state.submit(Command.DropProposal(proposal.id)) }
            SideButton(words.takeOrder, "take-order") { state.submit(Command.TakeProposal(proposal.id)) }
        }
    }
}

/** The courier stands near a stop whose pin may be wrong. Nothing is recorded unless they say so. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun NearPanel(
    near: Near,
    stop: StopLine,
    state: AppState,
) {
    val words = LocalWords.current
    Panel("near") {
        Title(words.nearStop(stop.no, near.metres))
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
            SideButton(words.arrive, "near-arrive") { state.submit(Command.Arrive(stop.id)) }
            SideButton(words.notThere, "near-not-there") { state.repository.notThere() }
        }
    }
}

private const val HOUR_MS = 3_600_000L

/** The stop is to come at another place of the route. Not where the courier is already. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun EditButtons(
    stop: StopView,
    state: AppState,
) {
    val eta = stop.eta ?: return
    val position = stop.position ?: return
    val words = LocalWords.current
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        @Composable
        fun edit(
            text: String,
            tag: String,
            edit: RouteEdit,
        ) = SideButton(text, tag) { state.submit(Command.EditRoute(stop.id, edit)) }
        edit(words.comesNext, "comes-next", RouteEdit.Next)
        if (position > 1u) edit(words.comesEarlier, "comes-earlier", RouteEdit.Move(position - 1u))
        edit(words.comesLater, "comes-later", RouteEdit.Move(position + 1u))
        edit(words.comesAnHourLater, "comes-an-hour-later", RouteEdit.Later(eta.p50 + HOUR_MS))
        edit(words.comesLast, "comes-last", RouteEdit.Skip)
    }
}
