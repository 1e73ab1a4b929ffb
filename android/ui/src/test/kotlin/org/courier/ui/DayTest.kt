package org.courier.ui

import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.semantics.SemanticsActions
import androidx.compose.ui.semantics.SemanticsProperties
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.SemanticsMatcher
import androidx.compose.ui.test.assertCountEquals
import androidx.compose.ui.test.assertIsFocused
import androidx.compose.ui.test.assertTextContains
import androidx.compose.ui.test.hasText
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performTouchInput
import androidx.compose.ui.test.v2.runComposeUiTest
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.courier.core.Pin
import org.courier.data.JPEG
import org.courier.data.Parcel
import org.courier.data.TestPhone
import org.junit.jupiter.api.AfterEach
import java.nio.file.Files
import kotlin.math.abs
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertFalse
import kotlin.test.assertTrue

@OptIn(ExperimentalTestApi::class)
class DayTest {
    private val world = World()

    @AfterEach
    fun end() = world.close()

    private fun ComposeUiTest.show() = setContent { CourierApp(world.state) }

    @Test
    fun `an enrolment that fails keeps what was typed and says what to do`() =
        runComposeUiTest {
            show()
            await("enrol")
            type("server", "http://127.0.0.1:9")
            type("enrolment-code", "ABCDEFGHIJ")
            onNodeWithTag("enrol").performClick()
            awaitMessage(world, "No answer from this server.")
            onNodeWithTag("server").assertTextContains("http://127.0.0.1:9")
            assertEquals("ABCDEFGHIJ", world.state.enrolmentCode)
        }

    @Test
    fun `the office's QR fills in server and code, and any other QR changes nothing`() =
        runComposeUiTest {
            show()
            await("enrol")
            type("server", "http://127.0.0.1:9")
            type("enrolment-code", "ABCDEFGHIJ")
            onNodeWithTag("scan-office").performClick()
            assertEquals(1, world.platform.scans)
            for (other in listOf("courier:1:AAAAAAAAAAAAAAAAAAAAAA", "https://elsewhere.example", "")) {
                runOnIdle { world.state.scanned(other) }
                awaitMessage(world, "This is not the QR code that the office shows")
            }
            onNodeWithTag("server").assertTextContains("http://127.0.0.1:9")
            assertEquals("ABCDEFGHIJ", world.state.enrolmentCode)
            // What is wrong in it the core says, as for what is typed.
            runOnIdle { world.state.scanned("${world.office.url}\nSHORT") }
            onNodeWithTag("enrol").performClick()
            awaitMessage(world, "Not enrolled:")
            runOnIdle { world.state.scanned("${world.office.url}\n${world.office.enrolmentCode()}") }
            awaitMessage(world, "Filled in. If ${world.office.url} is your office's server")
            onNodeWithTag("enrol").performClick()
            awaitMessage(world, "Welcome, Ada.")
            assertEquals("", world.state.search)
        }

    @Test
    fun `what a camera read before it is known whose phone this is, is not lost`() {
        val folder = Files.createTempDirectory("courier-camera").toFile()
        val main = CoroutineScope(Dispatchers.Main)
        TestPhone(folder).use { phone ->
            val state = AppState(phone.repository, phone.preferences, FakePlatform(), main, "en-GB")
            state.scanned("https://courier.example\nABCDE23456")
            assertEquals("" to "", state.enrolmentCode to state.search)
            runBlocking {
                phone.repository.resume()
                withTimeout(PATIENCE_MS) { while (state.enrolmentCode != "ABCDE23456") delay(10) }
            }
            assertEquals("https://courier.example", state.server)
        }
        main.cancel()
        folder.deleteRecursively()
    }

    @Test
    fun `without a scanner the enrolment is typed`() =
        runComposeUiTest {
            world.platform.hasScanner = false
            show()
            await("scan-office")
            onNodeWithTag("scan-office").performClick()
            awaitMessage(world, "No scanner app is on this phone. Type server and code.")
        }

    @Test
    fun `without a network the screen says what waits, and afterwards that nothing does`() =
        runComposeUiTest {
            world.started(kim)
            show()
            find("today", "exchange")
            waitUntil("it waits", 60_000) { outbox().startsWith("Outbox: 1 waiting") }
            world.office.network("down")
            tap("today", "exchange")
            awaitMessage(world, "No answer from the server. Here: 1 waiting; nothing is lost.")
            waitUntil("it says that the server is not reached", 60_000) { "Server not reached" in outbox() }
            world.office.network("portal")
            tap("today", "exchange")
            awaitMessage(world, "The exchange did not work: somebody else answered")
            world.office.network("ok")
            tap("today", "exchange")
            awaitMessage(world, "Exchanged.")
            waitUntil("nothing waits", 60_000) { outbox() == "Outbox empty" }
        }

