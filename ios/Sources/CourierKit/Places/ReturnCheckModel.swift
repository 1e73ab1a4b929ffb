import CourierCore
import Foundation
import Observation

/// The return check: what comes back to the depot.
@MainActor @Observable public final class ReturnCheckModel: Screen {
    public let session: Session
    /// A barcode as typed.
    public var barcode = ""
    /// Everything that nobody got.
    public private(set) var left: [VanParcel] = []
    private var back: Set<ParcelId> = []

    public init(session: Session) {
        self.session = session
    }

    public func pull() async throws {
        left = try await session.repository.van().filter(\.isInVan)
    }

    /// Takes the barcode that was typed.
    public func takeBarcode() {
        scanned(barcode)
        barcode = ""
    }

    /// A barcode was scanned.
    public func scanned(_ barcode: String) {
        let wanted = barcode.trimmingCharacters(in: .whitespaces)
        guard !wanted.isEmpty else { return }
        if let found = left.first(where: { $0.barcode.caseInsensitiveCompare(wanted) == .orderedSame }) {
            back.insert(found.id)
            session.dismissNotice()
        } else {
            session.say(words(.notInVan, wanted), .problem)
        }
    }

    public func isBack(_ parcel: VanParcel) -> Bool { back.contains(parcel.id) }

    public func toggle(_ parcel: VanParcel) {
        if back.remove(parcel.id) == nil { back.insert(parcel.id) }
    }

    /// How far it is.
    public var sum: String { words(.returnMarked, back.intersection(left.map(\.id)).count, left.count) }

    /// Why a parcel is still there.
    public func why(_ parcel: VanParcel) -> String {
        if case .notDelivered(_, let reason) = parcel.outcome { words.reason(reason) } else { words(.stillOpen) }
    }

    /// Records what is marked.
    public func record() async {
        let marked = left.map(\.id).filter(back.contains)
        guard !marked.isEmpty else { return session.say(words(.noParcelChosen), .problem) }
        await doing {
            if await session.record(.return(parcels: marked)) { back = [] }
        }
    }
}
