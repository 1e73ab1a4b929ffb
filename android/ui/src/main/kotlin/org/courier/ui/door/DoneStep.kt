package org.courier.ui.door

import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import org.courier.core.Command
import org.courier.core.DoorView
import org.courier.core.StopView
import org.courier.core.additions
import org.courier.ui.AppState
import org.courier.ui.MainButton
import org.courier.ui.Panel
import org.courier.ui.Place
import org.courier.ui.SideButton
import org.courier.ui.words.Words

/** What is recorded: it may be proven later, a parcel that is damaged for one, or taken back. */
internal fun LazyListScope.done(
    stop: StopView,
    view: DoorView,
    state: AppState,
    words: Words,
) {
    val added = additions(stop, view.shipment)
    item {
        Panel("done", important = true) { Text(words.attempt(view.state), style = MaterialTheme.typography.titleLarge) }
    }
    if (added.isEmpty()) {
        item { MainButton(words.ready, "ready") { state.go(Place.Today) } }
    } else {
        // Who has taken one most likely means to add it: only that looks like the way on.
        item {
            MainButton(words.addProof, "add-proof") { added.forEach { state.submit(Command.AddProof(it.fact, it.files)) } }
        }
        taken(added.flatMap { it.files }, state, words)
        item { SideButton(words.ready, "ready") { state.go(Place.Today) } }
    }
    view.provable.forEach { taking(it.kind, state, words) }
    view.undo?.let { fact -> item { SideButton(words.undo, "undo") { state.submit(Command.Withdraw(fact)) } } }
}
