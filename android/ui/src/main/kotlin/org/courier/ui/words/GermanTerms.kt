package org.courier.ui.words

import org.courier.core.Closing
import org.courier.core.CourierException
import org.courier.core.InputProblem
import org.courier.core.InstructionKind
import org.courier.core.KeyLevel
import org.courier.core.LockedBy
import org.courier.core.MeetingPlace
import org.courier.core.NextStep
import org.courier.core.Origin
import org.courier.core.PlaceKind
import org.courier.core.Proof
import org.courier.core.Reason
import org.courier.core.Receiver
import org.courier.core.Rejection
import org.courier.core.Standing
import org.courier.core.StopState
import org.courier.core.StorageProblem
import org.courier.core.SyncProblem
import org.courier.core.Verdict
import org.courier.core.Why

/** The core's terms in German. */
internal object GermanTerms : Domain {
    override fun standing(standing: Standing) =
        when (standing) {
            Standing.ON_PHONE -> "vorläufig, nur auf diesem Telefon"
            Standing.STORED -> "vorläufig, vom Server gespeichert"
            Standing.CONFIRMED -> "bestätigt"
            Standing.UNDER_REVIEW -> "in Prüfung"
            Standing.REFUTED -> "widerlegt"
        }

    override fun stopState(state: StopState) =
        when (state) {
            StopState.OPEN -> "offen"
            StopState.PARTLY -> "teilweise fertig"
            StopState.DONE -> "fertig"
            StopState.GONE -> "weggenommen"
        }

    override fun closing(closing: Closing) =
        when (closing) {
            Closing.HANDED -> "übergeben"
            Closing.FAILED -> "nicht zugestellt"
            Closing.MIXED -> "teilweise übergeben"
        }

    override fun verdict(verdict: Verdict?) =
        when (verdict) {
            null -> "vorläufig"
            Verdict.CONFIRMED -> "bestätigt"
            Verdict.UNDER_REVIEW -> "in Prüfung"
            Verdict.REFUTED -> "widerlegt"
        }

    override fun reason(reason: Reason) =
        when (reason) {
            Reason.NOT_HOME -> "nicht zu Hause"
            Reason.NO_PERMITTED_RECEIVER -> "niemand da, der annehmen darf"
            Reason.AGE_OR_IDENTITY_NOT_PROVEN -> "Alter oder Identität nicht nachgewiesen"
            Reason.CODE_NOT_AVAILABLE -> "Code nicht vorhanden"
            Reason.TRIES_USED_UP -> "Versuche aufgebraucht"
            Reason.CODE_FROZEN -> "Code gesperrt"
            Reason.ACCESS_BLOCKED -> "kein Zugang"
            Reason.WINDOW_MISSED -> "Zeitfenster verpasst"
            Reason.REFUSED -> "vom Empfänger abgelehnt"
            Reason.ADDRESS_NOT_FOUND -> "Adresse nicht gefunden"
            Reason.DAMAGED -> "beschädigt"
            Reason.MISSING_IN_VAN -> "fehlt im Wagen"
            Reason.UNSAFE -> "hier nicht sicher"
            Reason.RECALLED -> "zurückgerufen"
        }

    override fun nextStep(step: NextStep) =
        when (step) {
            NextStep.LATER_TODAY -> "kommt heute noch einmal"
            NextStep.NEXT_DELIVERY_DAY -> "kommt am nächsten Zustelltag wieder"
            NextStep.HOLD_FOR_PICKUP -> "wird zur Abholung hinterlegt"
            NextStep.RETURN_TO_SENDER -> "geht zurück an den Absender"
            NextStep.DISPATCHER -> "die Disposition entscheidet"
        }

    override fun receiver(receiver: Receiver) =
        when (receiver) {
            Receiver.Recipient -> "Empfänger"
            Receiver.Household -> "Haushalt"
            Receiver.NamedNeighbour -> "Genannter Nachbar"
            Receiver.OtherNeighbour -> "Anderer Nachbar"
            Receiver.NamedPerson -> "Genannte Person"
            Receiver.Concierge -> "Empfang oder Concierge"
            is Receiver.Place ->
                when (receiver.v1) {
                    PlaceKind.SAFE -> "Ablageort"
                    PlaceKind.MAILBOX -> "Briefkasten"
                    PlaceKind.PICKUP_POINT -> "Abholstelle"
                }
        }

    override fun proof(proof: Proof) =
        when (proof) {
            Proof.CODE -> "Code"
            Proof.SCAN -> "Scan"
            Proof.NAME -> "Name"
            Proof.RELATION -> "Verhältnis zum Empfänger"
            Proof.FLAT -> "Wohnung"
            Proof.NOTE -> "Notiz"
            Proof.SIGNATURE -> "Unterschrift"
            Proof.PHOTO -> "Foto des Pakets, ohne Personen"
            Proof.AGE_CHECK -> "Alter, mit Ausweis gezeigt"
            Proof.IDENTITY_CHECK -> "Identität, mit Ausweis gezeigt"
            Proof.POSITION -> "Standort"
        }

