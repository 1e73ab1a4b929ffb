package org.courier.ui.door

import androidx.compose.foundation.Canvas
import androidx.compose.foundation.background
import androidx.compose.foundation.border
import androidx.compose.foundation.gestures.detectDragGestures
import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.BoxWithConstraints
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.height
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.width
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.runtime.Composable
import androidx.compose.runtime.Stable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.geometry.Offset
import androidx.compose.ui.graphics.Color
import androidx.compose.ui.graphics.Path
import androidx.compose.ui.graphics.StrokeCap
import androidx.compose.ui.graphics.drawscope.Stroke
import androidx.compose.ui.input.pointer.pointerInput
import androidx.compose.ui.layout.onSizeChanged
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.IntSize
import androidx.compose.ui.unit.dp
import org.courier.core.Command
import org.courier.core.Dot
import org.courier.core.Signature
import org.courier.ui.AppState
import org.courier.ui.LocalLow
import org.courier.ui.MainButton
import org.courier.ui.SideButton
import org.courier.ui.Title
import org.courier.ui.words.LocalWords

/** What a finger draws: from finger down to finger up, each. It is in memory only until the core has it. */
@Stable
internal class Drawing {
    var strokes by mutableStateOf(emptyList<List<Offset>>())
        private set

    fun begin(at: Offset) {
        strokes = strokes + listOf(listOf(at))
    }

    fun go(to: Offset) {
        strokes = strokes.dropLast(1) + listOf(strokes.last() + to)
    }

    fun clear() {
        strokes = emptyList()
    }

    /** As the core takes it; what left the field lies on its edge. */
    fun signature(size: IntSize): Signature {
        fun within(
            at: Float,
            length: Int,
        ) = at.toInt().coerceIn(0, length.coerceIn(0, UShort.MAX_VALUE.toInt())).toUShort()
        val dots = strokes.map { stroke -> stroke.map { Dot(within(it.x, size.width), within(it.y, size.height)) } }
        return Signature(within(size.width.toFloat(), size.width), within(size.height.toFloat(), size.height), dots)
    }
}

/** How high the field is at least, and of the screen. */
private val LEAST = 200.dp
private const val SHARE = 0.5f
private const val LOW_SHARE = 0.75f

/** How wide the buttons beside it are. */
private val BESIDE = 160.dp

/** Somebody signs with a finger: dark on light, by day and by night. */
@Composable
internal fun SignaturePad(
    door: DoorState,
    state: AppState,
) {
    val words = LocalWords.current
    val drawing = remember(door) { Drawing() }
    var size by remember { mutableStateOf(IntSize.Zero) }
    BoxWithConstraints(Modifier.fillMaxSize()) {
        // Room to sign comes before everything else: what does not fit beside or under it any more is scrolled to.
        val low = LocalLow.current
        val height = maxOf(LEAST, maxHeight * if (low) LOW_SHARE else SHARE)
        Column(Modifier.verticalScroll(rememberScrollState()).padding(16.dp), Arrangement.spacedBy(12.dp)) {
            Title(words.signHere)
            if (low) {
                Row(horizontalArrangement = Arrangement.spacedBy(12.dp)) {
                    Field(drawing, Modifier.height(height).weight(1f)) { size = it }
                    Column(Modifier.width(BESIDE), Arrangement.spacedBy(8.dp)) { Buttons(drawing, door, state) { size } }
                }
            } else {
                Field(drawing, Modifier.height(height).fillMaxWidth()) { size = it }
                Buttons(drawing, door, state) { size }
            }
        }
    }
}

@Composable
private fun Field(
    drawing: Drawing,
    modifier: Modifier,
    onSize: (IntSize) -> Unit,
) {
    val says = LocalWords.current.signHere
    Canvas(
        modifier
            .background(Color.White)
            .border(1.dp, Color.Gray)
            .testTag("signature")
            .semantics { contentDescription = says }
            .onSizeChanged(onSize)
            .pointerInput(drawing) {
                detectDragGestures(onDragStart = drawing::begin) { change, _ -> drawing.go(change.position) }
            },
    ) {
        for (stroke in drawing.strokes) {
            val path = Path()
            stroke.forEachIndexed { at, dot -> if (at == 0) path.moveTo(dot.x, dot.y) else path.lineTo(dot.x, dot.y) }
            drawPath(path, Color.Black, style = Stroke(4.dp.toPx(), cap = StrokeCap.Round))
        }
    }
}

@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Buttons(
    drawing: Drawing,
    door: DoorState,
    state: AppState,
    size: () -> IntSize,
) {
    val words = LocalWords.current
    MainButton(words.take, "take-signature", enabled = drawing.strokes.isNotEmpty()) {
        state.submit(Command.Sign(door.stop, drawing.signature(size())))
    }
    FlowRow(horizontalArrangement = Arrangement.spacedBy(12.dp), verticalArrangement = Arrangement.spacedBy(8.dp)) {
        SideButton(words.signAgain, "clear-signature", onClick = drawing::clear)
        SideButton(words.cancel, "leave-signature") { door.signing = false }
    }
}
