import CourierKit
import SwiftUI

/// The whole app.
public struct RootView: View {
    private let app: AppModel
    /// What the phone gives besides the screen; nothing in previews and tests.
    private let surroundings: Surroundings
    @Environment(\.scenePhase) private var scenePhase

    public init(app: AppModel, surroundings: Surroundings = Surroundings()) {
        (self.app, self.surroundings) = (app, surroundings)
    }

    public var body: some View {
        phase
            .task { await app.start() }
            .overlay {
                // The list of open apps shows a picture of this one: nothing of the day is to be on it.
                if scenePhase != .active { PrivacyCover(words: app.words) }
            }
            .preferredColorScheme(scheme)
    }

    /// Nothing: as the phone.
    private var scheme: ColorScheme? {
        switch app.look {
        case .phone: nil
        case .light: .light
        case .dark: .dark
        }
    }

    @ViewBuilder private var phase: some View {
        switch app.phase {
        case .starting: ProgressView(app.words(.starting))
        case .locked: Text(app.words(.unlockFirst)).padding()
        case .enrol(let enrolment): EnrolScreen(model: enrolment, exported: app.exported)
        case .day(let session): DayView(session: session, app: app, surroundings: surroundings)
        case .broken(let why):
            VStack {
                Text(why)
                Button(app.words(.tryAgain)) { Task { await app.start() } }.buttonStyle(.borderedProminent)
            }
            .padding()
        }
    }
}

/// What the phone gives the screens, behind protocols of the kit.
public struct Surroundings: Sendable {
    /// Where the phone is.
    public var positions: (any Positions)?
    /// Where a running day is shown beside the app.
    public var board: (any DayBoard)?

    public init(positions: (any Positions)? = nil, board: (any DayBoard)? = nil) {
        (self.positions, self.board) = (positions, board)
    }
}

/// Hides everything while the app is not in front.
struct PrivacyCover: View {
    let words: Words

    var body: some View {
        VStack {
            Image(systemName: "shippingbox").font(.largeTitle).accessibilityHidden(true)
            Text(words(.covered)).font(.title)
        }
        .frame(maxWidth: .infinity, maxHeight: .infinity)
        .background(.background)
    }
}
