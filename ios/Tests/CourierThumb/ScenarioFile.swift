import Foundation

/// A scenario of `tests/scenarios`. What may stand in one is in `tests/scenario/src/file.rs`.
public struct ScenarioFile: Sendable {
    /// Who does what, and what has to be seen afterwards.
    public struct Step: Sendable {
        public let no: Int
        public let actor: String
        /// `arrive`, `hand_over` …
        public let verb: String
        /// What it is done with; `null` where a word says everything.
        public let with: JSON
        public let expect: JSON

        /// As the table of what is not played names it.
        public var name: String { "\(actor) \(verb)" }
    }

    /// The name of the file.
    public let name: String
    public let startMs: Int64
    /// The delivery day.
    public let day: String
    public let shipments: [JSON]
    public let steps: [Step]

    public init(_ file: URL) throws {
        let whole = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: file))
        name = file.deletingPathExtension().lastPathComponent
        let now = whole["world"]["now"].text ?? ""
        startMs = try Self.ms(now)
        day = whole["world"]["day"].text ?? String(now.prefix(10))
        shipments = whole["world"]["shipments"].list
        steps = try whole["steps"].list.enumerated().map { at, step in
            let does = step["do"]
            guard let actor = step["actor"].text, let verb = does.text ?? does.members.keys.first else {
                throw Fault("step \(at + 1) of \(file.lastPathComponent) names nobody or nothing")
            }
            return Step(no: at + 1, actor: actor, verb: verb, with: does[verb], expect: step["expect"])
        }
    }

    /// A time as files write it, in milliseconds since 1970 UTC.
    static func ms(_ time: String) throws -> Int64 {
        guard let date = ISO8601DateFormatter().date(from: time) else { throw Fault("\(time) is no time") }
        return Int64(date.timeIntervalSince1970 * 1_000)
    }

    /// What is on the labels of a shipment, whenever it was imported.
    func barcodes(of name: String) -> [String] {
        let imported = steps.filter { $0.name == "office import" }.flatMap(\.with.list)
        let short = (shipments + imported).first { $0["ref"].text == name } ?? .null
        return Shipment.whole(short)["parcels"].list.compactMap { $0["barcode"].text }
    }

    /// Every label of the day.
    var barcodes: [String] { shipments.compactMap { $0["ref"].text }.flatMap { barcodes(of: $0) } }
}

/// What a shop would import, with everything that does not matter filled in: as `tests/scenario/src/shipment.rs`.
enum Shipment {
    static func whole(_ short: JSON) -> JSON {
        let reference = short["ref"].text ?? ""
        var whole: [String: JSON] = [
            "ref": .text(reference), "order_ref": .text("order \(reference)"), "sender": "Feinwerk",
            "customer": ["email": .text("\(reference.lowercased())@customers.example"), "lang": "de"],
            "recipient": ["name": .text(reference)],
            "address": [
                "street": "Breite Straße", "house": .text(reference), "postcode": "10178", "city": "Berlin",
                "country": "DE",
            ],
            "pin": ["lat": .number(52.515), "lon": .number(13.403)],
            "items": [["value": short["value"], "currency": "EUR"]],
            "parcels": [["barcode": .text("LABEL-\(reference.uppercased())")]], "instructions": [],
        ]
        for (name, value) in short.members where name != "value" { whole[name] = value }
        return .object(whole)
    }
}

/// What went wrong while a scenario was read or played, in words for whoever reads the test's output.
public struct Fault: Error, CustomStringConvertible {
    public let description: String
    public init(_ description: String) { self.description = description }
}
