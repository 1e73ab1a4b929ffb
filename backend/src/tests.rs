//! The service without HTTP: an office by hand, and a phone that signs whatever it is told to, as a modified app would.

mod arrival;
mod blobs;
mod bucket;
mod codes;
mod day;
mod decisions;
mod disagree;
mod events;
mod export;
mod judge;
mod office;
mod outcomes;
mod phone;
mod reasons;
mod server;
