//! The service that is asked how long it takes from place to place.

use std::net::IpAddr;

use reqwest::Url;
use serde::Deserialize;

use super::BadConfig;

/// A service that says in OSRM's table format how long it takes from place to place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MatrixConfig {
    /// Its address, such as `https://osrm.example`; `http` only on this machine.
    pub url: String,
    /// Which of its profiles.
    #[serde(default = "usual_profile")]
    pub profile: String,
    /// Seconds that an answer may take, 1 to 600.
    #[serde(default = "usual_timeout")]
    pub timeout_s: u32,
    /// Most places in one request, 10 to 400.
    #[serde(default = "most_places")]
    pub places: usize,
}

fn usual_profile() -> String {
    "driving".into()
}

fn usual_timeout() -> u32 {
    10
}

/// What OSRM itself allows unless it is told otherwise.
fn most_places() -> usize {
    100
}

impl MatrixConfig {
    pub(super) fn check(&self) -> Result<(), BadConfig> {
        let bad = |key: &str, problem: &str| {
            Err(BadConfig { place: format!("matrix.{key}"), problem: problem.into() })
        };
        if !is_usable(&self.url) {
            return bad("url", "expected an address such as https://osrm.example; http only on this machine");
        }
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
        if !(1..=64).contains(&self.profile.len()) || !self.profile.bytes().all(is_plain) {
            return bad("profile", "expected a word such as driving");
        }
        if !(1..=600).contains(&self.timeout_s) {
            return bad("timeout_s", "1 to 600 seconds are allowed");
        }
        if !(10..=400).contains(&self.places) {
            return bad("places", "10 to 400 are allowed");
        }
        Ok(())
    }
}

/// An address to which something personal goes: under TLS, or to this machine.
pub(super) fn is_usable(url: &str) -> bool {
    let Ok(url) = Url::parse(url) else { return false };
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let is_here = host == "localhost" || address.is_ok_and(|address| address.is_loopback());
    (url.scheme() == "https" || (url.scheme() == "http" && is_here))
        && url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none()
}
