package org.courier.ui.door

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.courier.core.DoorView
import org.courier.ui.AppState
import org.courier.ui.Field
import org.courier.ui.MainButton
import org.courier.ui.SideButton
import org.courier.ui.Title
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words

/** The last lines before something is recorded. */
internal fun LazyListScope.form(
    form: Form,
    view: DoorView,
    door: DoorState,
    state: AppState,
    words: Words,
) {
    when (val choice = form.choice) {
        is Choice.HandOver -> {
            item { Title("${words.handOver}: ${words.receiver(choice.receiver)}") }
            item { Field(words.name, form.name, "name") { form.name = it } }
            item { Field(words.relation, form.relation, "relation") { form.relation = it } }
            item { Field(words.flat, form.flat, "flat") { form.flat = it } }
            item { Field(words.noteForRecipient, form.note, "note") { form.note = it } }
        }
        is Choice.NotDelivered -> {
            item { Title("${words.notDelivered}: ${words.reason(choice.reason)}") }
            item { Field(words.noteForOffice, form.note, "note") { form.note = it } }
        }
    }
    item {
        MainButton(words.record, "record") {
            val command = door.command(view)
            if (command == null) state.tell(false) { it.noParcelChosen } else state.submit(command)
        }
    }
    item { SideButton(words.cancel, "cancel") { door.leaveForm() } }
}

/** To be shown or read to the customer, in their language: what code is asked for, where it is, and when not to tell it. */
@Composable
internal fun CustomerCard(
    words: Words,
    onBack: () -> Unit,
) = Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.primaryContainer) {
    Column(
        Modifier.padding(24.dp).testTag("card").verticalScroll(rememberScrollState()),
        Arrangement.spacedBy(24.dp),
    ) {
        Text(words.cardTitle, style = MaterialTheme.typography.displaySmall)
        Text(words.cardWhere, style = MaterialTheme.typography.headlineSmall)
        Text(words.cardNever, style = MaterialTheme.typography.headlineSmall)
        MainButton(LocalWords.current.back, "card-back", onClick = onBack)
    }
}
