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

    func imported(_ shipments: [JSON], _ answer: JSON) -> Request {
        let whole = JSON.list(shipments.map(Shipment.whole))
        let file: JSON = ["day": .text(day), "tz": "Europe/Berlin", "shipments": whole]
        return Request(path: .fixed("/v1/import"), body: file, answer: answer)
    }

    func published(_ day: String, _ answer: JSON) -> Request {
        Request(path: .publish, body: ["day": .text(day)], answer: answer)
    }

    /// What a thumb on a simulator cannot do, and what nobody beside it can.
    private static let refused = [
        "second_phone sync": "one simulator is one phone",
        "second_phone does": "one simulator is one phone",
        "net foreign": "the backend's process would have to be another one",
        "office backup": "the backend's folder is not the runner's",
        "phone move": "a walk takes its time, and the app's clock stands still",
        "phone suspend_in_sync": "the system suspends, not a thumb",
    ]

    // MARK: The courier

    private func courier(_ step: Step) throws(Refusal) -> [Deed] {
        let at = step.at
        switch step.verb {
        case "start_day": return [.home, .dismissNotice, .tap(.id("start-day"))] + told(step)
        case "close_day":
            let asked: [Deed] = [.tap(.id("close-day")), .dismissNotice, .tap(.answer("Close the day"))]
            return menu("Day end") + asked + told(step)
        case "check_load":
            let missing = step.with["missing"].texts.flatMap(barcodes(of:))
            let found = barcodes.filter { !missing.contains($0) } + step.with["foreign"].texts
            return menu("Load check") + found.flatMap(barcode) + [.dismissNotice, .tap(.id("record-load"))] + told(step)
        case "next", "later", "skip", "drag", "keep_mine", "take_proposal", "take_old_proposal", "prefer":
            return try order(step)
        default: return try atTheDoor(step)
        }
    }

    func barcode(_ text: String) -> [Deed] { [.type(text, .id("barcode")), .tap(.id("take-barcode"))] }

    func menu(_ line: String) -> [Deed] { [.home, .tap(.id("more")), .tap(.named(line))] }

    /// Whether it worked, as the courier is told.
    func told(_ step: Step) -> [Deed] {
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
            let files = step.expect["phone"]["files"].number ?? 0
            let waits = answer["pending"].number.map {
                let facts = files == 0 ? "\($0)" : "\($0), photos and signatures: \(files)"
                return $0 + files == 0 ? "Everything is handed in" : "Waiting here: \(facts)"
            }
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
}
