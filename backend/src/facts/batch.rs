//! A batch before its transaction: hashes, forms, signatures and the opening of evidence need no database, are most of
//! the work, and are shared out to all cores.

use courier_codes::evidence::{self, BadEvidence};
use courier_codes::{Entry, EvidenceContext, EvidenceSecret, Unverified, fact_hash, read_jws};
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
    /// What was entered at the door, if the fact has evidence of it and is signed.
    pub opened: Option<Result<Entry, BadEvidence>>,
}

/// What a batch is read with.
pub(super) struct Reader<'a> {
    pub(super) install: &'a InstallId,
    /// The device's, and those of its days.
    pub(super) keys: DayKeys,
    pub(super) evidence: &'a [EvidenceSecret],
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

    /// A stranger's evidence is not worth the work.
    fn open_with(&mut self, secrets: &[EvidenceSecret]) {
        let Some((_, true)) = self.verified else { return };
        let Some(FactPayload { id, install, body, .. }) = &self.payload else { return };
        let FactBody::CodeTried { attempts, evidence: Some(sealed), .. } = body else { return };
        let context = EvidenceContext { fact: id, install, attempts };
        self.opened.get_or_insert_with(|| evidence::open(sealed, secrets, &context));
    }
}

fn verify(read: Option<&Unverified>, key: &Jwk) -> bool {
    read.is_some_and(|read| read.verify(key, header::TYP_FACT).is_ok())
}

impl Reader<'_> {
    /// Hashes, reads and verifies every item, with the key that it names, if that is a known one or of a day that begins
    /// in this batch. Which key had to sign is decided later.
    pub(super) fn read(mut self, items: &[FactItem]) -> Vec<Incoming<'_>> {
        let batch = on_all_cores(items.iter().collect(), WORTH_A_THREAD, |item| self.read_one(item));
        let days = batch.iter().filter_map(|incoming| match &incoming.payload.as_ref()?.body {
            FactBody::DayStarted { day_jwk } => Some(day_jwk),
            _ => None,
        });
        let before = self.keys.0.len();
        days.for_each(|day| self.keys.add(day));
        if self.keys.0.len() == before {
            return batch;
        }
        on_all_cores(batch, WORTH_A_THREAD, |incoming| self.finish(incoming))
    }

    fn read_one<'b>(&self, item: &'b FactItem) -> Incoming<'b> {
        let read = read_jws(&item.jws).ok();
        let payload =
            read.as_ref().and_then(|read| serde_json::from_slice::<FactPayload>(&read.payload).ok()).filter(
                |fact| fact.v == VERSION && fact.install == *self.install && i64::try_from(fact.seq).is_ok(),
            );
        let hash = fact_hash(&item.jws);
        self.finish(Incoming { item, hash, read, payload, verified: None, opened: None })
    }

    fn finish<'b>(&self, mut incoming: Incoming<'b>) -> Incoming<'b> {
        incoming.verify_with(&self.keys);
        incoming.open_with(self.evidence);
        incoming
    }
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
        let install = InstallId::new("phone").unwrap();
        let batch = Reader { install: &install, keys, evidence: &[] }.read(&items);
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
