//! Writes the Kotlin bindings; run inside the workspace so that `uniffi.toml` is found.
fn main() {
    uniffi::uniffi_bindgen_main();
}
