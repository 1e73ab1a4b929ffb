package org.courier.ui

import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.staticCompositionLocalOf
import androidx.compose.ui.unit.dp

/** The phone lies on its side: things stand beside each other that are above each other elsewhere. */
internal val LocalLow = staticCompositionLocalOf { false }

/** Lower than this, a pad of four rows does not fit under what is asked. */
private val LOW = 480.dp

@Composable
internal fun KnowsItsShape(content: @Composable () -> Unit) =
    BoxWithConstraints {
        CompositionLocalProvider(LocalLow provides (maxHeight < LOW && maxWidth > maxHeight), content)
    }
