//! What the core's terms are called on this shell: in English, with the words that every shell has.

use courier_texts::Words;

/// The words of the core.
pub(crate) fn terms() -> Words {
    Words::of("en")
}
