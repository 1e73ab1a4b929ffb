package org.courier.data

import app.cash.turbine.test
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.flow.filterNotNull
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.flowOf
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.courier.core.Ask
import org.courier.core.AttemptState
import org.courier.core.CodeEntry
import org.courier.core.CodeState
import org.courier.core.Command
import org.courier.core.CommandResult
import org.courier.core.CourierException
import org.courier.core.InputProblem
import org.courier.core.LogOut
import org.courier.core.Receiver
import org.courier.core.ReceiverDetails
import org.courier.core.Rejection
import org.courier.core.Standing
import org.courier.core.StopState
import org.courier.core.StopView
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.io.TempDir
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertIs
import kotlin.test.assertNotNull
import kotlin.test.assertNotSame
import kotlin.test.assertNull
import kotlin.test.assertTrue

private val kaya = Parcel("Kaya")
private val nobody = ReceiverDetails(null, null, null, null)

class RepositoryTest {
    @TempDir lateinit var dir: File

    private val office = Office()
    private val phones = mutableListOf<TestPhone>()

    private fun phone() = TestPhone(dir).also { phones += it }

    @AfterEach
    fun end() {
        phones.forEach { it.close() }
        office.close()
    }

    private fun <T> Answer<T>.ok(): T = assertIs<Answer.Ok<T>>(this).value

    private fun Answer<*>.no(): CourierException = assertIs<Answer.No>(this).error

    private suspend fun enrolled(): TestPhone {
        val phone = phone()
        phone.repository.resume()
        phone.repository.enrol(office.url, office.enrolmentCode()).ok()
        return phone
    }

    private suspend fun CourierRepository.syncAll() {
        val report = sync(SYNC_BUDGET_MS).ok()
        assertFalse(report.offline)
        assertNull(report.error)
    }

    /** The day has begun, and the courier is at Kaya's door. */
    private suspend fun atTheDoor(): Pair<TestPhone, StopView> {
        office.publish(kaya)
        val phone = enrolled()
        phone.repository.syncAll()
        phone.repository.submit(Command.StartDay).ok()
        val stop = phone.repository.route.filterNotNull().first().stops.single().id
        phone.repository.submit(Command.Arrive(stop)).ok()
        phone.repository.submit(Command.Scan(stop, kaya.barcode)).ok()
        return phone to assertNotNull(phone.repository.stop(stop).first())
    }

    @Test
    fun `a phone without a server belongs to nobody`() {
        runBlocking {
            val phone = phone()
            phone.repository.state.test {
                assertEquals(PhoneState.Starting, awaitItem())
                phone.repository.resume()
                assertEquals(PhoneState.NotEnrolled(""), awaitItem())
            }
            assertIs<CourierException.Closed>(phone.repository.submit(Command.StartDay).no())
            assertIs<CourierException.Closed>(phone.repository.sync(1_000).no())
        }
    }

    @Test
    fun `a day that runs is told in numbers, from its beginning to its end`() {
        runBlocking {
            office.publish(kaya, Parcel("Kim"))
            val phone = enrolled()
            phone.repository.day.test {
                // Route and outbox are asked for one after the other: something may happen in between, and is told next.
                suspend fun awaits(day: RunningDay?) {
                    while (awaitItem() != day) Unit
                }
                assertNull(awaitItem(), "a phone without a route has no day")
                phone.repository.syncAll()
                phone.repository.submit(Command.StartDay).ok()
                awaits(RunningDay(next = 1u, left = 2u, facts = 1uL, files = 0uL))
                phone.repository.syncAll()
                awaits(RunningDay(next = 1u, left = 2u, facts = 0uL, files = 0uL))
                phone.repository.submit(Command.CloseDay).ok()
                awaits(null)
            }
        }
    }

    @Test
    fun `whoever keeps the core open has it open when the screen is gone, and only until then`() {
        runBlocking {
            val (phone, stop) = atTheDoor()
            phone.repository.keepOpen {
                phone.repository.pause(0)
                phone.repository.submit(Command.Scan(stop.id, kaya.barcode)).ok()
            }
            assertIs<CourierException.Closed>(phone.repository.submit(Command.StartDay).no())
        }
    }

