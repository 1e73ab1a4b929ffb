#if canImport(os)
    import CourierCore
    import os

    /// Events in Apple's unified log. They are stable words and identifiers, so nothing of them has to be hidden.
    public final class UnifiedLog: CourierCore.Log, Sendable {
        private let logger: Logger

        public init(subsystem: String) {
            logger = Logger(subsystem: subsystem, category: "core")
        }

        public func event(level: Level, code: String, ids: [String]) throws {
            let said = ([code] + ids).joined(separator: " ")
            switch level {
            case .debug: logger.debug("\(said, privacy: .public)")
            case .info: logger.info("\(said, privacy: .public)")
            case .warn: logger.warning("\(said, privacy: .public)")
            case .error: logger.error("\(said, privacy: .public)")
            }
        }
    }
#endif
