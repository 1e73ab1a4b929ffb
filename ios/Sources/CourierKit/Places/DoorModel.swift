import CourierCore
import Foundation
import Observation

/// The door: scan, code, receiver, proof, or a reason why not; then done. What may be done comes from the core.
@MainActor @Observable public final class DoorModel: Screen {
    /// What the courier is about.
    public enum Step: CaseIterable, Sendable {
        case scan
        case code
        case receiver
        case exit
        /// The receiver or the reason is chosen: the last look before it is recorded.
        case proof
        case done

        /// Those that the courier can go to at any time.
        public static let tabs: [Step] = [.scan, .code, .receiver, .exit]
    }

    /// A parcel that belongs to another stop.
    public struct Elsewhere: Equatable, Sendable {
        public let no: UInt32
        public let stop: StopId
    }

    public let session: Session
    public let stopId: StopId
    /// The shipment that is looked at. It changes when a parcel of another one of this stop is scanned.
    public private(set) var shipment: ShipmentId
    /// Absent before it was pulled, and when it is not on the route any more.
    public private(set) var door: DoorView?
    public private(set) var isMissing = false
    /// Why the office took the stop or the shipment away, if it did.
    public private(set) var gone: String?
    public private(set) var step = Step.scan
    public var pad = CodePad()
    /// A barcode as typed.
    public var barcode = ""
    public var form: HandoverForm?
    public private(set) var elsewhere: Elsewhere?
    private var leftOut: Set<ParcelId> = []
    private var asked: Ask?
    private var waiting: Task<Void, Never>?

    public init(session: Session, stop: StopId, shipment: ShipmentId) {
        (self.session, stopId, self.shipment) = (session, stop, shipment)
    }

    // MARK: What is shown

    public func pull() async throws {
        let stop = try await session.repository.stop(stopId)
        door = stop?.doors.first { $0.shipment == shipment }
        isMissing = door == nil
        gone = stop?.gone ?? door?.gone
        guard let door else { return }
        let changed = asked != door.ask
        asked = door.ask
        // The question may change by itself, as when a code was refuted; but nobody is led away from what they type.
        if changed, !isTyping { step = Self.step(for: door) }
        countDown(door)
    }

    /// Where the core's question leads. It is about the whole door once every parcel was scanned.
    private static func step(for door: DoorView) -> Step {
        if door.ask == .done { return .done }
        if door.parcels.contains(where: { $0.outcome == nil && !$0.scanned }) { return .scan }
        return switch door.ask {
        case .scan: .scan
        case .code, .verdict: .code
        case .receiver: .receiver
        case .exit: .exit
        case .done: .done
        }
    }

    private var isTyping: Bool { form != nil || !barcode.isEmpty || !pad.isEmpty }

    /// While a code has to wait, the seconds are drawn as they pass.
    private func countDown(_ door: DoorView) {
        waiting?.cancel()
        guard case .needed(_, let waitMs) = door.code, waitMs > 0 else { return }
        waiting = Task { [weak self] in
            try? await Task.sleep(for: .milliseconds(min(waitMs, 1_000)))
            if !Task.isCancelled { await self?.refresh() }
        }
    }

    /// Goes where the core's question leads, after something was done.
    private func lead() {
        if let door { step = Self.step(for: door) }
    }

    /// Goes to a step that the courier chose.
    public func go(to step: Step) {
        form = nil
        pad.clear()
        self.step = step
    }

    // MARK: Scan

    /// Takes the barcode that was typed.
    public func takeBarcode() async {
        let typed = barcode.trimmingCharacters(in: .whitespaces)
        guard !typed.isEmpty else { return }
        barcode = ""
        await scanned(typed)
    }

    /// A barcode was scanned.
    public func scanned(_ barcode: String) async {
        elsewhere = nil
        await act(.scan(stop: stopId, barcode: barcode))
    }

    // MARK: Code

