//! A day: who does what, and what goes wrong, drawn from a plan.

use std::collections::BTreeMap;

use courier_domain::{
    CodeEntry, Command, DoorChoice, DoorForm, FactId, Reason, Receiver, ReceiverDetails, RouteEdit, StopId,
    StopView, route_view, stop_view,
};
use courier_engine::machine::Trouble;
use courier_engine::{LogOut, Step};
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;
use tempfile::TempDir;

use crate::invariants::{
    Broken, Known, acknowledged, broken, check_a_week_later, check_phone, check_the_end, count_of,
    has_day_key,
};
use crate::network::{Fate, Network, PATIENCE_MS, path_of};
use crate::office;
use crate::phone::{Backup, Phone};
use crate::plan::Plan;
use crate::server::Server;
use crate::server_invariants::{Said, check_server};

/// Requests in one exchange, at most: a phone that asks without a pause would never come to rest.
const REQUESTS: usize = 60;
/// Who receives everything.
const RECEIVER: &str = "Ottilie Nachtigall";
const HOUR: u64 = 3_600_000;

/// What is planted in this day.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Bugs {
    pub(crate) phone: courier_engine::Planted,
    pub(crate) server: courier_backend::planted::Planted,
}

pub(crate) struct Day {
    plan: Plan,
    rng: ChaCha20Rng,
    _dir: TempDir,
    pub(crate) server: Server,
    said: Said,
    pub(crate) network: Network,
    pub(crate) phones: Vec<(Phone, Known)>,
    phone_backups: BTreeMap<usize, Backup>,
    server_backup: Option<Vec<u8>>,
    calm: bool,
    /// What happened, one line for each step.
    pub(crate) story: Vec<String>,
}

impl Day {
    pub(crate) fn new(plan: &Plan, bugs: Bugs) -> Self {
        let mut rng = plan.rng(None);
        // Files in memory, where there are any: a day commits some thousand times.
        let memory = std::path::Path::new("/dev/shm");
        let dir = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let backend = dir.path().join("backend");
        std::fs::create_dir_all(&backend).unwrap();
        let server = Server::new(&backend, bugs.server);
        // The third phone, if there is one, is Ben's.
        let phones = (0..=rng.next_u64() % 3)
            .map(|n| {
                let dir = dir.path().join(format!("phone-{n}"));
                let courier = usize::from(n == 2);
                (Phone::new(&dir, plan.seed * 4 + n, courier, bugs.phone), Known::default())
            })
            .collect();
        Self {
            plan: plan.clone(),
            rng,
            _dir: dir,
            server,
            said: Said::default(),
            network: Network::default(),
            phones,
            phone_backups: BTreeMap::new(),
            server_backup: None,
            calm: true,
            story: Vec::new(),
        }
    }

    /// Lives it: begins well, goes on as it may, and ends with a network that works.
    pub(crate) fn live(&mut self) -> Result<(), Broken> {
        for n in 0..self.phones.len() {
            self.begin(n)?;
        }
        self.calm = false;
        for step in self.plan.steps.clone() {
            self.rng = self.plan.rng(Some(step));
            let n = self.below(self.phones.len());
            let what = self.step(n, step)?;
            self.story.push(format!("{step:3} phone {n}: {what}"));
            self.check(n)?;
            let ms = [500, 5_000, 40_000, 130_000][self.below(4)];
            self.tick(ms);
        }
        self.calm = true;
        self.story.push("    the network works, and nothing happens any more".into());
        for _ in 0..12 {
            for n in 0..self.phones.len() {
                self.exchange(n)?;
                self.check(n)?;
                self.enrol_again_if_refused(n)?;
            }
            self.tick(400_000);
        }
        for n in 0..self.phones.len() {
            let (phone, known) = &mut self.phones[n];
            check_the_end(phone, known, &self.server)?;
        }
        self.tick(17 * 24 * HOUR);
        for n in 0..self.phones.len() {
            self.exchange(n)?;
            self.phones[n].0.open();
            self.exchange(n)?;
            check_a_week_later(&mut self.phones[n].0, RECEIVER)?;
        }
        Ok(())
    }

