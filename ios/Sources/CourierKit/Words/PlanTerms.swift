import CourierCore

extension Words {
    /// When a stop is reached, and how late that is.
    public func reached(_ eta: Eta, tz: String) -> String {
        let range = self(.reached, clock(eta.p50, tz: tz), clock(eta.p80, tz: tz))
        return eta.lateS == 0 ? range : "\(range), \(self(.minutesLate, (eta.lateS + 59) / 60))"
    }

    /// What another order is best at, and its price, in lines of their own. `number` tells a stop's number.
    public func proposal(_ proposal: Proposal, number: (StopId) -> UInt32?) -> [String] {
        let minutes = proposal.endsSoonerS / 60
        let saves = minutes < 0 ? self(.takesMinutes, -minutes) : self(.savesMinutes, minutes)
        func numbers(_ stops: [StopId]) -> String {
            stops.compactMap { number($0) }.map { "\($0)" }.joined(separator: ", ")
        }
        var lines = ["\(bestAt(proposal.reason)): \(saves)"]
        lines.append(self(.movesStops, proposal.moved.count, proposal.parcelsMoved))
        if !proposal.windowsKept.isEmpty { lines.append(self(.inTimeThen, numbers(proposal.windowsKept))) }
        if !proposal.windowsBroken.isEmpty { lines.append(self(.lateThen, numbers(proposal.windowsBroken))) }
        return lines
    }

    private func bestAt(_ reason: ProposalReason) -> String {
        switch reason {
        case .inTime: self(.moreInTime)
        case .lessLate: self(.lessLate)
        case .shorter: self(.shorter)
        case .tidier: self(.tidier)
        }
    }
}
