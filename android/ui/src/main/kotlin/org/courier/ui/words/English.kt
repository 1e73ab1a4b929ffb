package org.courier.ui.words

import org.courier.core.CourierException
import org.courier.core.SyncProblem
import org.courier.core.Terms
import org.courier.core.TermsInterface

/** English. */
object English : Words, TermsInterface by Terms(listOf("en")) {
    override val tag = "en"
    override val back = "Back"
    override val cancel = "Cancel"
    override val scan = "Scan"
    override val barcode = "Barcode"
    override val take = "Take"
    override val noScanner = "No scanner app is on this phone. Type what is on the label."
    override val noMapApp = "No map app is on this phone."
    override val noDialler = "No app on this phone makes calls."
    override val typeInstead = "Or type what is on the label"

    override fun outbox(
        facts: ULong,
        files: ULong,
    ) = if (facts + files == 0uL) "Outbox empty" else "Outbox: " + left(facts, files)

    private fun left(
        facts: ULong,
        files: ULong,
    ) = "$facts waiting" + if (files == 0uL) "" else ", photos and signatures: $files"

    override fun noServer(seconds: ULong) = "Server not reached, next try in $seconds s"

    override val exchange = "Exchange now"

    override fun exchanged(
        acked: ULong,
        facts: ULong,
        files: ULong,
    ) = "Exchanged. Acknowledged: $acked, ${left(facts, files)}."

    override fun noAnswer(
        facts: ULong,
        files: ULong,
    ) = "No answer from the server. Here: ${left(facts, files)}; nothing is lost."

    override fun exchangeFailed(
        problem: SyncProblem,
        facts: ULong,
        files: ULong,
    ) = "The exchange did not work: ${syncProblem(problem)}. Here: ${left(facts, files)}; nothing is lost."

    override val working = "One moment …"
    override val enrol = "Enrol"
    override val enrolIntro =
        "This phone belongs to nobody yet. The office gives you its server and a code of 10 characters, or a QR code with both."
    override val scanOffice = "Scan the office's QR code"
    override val noScannerForOffice = "No scanner app is on this phone. Type server and code."
    override val notTheOffices = "This is not the QR code that the office shows for a new phone. Nothing was changed."

    override fun filledIn(server: String) = "Filled in. If $server is your office's server: enrol this phone."

    override val server = "Server"
    override val enrolmentCode = "Enrolment code"
    override val enrolNow = "Enrol this phone"

    override fun welcome(name: String) = if (name.isEmpty()) "This phone was enrolled already." else "Welcome, $name."

    override fun notEnrolled(error: CourierException) =
        when (error) {
            is CourierException.Offline ->
                "No answer from this server. Is the address right, and is there a network? Try again: nothing is lost."
            is CourierException.Auth -> "The server refused this code. Check code and server, or ask the office for a new code."
            else -> "Not enrolled: ${error(error)}"
        }

    override val broken = "This phone's data cannot be opened. Nothing was deleted."
    override val tryAgain = "Try again"
    override val today = "Today"
    override val noRoute = "There is no route yet. It comes by itself when the office publishes it."
    override val startDay = "Start the day"
    override val dayStarted = "started"
    override val dayNotStarted = "not started"
    override val dayOver = "day over"

    override fun progress(
        done: UInt,
        all: UInt,
    ) = "$done of $all stops"

    override fun parcels(count: UInt) = if (count == 1u) "1 parcel" else "$count parcels"

    override fun sums(
        handedOver: UInt,
        notDelivered: UInt,
        confirmed: UInt,
    ) = "$handedOver handed over · $notDelivered not · $confirmed confirmed"

    override val search = "Search name, street, number"
    override val noStop = "No stop."
    override val nextStop = "Next stop"
    override val map = "Map"
    override val list = "List"

    override fun mapOf(stops: Int) = "Map of $stops stops"

    override val stopTitle = "Stop"

    override fun stop(no: UInt) = "Stop $no"

    override val stopGone = "This stop is not on the route any more."

    override val arrive = "I am here"
    override val arrived = "You are here"
    override val flat = "Flat"
    override val window = "Window"
    override val wayIn = "Way in"
    override val inTheVan = "In the van"
    override val navigate = "Navigate"
    override val call = "Call"

    override fun callTo(name: String) = "Call $name"

    override val arrivalTime = "Reached"

    override fun nearStop(
        no: UInt,
        metres: UInt,
    ) = "Stop $no is about $metres m away on the map. Are you there?"

    override val notThere = "Not yet"
    override val comesNext = "Next"
    override val comesEarlier = "One earlier"
    override val comesLater = "One later"
    override val comesAnHourLater = "An hour later"
    override val comesLast = "Last"
    override val otherOrder = "Another order?"
    override val takeOrder = "Take it"
    override val keepMine = "Keep mine"

    override fun doneAbout(at: String) = "done about $at"

    override fun from(sender: String) = "from $sender"

    override fun attempt(no: UInt) = "attempt $no"

    override fun scannedOf(
        scanned: Int,
        all: Int,
    ) = "$scanned of $all scanned"

    override val door = "Door"
    override val shipmentGone = "This shipment is not on the route any more."
    override val stepScan = "Scan"
    override val stepCode = "Code"
    override val stepReceiver = "Receiver"
    override val stepExit = "Not delivered"
    override val stepDone = "Done"
    override val scanned = "scanned"
    override val notScanned = "not scanned"
    override val leaveOut = "Take this parcel in or leave it out"
    override val changed = "Changed"

    override fun digitsTyped(count: Int) = "$count of 6 digits"

    override val deliveryCode = "Delivery code"
    override val deleteDigit = "Delete the last digit"
    override val ok = "OK"
    override val scanQr = "Scan the customer's QR"
    override val scanFirst = "Scan a parcel: then it shows what is needed here."

