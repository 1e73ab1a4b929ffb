package org.courier.data

import kotlinx.coroutines.runBlocking
import org.courier.core.Clock
import org.courier.core.Command
import org.courier.core.Config
import org.courier.core.Courier
import org.courier.core.CourierException
import org.courier.core.FileLog
import org.courier.core.FolderStore
import org.courier.core.HandClock
import org.courier.core.JcaKey
import org.courier.core.Ports
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.ConcurrentHashMap

class AttachedClockTest {
    @TempDir lateinit var folder: File

    /** A thread that is attached anew is another one to the virtual machine. */
    private class Witness(
        private val clock: Clock,
    ) : Clock by clock {
        val askedBy: MutableSet<Thread> = ConcurrentHashMap.newKeySet()

        override fun wallMs(): Long {
            askedBy += Thread.currentThread()
            return clock.wallMs()
        }
    }

    /** How many threads have asked for the time while the core was told the same thing again and again. */
    private fun threads(attach: (Clock) -> Clock): Int {
        val witness = Witness(HandClock().apply { set(1_796_000_000_000, 1_000_000uL, "boot-1") })
        val store = FolderStore(File(folder, "secrets"))
        val config = Config(File(folder, "data").path, "https://courier.example", platform = "jvm", app = "test", autoSync = false)
        val courier = Courier(config, Ports(attach(witness), JcaKey(store), store, FileLog(File(folder, "log.txt"))))
        runBlocking {
            courier.open()
            witness.askedBy.clear()
            repeat(COMMANDS) {
                assertThrows(CourierException::class.java) { runBlocking { courier.submit(Command.StartDay) } }
            }
            courier.suspend(1_000u)
        }
        courier.close()
        return witness.askedBy.size
    }

    @Test fun `a thread of the core stays the same one`() {
        val once = threads { it }
        assertTrue(once >= COMMANDS, "$once: it is attached once without that, too")
        val kept = threads(::AttachedClock)
        assertTrue(kept in 1..2, "$kept threads have asked")
    }

    @Test fun `a thread of Kotlin may ask it too`() {
        val clock = AttachedClock(HandClock().apply { set(7, 8uL, "boot-2") })
        assertEquals(Triple(7L, 8uL, "boot-2"), Triple(clock.wallMs(), clock.bootMs(), clock.bootId()))
    }

    private companion object {
        const val COMMANDS = 20
    }
}
