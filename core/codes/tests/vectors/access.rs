//! What a device key signs to get in: the enrolment proof and the token assertion.

use courier_codes::{read_jws, sign_jws};
use courier_domain::{InstallId, UnixMs};
use courier_protocol::{Assertion, EnrolProof, EnrolRequest, KeyLevel, TokenRequest, header};
use serde::{Deserialize, Serialize};

use crate::{Signer, frozen};

#[derive(Serialize, Deserialize)]
struct SignedRequest<T> {
    signer: Signer,
    payload: String,
    jws: String,
    request: T,
}

impl<T> SignedRequest<T> {
    fn new(typ: &str, payload: &impl Serialize, request: impl FnOnce(&Signer, &str) -> T) -> Self {
        let signer = Signer::new("device key");
        let payload = serde_json::to_string(payload).unwrap();
        let jws = sign_jws(typ, payload.as_bytes(), &signer.key()).unwrap();
        let request = request(&signer, &jws);
        Self { signer, payload, jws, request }
    }

    fn verified<P: for<'de> Deserialize<'de>>(&self, typ: &str) -> P {
        let read = read_jws(&self.jws).unwrap();
        let payload = read.verify(&self.signer.jwk, typ).unwrap();
        assert_eq!(payload, self.payload.as_bytes());
        serde_json::from_slice(payload).unwrap()
    }
}

#[test]
fn an_enrolment_is_proven_by_the_device_key() {
    let proof = EnrolProof { code: "ABCDEFGH23".into(), install: InstallId::new("install-1").unwrap() };
    let made = SignedRequest::new(header::TYP_ENROL, &proof, |signer, jws| EnrolRequest {
        code: proof.code.clone(),
        install: proof.install.clone(),
        device_jwk: signer.jwk.clone(),
        key: KeyLevel::Software,
        platform: "linux".into(),
        app: "courier 0.1.0".into(),
        proof: jws.into(),
    });
    let about = "POST /v1/enrol. The proof (typ \"courier-enrol+jws\") is signed by the key that the request names, and says \
         the same code and install as the request.";
    let vector = frozen("enrolment.json", about, made);
    let (proof, request) = (vector.verified::<EnrolProof>(header::TYP_ENROL), &vector.request);
    assert_eq!((&proof.code, &proof.install), (&request.code, &request.install));
    assert_eq!((&request.proof, &request.device_jwk), (&vector.jws, &vector.signer.jwk));
}

#[test]
fn a_token_is_asked_for_with_a_signed_assertion() {
    let assertion = Assertion {
        iss: InstallId::new("install-1").unwrap(),
        aud: "https://courier.example".into(),
        iat: UnixMs(1_795_000_000_000),
        jti: "0b6e4f7c1d2a".into(),
    };
    let made = SignedRequest::new(header::TYP_ASSERTION, &assertion, |_, jws| TokenRequest {
        assertion: jws.into(),
    });
    let about = "POST /v1/token. The assertion (typ \"courier-assertion+jws\") is signed by the device's key: iss is the \
         installation, aud the server's public_url, iat milliseconds since 1970 UTC, jti random and taken once.";
    let vector = frozen("assertion.json", about, made);
    assert_eq!(vector.verified::<Assertion>(header::TYP_ASSERTION), assertion);
    assert_eq!(vector.request.assertion, vector.jws);
}
