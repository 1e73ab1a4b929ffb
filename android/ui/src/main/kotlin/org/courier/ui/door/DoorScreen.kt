package org.courier.ui.door

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.FilterChip
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.snapshotFlow
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.role
import androidx.compose.ui.semantics.selected
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.input.KeyboardCapitalization
import androidx.compose.ui.unit.dp
import kotlinx.coroutines.delay
import kotlinx.coroutines.flow.collectLatest
import kotlinx.coroutines.flow.drop
import org.courier.core.DoorView
import org.courier.core.InstructionLine
import org.courier.core.ParcelLine
import org.courier.core.Receiver
import org.courier.core.StopView
import org.courier.ui.AppState
import org.courier.ui.CallButton
import org.courier.ui.Field
import org.courier.ui.Gone
import org.courier.ui.MainButton
import org.courier.ui.Panel
import org.courier.ui.Place
import org.courier.ui.Scrolled
import org.courier.ui.SideButton
import org.courier.ui.TOUCH
import org.courier.ui.Title
import org.courier.ui.exactly
import org.courier.ui.pulledStop
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words

@Composable
internal fun DoorPlace(
    state: AppState,
    place: Place.Door,
) {
    val pulled = pulledStop(state, place.stop) ?: return
    val door = state.door ?: return
    val view = pulled.view?.doors?.firstOrNull { it.shipment == door.shipment }
    if (view == null) {
        Scrolled { item { Text(LocalWords.current.shipmentGone) } }
        return
    }
    val stop = pulled.view
    LaunchedEffect(view, stop.form) { state.seen(view, stop.form) }
    LaunchedEffect(door) {
        // Not with every letter: a pause is enough, and the camera asks for it by itself.
        snapshotFlow { door.toKeep() }.drop(1).collectLatest {
            delay(KEEP_MS)
            state.keep()
        }
    }
    when {
        door.card -> CustomerCard(view, door)
        door.signing -> SignaturePad(door, state)
        else -> DoorScreen(stop, view, door, state)
    }
}

/** Scan, code, receiver, or a reason why not; then done. What may be done comes from the core. */
@Composable
private fun DoorScreen(
    stop: StopView,
    view: DoorView,
    door: DoorState,
    state: AppState,
) {
    val words = LocalWords.current
    val form = door.form
    Scrolled(Modifier.testTag("door")) {
        if (form != null) {
            form(form, stop, view, door, state, words)
            return@Scrolled
        }
        item("recipient") {
            Title(view.recipientName)
            Text("${words.from(view.senderName)} · ${words.attempt(view.attemptNo)}")
        }
        (stop.gone ?: view.gone)?.let { item("gone") { Gone(words.takenAway(it)) } }
        if (door.step != Step.DONE && door.step != Step.CODE) item("steps") { Steps(door) }
        when (door.step) {
            Step.SCAN -> scan(view, door, state, words)
            // The pad comes first: with large texts, too, it is to be in sight.
            Step.CODE -> {
                item("code") { CodeStep(view, door, state) }
                item("steps") { Steps(door) }
            }
            Step.RECEIVER -> receivers(view, door, words)
            Step.EXIT -> exits(view, door, state, words)
            Step.DONE -> done(stop, view, state, words)
        }
        items(view.instructions, key = { "instruction-${it.instruction.id}" }) { Instruction(it) }
        items(view.conflicts, key = { "conflict-${it.one}-${it.other}" }) {
            Panel("conflict", important = true) { Text(words.conflict(it, view.instructions)) }
        }
        items(view.parcels, key = { "parcel-${it.id}" }) { Parcel(it, it.id !in door.leftOut) { door.toggle(it.id) } }
    }
}

