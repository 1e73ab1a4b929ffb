import CourierCore
import Foundation
import Observation

/// The app as a whole: whether it can be used, by whom, and which screen comes first.
@MainActor @Observable public final class AppModel {
    public enum Phase {
        /// Nothing is known yet.
        case starting
        /// The phone was not unlocked since it was switched on, so that its keys cannot be used.
        case locked
        /// The phone belongs to nobody.
        case enrol(EnrolModel)
        /// A courier is at work.
        case day(Session)
        /// Something that the courier cannot mend, in words.
        case broken(String)
    }

    /// Makes the core for a server; it is not opened yet.
    public typealias MakeCore = @Sendable (Server) throws -> any CourierProtocol

    public private(set) var phase = Phase.starting
    public let words: Words
    public private(set) var look: Look
    /// What a courier who left could not send: for the office, which alone can read it. Offered for as long as the file is there.
    public private(set) var exported: URL?
    private let exports: Exports
    private let memory: any Memory
    private let makeCore: MakeCore
    private var starting: Task<Void, Never>?

    /// - Parameters:
    ///   - words: of the language that the courier chose, else of the phone's.
    ///   - exports: the folder for what a courier who leaves could not send.
    public init(memory: any Memory, words: Words? = nil, exports: URL, makeCore: @escaping MakeCore) {
        (self.memory, self.exports) = (memory, Exports(folder: exports))
        exported = self.exports.newest
        self.words = words ?? memory.load().language.map { Words($0) } ?? Words()
        look = memory.load().look ?? .phone
        self.makeCore = makeCore
    }

    /// Opens the phone if it belongs to a courier. Called again after a failure it tries again. Screen and background may
    /// call it at once: the phone is opened by one of them, and both wait for it.
    public func start() async {
        if let starting { return await starting.value }
        let work = Task { await open() }
        starting = work
        await work.value
        starting = nil
    }

    private func open() async {
        switch phase {
        case .day, .enrol: return
        case .starting, .locked, .broken: break
        }
        guard let server = memory.load().server else {
            phase = .enrol(enrolment(at: Server(url: "")))
            return
        }
        do {
            let repository = try Repository(core: makeCore(server))
            try await repository.open()
            if try await repository.diagnostics().courier == nil {
                await repository.suspend()
                phase = .enrol(enrolment(at: server))
            } else {
                phase = .day(Session(repository: repository, words: words))
            }
        } catch CourierError.KeyUnavailable {
            phase = .locked
        } catch CourierError.InvalidInput {
            phase = .enrol(enrolment(at: server))
        } catch {
            phase = .broken(words(.cannotStart, words.problem(error)))
        }
    }

    /// The courier leaves this phone: everything of theirs goes, and it is as at its first start. What was not sent keeps them,
    /// unless it is `saving` that in a file.
    public func leave(_ session: Session, saving: Bool) async throws -> LogOut {
        let out = try await session.repository.logOut(exportTo: saving ? exports.next() : nil)
        if case .done = out {
            exported = exports.newest
            phase = .enrol(enrolment(at: memory.load().server ?? Server(url: "")))
        }
        return out
    }

    /// The phone was unlocked.
    public func protectedDataBecameAvailable() async {
        if case .locked = phase { await start() }
    }

    /// What the settings show.
    public func settings() -> SettingsModel {
        SettingsModel(memory: memory, words: words) { [weak self] in self?.look = $0 }
    }

    private func enrolment(at server: Server) -> EnrolModel {
        EnrolModel(server: server, memory: memory, words: words, makeCore: makeCore) { [weak self] session in
            self?.phase = .day(session)
        }
    }
}
