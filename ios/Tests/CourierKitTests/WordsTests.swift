import CourierCore
import CourierKit
import CourierTestWorld
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
        #expect(Words(.en)(.loadResult, "{1}", "{0}", 2) == "Last check: {1} found, {0} missing, 2 foreign")
    }

    @Test func anExchangeIsEnoughOnlyWhenNothingWaitsAndNothingFailed() {
        func exchange(
            pending: UInt64 = 0, files: UInt64 = 0, offline: Bool = false, error: SyncProblem? = nil
        ) -> SyncReport {
            SyncReport(sent: 1, acked: 1, pending: pending, files: files, offline: offline, error: error)
        }
        #expect(exchange().isEnough)
        #expect(!exchange(pending: 1).isEnough && !exchange(files: 1).isEnough)
        #expect(!exchange(offline: true).isEnough && !exchange(error: .server).isEnough)
        #expect(Words(.en).exchange(exchange(files: 2)).hasSuffix("waiting: 0, photos and signatures: 2."))
        #expect(Words(.de).exchange(exchange()).hasSuffix("wartend: 0."))
    }

    @Test func theFirstLanguageThatTheAppSpeaksIsTaken() {
        #expect(Language(preferred: ["fr-FR", "de-AT", "en"]) == .de)
        #expect(Language(preferred: ["en-GB", "de"]) == .en)
        #expect(Language(preferred: ["fr"]) == .en)
        #expect(Language(preferred: []) == .en)
    }

    /// That every value has a word is the core's matter; this is whether it comes in the app's language.
    @Test func theCoresWordsAreInTheLanguageOfTheApp() {
        #expect(Words(.de).reason(.notHome) == "niemand zu Hause")
        #expect(Words(.en).reason(.notHome) == "not home")
        #expect(Words(.de).problem(CourierError.Offline) == "Keine Antwort vom Server. Nichts wurde festgehalten.")
        #expect(
            Words(.en).enrolmentProblem(CourierError.Closed)
                == "Not enrolled. The app is just closing. Nothing was recorded.")
        let report = SyncReport(sent: 1, acked: 1, pending: 2, offline: false, error: .notTheServer)
        #expect(Words(.en).exchange(report).contains("such as a portal"))
    }

    @Test func aForeignErrorSaysOnlyItsType() {
        struct Secret: Error { let name = "Kaya" }
        #expect(Words(.en).problem(Secret()).bare == "A fault of this app (Secret). Nothing was recorded.")
    }

    @Test func aWaitIsRoundedUpToSeconds() {
        #expect(Words(.en).problem(CourierError.Rejected(reason: .wait(waitMs: 1_001))).bare.contains("in 2 seconds"))
    }

    @Test func aWindowIsToldInTheTimeOfTheAddress() {
        let window = TimeWindow(from: 1_795_503_600_000, to: 1_795_507_200_000)
        #expect(Words(.de).window(window, tz: "Europe/Berlin") == "08:00–09:00")
        #expect(Words(.de).window(window, tz: "Asia/Tokyo") == "16:00–17:00")
        #expect(Words(.de).window(window, tz: "nowhere") == "07:00–08:00")
    }
}
