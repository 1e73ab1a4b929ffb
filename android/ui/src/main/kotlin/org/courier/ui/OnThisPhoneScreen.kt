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
import org.courier.core.Diagnostics
import org.courier.core.LaneDiagnostics
import org.courier.core.Outbox
import org.courier.core.Standing
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words
import org.courier.ui.words.seconds

@Composable
internal fun OnThisPhonePlace(state: AppState) {
    val phone by state.repository.diagnostics.collectAsState()
    phone?.let { OnThisPhoneScreen(it, state) }
}

/** For the courier who asks, and for support: identifiers and numbers only. */
@Composable
private fun OnThisPhoneScreen(
    phone: Diagnostics,
    state: AppState,
) {
    val words = LocalWords.current
    val rows = rows(phone, words)
    Scrolled(Modifier.testTag("phone")) {
        item { Text(words.nothingPersonal) }
        rows.forEach { (what, text) -> item { Fact(what, text, "phone-$what") } }
        item {
            MainButton(words.export, "export") {
                state.platform.share(rows.joinToString("\n") { (what, text) -> "$what: $text" })
            }
        }
        // The rows above it come and go: what the courier was asked stays.
        item(key = "leave") { LeavePanel(phone, state) }
    }
}

/** The last thing that a courier does on this phone: asked twice, and not while something waits, unless they take it along. */
@Composable
private fun LeavePanel(
    phone: Diagnostics,
    state: AppState,
) {
    val words = LocalWords.current
    var asked by rememberSaveable { mutableStateOf(false) }
    val waits = phone.pending > 0uL || phone.files > 0uL
    Panel("leave") {
        when {
            state.kept && waits -> {
                Text(words.unsent(phone.pending, phone.files))
                SideButton(words.exchange, "leave-exchange", enabled = !state.busy, onClick = state::exchange)
                SideButton(words.saveAndLogOut, "save-and-log-out", enabled = !state.busy) { state.logOut(saving = true) }
            }
            asked -> {
                Text(words.logOutSure)
                SideButton(words.logOut, "log-out-really", enabled = !state.busy) { state.logOut() }
                SideButton(words.cancel, "log-out-not") { asked = false }
            }
            else -> SideButton(words.logOut, "log-out") { asked = true }
        }
    }
}

private fun rows(
    phone: Diagnostics,
    words: Words,
): List<Pair<String, String>> {
    fun yes(it: Boolean) = if (it) words.yes else words.no
    val rows =
        mutableListOf(
            words.courier to (phone.courier ?: words.nobody),
            words.installation to "${phone.install} (${phone.inc})",
            words.deviceKey to words.keyLevel(phone.key),
            words.facts to words.factsOf(phone.facts, phone.pending),
            words.howFar to howFar(phone.outbox, words),
            words.filesTitle to files(phone, words),
            words.codeEntries to "${phone.tries}",
            words.serverSigned to yes(phone.hasReceipt),
            words.timeCertain to yes(phone.timeIsCertain),
            words.epoch to phone.epoch,
            words.storage to "SQLite ${phone.sqlite}, ${phone.schemas.journal}/${phone.schemas.route}",
        )
    phone.outbox.oldestMs?.let { rows += words.oldestUnsent to words.minutesAgo(it / 60_000uL) }
    phone.route?.let { rows += words.route to "${it.id}, ${it.rev}, ${words.stopsTitle} ${it.stops}" }
    rows += phone.kept.map { words.keptKind(it.kind) to words.kept(it) }
    return rows + phone.lanes.map { words.lane(it.name) to lane(it, words) }
}

/** Where every fact on this phone stands; what there is none of is left out. */
private fun howFar(
    outbox: Outbox,
    words: Words,
) = listOf(
    Standing.ON_PHONE to outbox.onPhone,
    Standing.STORED to outbox.stored,
    Standing.CONFIRMED to outbox.confirmed,
    Standing.UNDER_REVIEW to outbox.underReview,
    Standing.REFUTED to outbox.refuted,
).filter { (_, facts) -> facts > 0uL }.joinToString { (standing, facts) -> "$facts ${words.standing(standing)}" }

/** Photos and signatures that wait, and whether the server lets them in. */
private fun files(
    phone: Diagnostics,
    words: Words,
): String {
    val lane = phone.lanes.firstOrNull { it.name == "blobs" && (it.failures > 0u || it.inFlight) }
    return listOfNotNull(words.waiting(phone.files), lane?.takeIf { phone.files > 0uL }?.let { lane(it, words) }).joinToString()
}

private fun lane(
    lane: LaneDiagnostics,
    words: Words,
) = when {
    lane.inFlight -> words.laneAsking
    lane.failures == 0u -> words.laneFine
    else -> words.laneFailed(lane.failures, seconds(lane.waitMs))
}
