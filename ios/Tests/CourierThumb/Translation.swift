/// A step that is not done with taps, and why.
public struct Refusal: Error, Equatable {
    public let step: String
    public let why: String
}

extension ScenarioFile {
    /// The deeds of every step, or the first step that cannot be done.
    public func deeds() throws(Refusal) -> [(step: Step, deeds: [Deed])] {
        var all: [(step: Step, deeds: [Deed])] = []
        for step in steps {
            if let why = Self.refused[step.name] { throw Refusal(step: step.name, why: why) }
        }
        for step in steps { all.append((step, try deeds(of: step) + seen(after: step))) }
        return all
    }

    private func deeds(of step: Step) throws(Refusal) -> [Deed] {
        switch step.actor {
        case "courier": return try courier(step)
        case "phone": return try phone(step)
        case "net": return [.ask(net(step))]
        case "time": return try time(step)
        case "customer", "office": return try outside(step)
        default: throw Refusal(step: step.name, why: "nobody here knows how")
        }
    }

    /// Before the first step: a courier, whose phone is enrolled and has its day, if there is one.
    var beginning: [Deed] {
        let enrolled: [Deed] = [.launch, .enrolmentCode, .tap(.id("enrol")), .see(.id("notice-done"))]
        guard !shipments.isEmpty else { return enrolled }
        let published: [Deed] = [.ask(imported(shipments, .null)), .ask(published(day, .null))]
        let begun: [Deed] = [.dismissNotice, .tap(.id("start-day")), .see(.id("notice-done"))]
        return published + enrolled + menu("Exchange now") + begun
    }

    private func imported(_ shipments: [JSON], _ answer: JSON) -> Request {
        let whole = JSON.list(shipments.map(Shipment.whole))
        let file: JSON = ["day": .text(day), "tz": "Europe/Berlin", "shipments": whole]
        return Request(path: .fixed("/v1/import"), body: file, answer: answer)
    }

    private func published(_ day: String, _ answer: JSON) -> Request {
        Request(path: .publish, body: ["day": .text(day)], answer: answer)
    }

    /// What a thumb on a simulator cannot do, and what nobody beside it can.
    private static let refused = [
        "second_phone sync": "one simulator is one phone",
        "second_phone does": "one simulator is one phone",
        "net foreign": "the backend's process would have to be another one",
        "office backup": "the backend's folder is not the runner's",
        "office reorder": "names stops by identifiers that no screen tells",
        "office reorder_with_last": "names stops by identifiers that no screen tells",
        "phone move": "a walk takes its time, and the app's clock stands still",
        "phone suspend_in_sync": "the system suspends, not a thumb",
        "courier take_photo": "a simulator has no camera",
        "courier sign": "a signature is drawn, not tapped",
    ]

    // MARK: The courier

    private func courier(_ step: Step) throws(Refusal) -> [Deed] {
        let at = step.with["at"].text ?? step.with.text ?? ""
        switch step.verb {
        case "start_day": return [.home, .dismissNotice, .tap(.id("start-day"))] + told(step)
        case "close_day":
            let asked: [Deed] = [.tap(.id("close-day")), .dismissNotice, .tap(.answer("Close the day"))]
            return menu("Day end") + asked + told(step)
        case "check_load":
            let missing = step.with["missing"].texts.flatMap(barcodes(of:))
            let found = barcodes.filter { !missing.contains($0) } + step.with["foreign"].texts
            return menu("Load check") + found.flatMap(barcode) + [.dismissNotice, .tap(.id("record-load"))] + told(step)
        case "arrive": return stop(at) + [.dismissNotice, .tap(.id("arrive"))] + told(step)
        case "scan": return scan(barcodes(of: at), at, step)
        case "scan_text": return scan([step.with["barcode"].text ?? ""], at, step)
        case "enter": return try enter(step, at)
        case "hand_over":
            return try tab("Receiver", at) + offered(step, .id("receiver-\(Self.word(step.with["to"]))"), form(step))
        case "not_delivered":
            let reason = Mark.id("exit-\(Self.word(step.with["reason"]))")
            return try tab("Not delivered", at) + offered(step, reason, form(step))
        case "withdraw": return door(at) + [.dismissNotice, .tap(.id("undo"))] + told(step)
        default: throw Refusal(step: step.name, why: "nobody here knows how")
        }
    }

    private func menu(_ line: String) -> [Deed] { [.home, .tap(.id("more")), .tap(.named(line))] }

    private func stop(_ name: String) -> [Deed] { [.home, .tap(.row("stop", saying: name))] }

    private func door(_ name: String) -> [Deed] { stop(name) + [.tap(.id("door-\(name)"))] }

    private func tab(_ step: String, _ name: String) -> [Deed] { door(name) + [.tap(.named(step))] }

    private func barcode(_ text: String) -> [Deed] { [.type(text, .id("barcode")), .tap(.id("take-barcode"))] }

    private func scan(_ barcodes: [String], _ name: String, _ step: Step) -> [Deed] {
        let each = barcodes.map { [.tap(.named("Scan")), .dismissNotice] + barcode($0) }
        // What came of one leads on to the next step of the door: every one but the last is waited for.
        return door(name) + each.joined(separator: [Deed.see(.id("notice-done"))]) + told(step)
    }

