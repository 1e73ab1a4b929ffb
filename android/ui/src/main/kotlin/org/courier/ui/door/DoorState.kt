package org.courier.ui.door

import androidx.compose.runtime.Stable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import org.courier.core.Ask
import org.courier.core.Check
import org.courier.core.CodeEntry
import org.courier.core.Command
import org.courier.core.DoorChoice
import org.courier.core.DoorForm
import org.courier.core.DoorView
import org.courier.core.Excuse
import org.courier.core.Exit
import org.courier.core.ParcelId
import org.courier.core.ProofFile
import org.courier.core.Reason
import org.courier.core.Receiver
import org.courier.core.ReceiverDetails
import org.courier.core.ReceiverOption
import org.courier.core.ShipmentId
import org.courier.core.StopId
import org.courier.core.StopView
import org.courier.core.filesFor

/** What the courier is about at a door. */
enum class Step { SCAN, CODE, RECEIVER, EXIT, DONE }

/** What was chosen. Kept by itself: the list that it was chosen from may change while the form is filled in. */
sealed interface Choice {
    data class HandOver(
        val receiver: Receiver,
    ) : Choice

    data class NotDelivered(
        val reason: Reason,
    ) : Choice
}

/** The last lines before something is recorded. */
@Stable
class Form(
    val choice: Choice,
    name: String = "",
    flat: String = "",
) {
    var name by mutableStateOf(name)
    var relation by mutableStateOf("")
    var flat by mutableStateOf(flat)
    var note by mutableStateOf("")

    /** What the courier saw in a document that was shown. */
    var checks by mutableStateOf(emptyList<Check>())
        private set

    /** What is asked for and not there, and why. */
    var without by mutableStateOf(emptyList<Excuse>())
        private set

    internal constructor(kept: DoorForm) : this(
        when (val choice = kept.choice) {
            is DoorChoice.HandOver -> Choice.HandOver(choice.receiver)
            is DoorChoice.NotDelivered -> Choice.NotDelivered(choice.reason)
        },
        kept.details.name.orEmpty(),
        kept.details.flat.orEmpty(),
    ) {
        relation = kept.details.relation.orEmpty()
        note = kept.details.note.orEmpty()
        checks = kept.details.checks
        without = kept.details.without
    }

    fun toggle(check: Check) {
        checks = if (check in checks) checks - check else checks + check
    }

    /** Says why a proof is not there, or takes it back. */
    fun toggle(excuse: Excuse) {
        without = without.filter { it.proof != excuse.proof } + listOfNotNull(excuse.takeIf { it !in without })
    }

    internal fun details(files: List<ProofFile> = emptyList()): ReceiverDetails {
        fun given(text: String) = text.trim().ifEmpty { null }
        // Who has signed needs no excuse any more.
        val excused = without.filter { excuse -> files.none { proofOf(it.kind) == excuse.proof } }
        return ReceiverDetails(given(name), given(relation), given(flat), given(note), files, checks, excused)
    }
}

/**
 * What is selected and typed at a door. Digits live in memory only; what is filled in is kept by the core, sealed, and is in
 * no saved state.
 */
