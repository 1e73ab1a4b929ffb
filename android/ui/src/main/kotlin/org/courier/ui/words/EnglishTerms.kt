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

/** The core's terms in English. */
internal object EnglishTerms : Domain {
    override fun standing(standing: Standing) =
        when (standing) {
            Standing.ON_PHONE -> "provisional, on this phone only"
            Standing.STORED -> "provisional, stored by the server"
            Standing.CONFIRMED -> "confirmed"
            Standing.UNDER_REVIEW -> "under review"
            Standing.REFUTED -> "refuted"
        }

    override fun stopState(state: StopState) =
        when (state) {
            StopState.OPEN -> "open"
            StopState.PARTLY -> "partly done"
            StopState.DONE -> "done"
            StopState.GONE -> "taken away"
        }

    override fun closing(closing: Closing) =
        when (closing) {
            Closing.HANDED -> "handed over"
            Closing.FAILED -> "not delivered"
            Closing.MIXED -> "partly handed over"
        }

    override fun verdict(verdict: Verdict?) =
        when (verdict) {
            null -> "provisional"
            Verdict.CONFIRMED -> "confirmed"
            Verdict.UNDER_REVIEW -> "under review"
            Verdict.REFUTED -> "refuted"
        }

    override fun reason(reason: Reason) =
        when (reason) {
            Reason.NOT_HOME -> "not home"
            Reason.NO_PERMITTED_RECEIVER -> "nobody there who may receive"
            Reason.AGE_OR_IDENTITY_NOT_PROVEN -> "age or identity not proven"
            Reason.CODE_NOT_AVAILABLE -> "code not available"
            Reason.TRIES_USED_UP -> "tries used up"
            Reason.CODE_FROZEN -> "code frozen"
            Reason.ACCESS_BLOCKED -> "access blocked"
            Reason.WINDOW_MISSED -> "time window missed"
            Reason.REFUSED -> "refused by the recipient"
            Reason.ADDRESS_NOT_FOUND -> "address not found"
            Reason.DAMAGED -> "damaged"
            Reason.MISSING_IN_VAN -> "missing in the van"
            Reason.UNSAFE -> "not safe here"
            Reason.RECALLED -> "recalled"
        }

    override fun nextStep(step: NextStep) =
        when (step) {
            NextStep.LATER_TODAY -> "comes again today"
            NextStep.NEXT_DELIVERY_DAY -> "comes again on the next delivery day"
            NextStep.HOLD_FOR_PICKUP -> "is held for pick-up"
            NextStep.RETURN_TO_SENDER -> "goes back to the sender"
            NextStep.DISPATCHER -> "the dispatcher decides"
        }

    override fun receiver(receiver: Receiver) =
        when (receiver) {
            Receiver.Recipient -> "Recipient"
            Receiver.Household -> "Household"
            Receiver.NamedNeighbour -> "Named neighbour"
            Receiver.OtherNeighbour -> "Another neighbour"
            Receiver.NamedPerson -> "Named person"
            Receiver.Concierge -> "Reception or concierge"
            is Receiver.Place ->
                when (receiver.v1) {
                    PlaceKind.SAFE -> "Safe place"
                    PlaceKind.MAILBOX -> "Mailbox"
                    PlaceKind.PICKUP_POINT -> "Pick-up point"
                }
        }

    override fun proof(proof: Proof) =
        when (proof) {
            Proof.CODE -> "code"
            Proof.SCAN -> "scan"
            Proof.NAME -> "name"
            Proof.RELATION -> "relation to the recipient"
            Proof.FLAT -> "flat"
            Proof.NOTE -> "note"
            Proof.SIGNATURE -> "signature"
            Proof.PHOTO -> "photo of the parcel, without people"
            Proof.AGE_CHECK -> "age, shown by a document"
            Proof.IDENTITY_CHECK -> "identity, shown by a document"
            Proof.POSITION -> "position"
        }

    override fun origin(origin: Origin) =
        when (origin) {
            Origin.RECIPIENT -> "recipient"
            Origin.SENDER -> "sender"
            Origin.SERVICE -> "secure delivery"
            Origin.LAW -> "postal law"
        }

