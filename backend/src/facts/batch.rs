//! A batch before its transaction: hashes, forms and signatures need no database, are most of the work, and are
//! shared out to all cores.

use courier_codes::{Unverified, fact_hash, read_jws};
use courier_domain::fact::VERSION;
use courier_domain::{FactBody, FactHash, FactPayload, InstallId, Jwk};
use courier_protocol::{FactItem, header};

use super::DayKeys;
use crate::cores::on_all_cores;

/// Fewer than this for each core are not worth a thread.
const WORTH_A_THREAD: usize = 8;

/// A fact that came, as far as it can be judged by itself.
pub struct Incoming<'a> {
    /// As it came.
    pub item: &'a FactItem,
    /// Its hash.
    pub hash: FactHash,
    /// The JWS, if it is one.
    pub read: Option<Unverified>,
    /// What it says, if anybody here can read it and it is of the installation that handed it in.
    pub payload: Option<FactPayload>,
    /// Whether this key signed it, if that was looked at.
    verified: Option<(Jwk, bool)>,
}

impl Incoming<'_> {
    /// Whether `key` signed it.
    pub fn is_signed_by(&self, key: &Jwk) -> bool {
        match &self.verified {
            Some((looked_at, signed)) if looked_at == key => *signed,
            _ => verify(self.read.as_ref(), key),
        }
    }

    fn verify_with(&mut self, keys: &DayKeys) {
        if self.verified.is_none() {
            let named = self.read.as_ref().and_then(|read| keys.find(&read.kid));
            self.verified = named.map(|key| (key.clone(), verify(self.read.as_ref(), key)));
        }
    }
}

fn verify(read: Option<&Unverified>, key: &Jwk) -> bool {
    read.is_some_and(|read| read.verify(key, header::TYP_FACT).is_ok())
}

/// Hashes, reads and verifies every item: with the key that it names, if that is one of `keys`, which are the
/// device's and those of its days, or of a day that begins in this batch. Which key had to sign is decided later.
pub(super) fn read<'a>(items: &'a [FactItem], install: &InstallId, mut keys: DayKeys) -> Vec<Incoming<'a>> {
    let batch = on_all_cores(items.iter().collect(), WORTH_A_THREAD, |item| read_one(item, install, &keys));
    let days = batch.iter().filter_map(|incoming| match &incoming.payload.as_ref()?.body {
        FactBody::DayStarted { day_jwk } => Some(day_jwk),
        _ => None,
    });
    let before = keys.0.len();
    days.for_each(|day| keys.add(day));
    if keys.0.len() == before {
        return batch;
    }
    on_all_cores(batch, WORTH_A_THREAD, |mut incoming| {
        incoming.verify_with(&keys);
        incoming
    })
}

fn read_one<'a>(item: &'a FactItem, install: &InstallId, keys: &DayKeys) -> Incoming<'a> {
    let read = read_jws(&item.jws).ok();
    let payload = read
        .as_ref()
        .and_then(|read| serde_json::from_slice::<FactPayload>(&read.payload).ok())
        .filter(|fact| fact.v == VERSION && fact.install == *install && i64::try_from(fact.seq).is_ok());
    let mut incoming = Incoming { item, hash: fact_hash(&item.jws), read, payload, verified: None };
    incoming.verify_with(keys);
    incoming
}

#[cfg(test)]
mod tests {
    use super::*;
    use courier_codes::{Sign, SigningKey, sign_jws};
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    fn fact(n: usize, key: &SigningKey) -> FactItem {
        let jws = sign_jws(header::TYP_FACT, format!("{{\"n\":{n}}}").as_bytes(), key).unwrap();
        FactItem { jws, private: None }
    }

    #[test]
    fn a_batch_keeps_its_order_and_every_signature_is_told_from_every_other() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let [device, day, stranger] = [(); 3].map(|()| SigningKey::generate(&mut rng));
        let mut items: Vec<_> = (0..50).map(|n| fact(n, [&device, &day, &stranger][n % 3])).collect();
        items[7].jws = "no fact".into();
        let (head, _) = items[10].jws.rsplit_once('.').unwrap();
        let (_, of_another) = items[13].jws.rsplit_once('.').unwrap();
        items[10].jws = format!("{head}.{of_another}");
        let mut keys = DayKeys::default();
        keys.add(&device.jwk());
        keys.add(&day.jwk());
        let batch = read(&items, &InstallId::new("phone").unwrap(), keys);
        for (n, (incoming, item)) in batch.iter().zip(&items).enumerate() {
            assert_eq!(incoming.hash, fact_hash(&item.jws), "fact {n} changed its place");
            assert_eq!(incoming.verified.is_some(), n != 7 && n % 3 != 2, "fact {n}");
            for (key, of) in [(&device, 0), (&day, 1), (&stranger, 2)] {
                let signed = n % 3 == of && n != 7 && n != 10;
                assert_eq!(incoming.is_signed_by(&key.jwk()), signed, "fact {n}, key {of}");
            }
        }
    }
}
