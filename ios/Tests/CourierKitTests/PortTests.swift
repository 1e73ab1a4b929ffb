import CourierCore
import CourierPortChecks
import CourierTestWorld
import Foundation
import Testing

/// The checks of ports, run with the ports of a plain machine; and with ports that break them, so that they can fail.
struct PortTests {
    private static func folder() -> String {
        FileManager.default.temporaryDirectory.appending(path: "courier-ports-\(UUID().uuidString)").path
    }

    @Test(arguments: clockChecks) func aClockKeepsItsPromise(check: PortCheck<any Clock>) throws {
        try check.run(RunningClock(startMs: World.startMs))
    }

    @Test(arguments: secureStoreChecks) func aStoreOfFilesKeepsItsPromise(check: PortCheck<any SecureStore>) throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try check.run(FolderStore(folder))
    }

    @Test(arguments: deviceKeyChecks) func aKeyInSoftwareKeepsItsPromise(check: PortCheck<any DeviceKey>) throws {
        let folder = Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try check.run(scenarioKey(dir: folder, installation: 1))
    }

    @Test func aClockThatStandsStillIsNoticed() {
        let clock = HandClock()
        clock.set(wallMs: World.startMs, bootMs: 1, boot: "boot")
        #expect(broken(clockChecks, clock) == ["the clock since boot advances with the wall clock"])
    }

    @Test func aClockThatGoesBackIsNoticed() {
        #expect(broken(clockChecks, BackwardsClock()).contains("the clock since boot never goes back"))
    }

    @Test func aStoreThatForgetsIsNoticed() {
        #expect(broken(secureStoreChecks, ForgetfulStore()).contains("what was put comes back byte by byte"))
    }

    @Test func aStoreThatKeepsWhatWasDeletedIsNoticed() throws {
        let kept = broken(secureStoreChecks, try HoardingStore())
        #expect(kept.contains("what was deleted is gone, and deleting it again is no error"))
    }

    @Test func aKeyThatSignsEverythingAlikeIsNoticed() {
        let wrong = broken(deviceKeyChecks, RubberStamp())
        #expect(wrong.contains("two messages have two signatures"))
        #expect(wrong.contains("the public key is an uncompressed point, and stays the same"))
        #expect(wrong.contains("a signature is DER, or r and s in 64 bytes"))
    }

    private func broken<Port>(_ checks: [PortCheck<Port>], _ port: Port) -> [String] {
        checks.filter { (try? $0.run(port)) == nil }.map(\.name)
    }
}

private final class BackwardsClock: CourierCore.Clock, @unchecked Sendable {
    private let lock = NSLock()
    private var left: UInt64 = 1_000_000

    func wallMs() throws -> Int64 { World.startMs }
    func bootMs() throws -> UInt64 {
        lock.withLock {
            left -= 1
            return left
        }
    }
    func bootId() throws -> String { "boot" }
}

private final class ForgetfulStore: SecureStore {
    func get(name: String) throws -> Data? { nil }
    func put(name: String, secret: Data) throws {}
    func delete(name: String) throws {}
}

private final class HoardingStore: SecureStore {
    private let store: FolderStore

    init() throws {
        store = try FolderStore(FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path)
    }

    func get(name: String) throws -> Data? { try store.get(name: name) }
    func put(name: String, secret: Data) throws { try store.put(name: name, secret: secret) }
    func delete(name: String) throws {}
}

private final class RubberStamp: DeviceKey {
    func publicKey() throws -> Data { Data([1, 2, 3]) }
    func sign(message: Data) throws -> Data { Data([9]) }
    func level() throws -> KeyLevel { .software }
}
