import CourierApple
import CourierKit
import CourierUI
import SwiftUI
import UIKit

@main
struct CourierApp: App {
    @UIApplicationDelegateAdaptor private var delegate: Delegate
    @Environment(\.scenePhase) private var scenePhase

    var body: some Scene {
        WindowGroup {
            RootView(app: delegate.app, surroundings: delegate.surroundings)
                .task { await delegate.followNetwork() }
        }
        .onChange(of: scenePhase) { _, phase in
            switch phase {
            case .active: delegate.cameToForeground()
            case .background: delegate.wentToBackground()
            default: break
            }
        }
    }
}

/// Brings what the system tells to the kit.
@MainActor final class Delegate: NSObject, UIApplicationDelegate {
    let app = Delegate.makeApp()
    let location = LocationFixes()
    let board = DayActivity()
    private var known: (session: Session, lifecycle: Lifecycle)?
    private lazy var work = BackgroundWork { [weak self] in
        await self?.app.start()
        return self?.lifecycle
    }

    private static func makeApp() -> AppModel {
        let version = Bundle.main.infoDictionary?["CFBundleShortVersionString"] as? String ?? "0"
        let name = "courier-ios \(version)"
        // A folder that cannot be made is told by the core's first call as a failure of the storage.
        let folder = (try? Phone.folder()) ?? URL(filePath: "/dev/null")
        #if DEBUG
            if let test = TestLaunch(), let app = try? testApp(test, name, test.folder(in: folder)) {
                UITest.isOn = true
                return app
            }
        #endif
        return AppModel(memory: FileMemory(folder: folder), exports: Phone.exports()) { server in
            try Phone.core(server, folder: folder, app: name)
        }
    }

    #if DEBUG
        /// Exchanges only when it is told to, and has files and keys of its own.
        private static func testApp(_ test: TestLaunch, _ name: String, _ folder: URL) throws -> AppModel {
            AppModel(memory: try test.memory(folder), exports: folder.appending(path: "exports")) { server in
                try Phone.core(
                    server, folder: folder, app: name, service: "org.courier.test.\(test.installation)",
                    clock: test.clock, autoSync: false)
            }
        }
    #endif

    /// Whether a UI test has launched the app: then nothing happens by itself.
    private static var isTest: Bool {
        #if DEBUG
            TestLaunch() != nil
        #else
            false
        #endif
    }

    /// What the phone gives the screens. A question for its position would lie over them.
    var surroundings: Surroundings {
        Self.isTest ? Surroundings() : Surroundings(positions: location, board: board)
    }

    func application(
        _ application: UIApplication,
        didFinishLaunchingWithOptions options: [UIApplication.LaunchOptionsKey: Any]? = nil
    ) -> Bool {
        work.register()
        return true
    }

    func applicationProtectedDataDidBecomeAvailable(_ application: UIApplication) {
        Task { await app.protectedDataBecameAvailable() }
    }

    func wentToBackground() {
        work.schedule()
        guard let lifecycle else { return }
        Task { await lifecycle.wentToBackground() }
    }

    func cameToForeground() {
        guard let lifecycle else { return }
        // What fails here is told by the screen that pulls next.
        Task { try? await lifecycle.cameToForeground() }
    }

    func followNetwork() async {
        guard !Self.isTest else { return }
        for await _ in NetworkPath().comings() { await lifecycle?.networkCameUp() }
    }

    /// That of the session, once a courier is enrolled.
    private var lifecycle: Lifecycle? {
        guard case .day(let session) = app.phase else { return nil }
        if let known, known.session === session { return known.lifecycle }
        let isSeen = UIApplication.shared.applicationState != .background
        let lifecycle = Lifecycle(repository: session.repository, time: SystemTime(), isSeen: isSeen)
        known = (session, lifecycle)
        return lifecycle
    }
}

/// `UIApplication.beginBackgroundTask`.
@MainActor final class SystemTime: BackgroundTime {
    func begin(expired: @escaping @MainActor () -> Void) -> Int? {
        let token = UIApplication.shared.beginBackgroundTask(withName: "exchange") {
            MainActor.assumeIsolated { expired() }
        }
        return token == .invalid ? nil : token.rawValue
    }

    func end(_ token: Int) {
        UIApplication.shared.endBackgroundTask(UIBackgroundTaskIdentifier(rawValue: token))
    }
}
