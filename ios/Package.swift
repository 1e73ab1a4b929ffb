// swift-tools-version: 6.0
import PackageDescription

// The Rust library. On Apple platforms: an xcframework of static libraries, made on macOS. On Linux: the shared library
// as cargo built it, found through LIBRARY_PATH and LD_LIBRARY_PATH, so that `swift test` runs there. There is no
// SwiftUI on Linux: a module of that name stands in, so that the screens are type-checked and their bodies evaluated.
#if os(Linux)
    let platformTargets: [Target] = [
        .target(name: "SwiftUI", path: "LinuxStubs/SwiftUI"),
        .target(name: "ActivityKit", path: "LinuxStubs/ActivityKit"),
        .target(name: "WidgetKit", dependencies: ["ActivityKit", "SwiftUI"], path: "LinuxStubs/WidgetKit"),
        // The extension, which Xcode builds by `project.yml`.
        .executableTarget(
            name: "CourierWidget", dependencies: ["CourierActivity", "ActivityKit", "SwiftUI", "WidgetKit"],
            path: "App/Widget", exclude: ["Info.plist"]),
        // What a UI test does with an app, which Xcode builds by `project.yml` with the test case beside it.
        .target(name: "XCUIAutomation", path: "LinuxStubs/XCUIAutomation"),
        .target(
            name: "AppUITests", dependencies: ["CourierThumb", "XCUIAutomation"], path: "App/AppUITests",
            exclude: ["ScenarioTests.swift"]),
        // What the binding costs: `swift run measure`.
        .executableTarget(name: "measure", dependencies: ["CourierKit", "CourierTestWorld"], path: "Tests/Measure"),
        .testTarget(
            name: "CourierUITests",
            dependencies: [
                "AppUITests", "CourierUI", "CourierActivity", "CourierTestWorld", "CourierThumb", "CourierWidget",
                "SwiftUI", "WidgetKit",
            ]),
    ]
    let rust: [Target.Dependency] = []
    let rustLinker: [LinkerSetting] = [.linkedLibrary("courier_ffi")]
    let swiftUI: [Target.Dependency] = ["SwiftUI"]
    let activity: [Target.Dependency] = ["SwiftUI", "ActivityKit"]
#else
    let platformTargets: [Target] = [
        .binaryTarget(name: "CourierRust", path: "Frameworks/CourierRust.xcframework")
    ]
    let rust: [Target.Dependency] = ["CourierRust"]
    let rustLinker: [LinkerSetting] = []
    let swiftUI: [Target.Dependency] = []
    let activity: [Target.Dependency] = []
#endif

let package = Package(
    name: "Courier",
    defaultLocalization: "en",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [
        .library(name: "CourierCore", targets: ["CourierCore"]),
        .library(name: "CourierKit", targets: ["CourierKit"]),
        .library(name: "CourierPortChecks", targets: ["CourierPortChecks"]),
        .library(name: "CourierApple", targets: ["CourierApple"]),
        .library(name: "CourierUI", targets: ["CourierUI"]),
        .library(name: "CourierActivity", targets: ["CourierActivity"]),
        .library(name: "CourierThumb", targets: ["CourierThumb"]),
    ],
    targets: platformTargets + [
        // The generated C header with a module map written by hand: Xcode trips over the generated one.
        .systemLibrary(name: "CourierFFI"),
        // The generated Swift, in Swift 5 mode: UniFFI 0.32's code for async foreign traits is no Swift 6.
        .target(
            name: "CourierCore",
            dependencies: ["CourierFFI"] + rust,
            swiftSettings: [.swiftLanguageMode(.v5)],
            linkerSettings: rustLinker
        ),
        // Repository, lifecycle, view models, texts. Imports no user interface and nothing of Apple's but Foundation.
        .target(name: "CourierKit", dependencies: ["CourierCore"], resources: [.process("Resources")]),
        // What every implementation of a port has to do, as checks that any test can run.
        .target(name: "CourierPortChecks", dependencies: ["CourierCore"]),
        // Ports over Apple's frameworks; empty elsewhere.
        .target(name: "CourierApple", dependencies: ["CourierKit", "CourierActivity"]),
        // What the extension with the Live Activity shares with the app.
        .target(name: "CourierActivity", dependencies: activity, path: "App/Activity"),
        // SwiftUI, thin.
        .target(name: "CourierUI", dependencies: ["CourierKit"] + swiftUI),
        // The scenario files as taps, for UI tests. Knows nothing of the app but what its screens say.
        .target(name: "CourierThumb", path: "Tests/CourierThumb"),
        // A backend process, and ports of a plain machine, for tests.
        .target(name: "CourierTestWorld", dependencies: ["CourierKit"], path: "Tests/CourierTestWorld"),
        .testTarget(name: "CourierCoreTests", dependencies: ["CourierCore", "CourierTestWorld"]),
        .testTarget(name: "CourierKitTests", dependencies: ["CourierKit", "CourierPortChecks", "CourierTestWorld"]),
    ],
    swiftLanguageModes: [.v6]
)
