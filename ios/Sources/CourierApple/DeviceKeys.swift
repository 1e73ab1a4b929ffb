#if canImport(CryptoKit) && canImport(Security)
    import CourierCore
    import CryptoKit
    import Foundation

    /// The installation's P-256 key. In the Secure Enclave where there is one: what is stored is a blob that only this
    /// device's enclave can use. In a simulator the key is in software, in the Keychain, and says so.
    public final class AppleDeviceKey: DeviceKey, @unchecked Sendable {
        private enum Key {
            case enclave(SecureEnclave.P256.Signing.PrivateKey)
            case software(P256.Signing.PrivateKey)
        }

        private static let enclaveName = "device-key-enclave"
        private static let softwareName = "device-key-software"
        private let store: any SecureStore
        private let lock = NSLock()
        /// Touched under the lock only.
        private var loaded: Key?

        /// Nothing is read or made yet: the phone may be locked.
        public init(store: any SecureStore) {
            self.store = store
        }

        public func publicKey() throws -> Data {
            switch try key() {
            case .enclave(let key): key.publicKey.x963Representation
            case .software(let key): key.publicKey.x963Representation
            }
        }

        /// ECDSA over the SHA-256 of the message, which both kinds of key compute themselves.
        public func sign(message: Data) throws -> Data {
            do {
                switch try key() {
                case .enclave(let key): return try key.signature(for: message).derRepresentation
                case .software(let key): return try key.signature(for: message).derRepresentation
                }
            } catch let error as PortError {
                throw error
            } catch {
                // The enclave refuses while the device is locked since it was switched on.
                throw PortError.Unavailable
            }
        }

        public func level() throws -> KeyLevel {
            switch try key() {
            case .enclave: .hardware
            case .software: .software
            }
        }

        /// The key of this installation; made once. One that is there is never replaced: it is who this phone is.
        private func key() throws -> Key {
            try lock.withLock {
                if let loaded { return loaded }
                let key = try load() ?? make()
                loaded = key
                return key
            }
        }

        private func load() throws -> Key? {
            if let blob = try store.get(name: Self.enclaveName) {
                // A blob of another device, after a restore that should not have brought it, opens nothing here.
                guard let key = try? SecureEnclave.P256.Signing.PrivateKey(dataRepresentation: blob) else {
                    throw PortError.Failed
                }
                return .enclave(key)
            }
            guard let bytes = try store.get(name: Self.softwareName) else { return nil }
            guard let key = try? P256.Signing.PrivateKey(rawRepresentation: bytes) else { throw PortError.Failed }
            return .software(key)
        }

        private func make() throws -> Key {
            guard SecureEnclave.isAvailable else {
                let key = P256.Signing.PrivateKey()
                try store.put(name: Self.softwareName, secret: key.rawRepresentation)
                return .software(key)
            }
            guard
                let access = SecAccessControlCreateWithFlags(
                    nil, kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly, .privateKeyUsage, nil),
                let key = try? SecureEnclave.P256.Signing.PrivateKey(accessControl: access)
            else { throw PortError.Unavailable }
            try store.put(name: Self.enclaveName, secret: key.dataRepresentation)
            return .enclave(key)
        }
    }
#endif
