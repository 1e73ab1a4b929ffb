//! The demo day: a backend in this process, a phone over real HTTP, an hour in a cellar, a kill in the middle, and
//! every total compared at the end.

mod door;
mod files;
mod phone;
mod summary;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command as Process, Stdio};
use std::time::{Duration, Instant};

use courier_backend::api::{Running, serve};
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::import::read_json;
use courier_domain::{Command, CourierId};

use door::Door;
use files::Day;
use phone::Phone;

type Outcome<T> = Result<T, String>;

fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

/// Plays the day. It is right only if every total agrees.
pub(crate) fn play(seconds_per_door: f64, keep: bool) -> Outcome<()> {
    let begun = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(words)?;
    let data = tempfile::tempdir().map_err(words)?;
    let day = Day::read()?;
    let backend = runtime.block_on(start_backend(data.path()))?;
    let courier = prepare(&backend, &day)?;
    let phone_dir = data.path().join("phone");
    let phone = enrol(&backend, &courier, &phone_dir)?;
    phone.sync()?;
    let doors = Door::all(&day, &backend.service, &courier)?;
    println!(
        "{}: {} stops, {} shipments, {} of them against a code\n",
        day.date,
        phone.route()?.stops.len(),
        doors.len(),
        doors.iter().filter(|door| door.digits.is_some()).count()
    );
    phone.go(Command::StartDay)?;
    phone.check_load(&day)?;
    let phone = drive(&backend, &phone, &phone_dir, &doors, &day, seconds_per_door)?;
    phone.bring_back()?;
    phone.go(Command::CloseDay)?;
    phone.sync()?;
    let agree = summary::compare(&backend.service, &phone, &doors)?;
    println!("\nThe day took {:.1} s.", begun.elapsed().as_secs_f64());
    if keep {
        wait_for_enter(&backend, &day, data.path())?;
    }
    phone.shutdown();
    runtime.block_on(backend.shutdown());
    if agree { Ok(()) } else { Err("the totals do not agree".into()) }
}

async fn start_backend(data: &Path) -> Outcome<Running> {
    let mut config =
        Config { listen: "127.0.0.1:0".into(), data_dir: data.join("backend"), ..Config::default() };
    config.keys.ops = Some("demo-board-key-0".into());
    serve(config, ServiceClock::System, entropy::from_system().map_err(words)?).await.map_err(words)
}

fn prepare(backend: &Running, day: &Day) -> Outcome<CourierId> {
    let report = backend.service.import(&read_json(day.import.as_bytes()).map_err(|it| format!("{it:?}"))?);
    let report = report.map_err(words)?;
    if !report.errors.is_empty() {
        return Err(format!("the demo's own file is wrong: {:?}", report.errors));
    }
    let courier = backend.service.add_courier("Ada").map_err(words)?;
    backend.service.publish(&courier, day.date).map_err(words)?;
    Ok(courier)
}

fn enrol(backend: &Running, courier: &CourierId, dir: &Path) -> Outcome<Phone> {
    let code = backend.service.add_enrolment(courier).map_err(words)?;
    let phone = Phone::open(dir, &backend.url)?;
    phone.enrol(&code)?;
    Ok(phone)
}

/// Visits the doors. In the cellar the phone runs in a process of its own, which is killed in the middle.
fn drive(
    backend: &Running,
    phone: &Phone,
    phone_dir: &Path,
    doors: &[Door],
    day: &Day,
    seconds_per_door: f64,
) -> Outcome<Phone> {
    let place = |reference: &str| {
        let at = doors.iter().position(|door| door.reference == reference);
        at.ok_or_else(|| format!("the plan names {reference}, which is not in the file"))
    };
    let (cellar, daylight) = (place(&day.plan.offline.from)?, place(&day.plan.offline.to)? + 1);
    let kill = place(&day.plan.kill_after)? + 1;
    let pause = || std::thread::sleep(Duration::from_secs_f64(seconds_per_door));
    for door in &doors[..cellar] {
        println!("{}", door.visit(phone)?);
        phone.sync()?;
        pause();
    }
    println!("\n--- a cellar: no network from here on ---");
    phone.shutdown();
    die_in_the_cellar(backend, phone_dir, &doors[cellar..kill])?;
    let phone = Phone::open(phone_dir, &backend.url)?;
    for door in &doors[cellar..kill] {
        door.check_after_restart(&phone)?;
    }
    println!("--- killed (SIGKILL), started again: all {} doors are as they were ---", kill - cellar);
    for door in &doors[kill..daylight] {
        println!("{}", door.visit(&phone)?);
        pause();
    }
    let waiting = phone.unsent()?;
    let acked = phone.sync()?;
    println!("--- daylight: {waiting} facts waited, {acked} were handed in ---\n");
    for door in &doors[daylight..] {
        println!("{}", door.visit(&phone)?);
        phone.sync()?;
        pause();
    }
    Ok(phone)
}

/// Plays doors in another process and kills it after the last.
fn die_in_the_cellar(backend: &Running, phone_dir: &Path, doors: &[Door]) -> Outcome<()> {
    let mut app = Process::new(std::env::current_exe().map_err(words)?)
        .arg("cellar")
        .arg(phone_dir)
        .arg(&backend.url)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(words)?;
    if let Some(mut stdin) = app.stdin.take() {
        stdin.write_all(&serde_json::to_vec(doors).map_err(words)?).map_err(words)?;
    }
    let mut played = 0;
    if let Some(stdout) = app.stdout.take() {
        for line in BufReader::new(stdout).lines().map_while(Result::ok).take(doors.len()) {
            println!("{line}");
            played += 1;
        }
    }
    app.kill().map_err(words)?;
    app.wait().map_err(words)?;
    if played == doors.len() { Ok(()) } else { Err("the phone in the cellar gave up".into()) }
}

/// The phone in the cellar: plays, says so, and waits to be killed.
pub(crate) fn cellar(dir: &Path, server: &str) -> Outcome<()> {
    let doors: Vec<Door> = serde_json::from_reader(std::io::stdin()).map_err(words)?;
    let phone = Phone::open(dir, server)?;
    for door in &doors {
        println!("{}", door.visit(&phone)?);
    }
    std::thread::sleep(Duration::from_mins(1));
    Err("nobody killed it".into())
}

fn wait_for_enter(backend: &Running, day: &Day, data: &Path) -> Outcome<()> {
    println!("\nBoard:    {}/  (key: demo-board-key-0)", backend.url);
    for shipment in day.shipments.iter().take(3) {
        let (row, _) =
            backend.service.find_shipment(Some(&shipment.sender), &shipment.reference).map_err(words)?;
        let token = backend.service.tracking_token(&row).map_err(words)?;
        println!("Tracking: {}/t/{token}  ({})", backend.url, shipment.recipient.name);
    }
    println!("Mails:    {}", data.join("backend/spool").display());
    println!("Press Enter to end.");
    std::io::stdin().read_line(&mut String::new()).map(|_| ()).map_err(words)
}
