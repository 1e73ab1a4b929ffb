//! Plays the steps, compares what is expected, and writes down what the phone says.

use std::collections::BTreeMap;
use std::path::Path;

use courier_domain::view::DoorView;
use courier_domain::{
    CodeEntry, Command, DoorChoice, DoorForm, Dot, FactId, ParcelId, Position, ReceiverDetails, RouteEdit,
    Signature, StopId, UnixMs,
};
use courier_engine::{CommandResult, CourierError, LogOut, Tracking};
use serde::Serialize;
use serde_json::{Value, json};

use crate::engine_phone::{EnginePhone, SYNC_BUDGET_MS};
use crate::expect::difference;
use crate::exports::exports;
use crate::file::{
    CodeWord, CourierDoes, CustomerDoes, Expect, NetDoes, OfficeDoes, PhoneDoes, Scenario, SecondPhoneDoes,
    Step, TimeDoes, What,
};
use crate::http::Answer;
use crate::office::shown;
use crate::phone::Phone;
use crate::receipt::verify;
use crate::suspended::{Suspended, suspend_in_sync};
use crate::world::World;
use crate::{Failure, Result, canonical, failed};

/// Plays a scenario with `phone` against a fresh process of `backend`, the program that the tests build for it.
/// Returns the transcript: a line for each answer, and for each view of the phone that a step changed.
pub fn play(scenario: &Scenario, backend: &Path, phone: &dyn Phone) -> Result<String> {
    let second = EnginePhone::default();
    let mut world = World::begin(&scenario.world, backend, phone, &second)?;
    let mut transcript = Transcript::default();
    transcript.look(0, &world)?;
    for (step, no) in scenario.steps.iter().zip(1..) {
        let place = |failure: Failure| Failure(format!("{}: step {no}: {failure}", scenario.title));
        let played = perform(&mut world, step).map_err(place)?;
        transcript.write(no, "answer", &played.answer).map_err(place)?;
        transcript.look(no, &world).map_err(place)?;
        if matches!(step.what, What::SecondPhone(_)) {
            world.with_second_phone(|world| judge(world, step, &played)).map_err(place)?;
        } else {
            judge(&mut world, step, &played).map_err(place)?;
        }
    }
    Ok(transcript.text)
}

/// What a step did.
struct Played {
    answer: Value,
    /// It did what its actor wanted.
    well: bool,
}

impl Played {
    fn done() -> Self {
        Self { answer: Value::Null, well: true }
    }

    fn of_phone<T: Serialize>(result: std::result::Result<T, CourierError>) -> Result<Self> {
        let well = result.is_ok();
        let answer = match result {
            Ok(answer) => serde_json::to_value(answer),
            Err(error) => serde_json::to_value(error),
        };
        Ok(Self { answer: answer.map_err(failed)?, well })
    }

    fn of_http(answer: &Answer) -> Self {
        Self { answer: shown(answer), well: answer.status < 300 }
    }
}

fn perform(world: &mut World<'_>, step: &Step) -> Result<Played> {
    match &step.what {
        What::Courier(does) => courier(world, does),
        What::SecondPhone(SecondPhoneDoes::Sync) => world.with_second_phone(sync),
        What::SecondPhone(SecondPhoneDoes::Does(does)) => {
            world.with_second_phone(|world| courier(world, does))
        }
        What::Customer(does) => customer(world, does),
        What::Office(does) => office(world, does),
        What::Net(does) => net(world, does).map(|()| Played::done()),
        What::Time(TimeDoes::Pass(seconds)) => {
            world.pass(i64::from(*seconds) * 1_000).map(|()| Played::done())
        }
        What::Time(TimeDoes::Until(then)) => {
            world.pass(then.timestamp_millis() - world.now_ms()).map(|()| Played::done())
        }
        What::Phone(PhoneDoes::Sync) => sync(world),
        What::Phone(PhoneDoes::LogOut { export }) => {
            let file = world.export_file();
            let file = file.to_str().ok_or_else(|| failed("the temporary folder is no text"))?;
            let ended = world.phone.log_out(export.then_some(file));
            let well = matches!(ended, Ok(LogOut::Done { .. }));
            Ok(Played { well, ..Played::of_phone(ended)? })
        }
        What::Phone(PhoneDoes::Move { from, to, seconds, accuracy_m }) => {
            walk(world, *from, *to, *seconds, *accuracy_m)
        }
        What::Phone(PhoneDoes::Restart) => world.restart_phone().map(|()| Played::done()),
        What::Phone(PhoneDoes::Reboot) => world.reboot_phone().map(|()| Played::done()),
        What::Phone(PhoneDoes::Suspend) => {
            let report = world.phone.suspend(SYNC_BUDGET_MS);
            Suspended::look(world)?.come_back()?;
            Played::of_phone(report)
        }
        What::Phone(PhoneDoes::SuspendInSync) => {
            let report = suspend_in_sync(world)?;
            Suspended::look(world)?.come_back()?;
            Played::of_phone(report)
        }
        What::Phone(PhoneDoes::Reinstall) => world.reinstall_phone().map(|()| Played::done()),
    }
}

