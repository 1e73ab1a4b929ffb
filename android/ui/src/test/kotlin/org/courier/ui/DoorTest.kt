package org.courier.ui

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
import androidx.compose.ui.test.performScrollTo
import androidx.compose.ui.test.v2.runComposeUiTest
import org.courier.core.customerCard
import org.courier.data.JPEG
import org.courier.data.Parcel
import org.courier.ui.door.Step
import org.junit.jupiter.api.AfterEach
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

private val lee = Parcel("Lee", cents = 1_000, instructions = """[{"kind":"safe_place","data":{"place":"shed"}}]""")

@OptIn(ExperimentalTestApi::class)
class DoorTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    /** Scanned, it asks for its code. */
    private fun ComposeUiTest.toTheCode() {
        toTheDoor(world, kaya)
        find("door", "key-0")
    }

    private fun ComposeUiTest.hasDigits(count: Int) =
        onNodeWithTag("digits").assert(SemanticsMatcher.expectValue(SemanticsProperties.StateDescription, "$count of 6 digits"))

    @Test
    fun `a courier enrols, starts the day, and hands over with a code, until the server confirms it`() =
        runComposeUiTest {
            show(world)
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
            scan(world, kaya)
            enter(world.office.digits(kaya))
            awaitMessage(world, "The recipient's code accepted")
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
            show(world)
            toTheCode()
            val wrong = world.office.wrongDigits(kaya)
            for ((left, wait) in listOf(4 to 0L, 3 to 0L, 2 to 30_000L, 1 to 120_000L)) {
                enter(wrong)
                awaitMessage(world, "Wrong code. ${if (left == 1) "One try" else "$left tries"} left.")
                world.pass(wait)
            }
            enter(wrong)
            awaitMessage(world, "Wrong code. No other is taken")
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
            show(world)
            toTheCode()
            repeat(3) {
                enter(world.office.wrongDigits(kaya))
                awaitMessage(world, "Wrong code. ${4 - it} tries left.")
            }
            waitUntil("it says how long", 60_000) { codeState().startsWith("Next try in 30 seconds.") }
            world.pass(12_000)
            waitUntil("time passes on the screen", 60_000) { codeState().startsWith("Next try in 18 seconds.") }
            enter(world.office.digits(kaya))
            awaitMessage(world, "Not possible: the next code is taken in 18 seconds.")
            world.pass(18_000)
            enter(world.office.digits(kaya))
            awaitMessage(world, "The recipient's code accepted")
        }

    private fun ComposeUiTest.codeState(): String =
        onAllNodesWithTag("code-state").fetchSemanticsNodes().joinToString { node ->
            node.config[SemanticsProperties.Text].joinToString { bare(it.text) }
        }

    @Test
    fun `there is nothing to paste into, and the digits are nowhere but on their way to the core`() =
        runComposeUiTest {
            world.started(kaya)
            show(world)
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
            show(world)
            toTheCode()
            tap("door", "scan-qr")
            assertEquals(1, world.platform.scans)
            world.state.scanned("something else")
            awaitMessage(world, "This is not the customer's QR. No try was used.")
            world.state.scanned(world.office.token(kaya))
            awaitMessage(world, "The recipient's code accepted")
        }

    @Test
    fun `the customer's card speaks the customer's language or another, and back leads to the code`() =
        runComposeUiTest {
            world.started(kaya)
            show(world)
            toTheCode()
            tap("door", "show-card")
            await("card")
            assertEquals(0, onAllNodesWithTag("digits").fetchSemanticsNodes().size)
            waitForIdle()
            onAllNodes(hasText(customerCard("de", 1u, true).title)).assertCountEquals(1)
            onNodeWithTag("card-ar").performScrollTo().performClick()
            waitForIdle()
            for (line in customerCard("ar", 1u, true).lines) onAllNodes(hasText(line)).assertCountEquals(1)
            runOnIdle { assertTrue(world.state.goBack()) }
            find("door", "digits")
        }

    @Test
    fun `without the code nobody receives, and the core's refusal names who stands behind it`() =
        runComposeUiTest {
            world.started(kaya)
            show(world)
            toTheCode()
            tap("door", "step-RECEIVER")
            tap("door", "receiver-Recipient")
            tap("door", "record")
            awaitMessage(world, "Not possible: the code comes first (secure delivery)")
        }

    @Test
    fun `a parcel of another stop is told apart, and leads there`() =
        runComposeUiTest {
            world.started(kaya, kim)
            show(world)
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
            show(world)
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
            show(world)
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
            show(world)
            tap("today", "stop-1")
            await("arrive")
            revive(world, "stop")
            tap("stop", "arrive")
            await("arrived")
            tap("stop", "door-Kaya")
            find("door", "barcode")
            revive(world, "door")
            scan(world, kaya)
            find("door", "key-1")
            onNodeWithTag("key-1").performClick()
            revive(world, "door")
            find("door", "digits")
            hasDigits(0)
            enter(world.office.digits(kaya))
            awaitMessage(world, "The recipient's code accepted")
            find("door", "receiver-Recipient")
            revive(world, "door")
            tap("door", "receiver-Recipient")
            tap("door", "record")
            find("door", "done")
            revive(world, "door")
            find("door", "done")
            assertEquals(Step.DONE, world.state.door?.step)
        }

    @Test
    fun `what is filled in comes back when the process died, also when the system kept nothing`() =
        runComposeUiTest {
            world.started(kim)
            show(world)
            toTheDoor(world, kim)
            tap("door", "receiver-Household")
            tap("door", "suggest-Kim")
            find("door", "relation")
            type("relation", "brother")
            val stop = checkNotNull(world.state.door).stop
            waitUntil("the core has it", 60_000) { world.stop(stop)?.form?.details?.relation == "brother" }
            revive(world, "door", kept = false)
            find("door", "relation")
            onNodeWithTag("relation").assertTextContains("brother")
            find("door", "name")
            onNodeWithTag("name").assertTextContains("Kim")
            assertFalse(world.written().any { "brother" in it }, "a name is in a file, or in what the system keeps")
            tap("door", "record")
            find("door", "done")
            waitUntil("it is gone with the outcome", 60_000) { world.stop(stop)?.form == null }
        }

    @Test
    fun `somebody signs with a finger, may do so again, and the signature goes with the handover`() =
        runComposeUiTest {
            world.started(kim)
            show(world)
            toTheDoor(world, kim)
            tap("door", "receiver-Recipient")
            onAllNodesWithTag("photo").assertCountEquals(0)
            tap("door", "sign")
            await("signature")
            onNodeWithTag("take-signature").assertIsNotEnabled()
            draw()
            onNodeWithTag("clear-signature").performClick()
            onNodeWithTag("take-signature").assertIsNotEnabled()
            draw()
            onNodeWithTag("take-signature").performClick()
            awaitMessage(world, "Signed: it goes with what you record next.")
            find("door", "drop-SIGNATURE")
            val stop = checkNotNull(world.state.door).stop
            tap("door", "record")
            find("door", "done")
            waitUntil("it is part of the handover", 60_000) { world.stop(stop)?.files?.isEmpty() == true }
        }

    @Test
    fun `a parcel in a safe place is photographed, the photo may be taken again, and nobody signs for it`() =
        runComposeUiTest {
            world.started(lee)
            show(world)
            toTheDoor(world, lee)
            tap("door", "receiver-SAFE")
            find("door", "photo")
            onAllNodesWithTag("sign").assertCountEquals(0)
            tap("door", "photo")
            assertEquals(1, world.platform.photos)
            val file = File.createTempFile("camera", ".jpg").apply { writeBytes(JPEG) }
            runOnIdle { world.state.photographed(file.path) }
            awaitMessage(world, "Photo taken: it goes with what you record next.")
            assertFalse(file.exists(), "the camera's file is still there")
            tap("door", "drop-PHOTO")
            val stop = checkNotNull(world.state.door).stop
            waitUntil("it is gone", 60_000) { world.stop(stop)?.files?.isEmpty() == true }
            file.writeBytes(JPEG)
            runOnIdle { world.state.photographed(file.path) }
            find("door", "drop-PHOTO")
            tap("door", "record")
            find("door", "done")
            waitUntil("it is part of the handover", 60_000) { world.stop(stop)?.files?.isEmpty() == true }
            // It waits like everything else, and is told until the server has it.
            onNodeWithTag("outbox").assertTextContains("photos and signatures: 1", substring = true)
            tap("door", "ready")
            tap("today", "on-this-phone")
            find("phone", "phone-Photos and signatures")
            onNodeWithTag("phone-Photos and signatures").assertTextContains("1 waiting")
            find("phone", "phone-Here: photos and signatures")
            onNodeWithTag("phone-Here: photos and signatures")
                .assertTextContains("until the server has all of them", substring = true)
            world.sync()
            waitUntil("nothing waits", 60_000) {
                runCatching { onNodeWithTag("outbox").assertTextContains("Outbox empty") }.isSuccess
            }
        }

    @Test
    fun `an attempt that the core closed has no step left`() =
        runComposeUiTest {
            world.started(kim)
            show(world)
            toTheDoor(world, kim)
            tap("door", "receiver-Recipient")
            tap("door", "record")
            find("door", "done")
            onAllNodesWithTag("step-SCAN").assertCountEquals(0)
        }
}
