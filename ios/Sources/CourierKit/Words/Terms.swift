import CourierCore
import Foundation

/// What the core's terms are called.
extension Words {
    /// How sure an outcome is.
    public func standing(_ standing: Standing) -> String {
        switch standing {
        case .onPhone: self(.standingOnPhone)
        case .stored: self(.standingStored)
        case .confirmed: self(.standingConfirmed)
        case .underReview: self(.standingUnderReview)
        case .refuted: self(.standingRefuted)
        }
    }

    /// What the office says of a code; nothing said yet is provisional.
    public func verdict(_ verdict: Verdict?) -> String {
        switch verdict {
        case nil: self(.verdictProvisional)
        case .confirmed: self(.standingConfirmed)
        case .underReview: self(.standingUnderReview)
        case .refuted: self(.standingRefuted)
        }
    }

    /// Why a parcel was not delivered.
    public func reason(_ reason: Reason) -> String {
        switch reason {
        case .notHome: self(.reasonNotHome)
        case .noPermittedReceiver: self(.reasonNoPermittedReceiver)
        case .ageOrIdentityNotProven: self(.reasonAgeOrIdentityNotProven)
        case .codeNotAvailable: self(.reasonCodeNotAvailable)
        case .triesUsedUp: self(.reasonTriesUsedUp)
        case .codeFrozen: self(.reasonCodeFrozen)
        case .accessBlocked: self(.reasonAccessBlocked)
        case .windowMissed: self(.reasonWindowMissed)
        case .refused: self(.reasonRefused)
        case .addressNotFound: self(.reasonAddressNotFound)
        case .damaged: self(.reasonDamaged)
        case .missingInVan: self(.reasonMissingInVan)
        case .unsafe: self(.reasonUnsafe)
        case .recalled: self(.reasonRecalled)
        }
    }

    /// What happens to a parcel that was not delivered.
    public func nextStep(_ step: NextStep) -> String {
        switch step {
        case .laterToday: self(.laterToday)
        case .nextDeliveryDay: self(.nextDeliveryDay)
        case .holdForPickup: self(.holdForPickup)
        case .returnToSender: self(.returnToSender)
        case .dispatcher: self(.dispatcherDecides)
        }
    }

    /// Who or what receives.
    public func receiver(_ receiver: Receiver) -> String {
        switch receiver {
        case .recipient: self(.receiverRecipient)
        case .household: self(.receiverHousehold)
        case .namedNeighbour: self(.receiverNamedNeighbour)
        case .otherNeighbour: self(.receiverOtherNeighbour)
        case .namedPerson: self(.receiverNamedPerson)
        case .concierge: self(.receiverConcierge)
        case .place(.safe): self(.receiverSafePlace)
        case .place(.mailbox): self(.receiverMailbox)
        case .place(.pickupPoint): self(.receiverPickupPoint)
        }
    }

    /// The rule behind an option.
    public func why(_ why: Why) -> String {
        switch why {
        case .askedFor: self(.whyAskedFor)
        case .inPerson: self(.whyInPerson)
        case .substitute: self(.whySubstitute)
        case .holdsTheCode: self(.whyHoldsTheCode)
        case .codeFirst: self(.whyCodeFirst)
        case .codeNeedsPerson: self(.whyCodeNeedsPerson)
        case .noNeighbours: self(.whyNoNeighbours)
        case .notThisNeighbour: self(.whyNotThisNeighbour)
        case .namedPersonOnly: self(.whyNamedPersonOnly)
        case .notAskedFor: self(.whyNotAskedFor)
        case .checkNeedsPerson: self(.whyCheckNeedsPerson)
        case .recipientOnly: self(.whyRecipientOnly)
        case .contradiction: self(.whyContradiction)
        case .notByPolicy: self(.whyNotByPolicy)
        }
    }

    /// What proves an outcome.
    public func proof(_ proof: Proof) -> String {
        switch proof {
        case .code: self(.proofCode)
        case .scan: self(.proofScan)
        case .name: self(.proofName)
        case .relation: self(.proofRelation)
        case .flat: self(.proofFlat)
        case .note: self(.proofNote)
        case .signature: self(.proofSignature)
        case .photo: self(.proofPhoto)
        case .ageCheck: self(.proofAgeCheck)
        case .identityCheck: self(.proofIdentityCheck)
        case .position: self(.proofPosition)
        }
    }

    /// Who stands behind a rule.
    public func origin(_ origin: Origin) -> String {
        switch origin {
        case .recipient: self(.originRecipient)
        case .sender: self(.originSender)
        case .service: self(.originService)
        case .law: self(.originLaw)
        }
    }

    /// Why no code is taken.
    public func locked(_ by: LockedBy) -> String {
        switch by {
        case .triesUsed: self(.lockedTriesUsed)
        case .frozen: self(.lockedFrozen)
        }
    }

    /// How far a stop is done.
    public func stopState(_ state: StopState) -> String {
        switch state {
        case .open: self(.stopOpen)
        case .partly: self(.stopPartly)
        case .done: self(.stopDone)
        case .gone: self(.stopGone)
        }
    }

