//! A day: who does what, and what goes wrong, drawn from a seed.

use std::collections::BTreeMap;

use courier_domain::{
    CodeEntry, Command, FactId, Reason, Receiver, ReceiverDetails, StopId, StopView, route_view, stop_view,
};
use courier_engine::{Planted, Step};
use courier_tests::world::shipment;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rand_core::Rng;
use tempfile::TempDir;

use crate::invariants::{Broken, Known, check_phone, check_server, check_the_end};
use crate::network::{Fate, Network};
use crate::phone::{Backup, Phone};
use crate::server::Server;

const STEPS: usize = 120;
const SHIPMENTS: usize = 5;
/// Requests in one exchange, at most: a phone that asks without a pause would never come to rest.
const REQUESTS: usize = 60;

pub(crate) struct Day {
    rng: ChaCha20Rng,
    _dir: TempDir,
    pub(crate) server: Server,
    network: Network,
    pub(crate) phones: Vec<(Phone, Known)>,
    phone_backups: BTreeMap<usize, Backup>,
    server_backup: Option<Vec<u8>>,
    calm: bool,
    /// What happened, one line for each step.
    pub(crate) story: Vec<String>,
}

impl Day {
    pub(crate) fn new(seed: u64, planted: Planted) -> Self {
        let mut rng = ChaCha20Rng::seed_from_u64(seed);
        // Files in memory, where there are any: a day commits some thousand times.
        let memory = std::path::Path::new("/dev/shm");
        let dir = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() }.unwrap();
        let shipments: Vec<_> = (0..SHIPMENTS)
            .map(|n| shipment(&format!("N{n}"), if n % 2 == 0 { 90_000 } else { 10 }, |_| {}))
            .collect();
        let backend = dir.path().join("backend");
        std::fs::create_dir_all(&backend).unwrap();
        let server = Server::new(&backend, &shipments);
        let phones = (0..=rng.next_u64() % 2)
            .map(|n| {
                let dir = dir.path().join(format!("phone-{n}"));
                (Phone::new(&dir, seed * 4 + n, planted), Known::default())
            })
            .collect();
        Self {
            rng,
            _dir: dir,
            server,
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
            let courier = self.server.courier.clone();
            let code = self.server.service().add_enrolment(&courier).unwrap();
            self.phones[n].0.machine().enrol(&code).unwrap();
            self.exchange(n);
            self.phones[n].0.command(Command::StartDay).unwrap();
            self.check(n)?;
        }
        self.calm = false;
        for _ in 0..STEPS {
            let n = usize::try_from(self.rng.next_u64()).unwrap_or(0) % self.phones.len();
            let what = self.step(n);
            self.story.push(format!("{:3} phone {n}: {what}", self.story.len()));
            self.check(n)?;
            let ms = [500, 5_000, 40_000, 130_000][self.below(4)];
            self.tick(ms);
        }
        self.calm = true;
        for _ in 0..12 {
            for n in 0..self.phones.len() {
                self.exchange(n);
                self.check(n)?;
            }
            self.tick(400_000);
        }
        for n in 0..self.phones.len() {
            let (phone, known) = &mut self.phones[n];
            check_the_end(phone, known, &self.server)?;
        }
        Ok(())
    }

    fn check(&mut self, n: usize) -> Result<(), Broken> {
        let (phone, known) = &mut self.phones[n];
        check_phone(phone, known, &self.server)?;
        check_server(&self.server)
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.rng.next_u64() % n as u64).unwrap_or(0)
    }

    fn tick(&mut self, ms: u64) {
        self.server.tick(ms);
        self.phones.iter_mut().for_each(|(phone, _)| phone.tick(ms));
    }

    fn step(&mut self, n: usize) -> String {
        match self.below(24) {
            0..=7 => {
                let fates = self.exchange(n);
                format!("exchanges: {fates:?}")
            }
            8 => {
                let before = self.phones[n].0.machine().state().clone();
                self.phones[n].0.open();
                assert!(*self.phones[n].0.machine().state() == before, "a restart shows something else");
                "is opened again".into()
            }
            9 => self.is_killed(n),
            10 => {
                self.phones[n].0.restart_device();
                "is switched off and on".into()
            }
            11 => {
                let ms = [-172_800_000, -3_600_000, 3_600_000, 86_400_000][self.below(4)];
                self.phones[n].0.set_wall_clock_off(ms);
                format!("gets another time, by {ms} ms")
            }
            12 => self.backup_of_phone(n),
            13 => self.backup_of_server(),
            14 => {
                self.server.restart();
                "(the server starts again)".into()
            }
            _ => {
                let Some(command) = self.draw_command(n) else { return "has nothing to do".into() };
                let done = self.phones[n].0.command(command.clone());
                let done = done.map_or_else(|error| error.to_string(), |_| "done".into());
                format!("{} {done}", name_of(&command))
            }
        }
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

    /// Lets a phone send what it wants to. What became of its requests.
    fn exchange(&mut self, n: usize) -> Vec<Fate> {
        let mut fates = Vec::new();
        let phone = &mut self.phones[n].0;
        phone.machine().sync_now();
        for _ in 0..REQUESTS {
            let now = phone.now.clone();
            let Step::Send(request) = phone.machine().next(&now) else { break };
            phone.machine().work_ahead();
            let fate = Fate::draw(&mut self.rng, self.calm);
            fates.push(fate);
            let answer = self.network.carry(&mut self.server, &request, fate);
            phone.tick(20);
            let now = phone.now.clone();
            phone.machine().received(request.id, answer, &now);
        }
        let _ = self.phones[n].0.machine().take_enrolment();
        assert!(fates.len() < REQUESTS, "a phone asks without a pause: {fates:?}");
        fates
    }

    fn stop(&mut self, n: usize) -> Option<StopView> {
        let phone = &mut self.phones[n].0;
        let at = phone.at();
        let state = phone.machine().state();
        let stops: Vec<StopId> = route_view(state, &at)?.stops.into_iter().map(|stop| stop.id).collect();
        let stop = &stops[usize::try_from(self.rng.next_u64() % stops.len() as u64).ok()?];
        stop_view(self.phones[n].0.machine().state(), stop, &at)
    }

    fn draw_command(&mut self, n: usize) -> Option<Command> {
        let stop = self.stop(n)?;
        let door = stop.doors.first()?;
        let attempt = door.attempt.clone();
        Some(match self.below(16) {
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
                details: ReceiverDetails { name: Some("Kim".into()), ..ReceiverDetails::default() },
            },
            14 => Command::NotDelivered {
                attempt,
                parcels: Vec::new(),
                reason: [Reason::NotHome, Reason::Refused, Reason::Damaged][self.below(3)],
                note: None,
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
