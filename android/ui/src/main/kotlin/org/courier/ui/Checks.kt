package org.courier.ui

import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.foundation.lazy.itemsIndexed
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.SideEffect
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.runtime.remember
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.Role
import androidx.compose.ui.semantics.role
import androidx.compose.ui.semantics.selected
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.input.KeyboardCapitalization
import org.courier.core.Command
import org.courier.core.Load
import org.courier.core.Outcome
import org.courier.data.VanParcel
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words

@Composable
private fun van(state: AppState): List<VanParcel> {
    val flow = remember { state.repository.van() }
    val parcels by flow.collectAsState(emptyList())
    return parcels
}

/** What is in the van in the morning. */
@Composable
internal fun LoadCheckPlace(state: AppState) {
    val words = LocalWords.current
    val van = van(state)
    val route by state.repository.route.collectAsState()
    Scrolled(Modifier.testTag("load")) {
        item { Title(words.loadSums(state.loaded.size, van.size)) }
        barcode(state, words) { state.load(it) }
        if (state.loaded.isEmpty()) {
            route?.load?.let { result(it, van, words) }
        } else {
            item { MainButton(words.recordCheck, "record-check") { state.submit(Command.CheckLoad(state.loaded)) } }
            item { SideButton(words.dropLast, "drop-last", onClick = state::dropLastLoaded) }
            itemsIndexed(state.loaded.asReversed()) { _, barcode -> Text(barcode) }
        }
    }
}

private fun LazyListScope.barcode(
    state: AppState,
    words: Words,
    take: (String) -> Unit,
) {
    item { MainButton(words.scan, "scan") { state.scan() } }
    item {
        Field(words.typeInstead, state.barcode, "barcode", keyboard = exactly(KeyboardCapitalization.Characters)) { state.barcode = it }
    }
    item { SideButton(words.take, "take-barcode", enabled = state.barcode.isNotBlank()) { take(state.barcode) } }
}

/** The last check: what is missing comes first. */
private fun LazyListScope.result(
    load: Load,
    van: List<VanParcel>,
    words: Words,
) {
    item { Text(words.lastCheck(load.found.size, load.missing.size, load.foreign.size), Modifier.testTag("last-check")) }
    items(van.filter { it.id in load.missing }) { parcel ->
        Panel("missing-${parcel.barcode}", important = true) {
            Text("${words.missing}: ${parcel.barcode}", fontWeight = FontWeight.Bold)
            Text("${words.stop(parcel.stop)} · ${parcel.recipient}")
        }
    }
    items(load.foreign) { barcode -> Panel("foreign-$barcode") { Text("${words.foreign}: $barcode") } }
}

/** What comes back to the depot. */
@Composable
internal fun ReturnCheckPlace(state: AppState) {
    val words = LocalWords.current
    // Everything that nobody got.
    val left = van(state).filter { it.outcome !is Outcome.HandedOver }
    SideEffect {
        state.resolveReturns { barcode -> left.firstOrNull { it.barcode.equals(barcode, ignoreCase = true) }?.id }
    }
    Scrolled(Modifier.testTag("return")) {
        item { Title(words.returnSums(state.back.size, left.size)) }
        barcode(state, words, state::markReturned)
        item {
            MainButton(words.recordCheck, "record-check", enabled = state.back.isNotEmpty()) {
                state.submit(Command.Return(state.back.toList()))
            }
        }
        items(left, key = { it.id }) { parcel ->
            val marked = parcel.id in state.back
            val look =
                Modifier.semantics {
                    role = Role.Checkbox
                    selected = marked
                }
            Panel("van-${parcel.barcode}", look, important = marked, onClick = { state.toggleReturned(parcel.id) }) {
                Text("${if (marked) "✓ " else ""}${parcel.barcode}", fontWeight = FontWeight.Bold)
                val why = (parcel.outcome as? Outcome.NotDelivered)?.let { words.reason(it.reason) } ?: words.stillOpen
                Text("${words.stop(parcel.stop)} · ${parcel.recipient} · $why")
            }
        }
    }
}
