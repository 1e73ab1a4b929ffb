import CourierActivity
import SwiftUI
import Testing
import WidgetKit

@testable import CourierWidget

/// The extension with the Live Activity, evaluated with the stand-ins for SwiftUI and WidgetKit.
@MainActor struct WidgetTests {
    private let state = DayState(title: "Next: stop 2", text: "Left: 5 · Outbox empty")
    private var activity: ActivityConfiguration<DayAttributes> {
        get throws { try #require(CourierWidgets().body.body as? ActivityConfiguration<DayAttributes>) }
    }

    @Test func theLockScreenReadsTwoLines() throws {
        #expect(try activity.lockScreen(state).texts == [state.title, state.text])
    }

    @Test func theIslandReadsThemTooAndSaysTheNextStopWhereItIsSmall() throws {
        let island = try activity.dynamicIsland(state)
        #expect(island.expanded.texts == [state.title, state.text])
        #expect(island.compactTrailing.texts == [state.title])
        // Beside the text the picture is silent; alone it says what the text would.
        #expect(island.compactLeading.isHidden)
        #expect(island.minimal.spoken == state.title)
    }
}
