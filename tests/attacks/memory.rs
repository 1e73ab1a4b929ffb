//! The memory of a phone after a check: no digits, no hash of them.
//!
//! The phone is a process of its own. It gets codes and a control masked, so that whatever is found was left by the
//! core; this process reads its memory from outside.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::FileExt;
use std::path::PathBuf;
use std::process::{Command as Process, Stdio};
use std::sync::mpsc;

use courier_codes::encoding::decode;
use courier_domain::{CodeEntry, Command, StopId, UnixMs};
use courier_engine::machine::{MachineConfig, POLL_INTERVAL_MS};
use courier_engine::{CommandResult, Machine, Now, Planted, Ports, Store};
use courier_tests::phone::{HandClock, Phone};
use courier_tests::world::{MORNING, World, shipment};
use memchr::memmem;
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

use crate::candidates::hex;
use crate::day::{misses, verifier_of};
use crate::free_guesses::copy;

const DIR: &str = "COURIER_ATTACK_DIR";
const URL: &str = "COURIER_ATTACK_URL";
const SAID: &str = "phone: entered";
/// Has to be found, or the search sees nothing.
const CONTROL: &str = "left on purpose";

/// Each byte changed, so that the text is in no memory before it is unmasked.
fn masked(text: &str) -> String {
    hex(&text.bytes().map(|byte| byte ^ 0x5a).collect::<Vec<_>>())
}

/// In one allocation, which becomes the text itself.
fn unmasked(line: &str) -> String {
    let mut text = String::with_capacity(line.len() / 2);
    for at in (0..line.len()).step_by(2) {
        text.push(char::from(u8::from_str_radix(&line[at..at + 2], 16).unwrap() ^ 0x5a));
    }
    text
}

#[test]
#[ignore = "the phone whose memory the test below reads; it needs its environment"]
fn a_phone_that_enters_codes_and_waits() {
    let told = |name: &str| std::env::var(name).unwrap();
    let mut phone = Phone::open(told(DIR).as_ref(), &told(URL), HandClock::new(MORNING + 60_000));
    phone.scan("Kaya");
    let stop = phone.place("Kaya").0;
    phone.close();
    let other = tempfile::tempdir().unwrap();
    copy(phone.dir(), other.path());
    phone.restart();
    let mut lines = std::io::stdin().lock().lines().map(Result::unwrap);
    let control = unmasked(&lines.next().unwrap());
    enter_and_stay(other.path().to_owned(), told(URL), stop.clone(), unmasked(&lines.next().unwrap()));
    let fits: Vec<bool> = lines
        .by_ref()
        .take(2)
        .map(|line| {
            let entry = CodeEntry::Digits(unmasked(&line));
            match phone.go(Command::EnterCode { stop: stop.clone(), entry }).unwrap() {
                CommandResult::CodeMatched { .. } => true,
                CommandResult::CodeWrong { .. } => false,
                other => panic!("{other:?}"),
            }
        })
        .collect();
    assert_eq!(fits, [false, true]);
    println!("{SAID}");
    // Whoever reads the memory then closes this end.
    lines.next();
    assert_eq!(control.len(), CONTROL.len());
}

/// Another phone, whose thread does nothing after its entry: the stack stays as the check has left it, while that of a
/// whole phone is soon used for something else.
fn enter_and_stay(dir: PathBuf, server: String, stop: StopId, digits: String) {
    let (entered, is_entered) = mpsc::channel();
    std::thread::spawn(move || {
        let mut rng = ChaCha20Rng::seed_from_u64(7);
        let ports = Ports::software(&dir.join("secrets"), &mut rng).unwrap();
        let now = Now { wall: UnixMs(MORNING + 60_000), boot_ms: 2_000_000, boot: "boot-1".into() };
        let config = MachineConfig {
            server,
            platform: "test".into(),
            app: "test".into(),
            poll_interval_ms: POLL_INTERVAL_MS,
            planted: Planted::default(),
        };
        let store = Store::open(&dir.join("data")).unwrap();
        let mut machine = Machine::open(config, store, ports, Box::new(rng), &now).unwrap();
        let entry = CodeEntry::Digits(digits);
        let receipt = machine.command(Command::EnterCode { stop, entry }, &now).unwrap();
        entered.send(matches!(receipt.result, CommandResult::CodeWrong { .. })).unwrap();
        loop {
            std::thread::park();
        }
    });
    assert!(is_entered.recv().unwrap());
}

/// Where bytes are in the writable memory of a process.
fn find(process: u32, wanted: &[(String, Vec<u8>)]) -> Vec<String> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = File::open(format!("/proc/{process}/mem")).expect("the memory of a child can be read");
    let mut found = Vec::new();
    for line in maps.lines() {
        let mut words = line.split_whitespace();
        let (range, rights) = (words.next().unwrap(), words.next().unwrap());
        if !rights.starts_with("rw") {
            continue;
        }
        let (from, to) = range.split_once('-').unwrap();
        let (from, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        let mut bytes = vec![0; usize::try_from(to - from).unwrap()];
        if memory.read_exact_at(&mut bytes, from).is_err() {
            continue;
        }
        for (what, needle) in wanted {
            let count = memmem::find_iter(&bytes, needle).count();
            if count > 0 {
                found.push(format!("{what} {count} times in {}", words.clone().last().unwrap_or("memory")));
            }
        }
    }
    found
}

#[test]
fn neither_digits_nor_their_hash_stay_in_memory_after_a_check() {
    let mut world = World::with(&[shipment("Kaya", 90_000, |_| {})]);
    let verifier = verifier_of(&world, "Kaya");
    let right = world.digits("Kaya");
    let wrong = misses(std::slice::from_ref(&verifier), 264_575).next().unwrap();
    let slow_hash = |text: &str| {
        let mut hash = [0; 32];
        let params = argon2::Params::new(verifier.kdf.m, verifier.kdf.t, verifier.kdf.p, Some(32)).unwrap();
        argon2::Argon2::new(argon2::Algorithm::Argon2id, argon2::Version::V0x13, params)
            .hash_password_into(text.as_bytes(), &decode(verifier.salt.as_str()).unwrap(), &mut hash)
            .unwrap();
        hash.to_vec()
    };
    world.phone.close();
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "--nocapture", "--test-threads", "1"])
        .arg("memory::a_phone_that_enters_codes_and_waits")
        .env(DIR, world.phone.dir())
        .env(URL, &world.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    for text in [CONTROL, wrong.as_str(), wrong.as_str(), right.as_str()] {
        writeln!(stdin, "{}", masked(text)).unwrap();
    }
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.ends_with(SAID)), "the phone did not enter the codes");
    let wanted = [
        ("the right code".to_owned(), right.clone().into_bytes()),
        ("the wrong entry".to_owned(), wrong.clone().into_bytes()),
        ("the hash of the right code".to_owned(), slow_hash(&right)),
        ("the hash of the wrong entry".to_owned(), slow_hash(&wrong)),
    ];
    let control = find(child.id(), &[("control".to_owned(), CONTROL.as_bytes().to_vec())]);
    let found = find(child.id(), &wanted);
    drop(stdin);
    child.wait().unwrap();
    world.phone.restart();
    assert!(!control.is_empty(), "the search sees nothing");
    assert!(found.is_empty(), "after a check there is in memory: {}", found.join(", "));
}
