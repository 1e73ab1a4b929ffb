import CourierKit
import SwiftUI

struct DayEndScreen: View {
    @Bindable var model: DayEndModel

    var body: some View {
        let words = model.words
        List {
            Section(model.title) { Rows(rows: model.rows) }
            Section {
                Button(words(.syncNow)) { Task { await model.sync() } }.disabled(model.session.isBusy)
                Button(words(.closeDay), role: .destructive) { model.isAsking = true }
                    .disabled(!model.canClose)
                    .accessibilityIdentifier("close-day")
            }
        }
        .navigationTitle(words(.dayEnd))
        .confirmationDialog(words(.closeDayQuestion), isPresented: $model.isAsking, titleVisibility: .visible) {
            Button(words(.closeDay), role: .destructive) { Task { await model.closeDay() } }
            Button(words(.cancel), role: .cancel) {}
        }
        .task { await model.follow() }
    }
}

struct OnThisPhoneScreen: View {
    let model: OnThisPhoneModel
    @State private var isAsked = false

    var body: some View {
        let words = model.words
        List {
            Section {
                Text(words(.nothingPersonal))
                Rows(rows: model.rows)
            }
            Section {
                ShareLink(words(.shareWithSupport), item: model.report)
                Button(words(.syncNow)) { Task { await model.sync() } }.disabled(model.session.isBusy)
            }
            Section {
                if let unsent = model.unsent {
                    Text(unsent)
                    Button(words(.saveAndLogOut), role: .destructive) { Task { await model.logOut(saving: true) } }
                } else if isAsked {
                    Text(words(.logOutSure))
                    Button(words(.logOut), role: .destructive) { Task { await model.logOut(saving: false) } }
                    Button(words(.cancel)) { isAsked = false }
                } else {
                    Button(words(.logOut)) { isAsked = true }
                }
            }
        }
        .navigationTitle(words(.onThisPhone))
        .task { await model.follow() }
    }
}

struct SettingsScreen: View {
    let model: SettingsModel
    /// Where a courier has a day.
    var order: OrderPreferenceModel?

    var body: some View {
        let words = model.words
        let language = Binding(get: { model.language }, set: { model.choose($0) })
        let look = Binding(get: { model.look }, set: { model.choose($0) })
        Form {
            Section {
                LabeledContent(words(.enrolServer), value: model.server)
                LabeledContent(words(.rowVersion), value: model.version)
            }
            Section {
                Picker(words(.language), selection: language) {
                    ForEach([Language?.none] + Language.allCases.map(Optional.some), id: \.self) { language in
                        Text(model.name(language)).tag(language)
                    }
                }
                Picker(words(.look), selection: look) {
                    ForEach(Look.allCases, id: \.self) { Text(model.name($0)).tag($0) }
                }
                if let notice = model.notice { Text(notice.text) }
            }
            if let order, let keep = order.keep {
                Section(words(.otherOrderWhen)) {
                    let chosen = Binding(get: { keep }, set: { keep in Task { await order.choose(keep) } })
                    Picker(words(.otherOrderWhen), selection: chosen) {
                        ForEach(OrderPreferenceModel.all, id: \.self) { Text(order.name($0)).tag($0) }
                    }
                    .pickerStyle(.inline)
                    .labelsHidden()
                }
            }
        }
        .navigationTitle(words(.settings))
        .task { await order?.follow() }
    }
}
