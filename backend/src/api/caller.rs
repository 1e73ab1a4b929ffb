//! Who asks: a program with a key, or somebody of the office in a session.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header as http};
use courier_codes::encoding::encode;
use courier_protocol::ProblemKind;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::App;
use super::answer::{Refusal, blocking};
use super::limit::{Rule, subject_of};
use super::phone::bearer;
use crate::error::ServiceError;
use crate::office::{Actor, LoggedIn, Reach, Role};

/// Header in which a program inside a session sends its token against forged requests.
const CSRF: &str = "x-csrf-token";

/// Where a request comes from.
pub(super) struct Peer(pub(super) String);

impl FromRequestParts<App> for Peer {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip());
        let peer = peer.ok_or_else(|| ServiceError::fault("a request from nowhere"))?;
        let proxies = &app.service.config().limits.proxies;
        Ok(Self(subject_of(client(peer, &parts.headers, proxies))))
    }
}

/// The address in front of our own proxies: each appends the one that it saw.
fn client(peer: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    if !proxies.contains(&peer) {
        return peer;
    }
    let told = headers.get_all("x-forwarded-for").iter().rev().filter_map(|value| value.to_str().ok());
    let mut addresses = told.flat_map(|value| value.rsplit(',')).map_while(|text| text.trim().parse().ok());
    addresses.find(|address| !proxies.contains(address)).unwrap_or(peer)
}

/// Who asks for something about deliveries.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    /// In whose name it is written down.
    pub(super) actor: Actor,
    /// Whose shipments they see; absent = everybody's.
    pub(super) sender: Option<String>,
    /// What they may do.
    pub(super) reach: Reach,
}

/// A shop, or the office.
pub(super) struct Shop(pub(super) Caller);
/// The office.
pub(super) struct Office(pub(super) Caller);
/// Who reads figures, or the office.
pub(super) struct Metrics;
/// Somebody of the office, in a session.
pub(super) struct Session {
    pub(super) who: LoggedIn,
    pub(super) secret: String,
}
/// An admin, in a session.
pub(super) struct Admin(pub(super) Session);

impl FromRequestParts<App> for Shop {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let caller = caller(parts, app).await?;
        match caller.reach {
            Reach::Shop | Reach::Office => Ok(Self(caller)),
            Reach::Metrics => Err(forbidden("")),
        }
    }
}

impl FromRequestParts<App> for Office {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let caller = caller(parts, app).await?;
        if caller.reach == Reach::Office { Ok(Self(caller)) } else { Err(forbidden("")) }
    }
}

impl FromRequestParts<App> for Metrics {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        match caller(parts, app).await?.reach {
            Reach::Metrics | Reach::Office => Ok(Self),
            Reach::Shop => Err(forbidden("")),
        }
    }
}

impl FromRequestParts<App> for Session {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let secret = session_cookie(app, &parts.headers).ok_or_else(unauthorized)?;
        let asked = secret.clone();
        let who = blocking(app, move |service| service.session(&asked)).await?;
        Ok(Self { who: who.ok_or_else(unauthorized)?, secret })
    }
}

impl FromRequestParts<App> for Admin {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Refusal> {
        let session = Session::from_request_parts(parts, app).await?;
        if session.who.role != Role::Admin {
            return Err(forbidden("this is for admins"));
        }
        Ok(Self(session))
    }
}

/// Who asks with this bearer token, if it is one of an office or a shop.
pub(super) async fn of_key(app: &App, given: &str) -> Result<Option<Caller>, ServiceError> {
    let keys = &app.service.config().keys;
    for (known, reach) in [(&keys.ops, Reach::Office), (&keys.shop, Reach::Shop)] {
        if is_key(known.as_ref(), given) {
            return Ok(Some(Caller { actor: Actor::Configured(reach), sender: None, reach }));
        }
    }
    let given = given.to_owned();
    let found = blocking(app, move |service| service.key(&given)).await?;
    Ok(found.map(|(actor, reach, sender)| Caller { actor, sender, reach }))
}

