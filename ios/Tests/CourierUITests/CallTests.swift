import CourierCore
import CourierKit
import CourierTestWorld
import SwiftUI
import Testing

@testable import CourierUI

/// Numbers that are kept for films: nobody has them.
@Suite(.serialized) @MainActor struct CallTests {
    private let kaya = Parcel("Kaya", value: 90_000, house: "1", phone: "0049 30 23125-007")

    private func pressed(_ view: any View, _ spoken: String) throws -> [URL] {
        var opened: [URL] = []
        let before = EnvironmentValues.current.openURL
        EnvironmentValues.current.openURL = OpenURLAction { url in
            opened.append(url)
            return .handled
        }
        defer { EnvironmentValues.current.openURL = before }
        let press = try #require(evaluate(view).first(.button, spoken)?.press, "\(spoken) cannot be pressed")
        press()
        return opened
    }

    private func stop(_ session: Session) async throws -> StopScreen {
        let model = StopModel(session: session, id: try #require(try await session.repository.route()?.stops.first?.id))
        await model.refresh()
        return StopScreen(model: model)
    }

    private func calls(_ view: any View) -> [String] {
        evaluate(view).all.filter { $0.kind == .button && $0.spoken.hasPrefix("Call") }.map(\.spoken)
    }

    @Test func theCourierCallsFromTheStopAndWhereNobodyOpensAsLongAsTheParcelIsOpen() async throws {
        let world = try await World([kaya, Parcel("Kim", value: 100, house: "1")])
        let session = try await world.session()
        let number = [URL(string: "tel:+493023125007")!]
        let atStop = try await stop(session)
        #expect(calls(atStop) == ["Call Kaya"])
        #expect(evaluate(atStop).texts.contains("Call"))
        #expect(try pressed(atStop, "Call Kaya") == number)
        #expect(session.notice == nil)

        await atStop.model.arrive()
        let model = try await world.door("Kaya", session)
        await model.scanned("LABEL-KAYA")
        model.go(to: .exit)
        let door = DoorScreen(model: model) { _ in }
        #expect(try pressed(door, "Call Kaya") == number)
        for view in [atStop as any View, door] {
            #expect(!evaluate(view).texts.contains { $0.contains("23125") }, "the number is drawn")
        }
        model.choose(try #require(model.door?.exits.first { $0.reason == .notHome }))
        await model.conclude()
        model.go(to: .exit)
        #expect(calls(door).isEmpty)
        #expect(calls(try await stop(session)).isEmpty)
        await session.repository.suspend()
    }

    @Test func whereSeveralCanBeCalledEachButtonSaysWhom() async throws {
        let world = try await World([kaya, Parcel("Kim", value: 100, house: "1", phone: "0049 30 23125-008")])
        let session = try await world.session()
        let screen = try await stop(session)
        let texts = evaluate(screen).texts.map(\.bare)
        #expect(texts.contains("Call Kaya") && texts.contains("Call Kim"))
        #expect(try pressed(screen, "Call Kim") == [URL(string: "tel:+493023125008")!])
        await session.repository.suspend()
    }

    /// An iPad, say. The stand-in for SwiftUI opens nothing unless a test lets it.
    @Test func aDeviceThatMakesNoCallsSaysSo() async throws {
        let world = try await World([kaya])
        let session = try await world.session()
        let screen = try await stop(session)
        let press = try #require(evaluate(screen).first(.button, "Call Kaya")?.press)
        press()
        #expect(session.notice == Notice(text: "This device makes no calls.", kind: .problem))
        await session.repository.suspend()
    }
}
