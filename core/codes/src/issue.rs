//! Issuing a code: by the backend, once per code, never again. Two independent tags of one code would leave one
//! or two candidates of a million.

use courier_domain::{AttemptId, CodeId, KdfParams, UnixMs, Verifier};
use rand_core::CryptoRng;

use crate::code::Code;
use crate::encoding::encode_typed;
use crate::kdf::{BadVerifier, slow_hash, tag};
use crate::planted::{self, Weakness};
use crate::token::Token;

/// What a code is issued for.
#[derive(Debug, Clone)]
pub struct IssueSpec {
    /// The attempt.
    pub attempt: AttemptId,
    /// The code's own identifier.
    pub code_id: CodeId,
    /// Who holds it, in words for the courier.
    pub holder: String,
    /// Parameters of the hash, usually [`crate::KDF`].
    pub kdf: KdfParams,
    /// Salt of the attempt: the same for all of its codes, so that an entry costs one hash.
    pub salt: [u8; 16],
    /// Bits of the tag, 6 to 12; 0 = the phone cannot check the digits, only the backend can.
    pub k: u8,
    /// First instant at which it is valid.
    pub not_before: UnixMs,
    /// Last instant at which it is valid.
    pub not_after: UnixMs,
}

/// An issued code. Digits and token stay at the backend; the verifier goes to the phone.
pub struct Issued {
    /// The six digits.
    pub code: Code,
    /// The token of the QR.
    pub token: Token,
    /// What the phone gets.
    pub verifier: Verifier,
}

/// A code whose verifier is still to be made: that takes a slow hash and no randomness, so that many can be made at once.
pub struct Drawn {
    /// The six digits.
    pub code: Code,
    /// The token of the QR.
    pub token: Token,
    /// What it is issued for.
    pub spec: IssueSpec,
    key: [u8; 32],
}

/// Draws a code and makes its verifier.
pub fn issue(rng: &mut impl CryptoRng, spec: IssueSpec) -> Result<Issued, BadVerifier> {
    draw(rng, spec).finish()
}

/// Draws a code.
pub fn draw(rng: &mut impl CryptoRng, spec: IssueSpec) -> Drawn {
    let code = Code::random(rng);
    let token =
        if planted::is(Weakness::TokenOfDigits) { Token::of_digits(&code) } else { Token::random(rng) };
    let mut key = [0; 32];
    rng.fill_bytes(&mut key);
    Drawn { code, token, spec, key }
}

impl Drawn {
    /// Makes the verifier.
    pub fn finish(self) -> Result<Issued, BadVerifier> {
        let Self { code, token, spec, key } = self;
        let tag = match spec.k {
            0 => 0,
            k => tag(&key, spec.code_id.as_str(), &*slow_hash(&code, &spec.salt, &spec.kdf)?, k)?,
        };
        let verifier = Verifier {
            tag,
            attempt: spec.attempt,
            code_id: spec.code_id,
            holder: spec.holder,
            kdf: spec.kdf,
            salt: encode_typed(&spec.salt),
            key: encode_typed(&key),
            k: spec.k,
            token_sha256: Some(token.sha256()),
            not_before: spec.not_before,
            not_after: spec.not_after,
        };
        Ok(Issued { code, token, verifier })
    }
}

/// What [`Weakness::SecondTag`] makes of a code: another verifier of the same digits.
#[doc(hidden)]
pub fn second_tag(rng: &mut impl CryptoRng, issued: &Issued) -> Result<Verifier, BadVerifier> {
    let (mut salt, mut key) = ([0; 16], [0; 32]);
    rng.fill_bytes(&mut salt);
    rng.fill_bytes(&mut key);
    let mut second = issued.verifier.clone();
    second.code_id =
        CodeId::new(format!("{}-2", second.code_id.as_str())).map_err(|_| BadVerifier::CodeId)?;
    let hash = slow_hash(&issued.code, &salt, &second.kdf)?;
    second.tag = tag(&key, second.code_id.as_str(), &hash, second.k)?;
    (second.salt, second.key) = (encode_typed(&salt), encode_typed(&key));
    Ok(second)
}
