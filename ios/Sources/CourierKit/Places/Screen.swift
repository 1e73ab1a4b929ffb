import CourierCore

/// A place of the app: it draws views of the core, and pulls them when something changed.
@MainActor public protocol Screen: AnyObject {
    var session: Session { get }
    /// Pulls what the place shows. Fails with `Closed` while the app is suspended.
    func pull() async throws
}

extension Screen {
    public var words: Words { session.words }

    /// Pulls once. While the app is suspended the place stays as it was; it is pulled when the app comes back.
    public func refresh() async {
        do {
            try await pull()
        } catch CourierError.Closed {
        } catch {
            session.say(words.problem(error), .problem)
        }
    }

    /// Pulls now and after every change, until its task is cancelled: for `.task` of a view.
    public func follow() async {
        let changes = session.repository.changes()
        await refresh()
        for await _ in changes { await refresh() }
    }

    /// Does something of the courier's, then shows what it changed.
    func doing(_ work: @MainActor () async -> Void) async {
        await work()
        await refresh()
    }
}
