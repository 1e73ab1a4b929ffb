//! The reference backend: issues codes, hands out routes, judges what phones hand in.
//!
//! Handlers are thin; the service takes time and randomness as arguments and sees the database as one typed
//! transaction, so that a simulation can run it in one thread.

pub mod access;
pub mod api;
mod arrival;
pub mod backup;
pub mod barcode;
pub mod blobs;
pub mod board;
pub mod changes;
pub mod command;
pub mod config;
mod cores;
pub mod days;
pub mod decision;
pub mod dispatch;
pub mod dispute;
pub mod entropy;
pub mod error;
pub mod events;
pub mod export;
pub mod facts;
pub mod import;
pub mod issue;
pub mod judge;
pub mod keys;
mod log;
pub mod mail;
pub mod office;
mod outcomes;
mod password;
pub mod planning;
pub mod planted;
pub mod publish;
pub mod receipt;
pub mod received;
pub mod retention;
pub mod seal;
pub mod service;
pub mod storage;
mod tls;
pub mod tracking;
pub mod travel;
mod waiting;

#[cfg(test)]
mod tests;
