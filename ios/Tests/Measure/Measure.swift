import CourierCore
import CourierKit
import CourierTestWorld
import Foundation

/// What the binding costs from Swift with 200 stops, on this machine. No test: such figures mean something only beside each
/// other and on a machine that does nothing else. `docs/performance.md` has its command.
@main @MainActor struct Measure {
    static let stops = 200
    /// Handovers before the first that counts.
    static let warming = 20

    static func main() async throws {
        let parcels = (1...stops).map { Parcel("P\($0)", value: 100, house: "\($0)") }
        let world = try await World(parcels)
        let session = try await world.session()
        await session.repository.suspend()

        var version = ""
        let calls = 100_000
        let bare = await ms { for _ in 0..<calls { version = coreVersion() } }
        say("a call that does nothing (coreVersion \(version))", "\(round(bare * 1_000 / Double(calls), 2)) µs")

        say("open to the first route view, \(stops) stops", told(try await opens(world, times: 11)))
        let repository = try await started(world).repository
        let all = try await repository.route()?.stops.map(\.id) ?? []
        var handovers: [Double] = []
        for stop in all.dropLast(stops / 2) { handovers.append(try await handOver(repository, stop)) }
        say("submit of a handover", told(Array(handovers.dropFirst(warming))))
        try await memory(repository, stop: try last(all))
        await repository.suspend()
    }

    private static func started(_ world: World) async throws -> Session {
        let app = await world.launch()
        guard case .day(let session) = app.phase else { throw Unmeasured(why: "the app shows no day") }
        return session
    }

    private static func opens(_ world: World, times: Int) async throws -> [Double] {
        var each: [Double] = []
        for _ in 0..<times {
            var session: Session?
            each.append(
                try await ms {
                    session = try await started(world)
                    guard try await session?.repository.route()?.stops.count == stops else {
                        throw Unmeasured(why: "the route is not there")
                    }
                })
            await session?.repository.suspend()
        }
        return each
    }

    /// The milliseconds of the handover itself; before it the courier has arrived and scanned.
    private static func handOver(_ repository: Repository, _ stop: StopId) async throws -> Double {
        _ = try await repository.submit(.arrive(stop: stop))
        guard let door = try await repository.stop(stop)?.doors.first, let parcel = door.parcels.first else {
            throw Unmeasured(why: "there is no door")
        }
        _ = try await repository.submit(.scan(stop: stop, barcode: parcel.barcode))
        let details = ReceiverDetails(name: nil, relation: nil, flat: nil, note: nil)
        let command = Command.handOver(attempt: door.attempt, parcels: [], receiver: .recipient, details: details)
        return try await ms { _ = try await repository.submit(command) }
    }

    /// 10,000 commands that leave nothing behind: what is kept would be the day's own growth.
    private static func memory(_ repository: Repository, stop: StopId) async throws {
        var at: [Int: Int] = [:]
        for number in 1...11_000 {
            _ = try await repository.submit(.scan(stop: stop, barcode: "NOBODY-KNOWS-\(number % 7)"))
            if number % 5_000 == 1_000 { at[number] = resident() }
        }
        let told = at.sorted { $0.key < $1.key }.map { "after \($0.key): \($0.value) KiB" }
        say("memory of the process", told.joined(separator: ", "))
    }

    /// KiB in memory, as Linux counts them.
    private static func resident() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") } ?? ""
        return Int(line.filter(\.isNumber)) ?? 0
    }

    private static func last(_ stops: [StopId]) throws -> StopId {
        guard let last = stops.last else { throw Unmeasured(why: "there is no stop") }
        return last
    }

    private static func ms(_ work: @MainActor () async throws -> Void) async rethrows -> Double {
        let clock = ContinuousClock()
        let begun = clock.now
        try await work()
        let (seconds, parts) = (clock.now - begun).components
        return Double(seconds) * 1_000 + Double(parts) / 1e15
    }

    private static func told(_ each: [Double]) -> String {
        let sorted = each.sorted()
        let (median, most) = (round(sorted[sorted.count / 2], 2), round(sorted[sorted.count - 1], 2))
        let nearly = round(sorted[sorted.count * 95 / 100], 2)
        return "median \(median) ms, 95 % \(nearly) ms, most \(most) ms of \(sorted.count)"
    }

    private static func round(_ number: Double, _ digits: Int) -> String { String(format: "%.\(digits)f", number) }

    private static func say(_ what: String, _ figures: String) {
        print(what.padding(toLength: 60, withPad: " ", startingAt: 0), figures)
    }
}

struct Unmeasured: Error {
    let why: String
}
