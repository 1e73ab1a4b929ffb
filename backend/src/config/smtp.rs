//! The server that mails are sent over.

use std::net::IpAddr;
use std::path::PathBuf;

use serde::Deserialize;

use super::BadConfig;

/// A server that mails are sent over (RFC 5321).
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SmtpConfig {
    /// Its name, which its certificate has to have.
    pub host: String,
    /// Its port; default: 587 for `starttls`, 465 for `implicit`, 25 for `none`.
    #[serde(default)]
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default)]
    pub tls: Tls,
    /// A file with the certificate of an authority beside Mozilla's, PEM.
    #[serde(default)]
    pub ca: Option<PathBuf>,
    /// Whom to log in as.
    #[serde(default)]
    pub user: Option<String>,
    /// With which password.
    #[serde(default)]
    pub password: Option<String>,
    /// The same from a file.
    #[serde(default)]
    pub password_file: Option<PathBuf>,
    /// Seconds that an answer may take, 1 to 600.
    #[serde(default = "usual_timeout")]
    pub timeout_s: u32,
}

fn usual_timeout() -> u32 {
    30
}

/// How a connection is protected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tls {
    /// It begins without and changes to TLS, or nothing is sent (RFC 3207).
    #[default]
    Starttls,
    /// TLS from the first byte (RFC 8314).
    Implicit,
    /// Not at all: for a server on this machine only.
    None,
}

impl SmtpConfig {
    /// Its port.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Tls::Starttls => 587,
            Tls::Implicit => 465,
            Tls::None => 25,
        })
    }

    pub(super) fn check(&self) -> Result<(), BadConfig> {
        let bad = |key: &str, problem: &str| {
            Err(BadConfig { place: format!("mail.smtp.{key}"), problem: problem.into() })
        };
        if self.host.is_empty()
            || !self.host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:".contains(&b))
        {
            return bad("host", "expected a name such as mail.example");
        }
        let is_here =
            self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|it| it.is_loopback());
        if self.tls == Tls::None && !is_here {
            return bad("tls", "starttls and implicit are allowed; none only for a server on this machine");
        }
        if self.password.is_some() && self.password_file.is_some() {
            return bad("password", "either password or password_file");
        }
        if self.user.is_some() != (self.password.is_some() || self.password_file.is_some()) {
            return bad("user", "user and password belong together");
        }
        if !(1..=600).contains(&self.timeout_s) {
            return bad("timeout_s", "1 to 600 seconds are allowed");
        }
        Ok(())
    }
}
