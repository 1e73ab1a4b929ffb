package org.courier.ui

import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertCountEquals
import androidx.compose.ui.test.assertTextContains
import androidx.compose.ui.test.assertTextEquals
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.v2.runComposeUiTest
import kotlinx.coroutines.runBlocking
import org.courier.core.Command
import org.courier.data.Answer
import org.courier.data.JPEG
import org.courier.ui.door.Step
import org.junit.jupiter.api.AfterEach
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse

@OptIn(ExperimentalTestApi::class)
class ProofLaterTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    private fun ComposeUiTest.recordedAsDamaged() {
        world.started(kim)
        show(world)
        toTheDoor(world, kim)
        tap("door", "step-EXIT")
        tap("door", "exit-DAMAGED")
        tap("door", "record")
        find("door", "done")
    }

    private fun ComposeUiTest.photograph() {
        tap("door", "photo")
        val file = File.createTempFile("camera", ".jpg").apply { writeBytes(JPEG) }
        runOnIdle { world.state.photographed(file.path) }
        awaitMessage(world, "Photo taken: it goes with what you record next.")
        assertFalse(file.exists(), "the camera's file is still there")
        find("door", "drop-PHOTO")
    }

    /** Nothing of this is there, neither in sight nor to be scrolled to: what is done is short. */
    private fun ComposeUiTest.hasNone(vararg tags: String) {
        waitForIdle()
        for (tag in tags) onAllNodesWithTag(tag).assertCountEquals(0)
    }

    private fun ComposeUiTest.awaitOutbox(text: String) =
        waitUntil("the outbox says: $text", PATIENCE_MS) { runCatching { onNodeWithTag("outbox").assertTextEquals(text) }.isSuccess }

    private fun filesAt(stop: String) = checkNotNull(world.stop(stop)).files.size

    @Test
    fun `what is damaged is shown in a photo, which survives a kill and is added to what is recorded`() =
        runComposeUiTest {
            recordedAsDamaged()
            awaitOutbox("Outbox: 3 waiting")
            hasNone("sign", "add-proof", "drop-PHOTO")
            val stop = checkNotNull(world.state.door).stop
            photograph()
            assertEquals(Step.DONE, world.state.door?.step)
            revive(world, "today", kept = false)
            tap("today", "stop-1")
            tap("stop", "door-Kim")
            tap("door", "drop-PHOTO")
            waitUntil("it is gone", PATIENCE_MS) { filesAt(stop) == 0 }
            waitUntil("there is nothing to add", PATIENCE_MS) { onAllNodesWithTag("add-proof").fetchSemanticsNodes().isEmpty() }
            photograph()
            assertEquals(1, filesAt(stop))
            tap("door", "add-proof")
            awaitMessage(world, "Recorded.")
            waitUntil("it is part of what is recorded", PATIENCE_MS) { filesAt(stop) == 0 }
            awaitOutbox("Outbox: 4 waiting, photos and signatures: 1")
            hasNone("add-proof", "drop-PHOTO")
            assertEquals(Step.DONE, world.state.door?.step)
            onNodeWithTag("done").assertTextContains("not delivered", substring = true)
            world.sync()
            awaitOutbox("Outbox empty")
        }

    @Test
    fun `the recipient signs later, and is not photographed`() =
        runComposeUiTest {
            world.started(kim)
            show(world)
            toTheDoor(world, kim)
            tap("door", "receiver-Recipient")
            tap("door", "record")
            find("door", "done")
            val stop = checkNotNull(world.state.door).stop
            find("door", "sign")
            hasNone("photo")
            tap("door", "sign")
            await("signature")
            draw()
            onNodeWithTag("take-signature").performClick()
            awaitMessage(world, "Signed: it goes with what you record next.")
            find("door", "drop-SIGNATURE")
            assertEquals(Step.DONE, world.state.door?.step)
            tap("door", "add-proof")
            awaitMessage(world, "Recorded.")
            waitUntil("it is part of what is recorded", PATIENCE_MS) { filesAt(stop) == 0 }
            awaitOutbox("Outbox: 4 waiting, photos and signatures: 1")
        }

    @Test
    fun `once the day is closed nothing is added or taken back`() =
        runComposeUiTest {
            recordedAsDamaged()
            photograph()
            val offered = arrayOf("photo", "drop-PHOTO", "add-proof", "undo")
            for (tag in offered) find("door", tag)
            runBlocking { check(world.state.repository.submit(Command.CloseDay) is Answer.Ok) }
            waitUntil("the door shows it", PATIENCE_MS) { onAllNodesWithTag("undo").fetchSemanticsNodes().isEmpty() }
            hasNone(*offered)
            find("door", "ready")
        }

    @Test
    fun `without a camera nobody is asked why what is recorded has no photo`() =
        runComposeUiTest {
            world.platform.hasCamera = false
            recordedAsDamaged()
            tap("door", "photo")
            waitUntil("it says so", PATIENCE_MS) {
                runCatching { onNodeWithTag("message").assertTextEquals("No camera app is on this phone.") }.isSuccess
            }
        }
}
