package org.courier.ui.words

import androidx.compose.runtime.staticCompositionLocalOf
import org.courier.core.CourierException
import org.courier.core.InstructionKind
import org.courier.core.InputProblem
import org.courier.core.LockedBy
import org.courier.core.NextStep
import org.courier.core.Origin
import org.courier.core.Proof
import org.courier.core.Reason
import org.courier.core.Receiver
import org.courier.core.Rejection
import org.courier.core.Standing
import org.courier.core.StopState
import org.courier.core.SyncProblem
import org.courier.core.Verdict
import org.courier.core.Closing
import org.courier.core.KeyLevel
import org.courier.core.Why

/** Everything that the app says, in one language. A language that misses a text does not compile. */
interface Words : Domain {
    /** BCP 47. */
    val tag: String

    val plan: PlanWords

    // Everywhere
    val back: String
    val cancel: String
    val scan: String
    val barcode: String
    val take: String
    val noScanner: String
    val noMapApp: String
    val typeInstead: String
    val recorded: String
    val wasSoAlready: String
    val outboxEmpty: String

    fun outbox(waiting: ULong): String

    fun noServer(seconds: ULong): String

    val exchange: String

    fun exchanged(
        acked: ULong,
        pending: ULong,
    ): String

    fun noAnswer(pending: ULong): String

    fun exchangeFailed(
        problem: SyncProblem,
        pending: ULong,
    ): String

    val working: String

    // Enrol
    val enrol: String
    val enrolIntro: String
    val server: String
    val enrolmentCode: String
    val enrolNow: String

    fun welcome(name: String): String

    fun notEnrolled(error: CourierException): String

    val broken: String
    val tryAgain: String

    // Today
    val today: String
    val noRoute: String
    val startDay: String
    val dayStarted: String
    val dayNotStarted: String
    val dayOver: String

    fun progress(
        done: UInt,
        all: UInt,
    ): String

    fun parcels(count: UInt): String

    fun sums(
        handedOver: UInt,
        notDelivered: UInt,
        confirmed: UInt,
    ): String

    val search: String
    val noStop: String
    val nextStop: String
    val map: String
    val list: String

    fun mapOf(stops: Int): String

    // Stop
    val stopTitle: String

    fun stop(no: UInt): String

    val stopGone: String

    fun takenAway(why: String): String

    val arrive: String
    val arrived: String
    val flat: String
    val window: String
    val wayIn: String
    val inTheVan: String
    val navigate: String

    fun from(sender: String): String

    fun attempt(no: UInt): String

    fun scannedOf(
        scanned: Int,
        all: Int,
    ): String

    // Door
    val door: String
    val shipmentGone: String
    val stepScan: String
    val stepCode: String
    val stepReceiver: String
    val stepExit: String
    val stepDone: String
    val scanned: String
    val notScanned: String
    val leaveOut: String
    val changed: String
    val askForCode: String

    fun triesLeft(tries: UInt): String

    fun nextTry(seconds: ULong): String

    fun digitsTyped(count: Int): String

    val deliveryCode: String
    val deleteDigit: String
    val ok: String
    val scanQr: String
    val wrongCode: String
    val scanFirst: String
    val accepted: String

    fun acceptedOf(holder: String): String

    val askedBackend: String
    val fileTaken: String
    val noCodeNeeded: String
    val codeNotYet: String
    val codeExpired: String
    val codeMissing: String

    fun noCodeTaken(by: LockedBy): String

    fun belongsTo(stop: UInt): String

    fun goToStop(stop: UInt): String

    val unknownParcel: String
    val foreignParcel: String
    val routingCode: String
    val showCard: String
    val newCode: String
    val newCodeAsked: String
    val nothingOffered: String
    val name: String
    val relation: String
    val noteForRecipient: String
    val noteForOffice: String
    val handOver: String
    val notDelivered: String
    val record: String
    val undo: String
    val noParcelChosen: String
    val ready: String

    // The card for the customer
    val cardTitle: String
    val cardWhere: String
    val cardNever: String

    // Checks
    val loadCheck: String
    val returnCheck: String

    fun loadSums(
        scanned: Int,
        all: Int,
    ): String

    fun lastCheck(
        found: Int,
        missing: Int,
        foreign: Int,
    ): String

    val missing: String
    val foreign: String
    val recordCheck: String
    val dropLast: String

    fun returnSums(
        back: Int,
        all: Int,
    ): String

    fun notInVan(barcode: String): String

    val stillOpen: String

    // Day end
    val dayEnd: String
    val closeDay: String
    val closeDaySure: String
    val stopsTitle: String
    val parcelsTitle: String
    val provisionalTitle: String
    val judgedTitle: String
    val outboxTitle: String

    fun doneAndOpen(
        done: UInt,
        open: UInt,
    ): String

    fun parcelSums(
        handedOver: UInt,
        notDelivered: UInt,
        open: UInt,
    ): String

    fun provisional(
        onPhone: UInt,
        stored: UInt,
    ): String

    fun judged(
        confirmed: UInt,
        underReview: UInt,
        refuted: UInt,
    ): String

    // On this phone
    val onThisPhone: String
    val nobody: String
    val courier: String
    val installation: String
    val deviceKey: String
    val facts: String

    fun factsOf(
        all: ULong,
        pending: ULong,
    ): String

    val howFar: String
    val oldestUnsent: String

    fun minutesAgo(minutes: ULong): String

    val codeEntries: String
    val serverSigned: String
    val timeCertain: String
    val epoch: String
    val storage: String
    val route: String

    fun lane(name: String): String

    val laneFine: String
    val laneAsking: String

    fun laneFailed(
        failures: UInt,
        seconds: ULong,
    ): String

    val yes: String
    val no: String
    val export: String
    val nothingPersonal: String

    // Settings
    val settings: String
    val language: String
    val theme: String
    val asPhone: String
    val light: String
    val dark: String
}

/** The core's terms in one language. */
interface Domain {
    fun standing(standing: Standing): String

    fun stopState(state: StopState): String

    fun closing(closing: Closing): String

    fun verdict(verdict: Verdict?): String

    fun reason(reason: Reason): String

    fun nextStep(step: NextStep): String

    fun receiver(receiver: Receiver): String

    fun proof(proof: Proof): String

    fun origin(origin: Origin): String

    fun why(why: Why): String

    fun instruction(kind: InstructionKind): String

    fun syncProblem(problem: SyncProblem): String

    fun keyLevel(level: KeyLevel): String

    fun inputProblem(problem: InputProblem): String

    fun rejection(rejection: Rejection): String

    fun lockedBy(by: LockedBy): String

    fun error(error: CourierException): String
}

/** The languages of the app. */
enum class Language(
    val words: Words,
    /** What it calls itself. */
    val ownName: String,
) {
    German(org.courier.ui.words.German, "Deutsch"),
    English(org.courier.ui.words.English, "English"),
    ;

    companion object {
        /** The language for a BCP 47 tag; English for what the app does not speak. */
        fun of(tag: String) = entries.firstOrNull { tag.substringBefore('-').lowercase() == it.words.tag } ?: English
    }
}

/** The language of the screen. */
val LocalWords = staticCompositionLocalOf<Words> { English }

/** Whole seconds, rounded up: a wait is never told shorter than it is. */
fun seconds(ms: ULong): ULong = (ms + 999uL) / 1_000uL
