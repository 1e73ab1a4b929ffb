import CourierCore
import CourierKit
import CourierTestWorld
import Foundation
import Testing

@MainActor struct EnrolTests {
    private func enrolment(_ world: World) async throws -> (AppModel, EnrolModel) {
        let app = await world.launch()
        guard case .enrol(let enrolment) = app.phase else { throw Unexpected("the app does not ask to enrol") }
        return (app, enrolment)
    }

    @Test func aPhoneBecomesACouriersAndStaysSo() async throws {
        let world = try await World()
        let (app, enrolment) = try await enrolment(world)
        #expect(!enrolment.canEnrol)
        enrolment.serverUrl = " \(world.backend.url) "
        enrolment.code = try await world.backend.enrolment(world.courier)
        #expect(enrolment.canEnrol)
        await enrolment.enrol()
        guard case .day(let session) = app.phase else { throw Unexpected("the app shows no day") }
        #expect(session.notice == Notice(text: "Welcome, Ada.", kind: .done))
        #expect(enrolment.code.isEmpty, "the code is still there")
        await session.repository.suspend()

        // The next start knows server and courier.
        guard case .day(let again) = await world.launch().phase else { throw Unexpected("the app forgot the courier") }
        #expect(try await again.repository.diagnostics().courier != nil)
        await again.repository.suspend()
    }

    @Test func aWrongServerAndAWrongCodeSaySoAndLoseNothing() async throws {
        let world = try await World()
        let (app, enrolment) = try await enrolment(world)
        enrolment.serverUrl = "http://127.0.0.1:9"
        enrolment.code = "ABCDE23456"
        await enrolment.enrol()
        #expect(enrolment.problem?.contains("No answer from this server") == true)
        #expect(enrolment.code == "ABCDE23456")
        enrolment.serverUrl = "ftp://courier.example"
        await enrolment.enrol()
        #expect(enrolment.problem?.contains("https://") == true)
        enrolment.serverUrl = world.backend.url
        await enrolment.enrol()
        #expect(enrolment.problem?.contains("The server refused this code") == true)
        enrolment.code = "ABC"
        await enrolment.enrol()
        #expect(enrolment.problem?.contains("10 characters") == true)
        enrolment.code = try await world.backend.enrolment(world.courier)
        await enrolment.enrol()
        #expect(enrolment.problem == nil)
        guard case .day(let session) = app.phase else { throw Unexpected("the app shows no day") }
        await session.repository.suspend()
    }

    @Test func theOfficesQrFillsInServerAndCodeAndAnyOtherChangesNothing() async throws {
        let world = try await World()
        let (app, enrolment) = try await enrolment(world)
        (enrolment.serverUrl, enrolment.code) = ("https://typed.example", "ABCDE23456")
        let contact = "BEGIN:VCARD\nFN:Kaya\nEND:VCARD"
        for other in ["", "courier:1:AAAAAAAAAAAAAAAAAAAAAA", "https://courier.example", contact, "a\n\nb"] {
            enrolment.scanned(other)
            #expect(enrolment.problem?.contains("not the QR code that the office shows") == true, "\(other)")
            #expect(enrolment.serverUrl == "https://typed.example" && enrolment.code == "ABCDE23456")
        }
        let code = try await world.backend.enrolment(world.courier)
        for ending in ["", "\n", "\r\n"] {
            enrolment.scanned(" \(world.backend.url)\r\n\(code)\(ending)")
            #expect(enrolment.serverUrl == world.backend.url && enrolment.code == code)
            #expect(enrolment.problem == nil && enrolment.filledIn?.contains(world.backend.url) == true)
        }
        // Nothing was asked of anybody before the courier says so.
        guard case .enrol = app.phase else { throw Unexpected("it is \(app.phase)") }
        await enrolment.enrol()
        #expect(enrolment.filledIn == nil)
        guard case .day(let session) = app.phase else { throw Unexpected("the app shows no day") }
        await session.repository.suspend()
    }

    @Test func aPhoneWhoseServerWasForgottenIsNotEnrolledTwice() async throws {
        let world = try await World()
        try await world.session().repository.suspend()
        try world.memory.store(Remembered())
        let (_, enrolment) = try await enrolment(world)
        enrolment.serverUrl = world.backend.url
        enrolment.code = "ABCDE23456"
        await enrolment.enrol()
        #expect(enrolment.problem == nil)
        #expect(world.memory.load().server?.url == world.backend.url)
    }

