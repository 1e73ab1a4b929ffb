//! The words of the core, one source for every shell: what its terms are called on a courier's screen ([`Words`]), and
//! what a courier shows to a customer ([`card`](fn@card)).
//!
//! The texts are Fluent resources (<https://projectfluent.org>) inside the library, so there is nothing to load and
//! nothing to fail. Names and numbers are put between marks of isolation (U+2068 and U+2069): a name in another direction
//! does not turn the sentence around it.

mod bundle;
mod card;
mod words;

pub use card::{Card, CardLanguage, card, card_languages};
pub use words::Words;
