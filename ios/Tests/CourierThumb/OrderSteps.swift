/// What the courier does to the order of the stops, as deeds.
extension ScenarioFile {
    func order(_ step: Step) throws(Refusal) -> [Deed] {
        switch step.verb {
        case "next": return edit("comesNext", step)
        // The screens know one time only.
        case "later" where step.with["minutes"].number == 60: return edit("comesAnHourLater", step)
        case "skip": return edit("comesLast", step)
        case "drag":
            return [.home, .dismissNotice, .drag(step.at, to: step.with["position"].number ?? 0)] + told(step)
        case "keep_mine": return [.home, .dismissNotice, .tap(.id("keep-mine"))] + told(step)
        case "take_proposal": return [.home, .dismissNotice, .tap(.id("take-order"))] + told(step)
        // An older one is on no screen: there is one proposal, or none.
        case "take_old_proposal": return []
        case "prefer":
            let names = [
                "strict": "Only if it saves much", "normal": "If it is worth it",
                "free": "As soon as it saves a minute",
            ]
            return menu("Settings") + [.dismissNotice, .tap(.named(names[step.with.text ?? ""] ?? ""))] + told(step)
        default: throw Refusal(step: step.name, why: "nobody here knows how")
        }
    }

    private func edit(_ identifier: String, _ step: Step) -> [Deed] {
        let button = Mark.id(identifier)
        // Where the courier is already, nothing can be moved.
        let isFixed = step.expect["answer"]["reason"]["rejection"] == "place_fixed"
        return stop(step.at) + (isFixed ? [.miss(button)] : [.dismissNotice, .tap(button)] + told(step))
    }
}
