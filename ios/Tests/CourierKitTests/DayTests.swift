import CourierCore
import CourierKit
import CourierTestWorld
import Foundation
import Testing

/// The other places of a day.
@MainActor struct DayTests {
    @Test func theDayIsSearchedStartedAndCounted() async throws {
        let world = try await World()
        let session = try await world.session()
        let today = TodayModel(session: session)
        #expect(today.phase == session.words(.noRoute))
        #expect(today.sums.isEmpty && today.found.isEmpty)
        await today.refresh()
        #expect(today.phase == "started")
        #expect(!today.canStart)
        #expect(today.found.count == 2)
        #expect(today.sums.first == "0 of 2 stops")
        for wanted in ["huber", "HUBER", " breite straße 2", "2"] {
            today.search = wanted
            #expect(today.found.map(\.names) == [["Huber"]], "\(wanted)")
        }
        today.search = "nobody"
        #expect(today.found.isEmpty)
        let line = try #require(today.route?.stops.first { $0.names == ["Huber"] })
        #expect(today.line(line).hasPrefix("Huber · 2 parcels · open · about "))
        await today.startDay()
        #expect(session.notice?.text == "Done. There was nothing to record.")
        await session.repository.suspend()
    }

    @Test func aStopIsDraggedToThePlaceOfAnother() async throws {
        let names = ["Kaya", "Huber", "Mia", "Noa"]
        let parcels = names.enumerated().map { Parcel($1, value: 100, house: "\($0 + 1)") }
        let world = try await World(parcels)
        let session = try await world.session()
        let today = TodayModel(session: session)
        await today.refresh()
        func order() -> [String] {
            (today.route?.stops ?? []).sorted { $0.position ?? 0 < $1.position ?? 0 }.flatMap(\.names)
        }
        func line(_ name: String) throws -> Int {
            try #require(today.found.firstIndex { $0.names == [name] })
        }
        let first = order()
        try #require(today.found.flatMap(\.names) == first, "the list is in the route's order")
        await today.move(IndexSet(integer: 0), to: 3)
        #expect(order() == [first[1], first[2], first[0], first[3]])
        await today.move(IndexSet(integer: try line(first[3])), to: 0)
        #expect(order().first == first[3])
        let now = order()
        // To where it is already, before or behind itself, and from where nothing is.
        session.dismissNotice()
        let own = try line(now[1])
        await today.move(IndexSet(integer: own), to: own)
        await today.move(IndexSet(integer: own), to: own + 1)
        await today.move(IndexSet(integer: 9), to: 0)
        await today.move([], to: 0)
        #expect(order() == now && session.notice == nil)
        let stop = try #require(today.found.first { $0.names == [now[1]] })
        #expect(today.moves(stop).map(\.name) == ["Comes one earlier", "Comes one later"])
        await today.move(stop, to: today.moves(stop)[0].position)
        #expect(order().first == now[1])
        today.search = now[0]
        #expect(!today.found.isEmpty && today.found.allSatisfy { !today.canMove($0) })
        await session.repository.suspend()
    }

    @Test func aRunningDayIsToldBesideTheAppInNumbersAlone() async throws {
        let world = try await World()
        let session = try await world.session()
        let board = PaperBoard()
        let following = Task { await session.follow(board) }
        await eventually { board.lines == ["Next: stop 1", "Left: 2 · Waiting here: 1"] }
        _ = try await session.repository.sync(budget: .seconds(60))
        await eventually { board.lines == ["Next: stop 1", "Left: 2 · Everything is handed in"] }
        let personal = ["Kaya", "Huber", "Breite", "LABEL", "Ada"]
        #expect(!personal.contains { board.all.joined().contains($0) })
        // What is suspended tells nothing, and what is there stays.
        await session.repository.suspend()
        #expect(board.ends == 0 && !board.lines.isEmpty)
        try await session.repository.resume()
        _ = await session.perform(.closeDay)
        await eventually { board.lines.isEmpty }
        #expect(board.ends == 1)
        following.cancel()
        await eventually { board.ends == 2 }
        await session.repository.suspend()
    }

    @Test func aCourierWhoLeavesTakesTheBoardAlong() async throws {
        let world = try await World()
        let session = try await world.session()
        let board = PaperBoard()
        let following = Task { await session.follow(board) }
        await eventually { !board.lines.isEmpty }
        // As SwiftUI does when the day's view is gone.
        following.cancel()
        await eventually { board.lines.isEmpty }
        await session.repository.suspend()
    }

