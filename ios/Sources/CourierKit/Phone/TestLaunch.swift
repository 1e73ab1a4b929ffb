#if DEBUG
    import CourierCore
    import Foundation

    /// What a UI test says at the launch, by arguments (`CourierThumb.Launch`). Only in debug builds: nobody sets the clock of an
    /// app that ships. The app exchanges only when it is told to then, and asks for no position.
    public struct TestLaunch: Sendable {
        public let server: String
        /// Each has files and keys of its own.
        public let installation: String
        public let clock: StillClock

        /// Nothing unless every argument is there.
        public init?(_ arguments: [String] = ProcessInfo.processInfo.arguments) {
            func value(_ name: String) -> String? {
                arguments.firstIndex(of: "-courier-\(name)").flatMap { arguments.dropFirst($0 + 1).first }
            }
            guard let server = value("server"), let installation = value("installation"), let boot = value("boot"),
                let wallMs = value("wall-ms").flatMap({ Int64($0) }),
                let bootMs = value("boot-ms").flatMap({ UInt64($0) })
            else { return nil }
            (self.server, self.installation) = (server, installation)
            clock = StillClock(wall: wallMs, sinceBoot: bootMs, boot: boot)
        }

        /// Where the files of this installation are.
        public func folder(in folder: URL) -> URL { folder.appending(path: "test").appending(path: installation) }

        /// What this installation remembers: at its first launch the server, so that a test types only the code, and English.
        public func memory(_ folder: URL) throws -> FileMemory {
            let memory = FileMemory(folder: folder)
            if memory.load().server == nil {
                try memory.store(Remembered(server: Server(url: server), language: .en))
            }
            return memory
        }
    }

    /// A clock that stands still.
    public final class StillClock: Clock {
        private let wall: Int64
        private let sinceBoot: UInt64
        private let boot: String

        init(wall: Int64, sinceBoot: UInt64, boot: String) {
            (self.wall, self.sinceBoot, self.boot) = (wall, sinceBoot, boot)
        }

        public func wallMs() throws -> Int64 { wall }
        public func bootMs() throws -> UInt64 { sinceBoot }
        public func bootId() throws -> String { boot }
    }
#endif
