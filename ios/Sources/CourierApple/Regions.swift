#if canImport(CoreLocation) && os(iOS)
    import CoreLocation
    import CourierCore
    import CourierKit

    /// The surroundings of the next stops, watched by CoreLocation's regions. It asks for the place while the app is used,
    /// and is told of entries then; no track is kept. Without permission nothing is ever said.
    public final class Regions: NSObject, RegionWatch, CLLocationManagerDelegate, @unchecked Sendable {
        private let (stream, continuation) = AsyncStream.makeStream(
            of: StopId.self, bufferingPolicy: .bufferingNewest(1))
        /// Made and used on the main thread, which delivers what it says.
        @MainActor private lazy var manager: CLLocationManager = {
            let manager = CLLocationManager()
            manager.delegate = self
            return manager
        }()
        @MainActor private var wanted: [StopRegion] = []
        private static let prefix = "stop:"

        public func entered() -> AsyncStream<StopId> { stream }

        @MainActor public func watch(_ regions: [StopRegion]) async {
            wanted = regions
            if manager.authorizationStatus == .notDetermined, !regions.isEmpty {
                manager.requestWhenInUseAuthorization()
            }
            watchWanted()
        }

        @MainActor private func watchWanted() {
            guard [.authorizedWhenInUse, .authorizedAlways].contains(manager.authorizationStatus),
                CLLocationManager.isMonitoringAvailable(for: CLCircularRegion.self)
            else { return }
            let names = Set(wanted.map { Self.prefix + $0.stop })
            let watched = manager.monitoredRegions.filter { $0.identifier.hasPrefix(Self.prefix) }
            for region in watched where !names.contains(region.identifier) { manager.stopMonitoring(for: region) }
            let known = Set(watched.map(\.identifier))
            for region in wanted where !known.contains(Self.prefix + region.stop) {
                let circle = CLCircularRegion(
                    center: CLLocationCoordinate2D(latitude: region.lat, longitude: region.lon),
                    radius: StopRegion.radius, identifier: Self.prefix + region.stop)
                circle.notifyOnExit = false
                manager.startMonitoring(for: circle)
            }
        }

        public func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
            Task { @MainActor in watchWanted() }
        }

        public func locationManager(_ manager: CLLocationManager, didEnterRegion region: CLRegion) {
            guard region.identifier.hasPrefix(Self.prefix) else { return }
            continuation.yield(String(region.identifier.dropFirst(Self.prefix.count)))
        }
    }
#endif
