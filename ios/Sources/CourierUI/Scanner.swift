import CourierKit
import SwiftUI

#if os(iOS)
    import VisionKit
#endif

/// What a camera looks for.
enum ScanKind {
    /// Labels of parcels.
    case barcode
    /// A customer's QR, or the office's for a new phone.
    case qr
}

/// A line for a barcode, with the camera beside it.
struct BarcodeField: View {
    let words: Words
    @Binding var text: String
    let take: @MainActor () -> Void
    let scanned: @MainActor (String) -> Void

    var body: some View {
        CameraButton(words: words, title: .scanWithCamera, kind: .barcode, scanned: scanned)
        TextField(words(.barcode), text: $text)
            .typedExactly(.characters)
            .onSubmit { take() }
            .accessibilityIdentifier("barcode")
        Button(words(.takeBarcode)) { take() }.disabled(text.isEmpty).accessibilityIdentifier("take-barcode")
    }
}

/// Opens the camera, where there is one that can read codes and the courier lets the app use it.
struct CameraButton: View {
    let words: Words
    let title: Phrase
    let kind: ScanKind
    let scanned: @MainActor (String) -> Void
    @State private var isOpen = false
    @State private var isRefused = false

    var body: some View {
        if Camera.isThere {
            Button {
                Task {
                    isOpen = await Camera.mayLook()
                    isRefused = !isOpen
                    if isRefused { CameraAccess.announceRefusal(words) }
                }
            } label: {
                Label(words(title), systemImage: kind == .qr ? "qrcode.viewfinder" : "barcode.viewfinder")
            }
            .accessibilityIdentifier(kind == .qr ? "scan-qr" : "scan-barcode")
            .sheet(isPresented: $isOpen) {
                CameraView(done: saw) { Camera(kind: kind, scanned: saw) }
                    .presentationDetents([.medium, .large])
            }
            if isRefused { CameraRefusal(words: words) }
        }
    }

    private func saw(_ text: String) {
        isOpen = false
        scanned(text)
    }
}

#if os(iOS)
    /// VisionKit's scanner. It takes the first thing that it reads.
    struct Camera: UIViewControllerRepresentable {
        let kind: ScanKind
        let scanned: @MainActor (String) -> Void

        /// `isAvailable` says no until the courier has allowed the camera, which nobody asks for without a button.
        static var isThere: Bool { UITest.isOn || DataScannerViewController.isSupported }

        static func mayLook() async -> Bool {
            await CameraAccess.asked() && (UITest.isOn || DataScannerViewController.isAvailable)
        }

        func makeUIViewController(context: Context) -> DataScannerViewController {
            let symbologies: DataScannerViewController.RecognizedDataType =
                switch kind {
                case .qr: .barcode(symbologies: [.qr])
                case .barcode: .barcode(symbologies: [.code128, .code39, .ean13, .itf14, .dataMatrix, .pdf417, .qr])
                }
            let scanner = DataScannerViewController(
                recognizedDataTypes: [symbologies], qualityLevel: .balanced, isHighlightingEnabled: true)
            scanner.delegate = context.coordinator
            return scanner
        }

        func updateUIViewController(_ scanner: DataScannerViewController, context: Context) {
            // Taken away meanwhile, by a call or a profile: the sheet stays empty, and there is the keyboard.
            try? scanner.startScanning()
        }

        static func dismantleUIViewController(_ scanner: DataScannerViewController, coordinator: Coordinator) {
            scanner.stopScanning()
        }

        func makeCoordinator() -> Coordinator { Coordinator(scanned) }

        @MainActor final class Coordinator: NSObject, DataScannerViewControllerDelegate {
            private let scanned: @MainActor (String) -> Void
            private var isDone = false

            init(_ scanned: @escaping @MainActor (String) -> Void) { self.scanned = scanned }

            func dataScanner(
                _ dataScanner: DataScannerViewController, didAdd addedItems: [RecognizedItem],
                allItems: [RecognizedItem]
            ) {
                for case .barcode(let code) in addedItems where !isDone {
                    guard let text = code.payloadStringValue else { continue }
                    isDone = true
                    scanned(text)
                }
            }
        }
    }
#else
    /// There is none: everything can be typed.
    struct Camera: View {
        let kind: ScanKind
        let scanned: @MainActor (String) -> Void

        static var isThere: Bool { UITest.isOn }

        static func mayLook() async -> Bool { await CameraAccess.asked() }

        var body: some View { EmptyView() }
    }
#endif
