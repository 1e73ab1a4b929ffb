/// The digits that are being entered. Typed on a pad of the app's own, so that no keyboard learns them; never printed.
public struct CodePad: Equatable, Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Length of a code.
    public static let length = 6

    private var digits: [UInt8] = []

    public init() {}

    /// How many digits there are.
    public var count: Int { digits.count }

    public var isEmpty: Bool { digits.isEmpty }

    public var isFull: Bool { digits.count == Self.length }

    /// Adds a digit, 0 to 9; nothing happens when there are six.
    public mutating func press(_ digit: Int) {
        guard (0...9).contains(digit), !isFull else { return }
        digits.append(UInt8(digit))
    }

    public mutating func deleteLast() { _ = digits.popLast() }

    /// The digits, once: nothing is left here.
    mutating func take() -> String {
        defer { clear() }
        return digits.map(String.init).joined()
    }

    /// Overwrites them before they go.
    public mutating func clear() {
        for index in digits.indices { digits[index] = 0 }
        digits = []
    }

    public var description: String { "CodePad(\(count))" }
    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["count": count]) }
}
