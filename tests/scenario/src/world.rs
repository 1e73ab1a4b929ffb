//! Everything that a scenario is played in: a backend, a courier, their phone, and what customers know.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use courier_domain::view::DoorView;
use courier_domain::{Command, StopView, UnixMs};
use courier_engine::Now;
use serde_json::Value;
use tempfile::TempDir;

use crate::backend::Backend;
use crate::file::WorldPlan;
use crate::office::json_of;
use crate::phone::Phone;
use crate::thief;
use crate::{Failure, Result, failed};

/// See the module.
pub(crate) struct World<'a> {
    pub(crate) backend: Backend,
    pub(crate) phone: &'a dyn Phone,
    second: &'a dyn Phone,
    /// Files of the second phone, once it is used.
    second_folder: Option<TempDir>,
    exports: TempDir,
    /// Couriers by name who were hired on the way.
    colleagues: BTreeMap<String, String>,
    pub(crate) courier: String,
    pub(crate) day: NaiveDate,
    now: Now,
    boots: u32,
    installation: u8,
    requests: u32,
    folder: TempDir,
    /// Codes that a customer's page has shown, in their order: digits and the QR's text.
    known: BTreeMap<String, Vec<(String, String)>>,
}

/// The number of the second phone's installation, far from those that a reinstall makes.
const SECOND: u8 = 100;

/// The phone's wall clock is a little off, as they are.
const PHONE_IS_AHEAD_MS: i64 = 4_000;

impl<'a> World<'a> {
    pub(crate) fn begin(
        plan: &WorldPlan,
        program: &Path,
        phone: &'a dyn Phone,
        second: &'a dyn Phone,
    ) -> Result<Self> {
        let now_ms = plan.now.timestamp_millis();
        let day = plan.day.unwrap_or_else(|| plan.now.date_naive());
        let backend = Backend::start(program, now_ms)?;
        let courier = backend.add_courier("Ada")?;
        let folder = tempfile::tempdir().map_err(failed)?;
        let wall = UnixMs(now_ms + PHONE_IS_AHEAD_MS);
        let now = Now { wall, boot_ms: 1_000_000, boot: "boot-1".into() };
        let world = Self {
            backend,
            phone,
            second,
            second_folder: None,
            exports: tempfile::tempdir().map_err(failed)?,
            colleagues: BTreeMap::new(),
            courier,
            day,
            now,
            boots: 1,
            installation: 1,
            requests: 0,
            folder,
            known: BTreeMap::new(),
        };
        phone.set_clock(&world.now);
        world.open_phone()?;
        world.enrol()?;
        if !plan.shipments.is_empty() {
            json_of(&world.backend.import(day, &plan.shipments)?)?;
            json_of(&world.backend.publish(&world.courier, day)?)?;
            world.sync()?;
            phone.submit(Command::StartDay).map_err(failed)?;
        }
        Ok(world)
    }

