#if os(Linux) || os(macOS)
    import CourierCore
    import CourierKit
    import Foundation

    /// A backend with a published day, and a phone whose files outlive the app.
    public final class World: @unchecked Sendable {
        public let backend: Backend
        public let courier: String
        public let clock: RunningClock
        /// Everything that the phone writes.
        public let folder: URL
        private let autoSync: Bool

        /// Tuesday, 24 November 2026, 8 o'clock in Berlin.
        public static let startMs: Int64 = 1_795_503_600_000
        public static let day = "2026-11-24"

        /// Kaya's parcel needs a code, Huber's two do not.
        public static let usual = [
            Parcel("Kaya", value: 90_000, house: "1"),
            Parcel("Huber", value: 100, house: "2", barcodes: ["LABEL-HUBER-1", "LABEL-HUBER-2"]),
        ]

        public init(_ shipments: [Parcel] = usual, autoSync: Bool = false) async throws {
            backend = try Backend(nowMs: Self.startMs)
            clock = RunningClock(startMs: Self.startMs)
            folder = try temporaryFolder()
            self.autoSync = autoSync
            courier = try await backend.addCourier("Ada")
            try await backend.publish(shipments, day: Self.day, courier: courier)
        }

        deinit { try? FileManager.default.removeItem(at: folder) }

        public var memory: FileMemory { FileMemory(folder: folder) }
        /// Where a courier who leaves puts what was not sent.
        public var exports: URL { folder.appending(path: "exports") }

        /// The phone's core, as the app makes it. It is not opened yet.
        public func core(_ server: Server, key: (any DeviceKey)? = nil, secure: (any SecureStore)? = nil) throws
            -> Courier
        {
            let secrets = folder.appending(path: "secrets").path
            let ports = try Ports(
                clock: clock, deviceKey: key ?? scenarioKey(dir: secrets, installation: 1),
                secure: secure ?? FolderStore(secrets), log: FileLog(folder.appending(path: "log.txt").path))
            let config = Config(
                dataDir: folder.appending(path: "data").path, server: server.url, operatorCaPem: server.caPem,
                platform: "swift", app: "test", autoSync: autoSync)
            return Courier(config: config, ports: ports)
        }

        /// The app as it is launched.
        @MainActor public func launch(_ language: Language = .en) async -> AppModel {
            let app = AppModel(memory: memory, words: Words(language), exports: exports) { [self] server in
                try core(server)
            }
            await app.start()
            return app
        }

        /// The app on a phone that is enrolled, with the day begun.
        @MainActor public func session(_ language: Language = .en) async throws -> Session {
            let app = await launch(language)
            if case .enrol(let enrolment) = app.phase {
                enrolment.serverUrl = backend.url
                enrolment.code = try await backend.enrolment(courier)
                await enrolment.enrol()
                if let problem = enrolment.problem { throw WorldFault(problem) }
            }
            guard case .day(let session) = app.phase else { throw WorldFault("the app shows no day: \(app.phase)") }
            _ = try await session.repository.sync(budget: .seconds(60))
            if try await session.repository.route()?.started == false { _ = await session.perform(.startDay) }
            return session
        }

        /// The door of a recipient.
        @MainActor public func door(_ name: String, _ session: Session) async throws -> DoorModel {
            for stop in try await session.repository.stops() {
                for door in stop.doors where door.recipientName == name {
                    let model = DoorModel(session: session, stop: stop.id, shipment: door.shipment)
                    await model.refresh()
                    return model
                }
            }
            throw WorldFault("\(name) is not on the route")
        }
    }
#endif

extension String {
    /// Without the marks of isolation around names and numbers, which cannot be seen.
    public var bare: String {
        String(String.UnicodeScalarView(unicodeScalars.filter { $0 != "\u{2068}" && $0 != "\u{2069}" }))
    }
}
