/// Something on the screen.
public enum Mark: Hashable, Sendable {
    /// Has this accessibility identifier.
    case id(String)
    /// One of several with this identifier: it says this.
    case row(String, saying: String)
    /// A segment, or a line of a menu: SwiftUI brings no identifiers there. It says exactly this.
    case named(String)
    /// A button below a question, which says the same as what asked it.
    case answer(String)
}

/// What a courier does with a thumb, and sees; and what happens around the phone meanwhile.
public enum Deed: Equatable, Sendable {
    // On the screen.
    /// Goes back until the day is there.
    case home
    case tap(Mark)
    /// In place of what is there.
    case type(String, Mark)
    /// Puts the last thing away that was told, so that the next one is seen.
    case dismissNotice
    /// It comes.
    case see(Mark)
    /// It is not there.
    case miss(Mark)
    /// It is there and cannot be pressed.
    case disabled(Mark)
    /// Draws a line within it.
    case draw(Mark)
    /// Drags a stop of the day's list to where the first, second … one is.
    case drag(String, to: Int)
    /// The stops that have these names come in this order.
    case order([String])
    /// Types what a camera would read of a customer's code.
    case qr(of: String)
    /// Looks at what was filled in, as people do: it is kept after a moment.
    case pause
    /// Types a code on the pad.
    case digits(CodeWord, of: String)
    /// Types the code that the office gave for this phone.
    case enrolmentCode

    // Around it.
    /// The app ends and begins.
    case launch
    /// The device is switched off and on, and the app begins.
    case reboot
    /// The app is there as if it had just been installed.
    case reinstall
    /// Time passes, while the app is closed: its clock stands still.
    case pass(seconds: Int64)
    /// Time passes until then, in milliseconds since 1970 UTC.
    case until(Int64)
    case ask(Request)
    /// What is to be seen at the backend.
    case backend(View, JSON)

    /// What the backend shows to people outside.
    public enum View: Equatable, Sendable {
        case page(String)
        case shipment(String)
        case mails(String)
        case totals
    }
}

/// A code, said without digits.
public enum CodeWord: Equatable, Sendable {
    case right
    /// One more than the right one.
    case wrong
    /// What the customer's page showed before the last one.
    case old
    case text(String)
}

/// What office, customer or network do, over HTTP.
public struct Request: Equatable, Sendable {
    /// Where it goes: identifiers are the backend's, and ``Office`` asks for them.
    public enum Path: Equatable, Sendable {
        case fixed(String)
        /// The courier's route.
        case publish
        /// The order of that route, by names.
        case order
        /// A form of the tracking page.
        case page(of: String, String)
        case shipment(String, String)
        /// The newest attempt of a shipment.
        case attempt(of: String, String)
    }

    public let path: Path
    public let body: JSON
    /// What the answer has to be like; a success if nothing is said.
    public let answer: JSON
}
