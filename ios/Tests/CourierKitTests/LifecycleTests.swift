import CourierCore
import CourierKit
import CourierTestWorld
import Foundation
import Testing

/// What a phone does to an app: it is killed, suspended, woken, and its tasks are cancelled.
@MainActor struct LifecycleTests {
    @Test func anAppThatWasEndedGoesOnWhereItWas() async throws {
        let world = try await World()
        let first = try await world.session()
        try await world.door("Huber", first).scanned("LABEL-HUBER-1")
        let kaya = try await world.door("Kaya", first)
        await kaya.scanned("LABEL-KAYA")
        kaya.choose(try #require(kaya.door?.exits.first { $0.reason == .codeNotAvailable }))
        await kaya.conclude()
        // What was on the screen is gone with the process, what was said to the core is not.
        await first.repository.suspend()

        let second = try await world.session()
        let huber = try await world.door("Huber", second)
        #expect(huber.door?.parcels.map(\.scanned) == [true, false])
        #expect(huber.step == .scan)
        let again = try await world.door("Kaya", second)
        #expect(again.step == .done)
        #expect(again.door?.state == .closed(closing: .failed, standing: .confirmed), "the next start handed it in")
        await second.repository.suspend()
    }

    @Test func cancellingATaskDoesNotInterruptItsWork() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        door.choose(try #require(door.door?.exits.first { $0.reason == .codeNotAvailable }))
        let concluding = Task { await door.conclude() }
        concluding.cancel()
        await concluding.value
        #expect(door.step == .done)
        #expect(session.notice?.text == "Recorded.")
        let syncing = Task { await session.sync() }
        syncing.cancel()
        await syncing.value
        #expect(session.notice?.kind == .done)
        #expect(try await world.backend.facts("not_delivered") == 1)
        await session.repository.suspend()
    }

    @Test func tenThousandObservationsLeaveNothingBehind() async throws {
        let world = try await World()
        let session = try await world.session()
        let repository = session.repository
        for _ in 0..<10_000 {
            let watching = repository.changes()
            withExtendedLifetime(watching) {}
        }
        #expect(repository.watcherCount == 0)
        await repository.suspend()

        // The core's own observations, each crossing the language twice.
        let core = try world.core(Server(url: world.backend.url))
        try await core.open()
        for _ in 0..<10_000 { try core.observe(observer: Deaf()).cancel() }
        let told = Told()
        let last = try core.observe(observer: told)
        let stop = try #require(try await core.route()?.stops.first)
        _ = try await core.submit(command: .arrive(stop: stop.id))
        await eventually { told.count > 0 }
        last.cancel()
        core.shutdown()
    }

    @Test func whoFollowsSeesWhatOthersDo() async throws {
        let world = try await World()
        let session = try await world.session()
        let stop = StopModel(session: session, id: try #require(try await session.repository.route()?.stops.first?.id))
        let following = Task { await stop.follow() }
        await eventually { stop.stop != nil }
        _ = try await session.repository.submit(.arrive(stop: stop.id))
        await eventually { stop.stop?.arrived == true }
        following.cancel()
        await following.value
        #expect(session.repository.watcherCount == 0)
        await session.repository.suspend()
    }

    @Test func aSuspendedAppAnswersClosedShowsNoErrorAndComesBack() async throws {
        let world = try await World()
        let session = try await world.session()
        let today = TodayModel(session: session)
        let following = Task { await today.follow() }
        await eventually { today.route != nil }
        session.dismissNotice()
        await session.repository.suspend()
        await #expect(throws: CourierError.Closed) { try await session.repository.route() }
        await today.refresh()
        #expect(session.notice == nil)
        #expect(today.route != nil, "the screen went blank")
        await session.repository.suspend()
        try await session.repository.resume()
        try await session.repository.resume()
        let stop = try #require(today.route?.stops.first)
        _ = try await session.repository.submit(.arrive(stop: stop.id))
        await eventually { today.route?.stops.first?.arrived == true }
        following.cancel()
        await following.value
        await session.repository.suspend()
    }

    @Test func aSuspensionWaitsForTheCommandThatIsUnderWay() async throws {
        let world = try await World()
        let session = try await world.session()
        let stops = try #require(try await session.repository.route()?.stops)
        for stop in stops {
            let arriving = Task { try await session.repository.submit(.arrive(stop: stop.id)) }
            async let suspended: Void = session.repository.suspend()
            let answer = await arriving.result
            await suspended
            try await session.repository.resume()
            // Refused before it began, or done and on the disk: never in between.
            let arrived = try await session.repository.stop(stop.id)?.arrived
            switch answer {
            case .success: #expect(arrived == true)
            case .failure(let error):
                #expect(error as? CourierError == .Closed)
                #expect(arrived == false)
            }
        }
        await session.repository.suspend()
    }

    @Test func aSuspensionInMidSyncLosesNothing() async throws {
        let world = try await World()
        let session = try await world.session()
        let stops = try #require(try await session.repository.route()?.stops)
        for stop in stops { _ = try await session.repository.submit(.arrive(stop: stop.id)) }
        for _ in 0..<20 {
            let report = Task { try await session.repository.sync(budget: .seconds(60)) }
            await session.repository.suspend()
            if case .failure(let error) = await report.result {
                #expect(error as? CourierError == .Closed)
            }
            try await session.repository.resume()
        }
        await session.sync()
        #expect(try await session.repository.diagnostics().pending == 0)
        #expect(try await world.backend.facts("arrived") == stops.count)
        await session.repository.suspend()
    }

    // MARK: Lifecycle

    @Test func leavingTheAppHandsInWhatWaitsAndClosesTheDatabases() async throws {
        let world = try await World()
        let session = try await world.session()
        let time = FakeTime()
        let lifecycle = Lifecycle(repository: session.repository, time: time)
        let stop = try #require(try await session.repository.route()?.stops.first)
        _ = try await session.repository.submit(.arrive(stop: stop.id))
        await lifecycle.wentToBackground()
        #expect(try await world.backend.facts("arrived") == 1)
        #expect(time.given == 1 && time.takenBack == 1)
        await #expect(throws: CourierError.Closed) { try await session.repository.route() }
        try await lifecycle.cameToForeground()
        #expect(try await session.repository.route() != nil)
        await session.repository.suspend()
    }

    @Test func withoutTimeInTheBackgroundTheAppClosesAtOnce() async throws {
        let world = try await World()
        let session = try await world.session()
        let time = FakeTime(hasSome: false)
        let stop = try #require(try await session.repository.route()?.stops.first)
        _ = try await session.repository.submit(.arrive(stop: stop.id))
        await Lifecycle(repository: session.repository, time: time).wentToBackground()
        #expect(try await world.backend.facts("arrived") == 0)
        await #expect(throws: CourierError.Closed) { try await session.repository.route() }
    }

    @Test func timeThatRunsOutClosesTheDatabases() async throws {
        let world = try await World()
        let session = try await world.session()
        let time = FakeTime()
        let stop = try #require(try await session.repository.route()?.stops.first)
        _ = try await session.repository.submit(.arrive(stop: stop.id))
        time.expireAtOnce = true
        await Lifecycle(repository: session.repository, time: time).wentToBackground()
        await eventually { time.takenBack == 1 }
        await #expect(throws: CourierError.Closed) { try await session.repository.route() }
        try await session.repository.resume()
        await session.sync()
        #expect(try await world.backend.facts("arrived") == 1)
        await session.repository.suspend()
    }

    @Test func aCourierWhoComesBackAtOnceFindsTheAppOpen() async throws {
        let world = try await World()
        let session = try await world.session()
        let lifecycle = Lifecycle(repository: session.repository, time: FakeTime())
        async let leaving: Void = lifecycle.wentToBackground()
        try await lifecycle.cameToForeground()
        await leaving
        try await lifecycle.cameToForeground()
        #expect(try await session.repository.route() != nil)
        await session.repository.suspend()
    }

    @Test func aWokenAppExchangesAndClosesAgain() async throws {
        let world = try await World()
        let session = try await world.session()
        let lifecycle = Lifecycle(repository: session.repository, time: FakeTime())
        let stop = try #require(try await session.repository.route()?.stops.first)
        try await world.backend.net("down")
        _ = try await session.repository.submit(.arrive(stop: stop.id))
        await lifecycle.wentToBackground()
        #expect(await lifecycle.wokenForExchange(budget: .seconds(20)) == false)
        try await world.backend.net("ok")
        #expect(await lifecycle.wokenForExchange(budget: .seconds(20)))
        #expect(try await world.backend.facts("arrived") == 1)
        await #expect(throws: CourierError.Closed) { try await session.repository.route() }
    }

    @Test func anAppThatTheSystemStartedInTheBackgroundClosesAgain() async throws {
        let world = try await World()
        let session = try await world.session()
        let lifecycle = Lifecycle(repository: session.repository, time: FakeTime(), isSeen: false)
        #expect(await lifecycle.wokenForExchange(budget: .seconds(20)))
        await #expect(throws: CourierError.Closed) { try await session.repository.route() }
        try await lifecycle.cameToForeground()
        #expect(try await session.repository.route() != nil)
        await session.repository.suspend()
    }

    @Test func anAppThatIsInUseStaysOpenAfterAnExchangeOfTheSystem() async throws {
        let world = try await World()
        let session = try await world.session()
        let lifecycle = Lifecycle(repository: session.repository, time: FakeTime())
        #expect(await lifecycle.wokenForExchange(budget: .seconds(20)))
        #expect(try await session.repository.route() != nil)
        await session.repository.suspend()
    }

    @Test func aNetworkThatComesUpStartsAnExchange() async throws {
        let world = try await World()
        let session = try await world.session()
        let lifecycle = Lifecycle(repository: session.repository, time: FakeTime())
        let stop = try #require(try await session.repository.route()?.stops.first)
        _ = try await session.repository.submit(.arrive(stop: stop.id))
        await lifecycle.networkCameUp()
        #expect(try await world.backend.facts("arrived") == 1)
        await lifecycle.wentToBackground()
        await lifecycle.networkCameUp()
        await #expect(throws: CourierError.Closed) { try await session.repository.route() }
    }

    @Test func timeThatASystemTakesBackClosesTheDatabasesUnlessTheCourierIsThere() async throws {
        let world = try await World()
        let session = try await world.session()
        let lifecycle = Lifecycle(repository: session.repository, time: FakeTime())
        await lifecycle.timeIsUp()
        #expect(try await session.repository.route() != nil)
        await lifecycle.wentToBackground()
        try await session.repository.resume()
        await lifecycle.timeIsUp()
        await #expect(throws: CourierError.Closed) { try await session.repository.route() }
    }
}

private final class Deaf: Observer {
    func onChange(revision: UInt64) throws {}
}

private final class Told: Observer, @unchecked Sendable {
    private let lock = NSLock()
    private var calls = 0

    var count: Int { lock.withLock { calls } }

    func onChange(revision: UInt64) throws { lock.withLock { calls += 1 } }
}

@MainActor private final class FakeTime: BackgroundTime {
    private let hasSome: Bool
    var expireAtOnce = false
    private(set) var given = 0
    private(set) var takenBack = 0

    init(hasSome: Bool = true) { self.hasSome = hasSome }

    func begin(expired: @escaping @MainActor () -> Void) -> Int? {
        guard hasSome else { return nil }
        given += 1
        if expireAtOnce { expired() }
        return given
    }

    func end(_ token: Int) { takenBack += 1 }
}
