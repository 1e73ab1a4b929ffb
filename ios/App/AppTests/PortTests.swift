import CourierApple
import CourierCore
import CourierPortChecks
import Foundation
import Testing

/// The checks of ports, with Apple's frameworks, on a device or in a simulator.
@Suite(.serialized) struct ApplePortTests {
    private let store = KeychainStore(service: "org.courier.checks")

    @Test(arguments: clockChecks) func theBootClockKeepsItsPromise(check: PortCheck<any CourierCore.Clock>) throws {
        try check.run(BootClock())
    }

    @Test(arguments: secureStoreChecks) func theKeychainKeepsItsPromise(check: PortCheck<any SecureStore>) throws {
        try check.run(store)
    }

    @Test(arguments: deviceKeyChecks) func theDeviceKeyKeepsItsPromise(check: PortCheck<any DeviceKey>) throws {
        try check.run(AppleDeviceKey(store: store))
    }

    @Test func aKeyIsTheSameInTheNextStart() throws {
        #expect(try AppleDeviceKey(store: store).publicKey() == AppleDeviceKey(store: store).publicKey())
    }
}
