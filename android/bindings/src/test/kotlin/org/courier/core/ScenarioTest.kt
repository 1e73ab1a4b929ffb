package org.courier.core

import org.junit.jupiter.api.Assertions.fail
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.io.File
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** The scenario files of all shells, played through these bindings: the transcripts are the same byte by byte. */
class ScenarioTest {
    @ParameterizedTest(name = "{0}")
    @MethodSource("names")
    fun `a scenario plays as in every other shell`(name: String) {
        val transcript = File(scenarios, "transcripts/$name.jsonl").readText()
        val phone = KotlinPhone()
        val said =
            try {
                playScenario(File(scenarios, "$name.json").path, backend, phone)
            } catch (failure: ScenarioException.Failed) {
                fail(failure.report)
            }
        for ((line, lines) in transcript.lines().zip(said.lines()).withIndex()) {
            assertEquals(lines.first, lines.second, "line ${line + 1} of the transcript")
        }
        assertEquals(transcript.length, said.length, "length of the transcript")
        assertTrue(phone.toldRevision > 0, "the observer was told nothing")
    }

    companion object {
        private val scenarios = File(System.getProperty("courier.scenarios"))
        private val backend = System.getProperty("courier.backend")

        @JvmStatic
        fun names(): List<String> =
            scenarios
                .listFiles { file -> file.extension == "json" }
                .orEmpty()
                .map { it.nameWithoutExtension }
                .sorted()
    }
}
