import Foundation
import SwiftUI

/// The camera, or in a UI test what stands in for it.
struct CameraView<Camera: View>: View {
    var takesPhotos = false
    /// The text of a code, or where a photo is.
    let done: @MainActor (String) -> Void
    @ViewBuilder let camera: () -> Camera

    var body: some View {
        #if DEBUG
            if UITest.isOn { CameraStandIn(takesPhotos: takesPhotos, done: done) } else { camera() }
        #else
            camera()
        #endif
    }
}

#if DEBUG
    /// What a camera would see is typed: the text of a code, or how large a photo is in KiB.
    private struct CameraStandIn: View {
        let takesPhotos: Bool
        let done: @MainActor (String) -> Void
        @State private var text = ""

        var body: some View {
            TextField("", text: $text).typedExactly().accessibilityIdentifier("camera-sees")
            Button("OK") { if let seen = takesPhotos ? photo : text { done(seen) } }
                .accessibilityIdentifier("camera-take")
        }

        /// A JPEG file in form, as the other players of the scenario files make one.
        private var photo: String? {
            guard let kib = Int(text) else { return nil }
            var bytes: [UInt8] = [0xFF, 0xD8, 0xFF, 0xE1, 0x00, 0x14] + Array("Exif\0\0AT THE DOOR!".utf8)
            bytes += [0xFF, 0xC0, 0x00, 0x0B, 0x08, 0x00, 0x08, 0x00, 0x08, 0x01, 0x01, 0x11, 0x00]
            bytes += [0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x3F, 0x00]
            bytes += (0..<kib * 1_024).map { UInt8($0 % 251) } + [0xFF, 0xD9]
            let file = FileManager.default.temporaryDirectory.appending(path: "camera-\(UUID().uuidString).jpg")
            return (try? Data(bytes).write(to: file)).map { file.path }
        }
    }
#endif
