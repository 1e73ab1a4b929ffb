import CourierCore

/// What did not work, and what the courier can do.
extension Words {
    /// A whole sentence about why something did not work.
    public func problem(_ error: any Error) -> String {
        switch error {
        case CourierError.Rejected(reason: .notAllowed(let why, let by)):
            self(.notPossibleBy, self.why(why), origin(by))
        case CourierError.Rejected(let reason): self(.notPossible, rejection(reason))
        default: self(.didNotWork, cause(error))
        }
    }

    /// What an error is, without what follows from it.
    public func cause(_ error: any Error) -> String {
        switch error as? CourierError {
        case .InvalidInput(let what): input(what)
        case .Rejected(let reason): rejection(reason)
        case .NotFound: self(.errorNotFound)
        case .Offline: self(.errorOffline)
        case .Auth: self(.errorAuth)
        case .KeyUnavailable: self(.errorKeyUnavailable)
        case .Storage(let why): storage(why)
        case .Closed: self(.errorClosed)
        case .Internal(let incident): self(.errorInternal, incident)
        // Of a foreign error only its type is said: its text may hold anything.
        case nil: self(.errorInternal, "\(type(of: error))")
        }
    }

    /// Why the phone was not enrolled.
    public func enrolmentProblem(_ error: any Error) -> String {
        switch error {
        case CourierError.Offline: self(.enrolOffline)
        case CourierError.Auth: self(.enrolRefused)
        default: self(.enrolFailed, cause(error))
        }
    }

    /// What came of an exchange.
    public func exchange(_ report: SyncReport) -> String {
        if report.offline { return self(.syncNoAnswer, report.pending) }
        if let error = report.error { return self(.syncFailed, syncProblem(error), report.pending) }
        return self(.exchanged, report.acked, report.pending)
    }

    func syncProblem(_ problem: SyncProblem) -> String {
        switch problem {
        case .notEnrolled: self(.syncNotEnrolled)
        case .auth: self(.syncAuth)
        case .dismissed: self(.syncDismissed)
        case .suspended: self(.syncSuspended)
        case .outdated: self(.syncOutdated)
        case .server: self(.syncServer)
        case .notTheServer: self(.syncNotTheServer)
        case .phone: self(.syncPhone)
        }
    }

    private func storage(_ why: StorageProblem) -> String {
        switch why {
        case .full: self(.storageFull)
        case .notNow: self(.storageNotNow)
        case .inUse: self(.storageInUse)
        case .newer: self(.storageNewer)
        case .broken: self(.storageBroken)
        }
    }

    private func input(_ what: InputProblem) -> String {
        switch what {
        case .notSixDigits: self(.inputNotSixDigits)
        case .notAToken: self(.inputNotAToken)
        case .enrolmentCode: self(.inputEnrolmentCode)
        case .serverUrl: self(.inputServerUrl)
        case .certificate: self(.inputCertificate)
        case .photoUnreadable: self(.inputPhotoUnreadable)
        case .notAPhoto: self(.inputNotAPhoto)
        case .photoTooLarge: self(.inputPhotoTooLarge)
        }
    }

    private func rejection(_ reason: Rejection) -> String {
        switch reason {
        case .noRoute: self(.rejectionNoRoute)
        case .dayNotStarted: self(.rejectionDayNotStarted)
        case .dayClosed: self(.rejectionDayClosed)
        case .notOnRoute: self(.rejectionNotOnRoute)
        case .gone(let why): self(.rejectionGone, why)
        case .notOpen: self(.rejectionNotOpen)
        case .scanFirst: self(.rejectionScanFirst)
        case .noCodeNeeded: self(.rejectionNoCodeNeeded)
        case .codeMatchedAlready: self(.rejectionCodeMatchedAlready)
        case .wait(let waitMs): self(.rejectionWait, seconds(waitMs))
        case .locked(let by): self(.rejectionLocked, locked(by))
        case .codeAsked: self(.rejectionCodeAsked)
        case .notYet: self(.rejectionNotYet)
        case .expired: self(.rejectionExpired)
        case .codeMissing: self(.rejectionCodeMissing)
        case .notAllowed(let why, _): self.why(why)
        case .nameNeeded: self(.rejectionNameNeeded)
        case .reasonNotOffered: self(.rejectionReasonNotOffered)
        case .nothingToWithdraw: self(.rejectionNothingToWithdraw)
        case .handedOver: self(.rejectionHandedOver)
        case .noNewCode: self(.rejectionNoNewCode)
        case .misread: self(.rejectionMisread)
        case .proofNeeded(let proof): self(.rejectionProofNeeded, self.proof(proof))
        case .proofForbidden(let proof): self(.rejectionProofForbidden, self.proof(proof))
        case .nothingToProve: self(.rejectionNothingToProve)
        case .fileNotTaken: self(.rejectionFileNotTaken)
        case .notSigned: self(.rejectionNotSigned)
        case .placeFixed: self(.rejectionPlaceFixed)
        case .proposalOver: self(.rejectionProposalOver)
        case .badText(let field, let max): self(.rejectionBadText, field, max)
        }
    }
}
