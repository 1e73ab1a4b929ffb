//! A phone that is really killed: another process on real files, SIGKILL while it enters codes.
//!
//! Whoever holds the phone may kill the app at any moment, and see whatever it showed before. However they do it,
//! they see no more than five results of a look at an entry, and no entry is forgotten.

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use courier_domain::{AttemptId, CodeEntry, Command, LockedBy, Rejection, UnixMs};
use courier_engine::ports::software::{FileStore, SoftwareKey};
use courier_engine::{CommandResult, EngineError, Level, Log, Now, Ports};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use crate::itself;
use crate::world::{NoClock, World, open_machine, stop};

/// How often, if the environment does not say it: where processes start slowly, fewer have to do.
const KILLS: u32 = 200;
const KILLS_ASKED: &str = "COURIER_KILLS";
const TRIES: u32 = 5;
/// Between two entries, so that none is refused because it comes too early. Milliseconds.
const PATIENCE: u64 = 120_000;

const SIGKILL: i32 = 9;

/// What the phone's process is told.
const FILES: &str = "COURIER_TEST_FILES";
const DIGITS: &str = "COURIER_TEST_DIGITS";
const BOOT_MS: &str = "COURIER_TEST_BOOT_MS";
const STOP_AT: &str = "COURIER_TEST_STOP_AT";
/// What it says.
const ENTERING: &str = "phone: entering";
const ANSWERED: &str = "phone: answered";
const STOPPED: &str = "phone: stopped";

/// Where the phone is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kill {
    /// At this event, where it waits for it.
    At(&'static str),
    /// So long after it began to enter a code.
    After(Duration),
}

/// What a process said until it was killed.
#[derive(Debug, Default)]
struct Said {
    entering: u32,
    answered: u32,
}

impl Said {
    fn hear(&mut self, line: &str) {
        self.entering += u32::from(line == ENTERING);
        self.answered += u32::from(line == ANSWERED);
    }
}

/// Starts the phone as a process of its own and kills it.
fn run_and_kill(world: &World, digits: &str, kill: Kill) -> Said {
    let mut process = itself::again();
    process
        .args(["--exact", "--ignored", "--nocapture", "killed::a_phone_that_enters_a_code_again_and_again"])
        .env(FILES, world.dir.path())
        .env(DIGITS, digits)
        .env(BOOT_MS, world.now.boot_ms.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    if let Kill::At(event) = kill {
        process.env(STOP_AT, event);
    }
    let mut process = process.spawn().unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut said = Said::default();
    for line in lines.by_ref() {
        said.hear(&line);
        match kill {
            Kill::At(_) if line == STOPPED => break,
            Kill::After(delay) if line == ENTERING => {
                let began = Instant::now();
                while began.elapsed() < delay {
                    std::hint::spin_loop();
                }
                break;
            }
            _ => {}
        }
    }
    process.kill().unwrap();
    let status = process.wait().unwrap();
    assert_eq!(status.signal(), Some(SIGKILL), "the phone ended by itself: {status}, {said:?}");
    // What it had said and nobody had read yet was seen as well.
    lines.for_each(|line| said.hear(&line));
    said
}

fn misses(world: &mut World) -> u32 {
    world.machine().state().progress_of(&AttemptId::new("a-coded").unwrap()).misses
}

#[test]
fn real_kills_around_the_counter_give_no_try_for_free() {
    let mut rng = ChaCha20Rng::seed_from_u64(8);
    let asked = std::env::var(KILLS_ASKED).map_or(KILLS, |number| number.parse().unwrap());
    let mut kills = 0;
    while kills < asked {
        let mut world = World::at_the_door();
        let (right, wrong) = (world.right(), world.wrong());
        let (mut counted, mut answered) = (0, 0);
        while counted < TRIES {
            world.machine = None;
            let (digits, kill) = match kills % 4 {
                0 => (&wrong, Kill::At("try-counted")),
                1 => (&right, Kill::At("entry-checked")),
                _ => (&wrong, Kill::After(Duration::from_micros(rng.next_u64() % 4_000))),
            };
            let said = run_and_kill(&world, digits, kill);
            kills += 1;
            answered += said.answered;
            world.tick(10 * PATIENCE);
            world.open();
            let now = misses(&mut world);
            assert!(now >= answered, "{answered} entries were answered and {now} counted ({kill:?})");
            assert!(now >= counted, "{counted} misses became {now} ({kill:?})");
            assert!(now <= counted + said.entering, "{said:?} made {now} misses of {counted} ({kill:?})");
            if matches!(kill, Kill::At(_)) {
                assert_eq!(now, counted + 1, "a kill at {kill:?} was free");
            }
            counted = now;
        }
        assert!(answered <= TRIES, "{answered} entries were answered");
        let locked = EngineError::Rejected(Rejection::Locked { by: LockedBy::TriesUsed });
        assert_eq!(world.enter(&right), Err(locked), "the right code was taken after {TRIES} tries");
        world.pump();
        world.assert_reopens_the_same();
    }
}

/// Says so and waits to be killed at one event.
struct StopAt(Option<String>);

impl Log for StopAt {
    fn event(&self, _level: Level, code: &str, _ids: &[&str]) {
        if self.0.as_deref() == Some(code) {
            println!("{STOPPED}");
            wait_to_be_killed();
        }
    }
}

fn wait_to_be_killed() -> ! {
    // Whoever started this process may be gone: it must not stay for ever.
    std::thread::sleep(Duration::from_mins(1));
    std::process::exit(1);
}

#[test]
#[ignore = "the phone that the test above kills; it needs its environment"]
fn a_phone_that_enters_a_code_again_and_again() {
    let told = |name: &str| std::env::var(name).unwrap();
    let dir = Path::new(&told(FILES)).to_owned();
    let mut boot_ms: u64 = told(BOOT_MS).parse().unwrap();
    let mut now = || {
        boot_ms += PATIENCE;
        let wall = UnixMs(1_800_000_003_000 + i64::try_from(boot_ms).unwrap());
        Now { wall, boot_ms, boot: "boot-1".into() }
    };
    let files = FileStore::open(&dir.join("secure")).unwrap();
    let device_key = SoftwareKey::open(&files, &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let ports = Ports {
        clock: Arc::new(NoClock),
        device_key: Arc::new(device_key),
        secure: Arc::new(files),
        log: Arc::new(StopAt(std::env::var(STOP_AT).ok())),
    };
    let began = now();
    let mut phone = open_machine(&dir.join("data"), ports, 1_000_000 + began.boot_ms, &began).unwrap();
    loop {
        let entry = CodeEntry::Digits(told(DIGITS));
        println!("{ENTERING}");
        match phone.command(Command::EnterCode { stop: stop("door-1"), entry }, &now()) {
            Ok(receipt) => {
                let looked_at = matches!(
                    receipt.result,
                    CommandResult::CodeWrong { .. } | CommandResult::CodeLocked { .. }
                );
                assert!(looked_at, "{:?}", receipt.result);
                println!("{ANSWERED}");
            }
            Err(EngineError::Rejected(Rejection::Locked { .. })) => wait_to_be_killed(),
            Err(error) => panic!("{error}"),
        }
    }
}
