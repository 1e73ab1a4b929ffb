// A stand-in for the part of SwiftUI that the screens use. It type-checks them, evaluates every body, and lets a test read
// and press what is there. It lays nothing out, and proves nothing about Apple's SwiftUI: only a build with Xcode does.
@_exported import Foundation
@_exported import Observation

/// What a view consists of, as far as a test wants to know.
@MainActor public struct Node {
    public enum Kind: Equatable, Sendable {
        case group
        case text
        case image
        case button
        case field
        case toggle
        case picker
        case link
    }

    public var kind: Kind
    /// What is to be read in it.
    public var text: String
    /// What VoiceOver says instead.
    public var label: String?
    /// What UI tests call it.
    public var identifier: String?
    public var value: String?
    public var hint: String?
    public var title: String?
    public var isDisabled = false
    public var isHidden = false
    public var isPrivate = false
    /// How high a sheet may stand.
    public var detents: Set<PresentationDetent> = []
    /// A sheet that a swipe does not put away.
    public var staysOnSwipe = false
    /// Touched somewhere in it.
    public var touch: (@MainActor (CGPoint) -> Void)?
    /// A finger goes over these places, and lifts.
    public var drag: (@MainActor ([CGPoint]) -> Void)?
    public var scheme: ColorScheme?
    public var press: (@MainActor () -> Void)?
    public var type: (@MainActor (String) -> Void)?
    /// Lines of a list are dragged to before another one.
    public var move: (@MainActor (IndexSet, Int) -> Void)?
    public var isFixed = false
    /// What a screen reader can do with it besides.
    public var actions: [Node] = []
    /// What VoiceOver's rotors jump between.
    public var rotors: [String: [String]] = [:]
    public var target: AnyHashable?
    /// Builds what a link with this target leads to.
    public var destination: (@MainActor (AnyHashable) -> Node?)?
    public var children: [Node]

    public init(_ kind: Kind = .group, _ text: String = "", _ children: [Node] = []) {
        (self.kind, self.text, self.children) = (kind, text, children)
    }

    /// This and everything in it.
    public var all: [Node] { [self] + children.flatMap(\.all) }

    /// Everything that is to be read, in its order.
    public var texts: [String] { all.flatMap { [$0.title, $0.text.isEmpty ? nil : $0.text].compactMap { $0 } } }

    /// What VoiceOver says of it: its label, or what is to be read in it.
    public var spoken: String {
        label ?? all.filter { !$0.isHidden }.map { $0.label ?? $0.text }.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// The first of a kind of which VoiceOver says this.
    public func first(_ kind: Kind, _ spoken: String) -> Node? {
        all.first { $0.kind == kind && $0.spoken.hasPrefix(spoken) }
    }
}

/// Evaluates a view down to what is to be read and pressed.
@MainActor public func evaluate(_ view: any View) -> Node {
    if let primitive = view as? any Primitive { return primitive.node }
    return body(of: view)
}

@MainActor private func body<V: View>(of view: V) -> Node {
    Stage.current?.enter(view)
    defer { Stage.current?.leave() }
    return evaluate(view.body)
}

/// A view of this module.
@MainActor public protocol Primitive: View where Body == Never {
    var node: Node { get }
}

extension Primitive {
    public var body: Never { fatalError("a primitive view has no body") }
}
