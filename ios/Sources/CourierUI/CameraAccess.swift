import CourierKit
import SwiftUI

#if os(iOS)
    import AVFoundation
#endif

/// Whether the courier lets the app use the camera. iOS asks at the first time, and answers by itself afterwards.
@MainActor enum CameraAccess {
    #if os(iOS)
        static func asked() async -> Bool {
            // A question of the system would lie over the screens.
            if UITest.isOn { return true }
            return await AVCaptureDevice.requestAccess(for: .video)
        }
    #else
        /// What the courier answers in a test.
        static var answer = true

        static func asked() async -> Bool { answer }
    #endif

    /// The line that says it appears where VoiceOver is not, and is there already when it is refused again.
    static func announceRefusal(_ words: Words) {
        AccessibilityNotification.Announcement(words(.cameraRefused)).post()
    }
}

/// The courier wanted the camera, and the app may not use it.
struct CameraRefusal: View {
    let words: Words

    var body: some View {
        Label(words(.cameraRefused), systemImage: "exclamationmark.triangle")
    }
}
