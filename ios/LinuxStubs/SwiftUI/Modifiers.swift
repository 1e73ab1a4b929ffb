// MARK: Modifiers. Those that a test can see change the node, the others are type-checked only.

public struct Modified: Primitive {
    let content: any View
    let change: @MainActor (inout Node) -> Void
    public var node: Node {
        var node = evaluate(content)
        change(&node)
        return node
    }
}

extension View {
    private func changed(_ change: @escaping @MainActor (inout Node) -> Void) -> some View {
        Modified(content: self, change: change)
    }

    // Seen by tests.
    public func navigationTitle(_ title: String) -> some View { changed { $0.title = title } }
    public func disabled(_ disabled: Bool) -> some View {
        changed { node in
            guard disabled else { return }
            node.isDisabled = true
            node.press = nil
        }
    }
    public func accessibilityLabel(_ label: String) -> some View { changed { $0.label = label } }
    public func accessibilityIdentifier(_ identifier: String) -> some View { changed { $0.identifier = identifier } }
    public func accessibilityValue(_ value: String) -> some View { changed { $0.value = value } }
    public func accessibilityHint(_ hint: String) -> some View { changed { $0.hint = hint } }
    public func accessibilityHidden(_ hidden: Bool) -> some View { changed { $0.isHidden = hidden } }
    public func privacySensitive() -> some View { changed { $0.isPrivate = true } }
    public func onTapGesture(perform action: @escaping @MainActor (CGPoint) -> Void) -> some View {
        changed { $0.touch = action }
    }
    public func gesture(_ gesture: DragGesture) -> some View { changed { $0.drag = { gesture.drag(over: $0) } } }
    public func preferredColorScheme(_ scheme: ColorScheme?) -> some View { changed { $0.scheme = scheme } }
    public func tag(_ value: some Hashable) -> some View { changed { $0.target = AnyHashable(value) } }
    public func moveDisabled(_ disabled: Bool) -> some View { changed { $0.isFixed = disabled } }
    public func accessibilityActions(@ViewBuilder _ content: () -> some View) -> some View {
        let actions = content()
        return changed { $0.actions = evaluate(actions).all.filter { $0.kind == .button } }
    }
    public func accessibilityRotor<Entry, ID: Hashable>(
        _ label: String, entries: [Entry], entryID: KeyPath<Entry, ID>, entryLabel: KeyPath<Entry, String>
    ) -> some View {
        changed { $0.rotors[label] = entries.map { $0[keyPath: entryLabel] } }
    }
    public func toolbar(@ViewBuilder content: () -> some View) -> some View { with(content()) }
    public func overlay(@ViewBuilder content: () -> some View) -> some View { with(content()) }
    public func safeAreaInset(edge: VerticalEdge, @ViewBuilder content: () -> some View) -> some View {
        with(content())
    }
    public func sheet(isPresented: Binding<Bool>, @ViewBuilder content: @escaping () -> some View) -> some View {
        changed { if isPresented.wrappedValue { $0.children.append(evaluate(content())) } }
    }
    public func presentationDetents(_ detents: Set<PresentationDetent>) -> some View {
        changed { $0.detents = detents }
    }
    public func interactiveDismissDisabled() -> some View { changed { $0.staysOnSwipe = true } }
    public func confirmationDialog(
        _ title: String, isPresented: Binding<Bool>, titleVisibility: Visibility,
        @ViewBuilder actions: @escaping () -> some View
    ) -> some View {
        changed { node in
            if isPresented.wrappedValue { node.children += [Node(.text, title), evaluate(actions())] }
        }
    }
    public func navigationDestination<Target: Hashable>(
        for target: Target.Type, @ViewBuilder destination: @escaping (Target) -> some View
    ) -> some View {
        changed { $0.destination = { ($0.base as? Target).map { evaluate(destination($0)) } } }
    }
    public func searchable(text: Binding<String>, prompt: String) -> some View { with(TextField(prompt, text: text)) }
    private func with(_ more: any View) -> some View {
        changed { $0 = Node(.group, "", [$0, evaluate(more)]) }
    }

    // Type-checked.
    public func task(_ action: @escaping @Sendable @MainActor () async -> Void) -> some View { self }
    public func refreshable(action: @escaping @Sendable @MainActor () async -> Void) -> some View { self }
    public func onSubmit(_ action: @escaping () -> Void) -> some View { self }
    public func onChange<V: Equatable>(of value: V, _ action: @escaping (V, V) -> Void) -> some View { self }
    public func sensoryFeedback<T: Equatable>(trigger: T, _ feedback: @escaping (T, T) -> SensoryFeedback?) -> some View
    {
        self
    }
    public func accessibilityElement(children: AccessibilityChildBehavior) -> some View { self }
    public func font(_ font: Font?) -> some View { self }
    public func foregroundStyle(_ style: Color) -> some View { self }
    public func background(_ style: Background) -> some View { self }
    public func background(_ color: Color) -> some View { self }
    public func padding() -> some View { self }
    public func frame(maxWidth: CGFloat? = nil, maxHeight: CGFloat? = nil, alignment: Alignment = .center) -> some View
    { self }
    public func frame(maxWidth: CGFloat? = nil, minHeight: CGFloat?) -> some View { self }
    public func contentShape(_ shape: Rectangle) -> some View { self }
    public func buttonStyle(_ style: ButtonStyle) -> some View { self }
    public func labelsHidden() -> some View { self }
    public func pickerStyle(_ style: PickerStyle) -> some View { self }
    public func autocorrectionDisabled() -> some View { self }
    public func textInputAutocapitalization(_ kind: TextInputAutocapitalization) -> some View { self }
    public func textContentType(_ type: UITextContentType?) -> some View { self }
    public func keyboardType(_ type: UIKeyboardType) -> some View { self }
    public func environment<Value>(_ path: WritableKeyPath<EnvironmentValues, Value>, _ value: Value) -> some View {
        self
    }
}

public struct Font: Sendable {
    public static let largeTitle = Font()
    public static let title = Font()
    public static let title2 = Font()
    public static let headline = Font()
}
public struct Color: Sendable {
    public static let primary = Color()
    public static let secondary = Color()
    public static let red = Color()
    public static let black = Color()
    public static let white = Color()
}
public struct Background: Sendable {
    public static let background = Background()
    public static let thinMaterial = Background()
}
public struct ButtonStyle: Sendable {
    public static let bordered = ButtonStyle()
    public static let borderedProminent = ButtonStyle()
}
public struct PickerStyle: Sendable {
    public static let menu = PickerStyle()
    public static let segmented = PickerStyle()
    public static let inline = PickerStyle()
}
public struct TextInputAutocapitalization: Sendable {
    public static let never = TextInputAutocapitalization()
    public static let characters = TextInputAutocapitalization()
}
public struct UITextContentType: Sendable { public static let name = UITextContentType() }
// swift-format-ignore: AlwaysUseLowerCamelCase
public enum UIKeyboardType: Sendable { case URL }
public enum HorizontalAlignment: Sendable { case leading, center }
public enum LayoutDirection: Sendable { case leftToRight, rightToLeft }
public enum Alignment: Sendable { case leading, center }
public enum VerticalEdge: Sendable { case bottom }
public enum ColorScheme: Sendable { case light, dark }
public enum Visibility: Sendable { case visible }
public enum AccessibilityChildBehavior: Sendable { case combine, ignore }
public enum PresentationDetent: Hashable, Sendable { case medium, large }
public enum SensoryFeedback: Sendable { case success, error }
public enum AccessibilityNotification {
    public struct Announcement {
        public init(_ text: String) {}
        public func post() {}
    }
}
