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
    public var form: HandoverForm? { didSet { keepSoon() } }
    /// Photos and signatures that were taken here and are no part of a fact yet.
    public private(set) var stop: StopView?
    public private(set) var elsewhere: Elsewhere?
    private var leftOut: Set<ParcelId> = []
    private var asked: Ask?
    private var waiting: Task<Void, Never>?
    /// What the core keeps of the form, and the task that brings it there.
    private var kept: DoorForm?
    private var keeping: Task<Void, Never>?
    /// The form from before the app was killed was looked for.
    private var isBack = false

    public init(session: Session, stop: StopId, shipment: ShipmentId) {
        (self.session, stopId, self.shipment) = (session, stop, shipment)
    }

    // MARK: What is shown

    public func pull() async throws {
        let stop = try await session.repository.stop(stopId)
        self.stop = stop
        door = stop?.doors.first { $0.shipment == shipment }
        isMissing = door == nil
        gone = stop?.gone ?? door?.gone
        guard let door else { return }
        let changed = asked != door.ask
        asked = door.ask
        // The question may change by itself, as when a code was refuted; but nobody is led away from what they type.
        if changed, !isTyping { step = Self.step(for: door) }
        comeBack(stop?.form)
        countDown(door)
    }

    /// A killed app comes back to the same step.
    private func comeBack(_ form: DoorForm?) {
        guard !isBack else { return }
        isBack = true
        guard let form, form.shipment == shipment else { return }
        kept = form
        leftOut = Set(form.leftOut)
        (self.form, step) = (HandoverForm(form), .proof)
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
    public var needsCode: Bool {
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
        keepSoon()
    }

    /// Records what the form says.
    public func conclude() async {
        guard let form, let door else { return }
        // Whether each was scanned the core looks: what stays is left out by whoever says so.
        let chosen = door.parcels.filter { isChosen($0) }
        // To the core no parcel means every open one.
        guard !chosen.isEmpty else { return session.say(words(.noParcelChosen), .problem) }
        keeping?.cancel()
        await act(form.command(for: door.attempt, parcels: chosen.map(\.id), files: files))
    }

    // MARK: What is filled in

    /// Not with every letter: a pause is enough.
    private func keepSoon() {
        keeping?.cancel()
        keeping = Task { [weak self] in
            try? await Task.sleep(for: .milliseconds(300))
            if !Task.isCancelled { await self?.keep() }
        }
    }

    /// The core keeps what is filled in, so that it is there again when the app was killed. The camera asks for it first.
    public func keep() async {
        let form = form?.kept(of: shipment, leftOut: leftOut)
        guard form != kept else { return }
        kept = form
        await quietly(.saveForm(stop: stopId, form: form))
    }

    /// Nothing is said about it unless the phone failed.
    private func quietly(_ command: Command) async {
        do {
            _ = try await session.repository.submit(command)
        } catch CourierError.Rejected {
        } catch {
            session.say(words.problem(error), .problem)
        }
    }

    /// Names that the core offers for whoever receives: all of them are of this stop.
    public var suggestions: [Suggestion] {
        guard let form, let receiver = form.receiver else { return [] }
        return door?.suggestions.filter { $0.receiver == receiver && $0.name != form.name } ?? []
    }

    public func take(_ suggestion: Suggestion) {
        form?.name = suggestion.name
        if let flat = suggestion.flat { form?.flat = flat }
    }

    // MARK: Proofs

    private var option: ReceiverOption? { door?.options.first { $0.receiver == form?.receiver } }

    /// What is asked for of whoever receives, beyond what always is.
    public var rules: [ProofRule] { option?.proofs ?? [] }

    /// How much a signature or a photo is asked for. The core says for whom nothing is photographed.
    public func demand(_ proof: Proof) -> Demand {
        option.map { proofDemand(option: $0, proof: proof) } ?? .forbidden
    }

    /// What was taken here and may prove this handover.
    public var files: [ProofFile] {
        guard let stop, let receiver = form?.receiver else { return [] }
        return filesFor(stop: stop, shipment: shipment, receiver: receiver)
    }

    /// The camera wrote the file at `path`. The core keeps a copy of its own.
    public func photographed(_ path: String) async {
        await act(.takePhoto(stop: stopId, path: path))
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Somebody signed. Whether it was taken.
    public func signed(_ drawing: Drawing) async -> Bool {
        await act(.sign(stop: stopId, signature: drawing.signature))
        return session.notice?.kind == .done
    }

    /// A photo or signature is not wanted any more.
    public func drop(_ file: ProofFile) async {
        await doing { await quietly(.dropFile(stop: stopId, sha256: file.sha256)) }
    }

    // MARK: Done

    public var canUndo: Bool { door?.undo != nil }

    /// Takes the newest outcome back.
    public func undo() async {
        guard let fact = door?.undo else { return }
        await act(.withdraw(fact: fact))
    }

    /// What may still be added to what is recorded. The core says it.
    public var provable: [FileKind] { door?.provable.map(\.kind) ?? [] }

    /// What was taken here and may be added.
    public var toAdd: [ProofFile] { additionsHere.flatMap(\.files) }

    /// Adds what was taken to what is recorded.
    public func addProof() async {
        for addition in additionsHere {
            await act(.addProof(fact: addition.fact, files: addition.files))
        }
    }

    private var additionsHere: [Addition] {
        guard let stop, let door else { return [] }
        return additions(stop: stop, shipment: door.shipment)
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
        case .done:
            // The core let it go with what was recorded.
            kept = nil
            (form, leftOut) = (nil, [])
        case .scanned(.here(let found, _)): shipment = found
        case .scanned(.otherStop(let no, let stop)): elsewhere = Elsewhere(no: no, stop: stop)
        default: break
        }
        session.say(words.answer(result), isGood(result) ? .done : .problem)
    }

    /// Whether the courier got on with it.
    private func isGood(_ result: CommandResult) -> Bool {
        switch result {
        case .codeWrong, .codeLocked: false
        case .scanned(.here): true
        case .scanned: false
        default: true
        }
    }
}
