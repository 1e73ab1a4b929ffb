#if canImport(ActivityKit) && os(iOS)
    import ActivityKit
    import CourierActivity
    import CourierKit

    /// A day as a Live Activity. Only the app itself changes it, so that no server learns of it: while the app is suspended it
    /// stays as it was, and iOS ends it after eight hours.
    public actor DayActivity: DayBoard {
        /// Asked for once a day: whoever swiped it away does not want it.
        private var begun = false

        public init() {}

        public func show(title: String, text: String) async {
            let content = ActivityContent(state: DayState(title: title, text: text), staleDate: nil)
            // One of before the app was ended goes on.
            if let activity = Activity<DayAttributes>.activities.first {
                begun = true
                await activity.update(content)
            } else if !begun, ActivityAuthorizationInfo().areActivitiesEnabled {
                begun = (try? Activity.request(attributes: DayAttributes(), content: content, pushType: nil)) != nil
            }
        }

        public func end() async {
            begun = false
            for activity in Activity<DayAttributes>.activities { await activity.end(nil, dismissalPolicy: .immediate) }
        }
    }
#endif
