package org.courier.macrobenchmark

import androidx.benchmark.macro.CompilationMode
import androidx.benchmark.macro.FrameTimingMetric
import androidx.benchmark.macro.MacrobenchmarkScope
import androidx.benchmark.macro.StartupMode
import androidx.benchmark.macro.StartupTimingMetric
import androidx.benchmark.macro.junit4.MacrobenchmarkRule
import androidx.test.ext.junit.runners.AndroidJUnit4
import androidx.test.platform.app.InstrumentationRegistry
import androidx.test.uiautomator.By
import androidx.test.uiautomator.Direction
import androidx.test.uiautomator.Until
import org.junit.Assert.assertNotNull
import org.junit.Rule
import org.junit.Test
import org.junit.runner.RunWith

/**
 * A day of 200 stops on a device, in the app as it ships. Wants a server and a code to enrol with, once, as arguments `server`
 * and `code`: emulator.sh gives them.
 */
@RunWith(AndroidJUnit4::class)
class DayBenchmark {
    @get:Rule
    val rule = MacrobenchmarkRule()

    @Test
    fun coldStart() =
        rule.measureRepeated(
            packageName = APP,
            metrics = listOf(StartupTimingMetric()),
            compilationMode = CompilationMode.DEFAULT,
            startupMode = StartupMode.COLD,
            iterations = 10,
            setupBlock = { enrolled() },
        ) {
            startActivityAndWait()
            assertNotNull("the day is not there", device.wait(Until.findObject(By.res("today")), PATIENCE_MS))
        }

    @Test
    fun scrollThroughTheDay() =
        rule.measureRepeated(
            packageName = APP,
            metrics = listOf(FrameTimingMetric()),
            compilationMode = CompilationMode.DEFAULT,
            startupMode = StartupMode.WARM,
            iterations = 5,
            setupBlock = {
                enrolled()
                startActivityAndWait()
            },
        ) {
            val list = device.wait(Until.findObject(By.res("today")), PATIENCE_MS)
            list.setGestureMargin(device.displayWidth / 5)
            repeat(4) { list.fling(Direction.DOWN) }
        }

    /** The phone is a courier's, with the day on it. Nothing happens the next time. */
    private fun MacrobenchmarkScope.enrolled() {
        val arguments = InstrumentationRegistry.getArguments()
        startActivityAndWait()
        device.wait(Until.findObject(By.res("server")), PATIENCE_MS / 6)?.let { server ->
            server.text = arguments.getString("server")
            device.findObject(By.res("enrolment-code")).text = arguments.getString("code")
            device.findObject(By.res("enrol")).click()
            assertNotNull("not enrolled", device.wait(Until.findObject(By.res("today")), PATIENCE_MS))
            assertNotNull("no route", device.wait(Until.findObject(By.res("next-stop")), PATIENCE_MS))
        }
        killProcess()
    }

    private companion object {
        const val APP = "org.courier.app"
        const val PATIENCE_MS = 30_000L
    }
}
