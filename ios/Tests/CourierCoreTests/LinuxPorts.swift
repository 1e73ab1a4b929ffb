import Foundation

import CourierCore

/// A clock that stands still until it is set.
final class HandClock: Clock, @unchecked Sendable {
    private let lock = NSLock()
    private var wall: Int64 = 0
    private var sinceBoot: UInt64 = 0
    private var bootName = ""

    func set(wallMs: Int64, bootMs: UInt64, boot: String) {
        lock.withLock { (wall, sinceBoot, bootName) = (wallMs, bootMs, boot) }
    }

    func wallMs() throws -> Int64 { lock.withLock { wall } }
    func bootMs() throws -> UInt64 { lock.withLock { sinceBoot } }
    func bootId() throws -> String { lock.withLock { bootName } }
}

/// Secrets as files.
final class FolderStore: SecureStore, Sendable {
    private let folder: URL

    init(_ path: String) throws {
        folder = URL(filePath: path)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    func get(name: String) throws -> Data? {
        let file = folder.appending(path: name)
        return FileManager.default.fileExists(atPath: file.path) ? try Data(contentsOf: file) : nil
    }

    func put(name: String, secret: Data) throws {
        try secret.write(to: folder.appending(path: name), options: .atomic)
    }

    func delete(name: String) throws {
        let file = folder.appending(path: name)
        if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
    }
}

/// Events in a file, where a scenario looks for secrets too.
final class FileLog: Log, Sendable {
    private let path: String

    init(_ path: String) { self.path = path }

    func event(level: Level, code: String, ids: [String]) throws {
        let line = Data("\(level) \(code) \(ids.joined(separator: " "))\n".utf8)
        if let file = FileHandle(forWritingAtPath: path) {
            defer { try? file.close() }
            try file.seekToEnd()
            try file.write(contentsOf: line)
        } else {
            try line.write(to: URL(filePath: path))
        }
    }
}