/** The steps as tabs: none of them is locked, the core says what is not possible. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Steps(door: DoorState) {
    val words = LocalWords.current
    val steps =
        listOf(
            Step.SCAN to words.stepScan,
            Step.CODE to words.stepCode,
            Step.RECEIVER to words.stepReceiver,
            Step.EXIT to words.stepExit,
        )
    FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp), verticalArrangement = Arrangement.spacedBy(4.dp)) {
        for ((step, name) in steps) {
            // Read here: semantics that read a state by themselves are asked when they are gone already.
            val chosen = door.step == step
            FilterChip(
                selected = chosen,
                onClick = { door.go(step) },
                label = { Text(name) },
                modifier =
                    Modifier
                        .heightIn(min = TOUCH)
                        .testTag("step-$step")
                        .semantics {
                            role = Role.Tab
                            selected = chosen
                        },
            )
        }
    }
}

private fun LazyListScope.scan(
    view: DoorView,
    door: DoorState,
    state: AppState,
    words: Words,
) {
    item("scan") { MainButton(words.scan, "scan") { state.scan() } }
    item("barcode") {
        Field(words.typeInstead, door.barcode, "barcode", keyboard = exactly(KeyboardCapitalization.Characters)) { door.barcode = it }
    }
    item("take-barcode") {
        SideButton(words.take, "take-barcode", enabled = door.barcode.isNotBlank()) { state.submit(door.takeBarcode()) }
    }
    if (view.parcels.none { it.scanned }) item { Text(words.scanFirst) }
}

private fun LazyListScope.receivers(
    view: DoorView,
    door: DoorState,
    words: Words,
) {
    if (view.options.isEmpty()) item { Text(words.nothingOffered) }
    items(view.options, key = { "option-${word(it.receiver)}-${it.name}" }) { option ->
        // A refused one can be chosen too: the core then says why not, and on whose word.
        Panel("receiver-${word(option.receiver)}", important = option.allowed, onClick = { door.choose(option) }) {
            val mark = if (option.allowed) "✓" else "✗"
            Text("$mark ${words.option(option)}", fontWeight = FontWeight.Bold)
            Text("${words.why(option.why)} [${words.origin(option.source)}]")
        }
    }
}

/** A stable word for it. */
private fun word(receiver: Receiver) = if (receiver is Receiver.Place) receiver.v1.name else receiver.javaClass.simpleName

private fun LazyListScope.exits(
    view: DoorView,
    door: DoorState,
    state: AppState,
    words: Words,
) {
    if (needsCode(view)) {
        item { SideButton(words.newCode, "new-code", enabled = !state.busy) { state.newCode(view.attempt) } }
    }
    // Before it is recorded that nobody opens.
    if (view.recipientPhone != null) item { CallButton(view, state) }
    items(view.exits, key = { "exit-${it.reason}" }) { exit ->
        Panel("exit-${exit.reason}", onClick = { door.choose(exit) }) {
            Text(words.reason(exit.reason), fontWeight = FontWeight.Bold)
            Text(words.nextStep(exit.nextStep))
        }
    }
}

@Composable
private fun Instruction(line: InstructionLine) {
    val words = LocalWords.current
    Panel("instruction", important = line.changed) {
        if (line.changed) Text(words.changed, fontWeight = FontWeight.Bold)
        Text(words.instruction(line))
    }
}

@Composable
private fun Parcel(
    parcel: ParcelLine,
    chosen: Boolean,
    onToggle: () -> Unit,
) {
    val words = LocalWords.current
    val open = parcel.outcome == null
    val state = parcel.outcome?.let(words::outcome) ?: if (parcel.scanned) words.scanned else words.notScanned
    FilterChip(
        selected = chosen && open,
        onClick = onToggle,
        enabled = open,
        label = { Text("${parcel.barcode} · $state") },
        modifier =
            Modifier.heightIn(min = TOUCH).testTag("parcel-${parcel.barcode}").semantics {
                contentDescription = "${words.leaveOut}: ${parcel.barcode}, $state"
            },
    )
}

/** How long the courier pauses before what is filled in is kept. */
private const val KEEP_MS = 300L
