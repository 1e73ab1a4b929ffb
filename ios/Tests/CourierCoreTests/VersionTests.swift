import CourierCore
import Foundation
import Testing

@Test func theLibraryTellsTheVersionOfItsPackage() throws {
    let expected = try #require(ProcessInfo.processInfo.environment["COURIER_VERSION"])
    #expect(coreVersion() == expected)
}
