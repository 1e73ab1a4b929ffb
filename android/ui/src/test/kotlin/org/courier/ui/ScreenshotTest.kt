package org.courier.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.size
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.ui.Modifier
import androidx.compose.ui.graphics.toAwtImage
import androidx.compose.ui.platform.LocalDensity
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.test.ComposeUiTest
import androidx.compose.ui.test.ExperimentalTestApi
import androidx.compose.ui.test.captureToImage
import androidx.compose.ui.test.onAllNodesWithTag
import androidx.compose.ui.test.onNodeWithTag
import androidx.compose.ui.test.v2.runDesktopComposeUiTest
import androidx.compose.ui.unit.Density
import androidx.compose.ui.unit.dp
import org.courier.core.Command
import org.courier.data.Parcel
import org.courier.ui.door.Step
import org.courier.ui.words.Language
import java.awt.image.BufferedImage
import java.awt.image.DataBuffer
import java.awt.image.IndexColorModel
import java.io.File
import javax.imageio.ImageIO
import kotlin.math.abs
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

private const val WIDTH = 360
private const val HEIGHT = 720

/** Pictures are compared in squares of so many pixels. */
private const val SQUARE = 12

/** A square differs when its pixels do by so much on average, of 255. Fonts of another version differ by less than a word does. */
private const val DIFFERS = 16

/** How long a picture may take to stay the same. */
private const val SETTLES_MS = 20_000L

/**
 * Every screen, by day above and by night below, in German and English, with texts of 100 and of 200 %; and once by itself on
 * a phone that lies on its side. A person has looked at the pictures in docs/screens/android; `-Dscreens.write=true` writes
 * them anew. A phone's fonts are other ones.
 */
@OptIn(ExperimentalTestApi::class)
class ScreenshotTest {
    private val golden = File(System.getProperty("courier.screens"))
    private val write = System.getProperty("courier.screens.write") == "true"
    private val drawn = File("target/screens")
    private val note = """[{"kind":"neighbour","data":{"name":"Huber","flat":"3. OG"}}]"""
    private val mia = Parcel("Mia", instructions = note, phone = "0049 30 23125-042")

    @Composable
    private fun Phones(state: AppState) =
        Column(verticalArrangement = Arrangement.spacedBy(4.dp)) {
            Upright(state)
            CompositionLocalProvider(LocalDensity provides Density(1f, 1f)) {
                Box(Modifier.testTag("landscape").size(HEIGHT.dp, WIDTH.dp)) { CourierApp(state, Language.German, Look.LIGHT) }
            }
        }

    @Composable
    private fun Upright(state: AppState) =
        Column(Modifier.testTag("phones"), Arrangement.spacedBy(4.dp)) {
            for (look in listOf(Look.LIGHT, Look.DARK)) {
                Row(horizontalArrangement = Arrangement.spacedBy(4.dp)) {
                    for (scale in listOf(1f, 2f)) {
                        for (language in Language.entries) {
                            CompositionLocalProvider(LocalDensity provides Density(1f, scale)) {
                                Box(Modifier.size(WIDTH.dp, HEIGHT.dp)) { CourierApp(state, language, look) }
                            }
                        }
                    }
                }
            }
        }

    /** As it is when it does not change any more: every phone of the picture pulls its own views. */
    private fun ComposeUiTest.settled(tag: String): BufferedImage {
        fun drawn() = onNodeWithTag(tag).captureToImage().toAwtImage()

        fun pixels(image: BufferedImage) = image.getRGB(0, 0, image.width, image.height, null, 0, image.width)
        waitForIdle()
        var last = drawn()
        waitUntil("$tag stays the same", SETTLES_MS) {
            val before = last
            Thread.sleep(100)
            last = drawn()
            pixels(before).contentEquals(pixels(last))
        }
        return last.small()
    }

