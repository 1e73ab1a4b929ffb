package org.courier.ui

import androidx.compose.foundation.isSystemInDarkTheme
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.darkColorScheme
import androidx.compose.material3.lightColorScheme
import androidx.compose.runtime.Composable
import androidx.compose.ui.graphics.Color

/** The colours by day. Every text has a contrast of 4.5 to 1 or more on what is behind it (WCAG 2.2 AA), which a test computes. */
internal val light =
    lightColorScheme(
        primary = Color(0xFF00527F),
        onPrimary = Color.White,
        primaryContainer = Color(0xFFCFE5FF),
        onPrimaryContainer = Color(0xFF001D34),
        secondaryContainer = Color(0xFFDCE3EA),
        onSecondaryContainer = Color(0xFF151C22),
        tertiary = Color(0xFF1B6D2F),
        onTertiary = Color.White,
        error = Color(0xFFB3261E),
        onError = Color.White,
        background = Color(0xFFFCFCFF),
        onBackground = Color(0xFF1A1C1E),
        surface = Color(0xFFFCFCFF),
        onSurface = Color(0xFF1A1C1E),
        surfaceVariant = Color(0xFFE4E8EE),
        onSurfaceVariant = Color(0xFF3B4148),
    )

/** The colours by night. */
internal val dark =
    darkColorScheme(
        primary = Color(0xFF98CBFF),
        onPrimary = Color(0xFF003354),
        primaryContainer = Color(0xFF004A77),
        onPrimaryContainer = Color(0xFFCFE5FF),
        secondaryContainer = Color(0xFF3A424A),
        onSecondaryContainer = Color(0xFFDCE3EA),
        tertiary = Color(0xFF87D990),
        onTertiary = Color(0xFF003912),
        error = Color(0xFFF9B4AE),
        onError = Color(0xFF601410),
        background = Color(0xFF111416),
        onBackground = Color(0xFFE2E2E5),
        surface = Color(0xFF111416),
        onSurface = Color(0xFFE2E2E5),
        surfaceVariant = Color(0xFF2B3138),
        onSurfaceVariant = Color(0xFFC9CFD6),
    )

@Composable
internal fun CourierTheme(
    look: Look,
    content: @Composable () -> Unit,
) {
    val isDark =
        when (look) {
            Look.PHONE -> isSystemInDarkTheme()
            Look.LIGHT -> false
            Look.DARK -> true
        }
    MaterialTheme(colorScheme = if (isDark) dark else light, content = content)
}
