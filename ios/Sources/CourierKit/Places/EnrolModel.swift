import CourierCore
import Foundation
import Observation

/// Enrol: this phone becomes a courier's.
@MainActor @Observable public final class EnrolModel {
    /// As typed.
    public var serverUrl: String
    /// As typed. It stays until the server took it: a wrong address should not cost typing it again.
    public var code = ""
    public private(set) var isBusy = false
    /// Why it did not work, and what to do.
    public private(set) var problem: String?
    /// What a scan has filled in, and what to look at before it is used.
    public private(set) var filledIn: String?
    public let words: Words

    private let caPem: String?
    private let memory: any Memory
    private let makeCore: AppModel.MakeCore
    private let enrolled: @MainActor (Session) -> Void

    init(
        server: Server, memory: any Memory, words: Words, makeCore: @escaping AppModel.MakeCore,
        enrolled: @escaping @MainActor (Session) -> Void
    ) {
        (serverUrl, caPem) = (server.url, server.caPem)
        (self.memory, self.words, self.makeCore, self.enrolled) = (memory, words, makeCore, enrolled)
    }

    /// Both lines say something, and nothing is on its way.
    public var canEnrol: Bool { !trimmed(serverUrl).isEmpty && !trimmed(code).isEmpty && !isBusy }

    /// A camera read something. The office's QR is only filled in: before anything is asked of that server, the courier sees
    /// which one it is. Any other changes nothing.
    public func scanned(_ text: String) {
        guard !isBusy else { return }
        guard let office = officeQr(text: text) else {
            (problem, filledIn) = (words(.enrolOtherQr), nil)
            return
        }
        (serverUrl, code) = (office.server, office.code)
        (problem, filledIn) = (nil, words(.enrolFilledIn, office.server))
    }

    public func enrol() async {
        guard canEnrol else { return }
        (isBusy, problem, filledIn) = (true, nil, nil)
        defer { isBusy = false }
        do {
            try await enrol(at: Server(url: trimmed(serverUrl), caPem: caPem))
        } catch {
            problem = words.enrolmentProblem(error)
        }
    }

    private func enrol(at server: Server) async throws {
        let repository = try Repository(core: makeCore(server))
        let welcome: String
        do {
            try await repository.open()
            // The server was forgotten, the phone was not.
            if try await repository.diagnostics().courier != nil {
                welcome = words(.enrolledAlready)
            } else {
                welcome = words(.welcome, try await repository.enrol(code: trimmed(code)).name)
            }
        } catch {
            // The next try opens the same files again.
            await repository.suspend()
            throw error
        }
        code = ""
        let session = Session(repository: repository, words: words)
        var remembered = memory.load()
        remembered.server = server
        do {
            try memory.store(remembered)
            session.say(welcome)
        } catch {
            session.say(words(.serverNotRemembered), .problem)
        }
        enrolled(session)
    }

    private func trimmed(_ text: String) -> String { text.trimmingCharacters(in: .whitespacesAndNewlines) }
}
