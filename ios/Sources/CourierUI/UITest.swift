/// Whether a UI test has launched the app: it has no camera then, and a list that is swiped does not exchange. Only debug builds can
/// be told.
@MainActor public enum UITest {
    #if DEBUG
        public static var isOn = false
    #else
        static let isOn = false
    #endif
}
