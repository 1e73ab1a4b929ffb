//! The demo day: a backend in this process, a phone over real HTTP, an hour in a cellar, a kill in the middle, and
//! every total compared at the end.

mod day;
mod door;
mod live;
mod plain;
mod stage;
mod summary;
mod van;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use courier_backend::api::{Running, serve};
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::import::read_json;
use courier_domain::{Command, CourierId, KdfParams};
use courier_engine::CommandResult;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::phone::{Network, Phone, Server};
use crate::screen;
use day::Day;
use door::Door;
use stage::{News, Stage};

type Outcome<T> = Result<T, String>;

/// Who looks at the board in the demo.
const OFFICE: &str = "demo";

/// Seconds at a door that somebody can follow; the day stays well under half a minute.
const LIVE_PACE: f64 = 0.15;

/// The patched client tries a thousand codes to find its decoy. With the hash of real codes (19 MiB) that takes half a
/// minute, with this one less than a second.
const DEMO_KDF: KdfParams = KdfParams { m: 256, t: 1, p: 1 };

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// How the demo is wanted.
pub(crate) struct Wish {
    /// Seconds at every door, if not the usual ones.
    pub(crate) seconds_per_door: Option<f64>,
    /// Backend and data stay until Enter is pressed.
    pub(crate) keep: bool,
    /// Plain lines, also in a terminal.
    pub(crate) plain: bool,
}

/// Plays the day. It is right only if every total agrees.
pub(crate) fn play(wish: &Wish) -> Outcome<()> {
    let live = !wish.plain && screen::is_there();
    let usual = if live { LIVE_PACE } else { 0.0 };
    let (stage, audience) = stage::open(pace(wish.seconds_per_door.unwrap_or(usual))?);
    let play = std::thread::spawn(move || Played::new(&stage));
    let watched = if live { live::watch(&audience) } else { plain::watch(&audience) };
    drop(audience);
    let played = play.join().map_err(|panic| format!("the demo has a fault: {}", fault(panic.as_ref())))?;
    watched.map_err(words)?;
    let played = played?;
    let agree = played.tell(wish.keep)?;
    played.close();
    if agree { Ok(()) } else { Err("the totals do not agree".into()) }
}

/// Time spent at every door, a minute at most.
fn pace(seconds: f64) -> Outcome<Duration> {
    let pace = Duration::try_from_secs_f64(seconds).map_err(|error| format!("--speed {seconds}: {error}"))?;
    Ok(pace.min(Duration::from_mins(1)))
}

/// What a panic said; on a screen nobody has read it.
fn fault(panic: &(dyn std::any::Any + Send)) -> &str {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("unknown")
}

/// A day that was played, while its backend still runs.
struct Played {
    data: TempDir,
    runtime: Runtime,
    backend: Running,
    /// Of the board.
    password: String,
    phone: Phone,
    day: Day,
    totals: Vec<summary::Row>,
    took: Duration,
}

impl Played {
    fn new(stage: &Stage) -> Outcome<Self> {
        let begun = Instant::now();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(words)?;
        let data = tempfile::tempdir().map_err(words)?;
        let day = Day::read()?;
        let backend = runtime.block_on(start_backend(data.path(), day.ahead_ms))?;
        let password = make_admin(&backend)?;
        let courier = prepare(&backend, &day)?;
        let phone_dir = data.path().join("phone");
        let phone = enrol(&backend, &courier, &phone_dir)?;
        sync(&phone)?;
        let doors = Door::all(&day, &backend.service, &courier)?;
        stage.show(&phone)?;
        stage.line(format!(
            "{}: {} stops, {} shipments, {} of them against a code",
            day.date,
            phone.stops().map_err(words)?.len(),
            doors.len(),
            doors.iter().filter(|door| door.coded).count()
        ))?;
        stage.line("")?;
        go(&phone, Command::StartDay)?;
        van::check_load(&phone, &day, stage)?;
        let phone = drive(&backend, phone, &phone_dir, &doors, &day, stage)?;
        van::bring_back(&phone, stage)?;
        go(&phone, Command::CloseDay)?;
        sync(&phone)?;
        let totals = summary::compare(&backend.service, &phone, &doors)?;
        Ok(Self { data, runtime, backend, password, phone, day, totals, took: begun.elapsed() })
    }

