import CourierCore
import Foundation

/// What a finger draws: from finger down to finger up, each. It is in memory only until the core has it.
public struct Drawing: Equatable, Sendable {
    public private(set) var strokes: [[CGPoint]] = []
    /// Of the field.
    public var size = CGSize.zero
    private var isDown = false

    public init() {}

    /// The finger is there.
    public mutating func go(to point: CGPoint) {
        if isDown { strokes[strokes.count - 1].append(point) } else { strokes.append([point]) }
        isDown = true
    }

    /// The finger is up.
    public mutating func lift() { isDown = false }

    public mutating func clear() { (strokes, isDown) = ([], false) }

    /// As the core takes it; what left the field lies on its edge.
    var signature: Signature {
        let (width, height) = (within(size.width, size.width), within(size.height, size.height))
        let dots = strokes.map { $0.map { Dot(x: within($0.x, size.width), y: within($0.y, size.height)) } }
        return Signature(width: width, height: height, strokes: dots)
    }

    private func within(_ at: CGFloat, _ length: CGFloat) -> UInt16 {
        UInt16(max(0, min(at, length, CGFloat(UInt16.max))))
    }
}
