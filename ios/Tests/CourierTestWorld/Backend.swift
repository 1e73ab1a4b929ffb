import Foundation

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// What went wrong in the world around a test.
public struct WorldFault: Error, CustomStringConvertible {
    public let description: String
    init(_ description: String) { self.description = description }
}

#if os(Linux) || os(macOS)
    /// A backend of its own, in a process of its own, on a free port of this machine; and what office and customers do
    /// with it over HTTP. Its clock stands still at `nowMs`. It ends with this object.
    public final class Backend: @unchecked Sendable {
        private let process = Process()
        /// The backend ends with it, also when this program crashes.
        private let life = Pipe()
        private let folder: URL
        public let url: String
        private static let opsKey = "the office's own key"
        /// The cheapest code hash that phones take.
        private static let config = "[code.kdf]\nm = 8\nt = 1\np = 1\n"

        /// Starts the program that `COURIER_BACKEND` names.
        public init(nowMs: Int64) throws {
            guard let program = ProcessInfo.processInfo.environment["COURIER_BACKEND"] else {
                throw WorldFault("COURIER_BACKEND names no backend; tests/run.sh swift sets it")
            }
            folder = try temporaryFolder()
            let file = folder.appending(path: "backend.toml")
            try Self.config.write(to: file, atomically: true, encoding: .utf8)
            let out = Pipe()
            process.executableURL = URL(filePath: program)
            process.arguments = ["serve", file.path]
            process.environment = [
                "COURIER_LISTEN": "127.0.0.1:0", "COURIER_DATA_DIR": folder.appending(path: "data").path,
                "COURIER_OPS_KEY": Self.opsKey, "COURIER_TEST_NOW_MS": "\(nowMs)", "COURIER_TEST_SEED": "1",
            ]
            process.standardOutput = out
            process.standardInput = life
            try process.run()
            let said = String(decoding: out.fileHandleForReading.availableData, as: UTF8.self)
            let prefix = "listening on "
            guard let line = said.split(separator: "\n").first, line.hasPrefix(prefix) else {
                throw WorldFault("the backend does not start")
            }
            url = String(line.dropFirst(prefix.count))
        }

        deinit {
            // As a machine that fails. It is not waited for: `waitUntilExit` turns the run loop of whoever gets here.
            kill(process.processIdentifier, SIGKILL)
            try? FileManager.default.removeItem(at: folder)
        }

        /// What the network does with phones from now on: `ok`, `down`, `portal`, `lost_answer`.
        public func net(_ mode: String) async throws {
            _ = try await ask("POST", "/test/net", ["mode": mode])
        }

        /// Its clock tells this from now on.
        public func setClock(nowMs: Int64) async throws {
            _ = try await ask("POST", "/test/clock", ["now_ms": nowMs])
        }

        /// Adds a courier; returns the identifier.
        public func addCourier(_ name: String) async throws -> String {
            try text(await ask("POST", "/v1/couriers", ["name": name]), "id")
        }

        /// A code that enrols one phone.
        public func enrolment(_ courier: String) async throws -> String {
            try text(await ask("POST", "/v1/couriers/\(courier)/enrolments", [:]), "code")
        }

        /// Imports a day and publishes the courier's route.
        public func publish(_ shipments: [Parcel], day: String, courier: String) async throws {
            let file: [String: Any] = ["day": day, "tz": "Europe/Berlin", "shipments": shipments.map(\.json)]
            _ = try await ask("POST", "/v1/import", file)
            _ = try await ask("POST", "/v1/routes/publish", ["courier": courier, "day": day])
        }

        /// The six digits and the QR's text on the customer's page.
        public func code(_ reference: String) async throws -> (digits: String, qr: String) {
            let code = try await page(reference)["code"] as? [String: Any] ?? [:]
            return (try text(code, "digits"), try text(code, "qr"))
        }

        /// What the shop is told of how a shipment stands.
        public func state(_ reference: String) async throws -> String {
            try text(await shipment(reference), "state")
        }

        private func shipment(_ reference: String) async throws -> [String: Any] {
            try await ask("GET", "/v1/shipments/\(reference)?sender=Feinwerk", nil)
        }

        /// How many facts of a kind the backend has.
        public func facts(_ kind: String) async throws -> Int {
            let totals = try await ask("GET", "/v1/totals", nil)
            return (totals["facts"] as? [String: Int])?[kind] ?? 0
        }

        private func page(_ reference: String) async throws -> [String: Any] {
            let link = try text(await shipment(reference), "tracking")
            guard let path = link.range(of: "/t/") else { throw WorldFault("\(link) is no tracking page") }
            return try await ask("GET", String(link[path.lowerBound...]), nil)
        }

        private func ask(_ method: String, _ path: String, _ body: [String: Any]?) async throws -> [String: Any] {
            guard let address = URL(string: url + path) else { throw WorldFault("\(path) is no path") }
            var request = URLRequest(url: address)
            request.httpMethod = method
            request.setValue("Bearer \(Self.opsKey)", forHTTPHeaderField: "authorization")
            request.setValue("application/json", forHTTPHeaderField: "accept")
            if let body {
                request.setValue("application/json", forHTTPHeaderField: "content-type")
                request.httpBody = try JSONSerialization.data(withJSONObject: body)
            }
            let (bytes, response) = try await URLSession.shared.data(for: request)
            let status = (response as? HTTPURLResponse)?.statusCode ?? 0
            guard (200..<300).contains(status) else {
                throw WorldFault("\(method) \(path): \(status) \(String(decoding: bytes, as: UTF8.self))")
            }
            return (try? JSONSerialization.jsonObject(with: bytes)) as? [String: Any] ?? [:]
        }

        private func text(_ answer: [String: Any], _ name: String) throws -> String {
            guard let text = answer[name] as? String else { throw WorldFault("\(name) is missing in \(answer)") }
            return text
        }
    }
#endif

/// A shipment as a shop imports it, with everything that does not matter filled in.
public struct Parcel: Sendable {
    /// The shop's reference, and the name on the label.
    public var name: String
    /// Worth in cents; above 50000 it needs a code.
    public var value: Int
    public var house: String
    public var barcodes: [String]
    /// As it is written in an order.
    public var phone: String?

    public init(_ name: String, value: Int, house: String, barcodes: [String]? = nil, phone: String? = nil) {
        (self.name, self.value, self.house, self.phone) = (name, value, house, phone)
        self.barcodes = barcodes ?? ["LABEL-\(name.uppercased())"]
    }

    var json: [String: Any] {
        [
            "ref": name, "order_ref": "order \(name)", "sender": "Feinwerk",
            "customer": ["email": "\(name.lowercased())@customers.example", "lang": "de"],
            "recipient": ["name": name, "phone": phone].compactMapValues { $0 },
            "address": [
                "street": "Breite Straße", "house": house, "postcode": "10178", "city": "Berlin", "country": "DE",
            ],
            "pin": ["lat": 52.515, "lon": 13.403], "items": [["value": value, "currency": "EUR"]],
            "parcels": barcodes.map { ["barcode": $0] }, "instructions": [String](),
        ]
    }
}

public func temporaryFolder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory.appending(path: "courier-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
}
