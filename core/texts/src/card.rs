//! Cards for the customer: large type, in the customer's language, to be shown or read out at the door. What code is
//! asked for and where it is found, who may receive, and that it is never told by phone.

use std::sync::LazyLock;

use crate::bundle::{Arg, Bundle, of};

/// What is shown to a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    /// The language that it is in, BCP 47. English if there is no card in the wanted one.
    pub lang: String,
    /// Whether it is written from right to left.
    pub rtl: bool,
    /// What it is about.
    pub title: String,
    /// Sentence by sentence, the most important ones first.
    pub lines: Vec<String>,
}

static CARDS: LazyLock<Vec<Bundle>> =
    LazyLock::new(|| SOURCES.iter().map(|(lang, source)| Bundle::new(lang, source)).collect());

macro_rules! sources {
    ($($lang:literal)*) => { [$(($lang, include_str!(concat!("../cards/", $lang, ".ftl")))),*] };
}

/// English comes first: it is what is shown when there is no card in a language.
const SOURCES: [(&str, &str); 18] =
    sources!["en" "de" "ar" "cs" "el" "es" "fa" "fr" "it" "nl" "pl" "pt" "ro" "ru" "tr" "uk" "vi" "zh"];

/// Languages written from right to left (of those that there are cards in).
const RIGHT_TO_LEFT: [&str; 2] = ["ar", "fa"];

/// The card of a door with so many parcels, in the customer's language. What is said of a code is only on it where a code
/// is asked for.
pub fn card(lang: &str, parcels: u32, coded: bool) -> Card {
    let bundle = of(&CARDS, &[lang]);
    let text = |key| bundle.text(key, &[("n", Arg::Number(parcels.into()))]);
    let of_the_code: &[&str] = if coded {
        &["card-code", "card-where", "card-never-by-phone", "card-who-may-receive", "card-without-code"]
    } else {
        &[]
    };
    Card {
        lang: bundle.lang.to_owned(),
        rtl: RIGHT_TO_LEFT.contains(&bundle.lang),
        title: text("card-title"),
        lines: ["card-parcels"].iter().chain(of_the_code).map(|key| text(key)).collect(),
    }
}

/// A language that there is a card in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardLanguage {
    /// BCP 47.
    pub lang: String,
    /// What it calls itself.
    pub name: String,
}

/// The languages that there are cards in, English first.
pub fn card_languages() -> Vec<CardLanguage> {
    let named =
        |bundle: &Bundle| CardLanguage { lang: bundle.lang.into(), name: bundle.text("card-language", &[]) };
    CARDS.iter().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::tests::keys;

    #[test]
    fn every_card_says_everything_and_nothing_else() {
        let english = keys("en", SOURCES[0].1);
        assert_eq!(english.len(), 8);
        for (lang, source) in SOURCES {
            assert_eq!(keys(lang, source), english, "{lang}");
            let card = card(lang, 2, true);
            assert_eq!(card.lang, lang);
            assert_eq!(card.lines.len(), 6, "{lang}");
            for line in card.lines.iter().chain([&card.title]) {
                assert!(!line.is_empty() && !line.contains("card-") && !line.contains('{'), "{lang}: {line}");
            }
        }
    }

    #[test]
    fn no_two_languages_say_the_same() {
        for key in ["card-language", "card-title", "card-code", "card-never-by-phone"] {
            let mut said: Vec<_> = CARDS.iter().map(|bundle| bundle.text(key, &[])).collect();
            said.sort();
            said.dedup();
            // Russian and Ukrainian share a title.
            assert!(said.len() >= SOURCES.len() - usize::from(key == "card-title"), "{key} was copied");
        }
    }

    #[test]
    fn without_a_code_nothing_is_said_of_one() {
        for language in card_languages() {
            assert_eq!(card(&language.lang, 1, false).lines.len(), 1);
        }
    }

    /// Unicode CLDR plural rules, through the numbers that differ.
    #[test]
    fn plurals_follow_the_language() {
        for (lang, counts) in [
            ("en", [1, 2, 5]),
            ("pl", [1, 3, 5]),
            ("ru", [1, 3, 5]),
            ("ar", [1, 2, 11]),
            ("cs", [1, 3, 5]),
            ("ro", [1, 3, 20]),
        ] {
            let [a, b, c] = counts.map(|n| {
                let line = card(lang, n, true).lines[0].clone();
                line.chars().filter(|c| !c.is_numeric()).collect::<String>()
            });
            assert_ne!(a, b, "{lang}");
            if lang != "en" {
                assert_ne!(b, c, "{lang}");
            }
        }
        assert_eq!(card("ru", 21, true).lines[0], card("ru", 1, true).lines[0].replace('1', "21"));
    }

    #[test]
    fn right_to_left_is_told_and_numbers_are_isolated() {
        let arabic = card("ar-EG", 5, true);
        assert!(arabic.rtl && arabic.lines[0].contains("\u{2068}5\u{2069}"), "{arabic:?}");
        assert!(!card("tr", 5, true).rtl);
        assert_eq!(card("xx", 5, true).lang, "en");
    }
}
