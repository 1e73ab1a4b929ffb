@MainActor @preconcurrency public protocol View {
    associatedtype Body: View
    @ViewBuilder @MainActor @preconcurrency var body: Body { get }
}
extension Never: View { public var body: Never { fatalError("never") } }

extension Optional: View, Primitive where Wrapped: View {
    public var node: Node { map { evaluate($0) } ?? Node() }
}

public struct EmptyView: Primitive {
    public init() {}
    public var node: Node { Node() }
}

public struct Several: Primitive {
    let views: [any View]
    public var node: Node { Node(.group, "", views.map { evaluate($0) }) }
}

public struct Either<A: View, B: View>: Primitive {
    let view: any View
    public var node: Node { evaluate(view) }
}

@MainActor @resultBuilder public struct ViewBuilder {
    public static func buildBlock() -> EmptyView { EmptyView() }
    public static func buildBlock<C: View>(_ content: C) -> C { content }
    public static func buildBlock<each C: View>(_ content: repeat each C) -> Several {
        var views: [any View] = []
        repeat views.append(each content)
        return Several(views: views)
    }
    public static func buildExpression<C: View>(_ content: C) -> C { content }
    public static func buildIf<C: View>(_ content: C?) -> C? { content }
    public static func buildEither<A: View, B: View>(first: A) -> Either<A, B> { Either(view: first) }
    public static func buildEither<A: View, B: View>(second: B) -> Either<A, B> { Either(view: second) }
}

// MARK: Text and pictures

public struct Text: Primitive {
    let text: String
    public init(_ text: String) { self.text = text }
    public var node: Node { Node(.text, text) }
}

public struct Image: Primitive {
    let name: String
    public init(systemName: String) { name = systemName }
    public var node: Node { Node(.image) }
}

public struct Label: Primitive {
    let title: Node
    let icon: Node
    public init(_ title: String, systemImage: String) {
        (self.title, icon) = (Node(.text, title), Node(.image))
    }
    public init(@ViewBuilder title: () -> some View, @ViewBuilder icon: () -> some View) {
        (self.title, self.icon) = (evaluate(title()), evaluate(icon()))
    }
    public var node: Node { Node(.group, "", [title, icon]) }
}

public struct ProgressView: Primitive {
    let title: String
    public init(_ title: String) { self.title = title }
    public var node: Node { Node(.text, title) }
}

public struct LabeledContent: Primitive {
    let (title, value): (String, String)
    public init(_ title: String, value: String) { (self.title, self.value) = (title, value) }
    public var node: Node { Node(.group, "", [Node(.text, title), Node(.text, value)]) }
}

// MARK: Containers

/// Every container is the same here: what it holds.
public protocol Container: Primitive { var content: any View { get } }
extension Container { public var node: Node { evaluate(content) } }

public struct Group: Container {
    public let content: any View
    public init(@ViewBuilder content: () -> some View) { self.content = content() }
}
public struct VStack: Container {
    public let content: any View
    public init(alignment: HorizontalAlignment = .center, @ViewBuilder content: () -> some View) {
        self.content = content()
    }
}
public struct ZStack: Container {
    public let content: any View
    public init(@ViewBuilder content: () -> some View) { self.content = content() }
}
public struct List: Container {
    public let content: any View
    public init(@ViewBuilder content: () -> some View) { self.content = content() }
}
public struct Form: Container {
    public let content: any View
    public init(@ViewBuilder content: () -> some View) { self.content = content() }
}
public struct Grid: Container {
    public let content: any View
    public init(@ViewBuilder content: () -> some View) { self.content = content() }
}
public struct GridRow: Container {
    public let content: any View
    public init(@ViewBuilder content: () -> some View) { self.content = content() }
}
/// Open at any time: what is in it can be pressed whether it was or not.
public struct Menu: Primitive {
    let content: any View
    let label: any View
    public init(@ViewBuilder content: () -> some View, @ViewBuilder label: () -> some View) {
        self.content = content()
        self.label = label()
    }
    public var node: Node {
        var node = Node(.button, "", [evaluate(label), evaluate(content)])
        node.press = {}
        return node
    }
}
public struct NavigationStack: Container {
    public let content: any View
    public init(@ViewBuilder root: () -> some View) { content = root() }
    public init<Target: Hashable>(path: Binding<[Target]>, @ViewBuilder root: () -> some View) { content = root() }
}
public struct Section: Primitive {
    let title: String?
    let content: any View
    public init(@ViewBuilder content: () -> some View) { (title, self.content) = (nil, content()) }
    public init(_ title: String, @ViewBuilder content: () -> some View) {
        (self.title, self.content) = (title, content())
    }
    public var node: Node {
        var node = evaluate(content)
        if let title { node = Node(.group, "", [Node(.text, title), node]) }
        return node
    }
}
public struct ForEach: Primitive {
    let views: [any View]
    private var moved: (@MainActor (IndexSet, Int) -> Void)?
    public init<Data: RandomAccessCollection, ID: Hashable>(
        _ data: Data, id: KeyPath<Data.Element, ID>, @ViewBuilder content: (Data.Element) -> some View
    ) {
        views = data.map { content($0) }
    }
    public init<Data: RandomAccessCollection>(_ data: Data, @ViewBuilder content: (Data.Element) -> some View)
    where Data.Element: Identifiable {
        views = data.map { content($0) }
    }
    public func onMove(perform moved: (@MainActor (IndexSet, Int) -> Void)?) -> ForEach {
        var list = self
        list.moved = moved
        return list
    }
    public var node: Node {
        var node = Node(.group, "", views.map { evaluate($0) })
        node.move = moved
        return node
    }
}