    @Test
    fun `an enrolment that fails leaves a phone that can try again`() {
        runBlocking {
            val phone = phone()
            phone.repository.resume()
            assertIs<CourierException.Offline>(phone.repository.enrol("http://127.0.0.1:9", "ABCDEFGHIJ").no())
            assertEquals(PhoneState.NotEnrolled("http://127.0.0.1:9"), phone.repository.state.value)
            val typed = assertIs<CourierException.InvalidInput>(phone.repository.enrol(office.url, "no code").no())
            assertEquals(InputProblem.ENROLMENT_CODE, typed.what)
            val address = assertIs<CourierException.InvalidInput>(phone.repository.enrol("ftp://x", "ABCDEFGHIJ").no())
            assertEquals(InputProblem.SERVER_URL, address.what)
            assertNull(phone.preferences.read(CourierRepository.SERVER))
            assertEquals("Ada", phone.repository.enrol(office.url, office.enrolmentCode()).ok().name)
            assertEquals(PhoneState.Enrolled, phone.repository.state.value)
        }
    }

    @Test
    fun `the app comes back as the same phone, also if it ended before the server was remembered`() {
        runBlocking {
            val first = enrolled()
            val install = first.repository.diagnostics.filterNotNull().first().install
            first.close()
            val second = phone()
            second.repository.resume()
            assertEquals(PhoneState.Enrolled, second.repository.state.value)
            assertEquals(install, second.repository.diagnostics.filterNotNull().first().install)
            second.close()
            File(dir, "preferences/${CourierRepository.SERVER}").delete()
            val third = phone()
            third.repository.resume()
            assertEquals(PhoneState.NotEnrolled(""), third.repository.state.value)
            third.repository.enrol(office.url, "ABCDEFGHIJ").ok()
            assertEquals(install, third.repository.diagnostics.filterNotNull().first().install)
        }
    }

    @Test
    fun `a route arrives in its flow after the sync`() {
        runBlocking {
            val phone = enrolled()
            phone.repository.route.test {
                assertNull(awaitItem())
                office.publish(kaya, Parcel("Kim", cents = 1_000))
                phone.repository.syncAll()
                val route = assertNotNull(awaitItem())
                assertEquals(setOf("Kaya", "Kim"), route.stops.flatMap { it.names }.toSet())
                assertFalse(route.started)
                phone.repository.submit(Command.StartDay).ok()
                assertTrue(assertNotNull(awaitItem()).started)
                cancelAndIgnoreRemainingEvents()
            }
            assertEquals(2, phone.repository.van().first().size)
        }
    }

    @Test
    fun `a door goes from the scan to confirmed in the flow of its stop`() {
        runBlocking {
            val (phone, before) = atTheDoor()
            val attempt = before.doors.single().attempt
            phone.repository.stop(before.id).test {
                assertEquals(Ask.CODE, assertNotNull(awaitItem()).doors.single().ask)
                val wrong = phone.repository.submit(Command.EnterCode(before.id, CodeEntry.Digits("12345")))
                assertEquals(InputProblem.NOT_SIX_DIGITS, assertIs<CourierException.InvalidInput>(wrong.no()).what)
                val entered = Command.EnterCode(before.id, CodeEntry.Digits(office.digits(kaya)))
                assertIs<CommandResult.CodeMatched>(phone.repository.submit(entered).ok())
                assertIs<CodeState.Matched>(assertNotNull(awaitItem()).doors.single().code)
                phone.repository.submit(Command.HandOver(attempt, emptyList(), Receiver.Recipient, nobody)).ok()
                val handed = assertIs<AttemptState.Closed>(assertNotNull(awaitItem()).doors.single().state)
                assertEquals(Standing.ON_PHONE, handed.standing)
                phone.repository.syncAll()
                var standing = handed.standing
                while (standing != Standing.CONFIRMED) {
                    standing = assertIs<AttemptState.Closed>(assertNotNull(awaitItem()).doors.single().state).standing
                }
                cancelAndIgnoreRemainingEvents()
            }
            val line = phone.repository.route.filterNotNull().first { it.stops.single().standing == Standing.CONFIRMED }
            assertEquals(StopState.DONE, line.stops.single().state)
            assertTrue("\"delivered\"" in office.page(kaya))
        }
    }

