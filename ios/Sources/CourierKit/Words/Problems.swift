import CourierCore

/// What did not work, and what the courier can do.
extension Words {
    /// Whole sentences about why something did not work.
    public func problem(_ error: any Error) -> String {
        // Of a foreign error only its type is said: its text may hold anything.
        terms.error(error: error as? CourierError ?? .Internal(incident: "\(type(of: error))"))
    }

    /// Why the phone was not enrolled.
    public func enrolmentProblem(_ error: any Error) -> String {
        switch error {
        case CourierError.Offline: self(.enrolOffline)
        case CourierError.Auth: self(.enrolRefused)
        default: self(.enrolFailed, problem(error))
        }
    }

    /// What came of an exchange.
    public func exchange(_ report: SyncReport) -> String {
        let waiting = waiting(facts: report.pending, files: report.files)
        if report.offline { return self(.syncNoAnswer, waiting) }
        if let error = report.error { return self(.syncFailed, syncProblem(error), waiting) }
        return self(.exchanged, report.acked, waiting)
    }

    /// Whether anything waits for the network.
    func outbox(facts: UInt64, files: UInt64) -> String {
        facts + files == 0 ? self(.outboxEmpty) : self(.outbox, waiting(facts: facts, files: files))
    }

    /// How much is only here: facts, and photos and signatures.
    func waiting(facts: UInt64, files: UInt64) -> String {
        files == 0 ? "\(facts)" : self(.withFiles, facts, files)
    }

    func syncProblem(_ problem: SyncProblem) -> String { terms.syncProblem(problem: problem) }
}