    override fun origin(origin: Origin) =
        when (origin) {
            Origin.RECIPIENT -> "Empfänger"
            Origin.SENDER -> "Absender"
            Origin.SERVICE -> "sichere Zustellung"
            Origin.LAW -> "Postgesetz"
        }

    override fun why(why: Why) =
        when (why) {
            Why.ASKED_FOR -> "so verlangt es die Anweisung"
            Why.IN_PERSON -> "die Person auf dem Etikett"
            Why.SUBSTITUTE -> "darf für den Empfänger annehmen"
            Why.HOLDS_THE_CODE -> "wer den Code hat, nimmt an"
            Why.CODE_FIRST -> "erst muss der Code eingegeben werden"
            Why.CODE_NEEDS_PERSON -> "braucht den Code, nur an eine Person"
            Why.NO_NEIGHBOURS -> "die Anweisung sagt: keine Nachbarn"
            Why.NOT_THIS_NEIGHBOUR -> "die Anweisung schließt diesen Nachbarn aus"
            Why.NAMED_PERSON_ONLY -> "die Anweisung erlaubt nur eine Person"
            Why.CHECK_NEEDS_PERSON -> "etwas ist zu prüfen, einer Person übergeben"
            Why.RECIPIENT_ONLY -> "die Identität des Empfängers ist zu prüfen"
            Why.CONTRADICTION -> "die Anweisungen widersprechen sich"
            Why.NOT_BY_POLICY -> "das macht dieser Zusteller nicht"
            Why.NOT_ASKED_FOR -> "niemand hat darum gebeten"
        }

    override fun instruction(kind: InstructionKind) =
        when (kind) {
            is InstructionKind.Neighbour -> "Nachbar ${kind.name}${kind.flat?.let { " ($it)" }.orEmpty()} darf annehmen"
            InstructionKind.NoNeighbours -> "keine Nachbarn"
            is InstructionKind.NotNeighbour -> "nicht Nachbar ${kind.name}"
            is InstructionKind.SafePlace -> "darf hier abgelegt werden: ${kind.place}"
            is InstructionKind.NamedPerson -> "nur ${kind.name} darf annehmen"
            InstructionKind.Household -> "jeder im Haushalt darf annehmen"
            InstructionKind.Mailbox -> "darf in den Briefkasten"
            InstructionKind.Concierge -> "Empfang oder Hausmeister darf annehmen"
            is InstructionKind.PickupPoint -> "darf zu ${kind.place} gebracht werden"
            InstructionKind.Signature -> "wer annimmt, unterschreibt"
            is InstructionKind.AgeCheck -> "wer annimmt, ist mindestens ${kind.minAge} Jahre alt"
            InstructionKind.IdentityCheck -> "der Empfänger weist sich aus"
            is InstructionKind.AccessCode -> "Zugang: ${kind.code}"
            is InstructionKind.PreferredWindow -> "eine andere Zeit ist lieber"
            is InstructionKind.Meet ->
                when (kind.at) {
                    MeetingPlace.DOOR -> "an der Wohnungstür treffen"
                    MeetingPlace.LOBBY -> "im Hausflur treffen"
                    MeetingPlace.OUTSIDE -> "vor dem Haus treffen"
                }
            is InstructionKind.Note -> kind.text
            is InstructionKind.Unknown -> "unbekannte Anweisung (${kind.kind}): im Büro fragen"
        }

    override fun syncProblem(problem: SyncProblem) =
        when (problem) {
            SyncProblem.NOT_ENROLLED -> "dieses Telefon ist nicht angemeldet"
            SyncProblem.AUTH -> "der Server lehnt dieses Telefon ab"
            SyncProblem.DISMISSED -> "der Kurier dieses Telefons arbeitet hier nicht mehr"
            SyncProblem.SUSPENDED -> "der Kurier dieses Telefons ist gesperrt: im Büro fragen"
            SyncProblem.OUTDATED -> "App und Server verstehen sich nicht: die App aktualisieren"
            SyncProblem.SERVER -> "der Server ist gestört und wird wieder versucht"
            SyncProblem.NOT_THE_SERVER -> "jemand anders hat geantwortet, etwa ein WLAN-Portal: dort anmelden"
            SyncProblem.PHONE -> "Speicher oder Schlüssel dieses Telefons versagten"
        }

    override fun keyLevel(level: KeyLevel) =
        when (level) {
            KeyLevel.HARDWARE -> "in Hardware"
            KeyLevel.SOFTWARE -> "in einer Datei, nicht in Hardware"
        }

