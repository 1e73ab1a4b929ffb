//! The courier core for Kotlin and Swift: a thin UniFFI façade.