    private fun ComposeUiTest.outbox(): String =
        onAllNodesWithTag("outbox").fetchSemanticsNodes().joinToString { node ->
            node.config[SemanticsProperties.Text].joinToString { it.text }
        }

    @Test
    fun `the courier moves a stop, and its place on the route follows`() =
        runComposeUiTest {
            world.started(kaya, kim)
            show()

            fun places() = checkNotNull(world.state.repository.route.value).stops.associate { it.id to it.position }
            await("stop-2")
            val second = places().entries.first { it.value == 2u }.key

            fun moved(
                button: String,
                position: UInt,
            ) {
                runOnIdle { world.state.go(Place.Stop(second)) }
                tap("stop", button)
                awaitMessage(world, "Recorded.")
                waitUntil("it comes at place $position", 60_000) { places()[second] == position }
            }
            moved("comes-earlier", 1u)
            // The stop's own view comes after the route's.
            waitUntil("none is before it", PATIENCE_MS) { onAllNodesWithTag("comes-earlier").fetchSemanticsNodes().isEmpty() }
            moved("comes-later", 2u)
            moved("comes-next", 1u)
            moved("comes-an-hour-later", 2u)
            moved("comes-next", 1u)
            moved("comes-last", 2u)
        }

    @Test
    fun `a stop that is held long is dragged to the place of another`() =
        runComposeUiTest {
            val parcels = arrayOf(kaya, kim, Parcel("Mia"), Parcel("Noa"))
            world.started(*parcels)
            show()

            fun order() = checkNotNull(world.state.repository.route.value).stops.sortedBy { it.position }.map { it.names.single() }
            find("today", "stop-2")
            val before = order()
            val (first, second) = order()

            fun drag(
                name: String,
                cards: Float,
                holdMs: Long,
            ) {
                val no = checkNotNull(world.state.repository.route.value).stops.first { name in it.names }.no
                onNodeWithTag("stop-$no").performTouchInput {
                    down(center)
                    advanceEventTime(holdMs)
                    repeat(10) { moveBy(Offset(0f, height * cards / 10), 16) }
                    up()
                }
            }
            drag(first, cards = 1.2f, holdMs = 800)
            awaitMessage(world, "Recorded.")
            waitUntil("it comes second", PATIENCE_MS) { order() == listOf(second, first) + before.drop(2) }
            // A short touch that wanders scrolls, as ever, and on itself nothing is moved.
            find("today", "stop-2")
            runOnIdle { world.state.tell(true) { "quiet" } }
            drag(second, cards = 0.2f, holdMs = 800)
            drag(second, cards = 0.4f, holdMs = 10)
            waitForIdle()
            assertEquals("quiet", world.state.message?.text?.invoke(world.state.language.words))
            assertEquals(listOf(second, first) + before.drop(2), order())
            assertEquals(Place.Today, world.state.place)
        }

    @Test
    fun `a screen reader moves a stop by one place without dragging`() =
        runComposeUiTest {
            world.started(kaya, kim)
            show()
            find("today", "stop-2")

            fun at(place: UInt) = checkNotNull(world.state.repository.route.value).stops.first { it.position == place }.no
            val second = at(2u)

            fun action(label: String) =
                onNodeWithTag("stop-$second").fetchSemanticsNode().config[SemanticsActions.CustomActions].single { it.label == label }
            runOnIdle { action("One earlier").action() }
            waitUntil("it comes first", PATIENCE_MS) { at(1u) == second }
            runOnIdle { action("One later").action() }
            waitUntil("it comes second", PATIENCE_MS) { at(2u) == second }
        }

    @Test
    fun `near a stop the courier is asked, and is there only if they say so`() =
        runComposeUiTest {
            world.started(kim)
            show()
            find("today", "next-stop")
            world.standsNorthOfTheStop(metres = 250, seconds = 110)
            tap("today", "near-not-there")
            waitUntil("the question is gone", PATIENCE_MS) { onAllNodesWithTag("near").fetchSemanticsNodes().isEmpty() }
            assertFalse(world.next().arrived)
        }

    @Test
    fun `who is asked near a stop and says yes has arrived`() =
        runComposeUiTest {
            world.started(kim)
            show()
            find("today", "next-stop")
            world.standsNorthOfTheStop(metres = 250, seconds = 110)
            tap("today", "near-arrive")
            awaitMessage(world, "Recorded.")
            waitUntil("the route shows it", PATIENCE_MS) { world.next().arrived }
            waitUntil("the question is gone", PATIENCE_MS) { onAllNodesWithTag("near").fetchSemanticsNodes().isEmpty() }
        }

