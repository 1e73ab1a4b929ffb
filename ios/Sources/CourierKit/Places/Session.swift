import CourierCore
import Observation

/// Something that the courier has to be told.
public struct Notice: Equatable, Sendable {
    /// Whether it is good news.
    public enum Kind: Sendable {
        case done
        case problem
    }

    public let text: String
    public let kind: Kind

    public init(text: String, kind: Kind) {
        (self.text, self.kind) = (text, kind)
    }
}

/// An enrolled phone with its courier: what every screen shares.
@MainActor @Observable public final class Session {
    public let repository: Repository
    public let words: Words
    /// Where the phone is, as far as the day needs it.
    public let whereabouts: Whereabouts
    /// The newest thing to be told. It stays until something else is done.
    public private(set) var notice: Notice?
    /// Something is on its way to the server, and asked for again only when it has ended.
    public private(set) var isBusy = false

    /// How long an exchange that the courier asks for may take.
    public static let exchangeBudget = Duration.seconds(20)

    public init(repository: Repository, words: Words) {
        self.repository = repository
        self.words = words
        whereabouts = Whereabouts(repository: repository)
    }

    /// Tells the courier something.
    public func say(_ text: String, _ kind: Notice.Kind = .done) {
        notice = Notice(text: text, kind: kind)
    }

    /// The courier has read it.
    public func dismissNotice() { notice = nil }

    /// Does a command. Nothing comes back if it was not possible: the courier was told why.
    public func perform(_ command: Command) async -> CommandResult? {
        notice = nil
        do {
            return try await repository.submit(command).result
        } catch {
            say(words.problem(error), .problem)
            return nil
        }
    }

    /// Does a command that only records, and says so.
    @discardableResult public func record(_ command: Command) async -> Bool {
        guard let result = await perform(command) else { return false }
        if case .done = result { say(words.answer(result)) }
        return true
    }

    /// Exchanges everything now.
    public func sync() async {
        await waiting {
            let exchange = try await self.repository.sync(budget: Self.exchangeBudget)
            self.say(self.words.exchange(exchange), exchange.failed ? .problem : .done)
        }
    }

    /// Asks for a new code, which is mailed to the customer.
    public func askForNewCode(_ attempt: AttemptId) async {
        await waiting {
            try await self.repository.requestReissue(attempt)
            self.say(self.words(.newCodeMailed))
        }
    }

    private func waiting(_ work: @MainActor () async throws -> Void) async {
        guard !isBusy else { return }
        isBusy = true
        notice = nil
        defer { isBusy = false }
        do { try await work() } catch { say(words.problem(error), .problem) }
    }
}
