#if canImport(BackgroundTasks) && os(iOS)
    import BackgroundTasks
    import CourierKit
    import Foundation

    /// Exchanges while the app is not to be seen: a short one every now and then, and a longer one on the charger, when
    /// the system thinks fit. Both names stand in Info.plist.
    @MainActor public final class BackgroundWork {
        public static let refresh = "org.courier.app.refresh"
        public static let processing = "org.courier.app.processing"
        /// About what iOS gives a refresh; a margin is left to close the databases.
        private static let refreshBudget = Duration.seconds(20)
        private static let processingBudget = Duration.seconds(120)
        /// Sooner than this nothing is worth a wake-up, in seconds.
        private static let pause: TimeInterval = 15 * 60

        private let lifecycle: @MainActor () async -> Lifecycle?

        /// - Parameter lifecycle: that of an enrolled phone, if it is one. The system may have started the app only for this:
        ///   then it is opened first.
        public init(lifecycle: @escaping @MainActor () async -> Lifecycle?) {
            self.lifecycle = lifecycle
        }

        /// To be called before the app has finished launching.
        public func register() {
            for (name, budget) in [(Self.refresh, Self.refreshBudget), (Self.processing, Self.processingBudget)] {
                // Delivered on the main queue, as asked for.
                BGTaskScheduler.shared.register(forTaskWithIdentifier: name, using: .main) { [weak self] task in
                    nonisolated(unsafe) let task = task
                    MainActor.assumeIsolated {
                        guard let self else { return task.setTaskCompleted(success: false) }
                        self.run(task, budget: budget)
                    }
                }
            }
        }

        /// To be called whenever the app goes to the background. What the system refuses is left: the core exchanges when
        /// the app is opened.
        public func schedule() {
            let refresh = BGAppRefreshTaskRequest(identifier: Self.refresh)
            refresh.earliestBeginDate = Date(timeIntervalSinceNow: Self.pause)
            let processing = BGProcessingTaskRequest(identifier: Self.processing)
            processing.requiresNetworkConnectivity = true
            processing.earliestBeginDate = Date(timeIntervalSinceNow: Self.pause)
            for request in [refresh, processing] { try? BGTaskScheduler.shared.submit(request) }
        }

        private func run(_ task: BGTask, budget: Duration) {
            schedule()
            Task {
                guard let lifecycle = await lifecycle() else { return task.setTaskCompleted(success: true) }
                task.expirationHandler = { Task { @MainActor in await lifecycle.timeIsUp() } }
                task.setTaskCompleted(success: await lifecycle.wokenForExchange(budget: budget))
            }
        }
    }
#endif