/// Seconds between two fixes.
const FIX_EVERY_S: u32 = 5;

fn walk(
    world: &mut World<'_>,
    from: (f64, f64),
    to: (f64, f64),
    seconds: u32,
    accuracy_m: u32,
) -> Result<Played> {
    let (mut arrived, mut near, mut last) = (None, None, None);
    let steps = seconds / FIX_EVERY_S;
    for step in 1..=steps {
        world.pass(i64::from(FIX_EVERY_S) * 1_000)?;
        let share = f64::from(step) / f64::from(steps);
        let between = |from: f64, to: f64| from + (to - from) * share;
        let (lat, lon) = (between(from.0, to.0), between(from.1, to.1));
        let position = Position::of_degrees(lat, lon, f64::from(accuracy_m), 0);
        let fix = position.ok_or_else(|| failed("a way that leaves the earth"))?;
        let tracking = match world.phone.fix(fix, None) {
            Ok(tracking) => tracking,
            Err(error) => return Played::of_phone::<()>(Err(error)),
        };
        arrived = tracking.arrived.clone().or(arrived);
        near = tracking.near.clone().or(near);
        last = Some(tracking);
    }
    let last = last.ok_or_else(|| failed("a way without a fix"))?;
    Played::of_phone(Ok(Tracking { arrived, near, ..last }))
}

fn sync(world: &mut World<'_>) -> Result<Played> {
    let report = world.phone.sync();
    let well = report.as_ref().is_ok_and(|report| !report.offline && report.error.is_none());
    Ok(Played { well, ..Played::of_phone(report)? })
}

fn customer(world: &mut World<'_>, does: &CustomerDoes) -> Result<Played> {
    let (of, form, body) = match does {
        CustomerDoes::Look(name) => return world.look(name).map(|_| Played::done()),
        CustomerDoes::Instruct { of, body } => (of, "instructions", body.clone()),
        CustomerDoes::Dispute { of, kind, text } => {
            (of, "disputes", json!({ "kind": kind, "text": text, "request_id": world.request_id() }))
        }
        CustomerDoes::Reissue(of) => (of, "reissue", json!({ "request_id": world.request_id() })),
        CustomerDoes::NeighbourCode { of, name } => (of, "codes", json!({ "name": name })),
    };
    let path = format!("{}/{form}", world.backend.tracking_path(of)?);
    Ok(Played::of_http(&world.backend.post(&path, &body)?))
}

