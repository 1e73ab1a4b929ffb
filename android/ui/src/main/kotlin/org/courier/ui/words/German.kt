package org.courier.ui.words

import org.courier.core.CourierException
import org.courier.core.SyncProblem
import org.courier.core.Terms
import org.courier.core.TermsInterface

/** German. */
object German : Words, TermsInterface by Terms(listOf("de")) {
    override val tag = "de"
    override val back = "Zurück"
    override val cancel = "Abbrechen"
    override val scan = "Scannen"
    override val barcode = "Barcode"
    override val take = "Übernehmen"
    override val noScanner = "Auf diesem Telefon ist keine Scanner-App. Bitte eingeben, was auf dem Etikett steht."
    override val noMapApp = "Auf diesem Telefon ist keine Karten-App."
    override val noDialler = "Auf diesem Telefon ist keine App zum Anrufen."
    override val typeInstead = "Oder eingeben, was auf dem Etikett steht"

    override fun outbox(
        facts: ULong,
        files: ULong,
    ) = if (facts + files == 0uL) "Ausgang leer" else "Ausgang: " + left(facts, files)

    private fun left(
        facts: ULong,
        files: ULong,
    ) = "$facts warten" + if (files == 0uL) "" else ", Fotos und Unterschriften: $files"

    override fun noServer(seconds: ULong) = "Server nicht erreicht, nächster Versuch in $seconds s"

    override val exchange = "Jetzt abgleichen"

    override fun exchanged(
        acked: ULong,
        facts: ULong,
        files: ULong,
    ) = "Abgeglichen. Bestätigt: $acked, ${left(facts, files)}."

    override fun noAnswer(
        facts: ULong,
        files: ULong,
    ) = "Keine Antwort vom Server. Hier: ${left(facts, files)}; nichts geht verloren."

    override fun exchangeFailed(
        problem: SyncProblem,
        facts: ULong,
        files: ULong,
    ) = "Der Abgleich ging nicht: ${syncProblem(problem)}. Hier: ${left(facts, files)}; nichts geht verloren."

    override val working = "Einen Moment …"
    override val enrol = "Anmelden"
    override val enrolIntro =
        "Dieses Telefon gehört noch niemandem. Das Büro nennt den Server und einen Code aus 10 Zeichen, oder zeigt beides als QR-Code."
    override val scanOffice = "QR-Code des Büros scannen"
    override val noScannerForOffice = "Auf diesem Telefon ist keine Scanner-App. Bitte Server und Code eingeben."
    override val notTheOffices = "Das ist nicht der QR-Code, den das Büro für ein neues Telefon zeigt. Nichts wurde geändert."

    override fun filledIn(server: String) = "Eingetragen. Ist $server der Server Ihres Büros: Telefon anmelden."

    override val server = "Server"
    override val enrolmentCode = "Anmeldecode"
    override val enrolNow = "Telefon anmelden"

    override fun welcome(name: String) = if (name.isEmpty()) "Dieses Telefon war schon angemeldet." else "Willkommen, $name."

    override fun notEnrolled(error: CourierException) =
        when (error) {
            is CourierException.Offline ->
                "Keine Antwort von diesem Server. Stimmt die Adresse, gibt es Netz? Noch einmal versuchen: nichts ist verloren."
            is CourierException.Auth -> "Der Server lehnt diesen Code ab. Code und Server prüfen oder das Büro um einen neuen bitten."
            else -> "Nicht angemeldet: ${error(error)}"
        }

    override val broken = "Die Daten dieses Telefons lassen sich nicht öffnen. Nichts wurde gelöscht."
    override val tryAgain = "Noch einmal"
    override val today = "Heute"
    override val noRoute = "Es gibt noch keine Tour. Sie kommt von selbst, sobald das Büro sie freigibt."
    override val startDay = "Tag beginnen"
    override val dayStarted = "begonnen"
    override val dayNotStarted = "nicht begonnen"
    override val dayOver = "Tag beendet"

    override fun progress(
        done: UInt,
        all: UInt,
    ) = "$done von $all Stopps"

    override fun parcels(count: UInt) = if (count == 1u) "1 Paket" else "$count Pakete"

    override fun sums(
        handedOver: UInt,
        notDelivered: UInt,
        confirmed: UInt,
    ) = "$handedOver übergeben · $notDelivered nicht · $confirmed bestätigt"

    override val search = "Name, Straße, Nummer suchen"
    override val noStop = "Kein Stopp."
    override val nextStop = "Nächster Stopp"
    override val map = "Karte"
    override val list = "Liste"

    override fun mapOf(stops: Int) = "Karte mit $stops Stopps"

    override val stopTitle = "Stopp"

