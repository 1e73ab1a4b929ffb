import CourierCore
import Observation

/// Where the phone was.
public struct Fix: Equatable, Sendable {
    public var position: Position
    /// Decimetres a second, if the phone knows it.
    public var speedDmS: UInt32?

    public init(position: Position, speedDmS: UInt32? = nil) {
        self.position = position
        self.speedDmS = speedDmS
    }
}

/// Where the phone is: CoreLocation on iOS.
public protocol Positions: Sendable {
    /// Does what the core wants: looks for the phone's position or not, and has the system watch these circles and no others.
    func follow(sampling: Bool, wakeUps: [WakeUp]) async
    /// Fixes as they come; nothing where the phone has come into one of the circles.
    func fixes() -> AsyncStream<Fix?>
}

/// Shows the core where the phone is, as long as the core wants it. An arrival that the fixes show is recorded; no fix is.
@MainActor @Observable public final class Whereabouts {
    /// The last stop near which the phone was, but not at it: its pin may be wrong, and the courier is asked.
    public private(set) var near: Near?
    private let repository: Repository

    init(repository: Repository) {
        self.repository = repository
    }

    /// The courier is not there yet.
    public func notThere() {
        near = nil
    }

    /// Follows the phone until its task is cancelled.
    public func follow(_ positions: any Positions) async {
        let changes = repository.changes()
        let fixes = Task { for await fix in positions.fixes() { await show(fix, to: positions) } }
        await show(nil, to: positions)
        for await _ in changes { await show(nil, to: positions) }
        fixes.cancel()
        await positions.follow(sampling: false, wakeUps: [])
    }

    private func show(_ fix: Fix?, to positions: any Positions) async {
        // While the core is closed nothing is wanted.
        let seen = try? await repository.fix(fix)
        await positions.follow(sampling: seen?.sampling ?? false, wakeUps: seen?.wakeUps ?? [])
        if let near = seen?.near { self.near = near }
    }
}
