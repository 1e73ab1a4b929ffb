//! What issue, check, evidence, signatures and sealed rows promise each other.

#![allow(clippy::unwrap_used)]

use courier_codes::encoding::{decode, encode, hash_of};
use courier_codes::evidence::{self, BadEvidence};
use courier_codes::jws::MAX_LEN;
use courier_codes::kdf::{check_verifier, tag_of};
use courier_codes::{
    BadVerifier, Code, Entry, EvidenceContext, EvidenceKey, EvidenceSecret, IssueSpec, Issued, RowAad,
    RowKey, Sign, SignError, SigningKey, Token, check, check_params, fact_hash, issue, private, read_jws,
    sign_jws, signature_from_raw_or_der, thumbprint,
};
use courier_domain::{AttemptId, CodeId, FactId, InstallId, Jwk, KdfParams, Strength, UnixMs};
use proptest::prelude::*;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

/// The smallest parameters that are accepted: these tests are about the tag, not about the cost.
const CHEAP: KdfParams = KdfParams { m: 8, t: 1, p: 1 };

fn rng(seed: u64) -> ChaCha20Rng {
    ChaCha20Rng::seed_from_u64(seed)
}

fn spec(code_id: &str, k: u8) -> IssueSpec {
    IssueSpec {
        attempt: AttemptId::new("attempt-1").unwrap(),
        code_id: CodeId::new(code_id).unwrap(),
        holder: "recipient".into(),
        kdf: CHEAP,
        salt: [7; 16],
        k,
        not_before: UnixMs(0),
        not_after: UnixMs(1),
    }
}

fn issued(seed: u64) -> Issued {
    issue(&mut rng(seed), spec("code-1", 10)).unwrap()
}

fn digits(text: &str) -> Entry {
    Entry::Digits(Code::parse(text).unwrap())
}

fn ids(fact: &str) -> (FactId, InstallId, Vec<AttemptId>) {
    (
        FactId::new(fact).unwrap(),
        InstallId::new("install").unwrap(),
        vec![AttemptId::new("a").unwrap(), AttemptId::new("b").unwrap()],
    )
}

#[test]
fn about_one_candidate_in_1024_fits_a_tag() {
    let issued = issued(1);
    let fitting = (0..20_000u32)
        .filter(|number| {
            let entry = digits(&format!("{number:06}"));
            check(&entry, std::slice::from_ref(&issued.verifier)).unwrap().is_some()
        })
        .count();
    // Mean 19.5, deviation 4.4.
    assert!((2..=46).contains(&fitting), "{fitting} of 20,000 fit");
}

#[test]
fn one_of_several_verifiers_is_found_and_the_token_fits_fully() {
    let mut rng = rng(2);
    let codes: Vec<_> = ["c1", "c2", "c3"].map(|id| issue(&mut rng, spec(id, 12)).unwrap()).into();
    let verifiers: Vec<_> = codes.iter().map(|it| it.verifier.clone()).collect();
    let found = check(&Entry::Token(codes[2].token.clone()), &verifiers).unwrap().unwrap();
    assert_eq!((found.code_id.as_str(), found.strength), ("c3", Strength::Token));
    let found = check(&Entry::Digits(codes[1].code.clone()), &verifiers).unwrap().unwrap();
    assert_eq!((found.code_id.as_str(), found.strength), ("c2", Strength::Tag));
    assert_eq!(check(&Entry::Token(Token::random(&mut rng)), &verifiers).unwrap(), None);
}

#[test]
fn codes_with_salts_or_costs_of_their_own_are_each_hashed_for_themselves() {
    let mut rng = rng(9);
    let dearer = KdfParams { t: 2, ..CHEAP };
    let specs = [
        spec("c1", 12),
        IssueSpec { salt: [8; 16], ..spec("c2", 12) },
        IssueSpec { kdf: dearer, ..spec("c3", 12) },
        spec("c4", 12),
    ];
    let codes = specs.map(|spec| issue(&mut rng, spec).unwrap());
    let verifiers: Vec<_> = codes.iter().map(|it| it.verifier.clone()).collect();
    for issued in &codes {
        let found = check(&Entry::Digits(issued.code.clone()), &verifiers).unwrap().unwrap();
        assert_eq!(found.code_id, issued.verifier.code_id);
    }
}

