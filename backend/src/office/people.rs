//! Who works in the office: accounts, one-time links, sessions.

use courier_domain::UnixMs;
use courier_protocol::ProblemKind;
use sha2::{Digest, Sha256};

use super::api_keys::is_short_line;
use super::{Actor, Office, Role, write_down};
use crate::entropy::{self, random_id, random_secret};
use crate::error::ServiceError;
use crate::password;
use crate::service::Service;
use crate::storage::{AccountRow, InvitationRow, SessionRow, Tx};

/// A session ends this long after its login.
pub const SESSION_MS: i64 = 12 * 3_600_000;
/// A session in which nothing is asked for ends after this.
pub const SESSION_IDLE_MS: i64 = 3_600_000;
/// A one-time link is valid for a day.
const LINK_MS: i64 = 24 * 3_600_000;
/// How exactly it is known when a session was last used.
const SEEN_STEP_MS: i64 = 60_000;

/// A one-time link that was just made. This is the only time that it can be read.
pub struct NewLink {
    /// The secret of its path.
    pub secret: String,
}

/// Somebody who is logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoggedIn {
    /// Identifier of the account.
    pub account: String,
    /// Name of the account.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

impl Service {
    /// While nobody works in the office: a link that makes the first admin. An earlier one is not valid any more.
    pub fn first_link(&self) -> Result<Option<NewLink>, ServiceError> {
        // A scenario's seed says nothing of it, and what it says does not depend on it.
        let mut rng = entropy::from_system().map_err(|_| ServiceError::fault("no randomness"))?;
        let secret = random_secret(&mut rng);
        self.transact(|tx, _, now| {
            if !tx.accounts()?.is_empty() {
                return Ok(None);
            }
            add_link(tx, &secret, None, Role::Admin, now).map(|()| Some(NewLink { secret }))
        })
    }

    /// What a link is for: the name of the account whose password it sets anew, if it does not make one.
    pub fn link(&self, secret: &str) -> Result<Option<String>, ServiceError> {
        self.transact(|tx, _, now| {
            let invitation = invitation(tx, secret, now)?;
            let Some(account) = invitation.account else { return Ok(None) };
            let account = tx.account(&account)?.ok_or_else(ServiceError::not_found)?;
            Ok(Some(account.name))
        })
    }

    /// Uses a link up: makes an account of this name, or sets a password anew.
    pub fn use_link(&self, secret: &str, name: &str, password: &str) -> Result<(), ServiceError> {
        // A guess does not cost a hash.
        self.link(secret)?;
        password::check(password)?;
        let hash = password::hash(password, &mut self.fresh_entropy())?;
        self.transact(|tx, seal, now| {
            let invitation = invitation(tx, secret, now)?;
            let id = if let Some(account) = invitation.account {
                tx.set_password(&account, &hash)?;
                account
            } else {
                let name = name.trim();
                if !is_short_line(name) {
                    let what = "name: 1 to 120 characters on one line";
                    return Err(ServiceError::refused(ProblemKind::Refused, what));
                }
                let row = AccountRow {
                    id: random_id(seal.rng),
                    name: name.into(),
                    role: invitation.role,
                    password: hash,
                    created: now,
                    disabled: None,
                };
                if !tx.add_account(&row)? {
                    return Err(ServiceError::refused(ProblemKind::Refused, "name: it is taken"));
                }
                row.id
            };
            tx.drop_invitation(&Sha256::digest(secret))?;
            write_down(tx, &Actor::Account(id.clone()), "use-link", id, now)
        })
    }

    /// Logs somebody in; answers the session's secret. `before` is the session that the browser had: it ends, so that
    /// nobody goes on in a session that they did not begin. Wrong names and wrong passwords take as long.
    pub fn log_in(
        &self,
        name: &str,
        password: &str,
        before: Option<&str>,
    ) -> Result<Option<String>, ServiceError> {
        let account = self.look(|tx, _| tx.account_called(name.trim()))?;
        let stored = account.as_ref().map(|account| account.password.as_str());
        let right = password::is_right(stored, password);
        self.transact(|tx, seal, now| {
            let Some(account) = account else { return Ok(None) };
            // It may have changed while the password was looked at.
            let still = tx.account(&account.id)?;
            let by = Actor::Account(account.id.clone());
            if !right || still.is_none_or(|it| it.password != account.password || it.disabled.is_some()) {
                write_down(tx, &by, "login-refused", account.id, now)?;
                return Ok(None);
            }
            if let Some(before) = before {
                tx.end_session(&Sha256::digest(before))?;
            }
            tx.end_old_sessions(now.plus_ms(-SESSION_MS), now.plus_ms(-SESSION_IDLE_MS), now)?;
            let secret = random_secret(seal.rng);
            tx.add_session(&Sha256::digest(&secret), &account.id, now)?;
            write_down(tx, &by, "login", account.id, now)?;
            Ok(Some(secret))
        })
    }

