#if canImport(CoreLocation) && os(iOS)
    import CoreLocation
    import CourierCore
    import CourierKit

    /// CoreLocation's fixes while the app is used, and its regions around the next stops. No track is kept; without
    /// permission nothing is ever said.
    public final class LocationFixes: NSObject, Positions, CLLocationManagerDelegate, @unchecked Sendable {
        private let (stream, continuation) = AsyncStream.makeStream(of: Fix?.self, bufferingPolicy: .bufferingNewest(1))
        /// Made and used on the main thread, which delivers what it says.
        @MainActor private lazy var manager: CLLocationManager = {
            let manager = CLLocationManager()
            manager.delegate = self
            manager.desiredAccuracy = kCLLocationAccuracyBest
            manager.activityType = .automotiveNavigation
            return manager
        }()
        @MainActor private var sampling = false
        @MainActor private var wanted: [WakeUp] = []
        private static let prefix = "stop:"

        public func fixes() -> AsyncStream<Fix?> { stream }

        @MainActor public func follow(sampling: Bool, wakeUps: [WakeUp]) async {
            guard sampling != self.sampling || wakeUps != wanted else { return }
            // The core names fewer than the 20 that iOS watches.
            (self.sampling, wanted) = (sampling, wakeUps)
            if sampling, manager.authorizationStatus == .notDetermined { manager.requestWhenInUseAuthorization() }
            begin()
        }

        @MainActor private func begin() {
            let allowed = [.authorizedWhenInUse, .authorizedAlways].contains(manager.authorizationStatus)
            if sampling, allowed { manager.startUpdatingLocation() } else { manager.stopUpdatingLocation() }
            guard allowed, CLLocationManager.isMonitoringAvailable(for: CLCircularRegion.self) else { return }
            // One of the same name replaces the other.
            let names = Set(wanted.map { Self.prefix + $0.stop })
            for region in manager.monitoredRegions
            where region.identifier.hasPrefix(Self.prefix) && !names.contains(region.identifier) {
                manager.stopMonitoring(for: region)
            }
            for circle in wanted {
                let region = CLCircularRegion(
                    center: CLLocationCoordinate2D(latitude: circle.lat, longitude: circle.lon),
                    radius: CLLocationDistance(circle.radiusM), identifier: Self.prefix + circle.stop)
                region.notifyOnExit = false
                manager.startMonitoring(for: region)
            }
        }

        public func locationManagerDidChangeAuthorization(_ manager: CLLocationManager) {
            Task { @MainActor in begin() }
        }

        public func locationManager(_ manager: CLLocationManager, didUpdateLocations locations: [CLLocation]) {
            // One that is older is worth less than none; one without accuracy is invalid.
            guard let last = locations.last, last.horizontalAccuracy >= 0 else { return }
            let position = Position(
                latE6: Int32((last.coordinate.latitude * 1e6).rounded()),
                lonE6: Int32((last.coordinate.longitude * 1e6).rounded()),
                accuracyM: UInt32(last.horizontalAccuracy.rounded(.up)),
                ageMs: UInt64(max(0, -last.timestamp.timeIntervalSinceNow * 1_000)))
            let speed = last.speed >= 0 ? UInt32((last.speed * 10).rounded()) : nil
            continuation.yield(Fix(position: position, speedDmS: speed))
        }

        public func locationManager(_ manager: CLLocationManager, didEnterRegion region: CLRegion) {
            if region.identifier.hasPrefix(Self.prefix) { continuation.yield(nil) }
        }
    }
#endif