@Stable
class DoorState(
    val stop: StopId,
    shipment: ShipmentId,
) {
    var shipment by mutableStateOf(shipment)
        private set
    var step by mutableStateOf(Step.SCAN)
        private set
    var barcode by mutableStateOf("")

    /** The digits typed so far, six at most. */
    var digits by mutableStateOf("")
        private set
    var form by mutableStateOf<Form?>(null)
        private set
    var leftOut by mutableStateOf(emptySet<ParcelId>())
        private set

    /** The card for the customer is on the screen. */
    var card by mutableStateOf(false)

    /** Somebody signs. */
    var signing by mutableStateOf(false)

    /** What the core keeps of the form. */
    internal var kept: DoorForm? = null

    /** The form from before the process died was looked for. */
    private var isBack = false

    /** Where the core's question led last. */
    private var led: Step? = null

    private val typing get() = form != null || barcode.isNotEmpty() || digits.isNotEmpty()

    /** A fresh view is there: goes where the core's question leads if that changed, but never away from what is being typed. */
    fun seen(door: DoorView) {
        val to = stepOf(door)
        val changed = led != to
        led = to
        if (changed && !typing) go(to)
    }

    /** A process that died comes back to the same step. */
    fun comeBack(kept: DoorForm?) {
        if (isBack) return
        isBack = true
        if (kept == null || kept.shipment != shipment) return
        this.kept = kept
        form = Form(kept)
        leftOut = kept.leftOut.toSet()
    }

    /** What the core is to keep. */
    fun toKeep(): DoorForm? {
        val form = form ?: return null
        val choice =
            when (val chosen = form.choice) {
                is Choice.HandOver -> DoorChoice.HandOver(chosen.receiver)
                is Choice.NotDelivered -> DoorChoice.NotDelivered(chosen.reason)
            }
        return DoorForm(shipment, choice, form.details(), leftOut.sorted())
    }

    /** Something was done here: goes where the core's question leads. */
    fun follow(door: DoorView) {
        led = stepOf(door)
        go(stepOf(door))
    }

    /** The question is about the whole door once every parcel was scanned. */
    private fun stepOf(door: DoorView): Step {
        val left = door.parcels.any { it.outcome == null && !it.scanned }
        return when (door.ask) {
            Ask.DONE -> Step.DONE
            Ask.SCAN -> Step.SCAN
            Ask.CODE, Ask.VERDICT -> if (left) Step.SCAN else Step.CODE
            Ask.RECEIVER -> if (left) Step.SCAN else Step.RECEIVER
            Ask.EXIT -> if (left) Step.SCAN else Step.EXIT
        }
    }

    fun go(to: Step) {
        step = to
        form = null
    }

    /** A parcel of another shipment of this stop was scanned. */
    fun show(other: ShipmentId) {
        if (shipment == other) return
        shipment = other
        leftOut = emptySet()
        form = null
        led = null
    }

    fun type(digit: Int) {
        if (digits.length < CODE_LENGTH) digits += digit
    }

    fun deleteDigit() {
        digits = digits.dropLast(1)
    }

    /** The entry, which is gone from here with that. */
    fun takeCode(): Command {
        val entry = CodeEntry.Digits(digits)
        digits = ""
        return Command.EnterCode(stop, entry)
    }

    /** The barcode, which is gone from here with that. */
    fun takeBarcode(): Command {
        val typed = barcode
        barcode = ""
        return Command.Scan(stop, typed)
    }

    fun choose(option: ReceiverOption) {
        // The core completes what an instruction names; it is shown so that the courier sees who that is.
        val name = if (option.receiver is Receiver.Place) "" else option.name.orEmpty()
        form = Form(Choice.HandOver(option.receiver), name, option.flat.orEmpty())
    }

    fun choose(exit: Exit) {
        form = Form(Choice.NotDelivered(exit.reason))
    }

    fun leaveForm() {
        form = null
    }

    fun toggle(parcel: ParcelId) {
        leftOut = if (parcel in leftOut) leftOut - parcel else leftOut + parcel
    }

    /** What the filled form asks for; null when every parcel is left out, since no parcel means all to the core. */
    fun command(
        stop: StopView,
        door: DoorView,
    ): Command? {
        val form = form ?: return null
        val chosen = door.parcels.filter { it.outcome == null && it.id !in leftOut }
        return when (val choice = form.choice) {
            is Choice.HandOver -> {
                val details = form.details(filesFor(stop, shipment, choice.receiver))
                chosen.filter { it.scanned }.map { it.id }.ifEmpty { null }?.let {
                    Command.HandOver(door.attempt, it, choice.receiver, details)
                }
            }
            is Choice.NotDelivered ->
                chosen.map { it.id }.ifEmpty { null }?.let {
                    Command.NotDelivered(door.attempt, it, choice.reason, form.details().note)
                }
        }
    }

    /** It is recorded: the next one begins with nothing. */
    fun recorded() {
        form = null
        // The core let it go with what was recorded.
        kept = null
        leftOut = emptySet()
    }

    companion object {
        const val CODE_LENGTH = 6
    }
}