// MARK: Controls

public struct ButtonRole: Sendable {
    public static let cancel = ButtonRole()
    public static let destructive = ButtonRole()
}

public struct Button: Primitive {
    let action: @MainActor () -> Void
    let label: any View
    public init(_ title: String, role: ButtonRole? = nil, action: @escaping @MainActor () -> Void) {
        (label, self.action) = (Text(title), action)
    }
    public init(action: @escaping @MainActor () -> Void, @ViewBuilder label: () -> some View) {
        (self.action, self.label) = (action, label())
    }
    public var node: Node {
        var node = Node(.button, "", [evaluate(label)])
        node.press = action
        return node
    }
}

public struct Link: Primitive {
    let title: String
    public init(_ title: String, destination: URL) { self.title = title }
    public var node: Node { Node(.link, title) }
}

public struct ShareLink: Primitive {
    let title: String
    private let item: String
    public init(_ title: String, item: URL) { (self.title, self.item) = (title, item.path) }
    public init(_ title: String, item: String) { (self.title, self.item) = (title, item) }
    public var node: Node {
        var node = Node(.link, title)
        node.value = item
        return node
    }
}

public struct NavigationLink: Primitive {
    let target: AnyHashable
    let label: any View
    public init(value: some Hashable, @ViewBuilder label: () -> some View) {
        (target, self.label) = (AnyHashable(value), label())
    }
    public var node: Node {
        var node = Node(.link, "", [evaluate(label)])
        node.target = target
        return node
    }
}

public struct TextField: Primitive {
    let title: String
    let text: Binding<String>
    public init(_ title: String, text: Binding<String>) { (self.title, self.text) = (title, text) }
    public var node: Node {
        var node = Node(.field, title)
        node.value = text.wrappedValue
        node.type = { text.wrappedValue = $0 }
        return node
    }
}

public struct Toggle: Primitive {
    let isOn: Binding<Bool>
    let label: any View
    public init(isOn: Binding<Bool>, @ViewBuilder label: () -> some View) { (self.isOn, self.label) = (isOn, label()) }
    public var node: Node {
        var node = Node(.toggle, "", [evaluate(label)])
        node.value = isOn.wrappedValue ? "on" : "off"
        node.press = { isOn.wrappedValue.toggle() }
        return node
    }
}

public struct Picker<Value: Hashable>: Primitive {
    let title: String
    let selection: Binding<Value>
    let content: any View
    public init(_ title: String, selection: Binding<Value>, @ViewBuilder content: () -> some View) {
        (self.title, self.selection, self.content) = (title, selection, content())
    }
    public var node: Node {
        var node = Node(.picker, title, [evaluate(content)])
        node.children = node.children.flatMap(\.all).compactMap { tagged in
            guard let target = tagged.target, let value = target.base as? Value else { return nil }
            var choice = Node(.button, tagged.text)
            choice.press = { selection.wrappedValue = value }
            return choice
        }
        return node
    }
}

// MARK: Drawing

/// Nothing is laid out: there is this much space.
@MainActor public struct GeometryProxy { public var size: CGSize { CGSize(width: 300, height: 200) } }

public struct GeometryReader: Primitive {
    let content: any View
    public init(@ViewBuilder content: (GeometryProxy) -> some View) { self.content = content(GeometryProxy()) }
    public var node: Node { evaluate(content) }
}

public struct Path: Primitive {
    public init() {}
    public init(_ draw: @MainActor (inout Path) -> Void) { draw(&self) }
    public mutating func addLines(_ points: [CGPoint]) {}
    public mutating func addEllipse(in rect: CGRect) {}
    public func fill(_ color: Color) -> some View { self }
    public func stroke(_ color: Color, lineWidth: CGFloat) -> some View { self }
    public var node: Node { Node(.image) }
}

public struct Rectangle: Primitive {
    public init() {}
    public var node: Node { Node(.image) }
}

@MainActor public struct DragGesture {
    public struct Value { public var location: CGPoint }
    private var changed: (@MainActor (Value) -> Void)?
    private var ended: (@MainActor (Value) -> Void)?
    public init(minimumDistance: CGFloat) {}
    public func onChanged(_ action: @escaping @MainActor (Value) -> Void) -> DragGesture {
        var gesture = self
        gesture.changed = action
        return gesture
    }
    public func onEnded(_ action: @escaping @MainActor (Value) -> Void) -> DragGesture {
        var gesture = self
        gesture.ended = action
        return gesture
    }
    func drag(over places: [CGPoint]) {
        for place in places { changed?(Value(location: place)) }
        if let last = places.last { ended?(Value(location: last)) }
    }
}