    override fun stop(no: UInt) = "Stopp $no"

    override val stopGone = "Dieser Stopp ist nicht mehr auf der Tour."

    override val arrive = "Ich bin da"
    override val arrived = "Sie sind da"
    override val flat = "Wohnung"
    override val window = "Zeitfenster"
    override val wayIn = "Zugang"
    override val inTheVan = "Im Wagen"
    override val navigate = "Hinführen"
    override val call = "Anrufen"

    override fun callTo(name: String) = "$name anrufen"

    override val arrivalTime = "Ankunft"

    override fun nearStop(
        no: UInt,
        metres: UInt,
    ) = "Stopp $no ist auf der Karte etwa $metres m entfernt. Sind Sie da?"

    override val notThere = "Noch nicht"
    override val comesNext = "Als Nächstes"
    override val comesEarlier = "Eins früher"
    override val comesLater = "Eins später"
    override val comesAnHourLater = "Eine Stunde später"
    override val comesLast = "Ans Ende"
    override val otherOrder = "Andere Reihenfolge?"
    override val takeOrder = "Übernehmen"
    override val keepMine = "Meine behalten"

    override fun doneAbout(at: String) = "fertig etwa $at"

    override fun from(sender: String) = "von $sender"

    override fun attempt(no: UInt) = "Versuch $no"

    override fun scannedOf(
        scanned: Int,
        all: Int,
    ) = "$scanned von $all gescannt"

    override val door = "Tür"
    override val shipmentGone = "Diese Sendung ist nicht mehr auf der Tour."
    override val stepScan = "Scannen"
    override val stepCode = "Code"
    override val stepReceiver = "Empfänger"
    override val stepExit = "Nicht zugestellt"
    override val stepDone = "Fertig"
    override val scanned = "gescannt"
    override val notScanned = "nicht gescannt"
    override val leaveOut = "Dieses Paket dazunehmen oder auslassen"
    override val changed = "Geändert"

    override fun digitsTyped(count: Int) = "$count von 6 Ziffern"

    override val deliveryCode = "Zustellcode"
    override val deleteDigit = "Letzte Ziffer löschen"
    override val ok = "OK"
    override val scanQr = "QR des Kunden scannen"
    override val scanFirst = "Ein Paket scannen: dann zeigt sich, was hier nötig ist."

    override fun goToStop(stop: UInt) = "Zu Stopp $stop"

    override val showCard = "Karte für den Kunden"
    override val cardLanguage = "Sprache der Karte"
    override val sign = "Unterschreiben lassen"
    override val signHere = "Bitte hier unterschreiben"
    override val signAgain = "Noch einmal"
    override val takePhoto = "Paket fotografieren, ohne Personen"
    override val noCamera = "Auf diesem Telefon ist keine Kamera-App."
    override val noCameraSayWhy = "Auf diesem Telefon ist keine Kamera-App. Sagen, warum es kein Foto gibt."
    override val remove = "wegnehmen"
    override val addProof = "Zum Eintrag hinzufügen"
    override val without = "Geht nicht? Sagen, warum:"
    override val newCode = "Neuen Code mailen lassen"
    override val newCodeAsked = "Der Kunde bekommt einen neuen Code per Mail. Der alte gilt nicht mehr."
    override val nothingOffered = "Ein Paket scannen: dann zeigt sich, wer annehmen darf."
    override val name = "Name"
    override val relation = "Verhältnis"
    override val noteForRecipient = "Nachricht an den Empfänger"
    override val noteForOffice = "Nachricht ans Büro"
    override val handOver = "Übergeben"
    override val notDelivered = "Nicht zugestellt"
    override val record = "Festhalten"
    override val undo = "Ein Irrtum? Zurücknehmen"
    override val noParcelChosen = "Kein Paket ist ausgewählt."
    override val ready = "Zurück zur Tour"
    override val loadCheck = "Ladekontrolle"
    override val returnCheck = "Rückgabekontrolle"

    override fun loadSums(
        scanned: Int,
        all: Int,
    ) = "$scanned gescannt, $all auf der Tour"

    override fun lastCheck(
        found: Int,
        missing: Int,
        foreign: Int,
    ) = "Letzte Kontrolle: $found gefunden, $missing fehlen, $foreign fremd"

    override val missing = "Fehlt"
    override val foreign = "Fremd"
    override val recordCheck = "Kontrolle festhalten"
    override val dropLast = "Letzten streichen"

    override fun returnSums(
        back: Int,
        all: Int,
    ) = "$back von $all nicht übergebenen sind zurück"

    override fun notInVan(barcode: String) = "$barcode sollte nicht im Wagen sein."

