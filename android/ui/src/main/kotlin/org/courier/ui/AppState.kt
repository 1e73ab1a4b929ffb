package org.courier.ui

import androidx.compose.runtime.Stable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import org.courier.core.AttemptId
import org.courier.core.CodeEntry
import org.courier.core.Command
import org.courier.core.CommandResult
import org.courier.core.CourierException
import org.courier.core.DoorForm
import org.courier.core.DoorView
import org.courier.core.KeepOrder
import org.courier.core.LogOut
import org.courier.core.ParcelId
import org.courier.core.PhoneNumber
import org.courier.core.Pin
import org.courier.core.ProofFile
import org.courier.core.RouteEdit
import org.courier.core.ScanResult
import org.courier.core.StopId
import org.courier.core.officeQr
import org.courier.data.Answer
import org.courier.data.CourierRepository
import org.courier.data.PhoneState
import org.courier.data.Preferences
import org.courier.data.SYNC_BUDGET_MS
import org.courier.ui.door.DoorState
import org.courier.ui.door.Step
import org.courier.ui.words.Language
import org.courier.ui.words.Words
import java.io.File

/** Something to tell the courier, in whatever language the screen has. */
class Message(
    val worked: Boolean,
    val text: (Words) -> String,
)

/** How it looks. */
enum class Look { PHONE, LIGHT, DARK }

/**
 * What is on the screen besides the core's views. Nothing is decided here: what is not possible, the core says so.
 *
 * To be used on the main thread. It outlives rotations; after a process death a new one begins at the [saved] place.
 */
