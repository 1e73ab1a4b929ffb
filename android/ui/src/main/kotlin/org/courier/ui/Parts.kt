package org.courier.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.PaddingValues
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.lazy.LazyColumn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.LazyListState
import androidx.compose.foundation.lazy.rememberLazyListState
import androidx.compose.foundation.shape.RoundedCornerShape
import androidx.compose.foundation.text.KeyboardOptions
import androidx.compose.material3.Button
import androidx.compose.material3.Card
import androidx.compose.material3.CardDefaults
import androidx.compose.material3.FilledTonalButton
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.OutlinedTextField
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.text.font.FontWeight
import androidx.compose.ui.text.input.KeyboardCapitalization
import androidx.compose.ui.text.input.KeyboardType
import androidx.compose.ui.text.input.VisualTransformation
import androidx.compose.ui.unit.dp

/** Everything that is touched is at least this high. */
internal val TOUCH = 48.dp
internal val SHAPE = RoundedCornerShape(12.dp)
private val GAP = 8.dp
private val EDGE = PaddingValues(horizontal = 16.dp, vertical = 8.dp)

/** A list that scrolls, however large the texts are. */
@Composable
internal fun Scrolled(
    modifier: Modifier = Modifier,
    list: LazyListState = rememberLazyListState(),
    content: LazyListScope.() -> Unit,
) = LazyColumn(
    modifier.fillMaxSize(),
    list,
    contentPadding = EDGE,
    verticalArrangement = Arrangement.spacedBy(GAP),
    content = content,
)

/** What is most likely meant. */
@Composable
internal fun MainButton(
    text: String,
    tag: String,
    modifier: Modifier = Modifier,
    enabled: Boolean = true,
    onClick: () -> Unit,
) = Button(onClick, modifier.fillMaxWidth().heightIn(min = 56.dp).testTag(tag), enabled, SHAPE) {
    Text(text, style = MaterialTheme.typography.titleMedium)
}

/** What is possible too. */
@Composable
internal fun SideButton(
    text: String,
    tag: String,
    modifier: Modifier = Modifier,
    enabled: Boolean = true,
    onClick: () -> Unit,
) = FilledTonalButton(onClick, modifier.heightIn(min = TOUCH).testTag(tag), enabled, SHAPE) { Text(text) }

/** What is typed is no language: the keyboard is asked not to correct it. */
internal fun exactly(
    capitals: KeyboardCapitalization = KeyboardCapitalization.None,
    kind: KeyboardType = KeyboardType.Unspecified,
) = KeyboardOptions(capitals, autoCorrectEnabled = false, keyboardType = kind)

/** A line of text to be typed. */
@Composable
internal fun Field(
    label: String,
    value: String,
    tag: String,
    modifier: Modifier = Modifier,
    look: VisualTransformation = VisualTransformation.None,
    keyboard: KeyboardOptions = KeyboardOptions.Default,
    onChange: (String) -> Unit,
) = OutlinedTextField(
    value,
    onChange,
    modifier.fillMaxWidth().testTag(tag),
    label = { Text(label) },
    singleLine = true,
    visualTransformation = look,
    keyboardOptions = keyboard,
)

/** Something that belongs together. */
@Composable
internal fun Panel(
    tag: String,
    modifier: Modifier = Modifier,
    important: Boolean = false,
    onClick: (() -> Unit)? = null,
    content: @Composable ColumnScope.() -> Unit,
) {
    val colors = MaterialTheme.colorScheme
    val look =
        if (important) {
            CardDefaults.cardColors(colors.primaryContainer, colors.onPrimaryContainer)
        } else {
            CardDefaults.cardColors(colors.surfaceVariant, colors.onSurfaceVariant)
        }
    // One thing to a screen reader.
    val whole = modifier.fillMaxWidth().heightIn(min = TOUCH).testTag(tag).semantics(mergeDescendants = true) {}
    val inside: @Composable ColumnScope.() -> Unit = { Column(Modifier.padding(12.dp), content = content) }
    if (onClick == null) {
        Card(whole, SHAPE, look, content = inside)
    } else {
        Card(onClick, whole, shape = SHAPE, colors = look, content = inside)
    }
}

@Composable
internal fun Title(
    text: String,
    modifier: Modifier = Modifier,
) = Text(text, modifier.semantics { heading() }, style = MaterialTheme.typography.titleMedium, fontWeight = FontWeight.Bold)

/** What is told, and how it is. */
@Composable
internal fun Fact(
    what: String,
    text: String,
    tag: String,
) = Column(Modifier.semantics(mergeDescendants = true) {}.testTag(tag)) {
    Text(what, style = MaterialTheme.typography.labelMedium)
    Text(text, style = MaterialTheme.typography.bodyLarge)
}