    @Test
    fun `every screen looks as in its picture`() {
        val wrong = mutableListOf<String>()
        for (folder in listOf(drawn, golden)) File(folder, "landscape").mkdirs()
        World().use { world ->
            runDesktopComposeUiTest(width = WIDTH * 4 + 12, height = HEIGHT * 2 + WIDTH + 8) {
                val state = world.state
                setContent { Phones(state) }

                fun all(
                    tag: String,
                    count: Int = 8,
                ) = waitUntil("every phone shows $tag", 60_000) { onAllNodesWithTag(tag).fetchSemanticsNodes().size >= count }

                fun compare(
                    name: String,
                    image: BufferedImage,
                ) {
                    val file = File(golden, "$name.png")
                    ImageIO.write(image, "png", File(drawn, "$name.png"))
                    if (write) {
                        ImageIO.write(image, "png", file)
                    } else if (!file.exists() || differences(ImageIO.read(file), image) > 0) {
                        wrong += name
                    }
                }

                fun picture(name: String) {
                    compare(name, settled("phones"))
                    compare("landscape/$name", settled("landscape"))
                }
                all("scan-office")
                picture("enrol")
                world.started(mia, kim)
                all("stop-1", 4)
                picture("today")
                state.map = true
                all("map", 4)
                picture("map")
                state.map = false
                val route = state.repository.route.value
                val stop = checkNotNull(route).stops.first { "Mia" in it.names }
                state.go(Place.Stop(stop.id))
                all("stop")
                state.submit(Command.Arrive(stop.id))
                waitUntil("arrived", 60_000) { state.message != null }
                all("arrived", 4)
                picture("stop")
                state.scanned(mia.barcode)
                waitUntil("the door opens", 60_000) { state.place is Place.Door && state.door?.step == Step.CODE }
                val door = checkNotNull(state.door)
                all("digits", 4)
                repeat(4) { door.type(it) }
                picture("door-code")
                repeat(4) { door.deleteDigit() }
                door.card = true
                all("card")
                picture("door-card")
                door.card = false
                state.scanned(world.office.wrongDigits(mia))
                waitUntil("it is no QR", 60_000) { state.message?.worked == false }
                picture("door-refused")
                door.go(Step.SCAN)
                all("barcode", 4)
                picture("door-scan")
                door.go(Step.EXIT)
                picture("door-exits")
                door.go(Step.CODE)
                state.scanned(world.office.token(mia))
                waitUntil("who receives is asked", 60_000) { door.step == Step.RECEIVER }
                picture("door-receiver")
                val view = checkNotNull(world.stop(stop.id)).doors.single()
                door.choose(view.options.first { it.allowed })
                all("name", 4)
                picture("door-proof")
                state.sign()
                all("signature")
                picture("door-signature")
                door.signing = false
                state.submit(checkNotNull(door.command(checkNotNull(world.stop(stop.id)), view)))
                waitUntil("it is done", 60_000) { door.step == Step.DONE }
                all("done", 4)
                picture("door-done")
                state.go(Place.LoadCheck)
                all("load")
                state.load(mia.barcode)
                state.submit(Command.CheckLoad(state.loaded + "FOREIGN-1"))
                waitUntil("it is recorded", 60_000) { state.message != null }
                all("last-check", 4)
                picture("load-check")
                state.go(Place.ReturnCheck)
                all("van-${kim.barcode}", 4)
                state.markReturned(kim.barcode)
                picture("return-check")
                state.go(Place.DayEnd)
                all("judged", 4)
                picture("day-end")
                state.go(Place.OnThisPhone)
                all("phone")
                picture("on-this-phone")
                state.go(Place.Settings)
                all("settings-list")
                picture("settings")
            }
        }
        assertEquals(emptyList(), wrong, "not as in $golden; what was drawn is in ${drawn.absolutePath}")
    }

    @Test
    fun `the comparison notices another word and a moved line, and forgives a soft edge`() {
        val file = checkNotNull(golden.listFiles { one -> one.extension == "png" }?.firstOrNull()) { "no pictures in $golden" }
        val one = ImageIO.read(file)
        assertEquals(0, differences(one, one))
        val word = copy(one) { x, y -> if (x in 40..90 && y in 100..112) 0xFF00FF else null }
        assertTrue(differences(one, word) > 0)
        val moved = BufferedImage(one.width, one.height, BufferedImage.TYPE_INT_RGB)
        for (y in 3 until one.height) for (x in 0 until one.width) moved.setRGB(x, y, one.getRGB(x, y - 3))
        assertTrue(differences(one, moved) > 0)
        val soft = copy(one) { x, y -> if ((x + y) % 7 == 0) shade(one.getRGB(x, y), 20) else null }
        assertEquals(0, differences(one, soft))
        assertTrue(differences(one, BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB)) > 0)
    }

    /** With its 256 most frequent colours: a third of the size, and no difference to be seen. */
    private fun BufferedImage.small(): BufferedImage {
        val pixels = getRGB(0, 0, width, height, null, 0, width)
        val frequent = pixels.toList().groupingBy { it }.eachCount().entries.sortedWith(compareBy({ -it.value }, { it.key })).map { it.key }
        val palette = frequent.take(256).toIntArray()
        val nearest = HashMap<Int, Int>()
        val model = IndexColorModel(8, palette.size, palette, 0, false, -1, DataBuffer.TYPE_BYTE)
        return BufferedImage(width, height, BufferedImage.TYPE_BYTE_INDEXED, model).also { small ->
            val indices = pixels.map { pixel -> nearest.getOrPut(pixel) { palette.indices.minBy { distance(palette[it], pixel) } } }
            small.raster.setPixels(0, 0, width, height, indices.toIntArray())
        }
    }

    private fun distance(
        one: Int,
        other: Int,
    ) = listOf(16, 8, 0).sumOf { shift -> abs((one shr shift and 0xFF) - (other shr shift and 0xFF)) }

    private fun shade(
        rgb: Int,
        by: Int,
    ) = listOf(16, 8, 0).fold(0) { all, shift ->
        val old = rgb shr shift and 0xFF
        all or ((if (old > 127) old - by else old + by) shl shift)
    }

    private fun copy(
        image: BufferedImage,
        other: (Int, Int) -> Int?,
    ) = BufferedImage(image.width, image.height, BufferedImage.TYPE_INT_RGB).also { copy ->
        for (y in 0 until image.height) for (x in 0 until image.width) copy.setRGB(x, y, other(x, y) ?: image.getRGB(x, y))
    }

    /** How many squares differ. */
    private fun differences(
        one: BufferedImage,
        other: BufferedImage,
    ): Int {
        if (one.width != other.width || one.height != other.height) return Int.MAX_VALUE
        var squares = 0
        for (top in 0 until one.height step SQUARE) {
            for (left in 0 until one.width step SQUARE) {
                val bottom = minOf(top + SQUARE, one.height)
                val right = minOf(left + SQUARE, one.width)
                var sum = 0L
                for (y in top until bottom) {
                    for (x in left until right) {
                        val a = one.getRGB(x, y)
                        val b = other.getRGB(x, y)
                        for (shift in listOf(16, 8, 0)) sum += abs((a shr shift and 0xFF) - (b shr shift and 0xFF))
                    }
                }
                if (sum > DIFFERS.toLong() * 3 * (bottom - top) * (right - left)) squares++
            }
        }
        return squares
    }
}
