import CourierCore
import Foundation

/// Where stops are in a picture: north is up, every direction has one scale.
public struct RoutePicture: Equatable, Sendable {
    /// In the order of the pins.
    public let places: [CGPoint]

    /// With a margin of a twelfth.
    public init(_ pins: [Pin], in size: CGSize) {
        // Degrees of longitude are shorter than those of latitude, by the cosine of the latitude.
        let latitude = pins.map(\.lat).reduce(0, +) / Double(max(pins.count, 1))
        let shorter = cos(latitude * .pi / 180)
        let across = Self.range(pins.map { $0.lon * shorter })
        let down = Self.range(pins.map { -$0.lat })
        let margin = min(size.width, size.height) / 12
        let scale = min((size.width - 2 * margin) / across.length, (size.height - 2 * margin) / down.length)
        places = pins.map { pin in
            CGPoint(
                x: size.width / 2 + (pin.lon * shorter - across.middle) * scale,
                y: size.height / 2 + (-pin.lat - down.middle) * scale)
        }
    }

    private static func range(_ values: [Double]) -> (middle: Double, length: Double) {
        let (least, most) = (values.min() ?? 0, values.max() ?? 0)
        return ((least + most) / 2, max(most - least, 1e-9))
    }

    /// Which of them is touched, if one is so near.
    public func touched(_ point: CGPoint, within distance: Double) -> Int? {
        func away(_ index: Int) -> Double { hypot(places[index].x - point.x, places[index].y - point.y) }
        return places.indices.min { away($0) < away($1) }.flatMap { away($0) < distance ? $0 : nil }
    }
}