    /// Prints the summary and where everything can be looked at; says whether every total agrees.
    fn tell(&self, keep: bool) -> Outcome<bool> {
        println!();
        for row in &self.totals {
            println!("{row}");
        }
        println!("\nThe day took {:.1} s.", self.took.as_secs_f64());
        println!("\nBoard:    {}/  (name: {OFFICE}, password: {})", self.backend.url, self.password);
        for shipment in self.day.shipments.iter().take(3) {
            let service = &self.backend.service;
            let (row, _) =
                service.find_shipment(Some(&shipment.sender), &shipment.reference).map_err(words)?;
            let token = service.tracking_token(&row).map_err(words)?;
            println!("Tracking: {}/t/{token}  ({})", self.backend.url, shipment.recipient.name);
        }
        println!("Mails:    {}", self.data.path().join("backend/spool").display());
        if keep {
            println!("Press Enter to end.");
            std::io::stdin().read_line(&mut String::new()).map_err(words)?;
        } else {
            println!("They end with this run; with --keep they stay until Enter is pressed.");
        }
        Ok(summary::all_agree(&self.totals))
    }

    fn close(self) {
        self.phone.shutdown();
        self.runtime.block_on(self.backend.shutdown());
    }
}

/// Does a command that has to work.
fn go(phone: &Phone, command: Command) -> Outcome<CommandResult> {
    phone.ask(command).map_err(words)
}

/// Exchanges everything; says how many facts the server took.
fn sync(phone: &Phone) -> Outcome<u64> {
    let report = phone.sync().map_err(words)?;
    match report.error {
        None if !report.offline => Ok(report.acked),
        _ => Err(format!("the sync failed: {report:?}")),
    }
}

async fn start_backend(data: &Path, ahead_ms: i64) -> Outcome<Running> {
    let mut config =
        Config { listen: "127.0.0.1:0".into(), data_dir: data.join("backend"), ..Config::default() };
    config.code.kdf = DEMO_KDF;
    let clock = if ahead_ms == 0 { ServiceClock::System } else { ServiceClock::Ahead(ahead_ms) };
    serve(config, clock, entropy::from_system().map_err(words)?).await.map_err(words)
}

/// Makes the first admin, as an operator does with the link that the backend prints; answers the password.
fn make_admin(backend: &Running) -> Outcome<String> {
    let link = backend.service.first_link().map_err(words)?.ok_or("somebody works here already")?;
    let password = entropy::random_secret(&mut entropy::from_system().map_err(words)?);
    backend.service.use_link(&link.secret, OFFICE, &password).map_err(words)?;
    Ok(password)
}

fn prepare(backend: &Running, day: &Day) -> Outcome<CourierId> {
    let report = backend.service.import(&read_json(day.import.as_bytes()).map_err(|it| format!("{it:?}"))?);
    let report = report.map_err(words)?;
    if !report.errors.is_empty() {
        return Err(format!("the demo's own file is wrong: {:?}", report.errors));
    }
    let courier = backend.service.add_courier("Ada").map_err(words)?;
    backend.service.publish(&courier, day.date).map_err(words)?;
    // A code that dies before its mail is out is not mailed: in the demo each customer gets theirs.
    backend.service.send_mails().map_err(words)?;
    Ok(courier)
}

/// The demo's phone uses the network only when the demo wants it to.
fn open_phone(dir: &Path, url: &str) -> Outcome<Phone> {
    let server = Server { url: url.to_owned(), ca_pem: None };
    Phone::open(dir, &server, Network::WhenAsked).map_err(words)
}

fn enrol(backend: &Running, courier: &CourierId, dir: &Path) -> Outcome<Phone> {
    let code = backend.service.add_enrolment(courier).map_err(words)?;
    let phone = open_phone(dir, &backend.url)?;
    phone.enrol(&code).map_err(words)?;
    Ok(phone)
}

