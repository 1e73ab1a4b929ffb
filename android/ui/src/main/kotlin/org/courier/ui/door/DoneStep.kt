package org.courier.ui.door

import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import org.courier.core.Command
import org.courier.core.DoorView
import org.courier.core.StopView
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
    val files = stop.files.filter { it.kind in view.provable }
    item {
        Panel("done", important = true) { Text(words.attempt(view.state), style = MaterialTheme.typography.titleLarge) }
    }
    val fact = view.undo
    if (fact == null || files.isEmpty()) {
        item { MainButton(words.ready, "ready") { state.go(Place.Today) } }
    } else {
        // Who has taken one most likely means to add it: only that looks like the way on.
        item { MainButton(words.addProof, "add-proof") { state.submit(Command.AddProof(fact, files)) } }
        taken(files, state, words)
        item { SideButton(words.ready, "ready") { state.go(Place.Today) } }
    }
    view.provable.forEach { taking(it, state, words) }
    if (fact != null) item { SideButton(words.undo, "undo") { state.submit(Command.Withdraw(fact)) } }
}