#[test]
fn only_tags_that_stay_ambiguous_and_costs_within_bounds_are_taken() {
    let mut verifier = issued(4).verifier;
    verifier.tag = 0;
    for k in 0..=u8::MAX {
        verifier.k = k;
        let fits = k == 0 || (6..=12).contains(&k);
        assert_eq!(check_verifier(&verifier).is_ok(), fits, "{k}");
    }
    for (m, p, fits) in
        [(8, 1, true), (7, 1, false), (32, 4, true), (31, 4, false), (65_536, 4, true), (65_537, 4, false)]
    {
        assert_eq!(check_params(&KdfParams { m, t: 1, p }).is_ok(), fits, "{m} KiB in {p} lanes");
    }
}

#[test]
fn a_code_without_a_tag_is_checked_by_nobody_but_the_backend_and_its_token_by_everybody() {
    let blind = issue(&mut rng(5), spec("c1", 0)).unwrap();
    assert_eq!((blind.verifier.tag, check_verifier(&blind.verifier)), (0, Ok(())));
    let verifiers = [blind.verifier];
    assert_eq!(check(&Entry::Digits(blind.code), &verifiers).unwrap(), None);
    let found = check(&Entry::Token(blind.token), &verifiers).unwrap().unwrap();
    assert_eq!(found.strength, Strength::Token);
}

#[test]
fn a_hostile_verifier_fails_before_any_memory_is_taken() {
    let good = issued(3).verifier;
    let entry = digits("000000");
    let fails = |change: fn(&mut courier_domain::Verifier), expected| {
        let mut bad = good.clone();
        change(&mut bad);
        assert_eq!(check_verifier(&bad), Err(expected));
        // A good one beside it does not help: the check fails closed.
        assert_eq!(check(&entry, &[good.clone(), bad]), Err(expected));
    };
    fails(|it| it.kdf.m = 2 << 20, BadVerifier::Params);
    fails(|it| it.kdf.m = 7, BadVerifier::Params);
    fails(|it| it.kdf.t = 0, BadVerifier::Params);
    fails(|it| it.kdf.p = 5, BadVerifier::Params);
    fails(|it| it.k = 64, BadVerifier::TagBits);
    fails(|it| it.k = 5, BadVerifier::TagBits);
    fails(|it| it.k = 13, BadVerifier::TagBits);
    fails(|it| it.tag = 1 << 10, BadVerifier::Tag);
    fails(|it| it.salt = courier_domain::Base64Url::new("AAAA").unwrap(), BadVerifier::Encoding);
    assert_eq!(check_params(&courier_codes::KDF), Ok(()));
}

#[test]
fn a_code_without_bits_on_the_phone_never_matches_there() {
    let mut issued = issued(4);
    (issued.verifier.k, issued.verifier.tag) = (0, 0);
    assert_eq!(check(&Entry::Digits(issued.code), &[issued.verifier]), Ok(None));
}

#[test]
fn evidence_opens_only_beside_its_fact_and_with_its_key() {
    let mut rng = rng(5);
    let secret = EvidenceSecret::generate(&mut rng);
    let (fact, install, attempts) = ids("fact-1");
    let context = EvidenceContext { fact: &fact, install: &install, attempts: &attempts };
    let entry = digits("012345");
    let sealed = evidence::seal(&mut rng, &entry, secret.public(), &context).unwrap();
    let again = evidence::seal(&mut rng, &entry, secret.public(), &context).unwrap();
    assert_ne!(sealed, again, "the same entry must not be recognisable");
    let stored = EvidenceSecret::from_bytes(&secret.to_bytes()).unwrap();
    assert!(evidence::open(&sealed, &[stored], &context).is_ok_and(|opened| opened == entry));

    let (other, ..) = ids("fact-2");
    let moved = EvidenceContext { fact: &other, ..context };
    assert_eq!(evidence::open(&sealed, &[secret], &moved).err(), Some(BadEvidence::Seal));
    let stranger = EvidenceSecret::generate(&mut rng);
    assert_eq!(evidence::open(&sealed, &[stranger], &context).err(), Some(BadEvidence::UnknownKey));
}

#[test]
fn evidence_has_one_length_whatever_was_entered() {
    let mut rng = rng(6);
    let secret = EvidenceSecret::generate(&mut rng);
    let (fact, install, attempts) = ids("fact-1");
    let context = EvidenceContext { fact: &fact, install: &install, attempts: &attempts };
    let lengths = [digits("000000"), Entry::Token(Token::random(&mut rng))]
        .map(|entry| evidence::seal(&mut rng, &entry, secret.public(), &context).unwrap().as_str().len());
    assert_eq!(lengths[0], lengths[1]);
}

