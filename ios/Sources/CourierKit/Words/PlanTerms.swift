import CourierCore

extension Words {
    /// When a stop is reached, and how late that is.
    public func arrival(_ eta: Eta, tz: String) -> String {
        terms.arrival(from: clock(eta.p50, tz: tz), to: clock(eta.p80, tz: tz), lateS: eta.lateS)
    }

    /// That a pin may be wrong.
    public func farFromPin(_ metres: UInt32) -> String { terms.farFromPin(metres: metres) }

    /// What another order is best at, and its price, in lines of their own.
    public func proposal(_ proposal: Proposal, of route: RouteView) -> [String] {
        terms.proposal(proposal: proposal, stops: route.stops)
    }
}
