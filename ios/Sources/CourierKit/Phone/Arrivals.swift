import CourierCore

/// A circle around the door of a stop.
public struct StopRegion: Equatable, Hashable, Sendable {
    public var stop: StopId
    public var no: UInt32
    /// Degrees, WGS 84.
    public var lat: Double
    public var lon: Double
    /// Metres. Below about 100 m phones do not notice an entry in time.
    public static let radius = 100.0
}

/// Watches circles, and says which one the phone came into: CoreLocation's regions on iOS.
public protocol RegionWatch: Sendable {
    /// Watches these and no others.
    func watch(_ regions: [StopRegion]) async
    /// Stops where the phone has just come.
    func entered() -> AsyncStream<StopId>
}

/// Which stops are worth watching: the next ones with something to do, while the day runs. Their number is small because
/// iOS watches 20 regions per app, and because nobody needs to know more about where a courier is.
public func regionsWorthWatching(_ route: RouteView?, count: Int = 5) -> [StopRegion] {
    guard let route, route.started, !route.closed else { return [] }
    let next = route.stops.lazy.filter { ($0.state == .open || $0.state == .partly) && !$0.arrived }
    return next.prefix(count).map { StopRegion(stop: $0.id, no: $0.no, lat: $0.pin.lat, lon: $0.pin.lon) }
}