    /// Whose session this is, if it goes on.
    pub fn session(&self, secret: &str) -> Result<Option<LoggedIn>, ServiceError> {
        let sha256 = Sha256::digest(secret);
        self.transact(|tx, _, now| {
            let Some(session) = tx.session(&sha256)?.filter(|session| goes_on(session, now)) else {
                return Ok(None);
            };
            if now.0 - session.seen.0 >= SEEN_STEP_MS {
                tx.see_session(&sha256, now)?;
            }
            let AccountRow { id, name, role, .. } = session.account;
            Ok(Some(LoggedIn { account: id, name, role }))
        })
    }

    /// Ends a session.
    pub fn log_out(&self, secret: &str) -> Result<(), ServiceError> {
        let sha256 = Sha256::digest(secret);
        self.transact(|tx, _, now| {
            let Some(session) = tx.session(&sha256)? else { return Ok(()) };
            tx.end_session(&sha256)?;
            write_down(tx, &Actor::Account(session.account.id.clone()), "logout", session.account.id, now)
        })
    }

    /// Somebody changes their own password. Every session of theirs ends.
    pub fn change_password(&self, account: &str, old: &str, new: &str) -> Result<(), ServiceError> {
        password::check(new)?;
        let row = self.transact(|tx, _, _| tx.account(account))?.ok_or_else(ServiceError::not_found)?;
        if !password::is_right(Some(&row.password), old) {
            return Err(ServiceError::refused(ProblemKind::Forbidden, "the old password is wrong"));
        }
        let hash = password::hash(new, &mut self.fresh_entropy())?;
        self.transact(|tx, _, now| {
            if tx.account(account)?.is_none_or(|it| it.password != row.password) {
                return Err(ServiceError::refused(ProblemKind::Conflict, "it was changed meanwhile"));
            }
            tx.set_password(account, &hash)?;
            write_down(tx, &Actor::Account(account.into()), "change-password", account.into(), now)
        })
    }
}

impl Office<'_> {
    /// Everybody of the office.
    pub fn accounts(&self) -> Result<Vec<AccountRow>, ServiceError> {
        self.service.look(|tx, _| tx.accounts())
    }

    /// A link with which somebody makes their own account.
    pub fn invite(&self, role: Role) -> Result<NewLink, ServiceError> {
        self.act("invite", |tx, seal, now| {
            let secret = random_secret(seal.rng);
            add_invitation(tx, &secret, None, role, now)?;
            Ok((NewLink { secret }, role.word().to_owned()))
        })
    }

    /// A link with which somebody sets their password anew. The old password is valid until then.
    pub fn reset(&self, account: &str) -> Result<NewLink, ServiceError> {
        self.act("reset-password", |tx, seal, now| {
            let row = tx.account(account)?.ok_or_else(ServiceError::not_found)?;
            let secret = random_secret(seal.rng);
            add_link(tx, &secret, Some(account), row.role, now)?;
            Ok((NewLink { secret }, account.to_owned()))
        })
    }

    /// Somebody may not log in any more, or again. At least one admin stays.
    pub fn set_disabled(&self, account: &str, disabled: bool) -> Result<(), ServiceError> {
        self.act(if disabled { "disable" } else { "enable" }, |tx, _, now| {
            let all = tx.accounts()?;
            if !all.iter().any(|it| it.id == account) {
                return Err(ServiceError::not_found());
            }
            let is_admin = |it: &&AccountRow| it.role == Role::Admin && it.disabled.is_none();
            if disabled && !all.iter().filter(is_admin).any(|it| it.id != account) {
                let what = "this is the only admin";
                return Err(ServiceError::refused(ProblemKind::Conflict, what));
            }
            tx.set_disabled(account, disabled.then_some(now))?;
            if disabled {
                tx.drop_invitations_of(Some(account))?;
            }
            Ok(((), account.to_owned()))
        })
    }
}

fn goes_on(session: &SessionRow, now: UnixMs) -> bool {
    session.account.disabled.is_none()
        && now < session.created.plus_ms(SESSION_MS)
        && now < session.seen.plus_ms(SESSION_IDLE_MS)
}

/// A link in place of every other one for the same.
fn add_link(
    tx: &mut Tx<'_>,
    secret: &str,
    account: Option<&str>,
    role: Role,
    now: UnixMs,
) -> Result<(), ServiceError> {
    tx.drop_invitations_of(account)?;
    add_invitation(tx, secret, account, role, now)
}

fn add_invitation(
    tx: &mut Tx<'_>,
    secret: &str,
    account: Option<&str>,
    role: Role,
    now: UnixMs,
) -> Result<(), ServiceError> {
    let row = InvitationRow { account: account.map(str::to_owned), role, expires: now.plus_ms(LINK_MS) };
    tx.add_invitation(&Sha256::digest(secret), &row)
}

fn invitation(tx: &Tx<'_>, secret: &str, now: UnixMs) -> Result<InvitationRow, ServiceError> {
    tx.invitation(&Sha256::digest(secret), now)?.ok_or_else(ServiceError::not_found)
}
