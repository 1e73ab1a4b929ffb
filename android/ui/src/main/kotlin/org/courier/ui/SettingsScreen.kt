package org.courier.ui

import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.material3.FilterChip
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import org.courier.core.KeepOrder
import org.courier.ui.words.Language
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words

/** Language, look, and what another order has to save. */
@Composable
internal fun SettingsScreen(state: AppState) {
    val words = LocalWords.current
    val route by state.repository.route.collectAsState()
    Scrolled(Modifier.testTag("settings-list")) {
        item { Title(words.language) }
        Language.entries.forEach { language ->
            item { Chosen(language.ownName, state.language == language, "language-$language") { state.choose(language) } }
        }
        item { Title(words.theme) }
        listOf(Look.PHONE to words.asPhone, Look.LIGHT to words.light, Look.DARK to words.dark).forEach { (look, name) ->
            item { Chosen(name, state.look == look, "look-$look") { state.choose(look) } }
        }
        route?.let { saving(it.keep, state, words) }
        item { SideButton(words.onThisPhone, "on-this-phone") { state.go(Place.OnThisPhone) } }
    }
}

/** How much another order has to save before it is proposed: the core keeps it. */
private fun LazyListScope.saving(
    chosen: KeepOrder,
    state: AppState,
    words: Words,
) {
    item { Title(words.otherOrderProposed) }
    val ways =
        listOf(
            KeepOrder.STRICT to words.ifItSavesMuch,
            KeepOrder.NORMAL to words.ifItIsWorthIt,
            KeepOrder.FREE to words.ifItSavesAMinute,
        )
    ways.forEach { (keep, name) -> item { Chosen(name, chosen == keep, "keep-$keep") { state.prefer(keep) } } }
}

@Composable
private fun Chosen(
    text: String,
    chosen: Boolean,
    tag: String,
    onClick: () -> Unit,
) = FilterChip(chosen, onClick, { Text(text) }, Modifier.heightIn(min = TOUCH).testTag(tag))
