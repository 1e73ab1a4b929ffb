//! Fluent resources of one language.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use unic_langid::LanguageIdentifier;

/// The texts of one language.
pub(crate) struct Bundle {
    pub(crate) lang: &'static str,
    texts: FluentBundle<FluentResource>,
}

impl Bundle {
    /// A wrong resource of ours is found by the test that reads every one; what can be read of it is kept.
    pub(crate) fn new(lang: &'static str, source: &str) -> Self {
        let id: LanguageIdentifier = lang.parse().unwrap_or_default();
        let mut texts = FluentBundle::new_concurrent(vec![id]);
        let resource = FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partly, _)| partly);
        texts.add_resource_overriding(resource);
        Self { lang, texts }
    }

    /// The text of a key; the key itself if there is none, which a test keeps from happening.
    pub(crate) fn text(&self, key: &str, args: &[(&'static str, Arg<'_>)]) -> String {
        let Some(pattern) = self.texts.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut given = FluentArgs::new();
        for (name, arg) in args {
            match arg {
                Arg::Text(text) => given.set(*name, *text),
                Arg::Number(number) => given.set(*name, *number),
            }
        }
        let mut errors = Vec::new();
        self.texts.format_pattern(pattern, Some(&given), &mut errors).into_owned()
    }
}

/// What is put into a text.
pub(crate) enum Arg<'a> {
    Text(&'a str),
    Number(u64),
}

/// The bundle of the first of `langs` that there is one of; the first of all if there is none. A language is a BCP 47 tag
/// such as `de-AT`, of which the region does not matter.
pub(crate) fn of<'a, T: AsRef<str>>(bundles: &'a [Bundle], langs: &[T]) -> &'a Bundle {
    let find = |lang: &T| {
        let language = lang.as_ref().split(['-', '_']).next().unwrap_or_default();
        bundles.iter().find(|bundle| bundle.lang.eq_ignore_ascii_case(language))
    };
    langs.iter().find_map(find).unwrap_or(&bundles[0])
}

#[cfg(test)]
pub(crate) mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// The keys of a resource, which has to be right to its end.
    pub(crate) fn keys(lang: &str, source: &str) -> BTreeSet<String> {
        let resource = FluentResource::try_new(source.to_owned());
        let resource = resource.unwrap_or_else(|(_, errors)| panic!("{lang}: {errors:?}"));
        let mut texts = FluentBundle::new_concurrent(vec![lang.parse::<LanguageIdentifier>().unwrap()]);
        texts.add_resource(resource).unwrap_or_else(|errors| panic!("{lang}: {errors:?}"));
        let keys: Vec<&str> = source
            .lines()
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" ="))
            .map(|(key, _)| key)
            .collect();
        let once: BTreeSet<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        assert_eq!(once.len(), keys.len(), "{lang} has a key twice");
        once
    }

    #[test]
    fn a_region_does_not_matter_and_what_is_not_there_is_the_first() {
        let bundles = [Bundle::new("en", "a = A"), Bundle::new("de", "a = Ä")];
        for (lang, found) in
            [("de", "de"), ("de-AT", "de"), ("DE_ch", "de"), ("fr", "en"), ("", "en"), ("😀", "en")]
        {
            assert_eq!(of(&bundles, &[lang]).lang, found, "{lang}");
        }
        assert_eq!(of(&bundles, &["fr", "de", "en"]).lang, "de", "the first that there is");
        assert_eq!(of::<&str>(&bundles, &[]).lang, "en");
        assert_eq!(bundles[1].text("a", &[]), "Ä");
        assert_eq!(bundles[1].text("b", &[]), "b");
    }
}
