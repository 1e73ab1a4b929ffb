//! A code check beside the bare key derivation that it cannot do without.

#![allow(clippy::unwrap_used, missing_docs)]

use argon2::{Algorithm, Argon2, Params, Version};
use courier_codes::{Entry, IssueSpec, KDF, check, issue};
use courier_domain::{AttemptId, CodeEntry, CodeId, UnixMs};
use criterion::{Criterion, criterion_group, criterion_main};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

fn code_check(c: &mut Criterion) {
    let spec = IssueSpec {
        attempt: AttemptId::new("attempt").unwrap(),
        code_id: CodeId::new("code").unwrap(),
        holder: "recipient".into(),
        kdf: KDF,
        salt: [7; 16],
        k: 10,
        not_before: UnixMs(0),
        not_after: UnixMs(1),
    };
    let verifiers = [issue(&mut ChaCha20Rng::seed_from_u64(1), spec).unwrap().verifier];
    let entry = Entry::parse(&CodeEntry::Digits("123456".into())).unwrap();
    let mut group = c.benchmark_group("code");
    group.sample_size(40);
    group.bench_function("bare Argon2id", |b| {
        let params = Params::new(KDF.m, KDF.t, KDF.p, Some(32)).unwrap();
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut out = [0; 32];
        b.iter(|| argon2.hash_password_into(b"123456", &[7; 16], &mut out).unwrap());
    });
    group.bench_function("check", |b| b.iter(|| check(&entry, &verifiers).unwrap()));
    group.finish();
}

criterion_group!(benches, code_check);
criterion_main!(benches);
