package org.courier.ui

import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.text.input.PasswordVisualTransformation
import org.courier.data.PhoneState
import org.courier.ui.words.LocalWords

/** This phone becomes a courier's. */
@Composable
internal fun EnrolScreen(
    state: AppState,
    phone: PhoneState.NotEnrolled,
) {
    val words = LocalWords.current
    val server = state.server ?: phone.server
    Scrolled {
        item { Text(words.enrolIntro, style = MaterialTheme.typography.bodyLarge) }
        item { Field(words.server, server, "server") { state.server = it } }
        item {
            Field(words.enrolmentCode, state.enrolmentCode, "enrolment-code", look = PasswordVisualTransformation()) {
                state.enrolmentCode = it
            }
        }
        item {
            val filled = server.isNotBlank() && state.enrolmentCode.isNotBlank()
            MainButton(words.enrolNow, "enrol", enabled = filled && !state.busy) { state.enrol(server) }
        }
    }
}
