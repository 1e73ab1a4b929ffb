package org.courier.data

import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.courier.core.Command
import org.courier.core.Receiver
import org.courier.core.ReceiverDetails
import org.courier.core.SyncProblem
import org.courier.core.SyncReport
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertTrue

class ExchangeTest {
    @TempDir lateinit var dir: File

    private val lee = Parcel("Lee", cents = 1_000, instructions = """[{"kind":"safe_place","data":{"place":"shed"}}]""")

    private fun <T> Answer<T>.ok(): T = assertIs<Answer.Ok<T>>(this).value

    @Test
    fun `it is enough only when nothing waits and nothing failed`() {
        val good = SyncReport(sent = 1u, acked = 1u, pending = 0u, offline = false, error = null)
        assertTrue(good.isEnough)
        assertFalse(good.copy(files = 1u).isEnough)
        assertFalse(good.copy(pending = 1u).isEnough)
        assertFalse(good.copy(offline = true).isEnough)
        assertFalse(good.copy(error = SyncProblem.SERVER).isEnough)
    }

    @Test
    fun `a photo that alone still waits is told, and whoever leaves the app asks for another exchange`() =
        Office().use { office ->
            TestPhone(dir).use { phone ->
                runBlocking {
                    val repository = phone.repository
                    office.publish(lee)
                    repository.resume()
                    repository.enrol(office.url, office.enrolmentCode()).ok()
                    repository.sync(SYNC_BUDGET_MS).ok()
                    repository.submit(Command.StartDay).ok()
                    val stop = repository.route.filterNotNull().first().stops.single().id
                    repository.submit(Command.Arrive(stop)).ok()
                    repository.submit(Command.Scan(stop, lee.barcode)).ok()
                    val photo = File(dir, "photo.jpg").apply { writeBytes(JPEG) }
                    repository.submit(Command.TakePhoto(stop, photo.path)).ok()
                    val view = checkNotNull(repository.stop(stop).first())
                    val door = view.doors.single()
                    val safe = door.options.first { it.receiver is Receiver.Place && it.allowed }.receiver
                    val details = ReceiverDetails(null, null, null, null, files = view.files)
                    repository.submit(Command.HandOver(door.attempt, emptyList(), safe, details)).ok()

                    // The network breaks as soon as the facts are there.
                    var requests = 0
                    var exchange: SyncReport
                    do {
                        office.network("down_after", ++requests)
                        exchange = repository.sync(SYNC_BUDGET_MS).ok()
                    } while (exchange.pending > 0uL)
                    assertEquals(1uL, exchange.files)
                    assertEquals(0uL to 1uL, repository.diagnostics.filterNotNull().first().let { it.pending to it.files })
                    val asked = phone.requests.get()
                    repository.pause(SYNC_BUDGET_MS)
                    assertEquals(asked + 1, phone.requests.get())

                    office.network("ok")
                    assertTrue(repository.sync(SYNC_BUDGET_MS).ok().isEnough)
                }
            }
        }
}