    @Test func beforeThereIsARouteTheAppSaysSoAndTheDayCannotStart() async throws {
        let world = try await World()
        let app = await world.launch()
        guard case .enrol(let enrolment) = app.phase else { throw Unexpected("it is \(app.phase)") }
        enrolment.serverUrl = world.backend.url
        enrolment.code = try await world.backend.enrolment(world.courier)
        await enrolment.enrol()
        guard case .day(let session) = app.phase else { throw Unexpected("it is \(app.phase)") }
        let (today, end) = (TodayModel(session: session), DayEndModel(session: session))
        if try await session.repository.route() == nil {
            await today.startDay()
            #expect(session.notice?.kind == .problem)
        }
        await today.sync()
        #expect(today.canStart)
        #expect(today.phase == "not started")
        #expect(today.next != nil)
        await end.refresh()
        #expect(!end.canClose)
        await today.startDay()
        #expect(session.notice?.text == "Recorded.")
        await session.repository.suspend()
    }

    @Test func withoutANetworkTheOutboxFillsAndNothingIsLost() async throws {
        let world = try await World()
        let session = try await world.session()
        let today = TodayModel(session: session)
        await today.sync()
        #expect(today.outbox == "Everything is handed in")
        try await world.backend.net("down")
        let stop = StopModel(session: session, id: try #require(today.route?.stops.first?.id))
        await stop.refresh()
        #expect(stop.stop?.arrived == false)
        await stop.arrive()
        #expect(stop.stop?.arrived == true)
        await today.sync()
        #expect(session.notice?.kind == .problem)
        #expect(session.notice?.text.contains("nothing is lost") == true)
        #expect(today.pending == 1)
        #expect(today.outbox.contains("Waiting here: 1. Server not reached"))
        try await world.backend.net("portal")
        await today.sync()
        #expect(session.notice?.text.contains("portal") == true)
        try await world.backend.net("ok")
        await today.sync()
        #expect(session.notice?.kind == .done)
        #expect(today.pending == 0)
        #expect(try await world.backend.facts("arrived") == 1)
        await session.repository.suspend()
    }

    @Test func aStopTellsHowToGetThereAndWhoIsBehindItsDoors() async throws {
        let world = try await World()
        let session = try await world.session()
        let line = try #require(try await session.repository.route()?.stops.first { $0.names == ["Huber"] })
        let stop = StopModel(session: session, id: line.id)
        await stop.refresh()
        let door = try #require(stop.stop?.doors.first)
        #expect(stop.line(door) == "from Feinwerk · 0 of 2 scanned · open")
        #expect(stop.about.allSatisfy { !$0.label.isEmpty && !$0.value.isEmpty })
        let gone = StopModel(session: session, id: "nowhere")
        await gone.refresh()
        #expect(gone.isMissing && gone.about.isEmpty)
        await session.repository.suspend()
    }

    @Test func theCourierMovesAStopAndItsPlaceOnTheRouteFollows() async throws {
        let world = try await World()
        let session = try await world.session()
        let second = try #require(try await session.repository.route()?.stops.first { $0.position == 2 })
        let stop = StopModel(session: session, id: second.id)
        await stop.refresh()
        func moved(_ name: Phrase) async throws -> UInt32? {
            await stop.move(try #require(stop.moves.first { $0.name == name }).edit)
            return stop.stop?.position
        }
        #expect(try await moved(.comesEarlier) == 1)
        #expect(stop.moves.map(\.name) == [.comesNext, .comesLater, .comesAnHourLater, .comesLast])
        #expect(try await moved(.comesLater) == 2)
        #expect(try await moved(.comesNext) == 1)
        #expect(try await moved(.comesAnHourLater) == 2)
        #expect(try await moved(.comesNext) == 1)
        #expect(try await moved(.comesLast) == 2)
        await stop.arrive()
        #expect(stop.moves.isEmpty, "the courier is there")
        await session.repository.suspend()
    }

    @Test func howMuchAnotherOrderHasToSaveIsKept() async throws {
        let world = try await World()
        let session = try await world.session()
        let order = OrderPreferenceModel(session: session)
        await order.refresh()
        #expect(order.keep == .normal)
        for keep in OrderPreferenceModel.all {
            await order.choose(keep)
            #expect(order.keep == keep && session.notice?.kind == .done)
        }
        #expect(Set(OrderPreferenceModel.all.map(order.name)).count == 3)
        await order.choose(.strict)
        await session.repository.suspend()
        try await session.repository.open()
        #expect(try await session.repository.route()?.keep == .strict)
        await session.repository.suspend()
    }

    @Test func theVanIsCheckedInTheMorningAndInTheEvening() async throws {
        let world = try await World()
        let session = try await world.session()
        let load = LoadCheckModel(session: session)
        await load.refresh()
        #expect(load.result == nil)
        load.barcode = "LABEL-KAYA"
        load.takeBarcode()
        load.take(" FOREIGN ")
        load.take("LABEL-HUBER-1")
        load.take("slip")
        load.dropLast()
        load.take("  ")
        #expect(load.scanned == ["LABEL-KAYA", "FOREIGN", "LABEL-HUBER-1"])
        #expect(load.sum == "3 scanned, 3 on the route")
        await load.record()
        #expect(load.scanned.isEmpty)
        #expect(load.result == "Last check: 2 found, 1 missing, 1 foreign")
        #expect(load.missing.map(\.barcode) == ["LABEL-HUBER-2"])
        #expect(load.foreign == ["FOREIGN"])

        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        door.choose(try #require(door.door?.exits.first { $0.reason == .codeNotAvailable }))
        await door.conclude()

        let back = ReturnCheckModel(session: session)
        await back.refresh()
        #expect(back.left.count == 3)
        await back.record()
        #expect(session.notice?.text == "No parcel is chosen.")
        back.barcode = "label-kaya"
        back.takeBarcode()
        let kaya = try #require(back.left.first { $0.barcode == "LABEL-KAYA" })
        #expect(back.isBack(kaya))
        #expect(back.why(kaya) == "code not available")
        back.scanned("NOBODY")
        #expect(session.notice?.text == "NOBODY should not be in the van.")
        let huber = try #require(back.left.first { $0.recipient == "Huber" })
        #expect(back.why(huber) == "open")
        back.toggle(huber)
        back.toggle(huber)
        #expect(!back.isBack(huber))
        #expect(back.sum == "1 of 3 not handed over are back")
        await back.record()
        #expect(session.notice?.text == "Recorded.")
        await session.sync()
        #expect(try await world.backend.facts("returned") == 1)
        await session.repository.suspend()
    }

    @Test func theDayEndsWithSumsAndAQuestion() async throws {
        let world = try await World()
        let session = try await world.session()
        let end = DayEndModel(session: session)
        #expect(end.rows.isEmpty)
        await end.refresh()
        #expect(end.title == "\(World.day) · the day runs")
        #expect(end.rows.first == end.rows.first { $0.value == "0 done, 2 open" })
        #expect(end.rows.count == 5)
        #expect(end.canClose)
        end.isAsking = true
        await end.closeDay()
        #expect(!end.isAsking && !end.canClose)
        #expect(end.title.hasSuffix("the day is over"))
        #expect(end.rows.last?.value.contains("waiting for the network") == true)
        await end.sync()
        #expect(end.rows.last?.value == "empty: the office has everything")
        let door = try await world.door("Huber", session)
        await door.scanned("LABEL-HUBER-1")
        #expect(session.notice?.text.bare == "Not possible: the day is over.")
        await session.repository.suspend()
    }

    @Test func whatIsOnThisPhoneIsIdentifiersAndNumbers() async throws {
        let world = try await World()
        let session = try await world.session()
        let phone = OnThisPhoneModel(session: session) { _ in .done(exported: 0) }
        #expect(phone.rows.isEmpty)
        await phone.sync()
        #expect(phone.rows.contains { $0.label == "Device key" && $0.value == "in a file, not in hardware" })
        #expect(phone.rows.contains { $0.label == "Code entries" && $0.value == "0" })
        #expect(phone.rows.contains { $0.label == "Exchange: facts" })
        #expect(phone.rows.contains { $0.value == coreVersion() })
        for personal in ["Kaya", "Breite", "Ada", "LABEL"] { #expect(!phone.report.contains(personal), "\(personal)") }
        #expect(phone.report.contains("Device key: in a file, not in hardware\n"))
        try await world.backend.net("down")
        let stop = try #require(try await session.repository.route()?.stops.first)
        _ = try await session.repository.submit(.arrive(stop: stop.id))
        await phone.sync()
        #expect(phone.rows.contains { $0.value.contains("in a row") })
        let records = try #require(phone.rows.first { $0.label == "Here: records" })
        #expect(records.value.bare.hasSuffix("kB, until the server has all of them"))
        let route = try #require(phone.rows.first { $0.label == "Here: route from the office" })
        #expect(route.value.bare.hasSuffix("at the latest"))
        await session.repository.suspend()
    }

    @Test func theMapHasNorthUpAndOneScaleAndLeadsToTheStopThatIsTouched() {
        let pins = [Pin(lat: 52.50, lon: 13.40), Pin(lat: 52.52, lon: 13.40), Pin(lat: 52.50, lon: 13.42)]
        let picture = RoutePicture(pins, in: CGSize(width: 300, height: 200))
        let (south, north, east) = (picture.places[0], picture.places[1], picture.places[2])
        #expect(north.y < south.y && abs(north.x - south.x) < 0.5)
        #expect(east.x > south.x && abs(east.y - south.y) < 0.5)
        // At 52.5° north a degree of longitude is 0.61 of one of latitude.
        #expect(abs((east.x - south.x) / (south.y - north.y) - 0.61) < 0.01)
        #expect(picture.places.allSatisfy { (0...300).contains($0.x) && (0...200).contains($0.y) })
        #expect(picture.touched(CGPoint(x: north.x + 10, y: north.y - 10), within: 24) == 1)
        #expect(picture.touched(CGPoint(x: 299, y: 1), within: 24) == nil)
        let one = RoutePicture([pins[0]], in: CGSize(width: 300, height: 200))
        #expect(one.places == [CGPoint(x: 150, y: 100)])
        #expect(RoutePicture([], in: .zero).touched(.zero, within: 24) == nil)
    }

    @Test func theNextStopsAreWatchedWhileTheDayRunsAndNoOthers() async throws {
        let world = try await World()
        let session = try await world.session()
        let positions = FakePositions()
        let following = Task { await session.whereabouts.follow(positions) }
        await eventually { positions.wanted.sampling && !positions.wanted.wakeUps.isEmpty }
        let route = try #require(try await session.repository.route())
        #expect(positions.wanted.wakeUps.allSatisfy { circle in route.stops.contains { $0.id == circle.stop } })
        _ = try await session.repository.submit(.closeDay)
        await eventually { !positions.wanted.sampling && positions.wanted.wakeUps.isEmpty }
        following.cancel()
        await following.value
        await session.repository.suspend()
    }

    @Test func whoStandsAtADoorHasArrivedWithoutSayingSo() async throws {
        let world = try await World()
        let session = try await world.session()
        let today = TodayModel(session: session)
        await today.refresh()
        let next = try #require(today.route?.stops.first)
        let positions = FakePositions()
        let following = Task { await session.whereabouts.follow(positions) }
        await eventually { positions.wanted.sampling }
        for _ in 0..<40 { await positions.stand(north: 5, of: next.pin, on: world.clock) }
        #expect(try await session.repository.stop(next.id)?.arrived == true)
        await today.refresh()
        #expect(today.near == nil)
        following.cancel()
        await following.value
        #expect(!positions.wanted.sampling)
        await session.repository.suspend()
    }

    @Test func whoStandsNearAStopIsAskedAndNothingIsRecordedUntilTheySaySo() async throws {
        let world = try await World()
        let session = try await world.session()
        let today = TodayModel(session: session)
        await today.refresh()
        let next = try #require(today.route?.stops.first)
        let positions = FakePositions()
        let following = Task { await session.whereabouts.follow(positions) }
        await eventually { positions.wanted.sampling }
        for _ in 0..<120 { await positions.stand(north: 250, of: next.pin, on: world.clock) }
        await eventually { today.near != nil }
        #expect(today.near?.stop.id == next.id)
        #expect(try await session.repository.stop(next.id)?.arrived == false)
        await today.answer(there: false)
        #expect(today.near == nil)
        following.cancel()
        await following.value
        await session.repository.suspend()
    }
}

/// Waits for something that another thread brings about. Only a fault lets it wait for long.
@MainActor func eventually(_ happened: @MainActor () -> Bool) async {
    for _ in 0..<3_000 where !happened() { try? await Task.sleep(for: .milliseconds(10)) }
    #expect(happened(), "it did not happen within 30 s")
}

/// What a phone's receiver says, as the test wants it.
private final class FakePositions: Positions, @unchecked Sendable {
    private let (stream, continuation) = AsyncStream.makeStream(of: Fix?.self)
    private let lock = NSLock()
    private var asked: (sampling: Bool, wakeUps: [WakeUp]) = (false, [])
    private var answered = 0

    var wanted: (sampling: Bool, wakeUps: [WakeUp]) { lock.withLock { asked } }
    /// How often it was told what is wanted.
    var taken: Int { lock.withLock { answered } }

    /// A second passes, and the phone stands so many metres north of the pin.
    func stand(north: Int32, of pin: Pin, on clock: RunningClock) async {
        clock.skip(ms: 1_000)
        let (lat, lon) = (Int32(pin.lat * 1e6) + north * 9, Int32(pin.lon * 1e6))
        let before = taken
        continuation.yield(
            Fix(position: Position(latE6: lat, lonE6: lon, accuracyM: 8, ageMs: 0), speedDmS: 0))
        // The clock is the same for everybody: the next second comes when this fix was looked at.
        for _ in 0..<3_000 where taken == before { try? await Task.sleep(for: .milliseconds(2)) }
    }

    func follow(sampling: Bool, wakeUps: [WakeUp]) async {
        lock.withLock { (asked, answered) = ((sampling, wakeUps), answered + 1) }
    }

    func fixes() -> AsyncStream<Fix?> { stream }
}

/// What a lock screen would show.
@MainActor private final class PaperBoard: DayBoard {
    private(set) var lines: [String] = []
    private(set) var all: [String] = []
    private(set) var ends = 0

    func show(title: String, text: String) {
        lines = [title, text]
        all += lines
    }

    func end() {
        lines = []
        ends += 1
    }
}
