import Foundation

/// Where the server of this phone is.
public struct Server: Codable, Equatable, Sendable {
    /// Its address: `https`, or `http` on this machine only.
    public var url: String
    /// Certificates of the operator's own authority in PEM.
    public var caPem: String?

    public init(url: String, caPem: String? = nil) {
        self.url = url
        self.caPem = caPem
    }
}

/// What the app itself remembers. Nothing of it is personal or secret.
public struct Remembered: Codable, Equatable, Sendable {
    /// The server that this phone was enrolled with.
    public var server: Server?
    /// The language that the courier chose, if it is not the phone's.
    public var language: Language?
    /// The look that the courier chose, if it is not the phone's.
    public var look: Look?

    public init(server: Server? = nil, language: Language? = nil, look: Look? = nil) {
        (self.server, self.language, self.look) = (server, language, look)
    }
}

/// How the app looks.
public enum Look: String, CaseIterable, Codable, Sendable {
    case phone
    case light
    case dark
}

/// Keeps what the app remembers.
public protocol Memory: Sendable {
    /// What was stored last; nothing was if there is nothing that can be read.
    func load() -> Remembered
    /// Stores it durably, in place of what was stored before.
    func store(_ remembered: Remembered) throws
}

/// A file of the app's own folder. There is the old one or the new one, never half of one.
public struct FileMemory: Memory {
    private let file: URL

    /// - Parameter folder: is made if it is not there.
    public init(folder: URL) {
        file = folder.appending(path: "remembered.json")
    }

    public func load() -> Remembered {
        guard let bytes = try? Data(contentsOf: file) else { return Remembered() }
        return (try? JSONDecoder().decode(Remembered.self, from: bytes)) ?? Remembered()
    }

    public func store(_ remembered: Remembered) throws {
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try JSONEncoder().encode(remembered).write(to: file, options: .atomic)
    }
}