    /// Does something with the courier's second phone in place of the first.
    pub(crate) fn with_second_phone<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.second.set_clock(&self.now);
        let is_new = self.second_folder.is_none();
        let theirs = match self.second_folder.take() {
            Some(folder) => folder,
            None => tempfile::tempdir().map_err(failed)?,
        };
        let first = (self.phone, std::mem::replace(&mut self.folder, theirs), self.installation);
        (self.phone, self.installation) = (self.second, SECOND);
        let ready = if is_new { self.open_phone().and_then(|()| self.enrol()) } else { Ok(()) };
        let done = ready.and_then(|()| work(self));
        self.second_folder = Some(std::mem::replace(&mut self.folder, first.1));
        (self.phone, self.installation) = (first.0, first.2);
        done
    }

    /// Where a phone exports to.
    pub(crate) fn export_file(&self) -> PathBuf {
        self.exports.path().join("export.json")
    }

    /// The courier of this name.
    pub(crate) fn courier_called(&mut self, name: &str) -> Result<String> {
        if let Some(id) = self.colleagues.get(name) {
            return Ok(id.clone());
        }
        let id = self.backend.add_courier(name)?;
        self.colleagues.insert(name.to_owned(), id.clone());
        Ok(id)
    }

    /// Folder of everything that the phone writes.
    pub(crate) fn phone_dir(&self) -> PathBuf {
        self.folder.path().to_owned()
    }

    fn open_phone(&self) -> Result<()> {
        let dir = self.folder.path().to_str().ok_or_else(|| failed("the temporary folder is no text"))?;
        self.phone.open(dir, &self.backend.url, self.installation).map_err(failed)
    }

    pub(crate) fn restart_phone(&self) -> Result<()> {
        self.phone.close();
        self.open_phone()
    }

    /// The app begins again without any of its files.
    pub(crate) fn reinstall_phone(&mut self) -> Result<()> {
        self.phone.close();
        self.folder = tempfile::tempdir().map_err(failed)?;
        self.installation += 1;
        self.open_phone()?;
        self.enrol()
    }

    fn enrol(&self) -> Result<()> {
        let code = self.backend.enrolment_code(&self.courier)?;
        self.phone.enrol(&code).map(|_| ()).map_err(failed)
    }

    pub(crate) fn reboot_phone(&mut self) -> Result<()> {
        self.boots += 1;
        self.now.boot = format!("boot-{}", self.boots);
        self.now.boot_ms = 20_000;
        self.phone.set_clock(&self.now);
        self.restart_phone()
    }

    /// A sync that has to work.
    fn sync(&self) -> Result<()> {
        let report = self.phone.sync().map_err(failed)?;
        match report.error {
            None if !report.offline => Ok(()),
            _ => Err(Failure(format!("the sync failed: {report:?}"))),
        }
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.now.wall.0 - PHONE_IS_AHEAD_MS
    }

    /// What makes a request of office or customer another one than those before.
    pub(crate) fn request_id(&mut self) -> String {
        self.requests += 1;
        format!("request-{}", self.requests)
    }

    /// Time passes, for everybody.
    pub(crate) fn pass(&mut self, ms: i64) -> Result<()> {
        let forward = u64::try_from(ms).map_err(|_| failed("time does not go back"))?;
        self.now.wall = self.now.wall.plus_ms(ms);
        self.now.boot_ms += forward;
        self.phone.set_clock(&self.now);
        self.backend.set_clock(self.now_ms())
    }

    /// Every door of the phone's route, and the stop where it is.
    pub(crate) fn doors(&self) -> Result<Vec<(StopView, DoorView)>> {
        let route = self.phone.route().map_err(failed)?.ok_or_else(|| failed("the phone has no route"))?;
        let mut doors = Vec::new();
        for line in route.stops {
            let stop = self.phone.stop(&line.id).map_err(failed)?;
            doors.extend(stop.doors.iter().map(|door| (stop.clone(), door.clone())));
        }
        Ok(doors)
    }

    /// The stop where a shipment is, and the door there.
    pub(crate) fn door(&self, name: &str) -> Result<(StopView, DoorView)> {
        let found = self.doors()?.into_iter().find(|(_, door)| door.recipient_name == name);
        found.ok_or_else(|| Failure(format!("{name} is not on the phone's route")))
    }

    /// Looks at a customer's page and remembers its code.
    pub(crate) fn look(&mut self, name: &str) -> Result<Value> {
        let page = self.backend.page(name)?;
        if let (Some(digits), Some(qr)) = (page["code"]["digits"].as_str(), page["code"]["qr"].as_str()) {
            let known = self.known.entry(name.to_owned()).or_default();
            let code = (digits.to_owned(), qr.to_owned());
            if known.last() != Some(&code) {
                known.push(code);
            }
        }
        Ok(page)
    }

    /// The `back`-last code that a customer has seen, counted from 0.
    pub(crate) fn code(&mut self, name: &str, back: usize) -> Result<(String, String)> {
        self.look(name)?;
        let known = self.known.get(name).map(Vec::as_slice).unwrap_or_default();
        let code = known.iter().rev().nth(back).cloned();
        code.ok_or_else(|| Failure(format!("{name} has not seen that code")))
    }

    /// Every code that a customer has seen.
    pub(crate) fn codes(&mut self, name: &str) -> Result<Vec<String>> {
        self.look(name)?;
        Ok(self.known.get(name).into_iter().flatten().map(|(digits, _)| digits.clone()).collect())
    }

    /// Digits that fit the tag of the shipment's attempt and are wrong.
    pub(crate) fn decoy(&mut self, name: &str) -> Result<String> {
        let right = self.code(name, 0)?.0;
        let attempt = self.door(name)?.1.attempt;
        let enrolment = self.backend.enrolment_code(&self.courier)?;
        let verifiers = thief::verifiers(&self.backend, &enrolment, self.now_ms())?;
        let verifier = verifiers.iter().find(|verifier| verifier.attempt == attempt);
        thief::decoy(verifier.ok_or_else(|| Failure(format!("{name} has no verifier")))?, &right)
    }
}

impl Drop for World<'_> {
    fn drop(&mut self) {
        self.phone.close();
        self.second.close();
    }
}
