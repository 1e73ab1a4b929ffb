import SwiftUI

/// What a running day shows beside the app, as the app has worded it: numbers alone, no name and no address.
public struct DayState: Codable, Hashable, Sendable {
    public var title: String
    public var text: String

    public init(title: String, text: String) {
        (self.title, self.text) = (title, text)
    }
}

/// The lock screen's view of it. Here and not in `CourierUI`: an extension has little memory, and no use for the core.
public struct DayActivityView: View {
    private let state: DayState

    public init(state: DayState) {
        self.state = state
    }

    public var body: some View {
        VStack(alignment: .leading) {
            Label(state.title, systemImage: "shippingbox").font(.headline)
            Text(state.text).foregroundStyle(.secondary)
        }
        .padding()
        .accessibilityElement(children: .combine)
    }
}

// A Mac has a module of that name, in which nothing is to be had.
#if canImport(ActivityKit) && !os(macOS)
    import ActivityKit

    /// One for a day; everything in it changes.
    public struct DayAttributes: ActivityAttributes {
        public typealias ContentState = DayState

        public init() {}
    }
#endif
