//! Who reads a page of the office: in which language, and where.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header as http};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use crate::api::App;
use crate::api::answer::{Refusal, StrictForm};

/// Holds the language that somebody chose.
const COOKIE: &str = "courier_language";

/// A language that pages are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::api) enum Lang {
    /// German.
    De,
    /// English.
    En,
}

impl Lang {
    /// The language of a tag such as `de-AT`; English if there is none in it.
    pub(super) fn of(tag: &str) -> Self {
        Self::known(tag).unwrap_or(Self::En)
    }

    fn known(tag: &str) -> Option<Self> {
        match tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase().as_str() {
            "de" => Some(Self::De),
            "en" => Some(Self::En),
            _ => None,
        }
    }

    pub(super) fn tag(self) -> &'static str {
        match self {
            Self::De => "de",
            Self::En => "en",
        }
    }

    pub(super) fn other(self) -> Self {
        match self {
            Self::De => Self::En,
            Self::En => Self::De,
        }
    }

    /// What it is called in itself.
    pub(super) fn name(self) -> &'static str {
        self.say("Deutsch", "English")
    }

    /// One of two texts.
    pub(super) fn say(self, de: &'static str, en: &'static str) -> &'static str {
        match self {
            Self::De => de,
            Self::En => en,
        }
    }
}

/// The language of a browser (RFC 9110 § 12.5.4), as far as there are pages in it.
fn accepted(headers: &HeaderMap) -> Option<Lang> {
    let wanted = headers.get(http::ACCEPT_LANGUAGE)?.to_str().ok()?;
    let mut best: Option<(f32, Lang)> = None;
    for item in wanted.split(',') {
        let (tag, rest) = item.split_once(';').unwrap_or((item, ""));
        let weight = rest.trim().strip_prefix("q=").and_then(|q| q.parse().ok()).unwrap_or(1.0);
        if let Some(lang) = Lang::known(tag)
            && best.is_none_or(|(known, _)| weight > known)
        {
            best = Some((weight, lang));
        }
    }
    best.map(|(_, lang)| lang)
}

fn chosen(headers: &HeaderMap) -> Option<Lang> {
    let cookies = headers.get_all(http::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| name.trim() == COOKIE).and_then(|(_, value)| Lang::known(value))
}

/// The language for whoever sent these headers.
pub(in crate::api) fn wanted(headers: &HeaderMap) -> Lang {
    chosen(headers).or_else(|| accepted(headers)).unwrap_or(Lang::En)
}

/// Who reads a page.
#[derive(Debug, Clone)]
pub(in crate::api) struct Reader {
    pub(super) lang: Lang,
    /// Path and query of the page.
    pub(super) here: String,
}

impl Reader {
    /// One of two texts.
    pub(super) fn say(&self, de: &'static str, en: &'static str) -> &'static str {
        self.lang.say(de, en)
    }
}

impl FromRequestParts<App> for Reader {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Infallible> {
        let lang = wanted(&parts.headers);
        // What a form was sent to is no page to go back to.
        let here = if parts.method == axum::http::Method::GET { parts.uri.to_string() } else { "/".into() };
        Ok(Self { lang, here })
    }
}

/// A form that chooses a language.
#[derive(Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Choice {
    to: Lang,
    /// Where to go then: a path of ours.
    back: String,
}

/// Chooses a language for a year.
pub(in crate::api) async fn choose(
    State(_): State<App>,
    StrictForm(choice): StrictForm<Choice>,
) -> Result<Response, Refusal> {
    let cookie = format!("{COOKIE}={}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", choice.to.tag());
    Ok(([(http::SET_COOKIE, cookie)], Redirect::to(ours(&choice.back))).into_response())
}

/// A path of this site and nothing else: no other host can be meant by it.
fn ours(path: &str) -> &str {
    let is_ours = path.starts_with('/')
        && !path.starts_with("//")
        && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_ours { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_that_is_liked_best_is_taken_of_those_that_there_are() {
        let of = |wanted: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(http::ACCEPT_LANGUAGE, wanted.parse().unwrap());
            accepted(&headers)
        };
        assert_eq!(of("de-AT,de;q=0.9,en;q=0.8"), Some(Lang::De));
        assert_eq!(of("fr, en;q=0.3, de;q=0.7"), Some(Lang::De));
        assert_eq!(of("tr"), None);
        assert_eq!(of(";;q=,"), None);
    }

    #[test]
    fn nobody_is_sent_to_another_site() {
        for other in ["https://a.example/", "//a.example", "/\\a.example", "", "x", "/a\r\nb", "/ä"] {
            assert_eq!(ours(other), "/", "{other}");
        }
        assert_eq!(ours("/board/search?q=a%20b"), "/board/search?q=a%20b");
    }
}
