import Foundation

/// A thumb, and eyes. What it looks for may take a moment to come.
@MainActor public protocol Hand: AnyObject {
    /// Ends the app, if it runs, and begins it.
    func launch(_ launch: Launch) async throws
    /// Goes back until the day is there.
    func home() async throws
    func tap(_ mark: Mark) async throws
    /// Types in place of what is there.
    func type(_ text: String, into mark: Mark) async throws
    /// Draws a line within it, always the same one.
    func draw(in mark: Mark) async throws
    /// Drags the row that says this to where that one is.
    func drag(_ row: Mark, to other: Mark) async throws
    /// What each of several with this identifier says, from top to bottom.
    func rows(_ identifier: String) async throws -> [String]
    /// Puts away what was told, if something was.
    func dismissNotice() async throws
    /// Waits for it.
    func see(_ mark: Mark) async throws
    /// Does not wait.
    func isThere(_ mark: Mark) async throws -> Bool
    /// Waits for it to be there; whether it can be pressed.
    func isEnabled(_ mark: Mark) async throws -> Bool
}

/// Plays a scenario file with a hand on the app's screens, against a backend that is empty.
@MainActor public final class Player {
    private let file: ScenarioFile
    private let hand: any Hand
    private let office: Office
    private var launch: Launch

    /// - Parameter server: where the backend is, whose clock may not be past the file's beginning.
    public init(_ file: ScenarioFile, hand: any Hand, server: String) {
        (self.file, self.hand, office) = (file, hand, Office(url: server))
        // Another one in every run: a simulator keeps what the last one left.
        let name = "\(file.name)-\(UUID().uuidString.prefix(8))"
        launch = Launch(server: server, installation: name, atMs: file.startMs)
    }

    public func play() async throws {
        let all = try file.deeds()
        try await office.setClock(ms: file.startMs)
        try await office.hireAda()
        for deed in file.beginning { try await told(deed, "at the beginning") }
        for (step, deeds) in all {
            for deed in deeds { try await told(deed, "step \(step.no), \(step.name)") }
        }
    }

    private func told(_ deed: Deed, _ place: String) async throws {
        do { try await perform(deed) } catch { throw Fault("\(file.name): \(place): \(deed): \(error)") }
    }

    private func perform(_ deed: Deed) async throws {
        switch deed {
        case .home: try await hand.home()
        case .tap(let mark): try await hand.tap(mark)
        case .type(let text, let mark): try await hand.type(text, into: mark)
        case .dismissNotice: try await hand.dismissNotice()
        case .see(let mark): try await hand.see(mark)
        case .miss(let mark):
            if try await hand.isThere(mark) { throw Fault("it is there") }
        case .disabled(let mark):
            if try await hand.isEnabled(mark) { throw Fault("it can be pressed") }
        case .draw(let mark): try await hand.draw(in: mark)
        case .drag(let name, let place): try await drag(name, to: place)
        case .order(let names): try await order(names)
        case .qr(let name): try await hand.type(office.qr(of: name), into: .id("camera-sees"))
        case .pause: try await Task.sleep(for: .seconds(1))
        case .digits(let word, let name):
            for digit in try await office.code(word, of: name) { try await hand.tap(.id("key-\(digit)")) }
        case .enrolmentCode: try await hand.type(office.enrolment(), into: .id("enrolment-code"))
        case .launch: try await hand.launch(launch)
        case .reboot:
            launch.reboot()
            try await hand.launch(launch)
        case .reinstall:
            launch.reinstall()
            try await hand.launch(launch)
        case .pass(let seconds): try await pass(ms: seconds * 1_000)
        case .until(let then): try await pass(ms: then - launch.nowMs)
        case .ask(let request): try await office.send(request)
        case .backend(let view, let wanted):
            if let difference = wanted.difference(try await office.view(view)) { throw Fault(difference) }
        }
    }

    private func drag(_ name: String, to place: Int) async throws {
        let rows = try await hand.rows("stop")
        guard rows.indices.contains(place - 1) else { throw Fault("there are \(rows.count) stops") }
        try await hand.drag(.row("stop", saying: name), to: .row("stop", saying: rows[place - 1]))
    }

    /// The list may take a moment to change.
    private func order(_ names: [String]) async throws {
        var seen: [String] = []
        for _ in 0..<100 {
            seen = try await hand.rows("stop").compactMap { row in names.first { row.contains($0) } }
            if seen == names { return }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw Fault("the order is \(seen)")
    }

    private func pass(ms: Int64) async throws {
        guard ms >= 0 else { throw Fault("time does not go back") }
        launch.pass(ms: ms)
        try await office.setClock(ms: launch.nowMs)
        try await hand.launch(launch)
    }
}
