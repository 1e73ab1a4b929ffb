import CourierCore
import CourierKit
import CourierTestWorld
import SwiftUI
import Testing

@testable import CourierUI

/// The screens, evaluated and pressed with the stand-in for SwiftUI, over the real core and a real backend.
@Suite(.serialized) @MainActor struct ScreenTests {
    private func press(_ view: any View, _ spoken: String, as kind: Node.Kind = .button) throws {
        // Out of the macro, which would print the whole tree.
        let found = evaluate(view).first(kind, spoken)
        let node = try #require(found, "\(spoken) is not there")
        let press = try #require(node.press, "\(spoken) cannot be pressed")
        press()
    }

    private func reads(_ view: any View, _ text: String) -> Bool {
        evaluate(view).texts.contains { $0.bare.contains(text) }
    }

    @Test func aCourierEnrolsOnTheFirstScreen() async throws {
        let world = try await World()
        let app = await world.launch()
        let root = RootView(app: app)
        #expect(reads(root, "This phone belongs to nobody yet."))
        #expect(evaluate(root).first(.button, "Enrol")?.isDisabled == true)
        evaluate(root).first(.field, "Server")?.type?(world.backend.url)
        evaluate(root).first(.field, "Enrolment code")?.type?(try await world.backend.enrolment(world.courier))
        #expect(evaluate(root).first(.field, "Enrolment code")?.isPrivate == true)
        try press(root, "Enrol")
        await eventually { reads(root, "Welcome, Ada.") }
        #expect(reads(root, "Today"))
        if case .day(let session) = app.phase { await session.repository.suspend() }
    }

    @Test func theFirstScreenScansWhereThereIsACameraAndIsTypedWhereThereIsNone() async throws {
        let world = try await World()
        let app = await world.launch()
        let root = RootView(app: app)
        #expect(evaluate(root).first(.button, "Scan the office's QR code") == nil)
        #expect(evaluate(root).first(.field, "Enrolment code") != nil)
        var enrolment: EnrolModel?
        if case .enrol(let asked) = app.phase { enrolment = asked }
        let model = try #require(enrolment)
        UITest.isOn = true
        defer { UITest.isOn = false }
        #expect(evaluate(root).first(.button, "Scan the office's QR code") != nil)
        let camera = CameraButton(words: model.words, title: .enrolScan, kind: .qr) { model.scanned($0) }
        try press(camera, "Scan the office's QR code")
        await eventually { evaluate(camera).first(.button, "OK") != nil }
        let shown = evaluate(camera)
        shown.all.first { $0.identifier == "camera-sees" }?.type?("https://courier.example\nABCDE23456")
        shown.first(.button, "OK")?.press?()
        #expect(evaluate(root).first(.field, "Server")?.value == "https://courier.example")
        #expect(reads(root, "Filled in. If https://courier.example is your office's server"))
        #expect(evaluate(camera).first(.button, "OK") == nil, "the camera is still open")
    }

    @Test func aRefusedCameraSaysSoAndStaysClosed() async throws {
        let app = await (try await World()).launch()
        var enrolment: EnrolModel?
        if case .enrol(let asked) = app.phase { enrolment = asked }
        let words = try #require(enrolment).words
        (UITest.isOn, CameraAccess.answer) = (true, false)
        defer { (UITest.isOn, CameraAccess.answer) = (false, true) }
        let scanner = CameraButton(words: words, title: .enrolScan, kind: .qr) { _ in Issue.record("it read a code") }
        let camera = PhotoButton(words: words, before: {}, taken: { _ in Issue.record("it took a photo") })
        for (view, title) in [
            (scanner as any View, "Scan the office's QR code"), (camera, "Photograph the parcel, without people"),
        ] {
            // The button is there before anybody was asked.
            #expect(!reads(view, "The app may not use the camera."))
            try press(view, title)
            await eventually { reads(view, "The app may not use the camera.") }
            #expect(evaluate(view).first(.button, "OK") == nil, "the camera is open")
        }
        // Allowed in the settings meanwhile.
        CameraAccess.answer = true
        try press(scanner, "Scan the office's QR code")
        await eventually { evaluate(scanner).first(.button, "OK") != nil }
        #expect(!reads(scanner, "The app may not use the camera."))
    }