    @Test func aCourierLeavesOnlyWhenEverythingIsSentAndThePhoneIsNobodysThen() async throws {
        let world = try await World()
        let (app, enrolment) = try await enrolment(world)
        enrolment.serverUrl = world.backend.url
        enrolment.code = try await world.backend.enrolment(world.courier)
        await enrolment.enrol()
        guard case .day(let session) = app.phase else { throw Unexpected("the app shows no day") }
        let phone = OnThisPhoneModel(session: session) { try await app.leave(session, saving: $0) }
        _ = try await session.repository.sync(budget: .seconds(60))
        _ = await session.perform(.startDay)
        await phone.logOut(saving: false)
        #expect(phone.unsent?.bare.hasPrefix("Not sent yet: 1 records") == true)
        _ = try await session.repository.sync(budget: .seconds(60))
        await phone.refresh()
        #expect(phone.unsent == nil, "it says what waited when the courier asked")
        await phone.logOut(saving: false)
        guard case .enrol(let next) = app.phase else { throw Unexpected("the courier is still there") }
        #expect(app.exported == nil)
        #expect(next.serverUrl == world.backend.url)
        await #expect(throws: CourierError.self) { try await session.repository.route() }
        next.code = try await world.backend.enrolment(world.courier)
        await next.enrol()
        guard case .day(let again) = app.phase else { throw Unexpected("the phone did not become a courier's again") }
        await again.repository.suspend()
    }

    @Test func whatCannotBeSentIsTakenAlongInAFile() async throws {
        let world = try await World()
        let session = try await world.session()
        try await world.backend.net("down")
        let app = AppModel(memory: world.memory, words: Words(.en), exports: world.exports) { try world.core($0) }
        let phone = OnThisPhoneModel(session: session) { try await app.leave(session, saving: $0) }
        await phone.logOut(saving: true)
        let file = try #require(app.exported)
        let text = try String(contentsOf: file, encoding: .utf8)
        #expect(text.contains("courier_export") && !text.contains("Kaya"))
        // Whoever closed the share sheet too early finds the file again, and the next courier does not write over it.
        #expect(await world.launch().exported == file)
        try await world.backend.net("ok")
        let next = try await world.session()
        try await world.backend.net("down")
        let stop = try #require(try await next.repository.route()?.stops.first)
        _ = try await next.repository.submit(.arrive(stop: stop.id))
        _ = try await app.leave(next, saving: true)
        #expect(app.exported != nil && app.exported != file)
        #expect(try String(contentsOf: file, encoding: .utf8) == text)
        for url in [file, app.exported].compactMap({ $0 }) { try FileManager.default.removeItem(at: url) }
        #expect(await world.launch().exported == nil)
    }

    @Test func theFolderOfTheOfficesFilesIsShownInFiles() throws {
        let app = URL(filePath: #filePath).appending(path: "../../../App/Info.plist").standardized
        let file = try PropertyListSerialization.propertyList(from: Data(contentsOf: app), format: nil)
        let info = file as? [String: Any]
        #expect(info?["UIFileSharingEnabled"] as? Bool == true)
        #expect(info?["LSSupportsOpeningDocumentsInPlace"] as? Bool == true)
    }

    @Test func keysThatAreLockedAreWaitedFor() async throws {
        let world = try await World()
        try await world.session().repository.suspend()
        let lock = Lock()
        let app = AppModel(memory: world.memory, words: Words(.en), exports: world.exports) { server in
            try world.core(server, secure: LockedStore(lock, FolderStore(world.folder.appending(path: "secrets").path)))
        }
        await app.start()
        guard case .locked = app.phase else { throw Unexpected("it is \(app.phase)") }
        lock.open()
        await app.protectedDataBecameAvailable()
        guard case .day(let session) = app.phase else { throw Unexpected("it is \(app.phase)") }
        await session.repository.suspend()
    }

    @Test func aPhoneThatIsStartedTwiceAtOnceIsOpenedOnce() async throws {
        let world = try await World()
        try await world.session().repository.suspend()
        let made = Made()
        let app = AppModel(memory: world.memory, words: Words(.en), exports: world.exports) { server in
            made.one()
            return try world.core(server)
        }
        async let first: Void = app.start()
        async let second: Void = app.start()
        _ = await (first, second)
        await app.start()
        #expect(made.count == 1)
        guard case .day(let session) = app.phase else { throw Unexpected("it is \(app.phase)") }
        await session.repository.suspend()
    }

    @Test func aPhoneThatCannotStartSaysWhyAndCanBeStartedAgain() async throws {
        let world = try await World()
        try await world.session().repository.suspend()
        let data = world.folder.appending(path: "data")
        let aside = world.folder.appending(path: "aside")
        try FileManager.default.moveItem(at: data, to: aside)
        try Data().write(to: data)
        let app = await world.launch()
        guard case .broken(let why) = app.phase else { throw Unexpected("it is \(app.phase)") }
        #expect(
            why
                == "The app cannot start. The phone's storage cannot be used now: unlock the phone and try again. Nothing was recorded."
        )
        try FileManager.default.removeItem(at: data)
        try FileManager.default.moveItem(at: aside, to: data)
        await app.start()
        guard case .day(let session) = app.phase else { throw Unexpected("it is \(app.phase)") }
        await session.repository.suspend()
    }

