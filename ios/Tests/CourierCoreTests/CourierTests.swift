import CourierCore
import CourierTestWorld
import Foundation
import Testing

struct CourierTests {
    private func courier(server: String = "http://127.0.0.1:9") throws -> Courier {
        let dir = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
        let clock = HandClock()
        clock.set(wallMs: 1_795_503_600_000, bootMs: 1_000, boot: "boot")
        let ports = try Ports(
            clock: clock, deviceKey: scenarioKey(dir: "\(dir)/secrets", installation: 1),
            secure: FolderStore("\(dir)/secrets"),
            log: FileLog("\(dir)/log.txt"))
        return Courier(
            config: Config(dataDir: "\(dir)/data", server: server, platform: "swift", app: "test", autoSync: false),
            ports: ports)
    }

    @Test func everyCallBeforeOpenAndAfterShutdownAnswersClosed() async throws {
        let courier = try courier()
        await #expect(throws: CourierError.Closed) { try await courier.route() }
        try await courier.open()
        #expect(try await courier.route() == nil)
        courier.shutdown()
        await #expect(throws: CourierError.Closed) { try await courier.route() }
    }

    @Test func aRefusalArrivesWithItsReason() async throws {
        let courier = try courier()
        defer { courier.shutdown() }
        try await courier.open()
        await #expect(throws: CourierError.Rejected(reason: .noRoute)) {
            try await courier.submit(command: .startDay)
        }
    }

    @Test func badInputIsNamed() async throws {
        let wrong = try courier(server: "ftp://example")
        await #expect(throws: CourierError.InvalidInput(what: .serverUrl)) { try await wrong.open() }
        let courier = try courier()
        defer { courier.shutdown() }
        try await courier.open()
        await #expect(throws: CourierError.InvalidInput(what: .enrolmentCode)) {
            try await courier.enrol(code: "no code")
        }
        await #expect(throws: CourierError.NotFound) { try await courier.stop(id: "../x") }
        await #expect(throws: CourierError.Offline) { try await courier.enrol(code: "ABCDEFGHIJ") }
    }
}
