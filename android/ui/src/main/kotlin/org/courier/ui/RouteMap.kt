package org.courier.ui

import androidx.compose.foundation.Canvas
import androidx.compose.foundation.gestures.detectTapGestures
import androidx.compose.foundation.layout.aspectRatio
import androidx.compose.foundation.layout.height
import androidx.compose.material3.MaterialTheme
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.geometry.Size
import androidx.compose.ui.input.pointer.pointerInput
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.courier.core.Pin
import org.courier.core.StopId
import org.courier.core.StopLine
import org.courier.core.StopState
import org.courier.ui.words.LocalWords
import kotlin.math.cos

/** Where the stops are, without tiles: north is up, every direction has one scale. A screen reader has the list instead. */
@Composable
internal fun RouteMap(
    stops: List<StopLine>,
    modifier: Modifier = Modifier,
    onStop: (StopId) -> Unit,
) {
    val colors = MaterialTheme.colorScheme
    val description = LocalWords.current.mapOf(stops.size)
    val open = colors.primary
    val rest = colors.onSurfaceVariant
    Canvas(
        modifier
            // On its side the phone shows it whole, too.
            .then(if (LocalLow.current) Modifier.height(LOW_MAP) else Modifier.aspectRatio(1.4f))
            .testTag("map")
            .semantics { contentDescription = description }
            .pointerInput(stops) {
                detectTapGestures { tap ->
                    val places = places(stops.map { it.pin }, Size(size.width.toFloat(), size.height.toFloat()))
                    val nearest = places.indices.minByOrNull { (places[it] - tap).getDistance() }
                    if (nearest != null && (places[nearest] - tap).getDistance() < 24.dp.toPx()) onStop(stops[nearest].id)
                }
            },
    ) {
        val places = places(stops.map { it.pin }, size)
        places.zipWithNext { from, to -> drawLine(colors.outlineVariant, from, to, 1.dp.toPx()) }
        places.zip(stops) { place, stop ->
            val done = stop.state == StopState.DONE || stop.state == StopState.GONE
            drawCircle(if (done) rest else open, if (done) 4.dp.toPx() else 7.dp.toPx(), place)
        }
    }
}

private val LOW_MAP = 240.dp

/** The pins in a picture of that size, with a margin of a twelfth. */
internal fun places(
    pins: List<Pin>,
    size: Size,
): List<Offset> {
    if (pins.isEmpty()) return emptyList()
    // Degrees of longitude are shorter than those of latitude, by the cosine of the latitude.
    val shorter = cos(Math.toRadians(pins.map { it.lat }.average()))
    val x = pins.map { it.lon * shorter }
    val y = pins.map { -it.lat }
    val margin = minOf(size.width, size.height) / 12
    val width = (x.max() - x.min()).coerceAtLeast(1e-9)
    val height = (y.max() - y.min()).coerceAtLeast(1e-9)
    val scale = minOf((size.width - 2 * margin) / width, (size.height - 2 * margin) / height)

    fun centred(
        at: Double,
        all: List<Double>,
        whole: Float,
    ) = (whole / 2 + (at - (all.max() + all.min()) / 2) * scale).toFloat()
    return pins.indices.map { Offset(centred(x[it], x, size.width), centred(y[it], y, size.height)) }
}