    override fun why(why: Why) =
        when (why) {
            Why.ASKED_FOR -> "the instructions ask for it"
            Why.IN_PERSON -> "the person on the label"
            Why.SUBSTITUTE -> "may receive for the recipient"
            Why.HOLDS_THE_CODE -> "whoever holds the code receives"
            Why.CODE_FIRST -> "the code has to be entered first"
            Why.CODE_NEEDS_PERSON -> "needs the code, hand over to a person"
            Why.NO_NEIGHBOURS -> "the instructions say no neighbours"
            Why.NOT_THIS_NEIGHBOUR -> "the instructions exclude this neighbour"
            Why.NAMED_PERSON_ONLY -> "the instructions allow one person only"
            Why.CHECK_NEEDS_PERSON -> "something is to be checked, hand over to a person"
            Why.RECIPIENT_ONLY -> "the recipient's identity is to be checked"
            Why.CONTRADICTION -> "the instructions contradict each other"
            Why.NOT_BY_POLICY -> "this carrier does not do that"
            Why.NOT_ASKED_FOR -> "nobody asked for it"
        }

    override fun instruction(kind: InstructionKind) =
        when (kind) {
            is InstructionKind.Neighbour -> "neighbour ${kind.name}${kind.flat?.let { " ($it)" }.orEmpty()} may receive"
            InstructionKind.NoNeighbours -> "no neighbours"
            is InstructionKind.NotNeighbour -> "not neighbour ${kind.name}"
            is InstructionKind.SafePlace -> "may be left here: ${kind.place}"
            is InstructionKind.NamedPerson -> "only ${kind.name} may receive"
            InstructionKind.Household -> "anybody of the household may receive"
            InstructionKind.Mailbox -> "may be put into the mailbox"
            InstructionKind.Concierge -> "reception or concierge may receive"
            is InstructionKind.PickupPoint -> "may be brought to ${kind.place}"
            InstructionKind.Signature -> "whoever receives signs"
            is InstructionKind.AgeCheck -> "whoever receives is at least ${kind.minAge} years old"
            InstructionKind.IdentityCheck -> "the recipient shows who they are"
            is InstructionKind.AccessCode -> "way in: ${kind.code}"
            is InstructionKind.PreferredWindow -> "another time is liked better"
            is InstructionKind.Meet ->
                when (kind.at) {
                    MeetingPlace.DOOR -> "meet at the door"
                    MeetingPlace.LOBBY -> "meet in the entrance hall"
                    MeetingPlace.OUTSIDE -> "meet in front of the house"
                }
            is InstructionKind.Note -> kind.text
            is InstructionKind.Unknown -> "unknown instruction (${kind.kind}): ask the office"
        }

    override fun syncProblem(problem: SyncProblem) =
        when (problem) {
            SyncProblem.NOT_ENROLLED -> "this phone is not enrolled"
            SyncProblem.AUTH -> "the server refuses this phone"
            SyncProblem.DISMISSED -> "this phone's courier no longer works here"
            SyncProblem.SUSPENDED -> "this phone's courier is suspended: ask the office"
            SyncProblem.OUTDATED -> "app and server do not understand each other: update the app"
            SyncProblem.SERVER -> "the server has a fault, and is tried again"
            SyncProblem.NOT_THE_SERVER -> "somebody else answered, such as a portal: sign in there"
            SyncProblem.PHONE -> "storage or keys of this phone failed"
        }

    override fun keyLevel(level: KeyLevel) =
        when (level) {
            KeyLevel.HARDWARE -> "in hardware"
            KeyLevel.SOFTWARE -> "in a file, not in hardware"
        }

