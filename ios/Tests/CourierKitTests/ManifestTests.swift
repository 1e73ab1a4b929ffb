import Foundation
import Testing

/// What the app tells Apple and the courier about itself, as far as a plain machine can read it.
struct ManifestTests {
    private func file(_ path: String) throws -> Data {
        try Data(contentsOf: URL(filePath: #filePath).appending(path: "../../../App/\(path)").standardized)
    }

    private func plist(_ path: String) throws -> [String: Any] {
        let read = try PropertyListSerialization.propertyList(from: file(path), format: nil)
        return try #require(read as? [String: Any])
    }

    @Test func thePrivacyManifestNamesAllThatTheBackendGetsAndNoTracking() throws {
        let manifest = try plist("Resources/PrivacyInfo.xcprivacy")
        #expect(manifest["NSPrivacyTracking"] as? Bool == false)
        let collected = try #require(manifest["NSPrivacyCollectedDataTypes"] as? [[String: Any]])
        let kinds = collected.compactMap { $0["NSPrivacyCollectedDataType"] as? String }
        // A fact and its private part, its files, and who signs it (docs/protocol.md, P5.1 and P5.3, § 9).
        let wanted = ["Name", "PreciseLocation", "PhotosorVideos", "OtherUserContent", "UserID", "DeviceID"]
        #expect(Set(kinds) == Set(wanted.map { "NSPrivacyCollectedDataType\($0)" }))
        #expect(collected.allSatisfy { $0["NSPrivacyCollectedDataTypeTracking"] as? Bool == false })
        #expect(collected.allSatisfy { $0["NSPrivacyCollectedDataTypeLinked"] as? Bool == true })
    }

    @Test func everyQuestionOfTheSystemIsWordedInBothLanguages() throws {
        let questions = try plist("Info.plist").filter { $0.key.hasSuffix("UsageDescription") }
        #expect(Set(questions.keys) == ["NSCameraUsageDescription", "NSLocationWhenInUseUsageDescription"])
        let words = try ["en", "de"].map { language in
            String(decoding: try file("Resources/\(language).lproj/InfoPlist.strings"), as: UTF8.self)
        }
        for (key, english) in questions {
            #expect(words[0].contains("\"\(key)\" = \"\(english)\";"), "Info.plist has another English question")
            #expect(words[1].contains("\"\(key)\" = \""), "the German question is missing")
        }
    }
}