    override fun goToStop(stop: UInt) = "Go to stop $stop"

    override val showCard = "Card for the customer"
    override val cardLanguage = "Language of the card"
    override val sign = "Let somebody sign"
    override val signHere = "Please sign here"
    override val signAgain = "Once more"
    override val takePhoto = "Photograph the parcel, without people"
    override val noCamera = "No camera app is on this phone."
    override val noCameraSayWhy = "No camera app is on this phone. Say why there is no photo."
    override val remove = "take it away"
    override val addProof = "Add to what is recorded"
    override val without = "Not possible? Say why:"
    override val newCode = "Have a new code mailed"
    override val newCodeAsked = "A new code is mailed to the customer. The old one is dead."
    override val nothingOffered = "Scan a parcel: then it shows who may receive."
    override val name = "Name"
    override val relation = "Relation"
    override val noteForRecipient = "Note for the recipient"
    override val noteForOffice = "Note for the office"
    override val handOver = "Hand over"
    override val notDelivered = "Not delivered"
    override val record = "Record"
    override val undo = "A mistake? Take it back"
    override val noParcelChosen = "No parcel is chosen."
    override val ready = "Back to the route"
    override val loadCheck = "Load check"
    override val returnCheck = "Return check"

    override fun loadSums(
        scanned: Int,
        all: Int,
    ) = "$scanned scanned, $all on the route"

    override fun lastCheck(
        found: Int,
        missing: Int,
        foreign: Int,
    ) = "Last check: $found found, $missing missing, $foreign foreign"

    override val missing = "Missing"
    override val foreign = "Foreign"
    override val recordCheck = "Record the check"
    override val dropLast = "Drop the last"

    override fun returnSums(
        back: Int,
        all: Int,
    ) = "$back of $all that nobody got are back"

    override fun notInVan(barcode: String) = "$barcode should not be in the van."

    override val stillOpen = "open"
    override val dayEnd = "Day end"
    override val closeDay = "Close the day"
    override val closeDaySure = "Nothing can be recorded afterwards. Really close the day?"
    override val logOut = "Leave this phone"
    override val logOutSure = "Route, names and keys on this phone are deleted. Really leave it?"
    override val saveAndLogOut = "Save a file and leave"
    override val loggedOut = "Nothing of yours is on this phone any more."

    override val exportKept = "A file holds what was not sent. Keep it until the office has it."
    override val exportHand = "Hand the file to the office"
    override val exportDelete = "The office has it: delete"
    override val exportDeleteSure = "Without this file, what is in it is lost unless the office has it."

    override fun loggedOutWithFile(facts: ULong) =
        "Nothing of yours is on this phone any more, but for the file with $facts records. Keep it until the office has it."

    override fun unsent(
        facts: ULong,
        files: ULong,
    ) = "Not sent yet: $facts records, $files photos or signatures. Exchange when there is a network; or save the records in a " +
        "file that only the office can read. Photos are not in it."

    override val stopsTitle = "Stops"
    override val parcelsTitle = "Parcels"
    override val provisionalTitle = "Provisional"
    override val judgedTitle = "Judged"
    override val outboxTitle = "Outbox"
    override val filesTitle = "Photos and signatures"

    override fun waiting(number: ULong) = "$number waiting"

    override fun doneAndOpen(
        done: UInt,
        open: UInt,
    ) = "$done done, $open open"

    override fun parcelSums(
        handedOver: UInt,
        notDelivered: UInt,
        open: UInt,
    ) = "$handedOver handed over, $notDelivered not delivered, $open open"

    override fun provisional(
        onPhone: UInt,
        stored: UInt,
    ) = "$onPhone on this phone only, $stored stored by the server"

    override fun judged(
        confirmed: UInt,
        underReview: UInt,
        refuted: UInt,
    ) = "$confirmed confirmed, $underReview under review, $refuted refuted"

    override val noticeChannel = "While a day runs"

    override fun noticeTitle(next: UInt?) = if (next == null) "No stop is left" else "Next: stop $next"

    override fun noticeText(
        left: UInt,
        facts: ULong,
        files: ULong,
    ) = "Left: $left · ${outbox(facts, files)}"

    override val onThisPhone = "What is on this phone"
    override val nobody = "nobody"
    override val courier = "Courier"
    override val installation = "Installation"
    override val deviceKey = "Device key"
    override val facts = "Facts"

    override fun factsOf(
        all: ULong,
        pending: ULong,
    ) = "$all, of these $pending not acknowledged"

    override val howFar = "How far they are"
    override val oldestUnsent = "Oldest that is only here"

    override fun minutesAgo(minutes: ULong) = "$minutes min ago"

    override val codeEntries = "Code entries"
    override val serverSigned = "Server signed"
    override val timeCertain = "Time is certain"
    override val epoch = "Epoch"
    override val storage = "Storage"
    override val route = "Route"

    override fun lane(name: String) = "Exchange “$name”"

    override val laneFine = "fine"
    override val laneAsking = "asking"

    override fun laneFailed(
        failures: UInt,
        seconds: ULong,
    ) = "failed $failures times in a row, next in $seconds s"

    override val yes = "yes"
    override val no = "no"
    override val export = "Share with support"
    override val nothingPersonal = "Identifiers and numbers only: nothing personal."
    override val settings = "Settings"
    override val language = "Language"
    override val theme = "Look"
    override val asPhone = "As the phone"
    override val light = "Light"
    override val dark = "Dark"
    override val otherOrderProposed = "Another order is proposed"
    override val ifItSavesMuch = "Only if it saves much"
    override val ifItIsWorthIt = "If it is worth it"
    override val ifItSavesAMinute = "As soon as it saves a minute"
}
