package org.courier.ui.door

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.widthIn
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.material3.Button
import androidx.compose.material3.FilledTonalButton
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.clearAndSetSemantics
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.password
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.semantics.stateDescription
import androidx.compose.ui.unit.dp
import org.courier.core.CodeState
import org.courier.core.DoorView
import org.courier.ui.AppState
import org.courier.ui.LocalLow
import org.courier.ui.SideButton
import org.courier.ui.Title
import org.courier.ui.words.LocalWords

/** Nobody has shown a fitting code for what is here: a new one may help. */
internal fun needsCode(door: DoorView) =
    when (door.code) {
        null, CodeState.NotNeeded, is CodeState.Matched -> false
        else -> true
    }

@Composable
internal fun CodeStep(
    view: DoorView,
    door: DoorState,
    state: AppState,
) {
    val words = LocalWords.current
    Column(verticalArrangement = Arrangement.spacedBy(8.dp)) {
        val needed = view.code is CodeState.Needed
        val says = view.code?.let(words::code) ?: words.scanFirst
        val asked = Modifier.testTag("code-state").semantics { liveRegion = LiveRegionMode.Polite }
        val low = LocalLow.current
        if (low && needed) {
            Row(Modifier.fillMaxWidth(), Arrangement.spacedBy(8.dp), Alignment.CenterVertically) {
                Title(says, asked.weight(1f))
                Digits(door.digits.length)
            }
        } else {
            Title(says, asked)
            if (needed) Digits(door.digits.length, Modifier.fillMaxWidth())
        }
        if (needed) {
            Pad(door, onOk = { state.submit(door.takeCode()) })
            SideButton(words.scanQr, "scan-qr", Modifier.fillMaxWidth()) { state.scan() }
        }
        if (needsCode(view)) SideButton(words.showCard, "show-card", Modifier.fillMaxWidth()) { door.card = true }
    }
}

/** How many digits are typed. Which ones is never shown, and never in what a screen reader or the system can read. */
@Composable
private fun Digits(
    typed: Int,
    modifier: Modifier = Modifier,
) {
    val words = LocalWords.current
    Row(
        modifier.testTag("digits").clearAndSetSemantics {
            contentDescription = words.deliveryCode
            stateDescription = words.digitsTyped(typed)
            password()
        },
        Arrangement.spacedBy(8.dp, Alignment.CenterHorizontally),
    ) {
        repeat(DoorState.CODE_LENGTH) { at ->
            Surface(shape = RoundedCornerShape(8.dp), color = MaterialTheme.colorScheme.secondaryContainer) {
                Box(Modifier.widthIn(min = 40.dp).heightIn(min = 48.dp), Alignment.Center) {
                    Text(if (at < typed) "●" else "", style = MaterialTheme.typography.titleLarge)
                }
            }
        }
    }
}

/** For wet gloves. It is no text field: there is nothing to paste into, and no keyboard that could learn. */
@Composable
private fun Pad(
    door: DoorState,
    onOk: () -> Unit,
) {
    val gap = Arrangement.spacedBy(8.dp)
    val low = LocalLow.current
    Column(Modifier.fillMaxWidth(), gap) {
        for (row in if (low) BESIDE else ABOVE) {
            Row(Modifier.fillMaxWidth(), gap) {
                for (key in row) {
                    val place = Modifier.weight(1f).heightIn(min = if (low) LOW_KEY else KEY)
                    when (key) {
                        DELETE -> DeleteKey(door, place)
                        OK -> OkKey(door, place, onOk)
                        else -> Key(key, door, place)
                    }
                }
            }
        }
    }
}

@Composable
private fun Key(
    digit: Int,
    door: DoorState,
    modifier: Modifier,
) = FilledTonalButton({ door.type(digit) }, modifier.testTag("key-$digit"), shape = KEY_SHAPE) {
    Text("$digit", style = MaterialTheme.typography.headlineMedium, maxLines = 1)
}

@Composable
private fun DeleteKey(
    door: DoorState,
    modifier: Modifier,
) {
    val says = LocalWords.current.deleteDigit
    FilledTonalButton(
        door::deleteDigit,
        modifier.testTag("delete").semantics { contentDescription = says },
        enabled = door.digits.isNotEmpty(),
        shape = KEY_SHAPE,
    ) { Text("⌫", style = MaterialTheme.typography.headlineMedium, maxLines = 1) }
}

@Composable
private fun OkKey(
    door: DoorState,
    modifier: Modifier,
    onOk: () -> Unit,
) = Button(onOk, modifier.testTag("ok"), enabled = door.digits.length == DoorState.CODE_LENGTH, shape = KEY_SHAPE) {
    Text(LocalWords.current.ok, style = MaterialTheme.typography.titleLarge, maxLines = 1)
}

private const val DELETE = -1
private const val OK = -2

/** As on a telephone; and in two rows, where four would not be in sight. */
private val ABOVE = listOf(listOf(1, 2, 3), listOf(4, 5, 6), listOf(7, 8, 9), listOf(DELETE, 0, OK))
private val BESIDE = listOf(listOf(1, 2, 3, 4, 5, DELETE), listOf(6, 7, 8, 9, 0, OK))
private val KEY = 72.dp
private val LOW_KEY = 56.dp
private val KEY_SHAPE = RoundedCornerShape(16.dp)
