import CourierCore
import CourierTestWorld
import Foundation
import Testing

/// What README.md shows of the core in an own app: the lines between the marks are those of the page.
struct OwnAppTests {
    private func deliver(
        folder: String, server: String, ports: Ports, enrolment: String, barcodes: [String], digits: String,
        screen: some Observer
    ) async throws -> CommandResult {
        // README: begin
        let config = Config(dataDir: folder, server: server, platform: "ios-18", app: "own 1.0")
        let courier = Courier(config: config, ports: ports)
        try await courier.open()
        let observed = try courier.observe(observer: screen)  // `onChange` is a signal: pull what is shown
        _ = try await courier.enrol(code: enrolment)  // once; the office gives the code
        _ = try await courier.sync(budgetMs: 10_000)  // at most 10 s; the core also exchanges by itself
        _ = try await courier.submit(command: .startDay)

        guard let stop = try await courier.route()?.stops.first?.id else { throw CourierError.NotFound }
        _ = try await courier.submit(command: .arrive(stop: stop))
        for barcode in barcodes { _ = try await courier.submit(command: .scan(stop: stop, barcode: barcode)) }
        let entry = Command.enterCode(stop: stop, entry: .digits(digits))
        let checked = try await courier.submit(command: entry).result  // needs no network
        if case .codeMatched = checked,
            let door = try await courier.stop(id: stop).doors.first(where: { $0.code != nil }),
            let receiver = door.options.first(where: { $0.allowed })?.receiver
        {
            let details = ReceiverDetails(name: "Kaya", relation: nil, flat: nil, note: nil)
            _ = try await courier.submit(
                command: .handOver(attempt: door.attempt, parcels: [], receiver: receiver, details: details))
        }
        observed.cancel()
        _ = try await courier.suspend(deadlineMs: 5_000)  // sends what waits, then closes the files
        // README: end
        courier.shutdown()
        return checked
    }

    private func deliver(_ world: World, screen: Told = Told(), digits: String) async throws -> CommandResult {
        let secrets = world.folder.appending(path: "secrets").path
        let ports = try Ports(
            clock: world.clock, deviceKey: scenarioKey(dir: secrets, installation: 1), secure: FolderStore(secrets),
            log: FileLog(world.folder.appending(path: "log.txt").path))
        return try await deliver(
            folder: world.folder.appending(path: "data").path, server: world.backend.url, ports: ports,
            enrolment: world.backend.enrolment(world.courier), barcodes: ["LABEL-KAYA"], digits: digits,
            screen: screen)
    }

    private static let kaya = [Parcel("Kaya", value: 90_000, house: "1")]

    @Test func whatTheReadmeShowsDeliversAParcel() async throws {
        let world = try await World(Self.kaya)
        let screen = Told()
        let checked = try await deliver(world, screen: screen, digits: world.backend.code("Kaya").digits)
        guard case .codeMatched = checked else { throw Unexpected(checked) }
        #expect(screen.changes > 0, "the observer was told of nothing")
        #expect(try await world.backend.facts("handed_over") == 1)
        #expect(try await world.backend.state("Kaya") == "delivered")
    }

    @Test func withAWrongCodeItHandsNothingOver() async throws {
        let world = try await World(Self.kaya)
        let right = try #require(Int(try await world.backend.code("Kaya").digits))
        let wrong = String(String(1_000_000 + (right + 1) % 1_000_000).dropFirst())
        let checked = try await deliver(world, digits: wrong)
        guard case .codeWrong(triesLeft: 4, _) = checked else { throw Unexpected(checked) }
        #expect(try await world.backend.facts("handed_over") == 0)
    }
}

/// Counts what it is told.
private final class Told: Observer, @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0

    var changes: Int { lock.withLock { count } }

    func onChange(revision: UInt64) throws { lock.withLock { count += 1 } }
}

private struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ result: CommandResult) { description = "not what was expected: \(result)" }
}