/// Visits the doors. In the cellar the phone runs in a process of its own, which is killed in the middle.
fn drive(
    backend: &Running,
    phone: Phone,
    phone_dir: &Path,
    doors: &[Door],
    day: &Day,
    stage: &Stage,
) -> Outcome<Phone> {
    let place = |reference: &str| {
        let at = doors.iter().position(|door| door.reference == reference);
        at.ok_or_else(|| format!("the plan names {reference}, which is not in the file"))
    };
    let (cellar, daylight) = (place(&day.plan.offline.from)?, place(&day.plan.offline.to)? + 1);
    let kill = place(&day.plan.kill_after)? + 1;
    for door in &doors[..cellar] {
        door.visit(&phone, stage)?;
        door.hand_in(&phone, stage)?;
        stage.pause()?;
    }
    stage.tell(News::Network(false))?;
    stage.line("")?;
    stage.line("--- a cellar: no network from here on ---")?;
    phone.shutdown();
    drop(phone);
    die_in_the_cellar(backend, phone_dir, &doors[cellar..kill], stage)?;
    let phone = open_phone(phone_dir, &backend.url)?;
    for door in &doors[cellar..kill] {
        door.check_after_restart(&phone)?;
    }
    stage.line(format!(
        "--- killed (SIGKILL), started again: all {} doors are as they were ---",
        kill - cellar
    ))?;
    for door in &doors[kill..daylight] {
        door.visit(&phone, stage)?;
        stage.pause()?;
    }
    let waiting = phone.diagnostics().map_err(words)?.pending;
    let acked = sync(&phone)?;
    stage.tell(News::Network(true))?;
    stage.show(&phone)?;
    stage.line(format!("--- daylight: {waiting} facts waited, {acked} were handed in ---"))?;
    stage.line("")?;
    for door in &doors[daylight..] {
        door.visit(&phone, stage)?;
        door.hand_in(&phone, stage)?;
        stage.pause()?;
    }
    Ok(phone)
}

/// Plays doors in another process and kills it after the last.
fn die_in_the_cellar(backend: &Running, phone_dir: &Path, doors: &[Door], stage: &Stage) -> Outcome<()> {
    let mut app = Process::new(std::env::current_exe().map_err(words)?)
        .arg("cellar")
        .arg(phone_dir)
        .arg(&backend.url)
        .arg(stage.seconds().to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(words)?;
    let told = retell(&mut app, doors, stage);
    app.kill().map_err(words)?;
    app.wait().map_err(words)?;
    told
}

/// Tells on this stage what comes from the cellar, until every door was played.
fn retell(app: &mut std::process::Child, doors: &[Door], stage: &Stage) -> Outcome<()> {
    if let Some(mut stdin) = app.stdin.take() {
        stdin.write_all(&serde_json::to_vec(doors).map_err(words)?).map_err(words)?;
    }
    let mut played = 0;
    let mut lines = app.stdout.take().map(BufReader::new).into_iter().flat_map(BufRead::lines);
    while played < doors.len() {
        let line = lines.next().and_then(Result::ok).ok_or("the phone in the cellar gave up")?;
        let news: News = serde_json::from_str(&line).map_err(words)?;
        // A door's line comes when everything that happened there is committed.
        played += usize::from(matches!(news, News::Line(_)));
        stage.tell(news)?;
    }
    Ok(())
}

/// The phone in the cellar: plays, says so, and waits to be killed.
pub(crate) fn cellar(dir: &Path, server: &str, seconds_per_door: f64) -> Outcome<()> {
    let doors: Vec<Door> = serde_json::from_reader(std::io::stdin()).map_err(words)?;
    let stage = Stage::on_stdout(pace(seconds_per_door)?);
    let phone = open_phone(dir, server)?;
    for door in &doors {
        door.visit(&phone, &stage)?;
        stage.pause()?;
    }
    std::thread::sleep(Duration::from_mins(1));
    Err("nobody killed it".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_speed_is_a_time_and_at_most_a_minute() {
        assert_eq!(pace(1.5), Ok(Duration::from_millis(1_500)));
        assert_eq!(pace(1e9), Ok(Duration::from_mins(1)));
        for wrong in [-1.0, f64::NAN, f64::INFINITY] {
            assert!(pace(wrong).is_err_and(|problem| problem.starts_with("--speed")), "{wrong} was taken");
        }
    }
}
