// A stand-in for the part of ActivityKit that the extension uses; see SwiftUI's.

public protocol ActivityAttributes: Codable {
    associatedtype ContentState: Codable, Hashable
}
