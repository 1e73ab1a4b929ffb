import CourierCore
import Observation

/// How much another order has to save before it is proposed. The core keeps it.
@MainActor @Observable public final class OrderPreferenceModel: Screen {
    public let session: Session
    /// Absent while there is no route.
    public private(set) var keep: KeepOrder?

    public init(session: Session) { self.session = session }

    public func pull() async throws { keep = try await session.repository.route()?.keep }

    public func choose(_ keep: KeepOrder) async {
        await doing {
            guard await session.perform(.preferOrder(keep: keep)) != nil else { return }
            session.say("\(words(.otherOrderWhen)): \(name(keep))")
        }
    }

    /// What there is to choose from.
    public static let all: [KeepOrder] = [.strict, .normal, .free]

    /// What it is called.
    public func name(_ keep: KeepOrder) -> String {
        switch keep {
        case .strict: words(.orderStrict)
        case .normal: words(.orderNormal)
        case .free: words(.orderFree)
        }
    }
}
