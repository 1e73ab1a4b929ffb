import CourierCore
import Foundation

/// Somebody whom the courier may call.
public struct Call: Equatable, Sendable {
    public let name: String
    /// What opens the telephone. iOS asks before it dials, and shows the number there.
    public let url: URL
}

extension DoorView {
    /// Absent where no number came with the shipment, and once nothing is open.
    public var call: Call? {
        guard let recipientPhone, let url = URL(string: "tel:\(recipientPhone)") else { return nil }
        return Call(name: recipientName, url: url)
    }
}
