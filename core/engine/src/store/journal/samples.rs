//! Rows for tests of the store.

use courier_domain::{FactId, InstallId, StopId};

use super::{Ack, Identity, Try};

pub(in crate::store) fn ack(seq: u64) -> Ack {
    Ack { inc: 1, seq, status: "stored".into(), flags: Vec::new(), verdict: None }
}

pub(in crate::store) fn identity(inc: u32) -> Identity {
    Identity {
        install: InstallId::new("install").unwrap(),
        inc,
        token: "token".into(),
        token_next: String::new(),
        opens: 7,
        enrolment: None,
        epoch: "e1".into(),
    }
}

pub(in crate::store) fn tried() -> Try {
    Try {
        id: FactId::new("try-1").unwrap(),
        attempts: Vec::new(),
        stop: StopId::new("door").unwrap(),
        wall: 1,
        boot_ms: 1,
        boot: "boot".into(),
    }
}
