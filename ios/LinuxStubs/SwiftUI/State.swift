// MARK: What views keep and are given

@MainActor private final class Box<Value> {
    var value: Value
    init(_ value: Value) { self.value = value }
}

@MainActor @propertyWrapper public struct State<Value> {
    private let box: Box<Value>
    public init(wrappedValue: Value) { box = Box(wrappedValue) }
    public init(initialValue: Value) { box = Box(initialValue) }
    public var wrappedValue: Value {
        get { box.value }
        nonmutating set { box.value = newValue }
    }
    public var projectedValue: Binding<Value> { Binding(get: { box.value }, set: { box.value = $0 }) }
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
