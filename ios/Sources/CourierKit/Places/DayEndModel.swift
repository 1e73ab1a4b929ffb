import CourierCore
import Observation

/// The day's end: what was done, what still waits for the network, and the last word.
@MainActor @Observable public final class DayEndModel: Screen {
    public let session: Session
    public private(set) var route: RouteView?
    private var pending: UInt64 = 0
    private var files: UInt64 = 0
    /// The courier is asked once more.
    public var isAsking = false

    public init(session: Session) {
        self.session = session
    }

    public func pull() async throws {
        route = try await session.repository.route()
        let phone = try await session.repository.diagnostics()
        (pending, files) = (phone.pending, phone.files)
    }

    /// The day and where it stands.
    public var title: String {
        route.map { "\($0.day) · \(words($0.closed ? .dayIsOver : .dayRuns))" } ?? words(.noRoute)
    }

    public var rows: [Row] {
        guard let counts = route?.counts else { return [] }
        let open = Int64(counts.stops) - Int64(counts.stopsDone)
        let parcels = Int64(counts.parcels) - Int64(counts.handedOver) - Int64(counts.notDelivered)
        return [
            Row(words(.rowStops), words(.valueStops, counts.stopsDone, max(0, open))),
            Row(words(.rowParcels), words(.valueParcels, counts.handedOver, counts.notDelivered, max(0, parcels))),
            Row(words(.rowProvisional), words(.valueProvisional, counts.onPhone, counts.stored)),
            Row(words(.rowJudged), words(.valueJudged, counts.confirmed, counts.underReview, counts.refuted)),
            Row(words(.rowOutbox), outbox),
        ]
    }

    private var outbox: String {
        if pending + files == 0 { return words(.valueOutboxEmpty) }
        return words(.valueOutbox, words.waiting(facts: pending, files: files))
    }

    public var canClose: Bool { route.map { $0.started && !$0.closed } ?? false }

    /// The courier said yes.
    public func closeDay() async {
        isAsking = false
        await doing { await session.record(.closeDay) }
    }

    public func sync() async {
        await doing { await session.sync() }
    }
}
