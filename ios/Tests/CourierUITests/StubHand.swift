import CourierCore
import CourierKit
import CourierTestWorld
import CourierThumb
import Foundation
import SwiftUI

@testable import CourierUI

/// A hand on the screens as the stand-in for SwiftUI evaluates them. It keeps what SwiftUI would: which place is shown, and the
/// model of each. It finds what is on a screen without looking where, so that nothing is to be scrolled to.
@MainActor final class StubHand: Hand {
    /// Everything that the phone writes.
    private let folder: URL
    private var app: AppModel?
    private var session: Session?
    /// Which sheets are open, say.
    private let stage = Stage()
    /// From the day on, the newest last.
    private var places: [(view: any View, model: any Screen)] = []

    init(folder: URL) { self.folder = folder }

    func launch(_ launch: Launch) async throws {
        guard let test = TestLaunch(launch.arguments) else { throw Fault("no app reads \(launch.arguments)") }
        await end()
        let files = test.folder(in: folder)
        let app = AppModel(memory: try test.memory(files), exports: files.appending(path: "exports")) { server in
            let secrets = files.appending(path: "secrets").path
            let ports = try Ports(
                clock: test.clock, deviceKey: scenarioKey(dir: secrets, installation: 1), secure: FolderStore(secrets),
                log: FileLog(files.appending(path: "log.txt").path))
            let config = Config(
                dataDir: files.appending(path: "data").path, server: server.url, platform: "swift", app: "test",
                autoSync: false)
            return Courier(config: config, ports: ports)
        }
        await app.start()
        self.app = app
        try await begin()
    }

    /// The app is gone; its files stay.
    func end() async {
        await session?.repository.suspend()
        (app, session, places) = (nil, nil, [])
    }

    /// A day that has begun to be shown begins with its list.
    private func begin() async throws {
        guard session == nil, case .day(let session) = app?.phase else { return }
        self.session = session
        let today = TodayModel(session: session)
        places = [(TodayScreen(model: today) { [weak self] in self?.go($0) }, today)]
        // As `DayView` does.
        guard let (stop, shipment) = await today.unfinished() else { return }
        go(.stop(stop))
        go(.door(stop, shipment))
    }

    /// As `PlaceView` does.
    private func go(_ place: Place) {
        guard let session else { return }
        switch place {
        case .stop(let id):
            let model = StopModel(session: session, id: id)
            places.append((StopScreen(model: model), model))
        case .door(let stop, let shipment):
            let model = DoorModel(session: session, stop: stop, shipment: shipment)
            places.append((DoorScreen(model: model) { [weak self] in self?.go($0) }, model))
        case .loadCheck:
            let model = LoadCheckModel(session: session)
            places.append((LoadCheckScreen(model: model), model))
        case .dayEnd:
            let model = DayEndModel(session: session)
            places.append((DayEndScreen(model: model), model))
        case .settings:
            guard let settings = app?.settings() else { return }
            let order = OrderPreferenceModel(session: session)
            places.append((SettingsScreen(model: settings, order: order), order))
        case .returnCheck, .onThisPhone: break
        }
    }

    func home() async throws { places = Array(places.prefix(1)) }

    func tap(_ mark: Mark) async throws {
        let node = try await found(mark) { $0.press != nil || $0.target != nil }
        if let press = node.press { press() } else if let place = node.target?.base as? Place { go(place) }
    }

    func type(_ text: String, into mark: Mark) async throws {
        try await found(mark) { $0.type != nil }.type?(text)
    }

    func draw(in mark: Mark) async throws {
        try await found(mark) { $0.drag != nil }.drag?([CGPoint(x: 30, y: 150), CGPoint(x: 270, y: 50)])
    }

    func drag(_ row: Mark, to other: Mark) async throws {
        let list = screen?.all.first { $0.move != nil }
        let (from, to) = (try await place(of: row, in: list), try await place(of: other, in: list))
        // `onMove` tells the line before which it is dropped.
        if list?.children[from].isFixed == false { list?.move?(IndexSet(integer: from), to > from ? to + 1 : to) }
    }

    private func place(of row: Mark, in list: Node?) async throws -> Int {
        guard case .row(let identifier, let says) = row else { throw Fault("\(row) is no row") }
        let at = list?.children.firstIndex { $0.identifier == identifier && $0.spoken.bare.contains(says) }
        guard let at else { throw Fault("\(row) is not in the list") }
        return at
    }

    func rows(_ identifier: String) async throws -> [String] {
        try await refresh()
        return screen?.all.filter { $0.identifier == identifier }.map(\.spoken.bare) ?? []
    }

    func dismissNotice() async throws { session?.dismissNotice() }

    func see(_ mark: Mark) async throws { _ = try await found(mark) { _ in true } }

    func isThere(_ mark: Mark) async throws -> Bool { try await look(mark) != nil }

    func isEnabled(_ mark: Mark) async throws -> Bool { try await !found(mark) { _ in true }.isDisabled }

    /// Waits for something that a task brings about. Only a fault lets it wait for long.
    private func found(_ mark: Mark, _ fits: @MainActor (Node) -> Bool) async throws -> Node {
        for _ in 0..<500 {
            if let node = try await look(mark), fits(node) { return node }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw Fault("it does not come; there is: \(screen?.texts ?? [])")
    }

    private func refresh() async throws {
        try await begin()
        // What `.task` does on a phone.
        await places.last?.model.refresh()
    }

    private func look(_ mark: Mark) async throws -> Node? {
        try await refresh()
        let all = screen?.all ?? []
        switch mark {
        case .id(let id): return all.first { $0.identifier == id }
        case .row(let id, let says):
            return all.first { $0.identifier == id && $0.spoken.bare.contains(says) }
        case .named(let name): return all.first { $0.kind == .button && $0.spoken == name }
        case .answer(let name): return all.last { $0.kind == .button && $0.spoken == name }
        }
    }

    private var screen: Node? {
        // For this look only: other tests look at screens meanwhile.
        let before = UITest.isOn
        UITest.isOn = true
        defer { UITest.isOn = before }
        guard let session, let shown = places.last?.view else { return app.map { stage.evaluate(RootView(app: $0)) } }
        return stage.evaluate(shown.safeAreaInset(edge: .bottom) { NoticeBar(session: session) })
    }
}
