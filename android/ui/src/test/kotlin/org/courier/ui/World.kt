package org.courier.ui

import androidx.compose.runtime.getValue
import androidx.compose.runtime.key
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.setValue
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.hasTestTag
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.performClick
import androidx.compose.ui.test.performScrollToNode
import androidx.compose.ui.test.performTextReplacement
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.cancel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import org.courier.core.Command
import org.courier.core.PhoneNumber
import org.courier.core.Pin
import org.courier.core.Position
import org.courier.core.StopId
import org.courier.data.Answer
import org.courier.data.Fix
import org.courier.data.Office
import org.courier.data.Parcel
import org.courier.data.SYNC_BUDGET_MS
import org.courier.data.TestPhone
import java.io.File
import java.nio.file.Files

internal val kaya = Parcel("Kaya")
internal val kim = Parcel("Kim", cents = 1_000)

/** What the screens asked of the phone. */
internal class FakePlatform : Platform {
    var scans = 0
    var hasScanner = true
    var photos = 0
    var hasCamera = true
    val shared = mutableListOf<String>()
    val navigated = mutableListOf<String>()

    override fun scan(): Boolean {
        scans++
        return hasScanner
    }

    override fun photograph(): Boolean {
        photos++
        return hasCamera
    }

    override fun navigate(
        pin: Pin,
        label: String,
    ): Boolean {
        navigated += label
        return true
    }

    var hasDialler = true
    val called = mutableListOf<String>()

    override fun call(number: PhoneNumber): Boolean {
        called += number
        return hasDialler
    }

    override fun share(text: String) {
        shared += text
    }

    val handed = mutableListOf<File>()

    override fun exportFile(): File = File.createTempFile("courier", "export").also { it.delete() }

    override fun exported() = handed.lastOrNull { it.exists() }

    override fun hand(export: File) {
        handed += export
    }

    override fun feel(worked: Boolean) = Unit
}

/** An office, a phone with the real core, and what is on its screen. */
internal class World : AutoCloseable {
    val office = Office()
    val platform = FakePlatform()
    private val folder: File = Files.createTempDirectory("courier-ui").toFile()
    private val main = CoroutineScope(SupervisorJob() + Dispatchers.Main)
    private var phone = TestPhone(folder)

    /** Of the process that runs now. */
    var state by mutableStateOf(app(emptyList()))
        private set

    private fun app(saved: List<String>): AppState {
        val state = AppState(phone.repository, phone.preferences, platform, main, "en-GB", saved)
        runBlocking { phone.repository.resume() }
        return state
    }

    /** It is Ada's phone. */
    fun enrolled() = runBlocking { check(phone.repository.enrol(office.url, office.enrolmentCode()) is Answer.Ok) }

    /** Ada's phone, with these parcels on its route, and the day begun. */
    fun started(vararg parcels: Parcel): World {
        office.publish(*parcels)
        enrolled()
        sync()
        runBlocking { check(phone.repository.submit(Command.StartDay) is Answer.Ok) }
        return this
    }

    fun stop(id: StopId) = runBlocking { phone.repository.stop(id).first() }

    fun sync() = runBlocking { check((phone.repository.sync(SYNC_BUDGET_MS) as Answer.Ok).value.error == null) }

    fun next() = runBlocking { checkNotNull(state.repository.route.first { it != null }).stops.first() }

    /** The phone shows the core that it is there. */
    fun standsNorthOfTheStop(
        metres: Int,
        seconds: Int,
    ) = runBlocking {
        val pin = next().pin
        repeat(seconds) {
            pass(1_000)
            val position = Position((pin.lat * 1e6).toInt() + metres * 9, (pin.lon * 1e6).toInt(), accuracyM = 8u, ageMs = 0u)
            check(phone.repository.fix(Fix(position, speedDmS = 0u)) is Answer.Ok)
        }
    }

    /** Time passes on the phone. */
    fun pass(ms: Long) = phone.clock.set(phone.clock.wallMs() + ms, phone.clock.bootMs() + ms.toULong(), "boot-1")

    /** The system ended the process; the app begins again with what it had saved, if that was [kept]. */
    fun dies(kept: Boolean = true) {
        val saved = if (kept) state.saved() else emptyList()
        phone.close()
        phone = TestPhone(folder)
        state = app(saved)
    }

    /** Everything that the phone wrote, and what the app would have saved. */
    fun written() = phone.written() + state.saved()

    override fun close() {
        main.cancel()
        phone.close()
        office.close()
        folder.deleteRecursively()
    }
}

/** Without the marks of isolation around names and numbers, which cannot be seen. */
internal fun bare(text: String) = text.filter { it !in "\u2068\u2069" }

internal const val PATIENCE_MS = 60_000L

/** The phone's screen: a new process begins it anew. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.show(world: World) = setContent { key(world.state) { CourierApp(world.state) } }

/** The system ends the process; the app begins again, with [list] on the screen. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.revive(
    world: World,
    list: String,
    kept: Boolean = true,
) {
    world.dies(kept)
    waitForIdle()
    await(list)
}

/** Waits until something with this tag is there. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.await(tag: String) =
    waitUntil("there is a $tag", PATIENCE_MS) { onAllNodesWithTag(tag).fetchSemanticsNodes().isNotEmpty() }

/** Waits until the message on the screen begins with [text]. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.awaitMessage(
    world: World,
    text: String,
) = waitUntil("the message says: $text", PATIENCE_MS) {
    world.state.message?.text?.invoke(world.state.language.words)?.let(::bare)?.startsWith(text) == true
}

/** Brings what has the tag [tag] into sight in the list [list], and clicks it. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.tap(
    list: String,
    tag: String,
) {
    find(list, tag)
    onNodeWithTag(tag).performClick()
}

/** Waits until [list] has something with the tag [tag], and brings it into sight. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.find(
    list: String,
    tag: String,
) {
    await(list)
    waitUntil("$list has $tag", PATIENCE_MS) {
        runCatching { onNodeWithTag(list).performScrollToNode(hasTestTag(tag)) }.isSuccess
    }
}

/** Types a line. */
@OptIn(ExperimentalTestApi::class)
internal fun ComposeUiTest.type(
    tag: String,
    text: String,
) = onNodeWithTag(tag).performTextReplacement(text)
