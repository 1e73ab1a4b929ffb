import CourierCore

/// A parcel of the route, as it lies in the van.
public struct VanParcel: Equatable, Sendable, Identifiable {
    public let id: ParcelId
    /// Number of its stop.
    public let stop: UInt32
    /// The name on its label.
    public let recipient: String
    /// What is printed on it.
    public let barcode: String
    /// What happened to it.
    public let outcome: Outcome?

    /// Nobody got it.
    public var isInVan: Bool {
        if case .handedOver = outcome { false } else { true }
    }
}

extension Repository {
    /// Every parcel of the route that the office did not take away.
    func van() async throws -> [VanParcel] {
        try await stops().flatMap { stop in
            stop.doors.filter { $0.gone == nil }.flatMap { door in
                door.parcels.map {
                    VanParcel(
                        id: $0.id, stop: stop.no, recipient: door.recipientName, barcode: $0.barcode,
                        outcome: $0.outcome)
                }
            }
        }
    }
}
