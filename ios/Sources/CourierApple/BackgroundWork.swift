#if canImport(BackgroundTasks) && os(iOS)
    import BackgroundTasks
    import CourierKit

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

        private let lifecycle: @MainActor () -> Lifecycle?

        /// - Parameter lifecycle: that of an enrolled phone, once there is one.
        public init(lifecycle: @escaping @MainActor () -> Lifecycle?) {
            self.lifecycle = lifecycle
        }

        /// To be called before the app has finished launching.
        public func register() {
            for (name, budget) in [(Self.refresh, Self.refreshBudget), (Self.processing, Self.processingBudget)] {
                BGTaskScheduler.shared.register(forTaskWithIdentifier: name, using: .main) { [weak self] task in
                    MainActor.assumeIsolated {
                        self?.run(task, budget: budget) ?? task.setTaskCompleted(success: false)
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
            guard let lifecycle = lifecycle() else { return task.setTaskCompleted(success: true) }
            task.expirationHandler = { Task { @MainActor in await lifecycle.timeIsUp() } }
            Task { task.setTaskCompleted(success: await lifecycle.wokenForExchange(budget: budget)) }
        }
    }
#endif
