import XCTest

/// A door, clicked. It wants a test backend with the day of `terminal/tests/terminal/office.rs` that the simulator
/// reaches, and says where in the environment of the test run: `TEST_RUNNER_COURIER_SERVER`, `…_ENROLMENT`, `…_DIGITS`.
@MainActor final class DayTests: XCTestCase {
    private func environment(_ name: String) throws -> String {
        try XCTUnwrap(ProcessInfo.processInfo.environment[name], "\(name) is not set")
    }

    func testACourierEnrolsAndHandsOverAgainstACode() throws {
        continueAfterFailure = false
        let app = XCUIApplication()
        app.launchArguments = ["-courier-server", try environment("COURIER_SERVER")]
        app.launch()

        let code = app.textFields["Enrolment code"]
        XCTAssertTrue(code.waitForExistence(timeout: 10))
        code.tap()
        code.typeText(try environment("COURIER_ENROLMENT"))
        app.buttons["Enrol"].tap()

        XCTAssertTrue(app.buttons["Start the day"].waitForExistence(timeout: 20))
        app.buttons["Start the day"].tap()
        app.staticTexts["1  Breite Straße 1"].firstMatch.tap()
        app.buttons["I am here"].tap()
        app.staticTexts["Kaya"].tap()

        let barcode = app.textFields["Barcode"]
        XCTAssertTrue(barcode.waitForExistence(timeout: 10))
        barcode.tap()
        barcode.typeText("LABEL-KAYA")
        app.buttons["Take"].tap()

        for digit in try environment("COURIER_DIGITS") { app.buttons[String(digit)].tap() }
        XCTAssertFalse(app.keyboards.element.exists, "a keyboard sees the code")
        app.buttons["Check the code"].tap()
        app.buttons.containing(NSPredicate(format: "label BEGINSWITH 'recipient'")).firstMatch.tap()
        app.buttons["Hand over"].tap()
        let done = app.staticTexts.containing(NSPredicate(format: "label BEGINSWITH 'handed over'")).firstMatch
        XCTAssertTrue(done.waitForExistence(timeout: 10))
    }
}
