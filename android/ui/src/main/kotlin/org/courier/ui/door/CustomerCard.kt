package org.courier.ui.door

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.rememberScrollState
import androidx.compose.foundation.verticalScroll
import androidx.compose.material3.FilterChip
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.getValue
import androidx.compose.runtime.mutableStateOf
import androidx.compose.runtime.remember
import androidx.compose.runtime.setValue
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.LocalLayoutDirection
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.contentDescription
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.LayoutDirection
import androidx.compose.ui.unit.dp
import org.courier.core.Card
import org.courier.core.DoorView
import org.courier.core.cardLanguages
import org.courier.core.customerCard
import org.courier.ui.MainButton
import org.courier.ui.TOUCH
import org.courier.ui.words.LocalWords

/** To be shown or read to the customer: what code is asked for, where it is, who may receive, and when not to tell it. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun CustomerCard(
    view: DoorView,
    door: DoorState,
) {
    var lang by remember(view.lang) { mutableStateOf(view.lang) }
    val card = remember(lang, view) { customerCard(lang, view.parcels.count { it.outcome == null }.toUInt(), needsCode(view)) }
    val words = LocalWords.current
    Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.primaryContainer) {
        Column(
            Modifier.padding(24.dp).testTag("card").verticalScroll(rememberScrollState()),
            Arrangement.spacedBy(24.dp),
        ) {
            Sentences(card)
            MainButton(words.back, "card-back") { door.card = false }
            FlowRow(
                Modifier.semantics { contentDescription = words.cardLanguage },
                horizontalArrangement = Arrangement.spacedBy(8.dp),
            ) {
                for (language in remember { cardLanguages() }) {
                    FilterChip(
                        selected = language.lang == card.lang,
                        onClick = { lang = language.lang },
                        label = { Text(language.name) },
                        modifier = Modifier.heightIn(min = TOUCH).testTag("card-${language.lang}"),
                    )
                }
            }
        }
    }
}

/** In the card's own direction, whatever the courier's is. */
@Composable
private fun Sentences(card: Card) =
    CompositionLocalProvider(LocalLayoutDirection provides if (card.rtl) LayoutDirection.Rtl else LayoutDirection.Ltr) {
        Column(verticalArrangement = Arrangement.spacedBy(24.dp)) {
            Text(card.title, style = MaterialTheme.typography.displaySmall)
            for (line in card.lines) Text(line, style = MaterialTheme.typography.headlineSmall)
        }
    }
