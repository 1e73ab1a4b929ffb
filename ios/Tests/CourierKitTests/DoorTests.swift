import CourierCore
import CourierKit
import CourierTestWorld
import Foundation
import Testing

/// The door, with the real core and a real backend.
@MainActor struct DoorTests {
    @Test func aWholeDoorFromTheScanToConfirmed() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        #expect(door.step == .scan)
        #expect(door.door?.code == nil, "something marks the valuable parcel before it is scanned")

        door.barcode = " label-kaya "
        await door.takeBarcode()
        #expect(door.step == .code)
        #expect(door.barcode.isEmpty)
        #expect(session.notice?.text == "Scanned.")

        let digits = try await world.backend.code("Kaya").digits
        for digit in digits { door.pad.press(try #require(digit.wholeNumberValue)) }
        #expect(door.canEnterCode)
        await door.enterCode()
        #expect(door.pad.isEmpty)
        #expect(door.step == .receiver)
        #expect(session.notice?.text.bare == "The recipient's code accepted, provisional.")

        let recipient = try #require(door.door?.options.first { $0.allowed })
        door.choose(recipient)
        #expect(door.step == .proof)
        #expect(door.form?.isToPerson == true)
        door.form?.name = "Kaya"
        await door.conclude()
        #expect(door.step == .done)
        #expect(door.form == nil)
        #expect(door.door?.state == .closed(closing: .handed, standing: .onPhone))

        // Nothing was told to the office yet; then it judges.
        #expect(try await world.backend.facts("handed_over") == 0)
        await session.sync()
        await door.refresh()
        #expect(door.door?.state == .closed(closing: .handed, standing: .confirmed))
        #expect(try await world.backend.state("Kaya") == "delivered")
        await session.repository.suspend()
        #expect(!isWritten(digits, world), "the code is in a file of the phone")
    }

    /// Compared as bytes: a text of the megabytes that the core keeps free takes minutes to look through.
    private func isWritten(_ text: String, _ world: World) -> Bool {
        let files = FileManager.default.enumerator(at: world.folder, includingPropertiesForKeys: nil)
        let bytes = (files?.allObjects as? [URL] ?? []).compactMap { try? Data(contentsOf: $0) }
        #expect(!bytes.isEmpty, "nothing was looked at")
        return bytes.contains { $0.range(of: Data(text.utf8)) != nil }
    }

    @Test func theQrOfTheCustomerOpensTheDoorToo() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        await door.scannedCode("no QR of ours")
        #expect(session.notice?.text.contains("This is not the customer's QR") == true)
        #expect(door.step == .code)
        await door.scannedCode(try await world.backend.code("Kaya").qr)
        #expect(door.step == .receiver)
        await session.repository.suspend()
    }

