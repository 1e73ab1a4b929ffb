import CourierKit
import Foundation
import SwiftUI

struct EnrolScreen: View {
    @Bindable var model: EnrolModel
    /// What the courier before could not send.
    let exported: URL?

    var body: some View {
        let words = model.words
        NavigationStack {
            Form {
                Section {
                    Text(words(.enrolIntro))
                }
                if let exported {
                    Section {
                        Text(words(.exportKept))
                        ShareLink(words(.exportHand), item: exported)
                    }
                }
                Section {
                    // Without a camera, or where it was refused, there is the keyboard.
                    CameraButton(words: words, title: .enrolScan, kind: .qr) { model.scanned($0) }
                        .disabled(model.isBusy)
                    TextField(words(.enrolServer), text: $model.serverUrl)
                        .keyboardType(.URL)
                        .typedExactly()
                    TextField(words(.enrolCode), text: $model.code)
                        .typedExactly(.characters)
                        .privacySensitive()
                        .accessibilityIdentifier("enrolment-code")
                }
                Section {
                    Button(words(.enrolDo)) { Task { await model.enrol() } }
                        .disabled(!model.canEnrol)
                        .accessibilityIdentifier("enrol")
                    if model.isBusy { ProgressView(words(.enrolBusy)) }
                    if let filledIn = model.filledIn { Label(filledIn, systemImage: "checkmark.circle") }
                    if let problem = model.problem {
                        Label(problem, systemImage: "exclamationmark.triangle").foregroundStyle(Color.red)
                    }
                }
            }
            .navigationTitle(words(.enrolTitle))
            // A scan changes lines that VoiceOver is not at.
            .onChange(of: model.filledIn ?? model.problem) { _, said in
                if let said { AccessibilityNotification.Announcement(said).post() }
            }
        }
    }
}

extension View {
    /// What is typed is no language: nothing is corrected, suggested or learnt.
    func typedExactly(_ capitals: TextInputAutocapitalization = .never) -> some View {
        autocorrectionDisabled().textInputAutocapitalization(capitals)
    }
}
