//! Where mails go: over SMTP, or as `.eml` files into a spool folder.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use lettre::Message;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{Certificate, SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use crate::config::{Config, SmtpConfig, Tls};
use crate::error::ServiceError;

/// Where mails go.
pub(crate) enum Outbox {
    /// Into a folder.
    Spool(PathBuf),
    /// To a server.
    Smtp(Box<Smtp>),
}

/// Why a mail was not sent, in words without anything personal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unsent {
    /// Nothing can be sent now: the place where mails go is out of reach.
    Closed,
    /// This one not now, as with greylisting (RFC 6647).
    Later,
    /// Nobody reads mail at this address.
    Never,
}

/// A server, and the connection to it while mails are sent.
pub(crate) struct Smtp {
    config: SmtpConfig,
    tls: Option<TlsParameters>,
    password: Option<String>,
    hello: ClientId,
    connection: Option<SmtpConnection>,
}

impl Outbox {
    /// As the configuration wants it. Files that it names are read here, so that a wrong one is known at the start.
    pub(crate) fn open(config: &Config, public_url: &str) -> Result<Self, ServiceError> {
        match &config.mail.smtp {
            None => Ok(Self::Spool(config.spool())),
            Some(smtp) => Ok(Self::Smtp(Box::new(Smtp::open(smtp, host_of(public_url))?))),
        }
    }

    /// Sends a mail. `name` is its name in the spool: sent again it is the same file.
    pub(crate) fn send(&mut self, name: &str, message: &Message) -> Result<(), Unsent> {
        match self {
            Self::Spool(dir) => spool(dir, name, &message.formatted()).map_err(|_| Unsent::Closed),
            Self::Smtp(smtp) => smtp.send(message),
        }
    }

    /// How long sending one mail may take, in milliseconds: a server may be silent for as long as it is allowed to, at
    /// each of the 12 steps from the connection to the answer.
    pub(crate) fn longest_ms(&self) -> i64 {
        match self {
            Self::Smtp(smtp) => i64::from(smtp.config.timeout_s) * 12_000,
            Self::Spool(_) => 0,
        }
    }

    /// All that was due was sent: nothing stays open.
    pub(crate) fn close(&mut self) {
        if let Self::Smtp(smtp) = self
            && let Some(mut connection) = smtp.connection.take()
        {
            let _ = connection.quit();
        }
    }
}

/// The host of an address such as `https://courier.example:8080/path`.
fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    if host.is_empty() { "localhost" } else { host }
}

/// Writes `NAME.eml` (RFC 5322), complete or not at all.
fn spool(dir: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(dir)?;
    let temporary = dir.join(format!(".{name}.new"));
    let mut file = std::fs::File::create(&temporary)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&temporary, dir.join(format!("{name}.eml")))?;
    std::fs::File::open(dir)?.sync_all()
}

impl Smtp {
    fn open(config: &SmtpConfig, host: &str) -> Result<Self, ServiceError> {
        let bad = |key: &str, what: String| ServiceError::fault(format!("mail.smtp.{key}: {what}"));
        let mut tls = TlsParameters::builder(config.host.clone());
        if let Some(file) = &config.ca {
            let pem = std::fs::read(file).map_err(|error| bad("ca", error.to_string()))?;
            let authority =
                Certificate::from_pem(&pem).map_err(|_| bad("ca", "no certificate in PEM".into()))?;
            tls = tls.add_root_certificate(authority);
        }
        let tls = match config.tls {
            Tls::None => None,
            Tls::Starttls | Tls::Implicit => {
                Some(tls.build_rustls().map_err(|_| bad("tls", "cannot be set up".into()))?)
            }
        };
        let password = match &config.password_file {
            Some(file) => {
                let text = std::fs::read_to_string(file);
                Some(text.map_err(|error| bad("password_file", error.to_string()))?.trim_end().to_owned())
            }
            None => config.password.clone(),
        };
        let hello = ClientId::Domain(host.into());
        Ok(Self { config: config.clone(), tls, password, hello, connection: None })
    }

    fn send(&mut self, message: &Message) -> Result<(), Unsent> {
        let mut connection = match self.connection.take() {
            Some(connection) if !connection.has_broken() => connection,
            _ => self.connect().map_err(|_| Unsent::Closed)?,
        };
        let sent = connection.send(message.envelope(), &message.formatted());
        if !connection.has_broken() {
            self.connection = Some(connection);
        }
        sent.map(|_| ()).map_err(|error| kind_of(&error))
    }

    fn connect(&self) -> Result<SmtpConnection, SmtpError> {
        let server = (self.config.host.as_str(), self.config.port());
        let time = Some(Duration::from_secs(self.config.timeout_s.into()));
        let at_once = self.tls.as_ref().filter(|_| self.config.tls == Tls::Implicit);
        let mut connection = SmtpConnection::connect(server, time, &self.hello, at_once, None)?;
        if let (Tls::Starttls, Some(tls)) = (self.config.tls, &self.tls) {
            connection.starttls(tls, &self.hello)?;
        }
        if let (Some(user), Some(password)) = (&self.config.user, &self.password) {
            let credentials = Credentials::new(user.clone(), password.clone());
            connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials)?;
        }
        Ok(connection)
    }
}

/// What the server means (RFC 5321 § 4.2.3). Only what it says of the address itself is final: a wrong password or a
/// relay that is set up wrongly is a matter of the operator, and no customer loses a mail by it.
fn kind_of(error: &SmtpError) -> Unsent {
    let Some(code) = error.status() else {
        // A message that this server does not take in this form: others may be taken.
        return if error.is_client() { Unsent::Later } else { Unsent::Closed };
    };
    match u16::from(code) {
        421 => Unsent::Closed,
        // Servers say 550 of relays and blocklists too; the enhanced code tells them apart (RFC 3463 § 3.2).
        550 | 551 | 553 | 556 if !is_of_policy(&error.to_string()) => Unsent::Never,
        _ => Unsent::Later,
    }
}

/// Whether an enhanced code says something else than that the address is wrong.
fn is_of_policy(reply: &str) -> bool {
    let codes = reply.split(|c: char| !(c.is_ascii_digit() || c == '.'));
    let mut enhanced = codes.filter(|word| word.starts_with("5.") && word.matches('.').count() == 2);
    enhanced.next().is_some_and(|code| !code.starts_with("5.1."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_said_of_the_address_itself_is_final() {
        for reply in ["permanent error (550): 5.1.1 no such user", "permanent error (550): no such user"] {
            assert!(!is_of_policy(reply), "{reply}");
        }
        for reply in ["permanent error (550): 5.7.1 relaying denied", "permanent error (553): 5.7.27 null"] {
            assert!(is_of_policy(reply), "{reply}");
        }
    }
}
