import CourierCore
import Foundation

/// A language of the app.
public enum Language: String, CaseIterable, Codable, Sendable {
    case de
    case en

    /// The first of `preferred` (BCP 47) that the app speaks; English if it speaks none of them.
    public init(preferred: [String]) {
        self = preferred.lazy.compactMap { Language(rawValue: String($0.prefix(2)).lowercased()) }.first ?? .en
    }
}

/// The app's texts in one language, and the core's words in the same.
public struct Words: Sendable {
    public let language: Language
    private let texts: [String: String]
    let terms: Terms

    public init(_ language: Language = Language(preferred: Locale.preferredLanguages)) {
        self.language = language
        texts = Self.tables[language] ?? [:]
        terms = Terms(languages: [language.rawValue])
    }

    /// A text; `values` take the places of `{0}`, `{1}` …
    public func callAsFunction(_ phrase: Phrase, _ values: any CustomStringConvertible...) -> String {
        guard var text = texts[phrase.rawValue] else { return phrase.rawValue }
        // From the last on: what is put in may itself hold braces, and is not looked at again.
        let places = values.indices.reversed().compactMap { index in
            text.range(of: "{\(index)}").map { ($0, "\(values[index])") }
        }
        for (place, value) in places.sorted(by: { $0.0.lowerBound > $1.0.lowerBound }) {
            text.replaceSubrange(place, with: value)
        }
        return text
    }

    /// Whether there is a text of this name.
    public func has(_ phrase: Phrase) -> Bool { texts[phrase.rawValue] != nil }

    private static let tables = Dictionary(uniqueKeysWithValues: Language.allCases.map { ($0, table($0)) })

    private static func table(_ language: Language) -> [String: String] {
        let file = Bundle.module.url(
            forResource: "Localizable", withExtension: "strings", subdirectory: nil, localization: language.rawValue)
        guard let file, let bytes = try? Data(contentsOf: file) else { return [:] }
        return (try? PropertyListSerialization.propertyList(from: bytes, format: nil)) as? [String: String] ?? [:]
    }
}
