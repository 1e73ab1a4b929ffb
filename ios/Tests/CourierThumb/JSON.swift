import Foundation

/// JSON, as scenario files and the backend write it.
public enum JSON: Equatable, Sendable {
    case null
    case bool(Bool)
    case number(Double)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    /// A member of an object; `null` where there is none.
    public subscript(_ name: String) -> JSON {
        if case .object(let members) = self { members[name] ?? .null } else { .null }
    }

    public var text: String? { if case .text(let text) = self { text } else { nil } }
    public var number: Int? { if case .number(let number) = self { Int(number) } else { nil } }
    public var list: [JSON] { if case .list(let items) = self { items } else { [] } }
    public var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
    public var texts: [String] { list.compactMap(\.text) }

    /// Where `seen` is not as this wants it, or nothing if it is. As `tests/scenario/src/expect.rs` has it: of an object the named
    /// members count, `null` fits a member that is not there, a list fits item by item, and `{"$has": [...]}` fits a list in which
    /// each of these occurs.
    public func difference(_ seen: JSON, _ path: String = "") -> String? {
        switch (self, seen) {
        case (.object(let members), _) where members.count == 1 && members["$has"] != nil:
            let missing = self["$has"].list.first { wanted in seen.list.allSatisfy { wanted.difference($0) != nil } }
            return missing.map { "\(path): \($0) is not among \(seen)" }
        case (.object(let members), .object):
            return members.sorted { $0.key < $1.key }.lazy
                .compactMap { name, wanted in wanted.difference(seen[name], "\(path).\(name)") }.first
        case (.list(let items), .list(let have)) where items.count == have.count:
            return zip(items, have).enumerated().lazy
                .compactMap { at, pair in pair.0.difference(pair.1, "\(path)[\(at)]") }.first
        default:
            return self == seen ? nil : "\(path): \(self) is expected, \(seen) is there"
        }
    }
}

extension JSON: Codable {
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if value.decodeNil() {
            self = .null
        } else if let bool = try? value.decode(Bool.self) {
            self = .bool(bool)
        } else if let number = try? value.decode(Double.self) {
            self = .number(number)
        } else if let text = try? value.decode(String.self) {
            self = .text(text)
        } else if let items = try? value.decode([JSON].self) {
            self = .list(items)
        } else {
            self = .object(try value.decode([String: JSON].self))
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        switch self {
        case .null: try value.encodeNil()
        case .bool(let bool): try value.encode(bool)
        case .number(let number):
            if let whole = Int(exactly: number) { try value.encode(whole) } else { try value.encode(number) }
        case .text(let text): try value.encode(text)
        case .list(let items): try value.encode(items)
        case .object(let members): try value.encode(members)
        }
    }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral {
    public init(stringLiteral text: String) { self = .text(text) }
    public init(dictionaryLiteral members: (String, JSON)...) {
        self = .object(Dictionary(members) { $1 })
    }
    public init(arrayLiteral items: JSON...) { self = .list(items) }
}