    /// Makes a phone its courier's, and begins the day with it.
    fn begin(&mut self, n: usize) -> Result<(), Broken> {
        let courier = self.server.couriers[self.phones[n].0.courier].clone();
        let Ok(code) = self.server.service().add_enrolment(&courier) else { return Ok(()) };
        self.phones[n].0.machine().enrol(&code).unwrap();
        let was_calm = std::mem::replace(&mut self.calm, true);
        self.exchange(n)?;
        self.calm = was_calm;
        let _ = self.phones[n].0.command(Command::StartDay);
        self.check(n)
    }

    /// A server that was put back does not know whom it has enrolled since: the office gives another code.
    fn enrol_again_if_refused(&mut self, n: usize) -> Result<(), Broken> {
        let courier = self.server.couriers[self.phones[n].0.courier].clone();
        let phone = &mut self.phones[n].0;
        if phone.machine().traffic().problem != Some(Trouble::Auth) {
            return Ok(());
        }
        let code =
            self.server.service().add_enrolment(&courier).map_err(|error| Broken(error.to_string()))?;
        phone.machine().enrol(&code).map_err(|error| Broken(error.to_string()))?;
        self.exchange(n).map(|_| ())
    }

    fn check(&mut self, n: usize) -> Result<(), Broken> {
        let (phone, known) = &mut self.phones[n];
        check_phone(phone, known, &self.server)?;
        check_server(&mut self.server, &mut self.said)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.rng.next_u64() % n as u64).unwrap_or(0)
    }

    fn tick(&mut self, ms: u64) {
        self.server.tick(ms);
        self.phones.iter_mut().for_each(|(phone, _)| phone.tick(ms));
    }

    fn step(&mut self, n: usize, step: usize) -> Result<String, Broken> {
        Ok(match self.below(32) {
            0..=7 => {
                let fates = self.exchange(n)?;
                format!("exchanges: {fates:?}")
            }
            8 => {
                let before = self.phones[n].0.machine().state().clone();
                self.phones[n].0.open();
                if *self.phones[n].0.machine().state() != before {
                    return broken("a restart shows something else");
                }
                "is opened again".into()
            }
            9 => self.is_killed(n),
            10 => self.is_killed_in_an_exchange(n),
            11 => {
                self.phones[n].0.restart_device();
                "is switched off and on".into()
            }
            12 => {
                let ms = [-172_800_000, -3_600_000, 3_600_000, 86_400_000][self.below(4)];
                self.phones[n].0.set_wall_clock_off(ms);
                format!("gets another time, by {ms} ms")
            }
            13 => self.backup_of_phone(n),
            14 => self.backup_of_server(),
            15 => {
                self.server.restart();
                "(the server starts again)".into()
            }
            16..=18 => office::change(&mut self.server, &mut self.rng, step > 90)?,
            19 => self.finds_its_disk_full(n)?,
            20 => match self.below(4) {
                0 => self.is_logged_out(n)?,
                1 if step > 60 && !self.server.is_second_day => self.night(n)?,
                2 => self.is_stuck(n)?,
                _ => "rests".into(),
            },
            _ => {
                let Some(command) = self.draw_command(n) else { return Ok("has nothing to do".into()) };
                let done = self.phones[n].0.command(command.clone());
                let done = done.map_or_else(|error| error.to_string(), |_| "done".into());
                format!("{} {done}", name_of(&command))
            }
        })
    }

    fn is_killed(&mut self, n: usize) -> String {
        let nth = 1 + i64::try_from(self.below(4)).unwrap_or(0);
        let Some(command) = self.draw_command(n) else { return "has nothing to do".into() };
        let name = name_of(&command);
        let killed = self.phones[n].0.killed_at(nth, |phone| {
            let _ = phone.command(command);
        });
        format!("{name} {}", if killed { format!("and is killed at event {nth}") } else { "done".into() })
    }

    /// The answer is half taken in when the app dies.
    fn is_killed_in_an_exchange(&mut self, n: usize) -> String {
        let nth = 1 + i64::try_from(self.below(3)).unwrap_or(0);
        let (server, network) = (&mut self.server, &mut self.network);
        let killed = self.phones[n].0.killed_at(nth, |phone| {
            phone.machine().sync_now();
            for _ in 0..REQUESTS {
                let now = phone.now.clone();
                let Step::Send(request) = phone.machine().next(&now) else { break };
                let (Some(answer), _) = network.carry(server, &request, Fate::Arrives) else { break };
                phone.tick(20);
                let now = phone.now.clone();
                phone.machine().received(request.id, answer, &now);
            }
        });
        format!("exchanges {}", if killed { format!("and is killed at event {nth}") } else { "well".into() })
    }

    fn backup_of_phone(&mut self, n: usize) -> String {
        if self.below(3) > 0 || !self.phone_backups.contains_key(&n) {
            let backup = self.phones[n].0.back_up();
            self.phone_backups.insert(n, backup);
            return "is backed up".into();
        }
        let backup = self.phone_backups.remove(&n).unwrap_or_default();
        let (phone, known) = &mut self.phones[n];
        phone.put_back(&backup);
        // What only the lost files had is lost.
        *known = Known::default();
        "is put back from its backup".into()
    }

    fn backup_of_server(&mut self) -> String {
        match self.server_backup.take() {
            Some(backup) if self.below(3) == 0 => {
                self.server.put_back(&backup);
                "(the server is put back from its backup)".into()
            }
            _ => {
                self.server_backup = Some(self.server.back_up());
                "(the server is backed up)".into()
            }
        }
    }

    /// What cannot be written is not shown.
    fn finds_its_disk_full(&mut self, n: usize) -> Result<String, Broken> {
        let Some(command) = self.draw_command(n) else { return Ok("has nothing to do".into()) };
        let name = name_of(&command);
        let before = self.phones[n].0.machine().state().clone();
        let done = self.phones[n].0.with_a_full_disk(|phone| phone.command(command));
        if done.is_err() && *self.phones[n].0.machine().state() != before {
            return broken("what could not be written is shown");
        }
        // What was counted and could not be told of is told of now.
        self.phones[n].0.open();
        Ok(format!(
            "{name} on a full disk: {}",
            done.map_or_else(|error| error.to_string(), |_| "done".into())
        ))
    }

    /// The courier wants to leave. It is another phone afterwards, with the same courier.
    fn is_logged_out(&mut self, n: usize) -> Result<String, Broken> {
        let phone = &mut self.phones[n].0;
        let now = phone.now.clone();
        let pending = phone.machine().pending().map_err(|error| Broken(error.to_string()))?;
        let ended = phone.machine().log_out(None, &now).map_err(|error| Broken(error.to_string()))?;
        match ended {
            LogOut::Unsent { facts, .. } if facts > 0 => Ok(format!("may not log out: {facts} facts")),
            LogOut::Done { .. } if pending == 0 => {
                phone.open();
                self.phones[n].1 = Known::default();
                self.phone_backups.remove(&n);
                self.begin(n)?;
                Ok("is logged out and enrolled anew".into())
            }
            _ => broken("a log-out has deleted what was only there"),
        }
    }

    /// The next morning. Whoever has not closed the day keeps it on the screen.
    fn night(&mut self, n: usize) -> Result<String, Broken> {
        self.tick(17 * HOUR);
        office::publish_next_day(&mut self.server);
        let state = self.phones[n].0.machine().state();
        let is_on_the_road = state.day().started && !state.day().closed && state.is_anything_done();
        let before = state.route().map(|(route, _)| route.id.clone());
        let was_calm = std::mem::replace(&mut self.calm, true);
        self.exchange(n)?;
        self.calm = was_calm;
        let after = self.phones[n].0.machine().state().route().map(|(route, _)| route.id.clone());
        if is_on_the_road && before != after {
            return broken("another day took the place of one that is not closed");
        }
        Ok("sleeps; it is the next morning".into())
    }

    /// The server takes this phone's token no more, and its token lane has a fault: for a quarter of an hour nothing goes,
    /// though something answers.
    fn is_stuck(&mut self, n: usize) -> Result<String, Broken> {
        let pending = self.phones[n].0.machine().pending().unwrap_or(0);
        let told = count_of(&self.phones[n].0, "incident");
        for _ in 0..15 {
            self.tick(60_000);
            let phone = &mut self.phones[n].0;
            phone.machine().sync_now();
            for _ in 0..REQUESTS {
                let now = phone.now.clone();
                let Step::Send(request) = phone.machine().next(&now) else { break };
                let fate = if request.path == "/v1/token" { Fate::Status(500) } else { Fate::Status(401) };
                let (Some(answer), _) = self.network.carry(&mut self.server, &request, fate) else { break };
                let now = phone.now.clone();
                phone.machine().received(request.id, answer, &now);
            }
        }
        let phone = &mut self.phones[n].0;
        let may_sign = has_day_key(phone) && phone.is_enrolled();
        if pending > 0 && may_sign && told == 0 && count_of(phone, "incident") == 0 {
            return broken("nothing went for a quarter of an hour, and nobody is told");
        }
        Ok("is stuck for a quarter of an hour".into())
    }

    /// Lets a phone send what it wants to. What became of its requests.
    fn exchange(&mut self, n: usize) -> Result<Vec<Fate>, Broken> {
        let mut fates = Vec::new();
        // Now and then it is the same for all requests, as with a server that is down.
        let storm = (!self.calm && self.below(8) == 0).then(|| Fate::draw(&mut self.rng));
        self.take_late_answers(n);
        self.phones[n].0.machine().sync_now();
        for _ in 0..REQUESTS {
            let phone = &mut self.phones[n].0;
            let now = phone.now.clone();
            let Step::Send(request) = phone.machine().next(&now) else { break };
            let path = path_of(&request);
            if phone.not_before.get(&path).is_some_and(|until| now.boot_ms < *until) {
                return broken("the server wanted to be left alone, and is asked again");
            }
            phone.machine().work_ahead();
            let fate = match storm {
                _ if self.calm => Fate::Arrives,
                Some(fate) => fate,
                None => Fate::draw(&mut self.rng),
            };
            fates.push(fate);
            let epoch = self.server.service().epoch().to_owned();
            let before = acknowledged(phone, &epoch);
            let (answer, late) = self.network.carry(&mut self.server, &request, fate);
            phone.tick(20);
            let now = phone.now.clone();
            if let Some(late) = late {
                phone.late.push((request.id, late));
                continue;
            }
            let Some(answer) = answer else { continue };
            phone.machine().received(request.id, answer, &now);
            if fate == Fate::TooMany {
                phone.not_before.insert(path.clone(), now.boot_ms + PATIENCE_MS);
            }
            if path == "/v1/facts" && !fate.is_answered() && acknowledged(phone, &epoch) > before {
                return broken("something that is no answer to this request has acknowledged a fact");
            }
            if path == "/v1/route/changes" && fate == Fate::Nothing {
                let lanes =
                    phone.machine().diagnostics(&now).map_err(|error| Broken(error.to_string()))?.lanes;
                if lanes.iter().any(|lane| lane.name == "route" && lane.failures == 0) {
                    return broken("a portal said that the route did not change, and was believed");
                }
            }
        }
        let _ = self.phones[n].0.machine().take_enrolment();
        if fates.len() >= REQUESTS {
            return broken("a phone asks without a pause");
        }
        Ok(fates)
    }

    /// Answers to requests of an earlier exchange come now. Where the phone has given the request up, it ignores them.
    fn take_late_answers(&mut self, n: usize) {
        let phone = &mut self.phones[n].0;
        let now = phone.now.clone();
        for (id, answer) in std::mem::take(&mut phone.late) {
            phone.machine().received(id, Ok(answer), &now);
        }
    }

    fn stop(&mut self, n: usize) -> Option<StopView> {
        let phone = &mut self.phones[n].0;
        let at = phone.at();
        let state = phone.machine().state();
        let stops: Vec<StopId> = route_view(state, &at)?.stops.into_iter().map(|stop| stop.id).collect();
        let stop = stops.get(usize::try_from(self.rng.next_u64() % (stops.len() as u64).max(1)).ok()?)?;
        stop_view(self.phones[n].0.machine().state(), stop, &at)
    }

    fn draw_command(&mut self, n: usize) -> Option<Command> {
        let stop = self.stop(n)?;
        let door = stop.doors.first()?;
        let attempt = door.attempt.clone();
        Some(match self.below(19) {
            0 => Command::CheckLoad { barcodes: door.parcels.iter().map(|it| it.barcode.clone()).collect() },
            1 => Command::Arrive { stop: stop.id.clone() },
            2..=6 => Command::Scan { stop: stop.id.clone(), barcode: door.parcels.first()?.barcode.clone() },
            7..=9 => Command::EnterCode {
                stop: stop.id.clone(),
                entry: CodeEntry::Digits(format!("{:06}", self.rng.next_u32() % 1_000_000)),
            },
            10 | 11 => {
                let digits = self.digits(&door.recipient_name)?;
                Command::EnterCode { stop: stop.id.clone(), entry: CodeEntry::Digits(digits) }
            }
            12 | 13 => Command::HandOver {
                attempt,
                parcels: Vec::new(),
                receiver: [Receiver::Recipient, Receiver::Household][self.below(2)],
                details: ReceiverDetails { name: Some(RECEIVER.into()), ..ReceiverDetails::default() },
            },
            14 => Command::NotDelivered {
                attempt,
                parcels: Vec::new(),
                reason: door
                    .exits
                    .get(self.below(door.exits.len().max(1)))
                    .map_or(Reason::NotHome, |exit| exit.reason),
                note: None,
            },
            15 => match self.below(12) {
                0 => Command::CloseDay,
                _ => Command::StartDay,
            },
            17 => Command::SaveForm {
                stop: stop.id.clone(),
                form: Some(DoorForm {
                    shipment: door.shipment.clone(),
                    choice: DoorChoice::HandOver { receiver: Receiver::Household },
                    details: ReceiverDetails { name: Some(RECEIVER.into()), ..ReceiverDetails::default() },
                    left_out: Vec::new(),
                }),
            },
            16 => Command::EditRoute {
                stop: stop.id.clone(),
                edit: match self.below(3) {
                    0 => RouteEdit::Next,
                    1 => RouteEdit::Skip,
                    _ => RouteEdit::Move { position: self.rng.next_u32() % 5 },
                },
            },
            _ => Command::Withdraw { fact: FactId::clone(door.undo.as_ref()?) },
        })
    }

    /// The code that a customer sees now.
    fn digits(&self, name: &str) -> Option<String> {
        let service = self.server.service();
        let (row, _) = service.find_shipment(Some("Feinwerk"), name).ok()?;
        let token = service.tracking_token(&row).ok()?;
        Some(service.tracking(&token).ok()?.code?.digits)
    }
}

fn name_of(command: &Command) -> String {
    let shown = format!("{command:?}");
    // Never what was entered.
    shown.split([' ', '{']).next().unwrap_or_default().to_owned()
}
