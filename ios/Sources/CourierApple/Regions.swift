#if canImport(CoreLocation) && os(iOS)
    import CoreLocation
    import CourierCore
    import CourierKit

    /// The surroundings of the next stops, watched by CoreLocation's regions: the phone is woken when it comes into one, and
    /// no track is kept. Needs permission to use the place while the app is used; without it nothing is ever said.
    public final class Regions: NSObject, RegionWatch, CLLocationManagerDelegate, @unchecked Sendable {
        private let stream: AsyncStream<StopId>
        private let continuation: AsyncStream<StopId>.Continuation
        /// Made and used on the main thread, which delivers what it says.
        @MainActor private lazy var manager: CLLocationManager = {
            let manager = CLLocationManager()
            manager.delegate = self
            return manager
        }()
        private static let prefix = "stop:"

        public override init() {
            (stream, continuation) = AsyncStream.makeStream(of: StopId.self, bufferingPolicy: .bufferingNewest(1))
        }

        public func entered() -> AsyncStream<StopId> { stream }

        @MainActor public func watch(_ regions: [StopRegion]) async {
            if manager.authorizationStatus == .notDetermined, !regions.isEmpty {
                manager.requestWhenInUseAuthorization()
            }
            guard CLLocationManager.isMonitoringAvailable(for: CLCircularRegion.self) else { return }
            let wanted = Set(regions.map { Self.prefix + $0.stop })
            let watched = manager.monitoredRegions.filter { $0.identifier.hasPrefix(Self.prefix) }
            for region in watched where !wanted.contains(region.identifier) { manager.stopMonitoring(for: region) }
            let known = Set(watched.map(\.identifier))
            for region in regions where !known.contains(Self.prefix + region.stop) {
                let circle = CLCircularRegion(
                    center: CLLocationCoordinate2D(latitude: region.lat, longitude: region.lon),
                    radius: StopRegion.radius, identifier: Self.prefix + region.stop)
                circle.notifyOnExit = false
                manager.startMonitoring(for: circle)
            }
        }

        public func locationManager(_ manager: CLLocationManager, didEnterRegion region: CLRegion) {
            guard region.identifier.hasPrefix(Self.prefix) else { return }
            continuation.yield(String(region.identifier.dropFirst(Self.prefix.count)))
        }
    }
#endif
