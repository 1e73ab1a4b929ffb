package org.courier.ui

import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.semantics.getOrNull
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.assertContentDescriptionEquals
import androidx.compose.ui.test.assertCountEquals
import androidx.compose.ui.test.assertTextEquals
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.v2.runComposeUiTest
import org.courier.data.Parcel
import org.junit.jupiter.api.AfterEach
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

private val reachable = Parcel("Kaya", phone = "0049 30 23125-007", house = "1")

/** Numbers that are kept for films: nobody has them. */
@OptIn(ExperimentalTestApi::class)
class CallTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    private fun ComposeUiTest.show(vararg parcels: Parcel) {
        world.started(*parcels)
        setContent { CourierApp(world.state) }
        tap("today", "stop-1")
    }

    @Test
    fun `the courier calls from the stop and where nobody opens, as long as the parcel is open`() =
        runComposeUiTest {
            show(reachable, Parcel("Kim", house = "1"))
            find("stop", "call-Kaya")
            onNodeWithTag("call-Kaya").assertTextEquals("Call").assertContentDescriptionEquals("Call Kaya")
            onAllNodesWithTag("call-Kim").assertCountEquals(0)
            tap("stop", "call-Kaya")
            tap("stop", "arrive")
            await("arrived")
            tap("stop", "door-Kaya")
            world.state.scanned(reachable.barcode)
            tap("door", "step-EXIT")
            tap("door", "call-Kaya")
            assertEquals(listOf("+493023125007", "+493023125007"), world.platform.called)
            tap("door", "exit-NOT_HOME")
            tap("door", "record")
            find("door", "done")
            onAllNodesWithTag("call-Kaya").assertCountEquals(0)
            runOnIdle { assertTrue(world.state.goBack()) }
            find("stop", "door-Kaya")
            onAllNodesWithTag("call-Kaya").assertCountEquals(0)
        }

    @Test
    fun `the number is on no screen and in nothing that is written, only in the dialler`() =
        runComposeUiTest {
            val drawn = mutableListOf<String>()

            fun look() {
                waitForIdle()
                drawn +=
                    onAllNodes(SemanticsMatcher("any") { true }).fetchSemanticsNodes().flatMap { node ->
                        node.config.getOrNull(SemanticsProperties.Text).orEmpty().map { it.text } +
                            node.config.getOrNull(SemanticsProperties.ContentDescription).orEmpty()
                    }
            }
            show(reachable)
            find("stop", "call-Kaya")
            look()
            tap("stop", "call-Kaya")
            tap("stop", "door-Kaya")
            find("door", "barcode")
            look()
            tap("door", "step-EXIT")
            find("door", "call-Kaya")
            look()
            repeat(2) { runOnIdle { world.state.goBack() } }
            await("today")
            look()
            assertTrue("Kaya" in drawn.joinToString())
            assertEquals(emptyList(), drawn.filter { "23125" in it })
            assertFalse(world.written().any { "23125" in it })
        }

    @Test
    fun `where several can be called each button says whom`() =
        runComposeUiTest {
            show(reachable, Parcel("Kim", phone = "0049 30 23125-008", house = "1"))
            for (name in listOf("Kaya", "Kim")) {
                find("stop", "call-$name")
                onNodeWithTag("call-$name").assertTextEquals("Call $name")
            }
            tap("stop", "call-Kim")
            assertEquals(listOf("+493023125008"), world.platform.called)
        }

    @Test
    fun `a phone that makes no calls says so`() =
        runComposeUiTest {
            world.platform.hasDialler = false
            show(reachable)
            tap("stop", "call-Kaya")
            awaitMessage(world, "No app on this phone makes calls.")
        }
}