    @Test
    fun `who types goes on typing when a question comes above`() =
        runComposeUiTest {
            world.started(kim)
            show()
            tap("today", "search")
            onNodeWithTag("search").assertIsFocused()
            world.standsNorthOfTheStop(metres = 250, seconds = 110)
            await("near")
            waitForIdle()
            onNodeWithTag("search").assertIsFocused()
        }

    @Test
    fun `the search finds names, streets and numbers`() =
        runComposeUiTest {
            world.started(kaya, kim)
            show()
            find("today", "search")
            type("search", "kim")
            waitUntil("one is found", 60_000) { cards() == 1 }
            type("search", "breite")
            waitUntil("both are found", 60_000) { cards() == 2 }
            type("search", "nobody here")
            waitUntil("none is found", 60_000) { cards() == 0 }
        }

    private fun ComposeUiTest.cards() =
        (1..2).sumOf { onAllNodesWithTag("stop-$it").fetchSemanticsNodes().size }

    @Test
    fun `the map has north up, one scale, and leads to the stop that is touched`() {
        val pins = listOf(Pin(52.50, 13.40), Pin(52.52, 13.40), Pin(52.50, 13.42))
        val (south, north, east) = places(pins, Size(300f, 200f))
        assertTrue(north.y < south.y && abs(north.x - south.x) < 0.5f)
        assertTrue(east.x > south.x && abs(east.y - south.y) < 0.5f)
        // At 52.5° north a degree of longitude is 0.61 of one of latitude.
        assertEquals(0.61f, (east.x - south.x) / (south.y - north.y), 0.01f)
        for (place in listOf(south, north, east)) assertTrue(place.x in 0f..300f && place.y in 0f..200f)
        assertEquals(listOf(Offset(150f, 100f)), places(pins.take(1), Size(300f, 200f)))
    }

    @Test
    fun `the load check tells what is missing and what is foreign`() =
        runComposeUiTest {
            world.started(kaya, kim)
            show()
            tap("today", "load-check")
            await("load")
            world.state.scanned(kaya.barcode)
            find("load", "barcode")
            type("barcode", "FOREIGN-1")
            tap("load", "take-barcode")
            tap("load", "record-check")
            find("load", "last-check")
            onNodeWithTag("last-check").assertTextContains("Last check: 1 found, 1 missing, 1 foreign")
            find("load", "missing-${kim.barcode}")
            find("load", "foreign-FOREIGN-1")
        }

    @Test
    fun `the return check takes what nobody got, by scan and by hand`() =
        runComposeUiTest {
            world.started(kaya, kim)
            show()
            tap("today", "return-check")
            find("return", "van-${kaya.barcode}")
            world.state.scanned("FOREIGN-1")
            awaitMessage(world, "FOREIGN-1 should not be in the van.")
            world.state.scanned(kaya.barcode.lowercase())
            tap("return", "van-${kim.barcode}")
            assertEquals(2, world.state.back.size)
            tap("return", "record-check")
            awaitMessage(world, "Recorded.")
            assertEquals(0, world.state.back.size)
        }

    @Test
    fun `the day is closed only when asked twice, and then nothing more is recorded`() =
        runComposeUiTest {
            world.started(kim)
            show()
            tap("today", "day-end")
            tap("day-end-sums", "close-day")
            find("day-end-sums", "sure")
            tap("day-end-sums", "cancel")
            onAllNodesWithTag("sure").assertCountEquals(0)
            tap("day-end-sums", "close-day")
            find("day-end-sums", "sure")
            tap("day-end-sums", "close-day")
            awaitMessage(world, "Recorded.")
            waitUntil("it is closed", 60_000) { onAllNodesWithTag("close-day").fetchSemanticsNodes().isEmpty() }
            onNodeWithTag("back").performClick()
            tap("today", "stop-1")
            tap("stop", "arrive")
            awaitMessage(world, "Not possible: the day is over.")
        }

    @Test
    fun `who leaves is asked twice, is kept by what waits, and can take it along in a file`() =
        runComposeUiTest {
            world.started(kim)
            world.office.network("down")
            show()
            tap("today", "on-this-phone")
            tap("phone", "log-out")
            tap("phone", "log-out-not")
            tap("phone", "log-out")
            tap("phone", "log-out-really")
            awaitMessage(world, "Not sent yet: 1 records")
            assertEquals(0, world.platform.handed.size)
            tap("phone", "save-and-log-out")
            awaitMessage(world, "Nothing of yours is on this phone any more, but for the file with 1 records.")
            await("enrol")
            assertTrue(world.platform.handed.single().length() > 0)
            // Whoever closed the share sheet too early finds the file again.
            await("hand-export")
            onNodeWithTag("hand-export").performClick()
            assertEquals(2, world.platform.handed.size)
            onNodeWithTag("delete-export").performClick()
            onNodeWithTag("delete-export-really").performClick()
            waitUntil("it is gone", PATIENCE_MS) { onAllNodesWithTag("export-kept").fetchSemanticsNodes().isEmpty() }
            assertFalse(world.platform.handed.first().exists())
        }

