import CourierCore
import CourierKit
import SwiftUI

/// Opens the telephone with the recipient's number; nothing where there is none. The number itself is not drawn.
struct CallButton: View {
    let door: DoorView
    let session: Session
    /// Others can be called from here, too.
    var isNamed = false
    @Environment(\.openURL) private var openURL

    var body: some View {
        if let call = door.call {
            let whom = session.words(.callTo, call.name)
            Button(isNamed ? whom : session.words(.call)) {
                openURL(call.url) { accepted in
                    if !accepted { session.say(session.words(.noDialler), .problem) }
                }
            }
            .accessibilityLabel(whom)
            .accessibilityIdentifier("call-\(call.name)")
        }
    }
}
