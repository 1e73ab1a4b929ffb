#if canImport(Security) && canImport(CryptoKit)
    import CourierCore
    import CourierKit
    import Foundation

    /// The core of this phone with Apple's ports.
    public enum Phone {
        /// Where everything of the app is: left out of backups, readable after the first unlock.
        public static func folder() throws -> URL {
            let folder = try madeWithoutBackup(.applicationSupportDirectory, "courier")
            #if os(iOS)
                try FileManager.default.setAttributes(
                    [.protectionKey: FileProtectionType.completeUntilFirstUserAuthentication], ofItemAtPath: folder.path
                )
            #endif
            return folder
        }

        /// Where the office's files are that a courier could not send: a person sees this folder in Files (Info.plist), so that a
        /// share sheet that was closed too early loses nothing. Only the office can read what is in them.
        public static func exports() -> URL {
            (try? madeWithoutBackup(.documentDirectory, "export")) ?? .documentsDirectory
        }

        private static func madeWithoutBackup(_ place: FileManager.SearchPathDirectory, _ name: String) throws -> URL {
            var folder = try FileManager.default.url(for: place, in: .userDomainMask, appropriateFor: nil, create: true)
                .appending(path: name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            var values = URLResourceValues()
            values.isExcludedFromBackup = true
            try folder.setResourceValues(values)
            return folder
        }

        /// - Parameters:
        ///   - app: name and version.
        ///   - service: under which name the keychain keeps what is secret.
        ///   - autoSync: whether the core exchanges by itself.
        public static func core(
            _ server: Server, folder: URL, app: String, service: String = "org.courier.secrets",
            clock: any Clock = BootClock(), autoSync: Bool = true
        ) throws -> Courier {
            let store = KeychainStore(service: service)
            let ports = try Ports(
                clock: clock, deviceKey: AppleDeviceKey(store: store), secure: store,
                log: UnifiedLog(subsystem: "org.courier.app"))
            let version = ProcessInfo.processInfo.operatingSystemVersion
            let config = Config(
                dataDir: folder.appending(path: "data").path, server: server.url, operatorCaPem: server.caPem,
                platform: "ios-\(version.majorVersion).\(version.minorVersion)", app: app, autoSync: autoSync)
            return Courier(config: config, ports: ports)
        }
    }
#endif
