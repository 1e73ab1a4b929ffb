import CourierCore
import CourierKit
import SwiftUI

struct StopScreen: View {
    let model: StopModel

    var body: some View {
        let words = model.words
        List {
            if model.isMissing { Text(words(.notOnRoute)) }
            if let stop = model.stop {
                Section {
                    Text(words.address(stop.address)).font(.headline)
                    if let gone = stop.gone {
                        Label(words.takenAway(gone), systemImage: "exclamationmark.triangle").foregroundStyle(
                            Color.red)
                    }
                    if let metres = stop.awayM { Label(words.farFromPin(metres), systemImage: "mappin.slash") }
                    Rows(rows: model.about)
                    ForEach(model.moves, id: \.name) { move in
                        Button(words(move.name)) { Task { await model.move(move.edit) } }
                            .accessibilityIdentifier("\(move.name)")
                    }
                    if let map = mapLink(stop) { Link(words(.map), destination: map) }
                    ForEach(stop.doors, id: \.shipment) { door in
                        CallButton(door: door, session: model.session, isNamed: stop.doors.count { $0.call != nil } > 1)
                    }
                    if stop.arrived {
                        Label(words(.youAreHere), systemImage: "checkmark").accessibilityIdentifier("arrived")
                    } else {
                        Button(words(.iAmHere)) { Task { await model.arrive() } }.accessibilityIdentifier("arrive")
                    }
                }
                Section(words(.doors)) {
                    ForEach(stop.doors, id: \.shipment) { door in
                        NavigationLink(value: Place.door(stop.id, door.shipment)) {
                            VStack(alignment: .leading) {
                                Text(door.recipientName).font(.headline)
                                Text(model.line(door)).foregroundStyle(.secondary)
                            }
                        }
                        .accessibilityElement(children: .combine)
                        .accessibilityIdentifier("door-\(door.recipientName)")
                    }
                }
            }
        }
        .navigationTitle(words(.stopNo, model.stop?.no ?? 0))
        .task { await model.follow() }
    }

    /// Apple's map with the way to where the van stands, else to the door. It learns a place, and no name.
    private func mapLink(_ stop: StopView) -> URL? {
        let pin = stop.parkingPin ?? stop.doorPin
        return URL(string: "https://maps.apple.com/?daddr=\(pin.lat),\(pin.lon)")
    }
}

/// Labels and what they say.
struct Rows: View {
    let rows: [Row]

    var body: some View {
        ForEach(rows, id: \.label) { row in
            LabeledContent(row.label, value: row.value)
        }
    }
}
