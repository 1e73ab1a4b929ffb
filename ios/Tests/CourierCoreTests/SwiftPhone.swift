import CourierCore
import CourierTestWorld
import Foundation

/// The phone of a scenario: the generated `Courier` with ports written in Swift.
final class SwiftPhone: ScenarioPhone, @unchecked Sendable {
    private let clock = HandClock()
    private let lock = NSLock()
    private var courier: Courier?
    private var subscription: Subscription?
    private let told = Told()

    /// The newest revision that the core has told by itself.
    var toldRevision: UInt64 { told.revision }

    func setClock(wallMs: Int64, bootMs: UInt64, boot: String) {
        clock.set(wallMs: wallMs, bootMs: bootMs, boot: boot)
    }

    func launch(dir: String, server: String, installation: UInt8) throws {
        let config = Config(
            dataDir: "\(dir)/data", server: server, platform: "swift", app: "scenario", autoSync: false)
        let ports = try Ports(
            clock: clock, deviceKey: scenarioKey(dir: "\(dir)/secrets", installation: installation),
            secure: FolderStore("\(dir)/secrets"),
            log: FileLog("\(dir)/log.txt"))
        let courier = Courier.ofScenario(config: config, ports: ports, installation: installation)
        try wait { try await courier.open() }
        let subscription = try courier.observe(observer: told)
        lock.withLock { (self.courier, self.subscription) = (courier, subscription) }
    }

    func quit() {
        let (courier, subscription) = lock.withLock {
            defer { (self.courier, self.subscription) = (nil, nil) }
            return (self.courier, self.subscription)
        }
        subscription?.cancel()
        courier?.shutdown()
    }

    func enrol(code: String) throws -> CourierInfo {
        let core = try core()
        return try wait { try await core.enrol(code: code) }
    }

    func submit(command: Command) throws -> Receipt {
        let core = try core()
        return try wait { try await core.submit(command: command) }
    }

    func requestReissue(attempt: AttemptId) throws {
        let core = try core()
        try wait { try await core.requestReissue(attempt: attempt) }
    }

    func fix(position: Position, speedDmS: UInt32?) throws -> Tracking {
        let core = try core()
        return try wait { try await core.fix(position: position, speedDmS: speedDmS) }
    }

    func route() throws -> RouteView? {
        let core = try core()
        return try wait { try await core.route() }
    }

    func stop(id: StopId) throws -> StopView {
        let core = try core()
        return try wait { try await core.stop(id: id) }
    }

    /// The clock stands still, so the budget never ends: the sync does when there is nothing left to do.
    func sync() throws -> SyncReport {
        let core = try core()
        return try wait { try await core.sync(budgetMs: 60_000) }
    }

    func suspend(deadlineMs: UInt64) throws -> SyncReport {
        let core = try core()
        return try wait { try await core.suspend(deadlineMs: deadlineMs) }
    }

    func resume() throws {
        let core = try core()
        try wait { try await core.resume() }
    }

    func diagnostics() throws -> Diagnostics {
        let core = try core()
        return try wait { try await core.diagnostics() }
    }

    func logOut(exportTo: String?) throws -> LogOut {
        let core = try core()
        return try wait { try await core.logOut(exportTo: exportTo) }
    }

    private func core() throws -> Courier {
        guard let courier = lock.withLock({ courier }) else { throw CourierError.Closed }
        return courier
    }
}

/// Remembers what it was told.
private final class Told: Observer, @unchecked Sendable {
    private let lock = NSLock()
    private var newest: UInt64 = 0

    var revision: UInt64 { lock.withLock { newest } }

    func onChange(revision: UInt64) throws { lock.withLock { newest = revision } }
}

/// Waits for asynchronous work on a thread that is not one of Swift's own.
private func wait<T: Sendable>(_ work: @escaping @Sendable () async throws -> T) throws -> T {
    let (waited, done) = (Waited<T>(), DispatchSemaphore(value: 0))
    Task.detached {
        do { waited.result = Result.success(try await work()) } catch { waited.result = Result.failure(error) }
        done.signal()
    }
    done.wait()
    guard let result = waited.result else { throw CourierError.Internal(incident: "no-result") }
    return try result.get()
}

/// Written before the semaphore is signalled, read after.
private final class Waited<T: Sendable>: @unchecked Sendable {
    var result: Result<T, any Error>?
}
