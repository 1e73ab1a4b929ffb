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
    public private(set) var look: Look
    private let memory: any Memory
    private let show: @MainActor (Look) -> Void

    init(memory: any Memory, words: Words, show: @escaping @MainActor (Look) -> Void) {
        let remembered = memory.load()
        (self.memory, self.words, self.show) = (memory, words, show)
        (language, look) = (remembered.language, remembered.look ?? .phone)
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

    /// What a look is called.
    public func name(_ look: Look) -> String {
        switch look {
        case .phone: words(.languageOfPhone)
        case .light: words(.lookLight)
        case .dark: words(.lookDark)
        }
    }

    /// Chooses a language for the next start.
    public func choose(_ language: Language?) {
        guard store({ $0.language = language }) else { return }
        self.language = language
        notice = Notice(text: words(.languageLater), kind: .done)
    }

    /// Chooses how it looks, at once.
    public func choose(_ look: Look) {
        guard store({ $0.look = look == .phone ? nil : look }) else { return }
        (self.look, notice) = (look, nil)
        show(look)
    }

    private func store(_ change: (inout Remembered) -> Void) -> Bool {
        var remembered = memory.load()
        change(&remembered)
        do {
            try memory.store(remembered)
            return true
        } catch {
            notice = Notice(text: words(.notStored), kind: .problem)
            return false
        }
    }
}
