package org.courier.ui

import androidx.compose.foundation.layout.heightIn
import androidx.compose.material3.FilterChip
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import org.courier.ui.words.Language
import org.courier.ui.words.LocalWords

/** Language and look. */
@Composable
internal fun SettingsScreen(state: AppState) {
    val words = LocalWords.current
    Scrolled(Modifier.testTag("settings-list")) {
        item { Title(words.language) }
        Language.entries.forEach { language ->
            item { Chosen(language.ownName, state.language == language, "language-$language") { state.choose(language) } }
        }
        item { Title(words.theme) }
        listOf(Look.PHONE to words.asPhone, Look.LIGHT to words.light, Look.DARK to words.dark).forEach { (look, name) ->
            item { Chosen(name, state.look == look, "look-$look") { state.choose(look) } }
        }
        item { SideButton(words.onThisPhone, "on-this-phone") { state.go(Place.OnThisPhone) } }
    }
}

@Composable
private fun Chosen(
    text: String,
    chosen: Boolean,
    tag: String,
    onClick: () -> Unit,
) = FilterChip(chosen, onClick, { Text(text) }, Modifier.heightIn(min = TOUCH).testTag(tag))