#[test]
fn a_public_key_travels_as_text() {
    let key = EvidenceSecret::generate(&mut rng(7)).public().clone();
    assert_eq!(EvidenceKey::from_base64(&key.to_base64()), Ok(key));
}

#[test]
fn a_signature_comes_raw_or_as_der() {
    let key = SigningKey::generate(&mut rng(8));
    let raw = key.sign(b"message").unwrap();
    let der = p256::ecdsa::Signature::from_slice(&raw).unwrap().to_der();
    assert_eq!(signature_from_raw_or_der(der.as_bytes()), Ok(raw));
    assert_eq!(signature_from_raw_or_der(&raw), Ok(raw));
    assert!(signature_from_raw_or_der(&[0; 64]).is_err());
    assert!(signature_from_raw_or_der(b"garbage").is_err());
}

/// RFC 7515 appendix A.3 signs with this key; its header has no `kid`, so only key and thumbprint are taken.
#[test]
fn a_jwk_of_the_rfc_is_a_key_and_has_its_thumbprint() {
    let jwk: Jwk = serde_json::from_str(
        r#"{"kty":"EC","crv":"P-256",
            "x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
            "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#,
    )
    .unwrap();
    assert!(courier_codes::key::check_jwk(&jwk).is_ok());
    assert_eq!(thumbprint(&jwk), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
    let mut off_curve = jwk;
    off_curve.y = off_curve.x.clone();
    assert!(courier_codes::key::check_jwk(&off_curve).is_err());
}

/// Signs as it should, and calls its key something else.
struct Miscalled(SigningKey, Jwk);

impl Sign for Miscalled {
    fn jwk(&self) -> Jwk {
        self.1.clone()
    }

    fn sign(&self, message: &[u8]) -> Result<[u8; 64], SignError> {
        self.0.sign(message)
    }
}

#[test]
fn a_key_of_another_kind_is_none() {
    let jwk = SigningKey::generate(&mut rng(12)).jwk();
    for (called, fits) in [
        (jwk.clone(), true),
        (Jwk { kty: "OKP".into(), ..jwk.clone() }, false),
        (Jwk { crv: "P-384".into(), ..jwk }, false),
    ] {
        let signer = Miscalled(SigningKey::generate(&mut rng(12)), called.clone());
        let jws = sign_jws("t", b"{}", &signer).unwrap();
        assert_eq!(read_jws(&jws).unwrap().verify(&called, "t").is_ok(), fits, "{called:?}");
    }
}

#[test]
fn a_jws_has_a_greatest_length() {
    let signer = SigningKey::generate(&mut rng(13));
    let signed = |typ: &str, bytes: usize| sign_jws(typ, &vec![b'x'; bytes], &signer).unwrap();
    // Every fourth length of base64 is left out, so the type helps.
    let about = MAX_LEN / 4 * 3 - 300;
    let exact = ["t", "tt", "ttt"].into_iter().find_map(|typ| {
        let longer = (about..about + 300).map(|bytes| signed(typ, bytes));
        longer.filter(|jws| jws.len() >= MAX_LEN).take(2).find(|jws| jws.len() == MAX_LEN)
    });
    assert!(read_jws(&exact.expect("one that is as long as it may be")).is_ok());
    assert!(read_jws(&signed("t", about + 300)).is_err());
}

#[test]
fn what_is_private_may_be_empty_and_is_never_shorter_than_its_salt() {
    let (packed, commitment) = private::pack(&mut rng(14), b"");
    assert_eq!(private::unpack(&packed, &commitment).unwrap(), b"");
    let bytes = decode(&packed).unwrap();
    let short = encode(&bytes[1..]);
    assert!(private::unpack(&short, &hash_of(&bytes[1..])).is_err());
}

#[test]
fn only_the_one_form_of_a_jws_is_read() {
    let key = SigningKey::generate(&mut rng(9));
    let jws = sign_jws("t", b"{}", &key).unwrap();
    assert!(read_jws(&jws).unwrap().verify(&key.jwk(), "t").is_ok());
    assert!(read_jws(&jws).unwrap().verify(&key.jwk(), "other").is_err());
    assert!(read_jws(&jws).unwrap().verify(&SigningKey::generate(&mut rng(10)).jwk(), "t").is_err());
    let [_, payload, signature] = jws.split('.').collect::<Vec<_>>()[..] else { panic!("three parts") };
    for header in [
        r#"{"alg":"none","kid":"k","typ":"t"}"#,
        r#"{"alg":"HS256","kid":"k","typ":"t"}"#,
        r#"{"alg":"ES256","typ":"t"}"#,
        r#"{"alg":"ES256","kid":"k","typ":"t","crit":["b64"]}"#,
    ] {
        use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
        let header = URL_SAFE_NO_PAD.encode(header);
        assert!(read_jws(&format!("{header}.{payload}.{signature}")).is_err(), "{header} was read");
    }
    assert!(read_jws(&format!("{jws}=")).is_err(), "padding was read");
    assert!(read_jws(&"a".repeat(courier_codes::jws::MAX_LEN + 1)).is_err());
}

proptest! {
    #[test]
    fn what_was_issued_always_fits(seed: u64, k in 6u8..=12) {
        let issued = issue(&mut rng(seed), spec("code-1", k)).unwrap();
        prop_assert_eq!(tag_of(&issued.code, &issued.verifier), Ok(issued.verifier.tag));
        let found = check(&Entry::Digits(issued.code), &[issued.verifier]).unwrap();
        prop_assert_eq!(found.map(|it| it.strength), Some(Strength::Tag));
    }

    #[test]
    fn a_changed_jws_is_never_accepted(seed: u64, at: prop::sample::Index, to in "[A-Za-z0-9_.-]") {
        let key = SigningKey::generate(&mut rng(seed));
        let jws = sign_jws("t", br#"{"v":1}"#, &key).unwrap();
        let at = at.index(jws.len());
        prop_assume!(jws[at..=at] != to);
        let changed = format!("{}{to}{}", &jws[..at], &jws[at + 1..]);
        prop_assert!(read_jws(&changed).and_then(|read| read.verify(&key.jwk(), "t").map(<[u8]>::to_vec)).is_err());
        prop_assert_ne!(fact_hash(&changed), fact_hash(&jws));
    }

    #[test]
    fn reading_a_jws_never_panics(text in "\\PC{0,80}") {
        let _ = read_jws(&text);
    }

    #[test]
    fn a_changed_or_moved_row_does_not_open(plain: Vec<u8>, at: prop::sample::Index, bit in 0u8..8) {
        let mut rng = rng(11);
        let key = RowKey::generate(&mut rng);
        let place = RowAad { table: "object", id: "stop-1", rev: 3 };
        let sealed = key.seal(&mut rng, &place, &plain).unwrap();
        let opened = key.open(&place, &sealed).unwrap();
        prop_assert_eq!(opened.as_slice(), plain.as_slice());
        for moved in [
            RowAad { table: "fact", ..place },
            RowAad { id: "stop-2", ..place },
            RowAad { rev: 4, ..place },
        ] {
            prop_assert!(key.open(&moved, &sealed).is_err());
        }
        let mut changed = sealed.clone();
        changed[at.index(sealed.len())] ^= 1 << bit;
        prop_assert!(key.open(&place, &changed).is_err());
        prop_assert!(RowKey::generate(&mut rng).open(&place, &sealed).is_err());
    }

    #[test]
    fn a_private_part_belongs_to_one_fact(bytes: Vec<u8>, other: Vec<u8>) {
        let mut rng = rng(12);
        let (packed, commitment) = private::pack(&mut rng, &bytes);
        prop_assert_eq!(private::unpack(&packed, &commitment).unwrap(), bytes);
        let (strange, _) = private::pack(&mut rng, &other);
        prop_assert!(private::unpack(&strange, &commitment).is_err());
    }

    #[test]
    fn changed_evidence_does_not_open(at: prop::sample::Index, to in "[A-Za-z0-9_-]") {
        let mut rng = rng(13);
        let secret = EvidenceSecret::generate(&mut rng);
        let (fact, install, attempts) = ids("fact-1");
        let context = EvidenceContext { fact: &fact, install: &install, attempts: &attempts };
        let sealed = evidence::seal(&mut rng, &digits("123456"), secret.public(), &context).unwrap();
        let text = sealed.as_str();
        let at = at.index(text.len());
        prop_assume!(text[at..=at] != to);
        let changed = format!("{}{to}{}", &text[..at], &text[at + 1..]);
        let changed = courier_domain::Base64Url::new(changed).unwrap();
        prop_assert!(evidence::open(&changed, &[secret], &context).is_err());
    }
}