    /// Why something is not the courier's any more.
    public func takenAway(_ why: String) -> String {
        switch why {
        case "done-elsewhere": self(.doneElsewhere)
        case "reassigned": self(.reassigned)
        default: self(.takenAway, why)
        }
    }

    /// Where an attempt stands.
    public func attempt(_ state: AttemptState) -> String {
        switch state {
        case .open: self(.stopOpen)
        case .gone(let why): takenAway(why)
        case .closed(let closing, let standing): self(.closedWith, self.closing(closing), self.standing(standing))
        }
    }

    private func closing(_ closing: Closing) -> String {
        switch closing {
        case .handed: self(.closingHanded)
        case .failed: self(.closingFailed)
        case .mixed: self(.closingMixed)
        }
    }

    /// What happened to a parcel.
    public func outcome(_ outcome: Outcome) -> String {
        switch outcome {
        case .handedOver(_, let receiver): self(.outcomeHanded, self.receiver(receiver))
        case .notDelivered(_, let reason): self(.outcomeNotDelivered, self.reason(reason))
        }
    }

    /// How a parcel at a door stands.
    public func parcel(_ parcel: ParcelLine) -> String {
        parcel.outcome.map(outcome) ?? self(parcel.scanned ? .isScanned : .notScanned)
    }

    /// An instruction, with who gave it.
    public func instruction(_ instruction: Instruction) -> String {
        self(.saidBy, origin(instruction.origin), kind(instruction.kind))
    }

    private func kind(_ kind: InstructionKind) -> String {
        switch kind {
        case .neighbour(let name, nil): self(.instructionNeighbour, name)
        case .neighbour(let name, .some(let flat)): self(.instructionNeighbourFlat, name, flat)
        case .noNeighbours: self(.instructionNoNeighbours)
        case .notNeighbour(let name): self(.instructionNotNeighbour, name)
        case .safePlace(let place): self(.instructionSafePlace, place)
        case .namedPerson(let name): self(.instructionNamedPerson, name)
        case .household: self(.instructionHousehold)
        case .mailbox: self(.instructionMailbox)
        case .concierge: self(.instructionConcierge)
        case .pickupPoint(let place): self(.instructionPickupPoint, place)
        case .signature: self(.instructionSignature)
        case .ageCheck(let years): self(.instructionAgeCheck, years)
        case .identityCheck: self(.instructionIdentityCheck)
        case .accessCode(let code): self(.instructionAccessCode, code)
        case .preferredWindow: self(.instructionPreferredWindow)
        case .meet(.door): self(.instructionMeetDoor)
        case .meet(.lobby): self(.instructionMeetLobby)
        case .meet(.outside): self(.instructionMeetOutside)
        case .note(let text): text
        case .unknown(let kind): self(.instructionUnknown, kind)
        }
    }

    /// A receiver as an option at the door.
    public func option(_ option: ReceiverOption) -> String {
        let who = [receiver(option.receiver), option.name, option.flat.map { "(\($0))" }]
        return who.compactMap { $0 }.joined(separator: " ")
    }

    /// Where an attempt stands with its code.
    public func code(_ code: CodeState) -> String {
        switch code {
        case .notNeeded: self(.codeNotNeeded)
        case .needed(let left, 0): self(.askForCode, left)
        case .needed(let left, let waitMs): self(.nextTry, seconds(waitMs), left)
        case .matched(_, "", _, let verdict): self(.codeAccepted, self.verdict(verdict))
        case .matched(_, let holder, _, let verdict): self(.codeAcceptedOf, holder, self.verdict(verdict))
        case .asked: self(.codeAsked)
        case .locked(let by): self(.codeLocked, locked(by))
        case .notYet: self(.codeNotYet)
        case .expired: self(.codeExpired)
        case .missing: self(.codeMissing)
        }
    }

    /// How many pieces.
    public func parcels(_ count: UInt32) -> String { count == 1 ? self(.oneParcel) : self(.parcels, count) }

    /// Street and house, with the town.
    public func address(_ address: Address) -> String {
        "\(address.street) \(address.house), \(address.postcode) \(address.city)"
    }

    /// A time window as clocks at the delivery address show it.
    public func window(_ window: TimeWindow, tz: String) -> String {
        "\(clock(window.from, tz: tz))–\(clock(window.to, tz: tz))"
    }

    /// An instant as clocks at the delivery address show it.
    func clock(_ at: UnixMs, tz: String) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: tz) ?? .gmt
        let time = calendar.dateComponents([.hour, .minute], from: Date(timeIntervalSince1970: Double(at) / 1_000))
        return [time.hour, time.minute].map { ($0 ?? 0) < 10 ? "0\($0 ?? 0)" : "\($0 ?? 0)" }.joined(separator: ":")
    }

    /// Whole seconds, never less than there are.
    func seconds(_ ms: UInt64) -> UInt64 { ms.dividedCeiling(by: 1_000) }
}

extension UInt64 {
    fileprivate func dividedCeiling(by divisor: UInt64) -> UInt64 { self / divisor + (self % divisor == 0 ? 0 : 1) }
}