    @Test func aWrongCodeIsCountedAndTheOthersAreWaitedForUntilNoneIsLeft() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        let right = try await world.backend.code("Kaya").digits
        var entries = 0
        while case .needed(let left, let waitMs) = door.door?.code, entries < 10 {
            #expect(left == 5 - UInt32(entries))
            if waitMs > 0 {
                #expect(!door.canEnterCode)
                // The backend allows no more than the phone says; nobody in this test wants to wait for it.
                world.clock.skip(ms: Int64(waitMs))
            }
            try enter(wrong(right, entries), door)
            await door.enterCode()
            #expect(session.notice?.kind == .problem)
            entries += 1
        }
        #expect(entries == 5)
        #expect(door.door?.code == .locked(by: .triesUsed))
        #expect(door.step == .exit, "there is a dead end")
        let exit = try #require(door.door?.exits.first { $0.reason == .triesUsedUp })
        door.choose(exit)
        await door.conclude()
        #expect(door.step == .done)
        #expect(door.door?.state == .closed(closing: .failed, standing: .onPhone))
        await session.repository.suspend()
    }

    /// Digits that differ from the right ones in every place. One in a thousand fits the tag, with the seed of these
    /// tests none does.
    private func wrong(_ right: String, _ number: Int) -> String {
        String(right.map { Character("\(((Int(String($0)) ?? 0) + 1 + number) % 10)") })
    }

    private func enter(_ digits: String, _ door: DoorModel) throws {
        for digit in digits { door.pad.press(try #require(digit.wholeNumberValue)) }
    }

    @Test func fewerThanSixDigitsUseNoTry() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        try enter("12345", door)
        #expect(!door.canEnterCode)
        await door.enterCode()
        #expect(session.notice?.text.contains("A code has six digits") == true)
        #expect(door.door?.code == .needed(triesLeft: 5, waitMs: 0))
        await door.enterCode()
        #expect(try await session.repository.diagnostics().tries == 0)
        await session.repository.suspend()
    }

    @Test func aRefusedReceiverIsShownWithTheRuleAndTheFormStays() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        let refused = try #require(door.door?.options.first { !$0.allowed })
        #expect(!session.words.why(refused.why).isEmpty)
        door.choose(refused)
        await door.conclude()
        #expect(session.notice?.kind == .problem)
        #expect(door.step == .proof)
        #expect(door.form != nil)
        door.go(to: .exit)
        #expect(door.form == nil)
        await session.repository.suspend()
    }

    @Test func parcelsOfOneDoorMayGoDifferentWays() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Huber", session)
        await door.scanned("LABEL-HUBER-1")
        #expect(door.step == .scan, "the other parcel is not scanned yet")
        await door.scanned("LABEL-HUBER-2")
        #expect(door.step == .receiver)
        let parcels = try #require(door.door?.parcels)
        door.toggle(parcels[1])
        #expect(!door.isChosen(parcels[1]))
        door.choose(try #require(door.door?.options.first { $0.receiver == .recipient }))
        await door.conclude()
        #expect(door.door?.parcels.map { $0.outcome == nil } == [false, true])
        door.choose(try #require(door.door?.exits.first { $0.reason == .damaged }))
        door.form?.note = "wet"
        await door.conclude()
        #expect(door.step == .done)
        #expect(door.door?.state == .closed(closing: .mixed, standing: .onPhone))

        // A mis-tap is taken back.
        #expect(door.canUndo)
        await door.undo()
        #expect(door.step == .receiver)
        #expect(door.door?.parcels.map { $0.outcome == nil } == [false, true])
        await session.repository.suspend()
    }

    @Test func nothingIsRecordedWhenEveryParcelIsLeftOut() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        let parcel = try #require(door.door?.parcels.first)
        door.toggle(parcel)
        door.choose(try #require(door.door?.exits.first))
        await door.conclude()
        #expect(session.notice?.text == "No parcel is chosen.")
        #expect(door.door?.state == .open)
        door.toggle(parcel)
        #expect(door.isChosen(parcel))
        await session.repository.suspend()
    }

    @Test func aParcelOfAnotherStopSaysWhereItBelongs() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-HUBER-1")
        let elsewhere = try #require(door.elsewhere)
        #expect(try await session.repository.stop(elsewhere.stop)?.doors.first?.recipientName == "Huber")
        await door.scanned("NOBODY")
        #expect(door.elsewhere == nil)
        #expect(session.notice?.text == "This parcel is not on the route.")
        await session.repository.suspend()
    }

    @Test func theCardSpeaksTheCustomersLanguageOrAnother() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        let card = CardModel(door: try #require(door.door), coded: door.needsCode, words: session.words)
        #expect(card.language == "de" && card.card.lines.count == 6)
        #expect(card.languages.count >= 12)
        card.language = "ar"
        #expect(card.card.rtl && card.card.lang == "ar")
        await session.repository.suspend()
    }

    @Test func whatIsFilledInIsThereAgainAfterTheAppWasKilled() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Huber", session)
        await door.scanned("LABEL-HUBER-1")
        await door.scanned("LABEL-HUBER-2")
        let household = try #require(door.door?.options.first { $0.receiver == .household })
        door.choose(household)
        #expect(door.suggestions.map(\.name) == ["Huber"])
        door.take(try #require(door.suggestions.first))
        door.form?.relation = "brother"
        await door.keep()

        let again = DoorModel(session: session, stop: door.stopId, shipment: door.shipment)
        await again.refresh()
        #expect(again.step == .proof)
        #expect(again.form?.name == "Huber" && again.form?.relation == "brother")
        let unfinished = try #require(await TodayModel(session: session).unfinished())
        #expect(unfinished.0 == door.stopId && unfinished.1 == door.shipment)
        await again.conclude()
        #expect(await TodayModel(session: session).unfinished()?.0 == nil)
        await session.repository.suspend()
    }

    @Test func aSignatureAndAPhotoAreTakenWhereTheCoreAllowsThem() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Huber", session)
        await door.scanned("LABEL-HUBER-1")
        await door.scanned("LABEL-HUBER-2")
        door.choose(try #require(door.door?.options.first { $0.receiver == .recipient }))
        #expect(door.demand(.signature) == .optional)
        #expect(door.demand(.photo) == .forbidden, "people are photographed")
        var drawing = Drawing()
        drawing.size = CGSize(width: 300, height: 100)
        #expect(!(await door.signed(drawing)), "nobody signed")
        drawing.go(to: CGPoint(x: 10, y: 20))
        drawing.go(to: CGPoint(x: 400, y: -5))
        drawing.lift()
        drawing.go(to: CGPoint(x: 50, y: 50))
        drawing.go(to: CGPoint(x: 60, y: 60))
        #expect(drawing.strokes.count == 2)
        #expect(await door.signed(drawing))
        #expect(door.files.count == 1 && door.form != nil, "the form is gone")
        await door.drop(try #require(door.files.first))
        #expect(door.files.isEmpty)
        #expect(await door.signed(drawing))
        await door.conclude()
        #expect(door.door?.state == .closed(closing: .handed, standing: .onPhone))
        #expect(door.stop?.files.isEmpty == true)
        // It waits like everything else, and is told until the server has it.
        let today = TodayModel(session: session)
        let phone = OnThisPhoneModel(session: session) { _ in .done(exported: 0) }
        await today.refresh()
        #expect(today.outbox.hasSuffix(", photos and signatures: 1"))
        await phone.refresh()
        #expect(phone.rows.contains { $0.label == "Photos and signatures" && $0.value == "1 waiting" })
        await today.sync()
        #expect(today.outbox == "Everything is handed in")
        #expect(today.files == 0)
        await session.repository.suspend()
    }

    @Test func aPhotoOfTheDamageIsAddedToWhatIsRecorded() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Huber", session)
        await door.scanned("LABEL-HUBER-1")
        #expect(door.provable.isEmpty, "nothing is recorded")
        door.choose(try #require(door.door?.exits.first { $0.reason == .damaged }))
        await door.conclude()
        #expect(door.step == .done && door.provable == [.photo], "somebody signs for damage")
        await door.addProof()
        let photo = world.folder.appending(path: "dent.jpg")
        // The smallest thing that has the form of a JPEG.
        let segments: [[UInt8]] = [
            [0xFF, 0xD8, 0xFF, 0xC0, 0x00, 0x0B, 0x08, 0x00, 0x08, 0x00, 0x08, 0x01, 0x01, 0x11, 0x00],
            [0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00, 0x01, 0xFF, 0xD9],
        ]
        try Data(segments.joined()).write(to: photo)
        await door.photographed(photo.path)
        #expect(door.toAdd.map(\.kind) == [.photo] && door.step == .done)

        // The camera has ended the app.
        let again = DoorModel(session: session, stop: door.stopId, shipment: door.shipment)
        await again.refresh()
        let facts = try await session.repository.diagnostics().facts
        #expect(again.step == .done && again.toAdd == door.toAdd)
        await again.addProof()
        #expect(session.notice?.kind == .done && again.toAdd.isEmpty)
        #expect(try await session.repository.diagnostics().facts == facts + 1)

        #expect(await session.record(.closeDay))
        await again.refresh()
        #expect(again.provable.isEmpty && !again.canUndo, "the day is closed")
        await session.repository.suspend()
    }

    @Test func aParcelThatNobodyScannedStaysOnlyIfSomebodySaysSo() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Huber", session)
        await door.scanned("LABEL-HUBER-1")
        let recipient = try #require(door.door?.options.first { $0.receiver == .recipient })
        door.choose(recipient)
        await door.conclude()
        #expect(session.notice?.kind == .problem && door.door?.parcels.allSatisfy { $0.outcome == nil } == true)
        door.toggle(try #require(door.door?.parcels.first { !$0.scanned }))
        await door.conclude()
        #expect(session.notice?.kind == .done)
        #expect(door.door?.parcels.map { $0.outcome != nil } == [true, false])
        await session.repository.suspend()
    }

    @Test func aNewCodeIsAskedForAndTheOldOneIsDead() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        #expect(!door.needsCode)
        await door.scanned("LABEL-KAYA")
        #expect(door.needsCode)
        let old = try await world.backend.code("Kaya").digits
        await door.askForNewCode()
        #expect(session.notice == Notice(text: session.words(.newCodeMailed), kind: .done))
        await session.sync()
        await door.refresh()
        let new = try await world.backend.code("Kaya").digits
        #expect(new != old)
        try enter(new, door)
        await door.enterCode()
        #expect(door.step == .receiver)
        await session.repository.suspend()
    }

    @Test func askingForANewCodeWithoutANetworkSaysSo() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        await door.scanned("LABEL-KAYA")
        try await world.backend.net("down")
        await door.askForNewCode()
        #expect(session.notice?.text.contains("No answer from the server") == true)
        #expect(door.step == .code)
        await session.repository.suspend()
    }

    @Test func aDoorThatIsNotOnTheRouteSaysSo() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = DoorModel(session: session, stop: "nowhere", shipment: "nothing")
        await door.refresh()
        #expect(door.isMissing)
        await door.conclude()
        await door.undo()
        await door.askForNewCode()
        #expect(session.notice == nil)
        await session.repository.suspend()
    }

    @Test func nobodyIsLedAwayFromWhatTheyType() async throws {
        let world = try await World()
        let session = try await world.session()
        let door = try await world.door("Kaya", session)
        door.barcode = "LAB"
        _ = try await session.repository.submit(.scan(stop: door.stopId, barcode: "LABEL-KAYA"))
        await door.refresh()
        #expect(door.step == .scan)
        door.barcode = ""
        door.go(to: .code)
        #expect(door.step == .code)
        await session.repository.suspend()
    }

    @Test func theDigitsOfAPadAreNeverPrinted() {
        var pad = CodePad()
        for digit in [4, 7, 1, 1, 9, 3, 5] { pad.press(digit) }
        pad.press(10)
        #expect(pad.count == 6 && pad.isFull)
        var dumped = ""
        dump(pad, to: &dumped)
        for said in ["\(pad)", String(reflecting: pad), dumped] {
            #expect(!said.contains("471193") && !said.contains("7"))
        }
        pad.deleteLast()
        #expect(pad.count == 5)
        pad.clear()
        #expect(pad.isEmpty)
    }
}
