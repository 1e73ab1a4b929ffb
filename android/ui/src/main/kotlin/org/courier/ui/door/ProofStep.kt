package org.courier.ui.door

import androidx.compose.foundation.layout.Arrangement
import androidx.compose.foundation.layout.Column
import androidx.compose.foundation.layout.ExperimentalLayoutApi
import androidx.compose.foundation.layout.FlowRow
import androidx.compose.foundation.layout.heightIn
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.material3.FilterChip
import androidx.compose.material3.SuggestionChip
import androidx.compose.material3.Text
import androidx.compose.runtime.Composable
import androidx.compose.ui.Modifier
import androidx.compose.ui.platform.testTag
import androidx.compose.ui.unit.dp
import org.courier.core.Check
import org.courier.core.Demand
import org.courier.core.DoorView
import org.courier.core.Excuse
import org.courier.core.ExcuseReason
import org.courier.core.FileKind
import org.courier.core.Proof
import org.courier.core.Receiver
import org.courier.core.StopView
import org.courier.core.filesFor
import org.courier.core.proofDemand
import org.courier.ui.AppState
import org.courier.ui.TOUCH
import org.courier.ui.words.LocalWords
import org.courier.ui.words.Words

/** Names that the core offers: all of them are of this stop. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
internal fun Suggestions(
    form: Form,
    receiver: Receiver,
    view: DoorView,
) = FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
    for (offered in view.suggestions.filter { it.receiver == receiver && it.name != form.name }) {
        SuggestionChip(
            onClick = {
                form.name = offered.name
                offered.flat?.let { form.flat = it }
            },
            label = { Text(offered.name) },
            modifier = Modifier.heightIn(min = TOUCH).testTag("suggest-${offered.name}"),
        )
    }
}

/** What is asked for at this door, and what may be given: the core says which, and for whom nothing is photographed. */
internal fun LazyListScope.proofs(
    form: Form,
    receiver: Receiver,
    stop: StopView,
    view: DoorView,
    state: AppState,
    words: Words,
) {
    val option = view.options.firstOrNull { it.receiver == receiver } ?: return
    val files = filesFor(stop, view.shipment, receiver)
    items(option.proofs, key = { "rule-${it.proof}" }) { Text(words.proofRule(it)) }
    items(option.proofs.mapNotNull { checkOf(it.proof, it.minAge) }, key = { "check-$it" }) { check ->
        Toggle(words.proof(if (check is Check.Age) Proof.AGE_CHECK else Proof.IDENTITY_CHECK), "check", check in form.checks) {
            form.toggle(check)
        }
    }
    for (kind in listOf(FileKind.SIGNATURE, FileKind.PHOTO)) {
        val proof = proofOf(kind)
        val demand = proofDemand(option, proof)
        if (demand == Demand.FORBIDDEN) continue
        taking(kind, state, words)
        if (demand == Demand.REQUIRED && files.none { it.kind == kind }) {
            item(key = "without-$proof") { Without(form, proof) }
        }
    }
    taken(files, state, words)
}

private fun checkOf(
    proof: Proof,
    minAge: UByte?,
): Check? =
    when (proof) {
        Proof.AGE_CHECK -> Check.Age(minAge ?: 0u)
        Proof.IDENTITY_CHECK -> Check.Identity
        else -> null
    }

/** Why a proof is not there: nobody is kept at a door by a camera that failed. */
@OptIn(ExperimentalLayoutApi::class)
@Composable
private fun Without(
    form: Form,
    proof: Proof,
) {
    val words = LocalWords.current
    Column {
        Text(words.without)
        FlowRow(horizontalArrangement = Arrangement.spacedBy(8.dp)) {
            for (why in listOf(ExcuseReason.DECLINED, ExcuseReason.DEVICE_FAILED, ExcuseReason.NOT_POSSIBLE)) {
                val excuse = Excuse(proof, why)
                Toggle(words.excuse(why), "without-$proof-$why", excuse in form.without) { form.toggle(excuse) }
            }
        }
    }
}

@Composable
private fun Toggle(
    text: String,
    tag: String,
    on: Boolean,
    onToggle: () -> Unit,
) = FilterChip(on, onToggle, { Text(text) }, Modifier.heightIn(min = TOUCH).testTag(tag))
