extension ScenarioFile {
    /// What of an expectation is to be seen: at a door how far it is and what may be done there, at a stop whether the courier is
    /// there, and at the backend everything that is asked of it. The rest is in views of the core that no screen shows as such, and
    /// the other players of these files compare it.
    func seen(after step: Step) -> [Deed] {
        let expect = step.expect
        var deeds = sorted(expect["doors"]).flatMap { door($0, $1) } + sorted(expect["stops"]).flatMap { stop($0, $1) }
        deeds += sorted(expect["pages"]).map { .backend(.page($0), $1) }
        deeds += sorted(expect["shipments"]).map { .backend(.shipment($0), $1) }
        deeds += sorted(expect["mails"]).map { .backend(.mails($0), $1) }
        deeds += route(expect["route"])
        if expect["totals"] != .null { deeds.append(.backend(.totals, expect["totals"])) }
        return deeds
    }

    private func sorted(_ object: JSON) -> [(String, JSON)] { object.members.sorted { $0.key < $1.key } }

    private func route(_ wanted: JSON) -> [Deed] {
        let listed = wanted["stops"].list + wanted["stops"]["$has"].list
        let sorted = listed.filter { $0["position"] != .null }.sorted {
            ($0["position"].number ?? 0) < ($1["position"].number ?? 0)
        }
        let names = sorted.compactMap { $0["names"].texts.first }
        let order: [Deed] = names.count < 2 ? [] : [.home, .order(names)]
        guard let proposal = wanted.members["proposal"] else { return order }
        let take = Mark.id("take-order")
        return order + [.home, proposal == .null ? .miss(take) : .see(take)]
    }

    private func stop(_ name: String, _ wanted: JSON) -> [Deed] {
        // It was filled in at one of the doors there, which is the one on the screen.
        if wanted["form"] != .null { return [.see(.id("record"))] }
        guard wanted["arrived"] == .bool(true) else { return [] }
        return stop(name) + [.see(.id("arrived"))]
    }

    private func door(_ name: String, _ wanted: JSON) -> [Deed] {
        let deeds = state(wanted["state"]) + code(wanted["code"]) + options(wanted["options"]) + exits(wanted["exits"])
        let atDoor = deeds.isEmpty ? [] : door(name) + deeds
        guard let phone = wanted.members["recipient_phone"] else { return atDoor }
        let call = Mark.id("call-\(name)")
        return stop(name) + [.see(.id("door-\(name)")), phone == .null ? .miss(call) : .see(call)] + atDoor
    }

    private func state(_ wanted: JSON) -> [Deed] {
        if wanted["state"] == "open" { return [.see(.named("Scan"))] }
        let closings = ["handed": "handed over", "failed": "not delivered", "mixed": "partly handed over"]
        let standings = [
            "on_phone": "provisional, on this phone only", "stored": "provisional, stored by the backend",
            "confirmed": "confirmed", "under_review": "under review", "refuted": "refuted",
        ]
        let says = [closings[wanted["closing"].text ?? ""], standings[wanted["standing"].text ?? ""]]
        return says.compactMap { $0 }.map { .see(.row("door-state", saying: $0)) }
    }

    private func code(_ wanted: JSON) -> [Deed] {
        guard let tries = wanted["tries_left"].number else { return [] }
        return [.see(.row("code-state", saying: tries == 1 ? "One try left" : "\(tries) tries left"))]
    }

    private func options(_ wanted: JSON) -> [Deed] {
        let receivers = wanted["$has"].list.map { Deed.see(.id("receiver-\(Self.word($0["receiver"]))")) }
        return receivers.isEmpty ? [] : [.tap(.named("Receiver"))] + receivers
    }

    private func exits(_ wanted: JSON) -> [Deed] {
        let some = wanted["$has"].list + wanted.list
        let deeds = some.map { Deed.see(.id("exit-\(Self.word($0["reason"]))")) }
        return deeds.isEmpty ? [] : [.tap(.named("Not delivered"))] + deeds
    }
}
