import CourierCore
import CourierKit
import SwiftUI

/// A barcode, by the camera or typed.
struct ScanStep: View {
    @Bindable var model: DoorModel
    let go: (Place) -> Void

    var body: some View {
        Section {
            BarcodeField(words: model.words, text: $model.barcode) {
                Task { await model.takeBarcode() }
            } scanned: { barcode in
                Task { await model.scanned(barcode) }
            }
            if let elsewhere = model.elsewhere {
                Button(model.words(.goToStop, elsewhere.no)) { go(.stop(elsewhere.stop)) }
            }
        }
    }
}

/// Six digits on a pad of our own: no keyboard learns them, no pasteboard holds them.
struct CodeStep: View {
    let model: DoorModel
    @State private var isCardShown = false
    private static let keys = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]

    var body: some View {
        let words = model.words
        Section {
            Text(
                String(repeating: "●", count: model.pad.count)
                    + String(repeating: "○", count: CodePad.length - model.pad.count)
            )
            .font(.title)
            .frame(maxWidth: .infinity)
            .accessibilityLabel(words(.digitsEntered, model.pad.count))
            Grid {
                ForEach(Self.keys, id: \.self) { row in
                    GridRow { ForEach(row, id: \.self) { key($0) } }
                }
                GridRow {
                    Button {
                        model.pad.deleteLast()
                    } label: {
                        Image(systemName: "delete.left").frame(maxWidth: .infinity, minHeight: 48)
                    }
                    .accessibilityLabel(words(.deleteDigit))
                    key(0)
                    Button {
                        Task { await model.enterCode() }
                    } label: {
                        Image(systemName: "checkmark").frame(maxWidth: .infinity, minHeight: 48)
                    }
                    .accessibilityLabel(words(.enterCode))
                    .accessibilityIdentifier("check-code")
                    .disabled(!model.canEnterCode)
                }
            }
            .buttonStyle(.bordered)
            .privacySensitive()
            CameraButton(words: words, title: .scanQr, kind: .qr) { text in Task { await model.scannedCode(text) } }
            if model.needsCode { Button(words(.showCard)) { isCardShown = true } }
            if model.needsCode {
                Button(words(.askNewCode)) { Task { await model.askForNewCode() } }
                    .disabled(model.session.isBusy)
            }
        }
        .sheet(isPresented: $isCardShown) {
            if let door = model.door {
                CardScreen(model: CardModel(door: door, coded: model.needsCode, words: words)) { isCardShown = false }
                    // The customer reads it: as large as there is room.
                    .presentationDetents([.large])
            }
        }
    }

    private func key(_ digit: Int) -> some View {
        Button {
            model.pad.press(digit)
        } label: {
            Text("\(digit)").font(.title2).frame(maxWidth: .infinity, minHeight: 48)
        }
        .accessibilityLabel("\(digit)")
        .accessibilityIdentifier("key-\(digit)")
        .accessibilityValue(model.words(.digitsEntered, model.pad.count))
    }
}

/// Who may receive and who may not, each with the rule.
struct ReceiverStep: View {
    let model: DoorModel
    let options: [ReceiverOption]

    var body: some View {
        let words = model.words
        Section {
            if options.isEmpty { Text(words(.scanBeforeReceiver)) }
            ForEach(Array(options.enumerated()), id: \.offset) { _, option in
                Button {
                    model.choose(option)
                } label: {
                    Label {
                        VStack(alignment: .leading) {
                            Text(words.option(option)).font(.headline)
                            Text("\(words.why(option.why)) [\(words.origin(option.source))]").foregroundStyle(
                                .secondary)
                        }
                    } icon: {
                        Image(systemName: option.allowed ? "checkmark.circle" : "nosign").accessibilityHidden(true)
                    }
                }
                .accessibilityHint(words(option.allowed ? .mayReceive : .mayNotReceive))
                .accessibilityIdentifier("receiver-\(option.receiver.word)")
            }
        }
    }
}

/// The reasons why nothing is delivered, each with what follows.
struct ExitStep: View {
    let model: DoorModel
    let exits: [Exit]

    var body: some View {
        let words = model.words
        Section {
            // Before it is recorded that nobody opens.
            if let door = model.door { CallButton(door: door, session: model.session) }
            ForEach(Array(exits.enumerated()), id: \.offset) { _, exit in
                Button {
                    model.choose(exit)
                } label: {
                    VStack(alignment: .leading) {
                        Text(words.reason(exit.reason)).font(.headline)
                        Text(words.nextStep(exit.nextStep)).foregroundStyle(.secondary)
                    }
                }
                .accessibilityIdentifier("exit-\(exit.reason)")
            }
        }
    }
}

/// The last look before it is recorded.
struct ProofStep: View {
    let model: DoorModel

    var body: some View {
        let words = model.words
        if let form = model.form {
            Section(title(form)) {
                switch form.choice {
                case .handOver:
                    if form.isToPerson {
                        field(.formName, \.name, "form-name").textContentType(.name)
                        ForEach(Array(model.suggestions.enumerated()), id: \.offset) { _, offered in
                            Button(offered.name) { model.take(offered) }
                        }
                        field(.formRelation, \.relation, "form-relation")
                    }
                    field(.formFlat, \.flat, "form-flat")
                    field(.formNote, \.note, "form-note")
                    ProofFields(model: model, form: form)
                case .notDelivered:
                    field(.formOfficeNote, \.note, "form-note")
                }
                Button(words(isHandover(form) ? .handOver : .recordNotDelivered)) { Task { await model.conclude() } }
                    .buttonStyle(.borderedProminent)
                    .accessibilityIdentifier("record")
                Button(words(.back), role: .cancel) { model.go(to: isHandover(form) ? .receiver : .exit) }
            }
        }
    }

    private func isHandover(_ form: HandoverForm) -> Bool {
        if case .handOver = form.choice { true } else { false }
    }

    private func title(_ form: HandoverForm) -> String {
        switch form.choice {
        case .handOver(let receiver): "\(model.words(.stepProof)): \(model.words.receiver(receiver))"
        case .notDelivered(let reason): "\(model.words(.stepExit)): \(model.words.reason(reason))"
        }
    }

    private func field(_ title: Phrase, _ path: WritableKeyPath<HandoverForm, String>, _ identifier: String)
        -> some View
    {
        let text = Binding(
            get: { model.form?[keyPath: path] ?? "" }, set: { model.form?[keyPath: path] = $0 })
        return TextField(model.words(title), text: text).autocorrectionDisabled().accessibilityIdentifier(identifier)
    }
}

extension Receiver {
    /// A stable word for it.
    fileprivate var word: String { if case .place(let place) = self { "\(place)" } else { "\(self)" } }
}