    @Test func aWholeDoorIsClicked() async throws {
        let world = try await World()
        let session = try await world.session()
        let model = try await world.door("Kaya", session)
        let door = DoorScreen(model: model) { _ in }
        #expect(evaluate(door).texts.contains("Kaya"))
        evaluate(door).first(.field, "Barcode")?.type?("LABEL-KAYA")
        try press(door, "Take")
        await eventually { model.step == .code }

        #expect(evaluate(door).all.allSatisfy { $0.kind != .field }, "a keyboard would see the code")
        let digits = try await world.backend.code("Kaya").digits
        #expect(evaluate(door).first(.button, "Check the code")?.isDisabled == true)
        for digit in digits { try press(door, "\(digit)") }
        #expect(reads(door, "●●●●●●"))
        #expect(!evaluate(door).texts.joined().contains(digits), "the code is to be read")
        try press(door, "Check the code")
        await eventually { model.step == .receiver }

        try press(door, "recipient")
        #expect(reads(door, "Hand over: recipient"))
        evaluate(door).first(.field, "Name")?.type?("Kaya")
        try press(door, "Hand over")
        await eventually { reads(door, "handed over, provisional") }
        #expect(reads(NoticeBar(session: session), "Recorded."))
        await session.sync()
        await model.refresh()
        #expect(reads(door, "handed over, confirmed"))
        await session.repository.suspend()
    }

