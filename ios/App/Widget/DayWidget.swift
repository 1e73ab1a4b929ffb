import ActivityKit
import CourierActivity
import SwiftUI
import WidgetKit

/// The extension that draws the Live Activity. It knows two lines of text and nothing else of the day.
@main
struct CourierWidgets: WidgetBundle {
    var body: some Widget { DayWidget() }
}

struct DayWidget: Widget {
    var body: some WidgetConfiguration {
        ActivityConfiguration(for: DayAttributes.self) { context in
            DayActivityView(state: context.state)
        } dynamicIsland: { context in
            DynamicIsland {
                DynamicIslandExpandedRegion(.center) { DayActivityView(state: context.state) }
            } compactLeading: {
                Image(systemName: "shippingbox").accessibilityHidden(true)
            } compactTrailing: {
                Text(context.state.title)
            } minimal: {
                Image(systemName: "shippingbox").accessibilityLabel(context.state.title)
            }
        }
    }
}
