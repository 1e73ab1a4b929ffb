// A stand-in for the part of WidgetKit that the extension uses; see SwiftUI's. What a Live Activity shows where is to be read
// by a test.
import ActivityKit
import SwiftUI

@MainActor public protocol WidgetConfiguration {}

@MainActor public protocol Widget {
    associatedtype Body: WidgetConfiguration
    @MainActor var body: Body { get }
}

@MainActor public protocol WidgetBundle {
    associatedtype Body: Widget
    @MainActor var body: Body { get }
}

extension WidgetBundle {
    /// What iOS starts an extension with.
    public static func main() {}
}

@MainActor public struct ActivityViewContext<Attributes: ActivityAttributes> {
    public let state: Attributes.ContentState
}

@MainActor public struct ActivityConfiguration<Attributes: ActivityAttributes>: WidgetConfiguration {
    private let content: (ActivityViewContext<Attributes>) -> Node
    private let island: (ActivityViewContext<Attributes>) -> DynamicIsland

    public init(
        for attributes: Attributes.Type, @ViewBuilder content: @escaping (ActivityViewContext<Attributes>) -> some View,
        dynamicIsland: @escaping (ActivityViewContext<Attributes>) -> DynamicIsland
    ) {
        self.content = { evaluate(content($0)) }
        island = dynamicIsland
    }

    public func lockScreen(_ state: Attributes.ContentState) -> Node { content(ActivityViewContext(state: state)) }
    public func dynamicIsland(_ state: Attributes.ContentState) -> DynamicIsland {
        island(ActivityViewContext(state: state))
    }
}

public enum DynamicIslandExpandedRegionPosition: Sendable {
    case leading
    case trailing
    case center
    case bottom
}

@MainActor public struct DynamicIslandExpandedRegion {
    let node: Node

    public init(_ position: DynamicIslandExpandedRegionPosition, @ViewBuilder content: () -> some View) {
        node = evaluate(content())
    }
}

@MainActor public struct DynamicIsland {
    public let expanded: Node
    public let compactLeading: Node
    public let compactTrailing: Node
    public let minimal: Node

    public init(
        expanded: () -> DynamicIslandExpandedRegion, @ViewBuilder compactLeading: () -> some View,
        @ViewBuilder compactTrailing: () -> some View, @ViewBuilder minimal: () -> some View
    ) {
        self.expanded = expanded().node
        self.compactLeading = evaluate(compactLeading())
        self.compactTrailing = evaluate(compactTrailing())
        self.minimal = evaluate(minimal())
    }
}
