package org.courier.ui.door

import androidx.compose.foundation.layout.fillMaxWidth
import androidx.compose.foundation.lazy.LazyListScope
import androidx.compose.foundation.lazy.items
import androidx.compose.ui.Modifier
import org.courier.core.FileKind
import org.courier.core.Proof
import org.courier.core.ProofFile
import org.courier.ui.AppState
import org.courier.ui.SideButton
import org.courier.ui.words.Words

/** What a file proves. */
internal fun proofOf(kind: FileKind) = if (kind == FileKind.PHOTO) Proof.PHOTO else Proof.SIGNATURE

/** The way to a photo or a signature. Whether there may be one, the core says. */
internal fun LazyListScope.taking(
    kind: FileKind,
    state: AppState,
    words: Words,
) = when (kind) {
    FileKind.PHOTO -> item(key = "photo") { SideButton(words.takePhoto, "photo", Modifier.fillMaxWidth()) { state.photograph() } }
    FileKind.SIGNATURE -> item(key = "sign") { SideButton(words.sign, "sign", Modifier.fillMaxWidth()) { state.sign() } }
}

/** What was taken and is part of nothing yet: each may be let go. */
internal fun LazyListScope.taken(
    files: List<ProofFile>,
    state: AppState,
    words: Words,
) = items(files, key = { "file-${it.sha256}" }) { file ->
    SideButton("${words.proof(proofOf(file.kind))}: ${words.remove}", "drop-${file.kind}") { state.drop(file) }
}
