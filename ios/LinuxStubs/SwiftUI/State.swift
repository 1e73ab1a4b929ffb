// MARK: What views keep and are given

@MainActor private final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}

@MainActor @propertyWrapper public struct State<Value> {
    /// Where the value is: a ``Stage`` puts the one of before there.
    private let place: Box<Box<Value>>
    public init(wrappedValue: Value) { place = Box(Box(wrappedValue)) }
    public init(initialValue: Value) { self.init(wrappedValue: initialValue) }
    public var wrappedValue: Value {
        get { place.value.value }
        nonmutating set { place.value.value = newValue }
    }
    public var projectedValue: Binding<Value> { Binding(get: { wrappedValue }, set: { wrappedValue = $0 }) }
}

/// Of whatever type.
@MainActor protocol Stated {
    /// Takes over the value of before, if there is one; the one that it has from now on.
    func takeOver(_ before: AnyObject?) -> AnyObject
}

extension State: Stated {
    func takeOver(_ before: AnyObject?) -> AnyObject {
        if let before = before as? Box<Value> { place.value = before }
        return place.value
    }
}

/// Keeps the state of views from one evaluation to the next, for as long as a view is at the same place.
@MainActor public final class Stage {
    static var current: Stage?
    private var before: [String: AnyObject] = [:]
    private var now: [String: AnyObject] = [:]
    /// The views around the one that is evaluated, and how many of a type were in each so far.
    private var path: [(name: String, within: [String: Int])] = [("", [:])]

    public init() {}

    public func evaluate(_ view: any View) -> Node {
        let around = Stage.current
        (Stage.current, now, path) = (self, [:], [("", [:])])
        defer { (Stage.current, before) = (around, now) }
        return SwiftUI.evaluate(view)
    }

    func enter(_ view: any View) {
        let type = "\(Swift.type(of: view))"
        let count = path[path.count - 1].within[type, default: 0]
        path[path.count - 1].within[type] = count + 1
        path.append(("\(path[path.count - 1].name)/\(type)#\(count)", [:]))
        let name = path[path.count - 1].name
        for case (let label?, let state as any Stated) in Mirror(reflecting: view).children {
            now["\(name).\(label)"] = state.takeOver(before["\(name).\(label)"])
        }
    }

    func leave() { path.removeLast() }
}

@MainActor @propertyWrapper public struct Binding<Value> {
    private let get: @MainActor () -> Value
    private let set: @MainActor (Value) -> Void
    public init(get: @escaping @MainActor () -> Value, set: @escaping @MainActor (Value) -> Void) {
        (self.get, self.set) = (get, set)
    }
    public var wrappedValue: Value {
        get { get() }
        nonmutating set { set(newValue) }
    }
    public var projectedValue: Binding<Value> { self }
}

@MainActor @dynamicMemberLookup @propertyWrapper public struct Bindable<Value: AnyObject> {
    public var wrappedValue: Value
    public init(wrappedValue: Value) { self.wrappedValue = wrappedValue }
    public var projectedValue: Bindable<Value> { self }
    public subscript<S>(dynamicMember path: ReferenceWritableKeyPath<Value, S>) -> Binding<S> {
        let value = wrappedValue
        return Binding(get: { value[keyPath: path] }, set: { value[keyPath: path] = $0 })
    }
}

public enum ScenePhase: Sendable {
    case active
    case inactive
    case background
}

public enum DynamicTypeSize: Sendable {
    case large
    case accessibility5
    public var isAccessibilitySize: Bool { self == .accessibility5 }
}

/// What surrounds a view. Here there is one for all, which a test may change.
@MainActor public struct EnvironmentValues {
    public static var current = EnvironmentValues()
    public var scenePhase = ScenePhase.active
    public var dynamicTypeSize = DynamicTypeSize.large
    public var layoutDirection = LayoutDirection.leftToRight
    public var openURL = OpenURLAction { _ in .discarded }
}

/// Brings an address to whatever opens it.
@MainActor public struct OpenURLAction {
    public enum Result: Sendable {
        case handled
        case discarded
    }

    private let handler: @MainActor (URL) -> Result
    public init(handler: @escaping @MainActor (URL) -> Result) { self.handler = handler }
    public func callAsFunction(_ url: URL, completion: @escaping (Bool) -> Void) {
        completion(handler(url) == .handled)
    }
}

@MainActor @propertyWrapper public struct Environment<Value> {
    private let path: KeyPath<EnvironmentValues, Value>
    public init(_ path: KeyPath<EnvironmentValues, Value>) { self.path = path }
    public var wrappedValue: Value { EnvironmentValues.current[keyPath: path] }
}
