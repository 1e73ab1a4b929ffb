import CourierThumb
import XCTest

/// The scenario files on the app's screens in a simulator, as far as a thumb can play them. `ios/scripts/ui-tests.sh` runs it: it
/// starts a backend for each file, and says where in the environment.
@MainActor final class ScenarioTests: XCTestCase {
    func testEveryScenarioThatAThumbCanPlay() async throws {
        let folder = try XCTUnwrap(Bundle(for: Self.self).url(forResource: "scenarios", withExtension: nil))
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.map(ScenarioFile.init).sorted { $0.name < $1.name }
        let played = files.filter { notPlayed[$0.name] == nil }
        XCTAssertFalse(played.isEmpty)
        let servers = backends(ProcessInfo.processInfo.environment["COURIER_BACKENDS"] ?? "")
        let hand = XCUIHand()
        for file in played {
            let server = try XCTUnwrap(servers[file.name], "\(file.name) has no backend")
            // One that fails keeps none of the others from being played.
            do { try await Player(file, hand: hand, server: server).play() } catch { XCTFail("\(error)") }
        }
        hand.end()
    }
}
