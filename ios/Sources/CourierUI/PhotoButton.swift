import CourierKit
import SwiftUI

#if os(iOS)
    import UIKit
#endif

/// Opens the camera, where there is one. What it took is a JPEG file, which the core reads and this app then removes.
struct PhotoButton: View {
    let words: Words
    /// Done before the camera opens, which may end the app.
    let before: @MainActor () async -> Void
    let taken: @MainActor (String) -> Void
    @State private var isOpen = false
    @State private var isRefused = false

    var body: some View {
        if PhotoCamera.isThere {
            Button {
                Task {
                    await before()
                    isOpen = await CameraAccess.asked()
                    isRefused = !isOpen
                    if isRefused { CameraAccess.announceRefusal(words) }
                }
            } label: {
                Label(words(.takePhoto), systemImage: "camera")
            }
            .accessibilityIdentifier("take-photo")
            .sheet(isPresented: $isOpen) {
                CameraView(takesPhotos: true, done: took) { PhotoCamera(done: took) }
                    .presentationDetents([.large])
            }
            if isRefused { CameraRefusal(words: words) }
        }
    }

    private func took(_ path: String?) {
        isOpen = false
        if let path { taken(path) }
    }
}

#if os(iOS)
    /// UIKit's camera. The photo never comes near the photo library.
    struct PhotoCamera: UIViewControllerRepresentable {
        let done: @MainActor (String?) -> Void

        static var isThere: Bool { UITest.isOn || UIImagePickerController.isSourceTypeAvailable(.camera) }

        func makeUIViewController(context: Context) -> UIImagePickerController {
            let picker = UIImagePickerController()
            picker.sourceType = .camera
            picker.delegate = context.coordinator
            return picker
        }

        func updateUIViewController(_ picker: UIImagePickerController, context: Context) {}

        func makeCoordinator() -> Coordinator { Coordinator(done) }

        @MainActor final class Coordinator: NSObject, UIImagePickerControllerDelegate, UINavigationControllerDelegate {
            private let done: @MainActor (String?) -> Void

            init(_ done: @escaping @MainActor (String?) -> Void) { self.done = done }

            func imagePickerController(
                _ picker: UIImagePickerController,
                didFinishPickingMediaWithInfo info: [UIImagePickerController.InfoKey: Any]
            ) {
                let image = info[.originalImage] as? UIImage
                done(image.flatMap { Self.jpeg(of: $0) })
            }

            func imagePickerControllerDidCancel(_ picker: UIImagePickerController) { done(nil) }

            /// Small enough for the core: 1600 pixels on the longer side, about 400 KB.
            private static func jpeg(of image: UIImage) -> String? {
                let scale = min(1, 1_600 / max(image.size.width, image.size.height))
                let size = CGSize(width: image.size.width * scale, height: image.size.height * scale)
                let format = UIGraphicsImageRendererFormat()
                format.scale = 1
                let small = UIGraphicsImageRenderer(size: size, format: format)
                let bytes = small.jpegData(withCompressionQuality: 0.7) { _ in
                    image.draw(in: CGRect(origin: .zero, size: size))
                }
                let file = FileManager.default.temporaryDirectory.appending(path: "camera.jpg")
                let options: Data.WritingOptions = [.atomic, .completeFileProtectionUntilFirstUserAuthentication]
                do { try bytes.write(to: file, options: options) } catch { return nil }
                return file.path
            }
        }
    }
#else
    /// There is none.
    struct PhotoCamera: View {
        let done: @MainActor (String?) -> Void

        static var isThere: Bool { UITest.isOn }

        var body: some View { EmptyView() }
    }
#endif
