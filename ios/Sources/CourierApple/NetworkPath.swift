#if canImport(Network)
    import Dispatch
    import Network

    /// Says when a network came up. `NWPathMonitor` only guesses: whether the server answers is for the core to see.
    public struct NetworkPath: Sendable {
        public init() {}

        /// An element each time that a network comes up.
        public func comings() -> AsyncStream<Void> {
            AsyncStream(bufferingPolicy: .bufferingNewest(1)) { continuation in
                let monitor = NWPathMonitor()
                let wasThere = WasThere()
                monitor.pathUpdateHandler = { path in
                    if wasThere.comes(path.status == .satisfied) { continuation.yield() }
                }
                continuation.onTermination = { _ in monitor.cancel() }
                monitor.start(queue: DispatchQueue(label: "courier.network"))
            }
        }
    }

    /// Touched on the monitor's queue only.
    private final class WasThere: @unchecked Sendable {
        private var isThere = false

        /// Whether it is there and was not before.
        func comes(_ isThere: Bool) -> Bool {
            defer { self.isThere = isThere }
            return isThere && !self.isThere
        }
    }
#endif
