// A stand-in for the part of XCUIAutomation that the hand of the UI tests uses. It type-checks it, and does nothing.
@_exported import Foundation

@MainActor public class XCUIElement: NSObject {
    public enum ElementType: Sendable {
        case any
        case `switch`
    }

    public var exists: Bool { false }
    public var isHittable: Bool { false }
    public var isEnabled: Bool { false }
    public var label: String { "" }
    public var value: Any? { nil }
    public var placeholderValue: String? { nil }
    public var elementType: ElementType { .any }
    public var firstMatch: XCUIElement { self }
    public var buttons: XCUIElementQuery { XCUIElementQuery() }
    public var navigationBars: XCUIElementQuery { XCUIElementQuery() }
    public func descendants(matching type: ElementType) -> XCUIElementQuery { XCUIElementQuery() }
    public func waitForExistence(timeout: TimeInterval) -> Bool { false }
    public func tap() {}
    public func press(forDuration duration: TimeInterval, thenDragTo other: XCUIElement) {}
    public func typeText(_ text: String) {}
    public func swipeUp() {}
    public func swipeDown() {}
    public func coordinate(withNormalizedOffset offset: CGVector) -> XCUICoordinate { XCUICoordinate() }
}

@MainActor public final class XCUIElementQuery: NSObject {
    public var firstMatch: XCUIElement { XCUIElement() }
    public var buttons: XCUIElementQuery { self }
    public var allElementsBoundByIndex: [XCUIElement] { [] }
    public subscript(_ key: String) -> XCUIElement { XCUIElement() }
    public func element(boundBy index: Int) -> XCUIElement { XCUIElement() }
    public func matching(identifier: String) -> XCUIElementQuery { self }
}

@MainActor public final class XCUIApplication: XCUIElement {
    public var launchArguments: [String] = []
    public func launch() {}
    public func terminate() {}
}

@MainActor public final class XCUICoordinate: NSObject {
    public func tap() {}
    public func press(forDuration duration: TimeInterval, thenDragTo other: XCUICoordinate) {}
}

/// Foundation on Linux has none.
public struct CGVector: Sendable {
    public init(dx: Double, dy: Double) {}
}

public struct XCUIKeyboardKey: Sendable {
    public let rawValue: String
    public static let delete = XCUIKeyboardKey(rawValue: "\u{8}")
}
