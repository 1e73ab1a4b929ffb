import CourierCore
import CourierKit
import SwiftUI

/// A place below the day.
enum Place: Hashable {
    case stop(StopId)
    case door(StopId, ShipmentId)
    case loadCheck
    case returnCheck
    case dayEnd
    case onThisPhone
    case settings
}

/// The day of a courier: a stack that begins with the list of stops.
struct DayView: View {
    let session: Session
    let app: AppModel
    let surroundings: Surroundings
    @State private var path: [Place] = []

    var body: some View {
        NavigationStack(path: $path) {
            Kept(TodayModel(session: session)) {
                TodayScreen(model: $0) { path.append($0) }
            }
            .navigationDestination(for: Place.self) { place in
                PlaceView(place: place, session: session, app: app) { path.append($0) }
            }
        }
        .safeAreaInset(edge: .bottom) { NoticeBar(session: session) }
        .task {
            guard let (stop, shipment) = await TodayModel(session: session).unfinished(), path.isEmpty else { return }
            path = [.stop(stop), .door(stop, shipment)]
        }
        // Here, not in a list of stops: whoever is at a door has arrived there as well.
        .task {
            if let positions = surroundings.positions { await session.whereabouts.follow(positions) }
        }
        .task {
            if let board = surroundings.board { await session.follow(board) }
        }
    }
}

/// One place.
struct PlaceView: View {
    let place: Place
    let session: Session
    let app: AppModel
    let go: (Place) -> Void

    var body: some View {
        switch place {
        case .stop(let id): Kept(StopModel(session: session, id: id)) { StopScreen(model: $0) }
        case .door(let stop, let shipment):
            Kept(DoorModel(session: session, stop: stop, shipment: shipment)) { DoorScreen(model: $0, go: go) }
        case .loadCheck: Kept(LoadCheckModel(session: session)) { LoadCheckScreen(model: $0) }
        case .returnCheck: Kept(ReturnCheckModel(session: session)) { ReturnCheckScreen(model: $0) }
        case .dayEnd: Kept(DayEndModel(session: session)) { DayEndScreen(model: $0) }
        case .onThisPhone:
            Kept(OnThisPhoneModel(session: session) { try await app.leave(session, saving: $0) }) {
                OnThisPhoneScreen(model: $0)
            }
        case .settings:
            Kept((settings: app.settings(), order: OrderPreferenceModel(session: session))) {
                SettingsScreen(model: $0.settings, order: $0.order)
            }
        }
    }
}

/// Keeps a model for as long as its view is there.
struct Kept<Model, Content: View>: View {
    @State private var model: Model
    private let content: (Model) -> Content

    init(_ model: @autoclosure () -> Model, @ViewBuilder content: @escaping (Model) -> Content) {
        _model = State(initialValue: model())
        self.content = content
    }

    var body: some View { content(model) }
}

/// What the courier has to be told: to be read, heard and felt.
struct NoticeBar: View {
    let session: Session

    var body: some View {
        Group {
            if let notice = session.notice {
                Button {
                    session.dismissNotice()
                } label: {
                    Label(
                        notice.text, systemImage: notice.kind == .done ? "checkmark.circle" : "exclamationmark.triangle"
                    )
                    .frame(maxWidth: .infinity, alignment: .leading)
                    .padding()
                }
                .accessibilityIdentifier(notice.kind == .done ? "notice-done" : "notice-problem")
                .background(.thinMaterial)
                .foregroundStyle(notice.kind == .done ? Color.primary : Color.red)
            }
        }
        .sensoryFeedback(trigger: session.notice) { _, notice in
            notice.map { $0.kind == .done ? .success : .error }
        }
        .onChange(of: session.notice) { _, notice in
            if let notice { AccessibilityNotification.Announcement(notice.text).post() }
        }
    }
}
