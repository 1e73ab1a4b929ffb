package org.courier.data

import kotlinx.coroutines.runBlocking
import org.courier.core.CodeEntry
import org.courier.core.Command
import org.courier.core.CommandResult
import org.courier.core.Config
import org.courier.core.Courier
import org.courier.core.FileLog
import org.courier.core.FolderStore
import org.courier.core.HandClock
import org.courier.core.JcaKey
import org.courier.core.Observer
import org.courier.core.Ports
import org.courier.core.ReceiverDetails
import org.junit.jupiter.api.io.TempDir
import java.io.File
import java.util.concurrent.atomic.AtomicInteger
import kotlin.test.Test
import kotlin.test.assertContains
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

/** What README.md shows of the core in an own app: the lines between the marks are those of the page. */
class OwnAppTest {
    @TempDir lateinit var dir: File

    private val refreshes = AtomicInteger()

    private fun refresh() {
        refreshes.incrementAndGet()
    }

    private suspend fun deliver(
        folder: String,
        server: String,
        ports: Ports,
        enrolment: String,
        barcodes: List<String>,
        digits: String,
    ): CommandResult {
        // README: begin
        val courier = Courier(Config(dataDir = folder, server = server, platform = "android-15", app = "own 1.0"), ports)
        courier.open()
        val screen = object : Observer {
            override fun onChange(revision: ULong) = refresh() // only a signal: pull the view that is shown
        }
        val observed = courier.observe(screen)
        courier.enrol(enrolment) // once; the office gives the code
        courier.sync(10_000uL) // at most 10 s; the core also exchanges by itself
        courier.submit(Command.StartDay)

        val stop = checkNotNull(courier.route()).stops.first().id
        courier.submit(Command.Arrive(stop))
        for (barcode in barcodes) courier.submit(Command.Scan(stop, barcode))
        val checked = courier.submit(Command.EnterCode(stop, CodeEntry.Digits(digits))).result // needs no network
        if (checked is CommandResult.CodeMatched) {
            val door = courier.stop(stop).doors.first { it.code != null }
            val receiver = door.options.first { it.allowed }.receiver
            courier.submit(Command.HandOver(door.attempt, emptyList(), receiver, ReceiverDetails("Kaya", null, null, null)))
        }
        observed.cancel()
        courier.suspend(5_000uL) // sends what waits, then closes the files: the app may be frozen
        // README: end
        courier.shutdown()
        courier.close()
        return checked
    }

    @Test
    fun `what the README shows delivers a parcel`() =
        Office().use { office ->
            val checked = deliver(office) { office.digits(kaya) }
            assertIs<CommandResult.CodeMatched>(checked)
            assertTrue(refreshes.get() > 0, "the observer was told of nothing")
            assertContains(office.totals(), "\"handed_over\":1")
            assertContains(office.page(kaya), "delivered")
        }

    @Test
    fun `with a wrong code it hands nothing over`() =
        Office().use { office ->
            val checked = deliver(office) { office.wrongDigits(kaya) }
            assertEquals(4u, assertIs<CommandResult.CodeWrong>(checked).triesLeft)
            assertContains(office.totals(), "\"code_tried\":1")
            assertFalse("handed_over" in office.totals(), office.totals())
        }

    private fun deliver(
        office: Office,
        digits: () -> String,
    ) = runBlocking {
        office.publish(kaya)
        val store = FolderStore(File(dir, "secrets"))
        val clock = HandClock().apply { set(MORNING_MS + 4_000, 1_000_000uL, "boot-1") }
        val ports = Ports(clock, JcaKey(store), store, FileLog(File(dir, "log.txt")))
        deliver(File(dir, "data").path, office.url, ports, office.enrolmentCode(), listOf(kaya.barcode), digits())
    }

    private companion object {
        val kaya = Parcel("Kaya")
    }
}
