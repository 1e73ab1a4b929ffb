import CourierCore
import CourierKit
import SwiftUI

/// Where the stops are, without tiles. A screen reader has the list instead.
struct RouteMap: View {
    let stops: [StopLine]
    let words: Words
    let go: (Place) -> Void
    /// How far from a stop a thumb may touch.
    private static let thumb = 24.0

    var body: some View {
        GeometryReader { space in
            let picture = RoutePicture(stops.map(\.pin), in: space.size)
            ZStack {
                Path { $0.addLines(picture.places) }.stroke(Color.secondary, lineWidth: 1)
                dots(picture, 4) { $0 == .done || $0 == .gone }.fill(Color.secondary)
                dots(picture, 7) { $0 != .done && $0 != .gone }.fill(Color.primary)
            }
            .contentShape(Rectangle())
            .onTapGesture { point in
                if let stop = picture.touched(point, within: Self.thumb) { go(.stop(stops[stop].id)) }
            }
        }
        .frame(minHeight: 280)
        .accessibilityElement(children: .ignore)
        .accessibilityLabel(words(.mapOf, stops.count))
    }

    private func dots(_ picture: RoutePicture, _ radius: Double, _ fits: (StopState) -> Bool) -> Path {
        Path { path in
            for (place, stop) in zip(picture.places, stops) where fits(stop.state) {
                path.addEllipse(
                    in: CGRect(x: place.x - radius, y: place.y - radius, width: 2 * radius, height: 2 * radius))
            }
        }
    }
}