    @Test
    fun `the text of the customer's QR is taken too`() {
        runBlocking {
            val (phone, stop) = atTheDoor()
            val entered = Command.EnterCode(stop.id, CodeEntry.Token(office.token(kaya)))
            assertIs<CommandResult.CodeMatched>(phone.repository.submit(entered).ok())
        }
    }

    @Test
    fun `while an entry has to wait the flow tells the time that is left`() {
        runBlocking {
            val (phone, stop) = atTheDoor()
            val wrong = Command.EnterCode(stop.id, CodeEntry.Digits(office.wrongDigits(kaya)))
            repeat(3) { assertIs<CommandResult.CodeWrong>(phone.repository.submit(wrong).ok()) }
            phone.repository.stop(stop.id).test {
                val needed = assertIs<CodeState.Needed>(assertNotNull(awaitItem()).doors.single().code)
                assertEquals(2u to 30_000uL, needed.triesLeft to needed.waitMs)
                phone.clock.set(MORNING_MS + 24_000, 1_020_000uL, "boot-1")
                // No change of the core: time alone brings it.
                assertEquals(10_000uL, assertIs<CodeState.Needed>(assertNotNull(awaitItem()).doors.single().code).waitMs)
                cancelAndIgnoreRemainingEvents()
            }
            val refused = assertIs<CourierException.Rejected>(phone.repository.submit(wrong).no())
            assertIs<Rejection.Wait>(refused.reason)
        }
    }

    @Test
    fun `without a network the handover is kept, asked for in the background, and sent later`() {
        runBlocking {
            val (phone, stop) = atTheDoor()
            office.network("down")
            val before = phone.requests.get()
            phone.repository.submit(Command.EnterCode(stop.id, CodeEntry.Digits(office.digits(kaya)))).ok()
            val attempt = stop.doors.single().attempt
            phone.repository.submit(Command.HandOver(attempt, emptyList(), Receiver.Recipient, nobody)).ok()
            assertEquals(before + 2, phone.requests.get())
            assertTrue(phone.repository.sync(SYNC_BUDGET_MS).ok().offline)
            phone.close()
            office.network("ok")
            // The app is gone: the background opens the phone by itself, and closes it again.
            val later = phone()
            val report = later.repository.sync(SYNC_BUDGET_MS).ok()
            assertEquals(0uL, report.pending)
            assertIs<CourierException.Closed>(later.repository.submit(Command.CloseDay).no())
            assertTrue("\"delivered\"" in office.page(kaya))
        }
    }

    @Test
    fun `what waits is sent when the app leaves the screen, and everything is there when it comes back`() {
        runBlocking {
            val (phone, stop) = atTheDoor()
            phone.repository.pause(SYNC_BUDGET_MS)
            assertIs<CourierException.Closed>(phone.repository.submit(Command.CloseDay).no())
            assertTrue("\"arrived\":1" in office.totals())
            phone.repository.resume()
            val again = assertNotNull(phone.repository.stop(stop.id).first())
            assertEquals(Ask.CODE, again.doors.single().ask)
            phone.repository.submit(Command.EnterCode(stop.id, CodeEntry.Digits(office.digits(kaya)))).ok()
        }
    }

    @Test
    fun `the core is never made on the thread that asks for it, which may be the one that draws`() {
        runBlocking {
            val phone = enrolled()
            assertNotSame(Thread.currentThread(), assertNotNull(phone.madeOn))
            phone.close()
            val again = phone()
            again.repository.resume()
            assertNotSame(Thread.currentThread(), assertNotNull(again.madeOn))
        }
    }

