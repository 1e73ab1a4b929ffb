package org.courier.data

import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.courier.core.Command
import org.courier.core.Config
import org.courier.core.Courier
import org.courier.core.CourierException
import org.courier.core.FileLog
import org.courier.core.FolderStore
import org.courier.core.HandClock
import org.courier.core.JcaKey
import org.courier.core.Observer
import org.courier.core.Ports
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.lang.ref.WeakReference
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFailsWith
import kotlin.test.assertTrue

private const val TIMES = 10_000

class LeakTest {
    @TempDir lateinit var dir: File

    private lateinit var courier: Courier

    @BeforeEach
    fun open() {
        val store = FolderStore(File(dir, "secrets"))
        val clock = HandClock().apply { set(MORNING_MS, 1_000uL, "boot") }
        val config = Config("$dir/data", "http://127.0.0.1:9", platform = "jvm", app = "test", autoSync = false)
        courier = Courier(config, Ports(clock, JcaKey(store), store, FileLog(File(dir, "log.txt"))))
        runBlocking { courier.open() }
    }

    @AfterEach
    fun close() {
        courier.shutdown()
        courier.close()
    }

    private class Told(
        private val calls: AtomicInteger,
    ) : Observer {
        override fun onChange(revision: ULong) {
            calls.incrementAndGet()
        }
    }

    @Test
    fun `ten thousand observers that ended are forgotten and never called`() {
        val calls = AtomicInteger()
        val gone = observeAndEnd(calls)
        awaitCollected(gone)
        // The first ones may have been there in time to be told of the opening.
        val before = calls.get()
        // Something changes: nobody is there to be told.
        runBlocking { assertFailsWith<CourierException.Offline> { courier.enrol("ABCDEFGHIJ") } }
        courier.shutdown()
        assertEquals(before, calls.get())
    }

    /** In a function of its own, so that no local variable keeps the last observer. */
    private fun observeAndEnd(calls: AtomicInteger): List<WeakReference<Told>> =
        List(TIMES) {
            val observer = Told(calls)
            courier.observe(observer).use { it.cancel() }
            WeakReference(observer)
        }

    @Test
    fun `ten thousand collections that ended are forgotten`() {
        val gone = mutableListOf<WeakReference<Any>>()
        runBlocking {
            repeat(TIMES) {
                val mark = Any()
                gone += WeakReference(mark)
                val collecting =
                    launch(start = CoroutineStart.UNDISPATCHED) { courier.revisions().collect { mark.hashCode() } }
                collecting.cancelAndJoin()
            }
        }
        awaitCollected(gone)
    }

    @Test
    fun `a flow after the shutdown fails as every call does`() {
        courier.shutdown()
        runBlocking { assertFailsWith<CourierException.Closed> { courier.revisions().first() } }
    }

    @Test
    fun `a shutdown while somebody observes comes to its end`() {
        runBlocking {
            val observing = launch { courier.revisions().collect {} }
            courier.revisions().first()
            withTimeout(60_000) {
                courier.shutdown()
                observing.cancelAndJoin()
            }
            courier.open()
            courier.revisions().first()
            assertFailsWith<CourierException.Rejected> { courier.submit(Command.StartDay) }
        }
    }

    private fun awaitCollected(references: List<WeakReference<*>>) {
        repeat(100) {
            System.gc()
            if (references.all { it.get() == null }) return
            Thread.sleep(50)
        }
        val left = references.count { it.get() != null }
        assertTrue(left == 0, "$left of ${references.size} are still held")
    }
}