async fn caller(parts: &mut Parts, app: &App) -> Result<Caller, Refusal> {
    if let Some(given) = bearer(&parts.headers) {
        let Peer(peer) = Peer::from_request_parts(parts, app).await?;
        let now = app.service.clock().now();
        app.limits.check(Rule::SecretsByAddress, &peer, now)?;
        let found = of_key(app, &given).await?;
        if found.is_none() {
            app.limits.count(Rule::SecretsByAddress, &peer, now);
        }
        return found.ok_or_else(unauthorized);
    }
    let session = Session::from_request_parts(parts, app).await?;
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        let given = parts.headers.get(CSRF).map(HeaderValue::as_bytes).unwrap_or_default();
        check_csrf(&session.secret, given)?;
    }
    Ok(Caller { actor: Actor::Account(session.who.account), sender: None, reach: Reach::Office })
}

/// Compares keys in constant time.
fn is_key(known: Option<&String>, given: &str) -> bool {
    known.is_some_and(|known| known.as_bytes().ct_eq(given.as_bytes()).into())
}

fn unauthorized() -> Refusal {
    ServiceError::refused(ProblemKind::Unauthorized, "").into()
}

fn forbidden(what: &str) -> Refusal {
    ServiceError::refused(ProblemKind::Forbidden, what).into()
}

/// What a form has to send back: it follows from the cookie, which no other site can read or set.
pub(super) fn csrf_of(secret: &str) -> String {
    encode(&Sha256::digest(format!("courier/csrf/v1\0{secret}")))
}

/// Whether a request comes from a page of ours.
pub(super) fn check_csrf(secret: &str, given: &[u8]) -> Result<(), Refusal> {
    if csrf_of(secret).as_bytes().ct_eq(given).into() {
        return Ok(());
    }
    Err(forbidden("this request was not made on a page of this site: load the page again"))
}

/// A cookie of a name of ours.
pub(super) enum Cookie {
    /// Of a session.
    Session,
    /// Of the login page, before anybody is logged in.
    Login,
}

impl Cookie {
    fn name(&self, app: &App) -> &'static str {
        match (self, is_https(app)) {
            (Self::Session, true) => "__Host-courier_session",
            (Self::Session, false) => "courier_session",
            (Self::Login, true) => "__Host-courier_login",
            (Self::Login, false) => "courier_login",
        }
    }

    /// What the browser has.
    pub(super) fn read(&self, app: &App, headers: &HeaderMap) -> Option<String> {
        let cookies = headers.get_all(http::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(name, _)| name.trim() == self.name(app));
        found.map(|(_, value)| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    /// What the browser is to keep; an empty value drops it.
    pub(super) fn write(&self, app: &App, value: &str) -> String {
        let secure = if is_https(app) { "; Secure" } else { "" };
        let age = if value.is_empty() { "; Max-Age=0" } else { "" };
        format!("{}={value}; HttpOnly; SameSite=Strict; Path=/{secure}{age}", self.name(app))
    }
}

fn is_https(app: &App) -> bool {
    app.service.public_url().starts_with("https:")
}

fn session_cookie(app: &App, headers: &HeaderMap) -> Option<String> {
    Cookie::Session.read(app, headers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_proxies_are_believed_and_only_what_they_saw_themselves() {
        let address = |text: &str| text.parse::<IpAddr>().unwrap();
        let told = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append("x-forwarded-for", value.parse().unwrap());
            }
            headers
        };
        let proxies = [address("10.0.0.1"), address("10.0.0.2")];
        for (peer, headers, wanted) in [
            ("192.0.2.9", told(&["203.0.113.5"]), "192.0.2.9"),
            ("10.0.0.1", told(&[]), "10.0.0.1"),
            ("10.0.0.1", told(&["203.0.113.5"]), "203.0.113.5"),
            ("10.0.0.1", told(&["198.51.100.7, 203.0.113.5, 10.0.0.2"]), "203.0.113.5"),
            ("10.0.0.1", told(&["198.51.100.7", "203.0.113.5"]), "203.0.113.5"),
            ("10.0.0.1", told(&["198.51.100.7, nonsense"]), "10.0.0.1"),
        ] {
            assert_eq!(client(address(peer), &headers, &proxies), address(wanted), "{headers:?}");
        }
    }
}