    @Test
    fun `an app that comes back while it is still leaving stays open`() {
        runBlocking {
            val (phone, stop) = atTheDoor()
            val leaving = launch(start = CoroutineStart.UNDISPATCHED) { phone.repository.pause(SYNC_BUDGET_MS) }
            phone.repository.resume()
            leaving.join()
            phone.repository.submit(Command.EnterCode(stop.id, CodeEntry.Digits(office.digits(kaya)))).ok()
        }
    }

    @Test
    fun `what is asked while the core is being opened waits for it`() {
        runBlocking {
            val (phone, stop) = atTheDoor()
            phone.repository.pause(SYNC_BUDGET_MS)
            val opening = launch(start = CoroutineStart.UNDISPATCHED) { phone.repository.resume() }
            assertIs<CommandResult.Scanned>(phone.repository.submit(Command.Scan(stop.id, kaya.barcode)).ok())
            opening.join()
        }
    }

    @Test
    fun `a network that comes back starts an exchange`() {
        runBlocking {
            val (phone, _) = atTheDoor()
            val online =
                object : Connectivity {
                    override val online = flowOf(false, true)
                }
            phone.repository.syncWhenOnline(phone.scope, online).join()
            assertEquals(0uL, phone.repository.diagnostics.filterNotNull().first { it.pending == 0uL }.pending)
        }
    }

    @Test
    fun `a courier leaves the phone only when everything is sent, and the next one sees nothing of theirs`() {
        runBlocking {
            val (phone, _) = atTheDoor()
            val waits = assertIs<LogOut.Unsent>(phone.repository.logOut().ok())
            assertEquals(phone.repository.diagnostics.filterNotNull().first().pending, waits.facts)
            phone.repository.syncAll()
            assertEquals(LogOut.Done(0uL), phone.repository.logOut().ok())
            assertEquals(PhoneState.NotEnrolled(office.url), phone.repository.state.value)
            assertNull(phone.repository.route.value)
            assertNull(phone.repository.diagnostics.value)
            assertIs<CourierException.Closed>(phone.repository.submit(Command.StartDay).no())
            phone.repository.enrol(office.url, office.enrolmentCode()).ok()
            phone.repository.syncAll()
            assertEquals("Kaya", phone.repository.route.filterNotNull().first().stops.single().names.single())
        }
    }

    @Test
    fun `what cannot be sent goes into a file, and the phone is nobody's also after a restart`() {
        runBlocking {
            val (phone, _) = atTheDoor()
            office.network("down")
            val file = File(dir, "export.json")
            val out = assertIs<LogOut.Done>(phone.repository.logOut(file).ok())
            assertTrue(out.exported > 0uL)
            assertTrue("courier_export" in file.readText())
            assertFalse("Kaya" in file.readText())
            phone.close()
            val again = phone()
            again.repository.resume()
            assertEquals(PhoneState.NotEnrolled(office.url), again.repository.state.value)
            assertIs<CourierException.Closed>(again.repository.submit(Command.StartDay).no())
            office.network("ok")
            again.repository.enrol(office.url, office.enrolmentCode()).ok()
        }
    }

    @Test
    fun `a stop that is not on the route is none`() {
        runBlocking { assertNull(enrolled().repository.stop("no such stop").first()) }
    }

    @Test
    fun `no digits of a code are in any file of the phone`() {
        runBlocking {
            val (phone, stop) = atTheDoor()
            val digits = office.digits(kaya)
            val wrong = office.wrongDigits(kaya)
            phone.repository.submit(Command.EnterCode(stop.id, CodeEntry.Digits(wrong))).ok()
            phone.repository.submit(Command.EnterCode(stop.id, CodeEntry.Digits(digits))).ok()
            phone.repository.syncAll()
            phone.repository.pause(SYNC_BUDGET_MS)
            for (text in phone.written()) {
                assertFalse(digits in text || wrong in text, "digits in a file")
            }
        }
    }
}
