//! A phone without store or network: what it decides becomes a fact at once.

use courier_domain::{
    Address, At, AttemptId, AttemptRef, Base64Url, CodeEntry, CodeId, CodeNeed, CodeState, CodeTryResult,
    Command, Context, DayState, Decision, FactBody, FactId, FactPayload, FileSource, InstallId, Instruction,
    InstructionId, InstructionKind, Jwk, KdfParams, Origin, Parcel, ParcelId, Pin, ProofFile, Reason,
    Receiver, ReceiverDetails, Rejection, Route, RouteId, RouteRef, ScanResult, Shipment, ShipmentId, Stop,
    StopId, Strength, UnixMs, Verifier, decide, stop_view,
};

pub(crate) const MORNING: i64 = 1_800_000_000_000;
pub(crate) const DAY: i64 = 86_400_000;

/// A phone without store or network: what it decides becomes a fact at once.
pub(crate) struct Phone {
    pub(crate) state: DayState,
    pub(crate) boot_ms: u64,
    pub(crate) boot: String,
    pub(crate) facts: Vec<FactPayload>,
    pub(crate) right: CodeId,
}

impl Phone {
    /// Two stops. `door-1` has a coded shipment of two parcels and one without a code, `door-2` one without.
    pub(crate) fn new(instructions: Vec<InstructionKind>) -> Self {
        let mut state = DayState::of(InstallId::new("install").unwrap());
        let stops = ["door-1", "door-2"].map(|id| StopId::new(id).unwrap());
        state.put_route(
            10,
            Route {
                id: RouteId::new("route").unwrap(),
                day: "2027-01-15".parse().unwrap(),
                tz: "Europe/Berlin".into(),
                order: stops.to_vec(),
                fixed_first: None,
                fixed_last: None,
                policy: None,
            },
        );
        for stop in &stops {
            state.put_stop(10, stop_at(stop));
        }
        let instructions: Vec<_> = instructions
            .into_iter()
            .zip(10..)
            .map(|(kind, rev)| Instruction {
                id: InstructionId::new(format!("i{rev}")).unwrap(),
                origin: Origin::Recipient,
                kind,
                rev,
            })
            .collect();
        for (id, stop, code, parcels) in [
            ("coded", &stops[0], CodeNeed::Required, 2),
            ("plain", &stops[0], CodeNeed::None, 1),
            ("other", &stops[1], CodeNeed::None, 1),
        ] {
            state.put_shipment(10, shipment(id, stop, code, parcels, instructions.clone()));
        }
        let right = CodeId::new("code").unwrap();
        state.put_verifier(&verifier(&right, &attempt("coded")));
        Self { state, boot_ms: 1_000, boot: "boot-1".into(), facts: Vec::new(), right }
    }

    pub(crate) fn started(instructions: Vec<InstructionKind>) -> Self {
        let mut phone = Self::new(instructions);
        phone.go(&Command::StartDay).unwrap();
        phone
    }

    pub(crate) fn at(&self) -> At {
        let now = UnixMs(MORNING + i64::try_from(self.boot_ms).unwrap());
        At {
            wall: now,
            boot_ms: self.boot_ms,
            boot: self.boot.clone(),
            server_ms: Some(now),
            plus_minus_ms: Some(50),
        }
    }

    /// Decides and records. `code` answers a check: whether the entry fits.
    pub(crate) fn go_with(&mut self, command: &Command, fits: bool) -> Result<Decision, Rejection> {
        let decision = decide(&self.state, command, &Context { at: self.at() })?;
        match decision.clone() {
            Decision::Record { stop, body, .. } => self.record(stop, body),
            Decision::StartDay { .. } => self.record(None, FactBody::DayStarted { day_jwk: jwk() }),
            Decision::CheckCode { stop, attempts, ask, .. } => {
                let body = FactBody::CodeTried {
                    attempts: if fits { vec![attempt("coded")] } else { attempts },
                    result: match (fits, ask) {
                        (true, _) => CodeTryResult::Matched,
                        (false, true) => CodeTryResult::Unjudged,
                        (false, false) => CodeTryResult::Mismatch,
                    },
                    code_id: fits.then(|| self.right.clone()),
                    strength: fits.then_some(Strength::Tag),
                    evidence: None,
                };
                self.record(Some(stop), body);
            }
            Decision::SaveDraft { stop, draft, .. } | Decision::SaveForm { stop, draft } => {
                self.state.set_draft(&stop, draft);
            }
            Decision::TakeFile { stop, kind, source } => {
                let mut draft = self.state.draft(&stop);
                draft.files.push(ProofFile { kind, sha256: hash_of(&source) });
                self.state.set_draft(&stop, draft);
            }
            Decision::DropFile { stop, file } => {
                let mut draft = self.state.draft(&stop);
                draft.files.retain(|held| *held != file);
                self.state.set_draft(&stop, draft);
            }
            Decision::EditRoute { .. }
            | Decision::AnswerProposal { .. }
            | Decision::PreferOrder { .. }
            | Decision::Nothing => {}
        }
        Ok(decision)
    }

    pub(crate) fn go(&mut self, command: &Command) -> Result<Decision, Rejection> {
        self.go_with(command, true)
    }

