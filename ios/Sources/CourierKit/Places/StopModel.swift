import CourierCore
import Observation

/// A stop: where it is, and who is behind its doors.
@MainActor @Observable public final class StopModel: Screen {
    public let session: Session
    public let id: StopId
    /// Absent before it was pulled, and when it is not on the route any more.
    public private(set) var stop: StopView?
    public private(set) var isMissing = false
    private var tz = ""

    public init(session: Session, id: StopId) {
        (self.session, self.id) = (session, id)
    }

    public func pull() async throws {
        tz = try await session.repository.route()?.tz ?? ""
        stop = try await session.repository.stop(id)
        isMissing = stop == nil
    }

    /// I am here.
    public func arrive() async {
        await doing { await session.record(.arrive(stop: id)) }
    }

    /// Where else on the route the stop can come, and what that is called. Nowhere once the courier is there.
    public var moves: [(name: Phrase, edit: RouteEdit)] {
        guard let position = stop?.position, let eta = stop?.eta else { return [] }
        let earlier: [(name: Phrase, edit: RouteEdit)] =
            position > 1 ? [(.comesEarlier, .move(position: position - 1))] : []
        return [(.comesNext, .next)] + earlier + [
            (.comesLater, .move(position: position + 1)), (.comesAnHourLater, .later(notBefore: eta.p50 + 3_600_000)),
            (.comesLast, .skip),
        ]
    }

    /// It comes at another place.
    public func move(_ edit: RouteEdit) async {
        await doing { await session.record(.editRoute(stop: id, edit: edit)) }
    }

    /// What helps to get to the door: a label and what it says.
    public var about: [Row] {
        guard let stop else { return [] }
        let rows: [(Phrase, String?)] = [
            (.flat, stop.flat), (.timeWindow, stop.window.map { words.window($0, tz: tz) }), (.wayIn, stop.accessNotes),
            (.inTheVan, stop.vanPlace), (.arrival, stop.eta.map { words.arrival($0, tz: tz) }),
        ]
        return rows.compactMap { label, value in value.map { Row(words(label), $0) } }
    }

    /// Who is behind a door, and how far it is.
    public func line(_ door: DoorView) -> String {
        let scanned = door.parcels.count { $0.scanned }
        let parts = [
            words(.fromSender, door.senderName), words(.scannedOf, scanned, door.parcels.count),
            words.attempt(door.state),
        ]
        return parts.joined(separator: " · ")
    }
}

/// A label and what it says.
public struct Row: Equatable, Hashable, Sendable, Identifiable {
    public let label: String
    public let value: String
    public var id: String { label }

    init(_ label: String, _ value: String) {
        (self.label, self.value) = (label, value)
    }
}
