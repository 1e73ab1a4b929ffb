import CourierCore
import Foundation
import Observation

/// Today: the route as a list.
@MainActor @Observable public final class TodayModel: Screen {
    public let session: Session
    /// The route, once there is one.
    public private(set) var route: RouteView?
    /// Facts that the server does not have for sure.
    public private(set) var pending: UInt64 = 0
    /// Photos and signatures that it does not have.
    public private(set) var files: UInt64 = 0
    /// The conversation with the server that failed most often, if one failed.
    public private(set) var trouble: LaneDiagnostics?
    /// Number, street, town or name.
    public var search = ""
    /// The stops are shown where they are, and not in a list.
    public var isMap = false

    public init(session: Session) {
        self.session = session
    }

    public func pull() async throws {
        let phone = try await session.repository.diagnostics()
        route = try await session.repository.route()
        (pending, files) = (phone.pending, phone.files)
        trouble = phone.lanes.filter { $0.failures > 0 }.max { $0.failures < $1.failures }
    }

    /// The door where something is filled in and not recorded: a killed app comes back there.
    public func unfinished() async -> (StopId, ShipmentId)? {
        guard let stop = try? await session.repository.route()?.unfinished,
            let form = try? await session.repository.stop(stop)?.form
        else { return nil }
        return (stop, form.shipment)
    }

    /// The stops that the search finds; all of them without a search.
    public var found: [StopLine] {
        let wanted = search.trimmingCharacters(in: .whitespaces)
        let stops = route?.stops ?? []
        return wanted.isEmpty ? stops : stops.filter { matches($0, wanted) }
    }

    /// Whether a stop can be dragged to another place: among all stops only, for where something that is not shown lies between
    /// them a place would not be what it looks like.
    public func canMove(_ stop: StopLine) -> Bool {
        search.allSatisfy(\.isWhitespace) && stop.position != nil && stop.eta != nil
    }

    /// Stops of the list were dragged, as `onMove` tells it: to before the line that was at `end`. Whether that can be, the core
    /// says.
    public func move(_ lines: IndexSet, to end: Int) async {
        let stops = found
        guard let from = lines.first, stops.indices.contains(from), canMove(stops[from]) else { return }
        // Downwards it comes in the place of the line above the gap, upwards in that of the line below it.
        let at = end > from ? end - 1 : end
        guard at != from, stops.indices.contains(at), let place = stops[at].position else { return }
        await doing { await session.record(.editRoute(stop: stops[from].id, edit: .move(position: place))) }
    }

    /// A place earlier or later, for whoever cannot drag: VoiceOver's actions.
    public func moves(_ stop: StopLine) -> [(name: String, position: UInt32)] {
        guard canMove(stop), let position = stop.position else { return [] }
        let earlier = position > 1 ? [(words(.comesEarlier), position - 1)] : []
        return earlier + [(words(.comesLater), position + 1)]
    }

    public func move(_ stop: StopLine, to position: UInt32) async {
        await doing { await session.record(.editRoute(stop: stop.id, edit: .move(position: position))) }
    }

    /// The next stop with something to do.
    public var next: StopLine? { route?.next }

    /// Whether the day can begin.
    public var canStart: Bool { route.map { !$0.started && !$0.closed } ?? false }

    /// Where the day stands.
    public var phase: String {
        guard let route else { return words(.noRoute) }
        return words(route.closed ? .dayOver : route.started ? .dayStarted : .dayNotStarted)
    }

    /// How much is done, in parts that may stand in lines of their own.
    public var sums: [String] {
        guard let counts = route?.counts else { return [] }
        return [
            words(.stopsDone, counts.stopsDone, counts.stops), words(.handedOverCount, counts.handedOver),
            words(.notDeliveredCount, counts.notDelivered), words(.confirmedCount, counts.confirmed),
        ] + ends
    }

    private var ends: [String] {
        guard let route, let ends = route.ends else { return [] }
        return [words(.doneAbout, words.clock(ends, tz: route.tz))]
    }

    /// Another order with its price, in lines. Empty while nothing is proposed.
    public var proposal: [String] {
        guard let route, let proposal = route.proposal else { return [] }
        return words.proposal(proposal, of: route)
    }

    /// The courier takes the proposed order, or keeps their own.
    public func answer(take: Bool) async {
        guard let id = route?.proposal?.id else { return }
        let command: Command = take ? .takeProposal(proposal: id) : .dropProposal(proposal: id)
        await doing { await session.record(command) }
    }

    /// Whether anything waits for the network, and whether the server is reached.
    public var outbox: String {
        let waiting = words.outbox(facts: pending, files: files)
        guard let trouble else { return waiting }
        return "\(waiting). \(words(.serverNotReached, words.seconds(trouble.waitMs)))"
    }

    public func startDay() async {
        await doing { await session.record(.startDay) }
    }

    public func sync() async {
        await doing { await session.sync() }
    }

    /// A stop that the courier may be at, and the question about it.
    public var near: (stop: StopLine, question: String)? {
        guard let near = session.whereabouts.near,
            let stop = route?.stops.first(where: { $0.id == near.stop && !$0.arrived })
        else { return nil }
        return (stop, words(.nearStop, stop.no, near.metres))
    }

    /// The courier says whether they are at the stop that is asked about.
    public func answer(there: Bool) async {
        guard let stop = near?.stop else { return }
        if there {
            await doing { await session.record(.arrive(stop: stop.id)) }
        } else {
            session.whereabouts.notThere()
        }
    }

    /// What a line of the list says, for eyes and for VoiceOver.
    public func line(_ stop: StopLine) -> String {
        var parts = [stop.names.joined(separator: ", "), words.parcels(stop.parcels), words.stopState(stop.state)]
        if let standing = stop.standing { parts.append(words.standing(standing)) }
        if let window = stop.window, let route { parts.insert(words.window(window, tz: route.tz), at: 0) }
        if let eta = stop.eta, let route { parts.append(words.arrival(eta, tz: route.tz)) }
        return parts.joined(separator: " · ")
    }

    private func matches(_ stop: StopLine, _ wanted: String) -> Bool {
        "\(stop.no)" == wanted
            || ([words.address(stop.address)] + stop.names).contains {
                $0.range(of: wanted, options: .caseInsensitive) != nil
            }
    }
}
