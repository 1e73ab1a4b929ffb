import CourierCore
import Foundation

#if canImport(CryptoKit)
    import CryptoKit
#endif

/// What every `Clock` has to do.
public let clockChecks: [PortCheck<any Clock>] = [
    PortCheck("the wall clock tells milliseconds of this century") { clock in
        let wall = try clock.wallMs()
        try expect((946_684_800_000..<4_102_444_800_000).contains(wall), "\(wall) is no time between 2000 and 2100")
    },
    PortCheck("the clock since boot never goes back") { clock in
        var last = try clock.bootMs()
        for _ in 0..<1_000 {
            let now = try clock.bootMs()
            try expect(now >= last, "\(now) after \(last)")
            last = now
        }
    },
    PortCheck("the clock since boot advances with the wall clock") { clock in
        let (wall, boot) = (try clock.wallMs(), try clock.bootMs())
        Thread.sleep(forTimeInterval: 0.05)
        let (walls, boots) = (try clock.wallMs() - wall, Int64(try clock.bootMs()) - Int64(boot))
        try expect(walls >= 40, "the wall clock advanced \(walls) ms in 50")
        try expect(boots >= 40, "the clock since boot advanced \(boots) ms in 50")
    },
    PortCheck("a boot has one name") { clock in
        let name = try clock.bootId()
        try expect(!name.isEmpty, "the name is empty")
        try expect(try clock.bootId() == name, "it has two names")
    },
]

/// What every `SecureStore` has to do. The store may hold other secrets; those of these checks begin with `check-`.
public let secureStoreChecks: [PortCheck<any SecureStore>] = [
    PortCheck("what was never put is not there") { store in
        try store.delete(name: "check-none")
        try expect(try store.get(name: "check-none") == nil, "something is there")
    },
    PortCheck("what was put comes back byte by byte") { store in
        let secret = Data(UInt8.min...UInt8.max)
        defer { try? store.delete(name: "check-bytes-1") }
        try store.put(name: "check-bytes-1", secret: secret)
        try expect(try store.get(name: "check-bytes-1") == secret, "other bytes come back")
    },
    PortCheck("a second secret of the same name takes the place of the first") { store in
        defer { try? store.delete(name: "check-twice") }
        try store.put(name: "check-twice", secret: Data([1, 2, 3]))
        try store.put(name: "check-twice", secret: Data([4]))
        try expect(try store.get(name: "check-twice") == Data([4]), "the first is still there, or a mixture")
    },
    PortCheck("an empty secret is one") { store in
        defer { try? store.delete(name: "check-empty") }
        try store.put(name: "check-empty", secret: Data())
        try expect(try store.get(name: "check-empty") == Data(), "it is not there")
    },
    PortCheck("names are told apart") { store in
        defer { remove(["check-a", "check-a-b"], from: store) }
        try store.put(name: "check-a", secret: Data([1]))
        try store.put(name: "check-a-b", secret: Data([2]))
        try store.delete(name: "check-a-b")
        try expect(try store.get(name: "check-a") == Data([1]), "one went with the other")
    },
    PortCheck("what was deleted is gone, and deleting it again is no error") { store in
        try store.put(name: "check-gone", secret: Data([1]))
        try store.delete(name: "check-gone")
        try store.delete(name: "check-gone")
        try expect(try store.get(name: "check-gone") == nil, "it is still there")
    },
    PortCheck("many threads at once lose nothing") { store in
        let names = (0..<16).map { "check-many-\($0)" }
        defer { remove(names, from: store) }
        let failures = Failures()
        DispatchQueue.concurrentPerform(iterations: names.count) { index in
            do { try store.put(name: names[index], secret: Data([UInt8(index)])) } catch { failures.add("\(error)") }
        }
        try expect(failures.all.isEmpty, failures.all.joined(separator: ", "))
        for (index, name) in names.enumerated() {
            try expect(try store.get(name: name) == Data([UInt8(index)]), "\(name) is lost")
        }
    },
]

/// What every `DeviceKey` has to do. Where CryptoKit is, signatures are verified; elsewhere a backend does that when the
/// phone enrols.
public let deviceKeyChecks: [PortCheck<any DeviceKey>] =
    [
        PortCheck("the public key is an uncompressed point, and stays the same") { key in
            let point = try key.publicKey()
            try expect(
                point.count == 65 && point.first == 4, "\(point.count) bytes that begin with \(point.first ?? 0)")
            try expect(try key.publicKey() == point, "it changed")
        },
        PortCheck("a signature is DER, or r and s in 64 bytes") { key in
            let signature = try key.sign(message: Data("message".utf8))
            let isDer = signature.first == 0x30 && (8...72).contains(signature.count)
            try expect(
                isDer || signature.count == 64, "\(signature.count) bytes that begin with \(signature.first ?? 0)")
        },
        PortCheck("messages of every length are signed") { key in
            for length in [0, 1, 63, 64, 65, 10_000] {
                try expect(
                    try !key.sign(message: Data(repeating: 7, count: length)).isEmpty, "nothing for \(length) bytes")
            }
        },
        PortCheck("two messages have two signatures") { key in
            let signatures = try ["one", "two"].map { try key.sign(message: Data($0.utf8)) }
            try expect(signatures[0] != signatures[1], "they are the same")
        },
        PortCheck("it says how it is kept, always the same") { key in
            let level = try key.level()
            try expect(try key.level() == level, "it changed")
        },
        PortCheck("many threads sign at once") { key in
            let failures = Failures()
            DispatchQueue.concurrentPerform(iterations: 16) { index in
                do { _ = try key.sign(message: Data([UInt8(index)])) } catch { failures.add("\(error)") }
            }
            try expect(failures.all.isEmpty, failures.all.joined(separator: ", "))
        },
    ] + verification

#if canImport(CryptoKit)
    private let verification: [PortCheck<any DeviceKey>] = [
        PortCheck("a signature verifies under the public key") { key in
            let message = Data("message".utf8)
            let bytes = try key.sign(message: message)
            let verifier = try P256.Signing.PublicKey(x963Representation: key.publicKey())
            let signature =
                bytes.count == 64
                ? try P256.Signing.ECDSASignature(rawRepresentation: bytes)
                : try P256.Signing.ECDSASignature(derRepresentation: bytes)
            try expect(verifier.isValidSignature(signature, for: message), "it does not")
        }
    ]
#else
    private let verification: [PortCheck<any DeviceKey>] = []
#endif

private func remove(_ names: [String], from store: any SecureStore) {
    for name in names { try? store.delete(name: name) }
}

private final class Failures: @unchecked Sendable {
    private let lock = NSLock()
    private var texts: [String] = []

    var all: [String] { lock.withLock { texts } }

    func add(_ text: String) { lock.withLock { texts.append(text) } }
}
