//! P-256 keys that sign.

use courier_domain::Jwk;
use p256::ecdsa::{Signature, signature::Signer};
use p256::elliptic_curve::Generate;
use rand_core::CryptoRng;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::encoding::{decode_array, encode, encode_typed};

/// Something that signs with a P-256 key: software, or a port to a phone's hardware.
pub trait Sign {
    /// The public half.
    fn jwk(&self) -> Jwk;
    /// ECDSA over the SHA-256 of `message`: r and s, 32 bytes each (RFC 7518 § 3.4).
    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError>;
}

/// The key could not sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The key is not there, or may not be used now.
    #[error("the key is not available")]
    Unavailable,
    /// What came back is no signature.
    #[error("not a P-256 signature")]
    NotASignature,
    /// Not a P-256 key.
    #[error("not a P-256 key")]
    NotAKey,
}

/// A software key.
pub struct SigningKey(p256::ecdsa::SigningKey);

impl SigningKey {
    /// A fresh key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(p256::ecdsa::SigningKey::generate_from_rng(rng))
    }

    /// A stored key, 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SignError> {
        p256::ecdsa::SigningKey::from_slice(bytes).map(Self).map_err(|_| SignError::NotAKey)
    }

    /// The key to be stored, 32 bytes.
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        let mut bytes = Zeroizing::new([0; 32]);
        bytes.copy_from_slice(&self.0.to_bytes());
        bytes
    }
}

impl SigningKey {
    /// The public half as an uncompressed point, 65 bytes (SEC 1 § 2.3.3).
    pub fn public_sec1(&self) -> [u8; 65] {
        let mut bytes = [0; 65];
        bytes.copy_from_slice(self.0.verifying_key().to_sec1_point(false).as_bytes());
        bytes
    }
}

/// The JWK of a public key given as an uncompressed point (SEC 1 § 2.3.3), as phones export it.
pub fn jwk_from_sec1(point: &[u8]) -> Result<Jwk, SignError> {
    let point: &[u8; 65] = point.try_into().map_err(|_| SignError::NotAKey)?;
    p256::ecdsa::VerifyingKey::from_sec1_bytes(point).map_err(|_| SignError::NotAKey)?;
    Ok(jwk(point))
}

fn jwk(point: &[u8; 65]) -> Jwk {
    Jwk {
        kty: "EC".into(),
        crv: "P-256".into(),
        x: encode_typed(&point[1..33]),
        y: encode_typed(&point[33..]),
    }
}

impl Sign for SigningKey {
    fn jwk(&self) -> Jwk {
        jwk(&self.public_sec1())
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        let signature: Signature = self.0.try_sign(message).map_err(|_| SignError::Unavailable)?;
        Ok(signature.to_bytes().into())
    }
}

/// A signature as phones return it: 64 raw bytes, or DER (Android Keystore, `CryptoKit`).
pub fn signature_from_raw_or_der(bytes: &[u8]) -> Result<[u8; 64], SignError> {
    let signature = match bytes.len() {
        64 => Signature::from_slice(bytes),
        _ => Signature::from_der(bytes),
    };
    Ok(signature.map_err(|_| SignError::NotASignature)?.to_bytes().into())
}

/// The public key of a JWK.
pub(crate) fn verifying_key(jwk: &Jwk) -> Result<p256::ecdsa::VerifyingKey, SignError> {
    if jwk.kty != "EC" || jwk.crv != "P-256" {
        return Err(SignError::NotAKey);
    }
    let x: [u8; 32] = decode_array(jwk.x.as_str()).map_err(|_| SignError::NotAKey)?;
    let y: [u8; 32] = decode_array(jwk.y.as_str()).map_err(|_| SignError::NotAKey)?;
    let mut point = [4; 65];
    point[1..33].copy_from_slice(&x);
    point[33..].copy_from_slice(&y);
    p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| SignError::NotAKey)
}

/// Checks that a JWK is a point on P-256.
pub fn check_jwk(jwk: &Jwk) -> Result<(), SignError> {
    verifying_key(jwk).map(|_| ())
}

/// The key's thumbprint (RFC 7638), which names it as `kid`.
pub fn thumbprint(jwk: &Jwk) -> String {
    let canonical = format!(
        r#"{{"crv":"{}","kty":"{}","x":"{}","y":"{}"}}"#,
        jwk.crv,
        jwk.kty,
        jwk.x.as_str(),
        jwk.y.as_str()
    );
    encode(&Sha256::digest(canonical))
}
