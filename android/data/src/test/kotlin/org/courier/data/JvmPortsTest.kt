package org.courier.data

import org.courier.core.Clock
import org.courier.core.DeviceKey
import org.courier.core.FolderStore
import org.courier.core.HandClock
import org.courier.core.JcaKey
import org.courier.core.SecureStore
import org.junit.jupiter.api.io.TempDir
import java.io.File

class HandClockTest : ClockSuite() {
    private val clock = HandClock().apply { set(MORNING_MS, 1_000uL, "boot") }

    override fun clock(): Clock = clock
}

class JcaKeyTest : DeviceKeySuite() {
    @TempDir lateinit var dir: File

    override fun key(): DeviceKey = JcaKey(FolderStore(File(dir, "one")))

    override fun otherKey(): DeviceKey = JcaKey(FolderStore(File(dir, "two")))
}

class FolderStoreTest : SecureStoreSuite() {
    @TempDir lateinit var dir: File

    override fun store(): SecureStore = FolderStore(dir)
}
