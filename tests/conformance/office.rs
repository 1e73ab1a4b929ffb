//! The office of the backend that is checked: a program that its maker gives us, which arranges what only an office can.
//! One JSON object a line in, one out.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};

use crate::report::{Stop, broken};

/// The adapter, running.
pub(crate) struct Office {
    process: Child,
    ask: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
}

/// What is to be on a route.
#[derive(Debug, Clone)]
pub(crate) struct Wanted {
    /// The name on the label, by which it is found on the route.
    pub(crate) recipient: String,
    /// Whether it is worth a code.
    pub(crate) coded: bool,
    /// Of how many pieces it is.
    pub(crate) parcels: usize,
}

impl Wanted {
    fn to_json(&self) -> Value {
        json!({"recipient": self.recipient, "coded": self.coded, "parcels": self.parcels})
    }
}

/// A courier with a route for today.
#[derive(Debug, Clone)]
pub(crate) struct Arranged {
    /// The backend's identifier of the courier.
    pub(crate) courier: String,
    /// A code that enrols a phone.
    pub(crate) code: String,
}

/// What a customer has.
#[derive(Debug, Clone)]
pub(crate) struct Shown {
    /// The six digits.
    pub(crate) digits: String,
    /// Text of the QR, if customers get one.
    pub(crate) qr: Option<String>,
}

impl Office {
    /// Starts the adapter.
    pub(crate) fn start(program: &[String]) -> Result<Self, String> {
        let (name, arguments) = program.split_first().ok_or("no adapter is named")?;
        let started = Command::new(name).args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = started.map_err(|error| format!("{name}: {error}"))?;
        let ask = process.stdin.take();
        let told = process.stdout.take().ok_or("the adapter has no output")?;
        Ok(Self { process, ask, told: BufReader::new(told) })
    }

    fn call(&mut self, verb: &str, mut what: Value) -> Result<Value, Stop> {
        what["verb"] = verb.into();
        let said = self.exchange(&what).map_err(|error| broken(format!("the adapter to {verb}"), error))?;
        if let Some(done) = said.get("ok") {
            return Ok(done.clone());
        }
        if let Some(why) = said.get("unsupported") {
            return Err(Stop::NotApplicable(format!("the adapter cannot {verb}: {why}")));
        }
        Err(broken(format!("the adapter to {verb}"), said.to_string()))
    }

    fn exchange(&mut self, what: &Value) -> Result<Value, String> {
        let ask = self.ask.as_mut().ok_or("it is gone")?;
        writeln!(ask, "{what}").and_then(|()| ask.flush()).map_err(|error| error.to_string())?;
        let mut line = String::new();
        match self.told.read_line(&mut line) {
            Ok(0) => Err("it ended".into()),
            Ok(_) => serde_json::from_str(&line).map_err(|error| format!("{}: {error}", line.trim())),
            Err(error) => Err(error.to_string()),
        }
    }

    fn text(said: &Value, name: &str) -> Result<String, Stop> {
        let text = said[name].as_str().map(str::to_owned);
        text.ok_or_else(|| broken(format!("the adapter to tell {name}"), said.to_string()))
    }

    /// Where its backend is.
    pub(crate) fn hello(&mut self) -> Result<String, Stop> {
        Self::text(&self.call("hello", json!({}))?, "url")
    }

    /// Another courier, with these on a published route of today, and nothing else.
    pub(crate) fn day(&mut self, wanted: &[Wanted]) -> Result<Arranged, Stop> {
        let shipments: Vec<_> = wanted.iter().map(Wanted::to_json).collect();
        let said = self.call("day", json!({ "shipments": shipments }))?;
        Ok(Arranged { courier: Self::text(&said, "courier")?, code: Self::text(&said, "code")? })
    }

    /// These come onto the route that the courier drives.
    pub(crate) fn add(&mut self, courier: &str, wanted: &[Wanted]) -> Result<(), Stop> {
        let shipments: Vec<_> = wanted.iter().map(Wanted::to_json).collect();
        self.call("add", json!({"courier": courier, "shipments": shipments})).map(|_| ())
    }

    /// A code for one more phone of a courier.
    pub(crate) fn enrolment(&mut self, courier: &str) -> Result<String, Stop> {
        Self::text(&self.call("enrolment", json!({ "courier": courier }))?, "code")
    }

    /// What the customer of a shipment has now.
    pub(crate) fn digits(&mut self, recipient: &str) -> Result<Shown, Stop> {
        let said = self.call("digits", json!({ "recipient": recipient }))?;
        Ok(Shown { digits: Self::text(&said, "digits")?, qr: said["qr"].as_str().map(str::to_owned) })
    }

    /// The office cancels a shipment.
    pub(crate) fn cancel(&mut self, recipient: &str) -> Result<(), Stop> {
        self.call("cancel", json!({ "recipient": recipient })).map(|_| ())
    }

    /// A courier no longer works here.
    pub(crate) fn dismiss(&mut self, courier: &str) -> Result<(), Stop> {
        self.call("dismiss", json!({ "courier": courier })).map(|_| ())
    }

    /// The backend is killed, as by a power cut, and started again at the same address.
    pub(crate) fn kill(&mut self) -> Result<(), Stop> {
        self.call("kill", json!({})).map(|_| ())
    }

    /// A backup is made.
    pub(crate) fn backup(&mut self) -> Result<(), Stop> {
        self.call("backup", json!({})).map(|_| ())
    }

    /// The backup is put back in place of what there is, as an operator does after a loss.
    pub(crate) fn restore(&mut self) -> Result<(), Stop> {
        self.call("restore", json!({})).map(|_| ())
    }

    /// The backend's clock is put forward.
    pub(crate) fn advance(&mut self, ms: i64) -> Result<(), Stop> {
        self.call("advance", json!({ "ms": ms })).map(|_| ())
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        // The end of its input is the word to tidy up and go.
        self.ask = None;
        let _ = self.process.wait();
    }
}
