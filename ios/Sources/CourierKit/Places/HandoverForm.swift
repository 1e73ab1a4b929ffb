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
    /// What the courier saw in a document that was shown.
    public private(set) var checks: [Check] = []
    /// What is asked for and not there, and why.
    public private(set) var without: [Excuse] = []

    init(_ option: ReceiverOption) {
        choice = .handOver(option.receiver)
        // The core completes what an instruction names; it is shown so that the courier sees who that is.
        if case .place = option.receiver {} else { name = option.name ?? "" }
        flat = option.flat ?? ""
    }

    init(_ exit: Exit) {
        choice = .notDelivered(exit.reason)
    }

    /// As it was filled in before the app was killed.
    init(_ kept: DoorForm) {
        switch kept.choice {
        case .handOver(let receiver): choice = .handOver(receiver)
        case .notDelivered(let reason): choice = .notDelivered(reason)
        }
        let details = kept.details
        (name, relation) = (details.name ?? "", details.relation ?? "")
        (flat, note) = (details.flat ?? "", details.note ?? "")
        (checks, without) = (details.checks, details.without)
    }

    /// Whether somebody receives, and not a place.
    public var isToPerson: Bool { receiver.map { if case .place = $0 { false } else { true } } ?? false }

    /// Who receives, if somebody or a place does.
    public var receiver: Receiver? {
        if case .handOver(let receiver) = choice { receiver } else { nil }
    }

    /// Says that a document was shown, or that it was not.
    public mutating func toggle(_ check: Check) {
        if let at = checks.firstIndex(of: check) { checks.remove(at: at) } else { checks.append(check) }
    }

    /// Says why a proof is not there, or takes it back.
    public mutating func toggle(_ excuse: Excuse) {
        let wasSaid = without.contains(excuse)
        without.removeAll { $0.proof == excuse.proof }
        if !wasSaid { without.append(excuse) }
    }

    /// What the core is to keep.
    func kept(of shipment: ShipmentId, leftOut: Set<ParcelId>) -> DoorForm {
        let choice: DoorChoice =
            switch choice {
            case .handOver(let receiver): .handOver(receiver: receiver)
            case .notDelivered(let reason): .notDelivered(reason: reason)
            }
        return DoorForm(shipment: shipment, choice: choice, details: details([]), leftOut: leftOut.sorted())
    }

    func command(for attempt: AttemptId, parcels: [ParcelId], files: [ProofFile]) -> Command {
        switch choice {
        case .handOver(let receiver):
            .handOver(attempt: attempt, parcels: parcels, receiver: receiver, details: details(files))
        case .notDelivered(let reason):
            .notDelivered(attempt: attempt, parcels: parcels, reason: reason, note: said(note))
        }
    }

    private func details(_ files: [ProofFile]) -> ReceiverDetails {
        // Who has signed needs no excuse any more.
        let excused = without.filter { excuse in !files.contains { $0.proof == excuse.proof } }
        return ReceiverDetails(
            name: said(name), relation: said(relation), flat: said(flat), note: said(note), files: files,
            checks: checks, without: excused)
    }

    private func said(_ text: String) -> String? { text.isEmpty ? nil : text }
}

extension ProofFile {
    /// What it proves.
    public var proof: Proof { kind == .photo ? .photo : .signature }
}
