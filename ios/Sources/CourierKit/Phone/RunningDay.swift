import CourierCore

/// A day that has begun and not ended, in numbers alone: what may be told where others read, too.
public struct RunningDay: Equatable, Sendable {
    /// The number of the next stop; nothing when none is left to do.
    public var next: UInt32?
    /// Stops that are not done.
    public var left: UInt32
    /// Facts that the server does not have for sure.
    public var facts: UInt64
    /// Photos and signatures that it does not have.
    public var files: UInt64

    init?(route: RouteView, phone: Diagnostics) {
        guard route.started, !route.closed else { return nil }
        next = route.next?.no
        left = route.counts.stops - route.counts.stopsDone
        (facts, files) = (phone.pending, phone.files)
    }
}

extension RouteView {
    /// The next stop with something to do.
    public var next: StopLine? { stops.first { $0.state == .open || $0.state == .partly } }
}

/// Shows a running day beside the app: a Live Activity on iOS. Whoever holds the phone reads it, locked or not.
public protocol DayBoard: Sendable {
    /// Two lines, without anything personal.
    func show(title: String, text: String) async
    /// No day runs any more.
    func end() async
}

/// What a board was told last.
private enum Told: Equatable {
    case noDay
    case day(RunningDay)
}

extension Session {
    /// Keeps the board as the day is until its task is cancelled. While the app is suspended it stays as it was.
    public func follow(_ board: any DayBoard) async {
        let changes = repository.changes()
        var told = await tell(board, after: nil)
        for await _ in changes { told = await tell(board, after: told) }
        await board.end()
    }

    private func tell(_ board: any DayBoard, after told: Told?) async -> Told? {
        guard let now = try? await standing(), now != told else { return told }
        switch now {
        case .noDay: await board.end()
        case .day(let day):
            let title = day.next.map { words(.boardNext, $0) } ?? words(.boardNoneLeft)
            let outbox = words.outbox(facts: day.facts, files: day.files)
            await board.show(title: title, text: words(.boardLeft, day.left, outbox))
        }
        return now
    }

    private func standing() async throws -> Told {
        guard let route = try await repository.route() else { return .noDay }
        return RunningDay(route: route, phone: try await repository.diagnostics()).map(Told.day) ?? .noDay
    }
}