fn office(world: &mut World<'_>, does: &OfficeDoes) -> Result<Played> {
    let answer = match does {
        OfficeDoes::Import(shipments) => world.backend.import(world.day, shipments),
        OfficeDoes::Publish(day) => world.backend.publish(&world.courier, day.unwrap_or(world.day)),
        OfficeDoes::Cancel { shipment, why } => {
            let id = world.backend.shipment_id(shipment)?;
            world.backend.post(&format!("/v1/shipments/{id}/cancel"), &json!({ "why": why }))
        }
        OfficeDoes::Reassign { shipment, to } => {
            let id = world.backend.shipment_id(shipment)?;
            let courier = to.as_ref().map(|name| world.courier_called(name)).transpose()?;
            world.backend.post(&format!("/v1/shipments/{id}/reassign"), &json!({ "courier": courier }))
        }
        OfficeDoes::Reorder(names) => {
            let body = json!({ "order": stops_of(world, names)? });
            world.backend.put(&format!("{}/order", route_path(world)?), &body)
        }
        OfficeDoes::ReorderWithLast(names) => {
            let body = json!({ "order": stops_of(world, names)?, "last_is_fixed": true });
            world.backend.put(&format!("{}/order", route_path(world)?), &body)
        }
        OfficeDoes::PutMatrix { stops, seconds } => {
            let body = json!({ "stops": stops_of(world, stops)?, "seconds": seconds });
            world.backend.put(&format!("{}/matrix", route_path(world)?), &body)
        }
        OfficeDoes::Sequence => world.backend.post(&format!("{}/sequence", route_path(world)?), &json!({})),
        OfficeDoes::Deliver(shipment) => {
            let id = world.backend.shipment_id(shipment)?;
            world.backend.post(&format!("/v1/shipments/{id}/delivered"), &json!({}))
        }
        OfficeDoes::TakeExport => {
            let file = std::fs::read(world.export_file()).map_err(failed)?;
            world.backend.post("/v1/exports", &serde_json::from_slice(&file).map_err(failed)?)
        }
        OfficeDoes::Dismiss => {
            world.backend.post(&format!("/v1/couriers/{}/dismiss", world.courier), &json!({}))
        }
        OfficeDoes::Reissue(name) => {
            let shipment = world.backend.shipment(name)?;
            let attempt = shipment["attempts"].as_array().and_then(|all| all.last()?["id"].as_str());
            let path = format!("/v1/attempts/{}/reissue", attempt.unwrap_or_default());
            let body = json!({ "request_id": world.request_id() });
            world.backend.post(&path, &body)
        }
        OfficeDoes::Backup => return world.backend.back_up().map(|()| Played::done()),
        OfficeDoes::Restore => return world.backend.restore().map(|()| Played::done()),
    };
    Ok(Played::of_http(&answer?))
}

fn net(world: &mut World<'_>, does: &NetDoes) -> Result<()> {
    world.backend.replace(matches!(does, NetDoes::Foreign))?;
    match does {
        NetDoes::Ok | NetDoes::Foreign => world.backend.set_net("ok", None),
        NetDoes::Down => world.backend.set_net("down", None),
        NetDoes::Portal => world.backend.set_net("portal", None),
        NetDoes::DownAfter(count) => world.backend.set_net("down_after", Some(*count)),
        NetDoes::Silent => world.backend.set_net("silent", None),
        NetDoes::LoseAnswers(count) => world.backend.set_net("lost_answer", Some(*count)),
    }
}

