//! Commands: from a courier's wish to what is committed.

use courier_codes::kdf::check_verifier;
use courier_codes::planted::{self, Weakness};
use courier_codes::wipe::wipe_stack;
use courier_codes::{Entry, EvidenceContext, Match, RowAad, check, evidence};
use courier_domain::{
    AttemptId, CodeEntry, CodeId, CodeState, CodeTryResult, Command, Context, Decision, Draft, FactBody,
    FactId, PrivatePart, StopId, Verifier, decide,
};
use courier_protocol::{Change, Object, ObjectKind};
use zeroize::Zeroize;

use super::Machine;
use super::record::{Unsigned, to_json};
use crate::clock::Now;
use crate::error::{EngineError, InvalidInput};
use crate::planted::Bug;
use crate::ports::Level;
use crate::receipt::{CommandResult, Receipt};
use crate::store::StoreError;
use crate::store::journal::{Along, SealedDraft, Try};

/// A command whose entry is wiped, however its way ends.
struct Wiped(Command);

impl Drop for Wiped {
    fn drop(&mut self) {
        if let Command::EnterCode { entry: CodeEntry::Digits(text) | CodeEntry::Token(text), .. } =
            &mut self.0
        {
            if planted::is(Weakness::EntryNotWiped) {
                // Given back, its place would be written over by the allocator.
                std::mem::take(text).leak();
            }
            text.zeroize();
        }
    }
}

impl Machine {
    /// Does what the courier wants, or says why not. What it returns is committed.
    pub fn command(&mut self, command: Command, now: &Now) -> Result<Receipt, EngineError> {
        let is_entry = matches!(command, Command::EnterCode { .. });
        let result = self.carry_out(Wiped(command), now);
        if is_entry {
            wipe_stack();
        }
        if let Err(error) = &result {
            self.notice_damage(error);
        }
        result
    }

    /// In a frame of its own, so that it lies where [`wipe_stack`] wipes.
    #[inline(never)]
    fn carry_out(&mut self, command: Wiped, now: &Now) -> Result<Receipt, EngineError> {
        self.make_current(now)?;
        let entry = match &command.0 {
            Command::EnterCode { entry, .. } => Some(Entry::parse(entry).map_err(InvalidInput::from)?),
            _ => None,
        };
        let decision = decide(&self.state, &command.0, &Context { at: self.at(now) })?;
        drop(command);
        let result = match decision {
            Decision::Record { stop, body, private } => {
                let private = match body {
                    FactBody::Arrived {} => self.where_it_was(stop.as_ref(), now),
                    _ => private,
                };
                let left = stop.as_ref().and_then(|stop| self.draft_without_form(stop, &body));
                let unsigned = Unsigned { id: self.fact_id(now)?, stop, body, private };
                CommandResult::Done { fact: Some(self.record_with_draft(unsigned, left, now)?) }
            }
            Decision::StartDay { .. } => {
                let (fact, key) = self.start_day(now)?;
                self.day_key = Some(key);
                CommandResult::Done { fact: Some(fact) }
            }
            Decision::CheckCode { stop, attempts, codes, ask } => {
                let entry = entry.ok_or(EngineError::Internal("a check without an entry"))?;
                self.check_code(&stop, attempts, &codes, ask, &entry, now)?
            }
            Decision::SaveDraft { stop, draft, scan } => {
                self.save_draft(&stop, draft)?;
                CommandResult::Scanned { scan }
            }
            Decision::SaveForm { stop, draft } => {
                self.save_draft(&stop, draft)?;
                CommandResult::Done { fact: None }
            }
            Decision::TakeFile { stop, kind, source } => self.take_file(&stop, kind, source)?,
            Decision::DropFile { stop, file } => self.drop_file(&stop, &file)?,
            Decision::EditRoute { stop, edit } => self.edit_route(&stop, edit, now)?,
            Decision::AnswerProposal { proposal, take } => self.answer_proposal(proposal, take, now)?,
            Decision::PreferOrder { keep } => self.prefer_order(keep),
            Decision::Nothing => CommandResult::Done { fact: None },
        };
        Ok(Receipt { revision: self.revision, result })
    }

