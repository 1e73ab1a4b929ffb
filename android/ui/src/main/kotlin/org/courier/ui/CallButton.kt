package org.courier.ui

import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import org.courier.core.DoorView
import org.courier.ui.words.LocalWords

/**
 * Opens the dialler with the recipient's number; nothing where there is none. The number itself is not drawn: who needs it sees
 * it in the dialler, before anything is dialled.
 */
@Composable
internal fun CallButton(
    door: DoorView,
    state: AppState,
    /** Others can be called from here, too. */
    named: Boolean = false,
) {
    val number = door.recipientPhone ?: return
    val words = LocalWords.current
    val whom = words.callTo(door.recipientName)
    SideButton(if (named) whom else words.call, "call-${door.recipientName}", Modifier.semantics { contentDescription = whom }) {
        state.call(number)
    }
}
