package org.courier.app

import android.content.Context
import androidx.test.core.app.ApplicationProvider
import org.courier.core.KeyLevel
import org.courier.core.PortException
import org.courier.data.ClockSuite
import org.courier.data.DeviceKeySuite
import org.courier.data.SecureStoreSuite
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertThrows
import org.junit.Before
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.annotation.Config
import java.io.File

private val context get() = ApplicationProvider.getApplicationContext<Context>()

/** The core's suite of a clock, on Android's. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = TestApplication::class)
class BootClockTest : ClockSuite() {
    @Before
    fun booted() {
        android.provider.Settings.Global.putInt(context.contentResolver, android.provider.Settings.Global.BOOT_COUNT, 7)
    }

    override fun clock() = BootClock(context)

    @Test
    fun `the start is named by its number`() = assertEquals("boot-7", clock().bootId())

    @Test
    fun `a phone that does not count its starts cannot say which one it is`() {
        android.provider.Settings.Global.putString(context.contentResolver, android.provider.Settings.Global.BOOT_COUNT, null)
        assertThrows(PortException.Unavailable::class.java) { clock().bootId() }
    }
}

/** The core's suite of a device key, on Android's key store (here one in memory). */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = TestApplication::class)
class KeystoreKeyTest : DeviceKeySuite() {
    override fun key() = KeystoreKey(context)

    override fun otherKey() = KeystoreKey(context, "another-installation")

    @Test
    fun `a key that is in no hardware says so`() = assertEquals(KeyLevel.SOFTWARE, key().level())
}

/** The core's suite of a secure store, on files that Android's key store seals. */
@RunWith(RobolectricTestRunner::class)
@Config(sdk = [35], application = TestApplication::class)
class KeystoreStoreTest : SecureStoreSuite() {
    private val folder get() = File(context.noBackupFilesDir, "suite")

    override fun store() = KeystoreStore(folder)

    private val secret = "the phone's own secret".encodeToByteArray()

    @Test
    fun `no secret is in any file as it is`() {
        store().put("secret", secret)
        val written = File(folder, "secret").readText(Charsets.ISO_8859_1)
        assertFalse("secret" in written)
    }

    @Test
    fun `a file that was changed, cut, or put in another's place does not open`() {
        store().put("one", secret)
        store().put("two", byteArrayOf(1))
        val file = File(folder, "one")
        val sealed = file.readBytes()
        File(folder, "two").writeBytes(sealed)
        assertThrows(PortException.Failed::class.java) { store().get("two") }
        file.writeBytes(sealed.also { it[it.size - 1] = (it[it.size - 1] + 1).toByte() })
        assertThrows(PortException.Failed::class.java) { store().get("one") }
        file.writeBytes(sealed.copyOf(5))
        assertThrows(PortException.Failed::class.java) { store().get("one") }
    }
}
