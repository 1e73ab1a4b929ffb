package org.courier.ui

import androidx.compose.material3.ColorScheme
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.luminance
import kotlin.test.Test
import kotlin.test.assertEquals
import kotlin.test.assertTrue

/** WCAG 2.2, success criterion 1.4.3: 4.5 to 1 between a text and what is behind it. */
class ContrastTest {
    private fun contrast(
        one: Color,
        other: Color,
    ): Float {
        val (low, high) = listOf(one.luminance(), other.luminance()).sorted()
        return (high + 0.05f) / (low + 0.05f)
    }

    private fun pairs(colors: ColorScheme) =
        with(colors) {
            mapOf(
                "background" to (background to onBackground),
                "surface" to (surface to onSurface),
                "surfaceVariant" to (surfaceVariant to onSurfaceVariant),
                "primary" to (primary to onPrimary),
                "primaryContainer" to (primaryContainer to onPrimaryContainer),
                "secondaryContainer" to (secondaryContainer to onSecondaryContainer),
                "tertiary" to (tertiary to onTertiary),
                "error" to (error to onError),
                "primary on background" to (background to primary),
            )
        }

    @Test
    fun `every text stands out by day and by night`() {
        for ((name, colors) in listOf("light" to light, "dark" to dark)) {
            for ((what, pair) in pairs(colors)) {
                val contrast = contrast(pair.first, pair.second)
                assertTrue(contrast >= 4.5f, "$name $what: $contrast")
            }
        }
    }

    @Test
    fun `black on white has 21 to 1`() = assertEquals(21f, contrast(Color.White, Color.Black), 0.01f)
}
