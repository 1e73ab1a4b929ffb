import CourierCore
import Observation

/// What is on this phone: for the courier who asks, and for support. Identifiers and numbers only.
@MainActor @Observable public final class OnThisPhoneModel: Screen {
    public let session: Session
    public private(set) var phone: Diagnostics?
    /// The courier asked to leave, and something that is only here kept them.
    private var isKept = false
    /// Leaves the phone, with or without a file.
    public typealias Leave = @MainActor (_ saving: Bool) async throws -> LogOut
    private let leave: Leave

    public init(session: Session, leave: @escaping Leave) {
        (self.session, self.leave) = (session, leave)
    }

    /// The courier leaves this phone, if nothing waits or what waits is `saving` itself in a file for the office.
    public func logOut(saving: Bool) async {
        await doing {
            do {
                if case .unsent = try await leave(saving) { isKept = true }
            } catch {
                session.say(words.problem(error), .problem)
            }
        }
    }

    /// What keeps the courier from leaving, in words; nothing any more once it is sent.
    public var unsent: String? {
        guard isKept, let phone, phone.pending + phone.files > 0 else { return nil }
        return words(.unsent, phone.pending, phone.files)
    }

    public func pull() async throws {
        phone = try await session.repository.diagnostics()
    }

    public func sync() async {
        await doing { await session.sync() }
    }

    public var rows: [Row] {
        guard let phone else { return [] }
        var rows = [
            Row(words(.rowCourier), phone.courier ?? words(.nobody)),
            Row(words(.rowInstallation), words(.valueInstallation, phone.install, phone.inc)),
            Row(words(.rowKey), words.keyLevel(phone.key)),
            Row(words(.rowFacts), words(.valueFacts, phone.facts, phone.pending)),
            Row(words(.rowHowFar), howFar(phone.outbox)),
            Row(words(.rowFiles), files(phone)),
            Row(words(.rowTries), "\(phone.tries)"),
            Row(words(.rowSigned), words(phone.hasReceipt ? .yes : .no)),
            Row(words(.rowTime), words(phone.timeIsCertain ? .yes : .no)),
            Row(words(.rowEpoch), phone.epoch),
            Row(words(.rowSqlite), words(.valueSqlite, phone.sqlite, phone.schemas.journal, phone.schemas.route)),
            Row(words(.rowVersion), coreVersion()),
        ]
        if let oldest = phone.outbox.oldestMs {
            rows.append(Row(words(.rowOldest), words(.valueMinutesAgo, oldest / 60_000)))
        }
        if let route = phone.route {
            rows.append(Row(words(.rowRoute), words(.valueRoute, route.id, route.rev, route.stops)))
        }
        rows += phone.kept.map { Row(words.keptKind($0.kind), words.kept($0)) }
        return rows + phone.lanes.map { Row(words(.rowLane, $0.name), state($0)) }
    }

    /// The rows as a text, for support.
    public var report: String { rows.map { "\($0.label): \($0.value)" }.joined(separator: "\n") }

    /// Where every fact on this phone stands; what there is none of is left out.
    private func howFar(_ outbox: Outbox) -> String {
        let standings: [(Standing, UInt64)] = [
            (.onPhone, outbox.onPhone), (.stored, outbox.stored), (.confirmed, outbox.confirmed),
            (.underReview, outbox.underReview), (.refuted, outbox.refuted),
        ]
        return standings.filter { $0.1 > 0 }.map { "\($0.1) \(words.standing($0.0))" }.joined(separator: ", ")
    }

    /// Photos and signatures that wait, and whether the server lets them in.
    private func files(_ phone: Diagnostics) -> String {
        let lane = phone.lanes.first { $0.name == "blobs" && ($0.failures > 0 || $0.inFlight) }
        let waiting = words(.valueWaiting, phone.files)
        guard phone.files > 0, let lane else { return waiting }
        return "\(waiting), \(state(lane))"
    }

    private func state(_ lane: LaneDiagnostics) -> String {
        if lane.inFlight { return words(.laneAsking) }
        return lane.failures == 0
            ? words(.laneFine) : words(.laneFailed, lane.failures, words.seconds(lane.waitMs))
    }
}
