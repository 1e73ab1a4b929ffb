package org.courier.ui

import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertCountEquals
import androidx.compose.ui.test.assertIsNotSelected
import androidx.compose.ui.test.assertIsSelected
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.v2.runComposeUiTest
import org.courier.core.KeepOrder
import org.junit.jupiter.api.AfterEach
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNull

@OptIn(ExperimentalTestApi::class)
class KeepOrderTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    private fun kept() = world.state.repository.route.value?.keep

    private fun ComposeUiTest.shows(keep: KeepOrder) {
        waitUntil("the route says $keep", PATIENCE_MS) { kept() == keep }
        waitForIdle()
        for (way in KeepOrder.entries) {
            find("settings-list", "keep-$way")
            if (way == keep) onNodeWithTag("keep-$way").assertIsSelected() else onNodeWithTag("keep-$way").assertIsNotSelected()
        }
    }

    @Test
    fun `what another order has to save is chosen before the day begins, and kept by the core`() =
        runComposeUiTest {
            world.enrolled()
            show(world)
            tap("today", "settings")
            // Without a route there is no order.
            find("settings-list", "on-this-phone")
            for (way in KeepOrder.entries) onAllNodesWithTag("keep-$way").assertCountEquals(0)
            world.office.publish(kaya, kim)
            world.sync()
            shows(KeepOrder.NORMAL)
            for (way in listOf(KeepOrder.FREE, KeepOrder.NORMAL, KeepOrder.STRICT)) {
                tap("settings-list", "keep-$way")
                shows(way)
            }
            assertNull(world.state.message, "something is said to have been recorded, or not")
            revive(world, "settings-list")
            shows(KeepOrder.STRICT)
            assertEquals(false, world.state.repository.route.value?.started)
        }
}
