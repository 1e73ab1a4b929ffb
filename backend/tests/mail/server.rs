//! A small SMTP server (RFC 5321) that does what a test wants: takes, refuses, puts off, says nothing.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

pub(crate) const USER: &str = "courier";
pub(crate) const PASSWORD: &str = "the mail server's own password";

/// What it does with a recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    Take,
    /// This is the answer to each recipient that has this in it.
    Refuse(&'static str, &'static str),
    /// Everybody has to come twice.
    Greylist,
    /// It says nothing more once a recipient is named.
    Silent,
    /// It takes a mail, and its answer is lost.
    LoseAnswer,
}

/// How it is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tls {
    Starttls,
    Implicit,
    None,
}

#[derive(Debug, Clone)]
pub(crate) struct Taken {
    pub(crate) to: String,
    pub(crate) text: String,
    pub(crate) encrypted: bool,
}

struct Shared {
    tls: Tls,
    config: Arc<ServerConfig>,
    mood: Mutex<Mood>,
    seen: Mutex<BTreeSet<String>>,
    taken: Mutex<Vec<Taken>>,
    waiting: Mutex<Sender<()>>,
}

pub(crate) struct Server {
    pub(crate) port: u16,
    /// PEM of its certificate, which is its own authority.
    pub(crate) certificate: String,
    /// Says so when somebody waits for an answer that does not come.
    pub(crate) waits: Receiver<()>,
    shared: Arc<Shared>,
}

impl Server {
    pub(crate) fn start(tls: Tls) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let (waiting, waits) = mpsc::channel();
        let shared = Arc::new(Shared {
            tls,
            config: Arc::new(config),
            mood: Mutex::new(Mood::Take),
            seen: Mutex::default(),
            taken: Mutex::default(),
            waiting: Mutex::new(waiting),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let of = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let of = Arc::clone(&of);
                std::thread::spawn(move || talk(stream, &of));
            }
        });
        Self { port, certificate: cert.pem(), waits, shared }
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    pub(crate) fn taken(&self) -> Vec<Taken> {
        self.shared.taken.lock().unwrap().clone()
    }

    /// Who got a mail, in order.
    pub(crate) fn told(&self) -> Vec<String> {
        self.taken().into_iter().map(|mail| mail.to).collect()
    }
}

trait Io: Read + Write {}
impl<T: Read + Write> Io for T {}

/// One connection, until either side ends it.
fn talk(stream: TcpStream, shared: &Shared) -> Option<()> {
    let secured = |stream: TcpStream| -> Box<dyn Io> {
        Box::new(StreamOwned::new(ServerConnection::new(Arc::clone(&shared.config)).unwrap(), stream))
    };
    let plain = stream.try_clone().ok()?;
    let mut encrypted = shared.tls == Tls::Implicit;
    let mut io: Box<dyn Io> = if encrypted { secured(stream) } else { Box::new(stream) };
    let (mut known, mut to) = (shared.tls == Tls::None, String::new());
    say(&mut io, "220 test ESMTP")?;
    loop {
        let line = read_line(&mut io)?;
        let word = line.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        match word.as_str() {
            "EHLO" => {
                let more = if shared.tls == Tls::Starttls && !encrypted { "250-STARTTLS\r\n" } else { "" };
                say(&mut io, &format!("250-test\r\n250-8BITMIME\r\n{more}250 AUTH PLAIN"))?;
            }
            "STARTTLS" => {
                say(&mut io, "220 go on")?;
                io = secured(plain.try_clone().ok()?);
                encrypted = true;
            }
            "AUTH" => {
                known = line.ends_with(&STANDARD.encode(format!("\0{USER}\0{PASSWORD}")));
                say(&mut io, if known { "235 welcome" } else { "535 5.7.8 wrong" })?;
            }
            "MAIL" => say(&mut io, if known { "250 yes" } else { "530 5.7.0 log in" })?,
            "RCPT" => {
                line.split(['<', '>']).nth(1)?.clone_into(&mut to);
                let answer = match *shared.mood.lock().unwrap() {
                    Mood::Refuse(whom, answer) if to.contains(whom) => Some(answer),
                    Mood::Greylist if shared.seen.lock().unwrap().insert(to.clone()) => {
                        Some("451 4.7.1 come again")
                    }
                    Mood::Silent => None,
                    _ => Some("250 yes"),
                };
                if let Some(answer) = answer {
                    say(&mut io, answer)?;
                } else {
                    let _ = shared.waiting.lock().unwrap().send(());
                    read_line(&mut io)?; // until the other side has enough
                }
            }
            "DATA" => {
                say(&mut io, "354 go on")?;
                let mut text = String::new();
                loop {
                    match read_line(&mut io)?.as_str() {
                        "." => break,
                        line => {
                            text += line.strip_prefix('.').unwrap_or(line);
                            text.push('\n');
                        }
                    }
                }
                shared.taken.lock().unwrap().push(Taken { to: to.clone(), text, encrypted });
                if *shared.mood.lock().unwrap() == Mood::LoseAnswer {
                    return None;
                }
                say(&mut io, "250 taken")?;
            }
            "QUIT" => {
                say(&mut io, "221 bye")?;
                return None;
            }
            _ => say(&mut io, "502 no")?,
        }
    }
}

fn say(io: &mut Box<dyn Io>, line: &str) -> Option<()> {
    io.write_all(format!("{line}\r\n").as_bytes()).ok()?;
    io.flush().ok()
}

fn read_line(io: &mut Box<dyn Io>) -> Option<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    loop {
        io.read_exact(&mut byte).ok()?;
        match byte[0] {
            b'\n' => return String::from_utf8(line).ok(),
            b'\r' => {}
            other => line.push(other),
        }
    }
}
