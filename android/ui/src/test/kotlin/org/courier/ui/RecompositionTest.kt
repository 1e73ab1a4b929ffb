package org.courier.ui

import androidx.compose.runtime.Composer
import androidx.compose.runtime.CompositionTracer
import androidx.compose.runtime.InternalComposeTracingApi
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.assertIsDisplayed
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.v2.runComposeUiTest
import kotlinx.coroutines.runBlocking
import org.courier.core.Command
import org.courier.core.Receiver
import org.courier.core.ReceiverDetails
import org.courier.core.RouteView
import org.courier.data.Answer
import org.junit.jupiter.api.AfterEach
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertNotEquals

@OptIn(ExperimentalTestApi::class)
class RecompositionTest {
    private val world = World()
    private val composed = Composed()

    @AfterEach
    fun end() {
        composed.stop()
        world.close()
    }

    @Test
    fun `only cards that changed are composed again`() =
        runComposeUiTest {
            world.started(kaya, kim)
            setContent { CourierApp(world.state) }
            find("today", "stop-1")
            onNodeWithTag("stop-1").assertIsDisplayed()
            composed.begin()
            val before = route()
            change(Command.CheckLoad(listOf(kaya.barcode)))
            // Another view of the route, in which no stop is different.
            assertNotEquals(before, route())
            assertEquals(before.stops, route().stops)
            assertEquals(0, composed.times("StopCard"))
            change(Command.Arrive(before.stops.first().id))
            assertNotEquals(0, composed.times("StopCard"), "nobody looks at the cards")
        }

    @Test
    fun `what is below the button of the next stop is not composed again when that goes`() =
        runComposeUiTest {
            world.started(kim)
            setContent { CourierApp(world.state) }
            find("today", "next-stop")
            composed.begin()
            val stop = route().stops.single().id
            change(Command.Arrive(stop))
            submit(Command.Scan(stop, kim.barcode))
            val attempt = checkNotNull(world.stop(stop)).doors.single().attempt
            val before = composed.times("Ways")
            change(Command.HandOver(attempt, emptyList(), Receiver.Recipient, ReceiverDetails(null, null, null, null)))
            onNodeWithTag("next-stop").assertDoesNotExist()
            assertEquals(before, composed.times("Ways"))
        }

    private fun route() = checkNotNull(world.state.repository.route.value)

    private fun submit(command: Command) = runBlocking { check(world.state.repository.submit(command) is Answer.Ok) }

    /** Another view of the route is on the screen: the sums above the list are composed with each. */
    private fun ComposeUiTest.change(command: Command) {
        val before: RouteView = route()
        val times = composed.times("Progress")
        submit(command)
        waitUntil("the new route is composed", PATIENCE_MS) { route() != before && composed.times("Progress") > times }
        waitForIdle()
    }
}

/** What Compose tells of what it composes: the functions whose bodies ran, and not those that it skipped. */
@OptIn(InternalComposeTracingApi::class)
private class Composed : CompositionTracer {
    private val bodies = mutableListOf<String>()
    private var counts = false

    fun begin() {
        counts = true
        Composer.setTracer(this)
    }

    fun stop() {
        counts = false
    }

    /** How often the body of this function of ours ran. */
    @Synchronized
    fun times(function: String) = bodies.count { it.startsWith("org.courier.ui.$function (") }

    override fun isTraceInProgress() = counts

    @Synchronized
    override fun traceEventStart(
        key: Int,
        dirty1: Int,
        dirty2: Int,
        info: String,
    ) {
        bodies += info
    }

    override fun traceEventEnd() = Unit
}
