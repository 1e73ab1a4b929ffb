import CourierKit
import CourierTestWorld
import CourierThumb
import Foundation
import Testing

/// The scenario files as a thumb plays them, on the screens as the stand-in for SwiftUI evaluates them: `AppUITests` does the
/// same on a simulator, with another hand.
@Suite(.serialized) @MainActor struct ThumbTests {
    nonisolated static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "tests/scenarios")

    nonisolated static let files: [ScenarioFile] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let files = names.filter { $0.hasSuffix(".json") }.sorted()
        return files.compactMap { try? ScenarioFile(folder.appending(path: $0)) }
    }()

    nonisolated static let played = files.filter { notPlayed[$0.name] == nil }

    @Test func whatIsNotPlayedIsListedWithItsReasonAndNothingElse() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder.path)
            .filter { $0.hasSuffix(".json") }
        #expect(!names.isEmpty && Self.files.count == names.count, "a file cannot be read")
        var refused: [String: Refusal] = [:]
        for file in Self.files {
            do { _ = try file.deeds() } catch { refused[file.name] = error }
        }
        #expect(refused == notPlayed)
    }

    @Test(arguments: played.map(\.name)) func aScenarioPlaysOnTheScreens(name: String) async throws {
        let file = try #require(Self.played.first { $0.name == name })
        let backend = try Backend(nowMs: file.startMs)
        let folder = try temporaryFolder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let hand = StubHand(folder: folder)
        do { try await Player(file, hand: hand, server: backend.url).play() } catch { Issue.record("\(error)") }
        await hand.end()
    }

    @Test func anAppTakesALaunchForATestOnlyIfEverythingIsSaid() throws {
        let said = Launch(server: "http://127.0.0.1:1", installation: "one", atMs: 1_000).arguments
        let test = try #require(TestLaunch(said))
        #expect(test.server == "http://127.0.0.1:1" && test.installation == "one-1")
        #expect(try test.clock.wallMs() == 5_000 && test.clock.bootId() == "boot-1")
        for missing in stride(from: 0, to: said.count, by: 2) {
            var less = said
            less.removeSubrange(missing..<missing + 2)
            #expect(TestLaunch(less) == nil, "without \(said[missing])")
        }
    }

    @Test func backendsAreReadAsTheScriptSaysThem() {
        #expect(backends("a-1=http://h:1 b=http://h:2/?x=y") == ["a-1": "http://h:1", "b": "http://h:2/?x=y"])
        #expect(backends("").isEmpty)
    }

    /// As `tests/scenario/src/expect.rs`, with its examples.
    @Test func namedMembersCountAndOthersDoNot() throws {
        func json(_ text: String) throws -> JSON { try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }
        let seen = try json(#"{"state": "open", "list": [{"a": 1, "b": 2}, 3], "more": true}"#)
        for fits in [
            #"{"state": "open"}"#, #"{"gone": null}"#, #"{"list": [{"a": 1}, 3]}"#, #"{"list": {"$has": [{"b": 2}]}}"#,
        ] {
            #expect(try json(fits).difference(seen) == nil, "\(fits)")
        }
        for wrong in [
            #"{"state": "closed"}"#, #"{"state": null}"#, #"{"missing": 1}"#, #"{"list": [{"a": 1}]}"#,
            #"{"list": [{"a": 2}, 3]}"#, #"{"list": {"$has": [4]}}"#, #"{"state": {"$has": ["open"]}}"#,
        ] {
            #expect(try json(wrong).difference(seen) != nil, "\(wrong) fits")
        }
    }
}