fn courier(world: &mut World<'_>, does: &CourierDoes) -> Result<Played> {
    let mut commands = Vec::new();
    match does {
        CourierDoes::StartDay => commands.push(Command::StartDay),
        CourierDoes::CloseDay => commands.push(Command::CloseDay),
        CourierDoes::CheckLoad { missing, foreign } => {
            let found = world
                .doors()?
                .into_iter()
                .map(|(_, door)| door)
                .filter(|door| !missing.contains(&door.recipient_name));
            let parcels = found.flat_map(|door| door.parcels).map(|parcel| parcel.barcode);
            commands.push(Command::CheckLoad { barcodes: parcels.chain(foreign.iter().cloned()).collect() });
        }
        CourierDoes::Arrive(name) => commands.push(Command::Arrive { stop: stop_of(world, name)? }),
        CourierDoes::Scan(name) => {
            let (stop, door) = world.door(name)?;
            let scan = |barcode| Command::Scan { stop: stop.id.clone(), barcode };
            commands.extend(door.parcels.into_iter().map(|parcel| scan(parcel.barcode)));
        }
        CourierDoes::ScanText { at, barcode } => {
            commands.push(Command::Scan { stop: stop_of(world, at)?, barcode: barcode.clone() });
        }
        CourierDoes::Enter { at, code } => {
            commands.push(Command::EnterCode { entry: entry(world, at, code)?, stop: stop_of(world, at)? });
        }
        CourierDoes::TakePhoto { at, kib } => {
            let (stop, path) = (stop_of(world, at)?, world.phone_dir().join("camera.jpg"));
            std::fs::write(&path, jpeg(kib * 1_024)).map_err(failed)?;
            commands.push(Command::TakePhoto { stop, path: path.to_string_lossy().into_owned() });
        }
        CourierDoes::Sign(name) => {
            let strokes = vec![vec![Dot { x: 20, y: 80 }, Dot { x: 150, y: 20 }, Dot { x: 280, y: 80 }]];
            let signature = Signature { width: 300, height: 100, strokes };
            commands.push(Command::Sign { stop: stop_of(world, name)?, signature });
        }
        CourierDoes::HandOver { at, to, parcels, name, relation, flat, note, checks, without } => {
            let (stop, door) = world.door(at)?;
            let details = ReceiverDetails {
                name: name.clone(),
                relation: relation.clone(),
                flat: flat.clone(),
                note: note.clone(),
                files: stop.files_for(&door, *to),
                checks: checks.clone(),
                without: without.clone(),
                position: None,
            };
            let parcels = parcels_of(&door, parcels)?;
            commands.push(Command::HandOver { attempt: door.attempt, parcels, receiver: *to, details });
        }
        CourierDoes::FillIn { at, to, name, note } => {
            let (stop, door) = world.door(at)?;
            let details =
                ReceiverDetails { name: name.clone(), note: note.clone(), ..ReceiverDetails::default() };
            let choice = DoorChoice::HandOver { receiver: *to };
            let form = DoorForm { shipment: door.shipment, choice, details, left_out: Vec::new() };
            commands.push(Command::SaveForm { stop: stop.id, form: Some(form) });
        }
        CourierDoes::NotDelivered { at, reason, parcels, note } => {
            let door = world.door(at)?.1;
            let (parcels, note) = (parcels_of(&door, parcels)?, note.clone());
            commands.push(Command::NotDelivered { attempt: door.attempt, parcels, reason: *reason, note });
        }
        CourierDoes::AddProof(name) => {
            let (stop, door) = world.door(name)?;
            let fact = newest_outcome(name, &door)?;
            commands.push(Command::AddProof { fact, files: stop.files });
        }
        CourierDoes::Withdraw(name) => {
            let fact = newest_outcome(name, &world.door(name)?.1)?;
            commands.push(Command::Withdraw { fact });
        }
        CourierDoes::Reissue(name) => {
            let attempt = world.door(name)?.1.attempt;
            return Played::of_phone(world.phone.request_reissue(&attempt));
        }
        CourierDoes::Next(name) => commands.push(edit(world, name, RouteEdit::Next)?),
        CourierDoes::Later { at, minutes } => {
            let not_before = UnixMs(world.now_ms() + i64::from(*minutes) * 60_000);
            commands.push(edit(world, at, RouteEdit::Later { not_before })?);
        }
        CourierDoes::Skip(name) => commands.push(edit(world, name, RouteEdit::Skip)?),
        CourierDoes::Drag { at, position } => {
            commands.push(edit(world, at, RouteEdit::Move { position: *position })?);
        }
        CourierDoes::TakeProposal => commands.push(Command::TakeProposal { proposal: proposal(world)? }),
        CourierDoes::KeepMine => commands.push(Command::DropProposal { proposal: proposal(world)? }),
        CourierDoes::TakeOldProposal(proposal) => {
            commands.push(Command::TakeProposal { proposal: *proposal });
        }
        CourierDoes::Prefer(keep) => commands.push(Command::PreferOrder { keep: *keep }),
        CourierDoes::Return(names) => {
            let back = world
                .doors()?
                .into_iter()
                .map(|(_, door)| door)
                .filter(|door| names.contains(&door.recipient_name));
            let parcels = back.flat_map(|door| door.parcels).map(|parcel| parcel.id).collect();
            commands.push(Command::Return { parcels });
        }
    }
    let mut last: std::result::Result<Option<CommandResult>, CourierError> = Ok(None);
    for command in commands {
        last = world.phone.submit(command).map(|receipt| Some(receipt.result));
        if last.is_err() {
            break;
        }
    }
    // A wrong code is an answer that its actor did not want.
    let wrong = matches!(last, Ok(Some(CommandResult::CodeWrong { .. } | CommandResult::CodeLocked { .. })));
    let played = Played::of_phone(last)?;
    Ok(Played { well: played.well && !wrong, ..played })
}

