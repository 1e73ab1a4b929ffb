import CourierCore
import Foundation

/// A clock that stands still until it is set.
public final class HandClock: Clock, @unchecked Sendable {
    private let lock = NSLock()
    private var wall: Int64 = 0
    private var sinceBoot: UInt64 = 0
    private var bootName = ""

    public init() {}

    public func set(wallMs: Int64, bootMs: UInt64, boot: String) {
        lock.withLock { (wall, sinceBoot, bootName) = (wallMs, bootMs, boot) }
    }

    public func wallMs() throws -> Int64 { lock.withLock { wall } }
    public func bootMs() throws -> UInt64 { lock.withLock { sinceBoot } }
    public func bootId() throws -> String { lock.withLock { bootName } }
}

/// A clock that began at a moment of our choice, and runs as fast as every other.
public final class RunningClock: Clock, @unchecked Sendable {
    private let began = ContinuousClock.now
    private let lock = NSLock()
    private var startMs: Int64

    public init(startMs: Int64) { self.startMs = startMs }

    /// Time passes at once.
    public func skip(ms: Int64) { lock.withLock { startMs += ms } }

    private var elapsedMs: Int64 { Int64((ContinuousClock.now - began) / .milliseconds(1)) }
    private var start: Int64 { lock.withLock { startMs } }

    public func wallMs() throws -> Int64 { start + elapsedMs }
    public func bootMs() throws -> UInt64 { UInt64(start + elapsedMs - 1_700_000_000_000) }
    public func bootId() throws -> String { "boot" }
}

/// Secrets as files.
public final class FolderStore: SecureStore, Sendable {
    private let folder: URL

    public init(_ path: String) throws {
        folder = URL(filePath: path)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    public func get(name: String) throws -> Data? {
        let file = folder.appending(path: name)
        return FileManager.default.fileExists(atPath: file.path) ? try Data(contentsOf: file) : nil
    }

    public func put(name: String, secret: Data) throws {
        try secret.write(to: folder.appending(path: name), options: .atomic)
    }

    public func delete(name: String) throws {
        let file = folder.appending(path: name)
        if FileManager.default.fileExists(atPath: file.path) { try FileManager.default.removeItem(at: file) }
    }
}

/// Events in a file, where a scenario looks for secrets too.
public final class FileLog: Log, Sendable {
    private let path: String

    public init(_ path: String) { self.path = path }

    public func event(level: Level, code: String, ids: [String]) throws {
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