    /// Whether an entry is taken now, as far as the app knows.
    public var canEnterCode: Bool {
        guard case .needed(_, 0) = door?.code else { return false }
        return pad.isFull
    }

    /// Checks the digits of the pad. They are gone from it whatever comes of it.
    public func enterCode() async {
        guard !pad.isEmpty else { return }
        await act(.enterCode(stop: stopId, entry: .digits(pad.take())))
    }

    /// The customer's QR was scanned.
    public func scannedCode(_ text: String) async {
        pad.clear()
        await act(.enterCode(stop: stopId, entry: .token(text)))
    }

    /// A parcel here waits for a code that nobody has shown yet: a new one may help.
    public var mayAskForNewCode: Bool {
        switch door?.code {
        case nil, .notNeeded, .matched: false
        default: true
        }
    }

    public func askForNewCode() async {
        guard let attempt = door?.attempt else { return }
        await doing { await session.askForNewCode(attempt) }
    }

    // MARK: Receiver, reason, proof

    public func choose(_ option: ReceiverOption) {
        (form, step) = (HandoverForm(option), .proof)
    }

    public func choose(_ exit: Exit) {
        (form, step) = (HandoverForm(exit), .proof)
    }

    /// Whether a parcel goes along with what is recorded next.
    public func isChosen(_ parcel: ParcelLine) -> Bool { parcel.outcome == nil && !leftOut.contains(parcel.id) }

    /// Leaves a parcel out, or takes it in again.
    public func toggle(_ parcel: ParcelLine) {
        if leftOut.remove(parcel.id) == nil { leftOut.insert(parcel.id) }
    }

    /// Records what the form says.
    public func conclude() async {
        guard let form, let door else { return }
        let chosen = door.parcels.filter { parcel in
            switch form.choice {
            case .handOver: isChosen(parcel) && parcel.scanned
            case .notDelivered: isChosen(parcel)
            }
        }
        // To the core no parcel means every open one.
        guard !chosen.isEmpty else { return session.say(words(.noParcelChosen), .problem) }
        await act(form.command(for: door.attempt, parcels: chosen.map(\.id)))
    }

    // MARK: Done

    public var canUndo: Bool { door?.undo != nil }

    /// Takes the newest outcome back.
    public func undo() async {
        guard let fact = door?.undo else { return }
        await act(.withdraw(fact: fact))
    }

    // MARK: Doing it

    private func act(_ command: Command) async {
        guard let result = await session.perform(command) else { return await refresh() }
        tell(result)
        await refresh()
        if form == nil { lead() }
    }

    private func tell(_ result: CommandResult) {
        switch result {
        case .done(let fact):
            form = nil
            leftOut = []
            session.say(words(fact == nil ? .wasSoAlready : .recorded))
        case .codeMatched(_, _, "", _): session.say(words(.codeAccepted, words.verdict(nil)))
        case .codeMatched(_, _, let holder, _): session.say(words(.codeAcceptedOf, holder, words.verdict(nil)))
        case .codeAsked: session.say(words(.codeAsked))
        case .codeWrong(let left, 0): session.say(words(.wrongCode, left), .problem)
        case .codeWrong(let left, let waitMs):
            session.say(words(.wrongCodeWait, left, words.seconds(waitMs)), .problem)
        case .codeLocked(let by): session.say(words(.wrongCodeLocked, words.locked(by)), .problem)
        case .fileTaken: session.say(words(.fileTaken))
        case .scanned(.here(let found, _)):
            shipment = found
            session.say(words(.scanTaken))
        case .scanned(.otherStop(let no, let stop)):
            elsewhere = Elsewhere(no: no, stop: stop)
            session.say(words(.otherStop, no), .problem)
        case .scanned(.foreign): session.say(words(.foreignBarcode), .problem)
        case .scanned(.routingCode): session.say(words(.routingCode), .problem)
        case .scanned(.unknown): session.say(words(.unknownBarcode), .problem)
        }
    }
}
