//! The courier leaves this phone: everything of theirs goes, once nothing of it is only here.
//!
//! What is not handed in blocks it. Where no network will come any more, such as after a dismissal, it can be taken
//! away in a file for the office instead, which only the backend can read.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use courier_codes::encoding::encode_typed;
use courier_codes::sealed_file;
use courier_protocol::export::VERSION;
use courier_protocol::facts::{MAX_BODY, MAX_FACTS};
use courier_protocol::header::TYP_EXPORT;
use courier_protocol::{ExportFile, ExportPayload};
use serde::{Deserialize, Serialize};

use super::facts_lane::{ENVELOPE, gzip};
use super::open::SECRETS;
use super::record::{DeviceSigner, to_json};
use super::{Bug, Machine};
use crate::clock::Now;
use crate::error::EngineError;
use crate::store::StoreError;

/// How a log-out ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "log_out", rename_all = "snake_case")]
pub enum LogOut {
    /// The phone belongs to nobody, as at its first start.
    Done {
        /// Facts that the server does not have and that are in the file. They count once it is taken in.
        exported: u64,
    },
    /// Nothing happened: these are only on this phone.
    Unsent {
        /// How many facts.
        facts: u64,
        /// How many photos and signatures of facts.
        files: u64,
    },
}

impl Machine {
    /// Logs the courier out, and says how it ended. With a file, facts that are unsent are written there first; photos and
    /// signatures that are unsent go. After
    /// [`LogOut::Done`] this machine is over: open another one on the same folder.
    pub fn log_out(&mut self, export_to: Option<&Path>, now: &Now) -> Result<LogOut, EngineError> {
        self.make_current(now)?;
        let unsent = self.pending()?;
        let files = self.pending_files();
        let blocked = unsent + files > 0 && !self.has(Bug::LogOutForgets);
        match export_to {
            None if blocked => return Ok(LogOut::Unsent { facts: unsent, files }),
            Some(path) if unsent > 0 => self.export_to(path, unsent, now)?,
            _ => {}
        }
        // First what can be fetched again, last what cannot: a kill in between leaves a phone that can log out again.
        self.keys.cache = self.drop_route()?;
        self.store.erase()?;
        for name in SECRETS {
            self.ports.secure.delete(name)?;
        }
        self.info("logged-out", &[&unsent.to_string()]);
        Ok(LogOut::Done { exported: if blocked { unsent } else { 0 } })
    }

    /// Written beside and renamed, synced before: there is the whole file or none.
    fn export_to(&mut self, path: &Path, facts: u64, now: &Now) -> Result<(), EngineError> {
        let file = to_json(&self.export(facts, now)?)?;
        let beside = path.with_extension("tmp");
        let write = || {
            let mut out = File::create(&beside)?;
            out.write_all(&file)?;
            out.sync_all()?;
            std::fs::rename(&beside, path)?;
            path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
        };
        write().map_err(|_| StoreError::Io)?;
        self.info("exported", &[&facts.to_string()]);
        Ok(())
    }

    fn export(&mut self, facts: u64, now: &Now) -> Result<ExportFile, EngineError> {
        let key = self.enrolled.as_ref().ok_or(EngineError::NotEnrolled)?.evidence_key.clone();
        let (mut requests, mut after) = (Vec::new(), None);
        loop {
            let batch =
                self.store.journal.outbox(&self.identity.epoch, after, MAX_FACTS, MAX_BODY - ENVELOPE)?;
            let Some(last) = batch.last().map(|fact| (fact.inc, fact.seq)) else { break };
            requests.push(self.request_of(&batch));
            after = Some(last);
        }
        let plain = gzip(&to_json(&requests)?).map_err(|_| EngineError::Internal("gzip"))?;
        let sealed = sealed_file::seal(&mut self.rng, &plain, &key, &self.identity.install)
            .map_err(|_| EngineError::Internal("evidence key"))?;
        let payload = ExportPayload {
            install: self.identity.install.clone(),
            facts,
            made: self.at(now).best().ms(),
            sha256: sealed_file::sha256(&sealed),
        };
        let proof = DeviceSigner::new(self.ports.device_key.as_ref())?
            .sign_checked(TYP_EXPORT, &to_json(&payload)?)?;
        Ok(ExportFile { courier_export: VERSION, proof, sealed: encode_typed(&sealed) })
    }
}
