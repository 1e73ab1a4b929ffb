package org.courier.app

import androidx.test.core.app.ApplicationProvider
import org.courier.data.ClockSuite
import org.courier.data.DeviceKeySuite
import org.courier.data.SecureStoreSuite
import java.io.File
import java.util.UUID

private val context get() = ApplicationProvider.getApplicationContext<DeviceApplication>()

/** The core's suite of a clock, on the phone's. */
class BootClockOnDeviceTest : ClockSuite() {
    override fun clock() = BootClock(context)
}

/** The core's suite of a device key, on the phone's key store. */
class KeystoreKeyOnDeviceTest : DeviceKeySuite() {
    private val names = UUID.randomUUID()

    override fun key() = KeystoreKey(context, "test-$names-one")

    override fun otherKey() = KeystoreKey(context, "test-$names-two")
}

/** The core's suite of a secure store, on files that the phone's key store seals. */
class KeystoreStoreOnDeviceTest : SecureStoreSuite() {
    private val folder = File(context.noBackupFilesDir, "suite-${UUID.randomUUID()}")

    override fun store() = KeystoreStore(folder)
}
