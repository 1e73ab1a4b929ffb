package org.courier.ui.door

import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.ui.text.input.KeyboardCapitalization
import org.courier.core.DoorView
import org.courier.core.StopView
import org.courier.ui.AppState
import org.courier.ui.Field
import org.courier.ui.MainButton
import org.courier.ui.SideButton
import org.courier.ui.Title
import org.courier.ui.exactly
import org.courier.ui.words.Words

/** The last lines before something is recorded. */
internal fun LazyListScope.form(
    form: Form,
    stop: StopView,
    view: DoorView,
    door: DoorState,
    state: AppState,
    words: Words,
) {
    when (val choice = form.choice) {
        is Choice.HandOver -> {
            item { Title("${words.handOver}: ${words.receiver(choice.receiver)}") }
            item { Field(words.name, form.name, "name", keyboard = exactly(KeyboardCapitalization.Words)) { form.name = it } }
            item { Suggestions(form, choice.receiver, view) }
            item { Field(words.relation, form.relation, "relation") { form.relation = it } }
            item { Field(words.flat, form.flat, "flat", keyboard = exactly()) { form.flat = it } }
            item { Field(words.noteForRecipient, form.note, "note") { form.note = it } }
            proofs(form, choice.receiver, stop, view, state, words)
        }
        is Choice.NotDelivered -> {
            item { Title("${words.notDelivered}: ${words.reason(choice.reason)}") }
            item { Field(words.noteForOffice, form.note, "note") { form.note = it } }
        }
    }
    item {
        MainButton(words.record, "record") {
            val command = door.command(stop, view)
            if (command == null) state.tell(false) { it.noParcelChosen } else state.submit(command)
        }
    }
    item { SideButton(words.cancel, "cancel") { door.leaveForm() } }
}