    @Test func theCardIsShownToTheCustomerAndPutAway() async throws {
        let world = try await World()
        let session = try await world.session()
        let model = try await world.door("Kaya", session)
        await model.scanned("LABEL-KAYA")
        let door = DoorScreen(model: model) { _ in }
        // A view keeps what it was told only while it is the same one.
        var isShown = true
        let card = CardModel(door: try #require(model.door), coded: model.needsCode, words: session.words)
        let screen = CardScreen(model: card) { isShown = false }
        #expect(evaluate(door).first(.button, "Card for the customer") != nil)
        #expect(reads(screen, card.card.title) && card.card.lines.allSatisfy { reads(screen, $0.bare) })
        card.language = "tr"
        #expect(card.card.lang == "tr" && card.card.lines.allSatisfy { reads(screen, $0.bare) })
        try press(screen, "Back")
        #expect(!isShown)
        await session.repository.suspend()
    }

    @Test func sheetsLeaveRoomForWhatTheyAreFor() async throws {
        let world = try await World()
        let session = try await world.session()
        let model = try await world.door("Kaya", session)
        await model.scanned("LABEL-KAYA")
        let code = CodeStep(model: model)
        #expect(evaluate(code).all.allSatisfy { $0.detents.isEmpty })
        try press(code, "Card for the customer")
        #expect(evaluate(code).all.contains { $0.detents == [.large] })

        await model.scannedCode(try await world.backend.code("Kaya").qr)
        model.choose(try #require(model.door?.options.first { $0.allowed }))
        let proof = ProofFields(model: model, form: try #require(model.form))
        #expect(evaluate(proof).all.contains { $0.identifier == "sign" })
        let sign = SignButton(model: model)
        try press(sign, "Let somebody sign")
        let sheet = try #require(evaluate(sign).all.first { !$0.detents.isEmpty })
        #expect(sheet.detents == [.medium, .large])
        #expect(sheet.staysOnSwipe, "a stroke downwards would put the pad away")
        await session.repository.suspend()
    }

    @Test func stopsAreDraggedOnTheListAndMovedByVoiceOver() async throws {
        let world = try await World()
        let session = try await world.session()
        let model = TodayModel(session: session)
        await model.refresh()
        let today = TodayScreen(model: model) { _ in }
        let second = try #require(model.route?.stops.first { $0.position == 2 })
        let at = try #require(model.found.firstIndex { $0.id == second.id })
        let list = try #require(evaluate(today).all.first { $0.move != nil })
        list.move?(IndexSet(integer: at), at == 0 ? 2 : 0)
        await eventually { model.route?.stops.first { $0.id == second.id }?.position == 1 }
        let row = try #require(evaluate(today).all.first { !$0.actions.isEmpty && $0.spoken.contains(second.names[0]) })
        #expect(!row.isFixed)
        try #require(row.actions.first { $0.spoken == "Comes one later" }).press?()
        await eventually { model.route?.stops.first { $0.id == second.id }?.position == 2 }
        model.search = second.names[0]
        #expect(evaluate(today).all.filter(\.isFixed).count == 1)
        await session.repository.suspend()
    }

    @Test func theMapIsThereInPlaceOfTheListAndLeadsToAStop() async throws {
        let world = try await World([Parcel("Kaya", value: 100, house: "1")])
        let session = try await world.session()
        let model = TodayModel(session: session)
        await model.refresh()
        var gone: [Place] = []
        let today = TodayScreen(model: model) { gone.append($0) }
        let stop = Place.stop(try #require(model.found.first?.id))
        // The next stop, and all of them.
        func rows() -> Int { evaluate(today).all.count { ["stop", "next-stop"].contains($0.identifier) } }
        #expect(rows() == 2 && evaluate(today).all.allSatisfy { $0.touch == nil })
        try press(today, "Map")
        #expect(rows() == 1)
        let map = try #require(evaluate(today).all.first { $0.touch != nil })
        #expect(evaluate(today).all.contains { $0.label == "Map of 1 stops" })
        map.touch?(CGPoint(x: 10, y: 10))
        #expect(gone.isEmpty)
        map.touch?(CGPoint(x: 155, y: 105))
        #expect(gone == [stop])
        try press(today, "List")
        #expect(rows() == 2)
        await session.repository.suspend()
    }

    @Test func whatIsSharedWithSupportIsWhatIsOnTheScreen() async throws {
        let world = try await World()
        let session = try await world.session()
        let model = OnThisPhoneModel(session: session) { _ in .done(exported: 0) }
        await model.refresh()
        let shared = evaluate(OnThisPhoneScreen(model: model)).first(.link, "Share with support")?.value
        #expect(shared == model.report && shared?.isEmpty == false)
        await session.repository.suspend()
    }

    @Test func aLookIsChosenAtOnceAndStays() async throws {
        let world = try await World()
        let app = await world.launch()
        func scheme(_ app: AppModel) -> ColorScheme? { evaluate(RootView(app: app)).all.compactMap(\.scheme).first }
        #expect(scheme(app) == nil)
        let screen = SettingsScreen(model: app.settings())
        try press(screen, "Dark")
        #expect(scheme(app) == .dark)
        let again = await world.launch()
        #expect(scheme(again) == .dark)
        let picker = try #require(evaluate(SettingsScreen(model: again.settings())).first(.picker, "Look"))
        picker.children.first?.press?()
        #expect(scheme(again) == nil && world.memory.load().look == nil)
    }

    @Test func theRotorJumpsBetweenTheStopsThatAreStillOpen() async throws {
        let world = try await World()
        let session = try await world.session()
        let model = TodayModel(session: session)
        await model.refresh()
        let today = TodayScreen(model: model) { _ in }
        func rotor() -> [String]? { evaluate(today).all.compactMap { $0.rotors["Open stops"] }.first }
        #expect(rotor() == model.found.map { "Stop \($0.no)" })
        #expect(rotor()?.count == 2)
        let kaya = try await world.door("Kaya", session)
        await kaya.scanned("LABEL-KAYA")
        kaya.choose(try #require(kaya.door?.exits.first { $0.reason == .codeNotAvailable }))
        await kaya.conclude()
        await model.refresh()
        #expect(rotor() == model.found.filter { $0.names == ["Huber"] }.map { "Stop \($0.no)" })
        await session.repository.suspend()
    }

    @Test func aMisTapIsTakenBackAndAReasonIsChosen() async throws {
        let world = try await World()
        let session = try await world.session()
        let model = try await world.door("Huber", session)
        let door = DoorScreen(model: model) { _ in }
        try press(door, "Not delivered")
        try press(door, "access blocked")
        evaluate(door).first(.field, "Note for the office")?.type?("rang twice")
        try press(door, "Record as not delivered")
        await eventually { model.step == .done }
        #expect(reads(door, "not delivered, provisional"))
        try press(door, "Take it back")
        await eventually { model.step != .done }
        #expect(evaluate(door).first(.toggle, "LABEL-HUBER-1")?.value == "on")
        try press(door, "LABEL-HUBER-1", as: .toggle)
        #expect(evaluate(door).first(.toggle, "LABEL-HUBER-1")?.value == "off")
        await session.repository.suspend()
    }

    @Test func aParcelOfAnotherStopLeadsThere() async throws {
        let world = try await World()
        let session = try await world.session()
        let model = try await world.door("Kaya", session)
        var gone: [Place] = []
        let door = DoorScreen(model: model) { gone.append($0) }
        await model.scanned("LABEL-HUBER-1")
        let elsewhere = try #require(model.elsewhere)
        try press(door, "Go to stop \(elsewhere.no)")
        #expect(gone == [.stop(elsewhere.stop)])
        await session.repository.suspend()
    }

    @Test(arguments: Language.allCases) func everyPlaceIsDrawnInEveryLanguage(language: Language) async throws {
        let world = try await World()
        let session = try await world.session(language)
        let app = await world.launch(language)
        for view in try await places(session, app, world) {
            let node = evaluate(view)
            #expect(!node.texts.isEmpty)
            #expect(node.texts.allSatisfy { !$0.contains("{") }, "\(node.texts)")
            #expect(
                node.texts.allSatisfy { Phrase(rawValue: $0) == nil || Words(language)(Phrase(rawValue: $0)!) == $0 })
            let mute = node.all.count { [.button, .toggle, .field, .link].contains($0.kind) && $0.spoken.isEmpty }
            #expect(mute == 0, "VoiceOver says nothing of something that can be pressed")
        }
        await session.repository.suspend()
    }

    private func places(_ session: Session, _ app: AppModel, _ world: World) async throws -> [any View] {
        let today = TodayModel(session: session)
        await today.refresh()
        let stop = StopModel(session: session, id: try #require(today.route?.stops.first?.id))
        await stop.refresh()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        let (load, back) = (LoadCheckModel(session: session), ReturnCheckModel(session: session))
        load.take("FOREIGN")
        await load.record()
        await back.refresh()
        let (end, phone) = (
            DayEndModel(session: session), OnThisPhoneModel(session: session) { _ in .done(exported: 0) }
        )
        await end.refresh()
        await phone.refresh()
        let order = OrderPreferenceModel(session: session)
        await order.refresh()
        var views: [any View] = [
            TodayScreen(model: today) { _ in }, StopScreen(model: stop),
            LoadCheckScreen(model: load), ReturnCheckScreen(model: back), DayEndScreen(model: end),
            OnThisPhoneScreen(model: phone), SettingsScreen(model: app.settings(), order: order),
            DayView(session: session, app: app, surroundings: Surroundings()), RootView(app: app),
            PrivacyCover(words: session.words), NoticeBar(session: session),
        ]
        for step in DoorModel.Step.tabs {
            door.go(to: step)
            #expect(evaluate(DoorScreen(model: door) { _ in }).texts.contains("Kaya"))
        }
        door.choose(try #require(door.door?.options.first))
        views.append(DoorScreen(model: door) { _ in })
        return views
    }

    @Test func everyLinkLeadsSomewhere() async throws {
        let world = try await World()
        let session = try await world.session()
        let day = DayView(session: session, app: await world.launch(), surroundings: Surroundings())
        let destination = try #require(evaluate(day).all.compactMap(\.destination).first)
        let stop = try #require(try await session.repository.route()?.stops.first)
        let shipment = try #require(try await session.repository.stop(stop.id)?.doors.first?.shipment)
        let all: [Place] = [
            .stop(stop.id), .door(stop.id, shipment), .loadCheck, .returnCheck, .dayEnd, .onThisPhone, .settings,
        ]
        for place in all { #expect(destination(AnyHashable(place))?.texts.isEmpty == false, "\(place)") }
        let today = TodayModel(session: session)
        await today.refresh()
        var gone: [Place] = []
        let screen = TodayScreen(model: today) { gone.append($0) }
        for title in ["Load check", "Return check", "Day end", "What is on this phone", "Settings"] {
            try press(screen, title)
        }
        #expect(gone == [.loadCheck, .returnCheck, .dayEnd, .onThisPhone, .settings])
        let links = evaluate(screen).all.compactMap { $0.target?.base as? Place }
        #expect(links.contains(.stop(stop.id)))
        await session.repository.suspend()
    }

    @Test func theDayIsClosedOnlyAfterAQuestion() async throws {
        let world = try await World()
        let session = try await world.session()
        let end = DayEndModel(session: session)
        await end.refresh()
        let screen = DayEndScreen(model: end)
        try press(screen, "Close the day")
        #expect(end.route?.closed == false)
        #expect(reads(screen, "Nothing can be recorded afterwards."))
        let asked = evaluate(screen).all.filter { $0.kind == .button && $0.spoken == "Close the day" }
        let yes = try #require(asked.last?.press)
        yes()
        await eventually { end.route?.closed == true }
        #expect(evaluate(screen).first(.button, "Close the day")?.isDisabled == true)
        await session.repository.suspend()
    }

    @Test func theDayIsCoveredWhileTheAppIsNotInFront() async throws {
        let world = try await World()
        let session = try await world.session()
        await session.repository.suspend()
        let root = RootView(app: await world.launch())
        #expect(!evaluate(root).texts.contains("Courier"))
        EnvironmentValues.current.scenePhase = .inactive
        defer { EnvironmentValues.current.scenePhase = .active }
        #expect(evaluate(root).texts.contains("Courier"))
    }

    @Test func theStepsOfADoorAreThereWithTheLargestType() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = DoorScreen(model: try await world.door("Kaya", session)) { _ in }
        EnvironmentValues.current.dynamicTypeSize = .accessibility5
        defer { EnvironmentValues.current.dynamicTypeSize = .large }
        let steps = evaluate(door).first(.picker, "Door")?.children.map(\.text)
        #expect(steps == ["Scan", "Code", "Receiver", "Not delivered"])
        await session.repository.suspend()
    }

    @Test func anAppThatCannotStartOffersToTryAgain() async throws {
        let world = try await World()
        try world.memory.store(Remembered(server: Server(url: world.backend.url)))
        let data = world.folder.appending(path: "data")
        try Data().write(to: data)
        let app = await world.launch()
        let root = RootView(app: app)
        #expect(reads(root, "The app cannot start"))
        try FileManager.default.removeItem(at: data)
        try press(root, "Try again")
        await eventually { reads(root, "This phone belongs to nobody yet.") }
    }

    @Test func aChosenLanguageIsSaid() async throws {
        let world = try await World()
        let screen = SettingsScreen(model: await world.launch().settings())
        try press(screen, "Deutsch")
        #expect(reads(screen, "The language changes at the next start."))
    }
}

/// Waits for something that a task of a button brings about. Only a fault lets it wait for long.
@MainActor func eventually(_ happened: @MainActor () -> Bool) async {
    for _ in 0..<3_000 where !happened() { try? await Task.sleep(for: .milliseconds(10)) }
    #expect(happened(), "it did not happen within 30 s")
}