    override fun inputProblem(problem: InputProblem) =
        when (problem) {
            InputProblem.NOT_SIX_DIGITS -> "Ein Code hat sechs Ziffern. Kein Versuch wurde verbraucht."
            InputProblem.NOT_A_TOKEN -> "Das ist nicht der QR des Kunden. Kein Versuch wurde verbraucht."
            InputProblem.ENROLMENT_CODE -> "Der Code hat 10 Zeichen, A–Z und 2–7."
            InputProblem.SERVER_URL -> "Die Adresse des Servers muss mit https beginnen."
            InputProblem.CERTIFICATE -> "Das Zertifikat des Betreibers ist nicht lesbar."
            InputProblem.PHOTO_UNREADABLE -> "Das Foto ist nicht lesbar: noch einmal aufnehmen."
            InputProblem.NOT_A_PHOTO -> "Das ist kein ganzes Foto: noch einmal aufnehmen."
            InputProblem.PHOTO_TOO_LARGE -> "Das Foto ist zu groß: höchstens 2 MB."
        }

    override fun lockedBy(by: LockedBy) =
        when (by) {
            LockedBy.TRIES_USED -> "alle Versuche sind aufgebraucht"
            LockedBy.FROZEN -> "das Büro hat ihn abgelehnt und den Code gesperrt; Paket behalten"
        }

    override fun rejection(rejection: Rejection) =
        when (rejection) {
            Rejection.NoRoute -> "es gibt noch keine Tour"
            Rejection.DayNotStarted -> "der Tag hat nicht begonnen"
            Rejection.DayClosed -> "der Tag ist beendet"
            Rejection.NotOnRoute -> "das ist nicht auf der Tour"
            is Rejection.Gone -> "das Büro hat es weggenommen (${rejection.why})"
            Rejection.NotOpen -> "es hat schon ein Ergebnis"
            Rejection.ScanFirst -> "erst das Paket scannen"
            Rejection.NoCodeNeeded -> "kein gescanntes Paket braucht einen Code"
            Rejection.CodeMatchedAlready -> "ein passender Code ist schon eingegeben"
            is Rejection.Wait -> "der nächste Code wird in ${seconds(rejection.waitMs)} s angenommen"
            is Rejection.Locked -> lockedBy(rejection.by)
            Rejection.CodeAsked -> "die letzte Eingabe ist beim Server"
            Rejection.NotYet -> "der Code gilt noch nicht"
            Rejection.Expired -> "der Code gilt nicht mehr"
            Rejection.CodeMissing -> "dieses Telefon kann den Code nicht prüfen"
            is Rejection.NotAllowed -> "${why(rejection.why)} [${origin(rejection.by)}]"
            Rejection.NameNeeded -> "der Name der Person fehlt"
            Rejection.ReasonNotOffered -> "dieser Grund ist jetzt nicht möglich"
            Rejection.NothingToWithdraw -> "es gibt nichts zurückzunehmen"
            Rejection.HandedOver -> "es wurde übergeben"
            Rejection.NoNewCode -> "dafür gibt es jetzt keinen neuen Code"
            is Rejection.Misread -> "der Barcode wurde falsch gelesen: noch einmal scannen"
            is Rejection.ProofNeeded -> "es fehlt: ${proof(rejection.proof)}"
            is Rejection.ProofForbidden -> "hier nicht verlangt: ${proof(rejection.proof)}"
            Rejection.NothingToProve -> "dafür ist nichts nachzuweisen"
            Rejection.FileNotTaken -> "das wurde nicht hier aufgenommen"
            Rejection.NotSigned -> "es wurde nicht unterschrieben"
            Rejection.PlaceFixed -> "der Platz auf der Tour ist fest"
            Rejection.ProposalOver -> "der Vorschlag gilt nicht mehr: die Tour hat sich geändert"
            is Rejection.BadText -> "ein Text ist leer oder länger als ${rejection.max} Zeichen"
        }

    private fun storage(why: StorageProblem) =
        when (why) {
            StorageProblem.FULL -> "Das Telefon ist voll: etwas anderes löschen, dann geht es weiter."
            StorageProblem.NOT_NOW -> "Der Speicher ist jetzt nicht nutzbar: entsperren und noch einmal versuchen."
            StorageProblem.IN_USE -> "Eine andere App benutzt die Daten dieses Telefons."
            StorageProblem.NEWER -> "Eine neuere Version dieser App hat die Daten geschrieben: diese installieren."
            StorageProblem.BROKEN -> "Der Speicher ist beschädigt und wird wiederhergestellt: noch einmal versuchen."
        }

    override fun error(error: CourierException) =
        when (error) {
            is CourierException.Rejected -> "Nicht möglich: ${rejection(error.reason)}."
            is CourierException.InvalidInput -> inputProblem(error.what)
            is CourierException.NotFound -> "Das gibt es auf diesem Telefon nicht."
            is CourierException.Offline -> "Keine Antwort vom Server. Nichts wurde festgehalten."
            is CourierException.Auth -> "Der Server lehnt dieses Telefon ab. Nichts wurde festgehalten."
            is CourierException.KeyUnavailable -> "Der Schlüssel des Telefons ist jetzt nicht nutzbar: entsperren und noch einmal versuchen."
            is CourierException.Storage -> "${storage(error.why)} Nichts wurde festgehalten."
            is CourierException.Closed -> "Die App schließt gerade. Nichts wurde festgehalten."
            is CourierException.Internal -> "Ein Fehler dieser App (${error.incident}). Nichts wurde festgehalten."
        }
}
