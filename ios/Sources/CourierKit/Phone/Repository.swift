import CourierCore
import Foundation

/// The one owner of the core. Everything that an app does with it goes through here.
///
/// Cancelling a task that waits for a call gives up nothing: what was begun comes to its end, and its answer is returned.
public actor Repository {
    private let core: any CourierProtocol
    private let watchers = Watchers()
    private var subscription: Subscription?
    /// The last opening; they happen one after the other.
    private var opening: Task<Void, any Error>?
    /// Counts the openings, so that a suspension knows of one that overtook it.
    private var openings = 0

    public init(core: any CourierProtocol) {
        self.core = core
    }

    // MARK: Open and closed

    /// Opens the phone's data, or makes them; after ``suspend(within:)`` opens them again. Nothing happens if they are open.
    public func open() async throws {
        openings += 1
        let before = opening
        let mine = Task {
            _ = await before?.result
            try await self.core.open()
            try self.subscribe()
        }
        opening = mine
        try await mine.value
    }

    /// Hands in what fits into `deadline`, then closes the databases: iOS ends an app that is suspended while it holds a
    /// lock on a file (`0xdead10cc`). Commands that were given before are done, an exchange is given up, and nothing is
    /// lost by it. Until ``resume()`` every call throws `Closed`. If that comes first, nothing is closed.
    public func suspend(within deadline: Duration = .zero) async {
        let mine = openings
        _ = await opening?.result
        _ = try? await uninterrupted { try await $0.suspend(deadlineMs: deadline.inMilliseconds) }
        // The core may have heard of the return first.
        if mine != openings { try? await resume() }
    }

    /// Opens again after ``suspend(within:)``; whoever watches is told, so that every screen is drawn anew.
    public func resume() async throws {
        try await open()
        watchers.tell(0)
    }

    /// Once: an observation stays over suspensions.
    private func subscribe() throws {
        if subscription == nil { subscription = try core.observe(observer: watchers) }
    }

    // MARK: Being told

    /// A signal after every change. Only the newest is kept: whoever is slow pulls once.
    public nonisolated func changes() -> AsyncStream<UInt64> {
        watchers.stream()
    }

    /// How many streams of ``changes()`` are alive.
    public nonisolated var watcherCount: Int { watchers.count }

    // MARK: Calls that end soon

    /// Does what the courier wants. What it returns is committed.
    public func submit(_ command: Command) async throws -> Receipt {
        try await briefly { try await $0.submit(command: command) }
    }

    /// The day at a glance, once there is a route.
    public func route() async throws -> RouteView? {
        try await briefly { try await $0.route() }
    }

    /// One stop; nothing if it is not on the route any more.
    public func stop(_ id: StopId) async throws -> StopView? {
        do {
            return try await briefly { try await $0.stop(id: id) }
        } catch CourierError.NotFound {
            return nil
        }
    }

    /// Every stop of the route in its order.
    public func stops() async throws -> [StopView] {
        var stops: [StopView] = []
        for line in try await route()?.stops ?? [] {
            if let stop = try await stop(line.id) { stops.append(stop) }
        }
        return stops
    }

    /// Shows where the phone is, and says what the core wants to know about it next. Without a fix it only says so.
    public func fix(_ fix: Fix?) async throws -> Tracking {
        try await briefly { try await $0.fix(position: fix?.position, speedDmS: fix?.speedDmS) }
    }

    /// What is on this phone, and how it stands with the server.
    public func diagnostics() async throws -> Diagnostics {
        try await briefly { try await $0.diagnostics() }
    }

    /// The courier leaves this phone, unless something waits that is not to go into `file`, which only the office can read.
    /// After `done` this repository is over.
    public func logOut(exportTo file: URL?) async throws -> LogOut {
        let out = try await briefly { try await $0.logOut(exportTo: file?.path) }
        if case .done = out { core.shutdown() }
        return out
    }

    // MARK: Calls that wait for the network

    /// Makes this phone a courier's.
    public func enrol(code: String) async throws -> CourierInfo {
        try await uninterrupted { try await $0.enrol(code: code) }
    }

    /// Asks for a new code for an attempt, which is mailed to the customer.
    public func requestReissue(_ attempt: AttemptId) async throws {
        try await uninterrupted { try await $0.requestReissue(attempt: attempt) }
    }

    /// Exchanges with the server what can be exchanged, for `budget` at most.
    public func sync(budget: Duration) async throws -> SyncReport {
        try await uninterrupted { try await $0.sync(budgetMs: budget.inMilliseconds) }
    }

    // MARK: How calls are made

    private func briefly<T: Sendable>(
        _ call: @escaping @Sendable (any CourierProtocol) async throws -> T
    ) async throws -> T {
        _ = await opening?.result
        return try await uninterrupted(call)
    }

    private func uninterrupted<T: Sendable>(
        _ call: @escaping @Sendable (any CourierProtocol) async throws -> T
    ) async throws -> T {
        let core = core
        return try await Task.detached { try await call(core) }.value
    }
}

extension Duration {
    /// Whole milliseconds; nothing that is negative.
    fileprivate var inMilliseconds: UInt64 { UInt64(max(0, self / .milliseconds(1))) }
}

/// Passes what the core tells on to any number of streams.
private final class Watchers: Observer, @unchecked Sendable {
    private let lock = NSLock()
    private var streams: [UInt64: AsyncStream<UInt64>.Continuation] = [:]
    private var made: UInt64 = 0

    var count: Int { lock.withLock { streams.count } }

    func onChange(revision: UInt64) throws { tell(revision) }

    func tell(_ revision: UInt64) {
        for stream in lock.withLock({ Array(streams.values) }) { stream.yield(revision) }
    }

    func stream() -> AsyncStream<UInt64> {
        let (stream, continuation) = AsyncStream.makeStream(of: UInt64.self, bufferingPolicy: .bufferingNewest(1))
        let number = lock.withLock {
            made += 1
            streams[made] = continuation
            return made
        }
        continuation.onTermination = { [weak self] _ in self?.drop(number) }
        return stream
    }

    private func drop(_ number: UInt64) {
        _ = lock.withLock { streams.removeValue(forKey: number) }
    }
}
