package org.courier.app

import androidx.test.platform.app.InstrumentationRegistry
import org.courier.core.KotlinPhone
import org.courier.core.ScenarioException
import org.courier.core.playScenario
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Assert.fail
import org.junit.Rule
import org.junit.Test
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.junit.runners.Parameterized
import java.io.File

/** The scenario files of all shells, played on a device: the transcripts are the same byte by byte. */
@RunWith(Parameterized::class)
class ScenarioOnDeviceTest(
    private val name: String,
) {
    @get:Rule
    val folder = TemporaryFolder(InstrumentationRegistry.getInstrumentation().targetContext.cacheDir)

    @Test
    fun `a scenario plays as in every other shell`() {
        val file = File(folder.root, "$name.json").apply { writeText(asset("$name.json")) }
        val phone = KotlinPhone()
        val said =
            try {
                playScenario(file.path, backend.path, phone)
            } catch (failure: ScenarioException.Failed) {
                fail(failure.report)
            }
        assertEquals(asset("transcripts/$name.jsonl"), said)
        assertTrue("the observer was told nothing", phone.toldRevision > 0)
    }

    companion object {
        private val assets get() = InstrumentationRegistry.getInstrumentation().context.assets

        private fun asset(path: String) = assets.open(path).use { it.reader().readText() }

        @JvmStatic
        @Parameterized.Parameters(name = "{0}")
        fun names(): List<String> =
            assets
                .list("")
                .orEmpty()
                .filter { it.endsWith(".json") }
                .map { it.removeSuffix(".json") }
                .sorted()
    }
}
