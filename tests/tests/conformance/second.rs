//! A real phone and the second backend, which nobody wrote for each other.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use courier_domain::view::DoorView;
use courier_domain::{AttemptState, CodeEntry, Command as Wish, Receiver, Standing};
use courier_engine::CommandResult;
use courier_tests::phone::{HandClock, Phone};
use serde_json::{Value, json};

/// The second backend with its office.
struct Second {
    process: Child,
    ask: Option<ChildStdin>,
    told: BufReader<ChildStdout>,
}

impl Second {
    fn start(python: &str) -> Self {
        let adapter = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/second/adapter.py");
        let mut process = Command::new(python)
            .args(["-B", adapter])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (ask, told) = (process.stdin.take(), BufReader::new(process.stdout.take().unwrap()));
        Self { process, ask, told }
    }

    fn call(&mut self, what: &Value) -> Value {
        writeln!(self.ask.as_mut().unwrap(), "{what}").unwrap();
        let mut line = String::new();
        self.told.read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        said.get("ok").unwrap_or_else(|| panic!("{what}: {said}")).clone()
    }

    fn text(&mut self, what: &Value, name: &str) -> String {
        self.call(what)[name].as_str().unwrap().to_owned()
    }
}

impl Drop for Second {
    fn drop(&mut self) {
        self.ask = None;
        let _ = self.process.wait();
    }
}

fn standing(door: &DoorView) -> Option<Standing> {
    match &door.state {
        AttemptState::Closed { standing, .. } => Some(*standing),
        _ => None,
    }
}

#[test]
#[ignore = "needs Python with what tests/conformance/second/requirements.txt names: tests/run.sh conformance"]
fn a_phone_of_ours_lives_a_day_with_the_second_backend() {
    let python = std::env::var("COURIER_PYTHON").unwrap_or_else(|_| "python3".into());
    let mut second = Second::start(&python);
    let url = second.text(&json!({"verb": "hello"}), "url");
    let shipments: Vec<_> = [("Kaya", true), ("Huber", true), ("Rosa", false), ("Sam", false)]
        .map(|(recipient, coded)| json!({"recipient": recipient, "coded": coded, "parcels": 2}))
        .into();
    let code = second.text(&json!({"verb": "day", "shipments": shipments}), "code");
    let digits = second.text(&json!({"verb": "digits", "recipient": "Kaya"}), "digits");
    let qr = second.text(&json!({"verb": "digits", "recipient": "Huber"}), "qr");

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let dir = tempfile::tempdir().unwrap();
    let clock = HandClock::new(i64::try_from(now).unwrap());
    let phone = Phone::open(dir.path(), &url, clock);
    phone.core().enrol_blocking(&code).unwrap();
    assert_eq!(phone.sync().error, None);
    assert_eq!(phone.route().stops.len(), 4);
    phone.go(Wish::StartDay).unwrap();

    // In the cellar.
    phone.scan("Kaya");
    assert!(matches!(phone.enter("Kaya", &digits), Ok(CommandResult::CodeMatched { .. })));
    phone.hand_over("Kaya", Receiver::Recipient, None).unwrap();
    phone.scan("Huber");
    let (stop, _) = phone.place("Huber");
    phone.go(Wish::EnterCode { stop, entry: CodeEntry::Token(qr) }).unwrap();
    phone.hand_over("Huber", Receiver::Household, Some("Kim")).unwrap();
    phone.scan("Rosa");
    phone.hand_over("Rosa", Receiver::OtherNeighbour, Some("Linde")).unwrap();

    second.call(&json!({"verb": "backup"}));
    let report = phone.sync();
    assert_eq!(report.error, None);
    for name in ["Kaya", "Huber", "Rosa"] {
        assert_eq!(standing(&phone.door(name).1), Some(Standing::Confirmed), "{name}");
    }
    // The backup is put back: it knows nothing of the day, and learns all of it again.
    second.call(&json!({"verb": "restore"}));
    second.call(&json!({"verb": "cancel", "recipient": "Sam"}));
    for _ in 0..3 {
        phone.sync();
    }
    for name in ["Kaya", "Huber", "Rosa"] {
        assert_eq!(standing(&phone.door(name).1), Some(Standing::Confirmed), "{name}");
    }
    assert_eq!(phone.core().diagnostics().unwrap().outbox.on_phone, 0);
}
