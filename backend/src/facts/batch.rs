//! A batch before its transaction: hashes, forms and signatures need no database, are most of the work, and are
//! shared out to all cores.

use std::thread::available_parallelism;

use courier_codes::{Unverified, fact_hash, read_jws};
use courier_domain::fact::VERSION;
use courier_domain::{FactBody, FactHash, FactPayload, InstallId, Jwk};
use courier_protocol::{FactItem, header};

use super::DayKeys;
use crate::storage::Installation;

/// Fewer than this for each core are not worth a thread.
const WORTH_A_THREAD: usize = 8;

/// A fact that came, as far as it can be judged by itself.
pub struct Incoming<'a> {
    /// As it came.
    pub item: &'a FactItem,
    /// Its hash.
    pub hash: FactHash,
    /// Whether it came before: then nothing of it is looked at again.
    pub known: bool,
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
}

fn verify(read: Option<&Unverified>, key: &Jwk) -> bool {
    read.is_some_and(|read| read.verify(key, header::TYP_FACT).is_ok())
}

/// Hashes and reads every item.
pub(super) fn read<'a>(items: &'a [FactItem], install: &InstallId) -> Vec<Incoming<'a>> {
    let mut batch: Vec<(&FactItem, Option<Incoming<'a>>)> = items.iter().map(|item| (item, None)).collect();
    on_all_cores(&mut batch, |(item, incoming)| *incoming = Some(read_one(item, install)));
    batch.into_iter().filter_map(|(_, incoming)| incoming).collect()
}

fn read_one<'a>(item: &'a FactItem, install: &InstallId) -> Incoming<'a> {
    let read = read_jws(&item.jws).ok();
    let payload = read
        .as_ref()
        .and_then(|read| serde_json::from_slice::<FactPayload>(&read.payload).ok())
        .filter(|fact| fact.v == VERSION && fact.install == *install && i64::try_from(fact.seq).is_ok());
    Incoming { item, hash: fact_hash(&item.jws), known: false, read, payload, verified: None }
}

/// Verifies every fact that did not come before with the key that it names, as far as that key is known: of the
/// device, of one of its days, or of a day that begins in this batch. Which key had to sign is decided later.
pub(super) fn verify_all(batch: &mut [Incoming<'_>], from: &Installation, days: &DayKeys) {
    let mut keys = days.clone();
    keys.add(&from.device_jwk);
    for fact in batch.iter().filter_map(|incoming| incoming.payload.as_ref()) {
        if let FactBody::DayStarted { day_jwk } = &fact.body {
            keys.add(day_jwk);
        }
    }
    on_all_cores(batch, |incoming| {
        let named = incoming.read.as_ref().filter(|_| !incoming.known).and_then(|read| keys.find(&read.kid));
        incoming.verified = named.map(|key| (key.clone(), verify(incoming.read.as_ref(), key)));
    });
}

fn on_all_cores<T: Send>(items: &mut [T], work: impl Fn(&mut T) + Sync) {
    let cores = available_parallelism().map_or(1, usize::from);
    let share = items.len().div_ceil(cores).max(WORTH_A_THREAD);
    if items.len() <= share {
        return items.iter_mut().for_each(work);
    }
    std::thread::scope(|scope| {
        for items in items.chunks_mut(share) {
            scope.spawn(|| items.iter_mut().for_each(&work));
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use courier_codes::{Sign, SigningKey, sign_jws};
    use courier_domain::{CourierId, InstallId};
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
        let from = Installation {
            install: InstallId::new("phone").unwrap(),
            courier: CourierId::new("courier").unwrap(),
            device_jwk: device.jwk(),
            dismissed_at: None,
            suspended_at: None,
        };
        let mut days = DayKeys::default();
        days.add(&day.jwk());
        let mut batch = read(&items, &from.install);
        batch[4].known = true;
        verify_all(&mut batch, &from, &days);
        for (n, (incoming, item)) in batch.iter().zip(&items).enumerate() {
            assert_eq!(incoming.hash, fact_hash(&item.jws), "fact {n} changed its place");
            assert_eq!(incoming.verified.is_some(), n != 4 && n != 7 && n % 3 != 2, "fact {n}");
            for (key, of) in [(&device, 0), (&day, 1), (&stranger, 2)] {
                let signed = n % 3 == of && n != 7 && n != 10;
                assert_eq!(incoming.is_signed_by(&key.jwk()), signed, "fact {n}, key {of}");
            }
        }
    }
}