    pub(super) fn save_draft(&mut self, stop: &StopId, draft: Draft) -> Result<(), EngineError> {
        if self.state.draft(stop) == draft {
            return Ok(());
        }
        let sealed = self.seal_draft(stop, &draft)?;
        if !self.has(Bug::DraftInMemory) {
            self.store.journal.set_draft(&sealed)?;
        }
        self.state.set_draft(stop, draft);
        self.changed();
        Ok(())
    }

    fn seal_draft(&mut self, stop: &StopId, draft: &Draft) -> Result<SealedDraft, EngineError> {
        let rev = self.store.journal.next_draft_rev(stop)?;
        let aad = RowAad { table: "draft", id: stop.as_str(), rev };
        let body = self.keys.journal.seal(&mut self.rng, &aad, &to_json(draft)?);
        Ok(SealedDraft { stop: stop.clone(), rev, body: body.map_err(|_| StoreError::Sealed)? })
    }

    /// What is left of a stop's draft when this is recorded there, if something was filled in at its door.
    fn draft_without_form(&self, stop: &StopId, body: &FactBody) -> Option<Draft> {
        let (FactBody::HandedOver { attempt, .. } | FactBody::NotDelivered { attempt, .. }) = body else {
            return None;
        };
        let mut draft = self.state.draft(stop);
        let form = draft.form.take()?;
        self.state.shipment_of(attempt).filter(|held| held.object.id == form.shipment).map(|_| draft)
    }

    /// Records what was filled in; form and fact are one commit.
    fn record_with_draft(
        &mut self,
        unsigned: Unsigned,
        left: Option<Draft>,
        now: &Now,
    ) -> Result<FactId, EngineError> {
        let (Some(draft), Some(stop)) = (left, unsigned.stop.clone()) else {
            return self.record(unsigned, now);
        };
        let sealed = self.seal_draft(&stop, &draft)?;
        let fact = self.record_along(unsigned, &Along::Draft(&sealed), now)?;
        self.state.set_draft(&stop, draft);
        Ok(fact)
    }

    /// Everything that can fail for other reasons than the entry comes first; then the try is committed; only
    /// then is the entry looked at. So no failure can be had for free to learn something about it.
    fn check_code(
        &mut self,
        stop: &StopId,
        attempts: Vec<AttemptId>,
        codes: &[CodeId],
        ask: bool,
        entry: &Entry,
        now: &Now,
    ) -> Result<CommandResult, EngineError> {
        let evidence_key = self.enrolled.as_ref().ok_or(EngineError::NotEnrolled)?.evidence_key.clone();
        let verifiers = self.verifiers(codes)?;
        let id = self.fact_id(now)?;
        let counted = Try {
            id: id.clone(),
            attempts: attempts.clone(),
            stop: stop.clone(),
            wall: now.wall.0,
            boot_ms: now.boot_ms,
            boot: now.boot.clone(),
        };
        self.stale = true;
        if !self.has(Bug::TryCountedAfterCheck) {
            self.count_try(&counted)?;
        }
        let found = check(entry, &verifiers).map_err(|_| EngineError::Internal("verifier"))?;
        self.ports.log.event(Level::Debug, "entry-checked", &[id.as_str()]);
        if self.has(Bug::TryCountedAfterCheck) {
            self.count_try(&counted)?;
        }
        if let (None, Entry::Digits(code), true) = (&found, entry, planted::is(Weakness::WrongEntryLogged)) {
            self.warn("entry-wrong", &[code.digits()]);
        }
        let attempts = match &found {
            // A match costs no try, so it counts for the one attempt that it opens.
            Some(found) => attempt_of(found, &verifiers).map_or(attempts, |attempt| vec![attempt]),
            None => attempts,
        };
        let result = match &found {
            Some(_) => CodeTryResult::Matched,
            None if ask => CodeTryResult::Unjudged,
            None => CodeTryResult::Mismatch,
        };
        // Of what does not fit nothing is kept: a typo is nearly the right code.
        let sealed = if result == CodeTryResult::Mismatch && !planted::is(Weakness::WrongEntrySealed) {
            None
        } else {
            let context = EvidenceContext { fact: &id, install: &self.identity.install, attempts: &attempts };
            let sealed = evidence::seal(&mut self.rng, entry, &evidence_key, &context);
            Some(sealed.map_err(|_| EngineError::Internal("evidence key"))?)
        };
        let body = FactBody::CodeTried {
            attempts: attempts.clone(),
            result,
            code_id: found.as_ref().map(|found| found.code_id.clone()),
            strength: found.as_ref().map(|found| found.strength),
            evidence: sealed,
        };
        let fact = self.record_try(id, stop, body, now)?;
        self.stale = false;
        if result != CodeTryResult::Mismatch {
            self.hurry_for_a_verdict();
        }
        Ok(match found {
            Some(Match { code_id, holder, strength }) => {
                CommandResult::CodeMatched { fact, code_id, holder, strength }
            }
            None if ask => CommandResult::CodeAsked { fact },
            None => self.after_a_miss(&attempts, now),
        })
    }