    private func enter(_ step: Step, _ at: String) throws(Refusal) -> [Deed] {
        let code: CodeWord
        switch step.with["code"] {
        case "right": code = .right
        case "wrong": code = .wrong
        case "old": code = .old
        case "qr": throw Refusal(step: "\(step.name) qr", why: "a simulator has no camera")
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

    /// What is chosen, filled in and recorded. The screens leave out much of what the core would refuse.
    private func offered(_ step: Step, _ choice: Mark, _ form: [Deed]) -> [Deed] {
        let deeds = [.tap(choice)] + form + [.dismissNotice, .tap(.id("record"))] + told(step)
        let rejection = step.expect["answer"]["reason"]
        let isLeftOut =
            rejection["why"] == "code_needs_person"
            || ["scan_first", "reason_not_offered"].contains(rejection["rejection"].text)
        return isLeftOut ? [.miss(choice)] : deeds
    }

    private func form(_ step: Step) throws(Refusal) -> [Deed] {
        let fields = ["name", "relation", "flat", "note"]
        let known = Set(fields + ["at", "to", "reason"])
        if let strange = step.with.members.keys.first(where: { !known.contains($0) }) {
            throw Refusal(step: "\(step.name) \(strange)", why: "nobody here knows how")
        }
        return fields.compactMap { name in step.with[name].text.map { .type($0, .id("form-\(name)")) } }
    }

    /// Whether it worked, as the courier is told.
    private func told(_ step: Step) -> [Deed] {
        let answer = step.expect["answer"]
        let scan = answer["scan"]["scan"].text
        let isBad =
            answer["error"] != .null || ["code_wrong", "code_locked"].contains(answer["result"].text)
            || (scan != nil && scan != "here")
        return [.see(.id(isBad ? "notice-problem" : "notice-done"))]
    }

    /// A word of the core as Swift writes it: `named_neighbour` is `namedNeighbour`, `{"place": "safe"}` is `safe`.
    static func word(_ value: JSON) -> String {
        let parts = (value.text ?? value["place"].text ?? "").split(separator: "_")
        return parts.prefix(1).joined() + parts.dropFirst().map(\.capitalized).joined()
    }

    // MARK: Everybody else

    private func phone(_ step: Step) throws(Refusal) -> [Deed] {
        switch step.verb {
        case "sync":
            let answer = step.expect["answer"]
            let isBad = answer["offline"] == .bool(true) || answer["error"] != .null
            let told: [Deed] = [.see(.id(isBad ? "notice-problem" : "notice-done"))]
            let waits = answer["pending"].number.map { $0 == 0 ? "Everything is handed in" : "Waiting here: \($0)" }
            return [.home, .dismissNotice, .tap(.id("more")), .tap(.named("Exchange now"))] + told
                + (waits.map { [.see(.row("outbox", saying: $0))] } ?? [])
        case "restart": return [.launch]
        case "reboot": return [.reboot]
        case "reinstall": return [.reinstall, .enrolmentCode, .tap(.id("enrol")), .see(.id("notice-done"))]
        default: throw Refusal(step: step.name, why: "nobody here knows how")
        }
    }

    private func net(_ step: Step) -> Request {
        let modes = ["lose_answers": "lost_answer"]
        let body: JSON = ["mode": .text(modes[step.verb] ?? step.verb), "count": step.with]
        return Request(path: .fixed("/test/net"), body: body, answer: .null)
    }

    private func time(_ step: Step) throws(Refusal) -> [Deed] {
        if let seconds = step.with.number { return [.pass(seconds: Int64(seconds))] }
        guard let then = try? Self.ms(step.with.text ?? "") else {
            throw Refusal(step: step.name, why: "\(step.with) is no time")
        }
        return [.until(then)]
    }

    private func outside(_ step: Step) throws(Refusal) -> [Deed] {
        let of = step.with["of"].text ?? step.with["shipment"].text ?? step.with.text ?? ""
        func ask(_ path: Request.Path, _ body: JSON) -> [Deed] {
            [.ask(Request(path: path, body: body, answer: step.expect["answer"]))]
        }
        switch step.name {
        case "customer look": return [.backend(.page(of), .object([:]))]
        case "customer instruct": return ask(.page(of: of, "instructions"), step.with["body"])
        case "customer dispute":
            let body: JSON = ["kind": step.with["kind"], "text": step.with["text"], "request_id": request(step)]
            return ask(.page(of: of, "disputes"), body)
        case "customer reissue": return ask(.page(of: of, "reissue"), ["request_id": request(step)])
        case "office reissue": return ask(.attempt(of: of, "reissue"), ["request_id": request(step)])
        case "office import": return [.ask(imported(step.with.list, step.expect["answer"]))]
        case "office publish": return [.ask(published(step.with.text ?? day, step.expect["answer"]))]
        case "office cancel": return ask(.shipment(of, "cancel"), ["why": step.with["why"]])
        default: throw Refusal(step: step.name, why: "nobody here knows how")
        }
    }

    /// What makes a request another one than those before.
    private func request(_ step: Step) -> JSON { .text("request-\(step.no)") }
}
