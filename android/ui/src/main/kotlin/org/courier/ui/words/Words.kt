package org.courier.ui.words

import androidx.compose.runtime.staticCompositionLocalOf
import org.courier.core.CourierException
import org.courier.core.SyncProblem
import org.courier.core.TermsInterface
import org.courier.data.Preferences

/**
 * Everything that the app says, in one language. What the core's terms are called comes from the core, so that every shell
 * says the same; here are the texts of the app's own screens. A language that misses one does not compile.
 */
interface Words : TermsInterface {
    /** BCP 47. */
    val tag: String

    // Everywhere
    val back: String
    val cancel: String
    val scan: String
    val barcode: String
    val take: String
    val noScanner: String
    val noMapApp: String
    val noDialler: String
    val typeInstead: String

    /** What only this phone has: [facts], and [files], which are photos and signatures. */
    fun outbox(
        facts: ULong,
        files: ULong,
    ): String

    fun noServer(seconds: ULong): String

    val exchange: String

    fun exchanged(
        acked: ULong,
        facts: ULong,
        files: ULong,
    ): String

    fun noAnswer(
        facts: ULong,
        files: ULong,
    ): String

    fun exchangeFailed(
        problem: SyncProblem,
        facts: ULong,
        files: ULong,
    ): String

    val working: String

    // Enrol
    val enrol: String
    val enrolIntro: String
    val scanOffice: String
    val noScannerForOffice: String
    val notTheOffices: String

    fun filledIn(server: String): String

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

    val arrive: String
    val arrived: String
    val flat: String
    val window: String
    val wayIn: String
    val inTheVan: String
    val navigate: String
    val call: String

    fun callTo(name: String): String

    val arrivalTime: String

    /** The phone seems to be near a stop, but not where its pin is. */
    fun nearStop(
        no: UInt,
        metres: UInt,
    ): String

    val notThere: String
    val comesNext: String
    val comesEarlier: String
    val comesLater: String
    val comesAnHourLater: String
    val comesLast: String

    // The order of the stops
    val otherOrder: String
    val takeOrder: String
    val keepMine: String

    fun doneAbout(at: String): String

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

    fun digitsTyped(count: Int): String

    val deliveryCode: String
    val deleteDigit: String
    val ok: String
    val scanQr: String
    val scanFirst: String

    fun goToStop(stop: UInt): String

    val showCard: String
    val cardLanguage: String
    val sign: String
    val signHere: String
    val signAgain: String
    val takePhoto: String
    val noCamera: String
    val noCameraSayWhy: String
    val remove: String
    val addProof: String
    val without: String
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
    val logOut: String
    val logOutSure: String
    val saveAndLogOut: String
    val loggedOut: String

    val exportKept: String
    val exportHand: String
    val exportDelete: String
    val exportDeleteSure: String

    fun loggedOutWithFile(facts: ULong): String

    fun unsent(
        facts: ULong,
        files: ULong,
    ): String

    val stopsTitle: String
    val parcelsTitle: String
    val provisionalTitle: String
    val judgedTitle: String
    val outboxTitle: String
    val filesTitle: String

    fun waiting(number: ULong): String

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

    // The notice while a day runs: numbers alone
    val noticeChannel: String

    fun noticeTitle(next: UInt?): String

    fun noticeText(
        left: UInt,
        facts: ULong,
        files: ULong,
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
    val otherOrderProposed: String
    val ifItSavesMuch: String
    val ifItIsWorthIt: String
    val ifItSavesAMinute: String
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

        /** The courier's choice, else what the phone speaks. */
        fun chosen(
            preferences: Preferences,
            phoneLanguage: String,
        ) = preferences.read(NAME)?.let { kept -> entries.firstOrNull { it.name == kept } } ?: of(phoneLanguage)

        /** Where the choice is kept. */
        const val NAME = "language"
    }
}

/** The language of the screen. */
val LocalWords = staticCompositionLocalOf<Words> { English }

/** Whole seconds, rounded up: a wait is never told shorter than it is. */
fun seconds(ms: ULong): ULong = (ms + 999uL) / 1_000uL
