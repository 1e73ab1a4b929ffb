import CourierCore
import CourierKit
import SwiftUI

/// To be shown or read to the customer: what code is asked for, where it is, who may receive, and when not to tell it.
struct CardScreen: View {
    @Bindable var model: CardModel
    let close: @MainActor () -> Void

    var body: some View {
        let card = model.card
        List {
            Section {
                Text(card.title).font(.largeTitle)
                ForEach(Array(card.lines.enumerated()), id: \.offset) { _, line in Text(line).font(.title) }
            }
            // In the card's own direction, whatever the courier's is.
            .environment(\.layoutDirection, card.rtl ? .rightToLeft : .leftToRight)
            Section {
                Picker(model.words(.cardLanguage), selection: $model.language) {
                    ForEach(model.languages, id: \.lang) { Text($0.name).tag($0.lang) }
                }
                Button(model.words(.back)) { close() }
            }
        }
    }
}
