import CourierCore
import CourierKit
import SwiftUI

struct DoorScreen: View {
    @Bindable var model: DoorModel
    let go: (Place) -> Void
    @Environment(\.dynamicTypeSize) private var typeSize

    var body: some View {
        List {
            if model.isMissing { Text(model.words(.notOnRoute)) }
            if let door = model.door {
                DoorAbout(model: model, door: door)
                if model.step != .done {
                    Section {
                        steps
                    }
                }
                step(door)
                if model.step == .done { LaterProof(model: model) }
                if model.canUndo {
                    Section {
                        Text(model.words(.undoHint))
                        Button(model.words(.undo)) { Task { await model.undo() } }.accessibilityIdentifier("undo")
                    }
                }
            }
        }
        .navigationTitle(model.door?.recipientName ?? model.words(.door))
        .task { await model.follow() }
    }

    @ViewBuilder private var steps: some View {
        let chosen = Binding(get: { model.step }, set: { model.go(to: $0) })
        let picker = Picker(model.words(.door), selection: chosen) {
            ForEach(DoorModel.Step.tabs, id: \.self) { Text(name($0)).tag($0) }
        }
        // Segments do not grow with the largest sizes of type, a menu does.
        if typeSize.isAccessibilitySize {
            picker.pickerStyle(.menu)
        } else {
            picker.pickerStyle(.segmented)
        }
    }

    private func name(_ step: DoorModel.Step) -> String {
        switch step {
        case .scan: model.words(.stepScan)
        case .code: model.words(.stepCode)
        case .receiver: model.words(.stepReceiver)
        case .exit: model.words(.stepExit)
        case .proof: model.words(.stepProof)
        case .done: model.words(.stepDone)
        }
    }

    @ViewBuilder private func step(_ door: DoorView) -> some View {
        switch model.step {
        case .scan: ScanStep(model: model, go: go)
        case .code: CodeStep(model: model)
        case .receiver: ReceiverStep(model: model, options: door.options)
        case .exit: ExitStep(model: model, exits: door.exits)
        case .proof: ProofStep(model: model)
        case .done:
            Section {
                Text(model.words.attempt(door.state)).font(.headline).accessibilityIdentifier("door-state")
            }
        }
    }
}

/// What is known about the door: from whom, which parcels, what was instructed, where it stands with its code.
private struct DoorAbout: View {
    let model: DoorModel
    let door: DoorView

    var body: some View {
        let words = model.words
        Section {
            Text("\(words(.fromSender, door.senderName)) · \(words(.attemptNo, door.attemptNo))")
            if let gone = model.gone {
                Label(words.takenAway(gone), systemImage: "exclamationmark.triangle").foregroundStyle(Color.red)
            }
            ForEach(door.parcels, id: \.id) { parcel in
                Toggle(isOn: Binding(get: { model.isChosen(parcel) }, set: { _ in model.toggle(parcel) })) {
                    VStack(alignment: .leading) {
                        Text(parcel.barcode)
                        Text(words.parcel(parcel)).foregroundStyle(.secondary)
                    }
                }
                .disabled(parcel.outcome != nil)
                .accessibilityIdentifier("parcel-\(parcel.barcode)")
            }
            ForEach(door.instructions, id: \.instruction.id) { line in
                if line.changed {
                    Label(
                        "\(words(.changed)): \(words.instruction(line))",
                        systemImage: "exclamationmark.bubble"
                    )
                    .font(.headline)
                } else {
                    Text(words.instruction(line))
                }
            }
            ForEach(Array(door.conflicts.enumerated()), id: \.offset) { _, conflict in
                Label(words.conflict(conflict, at: door), systemImage: "exclamationmark.triangle")
            }
            if let code = door.code, code != .notNeeded {
                Text(words.code(code)).font(.headline).accessibilityIdentifier("code-state")
            }
        }
    }
}
