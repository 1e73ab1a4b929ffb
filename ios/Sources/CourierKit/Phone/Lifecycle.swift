import CourierCore
import Foundation

/// Time that the system gives an app that is not to be seen any more: `UIApplication.beginBackgroundTask` on iOS.
@MainActor public protocol BackgroundTime: AnyObject {
    /// Asks for some. `expired` is called shortly before it ends. Nothing: there is none.
    func begin(expired: @escaping @MainActor () -> Void) -> Int?
    /// Gives back what is left.
    func end(_ token: Int)
}

/// Brings the core through the life of an app: to be seen, in the background, suspended, woken for a while.
@MainActor public final class Lifecycle {
    /// How long an exchange may take when the courier has left the app. iOS gives about 30 s.
    public static let farewell = Duration.seconds(20)
    /// How long one may take when a network came up.
    public static let nudge = Duration.seconds(20)

    private let repository: Repository
    private let time: any BackgroundTime
    private var isSeen: Bool
    /// Counts the comings and goings, so that what was begun for an older one knows.
    private var turn = 0

    /// - Parameter isSeen: whether the app is to be seen now; the system may have started it in the background.
    public init(repository: Repository, time: any BackgroundTime, isSeen: Bool = true) {
        self.repository = repository
        self.time = time
        self.isSeen = isSeen
    }

    /// The app is not to be seen any more: what waits is handed in, then the databases are closed.
    public func wentToBackground() async {
        turn += 1
        isSeen = false
        let token = time.begin { [repository] in
            // The earlier deadline counts: what is on its way is given up and sent again another time.
            Task { await repository.suspend() }
        }
        await repository.suspend(within: token == nil ? .zero : Self.farewell)
        if let token { time.end(token) }
    }

    /// The app is to be seen again.
    public func cameToForeground() async throws {
        turn += 1
        isSeen = true
        try await repository.resume()
    }

    /// The system woke the app for an exchange (`BGAppRefreshTask`, `BGProcessingTask`), for `budget` at most. Closed
    /// afterwards, unless the courier came meanwhile. Whether everything is handed in.
    public func wokenForExchange(budget: Duration) async -> Bool {
        let mine = turn
        guard (try? await repository.resume()) != nil else { return false }
        let exchange = try? await repository.sync(budget: budget)
        if mine == turn, !isSeen { await repository.suspend() }
        return exchange?.isEnough ?? false
    }

    /// The time that the system gave for an exchange ends: it is given up and the databases are closed.
    public func timeIsUp() async {
        if !isSeen { await repository.suspend() }
    }

    /// A network came up: what waits is handed in, if the app is to be seen.
    public func networkCameUp() async {
        if isSeen { _ = try? await repository.sync(budget: Self.nudge) }
    }
}
