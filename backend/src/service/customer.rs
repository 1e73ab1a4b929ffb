//! What a customer sees and does on the tracking page.

use courier_domain::{Instruction, InstructionKind, Origin};
use courier_protocol::ProblemKind;

use super::Service;
use crate::dispute::{self, Dispute};
use crate::error::ServiceError;
use crate::import::{check_instruction, new_id};
use crate::issue::{self, Asker};
use crate::publish::put_shipment;
use crate::storage::{AttemptRow, ShipmentRow, Tx};
use crate::tracking::{self, Tracking};

/// Most instructions of a shipment.
const MAX_INSTRUCTIONS: usize = 20;

impl Service {
    /// What a customer sees.
    pub fn tracking(&self, token: &str) -> Result<Tracking, ServiceError> {
        self.transact(|tx, seal, now| tracking::tracking(tx, token, seal, now))
    }

    /// A customer adds an instruction, until the attempt closes.
    pub fn instruct(&self, token: &str, kind: InstructionKind, rev: Option<u64>) -> Result<(), ServiceError> {
        self.transact(|tx, seal, _| {
            let shipment = tracking::shipment_of_token(tx, token)?;
            let attempt = open_attempt(tx, &shipment)?;
            check_instruction(&kind, shipment.code_required)
                .map_err(|wrong| ServiceError::refused(ProblemKind::Refused, wrong))?;
            let known = tx.instructions(&shipment.id)?;
            if known.len() >= MAX_INSTRUCTIONS {
                return Err(ServiceError::refused(ProblemKind::Refused, "there are too many instructions"));
            }
            if rev.is_some_and(|rev| known.iter().any(|given| given.rev > rev)) {
                return Err(ServiceError::refused(
                    ProblemKind::Stale,
                    "the instructions were changed meanwhile",
                ));
            }
            let given =
                Instruction { id: new_id(seal.rng)?, origin: Origin::Recipient, kind, rev: tx.rev()? };
            tx.put_instruction(&shipment.id, &given)?;
            put_shipment(tx, &attempt)
        })
    }

    /// New codes for the customer of a tracking page.
    pub fn reissue_for_customer(&self, token: &str, request: &str) -> Result<(), ServiceError> {
        self.issue(|tx, mint| {
            let shipment = tracking::shipment_of_token(tx, token)?;
            let attempt = open_attempt(tx, &shipment)?;
            issue::reissue(tx, attempt, &shipment, (request, Asker::Customer), mint)
        })
    }

    /// A code of their own for a neighbour, who may then receive.
    pub fn neighbour_code(&self, token: &str, name: &str) -> Result<(), ServiceError> {
        self.issue(|tx, mint| {
            let shipment = tracking::shipment_of_token(tx, token)?;
            let attempt = open_attempt(tx, &shipment)?;
            issue::neighbour_code(tx, &attempt, &shipment, name, mint)
        })
    }

    /// A customer objects.
    pub fn dispute(&self, token: &str, what: Dispute) -> Result<(), ServiceError> {
        self.issue(|tx, mint| {
            let shipment = tracking::shipment_of_token(tx, token)?;
            dispute::dispute(tx, &shipment, what, mint)
        })
    }
}

/// The attempt that instructions are for: the last one that is not closed.
fn open_attempt(tx: &Tx<'_>, shipment: &ShipmentRow) -> Result<AttemptRow, ServiceError> {
    tracking::current_attempt(tx, shipment)?
        .filter(|attempt| shipment.cancelled.is_none() && attempt.state.is_awaited())
        .ok_or_else(|| ServiceError::refused(ProblemKind::Conflict, "the delivery is over"))
}
