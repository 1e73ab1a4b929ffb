import CourierCore
import Foundation
import Observation

/// The load check: what is in the van in the morning.
@MainActor @Observable public final class LoadCheckModel: Screen {
    public let session: Session
    /// A barcode as typed.
    public var barcode = ""
    /// What was scanned for the next check.
    public private(set) var scanned: [String] = []
    public private(set) var van: [VanParcel] = []
    /// The last check.
    public private(set) var load: Load?

    public init(session: Session) {
        self.session = session
    }

    public func pull() async throws {
        van = try await session.repository.van()
        load = try await session.repository.route()?.load
    }

    /// Takes the barcode that was typed.
    public func takeBarcode() {
        take(barcode)
        barcode = ""
    }

    /// A barcode was scanned.
    public func take(_ barcode: String) {
        let barcode = barcode.trimmingCharacters(in: .whitespaces)
        if !barcode.isEmpty { scanned.append(barcode) }
    }

    public func dropLast() { _ = scanned.popLast() }

    /// How far it is.
    public var sum: String { words(.loadScanned, scanned.count, van.count) }

    /// Records the check; the next one begins with nothing.
    public func record() async {
        await doing {
            if await session.record(.checkLoad(barcodes: scanned)) { scanned = [] }
        }
    }

    /// What the last check found, in words.
    public var result: String? {
        load.map { words(.loadResult, $0.found.count, $0.missing.count, $0.foreign.count) }
    }

    /// The parcels that should be there and are not.
    public var missing: [VanParcel] { van.filter { load?.missing.contains($0.id) ?? false } }

    /// Barcodes that do not belong to the route.
    public var foreign: [String] { load?.foreign ?? [] }
}
