import CourierCore

/// What the courier chose at a door, and what is personal about it. Kept by itself: the list that it was chosen from may
/// change while the form is filled in.
public struct HandoverForm: Equatable, Sendable {
    public enum Choice: Equatable, Sendable {
        case handOver(Receiver)
        case notDelivered(Reason)
    }

    public let choice: Choice
    public var name = ""
    public var relation = ""
    public var flat = ""
    /// For the recipient, or for the office when nothing is delivered.
    public var note = ""

    init(_ option: ReceiverOption) {
        choice = .handOver(option.receiver)
        // The core completes what an instruction names; it is shown so that the courier sees who that is.
        if case .place = option.receiver {} else { name = option.name ?? "" }
        flat = option.flat ?? ""
    }

    init(_ exit: Exit) {
        choice = .notDelivered(exit.reason)
    }

    /// Whether somebody receives, and not a place.
    public var isToPerson: Bool {
        switch choice {
        case .handOver(.place), .notDelivered: false
        case .handOver: true
        }
    }

    func command(for attempt: AttemptId, parcels: [ParcelId]) -> Command {
        switch choice {
        case .handOver(let receiver):
            let details = ReceiverDetails(
                name: said(name), relation: said(relation), flat: said(flat), note: said(note))
            return .handOver(attempt: attempt, parcels: parcels, receiver: receiver, details: details)
        case .notDelivered(let reason):
            return .notDelivered(attempt: attempt, parcels: parcels, reason: reason, note: said(note))
        }
    }

    private func said(_ text: String) -> String? { text.isEmpty ? nil : text }
}
