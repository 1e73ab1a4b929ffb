//! Keys of programs: shown once, stored as a hash. 128 random bits need no slow hash.

use courier_protocol::ProblemKind;
use sha2::{Digest, Sha256};

use super::{Actor, Office, Reach};
use crate::entropy::{random_id, random_secret};
use crate::error::ServiceError;
use crate::service::Service;
use crate::storage::ApiKeyRow;

/// Keys are told from other secrets by this.
const PREFIX: &str = "courier_";

/// A key that was just made. This is the only time that it can be read.
pub struct NewKey {
    /// Its identifier, to revoke it.
    pub id: String,
    /// The bearer token.
    pub secret: String,
}

impl Office<'_> {
    /// Makes a key. A shop's reaches the shipments of one sender, or of all.
    pub fn add_key(&self, name: &str, reach: Reach, sender: Option<&str>) -> Result<NewKey, ServiceError> {
        let refused = |what: &str| Err(ServiceError::refused(ProblemKind::Refused, what));
        let (name, sender) = (name.trim(), sender.map(str::trim).filter(|sender| !sender.is_empty()));
        if !is_short_line(name) || !sender.is_none_or(is_short_line) {
            return refused("name, sender: 1 to 120 characters on one line");
        }
        if sender.is_some() && reach != Reach::Shop {
            return refused("sender: only a shop's key is for one sender");
        }
        self.act("add-key", |tx, seal, now| {
            let id = random_id(seal.rng);
            let secret = format!("{PREFIX}{}", random_secret(seal.rng));
            let row = ApiKeyRow {
                id: id.clone(),
                name: name.into(),
                reach,
                sender: sender.map(str::to_owned),
                created: now,
                revoked: None,
            };
            tx.add_api_key(&row, &Sha256::digest(&secret))?;
            Ok((NewKey { id: id.clone(), secret }, id))
        })
    }

    /// Revokes a key, from the next request on.
    pub fn revoke_key(&self, id: &str) -> Result<(), ServiceError> {
        self.act("revoke-key", |tx, _, now| {
            let found = tx.revoke_api_key(id, now)?;
            if found { Ok(((), id.to_owned())) } else { Err(ServiceError::not_found()) }
        })
    }

    /// Every key that was ever made.
    pub fn keys(&self) -> Result<Vec<ApiKeyRow>, ServiceError> {
        self.service.look(|tx, _| tx.api_keys())
    }
}

impl Service {
    /// Whose key this is, what it may do, and for which sender.
    pub fn key(&self, secret: &str) -> Result<Option<(Actor, Reach, Option<String>)>, ServiceError> {
        if !secret.starts_with(PREFIX) {
            return Ok(None);
        }
        let found = self.look(|tx, _| tx.api_key(&Sha256::digest(secret)))?;
        Ok(found.map(|row| (Actor::Key(row.id), row.reach, row.sender)))
    }
}

pub(super) fn is_short_line(text: &str) -> bool {
    !text.is_empty() && text.chars().count() <= 120 && !text.chars().any(char::is_control)
}
