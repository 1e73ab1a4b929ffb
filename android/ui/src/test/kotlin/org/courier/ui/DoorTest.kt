package org.courier.ui

import androidx.compose.runtime.key
import androidx.compose.runtime.mutableIntStateOf
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.assert
import androidx.compose.ui.test.assertCountEquals
import androidx.compose.ui.test.assertIsNotEnabled
import androidx.compose.ui.test.assertTextContains
import androidx.compose.ui.test.hasSetTextAction
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.v2.runComposeUiTest
import org.courier.data.Parcel
import org.courier.ui.door.Step
import org.courier.ui.words.Language
import org.junit.jupiter.api.AfterEach
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

@OptIn(ExperimentalTestApi::class)
class DoorTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    /** How often the process began. */
    private val starts = mutableIntStateOf(1)

    private fun ComposeUiTest.show() = setContent { key(starts.intValue) { CourierApp(world.state) } }

    /** From the day to the door, where the parcel was scanned. */
    private fun ComposeUiTest.toTheCode() {
        tap("today", "stop-1")
        tap("stop", "arrive")
        await("arrived")
        tap("stop", "door-Kaya")
        scan(kaya)
        find("door", "key-0")
    }

    private fun ComposeUiTest.scan(parcel: Parcel) {
        find("door", "barcode")
        type("barcode", parcel.barcode)
        tap("door", "take-barcode")
        awaitMessage(world, "Scanned")
    }

    private fun ComposeUiTest.hasDigits(count: Int) =
        onNodeWithTag("digits").assert(SemanticsMatcher.expectValue(SemanticsProperties.StateDescription, "$count of 6 digits"))

    @Test
    fun `a courier enrols, starts the day, and hands over with a code, until the server confirms it`() =
        runComposeUiTest {
            show()
            await("enrol")
            onNodeWithTag("enrol").assertIsNotEnabled()
            type("server", world.office.url)
            type("enrolment-code", world.office.enrolmentCode())
            world.office.publish(kaya)
            onNodeWithTag("enrol").performClick()
            awaitMessage(world, "Welcome, Ada.")
            tap("today", "exchange")
            awaitMessage(world, "Exchanged.")
            tap("today", "start-day")
            awaitMessage(world, "Recorded.")

            tap("today", "next-stop")
            tap("stop", "arrive")
            await("arrived")
            tap("stop", "door-Kaya")
            scan(kaya)
            enter(world.office.digits(kaya))
            awaitMessage(world, "Code of the recipient accepted")
            tap("door", "receiver-Recipient")
            tap("door", "record")
            find("door", "done")
            onNodeWithTag("done").assertTextContains("provisional", substring = true)
            world.sync()
            waitUntil("it is confirmed", 60_000) {
                onAllNodesWithTag("done").fetchSemanticsNodes().any { "confirmed" in "${it.config[SemanticsProperties.Text]}" }
            }
            assertTrue("\"delivered\"" in world.office.page(kaya))
            tap("door", "ready")
            await("today")
        }

    @Test
    fun `wrong codes count down, wait, and lock, and there is always a way on`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            toTheCode()
            val wrong = world.office.wrongDigits(kaya)
            for ((left, wait) in listOf(4 to 0L, 3 to 0L, 2 to 30_000L, 1 to 120_000L)) {
                enter(wrong)
                awaitMessage(world, "Wrong code. Tries left: $left.")
                world.pass(wait)
            }
            enter(wrong)
            awaitMessage(world, "Wrong code. No code is taken")
            find("door", "exit-TRIES_USED_UP")
            tap("door", "exit-TRIES_USED_UP")
            tap("door", "record")
            find("door", "done")
            onNodeWithTag("done").assertTextContains("not delivered", substring = true)
        }

    @Test
    fun `while an entry has to wait the screen says how long, and the core refuses`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            toTheCode()
            repeat(3) {
                enter(world.office.wrongDigits(kaya))
                awaitMessage(world, "Wrong code. Tries left: ${4 - it}.")
            }
            waitUntil("it says how long", 60_000) { codeState().startsWith("Next try in 30 s.") }
            world.pass(12_000)
            waitUntil("time passes on the screen", 60_000) { codeState().startsWith("Next try in 18 s.") }
            enter(world.office.digits(kaya))
            awaitMessage(world, "Not possible: the next code is taken in 18 s.")
            world.pass(18_000)
            enter(world.office.digits(kaya))
            awaitMessage(world, "Code of the recipient accepted")
        }

    private fun ComposeUiTest.codeState(): String =
        onAllNodesWithTag("code-state").fetchSemanticsNodes().joinToString { node ->
            node.config[SemanticsProperties.Text].joinToString { it.text }
        }

    @Test
    fun `there is nothing to paste into, and the digits are nowhere but on their way to the core`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            toTheCode()
            onAllNodes(hasSetTextAction()).assertCountEquals(0)
            hasDigits(0)
            val digits = world.office.digits(kaya)
            for (digit in digits) onNodeWithTag("key-$digit").performClick()
            onNodeWithTag("key-1").performClick()
            find("door", "digits")
            hasDigits(6)
            val spoken = onNodeWithTag("digits").fetchSemanticsNode().config
            assertFalse(digits in spoken.toString())
            tap("door", "delete")
            find("door", "digits")
            hasDigits(5)
            onNodeWithTag("ok").assertIsNotEnabled()
            assertFalse(world.written().any { digits in it })
        }

    @Test
    fun `the customer's QR is taken where the code is asked for`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            toTheCode()
            tap("door", "scan-qr")
            assertEquals(1, world.platform.scans)
            world.state.scanned("something else")
            awaitMessage(world, "This is not the customer's QR. No try was used.")
            world.state.scanned(world.office.token(kaya))
            awaitMessage(world, "Code of the recipient accepted")
        }

    @Test
    fun `the customer's card speaks the customer's language, and back leads to the code`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            toTheCode()
            tap("door", "show-card")
            await("card")
            assertEquals(0, onAllNodesWithTag("digits").fetchSemanticsNodes().size)
            waitForIdle()
            onAllNodes(hasText(Language.German.words.cardTitle)).assertCountEquals(1)
            runOnIdle { assertTrue(world.state.goBack()) }
            find("door", "digits")
        }

    @Test
    fun `without the code nobody receives, and the core's refusal names who stands behind it`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            toTheCode()
            tap("door", "step-RECEIVER")
            tap("door", "receiver-Recipient")
            tap("door", "record")
            awaitMessage(world, "Not possible: the code has to be entered first [secure delivery]")
        }

    @Test
    fun `a parcel of another stop is told apart, and leads there`() =
        runComposeUiTest {
            world.started(kaya, kim)
            show()
            tap("today", "stop-1")
            tap("stop", "arrive")
            await("arrived")
            val here = world.state.place as Place.Stop
            val other = if (onAllNodesWithTag("door-Kaya").fetchSemanticsNodes().isNotEmpty()) kim else kaya
            tap("stop", if (other == kim) "door-Kaya" else "door-Kim")
            world.state.scanned(other.barcode)
            awaitMessage(world, "This parcel belongs to stop 2.")
            await("go-elsewhere")
            onNodeWithTag("go-elsewhere").performClick()
            await("stop")
            assertTrue(world.state.place is Place.Stop && world.state.place != here)
            world.state.scanned("NOBODY'S")
            awaitMessage(world, "This parcel is not on the route.")
        }

    @Test
    fun `a mis-tap is taken back, and the door is open again`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            toTheCode()
            tap("door", "step-EXIT")
            tap("door", "exit-NOT_HOME")
            type("note", "dog in the garden")
            tap("door", "record")
            tap("door", "undo")
            find("door", "key-0")
            assertEquals(Step.CODE, world.state.door?.step)
        }

    @Test
    fun `a parcel that is left out stays open, and leaving out every one records nothing`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            toTheCode()
            tap("door", "parcel-${kaya.barcode}")
            tap("door", "step-EXIT")
            tap("door", "exit-NOT_HOME")
            tap("door", "record")
            awaitMessage(world, "No parcel is chosen.")
            assertTrue(world.state.goBack())
            tap("door", "parcel-${kaya.barcode}")
            tap("door", "exit-NOT_HOME")
            tap("door", "record")
            find("door", "done")
        }

    @Test
    fun `a process that dies at any step comes back to the same door, with nothing lost and no digits kept`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            tap("today", "stop-1")
            await("arrive")
            revive("stop")
            tap("stop", "arrive")
            await("arrived")
            tap("stop", "door-Kaya")
            find("door", "barcode")
            revive("door")
            scan(kaya)
            find("door", "key-1")
            onNodeWithTag("key-1").performClick()
            revive("door")
            find("door", "digits")
            hasDigits(0)
            enter(world.office.digits(kaya))
            awaitMessage(world, "Code of the recipient accepted")
            find("door", "receiver-Recipient")
            revive("door")
            tap("door", "receiver-Recipient")
            tap("door", "record")
            find("door", "done")
            revive("door")
            find("door", "done")
            assertEquals(Step.DONE, world.state.door?.step)
        }

    private fun ComposeUiTest.revive(list: String) {
        world.dies()
        starts.intValue++
        waitForIdle()
        await(list)
    }

    @Test
    fun `an attempt that the core closed has no step left`() =
        runComposeUiTest {
            world.started(kim)
            show()
            tap("today", "stop-1")
            tap("stop", "arrive")
            await("arrived")
            tap("stop", "door-Kim")
            find("door", "barcode")
            type("barcode", kim.barcode)
            tap("door", "take-barcode")
            awaitMessage(world, "Scanned")
            tap("door", "receiver-Recipient")
            tap("door", "record")
            find("door", "done")
            onAllNodesWithTag("step-SCAN").assertCountEquals(0)
        }
}