fn edit(world: &World<'_>, name: &str, edit: RouteEdit) -> Result<Command> {
    Ok(Command::EditRoute { stop: stop_of(world, name)?, edit })
}

fn proposal(world: &World<'_>) -> Result<u32> {
    let route = world.phone.route().map_err(failed)?;
    let proposal = route.and_then(|route| route.proposal);
    proposal.map(|proposal| proposal.id).ok_or_else(|| failed("nothing is proposed"))
}

fn parcels_of(door: &DoorView, barcodes: &[String]) -> Result<Vec<ParcelId>> {
    let find = |barcode: &String| {
        let found = door.parcels.iter().find(|parcel| parcel.barcode == *barcode);
        found.map(|parcel| parcel.id.clone()).ok_or_else(|| Failure(format!("no parcel {barcode} there")))
    };
    barcodes.iter().map(find).collect()
}

fn newest_outcome(name: &str, door: &DoorView) -> Result<FactId> {
    door.undo.clone().ok_or_else(|| Failure(format!("{name} has no outcome")))
}

/// A JPEG file in form: what a camera says about a picture of so many bytes, and these bytes.
fn jpeg(picture: usize) -> Vec<u8> {
    let mut jpeg = b"\xFF\xD8\xFF\xE1\x00\x14Exif\0\0AT THE DOOR!".to_vec();
    jpeg.extend(
        b"\xFF\xC0\x00\x0B\x08\x00\x08\x00\x08\x01\x01\x11\x00\xFF\xDA\x00\x08\x01\x01\x00\x00\x3F\x00",
    );
    jpeg.extend((0u8..=250).cycle().take(picture));
    jpeg.extend(b"\xFF\xD9");
    jpeg
}

fn entry(world: &mut World<'_>, at: &str, code: &CodeWord) -> Result<CodeEntry> {
    Ok(match code {
        CodeWord::Right => CodeEntry::Digits(world.code(at, 0)?.0),
        CodeWord::Old => CodeEntry::Digits(world.code(at, 1)?.0),
        CodeWord::Qr => CodeEntry::Token(world.code(at, 0)?.1),
        CodeWord::Decoy => CodeEntry::Digits(world.decoy(at)?),
        CodeWord::Text(text) => CodeEntry::Digits(text.clone()),
        CodeWord::Wrong => {
            let right: u32 = world.code(at, 0)?.0.parse().map_err(failed)?;
            CodeEntry::Digits(format!("{:06}", (right + 1) % 1_000_000))
        }
    })
}

fn stop_of(world: &World<'_>, name: &str) -> Result<StopId> {
    Ok(world.door(name)?.0.id)
}

fn stops_of(world: &World<'_>, names: &[String]) -> Result<Vec<StopId>> {
    names.iter().map(|name| stop_of(world, name)).collect()
}

fn route_path(world: &World<'_>) -> Result<String> {
    let route = world.phone.route().map_err(failed)?.ok_or_else(|| failed("there is no route"))?;
    Ok(format!("/v1/routes/{}", route.route))
}

fn judge(world: &mut World<'_>, step: &Step, played: &Played) -> Result<()> {
    let nothing = Expect::default();
    let expect = step.expect.as_ref().unwrap_or(&nothing);
    match &expect.answer {
        None if !played.well => return Err(Failure(format!("it failed: {}", played.answer))),
        None => {}
        Some(wanted) => compare("answer", wanted, &played.answer)?,
    }
    if let Some(wanted) = &expect.route {
        compare("route", wanted, &seen(&world.phone.route().map_err(failed)?)?)?;
    }
    for (name, wanted) in &expect.doors {
        compare(&format!("door of {name}"), wanted, &seen(&world.door(name)?.1)?)?;
    }
    for (name, wanted) in &expect.stops {
        compare(&format!("stop of {name}"), wanted, &seen(&world.door(name)?.0)?)?;
    }
    for (name, wanted) in &expect.pages {
        compare(&format!("page of {name}"), wanted, &world.look(name)?)?;
    }
    for (name, wanted) in &expect.shipments {
        compare(&format!("shipment {name}"), wanted, &world.backend.shipment(name)?)?;
    }
    for (name, wanted) in &expect.exports {
        compare(&format!("exports of {name}"), wanted, &exports(&world.backend, name)?)?;
    }
    for (name, wanted) in &expect.mails {
        let sent: Vec<_> = world.backend.mails(name)?.into_iter().map(|(template, _)| template).collect();
        compare(&format!("mails to {name}"), &json!(wanted), &json!(sent))?;
    }
    if let Some(wanted) = &expect.totals {
        compare("totals", wanted, &world.backend.totals()?)?;
    }
    if let Some(wanted) = &expect.phone {
        compare("phone", wanted, &seen(&world.phone.diagnostics().map_err(failed)?)?)?;
    }
    expect.verified.iter().try_for_each(|name| verify(&world.backend, name))?;
    for word in &expect.nowhere {
        is_nowhere(world, std::slice::from_ref(word)).map_err(|place| Failure(format!("{word}: {place}")))?;
    }
    expect.secret.iter().try_for_each(|name| is_secret(world, name))
}

