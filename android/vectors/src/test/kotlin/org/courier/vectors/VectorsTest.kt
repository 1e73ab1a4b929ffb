package org.courier.vectors

import com.nimbusds.jose.util.JSONObjectUtils
import org.junit.jupiter.params.ParameterizedTest
import org.junit.jupiter.params.provider.MethodSource
import java.io.File
import kotlin.test.Test
import kotlin.test.assertEquals

class VectorsTest {
    @ParameterizedTest
    @MethodSource("files")
    fun `a file verifies, and every single value of it counts`(name: String) {
        val vectors = JSONObjectUtils.parse(FOLDER.resolve(name).readText()).getValue("vectors")
        val check = CHECKS.getValue(name)
        // Vectors of a list stand each for itself.
        val parts = (vectors as? List<*>)?.map { listOf(it) } ?: listOf(vectors)
        for (part in parts) {
            check(part)
            val unnoticed = places(part).filter { it !in NOT_SIGNED }.filter { place ->
                runCatching { check(changed(part, place)) }.isSuccess
            }
            assertEquals(emptyList(), unnoticed, "changed and not noticed")
        }
    }

    @Test
    fun `no file is left out`() {
        val found = FOLDER.listFiles { file -> file.extension == "json" }.orEmpty().map { it.name }.toSet()
        assertEquals(CHECKS.keys, found)
    }

    companion object {
        private val FOLDER = File(System.getProperty("courier.vectors"))

        /** What an enrolment request says beside what is signed: nothing could notice a change. */
        private val NOT_SIGNED = listOf("key", "platform", "app").map { listOf("request", it) }

        @JvmStatic
        fun files() = CHECKS.keys
    }
}
