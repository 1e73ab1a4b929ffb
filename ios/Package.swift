// swift-tools-version: 6.0
import PackageDescription

// The Rust library. On Apple platforms: an xcframework of static libraries, made on macOS. On Linux: the shared library
// as cargo built it, found through LIBRARY_PATH and LD_LIBRARY_PATH, so that `swift test` runs there.
#if os(Linux)
    let platformTargets: [Target] = []
    let rust: [Target.Dependency] = []
    let rustLinker: [LinkerSetting] = [.linkedLibrary("courier_ffi")]
#else
    let platformTargets: [Target] = [
        .binaryTarget(name: "CourierRust", path: "Frameworks/CourierRust.xcframework")
    ]
    let rust: [Target.Dependency] = ["CourierRust"]
    let rustLinker: [LinkerSetting] = []
#endif

let package = Package(
    name: "Courier",
    platforms: [.iOS(.v17), .macOS(.v14)],
    products: [.library(name: "CourierCore", targets: ["CourierCore"])],
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
        .testTarget(name: "CourierCoreTests", dependencies: ["CourierCore"]),
    ],
    swiftLanguageModes: [.v6]
)