    @Test
    fun `what keeps a courier is what waits now, not what waited when they asked`() =
        runComposeUiTest {
            world.started(kim)
            world.office.network("down")
            show()
            tap("today", "on-this-phone")
            tap("phone", "log-out")
            tap("phone", "log-out-really")
            awaitMessage(world, "Not sent yet: 1 records")
            find("phone", "save-and-log-out")
            world.office.network("ok")
            tap("phone", "leave-exchange")
            awaitMessage(world, "Exchanged.")
            find("phone", "log-out-really")
            onAllNodesWithTag("save-and-log-out").assertCountEquals(0)
            tap("phone", "log-out-really")
            await("enrol")
            assertTrue(world.platform.handed.isEmpty())
        }

    @Test
    fun `what is shared with support holds nothing personal`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            tap("today", "on-this-phone")
            tap("phone", "export")
            val text = world.platform.shared.single()
            assertTrue("SQLite" in text && "in a file, not in hardware" in text)
            for (personal in listOf("Kaya", "Breite", "LABEL", world.office.digits(kaya), "Ada")) assertFalse(personal in text, personal)
        }

    @Test
    fun `language and look change at once, and stay`() =
        runComposeUiTest {
            world.started(kim)
            show()
            tap("today", "settings")
            tap("settings-list", "language-German")
            onNodeWithTag("title").assertTextContains("Einstellungen")
            tap("settings-list", "look-DARK")
            world.dies()
            assertEquals("German" to Look.DARK, world.state.language.name to world.state.look)
            assertEquals(Place.Settings, world.state.place)
        }

    @Test
    fun `the way back leads through the parents and out of the app only from today`() =
        runComposeUiTest {
            world.started(kaya)
            show()
            tap("today", "stop-1")
            tap("stop", "door-Kaya")
            await("door")
            assertTrue(world.state.goBack())
            await("stop")
            onNodeWithTag("back").performClick()
            await("today")
            assertFalse(world.state.goBack())
        }

    @Test
    fun `everything that is touched is at least 48 dp high and says what it is`() =
        runComposeUiTest {
            world.started(kaya.copy(phone = "0049 30 23125-007"))
            show()

            fun check(list: String) {
                await(list)
                waitForIdle()
                val touched = onAllNodes(SemanticsMatcher.keyIsDefined(SemanticsActions.OnClick)).fetchSemanticsNodes()
                assertTrue(touched.isNotEmpty())
                for (node in touched) {
                    // In this test a dp is a pixel.
                    assertTrue(node.touchBoundsInRoot.height >= 47.5f, "${node.config}: ${node.touchBoundsInRoot}")
                    val says = node.config.any { (key, _) ->
                        key.name == "Text" || key.name == "ContentDescription" ||
                            key.name == "EditableText"
                    }
                    assertTrue(says, "${node.config}")
                }
            }
            check("today")
            tap("today", "stop-1")
            check("stop")
            tap("stop", "arrive")
            await("arrived")
            tap("stop", "door-Kaya")
            check("door")
            world.state.scanned(kaya.barcode)
            find("door", "key-0")
            check("door")
            onAllNodes(hasText("●")).assertCountEquals(0)
            for (step in listOf("RECEIVER", "EXIT")) {
                tap("door", "step-$step")
                check("door")
            }
            tap("door", "exit-DAMAGED")
            tap("door", "record")
            find("door", "photo")
            val photo = Files.createTempFile("camera", ".jpg").toFile().apply { writeBytes(JPEG) }
            runOnIdle { world.state.photographed(photo.path) }
            find("door", "add-proof")
            check("door")
            for ((place, list) in listOf(
                Place.LoadCheck to "load",
                Place.ReturnCheck to "return",
                Place.DayEnd to "day-end-sums",
                Place.OnThisPhone to "phone",
                Place.Settings to "settings-list",
            )) {
                world.state.go(place)
                check(list)
            }
        }

    @Test
    fun `a place is restored as it was saved, and an unknown one is today`() {
        val plain = listOf(Place.Today, Place.LoadCheck, Place.ReturnCheck, Place.DayEnd, Place.OnThisPhone, Place.Settings)
        for (place in plain + Place.Stop("s") + Place.Door("s", "d")) assertEquals(place, Place.restored(place.saved()))
        for (strange in listOf(emptyList(), listOf("x"), listOf("door", "s"))) assertEquals(Place.Today, Place.restored(strange))
    }
}
