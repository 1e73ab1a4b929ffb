import CourierCore
import CourierKit
import SwiftUI

struct TodayScreen: View {
    @Bindable var model: TodayModel
    let go: (Place) -> Void

    var body: some View {
        let words = model.words
        List {
            Section {
                Text(model.phase).font(.headline).accessibilityIdentifier("day-phase")
                ForEach(model.sums, id: \.self) { Text($0) }
                Text(model.outbox).accessibilityIdentifier("outbox")
                if model.canStart {
                    Button(words(.startDay)) { Task { await model.startDay() } }
                        .accessibilityIdentifier("start-day")
                }
            }
            if !model.proposal.isEmpty {
                Section(words(.otherOrder)) {
                    ForEach(model.proposal, id: \.self) { Text($0) }
                    Button(words(.keepMine)) { Task { await model.answer(take: false) } }
                        .accessibilityIdentifier("keep-mine")
                    Button(words(.takeOrder)) { Task { await model.answer(take: true) } }
                        .accessibilityIdentifier("take-order")
                }
            }
            if let near = model.near {
                Section {
                    Text(near.question)
                    Button(words(.iAmHere)) { Task { await model.answer(there: true) } }
                    Button(words(.notThere)) { Task { await model.answer(there: false) } }
                }
            }
            if let next = model.next {
                Section(words(.nextStop)) { row(next, "next-stop") }
            }
            Section {
                Picker(words(.listOrMap), selection: $model.isMap) {
                    Text(words(.list)).tag(false)
                    Text(words(.map)).tag(true)
                }
                .pickerStyle(.segmented)
                if model.found.isEmpty, model.route != nil { Text(words(.noStopFound)) }
                if model.isMap {
                    RouteMap(stops: model.found, words: words, go: go)
                } else {
                    stops
                }
            }
        }
        .navigationTitle(words(.today))
        .searchable(text: $model.search, prompt: words(.search))
        .refreshable { if !UITest.isOn { await model.sync() } }
        .toolbar {
            Menu {
                place(.loadCheck, .loadCheck, "checklist")
                place(.returnCheck, .returnCheck, "arrow.uturn.backward")
                place(.dayEnd, .dayEnd, "flag.checkered")
                place(.onThisPhone, .onThisPhone, "iphone")
                place(.settings, .settings, "gearshape")
                Button(words(.syncNow)) { Task { await model.sync() } }
            } label: {
                Label(words(.more), systemImage: "ellipsis.circle")
            }
            .accessibilityIdentifier("more")
        }
        // With VoiceOver, the rotor jumps between the stops that are still open.
        .accessibilityRotor(words(.openStops), entries: open, entryID: \.id, entryLabel: \.title)
        .task { await model.follow() }
    }

    private struct Entry: Identifiable {
        let id: StopId
        let title: String
    }

    private var open: [Entry] {
        model.found.filter { $0.state == .open || $0.state == .partly }.map {
            Entry(id: $0.id, title: model.words(.stopNo, $0.no))
        }
    }

    private var stops: some View {
        ForEach(model.found, id: \.id) { stop in
            row(stop, "stop")
                .accessibilityActions {
                    ForEach(model.moves(stop), id: \.position) { move in
                        Button(move.name) { Task { await model.move(stop, to: move.position) } }
                    }
                }
                .moveDisabled(!model.canMove(stop))
        }
        .onMove { lines, end in Task { await model.move(lines, to: end) } }
    }

    private func row(_ stop: StopLine, _ identifier: String) -> some View {
        NavigationLink(value: Place.stop(stop.id)) {
            VStack(alignment: .leading) {
                Text("\(stop.no)  \(stop.address.street) \(stop.address.house)").font(.headline)
                Text(model.line(stop)).foregroundStyle(.secondary)
            }
        }
        .accessibilityElement(children: .combine)
        .accessibilityIdentifier(identifier)
    }

    private func place(_ place: Place, _ title: Phrase, _ image: String) -> some View {
        Button {
            go(place)
        } label: {
            Label(model.words(title), systemImage: image)
        }
    }
}
