package org.courier.ui

import androidx.compose.foundation.gestures.detectDragGesturesAfterLongPress
import androidx.compose.foundation.gestures.scrollBy
import androidx.compose.foundation.lazy.LazyListItemInfo
import androidx.compose.foundation.lazy.LazyListState
import androidx.compose.runtime.Composable
import androidx.compose.runtime.LaunchedEffect
import androidx.compose.runtime.Stable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableFloatStateOf
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.rememberUpdatedState
import androidx.compose.runtime.setValue
import androidx.compose.runtime.withFrameNanos
import androidx.compose.ui.Modifier
import androidx.compose.ui.draw.shadow
import androidx.compose.ui.graphics.graphicsLayer
import androidx.compose.ui.hapticfeedback.HapticFeedbackType
import androidx.compose.ui.input.pointer.pointerInput
import androidx.compose.ui.layout.LocalPinnableContainer
import androidx.compose.ui.layout.PinnableContainer
import androidx.compose.ui.platform.LocalHapticFeedback
import androidx.compose.ui.unit.dp
import androidx.compose.ui.zIndex
import org.courier.core.StopId
import kotlin.math.abs

/**
 * A stop of the list that is held long and dragged onto another one, to come in its place. Here is only where it is let go;
 * what that does to the route, or why it is not possible, the core says.
 */
@Stable
internal class StopDrag(
    private val list: LazyListState,
) {
    /** The stop that is held. */
    var held by mutableStateOf<StopId?>(null)
        private set

    /** The middle of the held card, in pixels from the top of the list. It stays under the finger while the list scrolls. */
    private var middle by mutableFloatStateOf(0f)

    /** Stops that it may be dropped on. */
    var places = emptySet<StopId>()

    /** The stop on whose card it lies. */
    val target: StopId?
        get() =
            held?.let {
                val under = list.layoutInfo.visibleItemsInfo.firstOrNull { middle >= it.offset && middle < it.offset + it.size }
                (under?.key as? StopId)?.takeIf { it in places && it != held }
            }

    fun begin(stop: StopId) {
        val card = card(stop) ?: return
        middle = card.offset + card.size / 2f
        held = stop
    }

    fun move(by: Float) {
        middle += by
    }

    fun end() {
        held = null
    }

    /** How far its card is drawn from where it lies. */
    fun away(stop: StopId): Float {
        if (stop != held) return 0f
        return card(stop)?.let { middle - (it.offset + it.size / 2f) } ?: 0f
    }

    private fun card(stop: StopId): LazyListItemInfo? = list.layoutInfo.visibleItemsInfo.firstOrNull { it.key == stop }

    /** Pixels by which the list scrolls with every frame while the card is held at its edge. */
    val pull: Float
        get() {
            if (held == null) return 0f
            val view = list.layoutInfo
            val edge = (view.viewportEndOffset - view.viewportStartOffset) / EDGE
            val above = view.viewportStartOffset + edge - middle
            val below = middle - (view.viewportEndOffset - edge)
            return when {
                above > 0 -> -above / SLOWLY
                below > 0 -> below / SLOWLY
                else -> 0f
            }
        }

    suspend fun scroll() {
        while (abs(pull) > 0f) {
            withFrameNanos {}
            list.scrollBy(pull)
        }
    }

    private companion object {
        /** The edge is this part of the list. */
        const val EDGE = 8
        const val SLOWLY = 4
    }
}

/** The list follows a card that is held at its edge. */
@Composable
internal fun ScrollsWith(drag: StopDrag) {
    val pulls = drag.pull != 0f
    LaunchedEffect(pulls) { if (pulls) drag.scroll() }
}

/** Held long, this card can be dragged. [onDrop] is told the stop on which it is let go. */
@Composable
internal fun Modifier.dragged(
    drag: StopDrag,
    stop: StopId,
    onDrop: (StopId) -> Unit,
): Modifier {
    val touch = LocalHapticFeedback.current
    // A card that was scrolled away is still under the finger.
    val container = LocalPinnableContainer.current
    val drop by rememberUpdatedState(onDrop)
    val isHeld = drag.held == stop
    return zIndex(if (isHeld) 1f else 0f)
        .graphicsLayer { translationY = drag.away(stop) }
        .shadow(if (isHeld) 8.dp else 0.dp, SHAPE)
        .pointerInput(stop) {
            var pin: PinnableContainer.PinnedHandle? = null

            fun end() {
                pin?.release()
                pin = null
                drag.end()
            }
            detectDragGesturesAfterLongPress(
                onDragStart = {
                    pin = container?.pin()
                    drag.begin(stop)
                    touch.performHapticFeedback(HapticFeedbackType.LongPress)
                },
                onDrag = { change, by ->
                    change.consume()
                    drag.move(by.y)
                },
                onDragEnd = {
                    val target = drag.target
                    end()
                    target?.let { drop(it) }
                },
                onDragCancel = ::end,
            )
        }
}
