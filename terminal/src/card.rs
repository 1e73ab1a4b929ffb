//! The card for a customer as plain lines.

use courier_texts::{Card, CardLanguage, card, card_languages};

/// The card in a language, or the languages that there are.
pub(crate) fn text(lang: Option<&str>, parcels: u32, coded: bool) -> String {
    let Some(lang) = lang else {
        let line = |language: &CardLanguage| format!("{}\t{}", language.lang, language.name);
        return card_languages().iter().map(line).collect::<Vec<_>>().join("\n") + "\n";
    };
    let Card { title, lines, .. } = card(lang, parcels, coded);
    format!("{title}\n\n{}\n", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_printed_in_its_language_and_without_one_the_languages_are() {
        let turkish = text(Some("tr"), 2, true);
        assert_eq!(turkish.lines().count(), 8, "{turkish}");
        assert_ne!(turkish, text(Some("en"), 2, true));
        assert!(text(None, 1, true).lines().any(|line| line == "de\tDeutsch"));
    }
}
