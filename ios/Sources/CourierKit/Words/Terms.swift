import CourierCore
import Foundation

/// What the core's terms are called: in the core's words, which every shell has.
extension Words {
    /// How sure an outcome is.
    public func standing(_ standing: Standing) -> String { terms.standing(standing: standing) }

    /// What the office says of a code; nothing said yet is provisional.
    public func verdict(_ verdict: Verdict?) -> String { terms.verdict(verdict: verdict) }

    /// Why a parcel was not delivered.
    public func reason(_ reason: Reason) -> String { terms.reason(reason: reason) }

    /// What happens to a parcel that was not delivered.
    public func nextStep(_ step: NextStep) -> String { terms.nextStep(step: step) }

    /// Who or what receives.
    public func receiver(_ receiver: Receiver) -> String { terms.receiver(receiver: receiver) }

    /// A receiver as an option at the door.
    public func option(_ option: ReceiverOption) -> String { terms.option(option: option) }

    /// The rule behind an option.
    public func why(_ why: Why) -> String { terms.why(why: why) }

    /// What proves an outcome.
    public func proof(_ proof: Proof) -> String { terms.proof(proof: proof) }

    /// What is asked for, how much, and by whom.
    public func proofRule(_ rule: ProofRule) -> String { terms.proofRule(rule: rule) }

    /// Why a proof is not there.
    public func excuse(_ why: ExcuseReason) -> String { terms.excuse(why: why) }

    /// Who stands behind a rule.
    public func origin(_ origin: Origin) -> String { terms.origin(origin: origin) }

    /// How far a stop is done.
    public func stopState(_ state: StopState) -> String { terms.stopState(state: state) }

    /// Why something is not the courier's any more.
    public func takenAway(_ why: String) -> String { terms.takenAway(why: why) }

    /// Where an attempt stands.
    public func attempt(_ state: AttemptState) -> String { terms.attempt(state: state) }

    /// What happened to a parcel.
    public func outcome(_ outcome: Outcome) -> String { terms.outcome(outcome: outcome) }

    /// How a parcel at a door stands.
    public func parcel(_ parcel: ParcelLine) -> String {
        parcel.outcome.map(outcome) ?? self(parcel.scanned ? .isScanned : .notScanned)
    }

    /// An instruction, with who gave it.
    public func instruction(_ line: InstructionLine) -> String { terms.instruction(line: line) }

    /// Which instructions of a door do not go together, and which one holds.
    public func conflict(_ conflict: Conflict, at door: DoorView) -> String {
        terms.conflict(conflict: conflict, instructions: door.instructions)
    }

    /// Where an attempt stands with its code.
    public func code(_ code: CodeState) -> String { terms.code(code: code) }

    /// What came of a command.
    public func answer(_ result: CommandResult) -> String { terms.answer(result: result) }

    /// How the device key is kept.
    public func keyLevel(_ level: KeyLevel) -> String { terms.keyLevel(level: level) }

    /// What a kind of things on this phone is called.
    public func keptKind(_ kind: KeptKind) -> String { terms.keptKind(kind: kind) }

    /// How much there is of a kind, and when it goes.
    public func kept(_ kept: Kept) -> String { terms.kept(kept: kept) }

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
    func seconds(_ ms: UInt64) -> UInt64 { ms / 1_000 + (ms % 1_000 == 0 ? 0 : 1) }
}
