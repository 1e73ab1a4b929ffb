//! The courier's day as pure types and functions: no I/O, no clock, no randomness.
//!
//! Read in this order: [`route`] (what the office sends), [`fact`] (what the phone records),
//! [`state`] (what is true, folded from both), [`decide`](mod@decide) (what a command may do),
//! [`policy`] with [`permission`] and [`exit`] (who may
//! receive, which reasons are offered), [`plan`] (in which order) and [`view`] (what a shell draws).

pub mod attempt;
pub mod barcode;
pub mod code;
pub mod command;
pub mod decide;
pub mod encoded;
pub mod exit;
pub mod fact;
pub mod form;
pub mod id;
pub mod instruction;
pub mod permission;
pub mod phone_number;
pub mod plan;
pub mod policy;
pub mod progress;
pub mod proof;
pub mod reason;
pub mod receiver;
pub mod route;
pub mod signature;
pub mod state;
pub mod suggestion;
pub mod time;
pub mod view;

pub use attempt::{AttemptState, Closing, Outcome, Standing, Verdict};
pub use barcode::Form;
pub use code::{CodeNeed, CodeState, KdfParams, LockedBy, Strength, Verifier};
pub use command::{CodeEntry, Command, ReceiverDetails};
pub use decide::{Context, Decision, FileSource, Rejection, ScanResult, decide};
pub use encoded::Base64Url;
pub use exit::Exit;
pub use fact::{CodeTryResult, FactBody, FactPayload, Jwk, PrivatePart, RouteRef};
pub use form::{DoorChoice, DoorForm};
pub use id::{
    AttemptId, CodeId, CourierId, FactHash, FactId, InstallId, InstructionId, ParcelId, RouteId, ShipmentId,
    StopId,
};
pub use instruction::{Instruction, InstructionKind, MeetingPlace, Origin};
pub use permission::{Conflict, ReceiverOption, Why};
pub use phone_number::{NotAPhoneNumber, PhoneNumber};
pub use plan::{Eta, KeepOrder, Proposal, ProposalReason, RouteEdit, Whereabouts};
pub use policy::{Policy, PolicyError};
pub use proof::{Check, Demand, Excuse, ExcuseReason, FileKind, Position, Proof, ProofFile, ProofRule};
pub use reason::{NextStep, Reason};
pub use receiver::{PlaceKind, Receiver};
pub use route::{
    Address, AttemptRef, Done, DoneParcel, Parcel, Pin, Route, Shipment, Stop, TimeWindow, TravelMatrix,
    Tries, VerdictNotice,
};
pub use signature::{Dot, Signature};
pub use state::{DayState, Draft};
pub use suggestion::Suggestion;
pub use time::{At, BestTime, UnixMs};
pub use view::{RouteView, StopView, route_view, stop_view};