    pub(crate) fn record(&mut self, stop: Option<StopId>, body: FactBody) {
        let fact = FactPayload {
            v: 1,
            id: FactId::new(format!("fact-{:04}", self.facts.len())).unwrap(),
            install: InstallId::new("install").unwrap(),
            inc: 1,
            seq: self.facts.len() as u64 + 1,
            prev: None,
            at: self.at(),
            route: Some(RouteRef { id: RouteId::new("route").unwrap(), rev: 10 }),
            stop,
            stop_rev: None,
            private: None,
            body,
        };
        self.state.record(&fact);
        self.facts.push(fact);
    }

    pub(crate) fn scan(&mut self, stop: &str, barcode: &str) -> ScanResult {
        let command = Command::Scan { stop: StopId::new(stop).unwrap(), barcode: barcode.into() };
        match self.go(&command).unwrap() {
            Decision::SaveDraft { scan, .. } => scan,
            other => panic!("a scan became {other:?}"),
        }
    }

    pub(crate) fn enter(&mut self, fits: bool) -> Result<Decision, Rejection> {
        let entry = CodeEntry::Digits("123456".into());
        self.go_with(&Command::EnterCode { stop: StopId::new("door-1").unwrap(), entry }, fits)
    }

    pub(crate) fn door(&self, shipment: &str) -> courier_domain::view::DoorView {
        let stop = if shipment == "other" { "door-2" } else { "door-1" };
        let view = stop_view(&self.state, &StopId::new(stop).unwrap(), &self.at()).unwrap();
        view.doors.into_iter().find(|door| door.shipment.as_str() == shipment).unwrap()
    }

    pub(crate) fn last_fact(&self) -> FactId {
        self.facts.last().unwrap().id.clone()
    }
}

/// A photo is called as its path, and one signature is like the other.
fn hash_of(source: &FileSource) -> Base64Url {
    match source {
        FileSource::Jpeg(path) => Base64Url::new(path.as_str()).unwrap(),
        FileSource::Bytes(_) => Base64Url::new("S".repeat(43)).unwrap(),
    }
}

pub(crate) fn attempt(shipment: &str) -> AttemptId {
    AttemptId::new(format!("attempt-{shipment}")).unwrap()
}

pub(crate) fn stop_at(id: &StopId) -> Stop {
    Stop {
        id: id.clone(),
        address: Address {
            street: "Unter den Linden".into(),
            house: "8".into(),
            postcode: "10117".into(),
            city: "Berlin".into(),
            country: "DE".into(),
        },
        flat: None,
        door_pin: Pin { lat: 52.517, lon: 13.391 },
        parking_pin: None,
        window: None,
        service_s: 120,
        access_notes: None,
        van_place: None,
    }
}

pub(crate) fn shipment(
    id: &str,
    stop: &StopId,
    code: CodeNeed,
    parcels: u32,
    instructions: Vec<Instruction>,
) -> Shipment {
    Shipment {
        id: ShipmentId::new(id).unwrap(),
        stop: stop.clone(),
        attempt: AttemptRef { id: attempt(id), no: 1 },
        recipient_name: "State Library".into(),
        recipient_phone: None,
        lang: "de".into(),
        sender_name: "Feinwerk".into(),
        parcels: (1..=parcels)
            .map(|n| Parcel {
                id: ParcelId::new(format!("{id}-{n}")).unwrap(),
                barcodes: vec![format!("{id}{n}")],
            })
            .collect(),
        instructions,
        code,
        tries_used: 0,
        tries: Vec::new(),
        budget: 5,
    }
}

pub(crate) fn verifier(id: &CodeId, attempt: &AttemptId) -> Verifier {
    Verifier {
        attempt: attempt.clone(),
        code_id: id.clone(),
        holder: "recipient".into(),
        kdf: KdfParams { m: 8, t: 1, p: 1 },
        salt: Base64Url::new("AAAA").unwrap(),
        key: Base64Url::new("AAAA").unwrap(),
        k: 10,
        tag: 0,
        token_sha256: None,
        not_before: UnixMs(MORNING - 1),
        not_after: UnixMs(MORNING + DAY),
    }
}

/// What a code that was entered leads to.
pub(crate) fn matched() -> CodeState {
    CodeState::Matched {
        code_id: Some(CodeId::new("c").unwrap()),
        holder: "recipient".into(),
        strength: Strength::Tag,
        verdict: None,
    }
}

pub(crate) fn jwk() -> Jwk {
    let zero = Base64Url::new("AAAA").unwrap();
    Jwk { kty: "EC".into(), crv: "P-256".into(), x: zero.clone(), y: zero }
}

pub(crate) fn hand(shipment: &str, receiver: Receiver, name: Option<&str>) -> Command {
    Command::HandOver {
        attempt: attempt(shipment),
        parcels: Vec::new(),
        receiver,
        details: ReceiverDetails { name: name.map(Into::into), ..ReceiverDetails::default() },
    }
}

pub(crate) fn fail(shipment: &str, reason: Reason) -> Command {
    Command::NotDelivered { attempt: attempt(shipment), parcels: Vec::new(), reason, note: None }
}
