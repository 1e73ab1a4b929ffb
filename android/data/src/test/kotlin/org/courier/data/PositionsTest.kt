package org.courier.data

import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.courier.core.Command
import org.courier.core.Position
import org.courier.core.StopId
import org.courier.core.StopLine
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNull
import kotlin.test.assertTrue

private const val PATIENCE_MS = 60_000L

/** What a phone's receiver says, as the test wants it. */
private class FakePositions : Positions {
    override val fixes = MutableSharedFlow<Fix>()

    suspend fun awaitListeners(count: Int) = withTimeout(PATIENCE_MS) { fixes.subscriptionCount.first { it == count } }
}

class PositionsTest {
    @TempDir lateinit var dir: File

    private val office = Office()
    private val phone by lazy { TestPhone(dir) }
    private val positions = FakePositions()

    @AfterEach
    fun end() {
        phone.close()
        office.close()
    }

    /** Ada's phone with two parcels on its route; the next stop. */
    private suspend fun inTheMorning(): StopLine {
        office.publish(Parcel("Kaya"), Parcel("Kim"))
        phone.repository.resume()
        assertIs<Answer.Ok<*>>(phone.repository.enrol(office.url, office.enrolmentCode()))
        assertIs<Answer.Ok<*>>(phone.repository.sync(SYNC_BUDGET_MS))
        phone.repository.followPositions(phone.scope, positions)
        return phone.repository.route.filterNotNull().first().stops.first()
    }

    /** A second passes, and the phone stands so many metres north of the stop. */
    private fun secondAt(
        stop: StopLine,
        north: Int,
    ): Fix {
        phone.clock.set(phone.clock.wallMs() + 1_000, phone.clock.bootMs() + 1_000uL, "boot-1")
        val lat = (stop.pin.lat * 1e6).toInt() + north * 9
        return Fix(Position(lat, (stop.pin.lon * 1e6).toInt(), accuracyM = 8u, ageMs = 0u), speedDmS = 0u)
    }

    private suspend fun arrived(stop: StopId) =
        phone.repository.route.filterNotNull().first().stops.first { it.id == stop }.arrived

    @Test
    fun `who stands at a door has arrived without saying so`() {
        runBlocking {
            val next = inTheMorning()
            phone.repository.submit(Command.StartDay)
            positions.awaitListeners(1)
            repeat(30) { positions.fixes.emit(secondAt(next, north = 5)) }
            withTimeout(PATIENCE_MS) {
                phone.repository.route.first { route ->
                    route?.stops.orEmpty().any { it.id == next.id && it.arrived }
                }
            }
            assertNull(phone.repository.near.value)
        }
    }

    @Test
    fun `who stands near a stop is asked, and nothing is recorded`() {
        runBlocking {
            val next = inTheMorning()
            phone.repository.submit(Command.StartDay)
            positions.awaitListeners(1)
            repeat(110) { positions.fixes.emit(secondAt(next, north = 250)) }
            val near = withTimeout(PATIENCE_MS) { phone.repository.near.filterNotNull().first() }
            assertEquals(next.id, near.stop)
            assertTrue(near.metres in 240u..260u, "${near.metres} m")
            assertFalse(arrived(next.id))
            phone.repository.notThere()
            assertNull(phone.repository.near.value)
        }
    }

    @Test
    fun `the phone is asked where it is while a day runs and the app is on the screen, and else not`() {
        runBlocking {
            inTheMorning()
            assertEquals(0, positions.fixes.subscriptionCount.value)
            phone.repository.submit(Command.StartDay)
            positions.awaitListeners(1)
            phone.repository.pause(0)
            positions.awaitListeners(0)
            phone.repository.resume()
            positions.awaitListeners(1)
            phone.repository.submit(Command.CloseDay)
            positions.awaitListeners(0)
        }
    }
}
