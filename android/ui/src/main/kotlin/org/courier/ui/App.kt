package org.courier.ui

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Box
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ColumnScope
import androidx.compose.foundation.layout.Row
import androidx.compose.foundation.layout.fillMaxSize
import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.layout.padding
import androidx.compose.foundation.layout.safeDrawingPadding
import androidx.compose.material3.MaterialTheme
import androidx.compose.material3.Surface
import androidx.compose.material3.Text
import androidx.compose.material3.TextButton
import androidx.compose.runtime.Composable
import androidx.compose.runtime.CompositionLocalProvider
import androidx.compose.runtime.collectAsState
import androidx.compose.runtime.getValue
import androidx.compose.ui.Alignment
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.semantics.LiveRegionMode
import androidx.compose.ui.semantics.heading
import androidx.compose.ui.semantics.liveRegion
import androidx.compose.ui.semantics.semantics
import androidx.compose.ui.unit.dp
import org.courier.core.Diagnostics
import org.courier.data.PhoneState
import org.courier.ui.door.DoorPlace
import org.courier.ui.words.Language
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words
import org.courier.ui.words.seconds

/** The whole app. [language] and [look] are the courier's unless something else is to be shown. */
@Composable
fun CourierApp(
    state: AppState,
    language: Language = state.language,
    look: Look = state.look,
) = CompositionLocalProvider(LocalWords provides language.words) {
    CourierTheme(look) {
        Surface(Modifier.fillMaxSize(), color = MaterialTheme.colorScheme.background) { KnowsItsShape { Screen(state) } }
    }
}

@Composable
private fun Screen(state: AppState) =
    Column(Modifier.safeDrawingPadding()) {
        val phone by state.repository.state.collectAsState()
        when (val stands = phone) {
            PhoneState.Starting -> Waiting()
            is PhoneState.Broken -> BrokenScreen(state, stands)
            is PhoneState.NotEnrolled -> {
                Head(LocalWords.current.enrol, null, null)
                Body { EnrolScreen(state, stands) }
            }
            PhoneState.Enrolled -> Enrolled(state)
        }
        Said(state)
    }

@Composable
private fun ColumnScope.Enrolled(state: AppState) {
    val words = LocalWords.current
    val phone by state.repository.diagnostics.collectAsState()
    val trouble by state.repository.trouble.collectAsState()
    val place = state.place
    val back: () -> Unit = { state.goBack() }
    Head(title(place, words), trouble?.let { words.error(it) } ?: outbox(phone, words), back.takeIf { place.parent != null })
    Body {
        when (place) {
            Place.Today -> TodayPlace(state)
            is Place.Stop -> StopPlace(state, place.id)
            is Place.Door -> DoorPlace(state, place)
            Place.LoadCheck -> LoadCheckPlace(state)
            Place.ReturnCheck -> ReturnCheckPlace(state)
            Place.DayEnd -> DayEndPlace(state)
            Place.OnThisPhone -> OnThisPhonePlace(state)
            Place.Settings -> SettingsScreen(state)
        }
    }
}

private fun title(
    place: Place,
    words: Words,
) = when (place) {
    Place.Today -> words.today
    is Place.Stop -> words.stopTitle
    is Place.Door -> words.door
    Place.LoadCheck -> words.loadCheck
    Place.ReturnCheck -> words.returnCheck
    Place.DayEnd -> words.dayEnd
    Place.OnThisPhone -> words.onThisPhone
    Place.Settings -> words.settings
}

/** What waits for the network, and whether the server is reached: said on every screen. */
private fun outbox(
    phone: Diagnostics?,
    words: Words,
): String? {
    phone ?: return null
    val waits = words.outbox(phone.pending, phone.files)
    val failing = phone.lanes.filter { it.failures > 0u }.maxByOrNull { it.failures } ?: return waits
    return "$waits · ${words.noServer(seconds(failing.waitMs))}"
}

@Composable
private fun Head(
    title: String,
    status: String?,
    back: (() -> Unit)?,
) {
    val words = LocalWords.current
    Row(
        Modifier.fillMaxWidth().padding(horizontal = 8.dp),
        verticalAlignment = Alignment.CenterVertically,
        horizontalArrangement = Arrangement.spacedBy(4.dp),
    ) {
        if (back != null) TextButton(back, Modifier.heightIn(min = TOUCH).testTag("back")) { Text("‹ ${words.back}") }
        Column(Modifier.padding(8.dp).weight(1f)) {
            Text(title, Modifier.semantics { heading() }.testTag("title"), style = MaterialTheme.typography.titleLarge)
            if (status != null) Text(status, Modifier.testTag("outbox"), style = MaterialTheme.typography.bodySmall)
        }
    }
}

@Composable
private fun ColumnScope.Body(content: @Composable () -> Unit) = Box(Modifier.weight(1f)) { content() }

/** What came of what was done: announced by a screen reader, shown where the thumb is not. */
@Composable
private fun Said(state: AppState) {
    val words = LocalWords.current
    val colors = MaterialTheme.colorScheme
    val message = state.message
    val text = if (state.busy) words.working else message?.text?.invoke(words) ?: return
    val worked = state.busy || message?.worked == true
    Surface(
        Modifier.fillMaxWidth(),
        color = if (worked) colors.tertiary else colors.error,
        contentColor = if (worked) colors.onTertiary else colors.onError,
    ) {
        Column(Modifier.padding(horizontal = 16.dp, vertical = 12.dp)) {
            Text(text, Modifier.testTag("message").semantics { liveRegion = LiveRegionMode.Assertive })
            state.elsewhere?.let { other ->
                SideButton(words.goToStop(other.no), "go-elsewhere") { state.goElsewhere(other.stop) }
            }
        }
    }
}

@Composable
private fun Waiting() = Box(Modifier.fillMaxWidth().padding(24.dp)) { Text(LocalWords.current.working) }

@Composable
private fun BrokenScreen(
    state: AppState,
    phone: PhoneState.Broken,
) {
    val words = LocalWords.current
    Column(Modifier.padding(16.dp), verticalArrangement = Arrangement.spacedBy(12.dp)) {
        Title(words.broken)
        Text(words.error(phone.error))
        MainButton(words.tryAgain, "try-again", onClick = state::resume)
    }
}
