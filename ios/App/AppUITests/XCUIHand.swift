import CourierThumb

#if canImport(XCUIAutomation)
    import XCUIAutomation
#else
    import XCTest
#endif

/// A hand on the app in a simulator.
@MainActor final class XCUIHand: Hand {
    private let app = XCUIApplication()
    /// How long something may take to come.
    private static let patience: TimeInterval = 20
    /// How many screens of a list are looked through.
    private static let screens = 6

    func launch(_ launch: Launch) async throws {
        // In English, which is what rows are looked for in. An app that runs is ended first.
        app.launchArguments = launch.arguments + ["-AppleLanguages", "(en)", "-AppleLocale", "en_GB"]
        app.launch()
    }

    func end() { app.terminate() }

    func home() async throws {
        for _ in 0..<5 {
            if app.navigationBars["Today"].waitForExistence(timeout: 1) { return }
            let back = app.navigationBars.buttons.element(boundBy: 0)
            guard back.waitForExistence(timeout: Self.patience) else { break }
            back.tap()
        }
        throw Fault("no way back leads to the day")
    }

    func tap(_ mark: Mark) async throws {
        let element = try found(mark)
        // A row with a switch is switched at its end.
        if element.elementType == .switch {
            element.coordinate(withNormalizedOffset: CGVector(dx: 0.9, dy: 0.5)).tap()
        } else {
            element.tap()
        }
    }

    func type(_ text: String, into mark: Mark) async throws {
        let field = try found(mark)
        field.tap()
        if let old = field.value as? String, old != field.placeholderValue {
            field.typeText(String(repeating: XCUIKeyboardKey.delete.rawValue, count: old.count))
        }
        field.typeText(text)
    }

    func draw(in mark: Mark) async throws {
        let pad = try found(mark)
        let begin = pad.coordinate(withNormalizedOffset: CGVector(dx: 0.1, dy: 0.75))
        begin.press(forDuration: 0, thenDragTo: pad.coordinate(withNormalizedOffset: CGVector(dx: 0.9, dy: 0.25)))
    }

    func drag(_ row: Mark, to other: Mark) async throws {
        let target = try found(other)
        // A row is lifted by a long press.
        try found(row).press(forDuration: 1, thenDragTo: target)
    }

    /// From the top of the list to its end: a list makes only the rows that are in sight.
    func rows(_ identifier: String) async throws -> [String] {
        for _ in 0..<Self.screens { app.swipeDown() }
        var all: [String] = []
        for _ in 0...Self.screens {
            for row in elements(.id(identifier)).map({ Self.bare($0.label) }) where !all.contains(row) {
                all.append(row)
            }
            app.swipeUp()
        }
        return all
    }

    func dismissNotice() async throws {
        for id in ["notice-done", "notice-problem"] {
            if let notice = elements(.id(id)).first, notice.isHittable { notice.tap() }
        }
    }

    func see(_ mark: Mark) async throws { _ = try found(mark, isTouched: false) }

    func isThere(_ mark: Mark) async throws -> Bool { elements(mark).contains { $0.exists } }

    func isEnabled(_ mark: Mark) async throws -> Bool { try found(mark, isTouched: false).isEnabled }

    /// Waits for it, and looks for it further down and up: a list makes only the rows that are in sight.
    private func found(_ mark: Mark, isTouched: Bool = true) throws -> XCUIElement {
        func look() -> XCUIElement? { elements(mark).first { $0.exists && (!isTouched || $0.isHittable) } }
        let end = Date(timeIntervalSinceNow: Self.patience)
        repeat {
            if let element = look() { return element }
            for swipe in [app.swipeUp, app.swipeDown] {
                for _ in 0..<Self.screens {
                    swipe()
                    if let element = look() { return element }
                }
            }
        } while Date() < end
        throw Fault("\(mark) does not come")
    }

    private func elements(_ mark: Mark) -> [XCUIElement] {
        switch mark {
        case .id(let id): return app.descendants(matching: .any).matching(identifier: id).allElementsBoundByIndex
        case .row(let id, let says):
            return elements(.id(id)).filter { Self.bare($0.label).contains(says) }
        case .named(let name): return named(name)
        case .answer(let name): return named(name).reversed()
        }
    }

    /// Numbers and names stand between marks that cannot be seen.
    private static func bare(_ text: String) -> String { text.filter { !"\u{2068}\u{2069}".contains($0) } }

    /// A query goes by what something says, too.
    private func named(_ name: String) -> [XCUIElement] {
        app.buttons.matching(identifier: name).allElementsBoundByIndex
    }
}