    fn count_try(&mut self, it: &Try) -> Result<(), EngineError> {
        self.store.journal.count_try(it)?;
        self.ports.log.event(Level::Debug, "try-counted", &[it.id.as_str()]);
        Ok(())
    }

    fn record_try(
        &mut self,
        id: FactId,
        stop: &StopId,
        body: FactBody,
        now: &Now,
    ) -> Result<FactId, EngineError> {
        let unsigned = Unsigned { id, stop: Some(stop.clone()), body, private: PrivatePart::default() };
        self.record(unsigned, now)
    }

    /// The stored verifiers, checked.
    fn verifiers(&self, codes: &[CodeId]) -> Result<Vec<Verifier>, EngineError> {
        let key = self.keys.cache.as_ref().ok_or(EngineError::NotFound)?;
        codes
            .iter()
            .map(|code| {
                let kind = ObjectKind::Verifier.word();
                let object = self.store.route.object(key, kind, code.as_str())?;
                let put = object.and_then(|object| object.put).ok_or(EngineError::NotFound)?;
                match put.read() {
                    Ok(Change::Put(object)) => match *object {
                        Object::Verifier(verifier) if check_verifier(&verifier).is_ok() => Ok(verifier),
                        _ => Err(EngineError::Internal("verifier")),
                    },
                    _ => Err(EngineError::Internal("verifier")),
                }
            })
            .collect()
    }

    fn after_a_miss(&self, attempts: &[AttemptId], now: &Now) -> CommandResult {
        let at = self.at(now);
        let (mut left, mut wait, mut locked) = (None, 0, None);
        for held in attempts.iter().filter_map(|attempt| self.state.shipment_of(attempt)) {
            match self.state.code_state(&held.object, &at) {
                CodeState::Needed { tries_left, wait_ms } => {
                    left = Some(left.map_or(tries_left, |least: u32| least.min(tries_left)));
                    wait = wait.max(wait_ms);
                }
                CodeState::Locked { by } => locked = Some(by),
                _ => {}
            }
        }
        match (left, locked) {
            (None, Some(by)) => CommandResult::CodeLocked { by },
            (left, _) => CommandResult::CodeWrong { tries_left: left.unwrap_or(0), wait_ms: wait },
        }
    }

    /// Entries that were counted and never got their fact: the app was killed before it could look, or could not
    /// write what it saw. They count as misses.
    pub(super) fn settle_interrupted_tries(&mut self, now: &Now) -> Result<(), EngineError> {
        for it in self.store.journal.unsettled_tries()? {
            self.warn("try-interrupted", &[it.id.as_str()]);
            if self.has(Bug::InterruptedTryForgiven) {
                continue;
            }
            let body = FactBody::CodeTried {
                attempts: it.attempts,
                result: CodeTryResult::Interrupted,
                code_id: None,
                strength: None,
                evidence: None,
            };
            self.record_try(it.id, &it.stop, body, now)?;
        }
        Ok(())
    }
}

fn attempt_of(found: &Match, verifiers: &[Verifier]) -> Option<AttemptId> {
    verifiers.iter().find(|verifier| verifier.code_id == found.code_id).map(|it| it.attempt.clone())
}
