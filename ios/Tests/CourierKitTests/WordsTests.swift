import CourierCore
import CourierKit
import Testing

struct WordsTests {
    @Test(arguments: Language.allCases) func everyPhraseHasAText(language: Language) {
        let words = Words(language)
        let missing = Phrase.allCases.filter { !words.has($0) || words($0).isEmpty }
        #expect(missing.isEmpty)
    }

    @Test func bothLanguagesPutTheSameThingsIn() {
        for phrase in Phrase.allCases {
            #expect(places(Words(.de)(phrase)) == places(Words(.en)(phrase)), "\(phrase)")
        }
    }

    private func places(_ text: String) -> Set<Int> {
        Set((0..<5).filter { text.contains("{\($0)}") })
    }

    @Test func whatIsPutInIsNotLookedAtAgain() {
        #expect(Words(.en)(.codeAcceptedOf, "{1}", "sure") == "Code of {1} accepted, sure.")
    }

    @Test func theFirstLanguageThatTheAppSpeaksIsTaken() {
        #expect(Language(preferred: ["fr-FR", "de-AT", "en"]) == .de)
        #expect(Language(preferred: ["en-GB", "de"]) == .en)
        #expect(Language(preferred: ["fr"]) == .en)
        #expect(Language(preferred: []) == .en)
    }

    @Test(arguments: Language.allCases) func noTermIsLeftWithoutItsValues(language: Language) {
        let words = Words(language)
        let said = terms(words)
        #expect(said.allSatisfy { !$0.isEmpty && !$0.contains("{") })
        // Within one kind no two terms read the same.
        for kind in kinds(words) { #expect(Set(kind).count == kind.count, "\(kind)") }
    }

    @Test func aForeignErrorSaysOnlyItsType() {
        struct Secret: Error { let name = "Kaya" }
        #expect(Words(.en).problem(Secret()) == "That did not work: internal fault Secret. Nothing was recorded.")
    }

    @Test func aWaitIsRoundedUpToSeconds() {
        #expect(Words(.en).problem(CourierError.Rejected(reason: .wait(waitMs: 1_001))).contains("in 2 s"))
    }

    @Test func aWindowIsToldInTheTimeOfTheAddress() {
        let window = TimeWindow(from: 1_795_503_600_000, to: 1_795_507_200_000)
        #expect(Words(.de).window(window, tz: "Europe/Berlin") == "08:00–09:00")
        #expect(Words(.de).window(window, tz: "Asia/Tokyo") == "16:00–17:00")
        #expect(Words(.de).window(window, tz: "nowhere") == "07:00–08:00")
    }

    private func terms(_ words: Words) -> [String] { kinds(words).flatMap { $0 } }

    private func kinds(_ words: Words) -> [[String]] {
        let fact = "fact"
        return [
            [.onPhone, .stored, .confirmed, .underReview, .refuted].map(words.standing),
            [nil, .confirmed, .underReview, .refuted].map(words.verdict),
            reasons.map(words.reason),
            [.nextDeliveryDay, .holdForPickup, .returnToSender, .dispatcher].map(words.nextStep),
            receivers.map(words.receiver),
            whys.map(words.why),
            [.recipient, .sender, .service, .law].map(words.origin),
            [.triesUsed, .frozen].map(words.locked),
            [.open, .partly, .done, .gone].map(words.stopState),
            [
                .open, .gone(why: "cancelled"), .closed(closing: .handed, standing: .stored),
                .closed(closing: .failed, standing: .stored), .closed(closing: .mixed, standing: .stored),
            ].map(words.attempt),
            [.handedOver(fact: fact, receiver: .recipient), .notDelivered(fact: fact, reason: .refused)].map(
                words.outcome),
            instructionKinds.map { words.instruction(Instruction(id: "i", origin: .sender, kind: $0, rev: 1)) },
            codes.map(words.code),
            errors.map(words.problem),
            errors.map(words.enrolmentProblem),
            reports.map(words.exchange),
        ]
    }
}

private let reasons: [Reason] = [
    .notHome, .noPermittedReceiver, .ageOrIdentityNotProven, .codeNotAvailable, .triesUsedUp, .codeFrozen,
    .accessBlocked, .windowMissed, .refused, .addressNotFound, .damaged, .missingInVan, .unsafe, .recalled,
]

private let receivers: [Receiver] = [
    .recipient, .household, .namedNeighbour, .otherNeighbour, .namedPerson, .concierge, .place(.safe), .place(.mailbox),
    .place(.pickupPoint),
]

private let whys: [Why] = [
    .askedFor, .inPerson, .substitute, .holdsTheCode, .codeFirst, .codeNeedsPerson, .noNeighbours, .notThisNeighbour,
    .namedPersonOnly, .notAskedFor,
]

private let instructionKinds: [InstructionKind] = [
    .neighbour(name: "Huber", flat: nil), .neighbour(name: "Huber", flat: "2"), .noNeighbours,
    .notNeighbour(name: "Huber"), .safePlace(place: "shed"), .namedPerson(name: "Kaya"), .household,
    .note(text: "ring twice"), .unknown(kind: "drone"),
]

private let codes: [CodeState] = [
    .notNeeded, .needed(triesLeft: 5, waitMs: 0), .needed(triesLeft: 3, waitMs: 30_000),
    .matched(codeId: nil, holder: "", strength: .backend, verdict: .confirmed),
    .matched(codeId: "c", holder: "Kaya", strength: .tag, verdict: nil), .asked, .locked(by: .frozen),
    .locked(by: .triesUsed), .notYet, .expired, .missing,
]

private let rejections: [Rejection] = [
    .noRoute, .dayNotStarted, .dayClosed, .notOnRoute, .gone(why: "cancelled"), .notOpen, .scanFirst, .noCodeNeeded,
    .codeMatchedAlready, .wait(waitMs: 1), .locked(by: .triesUsed), .codeAsked, .notYet, .expired, .codeMissing,
    .notAllowed(why: .noNeighbours, by: .recipient), .nameNeeded, .reasonNotOffered, .nothingToWithdraw, .handedOver,
    .noNewCode, .badText(field: "note", max: 200),
]

private let errors: [CourierError] =
    [.notSixDigits, .notAToken, .enrolmentCode, .serverUrl, .certificate].map { .InvalidInput(what: $0) }
    + rejections.map { .Rejected(reason: $0) }
    + [.NotFound, .Offline, .Auth, .KeyUnavailable, .Closed, .Internal(incident: "x")]
    + [.full, .notNow, .inUse, .newer, .broken].map { .Storage(why: $0) }

private let reports: [SyncReport] =
    [nil, .notEnrolled, .auth, .dismissed, .suspended, .outdated, .server, .notTheServer, .phone].map {
        SyncReport(sent: 1, acked: 1, pending: 2, offline: false, error: $0)
    } + [SyncReport(sent: 0, acked: 0, pending: 2, offline: true, error: nil)]
