#if canImport(Security)
    import CourierCore
    import Foundation
    import Security

    /// Small secrets in the Keychain: readable after the first unlock since the device was switched on, so that an exchange
    /// in the background finds them; never in a backup and never on another device.
    public final class KeychainStore: SecureStore, Sendable {
        private let service: String

        /// - Parameter service: tells the secrets of this app's purposes apart, such as `org.courier.secrets`.
        public init(service: String) {
            self.service = service
        }

        public func get(name: String) throws -> Data? {
            var query = self.query(name)
            query[kSecReturnData] = true
            query[kSecMatchLimit] = kSecMatchLimitOne
            var found: CFTypeRef?
            let status = SecItemCopyMatching(query as CFDictionary, &found)
            if status == errSecItemNotFound { return nil }
            try check(status)
            guard let secret = found as? Data else { throw PortError.Failed }
            return secret
        }

        /// Updates what is there, or adds it: a name is never without its old or its new secret.
        public func put(name: String, secret: Data) throws {
            let change: [CFString: Any] = [
                kSecValueData: secret, kSecAttrAccessible: kSecAttrAccessibleAfterFirstUnlockThisDeviceOnly,
            ]
            var status = SecItemUpdate(query(name) as CFDictionary, change as CFDictionary)
            if status == errSecItemNotFound {
                status = SecItemAdd(query(name).merging(change) { $1 } as CFDictionary, nil)
                // Another thread added it in between.
                if status == errSecDuplicateItem {
                    status = SecItemUpdate(query(name) as CFDictionary, change as CFDictionary)
                }
            }
            try check(status)
        }

        public func delete(name: String) throws {
            let status = SecItemDelete(query(name) as CFDictionary)
            if status != errSecItemNotFound { try check(status) }
        }

        private func query(_ name: String) -> [CFString: Any] {
            [
                kSecClass: kSecClassGenericPassword, kSecAttrService: service, kSecAttrAccount: name,
                kSecUseDataProtectionKeychain: true,
            ]
        }
    }

    /// What a status of the Security framework means to the core.
    func check(_ status: OSStatus) throws {
        switch status {
        case errSecSuccess: return
        // Before the first unlock, or while something else asks the courier.
        case errSecInteractionNotAllowed, errSecNotAvailable: throw PortError.Unavailable
        default: throw PortError.Failed
        }
    }
#endif