@Stable
class AppState(
    val repository: CourierRepository,
    private val preferences: Preferences,
    val platform: Platform,
    private val scope: CoroutineScope,
    phoneLanguage: String,
    saved: List<String> = emptyList(),
) {
    var place by mutableStateOf<Place>(Place.Today)
        private set

    /** The door where the courier is. */
    var door by mutableStateOf<DoorState?>(null)
        private set
    var message by mutableStateOf<Message?>(null)
        private set

    /** The app waits for the network. */
    var busy by mutableStateOf(false)
        private set

    /** Where the parcel that was scanned belongs. */
    var elsewhere by mutableStateOf<ScanResult.OtherStop?>(null)
        private set
    var language by mutableStateOf(Language.chosen(preferences, phoneLanguage))
        private set
    var look by mutableStateOf(Look.entries.firstOrNull { it.name == preferences.read(LOOK) } ?: Look.PHONE)
        private set

    // What is typed or marked where; kept while the courier is elsewhere.
    var server by mutableStateOf<String?>(null)
    var enrolmentCode by mutableStateOf("")
    var search by mutableStateOf("")
    var map by mutableStateOf(false)
    var barcode by mutableStateOf("")
    var loaded by mutableStateOf(emptyList<String>())
        private set
    var back by mutableStateOf(emptySet<ParcelId>())
        private set

    /** The courier asked to leave, and something that is only here kept them. */
    var kept by mutableStateOf(false)
        private set

    /** Barcodes of the return check, resolved by what is looked at there. */
    private var returned: ((String) -> ParcelId?)? = null
    private var shown: DoorView? = null

    init {
        go(Place.restored(saved))
        // A process that died while something was filled in at a door comes back there, whatever the system kept.
        scope.launch {
            val stop = repository.route.filterNotNull().first().unfinished ?: return@launch
            val form = repository.stop(stop).first()?.form
            if (form != null && place == Place.Today) go(Place.Door(stop, form.shipment))
        }
    }

    fun saved() = place.saved()

    fun go(to: Place) {
        place = to
        message = null
        elsewhere = null
        barcode = ""
        kept = false
        if (to is Place.Door) {
            door = DoorState(to.stop, to.shipment)
        } else {
            door = null
        }
    }

    /** One step back. False: there is none, the app may be left. */
    fun goBack(): Boolean {
        val door = door
        when {
            door?.card == true -> door.card = false
            door?.signing == true -> door.signing = false
            door?.form != null -> door.leaveForm()
            else -> go(place.parent ?: return false)
        }
        return true
    }

    /** A fresh view of the door is there, and what the core kept of it. */
    fun seen(
        view: DoorView,
        kept: DoorForm?,
    ) {
        shown = view
        door?.seen(view)
        door?.comeBack(kept)
    }

    /** The core keeps what is filled in, so that it is there again when the process dies. */
    fun keep() {
        val door = door ?: return
        val form = door.toKeep()
        if (form == door.kept) return
        door.kept = form
        quietly(Command.SaveForm(door.stop, form))
    }

    /** Somebody signs. What was said before takes no room from them. */
    fun sign() {
        message = null
        door?.signing = true
    }

    /** Opens the camera: before that, what is filled in is safe. */
    fun photograph() {
        keep()
        // What is recorded asks for no photo, and so for no reason why there is none.
        val isRecorded = door?.step == Step.DONE
        if (!platform.photograph()) tell(false, if (isRecorded) Words::noCamera else Words::noCameraSayWhy)
    }

    /** The camera wrote the file at [path]. The core keeps a copy of its own. */
    fun photographed(path: String) {
        val stop = door?.stop ?: return
        submit(Command.TakePhoto(stop, path)) { File(path).delete() }
    }

    /** A photo or signature is not wanted any more. */
    fun drop(file: ProofFile) {
        quietly(Command.DropFile(door?.stop ?: return, file.sha256))
    }

    /** What another order has to save. The choice shows that it is made. */
    fun prefer(keep: KeepOrder) = quietly(Command.PreferOrder(keep))

    /** Nothing is said about it unless the phone failed. */
    private fun quietly(command: Command) {
        scope.launch {
            val answer = repository.submit(command)
            if (answer is Answer.No && answer.error !is CourierException.Rejected) tell(false) { it.error(answer.error) }
        }
    }

    fun choose(language: Language) {
        this.language = language
        preferences.write(Language.NAME, language.name)
    }

    fun choose(look: Look) {
        this.look = look
        preferences.write(LOOK, look.name)
    }

    fun enrol(server: String) =
        waiting {
            when (val answer = repository.enrol(server.trim(), enrolmentCode.trim())) {
                is Answer.Ok -> {
                    enrolmentCode = ""
                    go(Place.Today)
                    tell(true) { it.welcome(answer.value.name) }
                }
                // The code stays: a wrong address should not cost typing it again.
                is Answer.No -> tell(false) { it.notEnrolled(answer.error) }
            }
        }

    fun resume() {
        scope.launch { repository.resume() }
    }

    fun exchange() =
        waiting {
            when (val answer = repository.sync(SYNC_BUDGET_MS)) {
                is Answer.No -> tell(false) { it.error(answer.error) }
                is Answer.Ok -> {
                    val report = answer.value
                    val problem = report.error
                    when {
                        report.offline -> tell(false) { it.noAnswer(report.pending, report.files) }
                        problem != null -> tell(false) { it.exchangeFailed(problem, report.pending, report.files) }
                        else -> tell(true) { it.exchanged(report.acked, report.pending, report.files) }
                    }
                }
            }
        }

    /**
     * The courier leaves this phone. What was not sent keeps them, unless it is saved in a file for the office: that [saving]
     * is asked for only then.
     */
    fun logOut(saving: Boolean = false) =
        waiting {
            val file = if (saving) platform.exportFile() else null
            when (val answer = repository.logOut(file)) {
                is Answer.No -> tell(false) { it.error(answer.error) }
                is Answer.Ok ->
                    when (val out = answer.value) {
                        is LogOut.Unsent -> {
                            kept = true
                            tell(false) { it.unsent(out.facts, out.files) }
                        }
                        is LogOut.Done -> {
                            forget()
                            tell(true) { if (out.exported > 0uL) it.loggedOutWithFile(out.exported) else it.loggedOut }
                            if (file != null && out.exported > 0uL) platform.hand(file)
                        }
                    }
            }
        }

    /** Nothing of what the courier typed or marked is there for the next one. */
    private fun forget() {
        go(Place.Today)
        shown = null
        search = ""
        loaded = emptyList()
        back = emptySet()
        enrolmentCode = ""
    }

    fun newCode(attempt: AttemptId) =
        waiting {
            when (val answer = repository.requestNewCode(attempt)) {
                is Answer.Ok -> tell(true) { it.newCodeAsked }
                is Answer.No -> tell(false) { it.error(answer.error) }
            }
        }

    fun scan() {
        if (!platform.scan()) tell(false) { it.noScanner }
    }

    /** The QR that the office shows for a new phone. */
    fun scanOffice() {
        if (!platform.scan()) tell(false) { it.noScannerForOffice }
    }

    fun navigate(
        pin: Pin,
        label: String,
    ) {
        if (!platform.navigate(pin, label)) tell(false) { it.noMapApp }
    }

    fun call(number: PhoneNumber) {
        if (!platform.call(number)) tell(false) { it.noDialler }
    }

    /** A scanner read [text], whichever kind it is. */
    fun scanned(text: String) {
        when (repository.state.value) {
            // A camera that ended the process answers before it is known whose phone this is.
            PhoneState.Starting ->
                scope.launch {
                    repository.state.first { it != PhoneState.Starting }
                    scanned(text)
                }
            is PhoneState.NotEnrolled -> fillIn(text)
            else -> scannedHere(text)
        }
    }

    /** Only filled in: before anything is asked of that server, the courier sees which one it is. */
    private fun fillIn(text: String) {
        val office = officeQr(text) ?: return tell(false) { it.notTheOffices }
        server = office.server
        enrolmentCode = office.code
        tell(true) { it.filledIn(office.server) }
    }

    private fun scannedHere(text: String) {
        val place = place
        val door = door
        when {
            place is Place.Stop -> submit(Command.Scan(place.id, text))
            // The QR that a customer shows while the code is asked for.
            door != null && door.step == Step.CODE -> submit(Command.EnterCode(door.stop, CodeEntry.Token(text)))
            door != null -> submit(Command.Scan(door.stop, text))
            place == Place.LoadCheck -> load(text)
            place == Place.ReturnCheck -> markReturned(text)
            place == Place.Today -> search = text
        }
    }

    /** Does what the courier wants, and says what came of it. */
    fun submit(
        command: Command,
        afterwards: () -> Unit = {},
    ) {
        scope.launch {
            message = null
            elsewhere = null
            val answer = repository.submit(command)
            afterwards()
            when (answer) {
                is Answer.Ok -> {
                    answered(command, answer.value)
                    // The view may be the one from before the command: then the next one leads on.
                    if (answer.value !is CommandResult.FileTaken) {
                        shown?.takeIf { it.shipment == door?.shipment }?.let { door?.follow(it) }
                    }
                }
                is Answer.No -> tell(false) { it.error(answer.error) }
            }
        }
    }

    private fun answered(
        command: Command,
        result: CommandResult,
    ) {
        when (result) {
            is CommandResult.Done -> {
                door?.recorded()
                if (command is Command.CheckLoad) loaded = emptyList()
                if (command is Command.Return) back = emptySet()
            }
            is CommandResult.Scanned -> found(command, result.scan)
            is CommandResult.FileTaken -> door?.signing = false
            else -> Unit
        }
        tell(worked(result)) { it.answer(result) }
    }

    /** Whether the courier got on with it. */
    private fun worked(result: CommandResult) =
        when (result) {
            is CommandResult.CodeWrong, is CommandResult.CodeLocked -> false
            is CommandResult.Scanned -> result.scan is ScanResult.Here
            else -> true
        }

    private fun found(
        command: Command,
        scan: ScanResult,
    ) {
        when (scan) {
            is ScanResult.Here -> {
                val at = place
                if (at is Place.Stop) go(Place.Door(at.id, scan.shipment)) else door?.show(scan.shipment)
                if (command is Command.Scan) (place as? Place.Door)?.let { place = it.copy(shipment = scan.shipment) }
            }
            is ScanResult.OtherStop -> elsewhere = scan
            else -> Unit
        }
    }

    /** The stop is to come in this [place] of the route, which may be gone meanwhile. */
    fun move(
        stop: StopId,
        place: UInt?,
    ) {
        if (place != null) submit(Command.EditRoute(stop, RouteEdit.Move(place)))
    }

    fun goElsewhere(stop: StopId) = go(Place.Stop(stop))

    fun load(barcode: String) {
        loaded += barcode.trim().ifEmpty { return }
        this.barcode = ""
        platform.feel(true)
    }

    fun dropLastLoaded() {
        loaded = loaded.dropLast(1)
    }

    /** How the return check finds what was scanned among the parcels that it shows. */
    fun resolveReturns(find: (String) -> ParcelId?) {
        returned = find
    }

    fun markReturned(barcode: String) {
        val parcel = returned?.invoke(barcode.trim())
        if (parcel == null) {
            tell(false) { it.notInVan(barcode.trim()) }
        } else {
            back += parcel
            this.barcode = ""
            message = null
            platform.feel(true)
        }
    }

    fun toggleReturned(parcel: ParcelId) {
        back = if (parcel in back) back - parcel else back + parcel
    }

    fun tell(
        worked: Boolean,
        text: (Words) -> String,
    ) {
        message = Message(worked, text)
        platform.feel(worked)
    }

    private fun waiting(work: suspend () -> Unit) {
        if (busy) return
        busy = true
        message = null
        scope.launch {
            try {
                work()
            } finally {
                busy = false
            }
        }
    }

    private companion object {
        const val LOOK = "look"
    }
}