    override val stillOpen = "offen"
    override val dayEnd = "Tagesende"
    override val closeDay = "Tag beenden"
    override val closeDaySure = "Danach lässt sich nichts mehr festhalten. Den Tag wirklich beenden?"
    override val logOut = "Dieses Telefon verlassen"
    override val logOutSure = "Tour, Namen und Schlüssel auf diesem Telefon werden gelöscht. Wirklich verlassen?"
    override val saveAndLogOut = "Als Datei sichern und verlassen"
    override val loggedOut = "Auf diesem Telefon ist nichts mehr von Ihnen."

    override val exportKept = "Eine Datei enthält, was nicht gesendet wurde. Bitte aufheben, bis die Leitstelle sie hat."
    override val exportHand = "Datei an die Leitstelle geben"
    override val exportDelete = "Die Leitstelle hat sie: löschen"
    override val exportDeleteSure = "Hat die Leitstelle die Datei nicht, ist verloren, was darin ist."

    override fun loggedOutWithFile(facts: ULong) =
        "Auf diesem Telefon ist nichts mehr von Ihnen, außer der Datei mit $facts Einträgen. Bitte aufheben, bis die Leitstelle sie hat."

    override fun unsent(
        facts: ULong,
        files: ULong,
    ) = "Noch nicht gesendet: $facts Einträge, $files Fotos oder Unterschriften. Bitte mit Netz abgleichen; oder die Einträge in einer " +
        "Datei sichern, die nur die Leitstelle lesen kann. Fotos sind nicht darin."

    override val stopsTitle = "Stopps"
    override val parcelsTitle = "Pakete"
    override val provisionalTitle = "Vorläufig"
    override val judgedTitle = "Geprüft"
    override val outboxTitle = "Ausgang"
    override val filesTitle = "Fotos und Unterschriften"

    override fun waiting(number: ULong) = "$number warten"

    override fun doneAndOpen(
        done: UInt,
        open: UInt,
    ) = "$done fertig, $open offen"

    override fun parcelSums(
        handedOver: UInt,
        notDelivered: UInt,
        open: UInt,
    ) = "$handedOver übergeben, $notDelivered nicht zugestellt, $open offen"

    override fun provisional(
        onPhone: UInt,
        stored: UInt,
    ) = "$onPhone nur auf diesem Telefon, $stored vom Server gespeichert"

    override fun judged(
        confirmed: UInt,
        underReview: UInt,
        refuted: UInt,
    ) = "$confirmed bestätigt, $underReview in Prüfung, $refuted widerlegt"

    override val noticeChannel = "Während ein Tag läuft"

    override fun noticeTitle(next: UInt?) = if (next == null) "Kein Stopp ist übrig" else "Nächster: Stopp $next"

    override fun noticeText(
        left: UInt,
        facts: ULong,
        files: ULong,
    ) = "Noch $left · ${outbox(facts, files)}"

    override val onThisPhone = "Was auf diesem Telefon ist"
    override val nobody = "niemand"
    override val courier = "Kurier"
    override val installation = "Installation"
    override val deviceKey = "Geräteschlüssel"
    override val facts = "Fakten"

    override fun factsOf(
        all: ULong,
        pending: ULong,
    ) = "$all, davon $pending nicht bestätigt"

    override val howFar = "Wie weit sie sind"
    override val oldestUnsent = "Ältester, der nur hier ist"

    override fun minutesAgo(minutes: ULong) = "vor $minutes min"

    override val codeEntries = "Codeeingaben"
    override val serverSigned = "Vom Server quittiert"
    override val timeCertain = "Zeit ist sicher"
    override val epoch = "Epoche"
    override val storage = "Speicher"
    override val route = "Tour"

    override fun lane(name: String) = "Abgleich „$name“"

    override val laneFine = "in Ordnung"
    override val laneAsking = "fragt gerade"

    override fun laneFailed(
        failures: UInt,
        seconds: ULong,
    ) = "$failures-mal nacheinander gescheitert, nächster in $seconds s"

    override val yes = "ja"
    override val no = "nein"
    override val export = "Mit dem Support teilen"
    override val nothingPersonal = "Nur Kennungen und Zahlen: nichts Persönliches."
    override val settings = "Einstellungen"
    override val language = "Sprache"
    override val theme = "Aussehen"
    override val asPhone = "Wie das Telefon"
    override val light = "Hell"
    override val dark = "Dunkel"
    override val otherOrderProposed = "Eine andere Reihenfolge wird vorgeschlagen"
    override val ifItSavesMuch = "Nur wenn sie viel spart"
    override val ifItIsWorthIt = "Wenn sie sich lohnt"
    override val ifItSavesAMinute = "Sobald sie eine Minute spart"
}