fn seen(view: &impl Serialize) -> Result<Value> {
    serde_json::to_value(view).map_err(failed)
}

fn compare(what: &str, wanted: &Value, seen: &Value) -> Result<()> {
    match difference(wanted, seen) {
        None => Ok(()),
        Some(difference) => Err(Failure(format!("{what}{difference}"))),
    }
}

/// Mail and page show the same digits, and no file of the phone holds any that were ever shown.
fn is_secret(world: &mut World<'_>, name: &str) -> Result<()> {
    let codes = world.codes(name)?;
    let newest = codes.last().ok_or_else(|| Failure(format!("{name} has no code to keep secret")))?;
    let mails = world.backend.mails(name)?;
    let brings_one = |template: &str| matches!(template, "your_code" | "code_replaced");
    let mailed = mails.iter().rev().find(|(template, _)| brings_one(template)).map(|(_, text)| text);
    if !mailed.is_some_and(|text| text.contains(newest)) {
        return Err(Failure(format!("mail and page of {name} show different codes")));
    }
    let page_has_code = !world.look(name)?["code"].is_null();
    if page_has_code && !world.backend.page_html(name)?.contains(newest) {
        return Err(Failure(format!("the page of {name} hides the code")));
    }
    is_nowhere(world, &codes).map_err(|place| Failure(format!("a code of {name}: {place}")))
}

/// No file of the phone holds any of these words.
fn is_nowhere(world: &World<'_>, words: &[String]) -> Result<()> {
    let mut looked_at = 0;
    for path in files(&world.phone_dir())? {
        let bytes = std::fs::read(&path).map_err(failed)?;
        looked_at += bytes.len();
        let found = words.iter().any(|word| bytes.windows(word.len()).any(|part| part == word.as_bytes()));
        if found {
            return Err(Failure(format!("it is in {}", path.display())));
        }
    }
    if looked_at == 0 { Err(failed("the phone has no files to look at")) } else { Ok(()) }
}

fn files(dir: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    Ok(found)
}

/// What the phone said, line by line.
#[derive(Default)]
struct Transcript {
    text: String,
    /// Views as they were written down last.
    last: BTreeMap<String, String>,
}

impl Transcript {
    /// Writes down the views that have changed.
    fn look(&mut self, no: usize, world: &World<'_>) -> Result<()> {
        let Some(route) = world.phone.route().map_err(failed)? else { return Ok(()) };
        self.write_changed(no, "route", "route".into(), &route)?;
        for line in &route.stops {
            let stop = world.phone.stop(&line.id).map_err(failed)?;
            self.write_changed(no, "stop", line.id.to_string(), &stop)?;
        }
        Ok(())
    }

    fn write_changed(&mut self, no: usize, what: &str, id: String, view: &impl Serialize) -> Result<()> {
        let text = canonical::text(view)?;
        if self.last.get(&id) != Some(&text) {
            self.write(no, what, view)?;
            self.last.insert(id, text);
        }
        Ok(())
    }

    fn write(&mut self, no: usize, what: &str, value: &impl Serialize) -> Result<()> {
        self.text += &canonical::text(&json!({"step": no, what: value}))?;
        self.text.push('\n');
        Ok(())
    }
}
