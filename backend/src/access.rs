//! Who gets in: enrolment, access tokens.

use courier_codes::planted::{self, Weakness};
use courier_codes::{read_jws, thumbprint};
use courier_domain::{CourierId, UnixMs};
use courier_protocol::{
    Assertion, CourierInfo, DrainCause, EnrolAnswer, EnrolProof, EnrolRequest, KeyLevel, ProblemKind, Scope,
    TokenAnswer, TokenRequest, header,
};
use sha2::{Digest, Sha256};

use crate::entropy::{Entropy, enrolment_code, random_secret};
use crate::error::ServiceError;
use crate::import::new_id;
use crate::keys::Keys;
use crate::storage::{Installation, Tx};

const HOUR_MS: i64 = 3_600_000;
/// An enrolment code is valid for a day.
const ENROLMENT_MS: i64 = 24 * HOUR_MS;
/// An access token is valid for an hour.
const TOKEN_MS: i64 = HOUR_MS;
/// An assertion may be this much off the server's clock.
const ASSERTION_MS: i64 = 5 * 60_000;
/// A dismissed courier may hand in facts for a week.
const DRAIN_MS: i64 = 7 * 24 * HOUR_MS;

/// Adds a courier.
pub fn add_courier(tx: &mut Tx<'_>, name: &str, rng: &mut Entropy) -> Result<CourierId, ServiceError> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 120 {
        return Err(ServiceError::refused(ProblemKind::BadRequest, "name: 1 to 120 characters"));
    }
    let id = new_id(rng)?;
    tx.add_courier(&id, name)?;
    Ok(id)
}

/// Makes a code that enrols one phone for a courier.
pub fn add_enrolment(
    tx: &mut Tx<'_>,
    courier: &CourierId,
    rng: &mut Entropy,
    now: UnixMs,
) -> Result<String, ServiceError> {
    if tx.courier_name(courier)?.is_none() {
        return Err(ServiceError::not_found());
    }
    let code = enrolment_code(rng);
    tx.add_enrolment(&Sha256::digest(&code), courier, now.plus_ms(ENROLMENT_MS))?;
    Ok(code)
}

/// Enrols a phone. Asked again by the same phone with the same code it answers again: the first answer may be lost.
pub fn enrol(
    tx: &mut Tx<'_>,
    request: &EnrolRequest,
    keys: &Keys,
    now: UnixMs,
) -> Result<EnrolAnswer, ServiceError> {
    let bad = |detail: &str| ServiceError::refused(ProblemKind::BadRequest, detail);
    let proof = read_jws(&request.proof).map_err(|_| bad("proof: not a signed proof"))?;
    let proof = proof
        .verify(&request.device_jwk, header::TYP_ENROL)
        .map_err(|_| bad("proof: not signed by the device key"))?;
    let proof: EnrolProof = serde_json::from_slice(proof).map_err(|_| bad("proof: wrong form"))?;
    if proof.code != request.code || proof.install != request.install {
        return Err(bad("proof: of another enrolment"));
    }
    let refused = || ServiceError::refused(ProblemKind::EnrolmentCode, "");
    let courier =
        tx.use_enrolment(&Sha256::digest(&request.code), &request.install, now)?.ok_or_else(refused)?;
    let level = match request.key {
        KeyLevel::Hardware => "hardware",
        KeyLevel::Software => "software",
    };
    if !tx.put_installation(&request.install, &courier, &request.device_jwk, level, now)? {
        return Err(refused());
    }
    let name = tx.courier_name(&courier)?.unwrap_or_default();
    Ok(EnrolAnswer {
        courier: CourierInfo { id: courier, name },
        evidence_keys: keys.evidence_keys(),
        epoch: tx.epoch()?,
        server_ms: now,
    })
}

/// Gives an access token for a signed assertion.
pub fn token(
    tx: &mut Tx<'_>,
    request: &TokenRequest,
    (public_url, keys): (&str, &Keys),
    rng: &mut Entropy,
    now: UnixMs,
) -> Result<TokenAnswer, ServiceError> {
    let refused = |detail: &str| ServiceError::refused(ProblemKind::Unauthorized, detail);
    let jws = read_jws(&request.assertion).map_err(|_| refused("not an assertion"))?;
    // What is not verified yet only tells whose key to take.
    let claimed: Assertion = serde_json::from_slice(&jws.payload).map_err(|_| refused("not an assertion"))?;
    let installation = tx.installation(&claimed.iss)?.ok_or_else(|| refused("not enrolled"))?;
    if jws.kid != thumbprint(&installation.device_jwk) {
        return Err(refused("another key"));
    }
    jws.verify(&installation.device_jwk, header::TYP_ASSERTION).map_err(|_| refused("wrong signature"))?;
    if claimed.aud.trim_end_matches('/') != public_url.trim_end_matches('/') {
        return Err(refused("for another server"));
    }
    if claimed.iat.0.abs_diff(now.0) > ASSERTION_MS.unsigned_abs() {
        return Err(refused("the clock is off by more than five minutes"));
    }
    let fresh = tx.take_assertion(&claimed.jti, now.plus_ms(2 * ASSERTION_MS), now)?;
    if !fresh && !planted::is(Weakness::AssertionReplayed) {
        return Err(refused("was used before"));
    }
    let scope = scope_of(&installation, now)?;
    let access_token = random_secret(rng);
    tx.add_token(&Sha256::digest(&access_token), &installation.install, now.plus_ms(TOKEN_MS), now)?;
    Ok(TokenAnswer {
        access_token,
        expires_in: u32::try_from(TOKEN_MS / 1000).unwrap_or(u32::MAX),
        scope,
        cause: (scope == Scope::Drain).then_some(match installation.dismissed_at {
            Some(_) => DrainCause::Dismissed,
            None => DrainCause::Suspended,
        }),
        evidence_keys: keys.evidence_keys(),
        epoch: tx.epoch()?,
        server_ms: now,
    })
}

/// What a token that an installation gets now may do. A dismissal counts at once, also for tokens that it has. What a
/// suspended courier did at doors is taken without a limit.
pub fn scope_of(installation: &Installation, now: UnixMs) -> Result<Scope, ServiceError> {
    match installation.dismissed_at {
        None if installation.suspended_at.is_some() => Ok(Scope::Drain),
        None => Ok(Scope::Full),
        Some(at) if now.0 <= at.0 + DRAIN_MS => Ok(Scope::Drain),
        Some(_) => Err(ServiceError::refused(ProblemKind::Dismissed, "")),
    }
}

/// The installation of an access token, and what the token may do. A suspension lets a token that was given before it
/// expire: whoever is suspended on the road is not left without the route of that hour.
pub fn authenticate(tx: &Tx<'_>, token: &str, now: UnixMs) -> Result<(Installation, Scope), ServiceError> {
    let found = tx.installation_of_token(&Sha256::digest(token), now)?;
    let (installation, expires) =
        found.ok_or_else(|| ServiceError::refused(ProblemKind::Unauthorized, ""))?;
    let scope = match (scope_of(&installation, now)?, installation.dismissed_at, installation.suspended_at) {
        (Scope::Drain, None, Some(since)) if expires.plus_ms(-TOKEN_MS) <= since => Scope::Full,
        (scope, ..) => scope,
    };
    Ok((installation, scope))
}
