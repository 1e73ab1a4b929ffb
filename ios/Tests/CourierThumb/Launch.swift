/// How a test launches the app: against which backend, as which installation, at what time. `TestLaunch` of the app reads it.
public struct Launch: Equatable, Sendable {
    public let server: String
    /// Each has files and keys of its own.
    public private(set) var installation: String
    /// What everybody's clock tells but the phone's, which is a little ahead, as they are.
    public private(set) var nowMs: Int64
    private var bootMs: Int64 = 1_000_000
    private var boots = 1
    private var installs = 1
    private let name: String

    /// The key of the office, of whom no test backend keeps it secret.
    public static let opsKey = "the office's own key"

    public init(server: String, installation name: String, atMs nowMs: Int64) {
        (self.server, self.name, self.nowMs, installation) = (server, name, nowMs, "\(name)-1")
    }

    /// The app's clock stands still from one launch to the next: it says the same on a slow machine and on a fast one.
    public var arguments: [String] {
        [
            "-courier-server", server, "-courier-installation", installation,
            "-courier-wall-ms", "\(nowMs + 4_000)", "-courier-boot-ms", "\(bootMs)", "-courier-boot", "boot-\(boots)",
        ]
    }

    mutating func pass(ms: Int64) {
        nowMs += ms
        bootMs += ms
    }

    mutating func reboot() {
        boots += 1
        bootMs = 20_000
    }

    mutating func reinstall() {
        installs += 1
        installation = "\(name)-\(installs)"
    }
}

/// Which backend is for which file, as `ios/scripts/scenario-backends.sh` says it: `NAME=URL`, with a space between two.
public func backends(_ said: String) -> [String: String] {
    let pairs = said.split(separator: " ").compactMap { one -> (String, String)? in
        let parts = one.split(separator: "=", maxSplits: 1)
        return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
    }
    return Dictionary(pairs) { $1 }
}
