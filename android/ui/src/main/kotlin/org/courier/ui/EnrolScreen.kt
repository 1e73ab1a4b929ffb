package org.courier.ui

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.saveable.rememberSaveable
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.text.input.KeyboardCapitalization
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.PasswordVisualTransformation
import org.courier.data.PhoneState
import org.courier.ui.words.LocalWords
import java.io.File

/** This phone becomes a courier's. */
@Composable
internal fun EnrolScreen(
    state: AppState,
    phone: PhoneState.NotEnrolled,
) {
    val words = LocalWords.current
    val server = state.server ?: phone.server
    var exported by remember { mutableStateOf(state.platform.exported()) }
    Scrolled {
        item("intro") { Text(words.enrolIntro, style = MaterialTheme.typography.bodyLarge) }
        exported?.let { file -> item("export") { ExportPanel(file, state) { exported = state.platform.exported() } } }
        item("scan-office") {
            SideButton(words.scanOffice, "scan-office", Modifier.fillMaxWidth(), enabled = !state.busy) { state.scanOffice() }
        }
        item("server") { Field(words.server, server, "server", keyboard = exactly(kind = KeyboardType.Uri)) { state.server = it } }
        item("enrolment-code") {
            val keyboard = exactly(KeyboardCapitalization.Characters, KeyboardType.Password)
            Field(words.enrolmentCode, state.enrolmentCode, "enrolment-code", look = PasswordVisualTransformation(), keyboard = keyboard) {
                state.enrolmentCode = it
            }
        }
        item("enrol") {
            val filled = server.isNotBlank() && state.enrolmentCode.isNotBlank()
            MainButton(words.enrolNow, "enrol", enabled = filled && !state.busy) { state.enrol(server) }
        }
    }
}

/** What a courier who left could not send: handed to the office as often as it takes, deleted when it has it. */
@Composable
private fun ExportPanel(
    file: File,
    state: AppState,
    onDelete: () -> Unit,
) {
    val words = LocalWords.current
    var asked by rememberSaveable { mutableStateOf(false) }
    Panel("export-kept", important = true) {
        Text(words.exportKept)
        SideButton(words.exportHand, "hand-export") { state.platform.hand(file) }
        if (asked) {
            Text(words.exportDeleteSure)
            SideButton(words.exportDelete, "delete-export-really") {
                file.delete()
                onDelete()
            }
            SideButton(words.cancel, "delete-export-not") { asked = false }
        } else {
            SideButton(words.exportDelete, "delete-export") { asked = true }
        }
    }
}
