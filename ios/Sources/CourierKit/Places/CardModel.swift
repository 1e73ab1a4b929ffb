import CourierCore
import Observation

/// The card for the customer of a door, in their language or another one.
@MainActor @Observable public final class CardModel {
    public let words: Words
    /// The languages that there are cards in.
    public let languages = cardLanguages()
    /// BCP 47, one of ``languages``.
    public var language: String
    private let parcels: UInt32
    private let coded: Bool

    public init(door: DoorView, coded: Bool, words: Words) {
        self.words = words
        parcels = UInt32(door.parcels.count { $0.outcome == nil })
        self.coded = coded
        language = customerCard(lang: door.lang, parcels: parcels, coded: coded).lang
    }

    public var card: Card { customerCard(lang: language, parcels: parcels, coded: coded) }
}
