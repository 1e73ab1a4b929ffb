import CourierKit
import SwiftUI

struct LoadCheckScreen: View {
    @Bindable var model: LoadCheckModel

    var body: some View {
        let words = model.words
        List {
            Section {
                Text(model.sum).font(.headline)
                BarcodeField(words: words, text: $model.barcode) {
                    model.takeBarcode()
                } scanned: {
                    model.take($0)
                }
                Button(words(.loadRecord)) { Task { await model.record() } }
                    .buttonStyle(.borderedProminent)
                    .disabled(model.scanned.isEmpty)
                    .accessibilityIdentifier("record-load")
            }
            if model.scanned.isEmpty, let result = model.result {
                Section(result) {
                    ForEach(model.missing) { parcel in
                        LabeledContent(
                            "\(words(.loadMissing)): \(parcel.barcode)",
                            value: words(.vanParcel, parcel.stop, parcel.recipient))
                    }
                    ForEach(model.foreign, id: \.self) { Text("\(words(.loadForeign)): \($0)") }
                }
            } else {
                Section {
                    ForEach(Array(model.scanned.enumerated()), id: \.offset) { _, barcode in Text(barcode) }
                    if !model.scanned.isEmpty { Button(words(.loadDropLast)) { model.dropLast() } }
                }
            }
        }
        .navigationTitle(words(.loadCheck))
        .task { await model.follow() }
    }
}

struct ReturnCheckScreen: View {
    @Bindable var model: ReturnCheckModel

    var body: some View {
        let words = model.words
        List {
            Section {
                Text(model.sum).font(.headline)
                BarcodeField(words: words, text: $model.barcode) {
                    model.takeBarcode()
                } scanned: {
                    model.scanned($0)
                }
                Button(words(.returnRecord)) { Task { await model.record() } }
                    .buttonStyle(.borderedProminent)
            }
            Section {
                ForEach(model.left) { parcel in
                    Toggle(isOn: Binding(get: { model.isBack(parcel) }, set: { _ in model.toggle(parcel) })) {
                        VStack(alignment: .leading) {
                            Text(parcel.barcode)
                            Text("\(words(.vanParcel, parcel.stop, parcel.recipient)) · \(model.why(parcel))")
                                .foregroundStyle(.secondary)
                        }
                    }
                    .accessibilityValue(words(model.isBack(parcel) ? .isBack : .isNotBack))
                }
            }
        }
        .navigationTitle(words(.returnCheck))
        .task { await model.follow() }
    }
}
