/// What customers and the office do, as requests.
extension ScenarioFile {
    func outside(_ step: Step) throws(Refusal) -> [Deed] {
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
        case "office reassign": return ask(.shipment(of, "reassign"), ["courier": step.with["to"]])
        case "office deliver": return ask(.shipment(of, "delivered"), [:])
        case "office reorder": return ask(.order, ["order": step.with])
        case "office reorder_with_last": return ask(.order, ["order": step.with, "last_is_fixed": .bool(true)])
        default: throw Refusal(step: step.name, why: "nobody here knows how")
        }
    }

    /// What makes a request another one than those before.
    private func request(_ step: Step) -> JSON { .text("request-\(step.no)") }
}