    @Test func whatIsRememberedIsTheLastThingStoredAndADamagedFileIsNothing() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let memory = FileMemory(folder: folder)
        #expect(memory.load() == Remembered())
        let remembered = Remembered(server: Server(url: "https://courier.example", caPem: "PEM"), language: .de)
        try memory.store(remembered)
        #expect(memory.load() == remembered)
        try Data("{".utf8).write(to: folder.appending(path: "remembered.json"))
        #expect(memory.load() == Remembered())
    }

    @Test func aChosenLanguageIsThatOfTheNextStart() async throws {
        let world = try await World()
        let app = AppModel(memory: world.memory, exports: world.exports) { try world.core($0) }
        let settings = app.settings()
        #expect(settings.language == nil)
        settings.choose(.de)
        #expect(settings.language == .de)
        #expect(settings.notice?.kind == .done)
        #expect(AppModel(memory: world.memory, exports: world.exports) { try world.core($0) }.words.language == .de)
        settings.choose(.en)
        #expect(AppModel(memory: world.memory, exports: world.exports) { try world.core($0) }.words.language == .en)
        #expect([nil, .de, .en].map(settings.name).allSatisfy { !$0.isEmpty })
    }

    @Test func whatCannotBeStoredIsSaid() async throws {
        let world = try await World()
        let app = AppModel(memory: ReadOnlyMemory(), words: Words(.en), exports: world.exports) { try world.core($0) }
        let settings = app.settings()
        settings.choose(.de)
        #expect(settings.notice?.kind == .problem)
        #expect(settings.language == nil)
        await app.start()
        guard case .enrol(let enrolment) = app.phase else { throw Unexpected("it is \(app.phase)") }
        enrolment.serverUrl = world.backend.url
        enrolment.code = try await world.backend.enrolment(world.courier)
        await enrolment.enrol()
        guard case .day(let session) = app.phase else { throw Unexpected("it is \(app.phase)") }
        #expect(session.notice == Notice(text: Words(.en)(.serverNotRemembered), kind: .problem))
        await session.repository.suspend()
    }
}

struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

private final class Lock: @unchecked Sendable {
    private let lock = NSLock()
    private var closed = true

    var isClosed: Bool { lock.withLock { closed } }

    func open() { lock.withLock { closed = false } }
}

private final class Made: @unchecked Sendable {
    private let lock = NSLock()
    private var cores = 0

    var count: Int { lock.withLock { cores } }

    func one() { lock.withLock { cores += 1 } }
}

/// A store as it is before the phone was unlocked for the first time.
private final class LockedStore: SecureStore {
    private let lock: Lock
    private let store: FolderStore

    init(_ lock: Lock, _ store: FolderStore) { (self.lock, self.store) = (lock, store) }

    private func opened() throws -> FolderStore {
        if lock.isClosed { throw PortError.Unavailable }
        return store
    }

    func get(name: String) throws -> Data? { try opened().get(name: name) }
    func put(name: String, secret: Data) throws { try opened().put(name: name, secret: secret) }
    func delete(name: String) throws { try opened().delete(name: name) }
}

private struct ReadOnlyMemory: Memory {
    func load() -> Remembered { Remembered() }
    func store(_ remembered: Remembered) throws { throw CocoaError(.fileWriteNoPermission) }
}
