import CourierCore
import Foundation
import Testing

/// The scenario files of all shells, played through these bindings: the transcripts are the same byte by byte.
@Suite(.serialized) struct ScenarioTests {
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "tests/scenarios")

    static let names: [String] = {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return files.filter { $0.hasSuffix(".json") }.map { String($0.dropLast(5)) }.sorted()
    }()

    @Test func thereAreScenarios() {
        #expect(!Self.names.isEmpty)
    }

    @Test(arguments: names) func aScenarioPlaysAsInEveryOtherShell(name: String) async throws {
        let backend = try #require(ProcessInfo.processInfo.environment["COURIER_BACKEND"])
        let file = Self.folder.appending(path: "\(name).json").path
        let transcript = try String(
            contentsOf: Self.folder.appending(path: "transcripts/\(name).jsonl"), encoding: .utf8)
        // On a thread of its own: the player waits, and Swift's own threads may not.
        let phone = SwiftPhone()
        let said: String = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(
                    with: Result { try playScenario(file: file, backend: backend, phone: phone) })
            }
        }
        let lines = zip(transcript.split(separator: "\n"), said.split(separator: "\n"))
        for (number, (wanted, line)) in lines.enumerated() {
            try #require(wanted == line, "line \(number + 1) of the transcript")
        }
        #expect(said.utf8.count == transcript.utf8.count)
        #expect(phone.toldRevision > 0, "the observer was told nothing")
    }
}
