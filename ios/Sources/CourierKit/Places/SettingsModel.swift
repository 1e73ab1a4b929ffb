import CourierCore
import Observation

/// What the courier can set. Everything else is the office's.
@MainActor @Observable public final class SettingsModel {
    public let words: Words
    /// The server that this phone was enrolled with.
    public let server: String
    public let version = coreVersion()
    /// Nothing: as the phone.
    public private(set) var language: Language?
    /// What came of the last change.
    public private(set) var notice: Notice?
    private let memory: any Memory

    init(memory: any Memory, words: Words) {
        let remembered = memory.load()
        (self.memory, self.words, language) = (memory, words, remembered.language)
        server = remembered.server?.url ?? ""
    }

    /// What a language is called, in itself.
    public func name(_ language: Language?) -> String {
        switch language {
        case nil: words(.languageOfPhone)
        case .de: words(.languageDe)
        case .en: words(.languageEn)
        }
    }

    /// Chooses a language for the next start.
    public func choose(_ language: Language?) {
        var remembered = memory.load()
        remembered.language = language
        do {
            try memory.store(remembered)
            self.language = language
            notice = Notice(text: words(.languageLater), kind: .done)
        } catch {
            notice = Notice(text: words(.notStored), kind: .problem)
        }
    }
}
