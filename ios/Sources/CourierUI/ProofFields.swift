import CourierCore
import CourierKit
import SwiftUI

/// What is asked for of whoever receives, and what may be given: the core says which, and for whom nothing is photographed.
struct ProofFields: View {
    let model: DoorModel
    let form: HandoverForm

    var body: some View {
        let words = model.words
        ForEach(Array(model.rules.enumerated()), id: \.offset) { _, rule in
            Text(words.proofRule(rule))
            if let check = check(rule) {
                Toggle(isOn: Binding(get: { form.checks.contains(check) }, set: { _ in model.form?.toggle(check) })) {
                    Text(words.proof(rule.proof))
                }
                .accessibilityIdentifier("check-\(rule.proof)")
            }
        }
        if model.demand(.signature) != .forbidden {
            SignButton(model: model)
            without(.signature)
        }
        if model.demand(.photo) != .forbidden {
            PhotoButton(words: words, before: model.keep) { path in
                Task { await model.photographed(path) }
            }
            without(.photo)
        }
        TakenFiles(model: model, files: model.files)
    }

    private func check(_ rule: ProofRule) -> Check? {
        switch rule.proof {
        case .ageCheck: .age(min: rule.minAge ?? 0)
        case .identityCheck: .identity
        default: nil
        }
    }

    /// Why a proof is not there: nobody is kept at a door by a camera that failed.
    @ViewBuilder private func without(_ proof: Proof) -> some View {
        if model.demand(proof) == .required, !model.files.contains(where: { $0.proof == proof }) {
            Text(model.words(.sayWhyWithout))
            ForEach(Array(Self.excuses.enumerated()), id: \.offset) { _, why in
                let excuse = Excuse(proof: proof, why: why)
                Toggle(isOn: Binding(get: { form.without.contains(excuse) }, set: { _ in model.form?.toggle(excuse) }))
                {
                    Text(model.words.excuse(why))
                }
                .accessibilityIdentifier("without-\(proof)-\(why)")
            }
        }
    }

    private static let excuses: [ExcuseReason] = [.declined, .deviceFailed, .notPossible]
}

/// Opens the pad to sign on.
struct SignButton: View {
    let model: DoorModel
    @State private var isSigning = false

    var body: some View {
        Button(model.words(.letSign)) { isSigning = true }
            .accessibilityIdentifier("sign")
            .sheet(isPresented: $isSigning) {
                SignaturePad(model: model) { isSigning = false }
                    .presentationDetents([.medium, .large])
                    // A stroke downwards is a stroke, and does not put the sheet away.
                    .interactiveDismissDisabled()
            }
    }
}

/// What was taken and is no part of a fact yet: each can be let go.
struct TakenFiles: View {
    let model: DoorModel
    let files: [ProofFile]

    var body: some View {
        ForEach(files, id: \.sha256) { file in
            Button("\(model.words.proof(file.proof)): \(model.words(.removeFile))") {
                Task { await model.drop(file) }
            }
        }
    }
}

/// What is added to an outcome that is recorded: a photo of what is damaged, for one. The core says what may be.
struct LaterProof: View {
    let model: DoorModel

    var body: some View {
        if !model.provable.isEmpty {
            Section {
                if model.provable.contains(.signature) { SignButton(model: model) }
                if model.provable.contains(.photo) {
                    PhotoButton(words: model.words, before: {}) { path in Task { await model.photographed(path) } }
                }
                TakenFiles(model: model, files: model.toAdd)
                if !model.toAdd.isEmpty {
                    Button(model.words(.addProof)) { Task { await model.addProof() } }
                        .buttonStyle(.borderedProminent)
                        .accessibilityIdentifier("add-proof")
                }
            }
        }
    }
}

/// Somebody signs with a finger: dark on light, by day and by night.
struct SignaturePad: View {
    let model: DoorModel
    let close: @MainActor () -> Void
    @State private var drawing = Drawing()

    var body: some View {
        let words = model.words
        VStack {
            Text(words(.signHere)).font(.headline)
            GeometryReader { place in
                Path { path in
                    for stroke in drawing.strokes { path.addLines(stroke) }
                }
                .stroke(Color.black, lineWidth: 4)
                .frame(maxWidth: .infinity, maxHeight: .infinity)
                .background(Color.white)
                .gesture(
                    DragGesture(minimumDistance: 0)
                        .onChanged { drag in
                            drawing.size = place.size
                            drawing.go(to: drag.location)
                        }
                        .onEnded { _ in drawing.lift() }
                )
                .accessibilityLabel(words(.signHere))
                .accessibilityIdentifier("signature")
            }
            Button(words(.takeSignature)) {
                Task { if await model.signed(drawing) { close() } }
            }
            .buttonStyle(.borderedProminent)
            .disabled(drawing.strokes.isEmpty)
            .accessibilityIdentifier("take-signature")
            Button(words(.signAgain)) { drawing.clear() }
            Button(words(.cancel), role: .cancel) { close() }
        }
        .padding()
    }
}
