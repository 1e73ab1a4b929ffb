/// What the courier does at a door, as deeds.
extension ScenarioFile {
    func stop(_ name: String) -> [Deed] { [.home, .tap(.row("stop", saying: name))] }

    func door(_ name: String) -> [Deed] { stop(name) + [.tap(.id("door-\(name)"))] }

    private func tab(_ step: String, _ name: String) -> [Deed] { door(name) + [.tap(.named(step))] }

    private func receiver(_ step: Step) -> Mark { .id("receiver-\(Self.word(step.with["to"]))") }

    func atTheDoor(_ step: Step) throws(Refusal) -> [Deed] {
        let at = step.at
        switch step.verb {
        case "arrive": return stop(at) + [.dismissNotice, .tap(.id("arrive"))] + told(step)
        case "scan": return scan(barcodes(of: at), step)
        case "scan_text": return scan([step.with["barcode"].text ?? ""], step)
        case "enter": return try enter(step)
        case "take_photo":
            let size = String(step.with["kib"].number ?? 1)
            return try whereProofIsTaken(step, ofPerson: false)
                + [.dismissNotice, .tap(.id("take-photo")), .type(size, .id("camera-sees")), .tap(.id("camera-take"))]
                + told(step)
        case "sign":
            return try whereProofIsTaken(step, ofPerson: true)
                + [.dismissNotice, .tap(.id("sign")), .draw(.id("signature")), .tap(.id("take-signature"))] + told(step)
        case "fill_in":
            return try tab("Receiver", at) + [.tap(receiver(step))] + form(step) + [.pause]
        case "hand_over": return try tab("Receiver", at) + offered(step, receiver(step))
        case "not_delivered":
            return try tab("Not delivered", at) + offered(step, .id("exit-\(Self.word(step.with["reason"]))"))
        case "add_proof":
            let add = Mark.id("add-proof")
            return door(at) + (isRefused(step) ? [.miss(add)] : [.dismissNotice, .tap(add)] + told(step))
        case "withdraw": return door(at) + [.dismissNotice, .tap(.id("undo"))] + told(step)
        default: throw Refusal(step: step.name, why: "nobody here knows how")
        }
    }

    // MARK: Scan and code

    private func scan(_ barcodes: [String], _ step: Step) -> [Deed] {
        // At a door that the office took away there is nothing to do.
        if step.expect["answer"]["reason"]["rejection"] == "gone" { return door(step.at) + [.miss(.named("Scan"))] }
        let each = barcodes.map { [.tap(.named("Scan")), .dismissNotice] + barcode($0) }
        // What came of one leads on to the next step of the door: every one but the last is waited for.
        return door(step.at) + each.joined(separator: [Deed.see(.id("notice-done"))]) + told(step)
    }

    private func enter(_ step: Step) throws(Refusal) -> [Deed] {
        let at = step.at
        let code: CodeWord
        switch step.with["code"] {
        case "right": code = .right
        case "wrong": code = .wrong
        case "old": code = .old
        case "qr":
            return tab("Code", at)
                + [.dismissNotice, .tap(.id("scan-qr")), .qr(of: at), .tap(.id("camera-take"))] + told(step)
        case "decoy": throw Refusal(step: "\(step.name) decoy", why: "only a thief with the phone's secrets finds it")
        default: code = .text(step.with["code"]["text"].text ?? "")
        }
        let typed = tab("Code", at) + [.digits(code, of: at)]
        // What is no code yet, has to wait, is locked or too late, cannot even be confirmed.
        let answer = step.expect["answer"]
        let rejection = answer["reason"]["rejection"].text ?? ""
        if answer["error"] == "invalid_input" || ["wait", "locked", "expired"].contains(rejection) {
            return typed + [.disabled(.id("check-code"))]
        }
        return typed + [.dismissNotice, .tap(.id("check-code"))] + told(step)
    }

    // MARK: The form

    /// What is chosen, filled in and recorded. The screens leave out much of what the core would refuse.
    private func offered(_ step: Step, _ choice: Mark) throws(Refusal) -> [Deed] {
        let deeds =
            try leftOut(step) + [.tap(choice)] + form(step) + [.dismissNotice, .tap(.id("record"))] + told(step)
        let rejection = step.expect["answer"]["reason"]
        let isLeftOut =
            rejection["why"] == "code_needs_person" || rejection["rejection"] == "reason_not_offered"
            // A place that nobody asked for is not even refused.
            || (rejection["rejection"] == "not_allowed" && step.with["to"]["place"] != .null)
            || (rejection["rejection"] == "scan_first" && !before(step).contains { $0.verb.hasPrefix("scan") })
        return isLeftOut ? [.miss(choice)] : deeds
    }

    /// Parcels that are not named stay where they are.
    private func leftOut(_ step: Step) -> [Deed] {
        let named = step.with["parcels"].texts
        guard !named.isEmpty else { return [] }
        let closed = before(step).filter { $0.isOutcome && !isRefused($0) }.flatMap { $0.with["parcels"].texts }
        let left = barcodes(of: step.at).filter { !named.contains($0) && !closed.contains($0) }
        return left.map { .tap(.id("parcel-\($0)")) }
    }

    private func form(_ step: Step) throws(Refusal) -> [Deed] {
        let fields = ["name", "relation", "flat", "note"]
        let known = Set(fields + ["at", "to", "reason", "parcels", "checks", "without"])
        if let strange = step.with.members.keys.first(where: { !known.contains($0) }) {
            throw Refusal(step: "\(step.name) \(strange)", why: "nobody here knows how")
        }
        let typed = fields.compactMap { name in step.with[name].text.map { Deed.type($0, .id("form-\(name)")) } }
        let isMissing = step.expect["answer"]["reason"]["rejection"] == "proof_needed"
        // An age is not typed: who saw another one than is asked for says nothing. Nor is there an excuse where the law takes none.
        let checks = step.with["checks"].list.map { Deed.tap(.id("check-\(Self.word($0["check"]))Check")) }
        let excuses = step.with["without"].list.map {
            Mark.id("without-\(Self.word($0["proof"]))-\(Self.word($0["why"]))")
        }
        return typed + (isMissing ? excuses.map { .miss($0) } : checks + excuses.map { .tap($0) })
    }

    // MARK: Proof

    /// Where the screens let somebody photograph or sign: once the door is done there, before that in the form of the first handover
    /// from here on that may have it.
    private func whereProofIsTaken(_ step: Step, ofPerson isPerson: Bool) throws(Refusal) -> [Deed] {
        let last = before(step).last { ($0.isOutcome || $0.verb == "withdraw") && !isRefused($0) }
        if last?.isOutcome == true { return door(step.at) }
        let later = steps.dropFirst(step.no).first {
            $0.verb == "hand_over" && $0.at == step.at && ($0.with["to"]["place"] == .null) == isPerson
        }
        guard let later else { throw Refusal(step: step.name, why: "it proves nothing that is recorded") }
        return tab("Receiver", step.at) + [.tap(receiver(later))]
    }

    /// What the courier did at the same door before.
    private func before(_ step: Step) -> [Step] {
        steps.prefix(step.no - 1).filter { $0.actor == "courier" && $0.at == step.at }
    }

    private func isRefused(_ step: Step) -> Bool { step.expect["answer"]["error"] != .null }
}

extension ScenarioFile.Step {
    /// Whose door or stop it is about.
    var at: String { with["at"].text ?? with.text ?? "" }

    var isOutcome: Bool { ["hand_over", "not_delivered"].contains(verb) }
}