    override fun inputProblem(problem: InputProblem) =
        when (problem) {
            InputProblem.NOT_SIX_DIGITS -> "A code has six digits. No try was used."
            InputProblem.NOT_A_TOKEN -> "This is not the customer's QR. No try was used."
            InputProblem.ENROLMENT_CODE -> "The code has 10 characters, A–Z and 2–7."
            InputProblem.SERVER_URL -> "The server's address has to begin with https."
            InputProblem.CERTIFICATE -> "The operator's certificate cannot be read."
            InputProblem.PHOTO_UNREADABLE -> "The photo cannot be read: take it again."
            InputProblem.NOT_A_PHOTO -> "This is no whole photo: take it again."
            InputProblem.PHOTO_TOO_LARGE -> "The photo is too large: 2 MB at most."
        }

    override fun lockedBy(by: LockedBy) =
        when (by) {
            LockedBy.TRIES_USED -> "all tries are used up"
            LockedBy.FROZEN -> "the office refused it and froze the code; keep the parcel"
        }

    override fun rejection(rejection: Rejection) =
        when (rejection) {
            Rejection.NoRoute -> "there is no route yet"
            Rejection.DayNotStarted -> "the day has not begun"
            Rejection.DayClosed -> "the day is over"
            Rejection.NotOnRoute -> "this is not on the route"
            is Rejection.Gone -> "the office took it away (${rejection.why})"
            Rejection.NotOpen -> "it has an outcome already"
            Rejection.ScanFirst -> "scan the parcel first"
            Rejection.NoCodeNeeded -> "no scanned parcel needs a code"
            Rejection.CodeMatchedAlready -> "a code that fits was entered already"
            is Rejection.Wait -> "the next code is taken in ${seconds(rejection.waitMs)} s"
            is Rejection.Locked -> lockedBy(rejection.by)
            Rejection.CodeAsked -> "the last entry is with the server"
            Rejection.NotYet -> "the code is not valid yet"
            Rejection.Expired -> "the code is not valid any more"
            Rejection.CodeMissing -> "this phone cannot check the code"
            is Rejection.NotAllowed -> "${why(rejection.why)} [${origin(rejection.by)}]"
            Rejection.NameNeeded -> "the name of the person is needed"
            Rejection.ReasonNotOffered -> "this reason is not offered now"
            Rejection.NothingToWithdraw -> "there is nothing to take back"
            Rejection.HandedOver -> "it was handed over"
            Rejection.NoNewCode -> "there is no new code for it now"
            is Rejection.Misread -> "the barcode was misread: scan it again"
            is Rejection.ProofNeeded -> "something is missing: ${proof(rejection.proof)}"
            is Rejection.ProofForbidden -> "not asked for here: ${proof(rejection.proof)}"
            Rejection.NothingToProve -> "there is nothing to prove it for"
            Rejection.FileNotTaken -> "this file was not taken here"
            Rejection.NotSigned -> "nobody signed"
            Rejection.PlaceFixed -> "its place on the route is fixed"
            Rejection.ProposalOver -> "this proposal is over: the route has changed"
            is Rejection.BadText -> "a text is empty or longer than ${rejection.max} characters"
        }

    private fun storage(why: StorageProblem) =
        when (why) {
            StorageProblem.FULL -> "The phone is full: delete something else, then it goes on."
            StorageProblem.NOT_NOW -> "The phone's storage cannot be used now: unlock the phone and try again."
            StorageProblem.IN_USE -> "Another app uses this phone's data."
            StorageProblem.NEWER -> "A newer version of this app has written the data: install that one."
            StorageProblem.BROKEN -> "The phone's storage is damaged and is put together again: try again."
        }

    override fun error(error: CourierException) =
        when (error) {
            is CourierException.Rejected -> "Not possible: ${rejection(error.reason)}."
            is CourierException.InvalidInput -> inputProblem(error.what)
            is CourierException.NotFound -> "There is no such thing on this phone."
            is CourierException.Offline -> "No answer from the server. Nothing was recorded."
            is CourierException.Auth -> "The server refuses this phone. Nothing was recorded."
            is CourierException.KeyUnavailable -> "The phone's key cannot be used now: unlock the phone and try again."
            is CourierException.Storage -> "${storage(error.why)} Nothing was recorded."
            is CourierException.Closed -> "The app is just closing. Nothing was recorded."
            is CourierException.Internal -> "A fault of this app (${error.incident}). Nothing was recorded."
        }
}
