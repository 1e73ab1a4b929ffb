//! The chains of a folder, one for each incarnation: whether every fact is the one that was recorded, where it was recorded,
//! and whether any is missing. Only what can be decided without the phone's keys.

use std::collections::BTreeMap;

use courier_codes::{BadJws, fact_hash, read_jws, thumbprint};
use courier_domain::{FactBody, FactPayload, Jwk};
use courier_protocol::ReceiptPayload;
use courier_protocol::header::TYP_FACT;

use super::folder::{Facts, Folder};

/// What is wrong with a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// It cannot be read.
    Unreadable,
    /// Its bytes have not the hash that they were committed with.
    Changed,
    /// It says that it is another one than the journal does.
    Misplaced,
    /// It follows another fact than the one before it.
    Fork,
    /// Journal and log hold different facts in one place.
    LogDiffers,
    /// Its signature does not fit.
    Signature,
    /// No day of its chain names the key that it is signed with.
    Stranger,
    /// The server has signed for another fact in this place.
    ReceiptDiffers,
}

impl Fault {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Unreadable => "cannot be read as a fact",
            Self::Changed => "was changed after it was committed: its bytes do not have its hash",
            Self::Misplaced => "says that it belongs elsewhere",
            Self::Fork => "follows another fact than the one before it: the chain forks here",
            Self::LogDiffers => "is another fact in the log beside the journal: the chain forks here",
            Self::Signature => "has a signature that does not fit",
            Self::Stranger => "is signed with a key that no day of its chain names",
            Self::ReceiptDiffers => "is another one than the server has signed for: the chain forks here",
        }
    }
}

impl Fault {
    pub(super) fn advice(self) -> &'static str {
        match self {
            Self::Unreadable | Self::Changed => {
                "the app finds it when it is opened, and takes the fact from its log if it is whole there; the server may have it, too"
            }
            Self::Misplaced | Self::Signature | Self::Stranger => {
                "somebody changed the file, and its hash with it; compare with what the server has under the fact's id"
            }
            Self::Fork | Self::LogDiffers | Self::ReceiptDiffers => {
                "data of this phone were put back or were in use twice; compare with what the server has under the fact's id"
            }
        }
    }
}

/// How far a signature could be followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signed {
    /// By a key that a day of its chain names.
    ByDay,
    /// By the device's key, whose public half is not in the folder.
    ByDevice,
    /// By a key whose day is gone, as days go a week after the server has them.
    DayGone,
    /// Not at all.
    No,
}

/// A fact that was looked at.
#[derive(Debug, Clone)]
pub(super) struct Judged {
    pub(super) payload: Option<FactPayload>,
    pub(super) signed: Signed,
    pub(super) faults: Vec<Fault>,
}

/// A chain.
#[derive(Debug)]
pub(super) struct Chain {
    pub(super) inc: u32,
    pub(super) facts: BTreeMap<u64, Judged>,
    /// Numbers that are missing between others, or at the end: from, to.
    pub(super) gaps: Vec<(u64, u64)>,
    /// How far the server has signed for it.
    pub(super) receipt: Option<ReceiptPayload>,
}

impl Chain {
    /// Its first and last number.
    pub(super) fn ends(&self) -> Option<(u64, u64)> {
        Some((*self.facts.first_key_value()?.0, *self.facts.last_key_value()?.0))
    }
}

/// Every chain, in order.
pub(super) fn chains(folder: &Folder) -> Vec<Chain> {
    let facts = &folder.facts;
    let mut incs: Vec<u32> = facts.keys().map(|(inc, _)| *inc).collect();
    incs.dedup();
    incs.into_iter().map(|inc| chain(folder, facts, inc)).collect()
}

fn chain(folder: &Folder, facts: &Facts, inc: u32) -> Chain {
    let contents = &folder.contents;
    let receipt = contents.receipts.get(&inc).and_then(|jws| read_jws(jws).ok());
    let receipt = receipt.and_then(|jws| serde_json::from_slice::<ReceiptPayload>(&jws.payload).ok());
    let install = contents.identity.as_ref().map(|identity| identity.install.as_str());
    let mut judged: BTreeMap<u64, Judged> = BTreeMap::new();
    let (mut day_keys, mut before): (Vec<Jwk>, Option<(u64, &str)>) = (Vec::new(), None);
    let begins_at = facts.range((inc, 0)..).next().map_or(1, |((_, seq), _)| *seq);
    for ((_, seq), fact) in facts.range((inc, 0)..=(inc, u64::MAX)) {
        let read = read_jws(&fact.jws);
        let payload = read.as_ref().ok().and_then(|read| serde_json::from_slice(&read.payload).ok());
        let payload: Option<FactPayload> = payload;
        let mut faults = Vec::new();
        if fact_hash(&fact.jws).as_str() != fact.hash {
            faults.push(Fault::Changed);
        }
        let mut signed = Signed::No;
        match (&read, &payload) {
            (Ok(read), Some(payload)) => {
                let says = (payload.inc, payload.seq, payload.id.as_str(), payload.body.kind());
                if says != (inc, *seq, fact.id.as_str(), fact.kind.as_str())
                    || install.is_some_and(|install| install != payload.install.as_str())
                {
                    faults.push(Fault::Misplaced);
                }
                let prev = payload.prev.as_ref().map(courier_domain::FactHash::as_str);
                let follows = match before {
                    Some((no, hash)) if no + 1 == *seq => prev == Some(hash),
                    // What it follows is not here: it only has to follow something.
                    _ => prev.is_some() == (*seq > 1),
                };
                if !follows {
                    faults.push(Fault::Fork);
                }
                if let FactBody::DayStarted { day_jwk } = &payload.body {
                    signed = Signed::ByDevice;
                    day_keys.push(day_jwk.clone());
                } else {
                    match day_keys.iter().find(|key| thumbprint(key) == read.kid) {
                        Some(key) => match read.verify(key, TYP_FACT) {
                            Ok(_) => signed = Signed::ByDay,
                            Err(BadJws::Signature | BadJws::Type | BadJws::Key | BadJws::Form) => {
                                faults.push(Fault::Signature);
                            }
                        },
                        // Days before the first fact that is here, or in a gap.
                        None if begins_at > 1 || judged.len() as u64 + begins_at != *seq => {
                            signed = Signed::DayGone;
                        }
                        None => faults.push(Fault::Stranger),
                    }
                }
            }
            _ => faults.push(Fault::Unreadable),
        }
        if contents.log.facts.get(&(inc, *seq)).is_some_and(|logged| logged.hash != fact.hash) {
            faults.push(Fault::LogDiffers);
        }
        if receipt.as_ref().is_some_and(|it| it.seq == *seq && it.hash.as_str() != fact.hash) {
            faults.push(Fault::ReceiptDiffers);
        }
        before = Some((*seq, fact.hash.as_str()));
        judged.insert(*seq, Judged { payload, signed, faults });
    }
    let written = contents.log.heads.get(&inc).copied();
    let gaps = gaps(judged.keys().copied(), written);
    Chain { inc, facts: judged, gaps, receipt }
}

/// What is missing between `numbers`, and up to the newest that is known to have been `written`.
fn gaps(numbers: impl Iterator<Item = u64>, written: Option<u64>) -> Vec<(u64, u64)> {
    let (mut gaps, mut last) = (Vec::new(), None);
    for number in numbers {
        if let Some(last) = last
            && number > last + 1
        {
            gaps.push((last + 1, number - 1));
        }
        last = Some(number);
    }
    if let (Some(last), Some(written)) = (last, written)
        && written > last
    {
        gaps.push((last + 1, written));
    }
    gaps
}

#[cfg(test)]
mod tests {
    use courier_codes::{SigningKey, sign_jws};
    use courier_domain::{At, FactHash, FactId, InstallId, UnixMs};
    use courier_engine::store::inspect::{Contents, Database, Fact, Log, State};
    use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

    use super::super::folder::Amount;
    use super::*;

    fn key(seed: u64) -> SigningKey {
        SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(seed))
    }

    fn fact(seq: u64, prev: Option<&Fact>, body: FactBody, key: &SigningKey) -> Fact {
        let payload = FactPayload {
            v: 1,
            id: FactId::new(format!("fact-{seq}")).unwrap(),
            install: InstallId::new("install").unwrap(),
            inc: 1,
            seq,
            prev: prev.map(|prev| FactHash::new(prev.hash.as_str()).unwrap()),
            at: At { wall: UnixMs(1), boot_ms: 1, boot: "b".into(), server_ms: None, plus_minus_ms: None },
            route: None,
            stop: None,
            stop_rev: None,
            private: None,
            body,
        };
        let jws = sign_jws(TYP_FACT, &serde_json::to_vec(&payload).unwrap(), key).unwrap();
        let (id, hash) = (payload.id.to_string(), fact_hash(&jws).to_string());
        Fact { id, hash, kind: payload.body.kind().into(), jws, has_private: false }
    }

    /// A day and three arrivals, as they should be.
    fn facts() -> Vec<Fact> {
        let day = key(2);
        let mut facts =
            vec![fact(1, None, FactBody::DayStarted { day_jwk: courier_codes::Sign::jwk(&day) }, &key(1))];
        for seq in 2..=4 {
            facts.push(fact(seq, facts.last(), FactBody::Arrived {}, &day));
        }
        facts
    }

    fn judge(facts: Vec<Fact>) -> Chain {
        let facts: Facts = facts.into_iter().zip(1..).map(|(fact, seq)| ((1, seq), fact)).collect();
        let whole = Database { state: State::Whole, version: Some(2), newest: 2 };
        let contents = Contents {
            databases: [whole.clone(), whole],
            identity: None,
            facts: facts.clone(),
            acks: BTreeMap::new(),
            receipts: BTreeMap::new(),
            tries: std::collections::BTreeSet::new(),
            drafts: 0,
            incidents: Vec::new(),
            log: Log::default(),
            office_objects: 0,
        };
        let (none, files) = (Amount::default(), BTreeMap::new());
        chains(&Folder { contents, facts, files, foreign: 0, blobs: none, aside: none }).pop().unwrap()
    }

    fn faults(facts: Vec<Fact>) -> Vec<(u64, Fault)> {
        judge(facts).facts.iter().flat_map(|(seq, it)| it.faults.iter().map(|fault| (*seq, *fault))).collect()
    }

    #[test]
    fn a_chain_as_it_should_be_has_no_fault() {
        let chain = judge(facts());
        let signed: Vec<_> = chain.facts.values().map(|fact| fact.signed).collect();
        assert_eq!(signed, [Signed::ByDevice, Signed::ByDay, Signed::ByDay, Signed::ByDay]);
        assert_eq!(faults(facts()), []);
    }

    #[test]
    fn a_fact_of_another_branch_is_a_fork() {
        let mut forked = facts();
        forked[2] = fact(3, forked.first(), FactBody::Arrived {}, &key(2));
        assert_eq!(faults(forked), [(3, Fault::Fork), (4, Fault::Fork)]);
    }

    #[test]
    fn a_fact_of_another_key_or_with_another_signature_is_found() {
        let mut strange = facts();
        strange[3] = fact(4, strange.get(2), FactBody::Arrived {}, &key(9));
        assert_eq!(faults(strange), [(4, Fault::Stranger)]);
        let mut spliced = facts();
        let signature = spliced[2].jws.rsplit_once('.').unwrap().1.to_owned();
        let signed = spliced[3].jws.rsplit_once('.').unwrap().0.to_owned();
        spliced[3].jws = format!("{signed}.{signature}");
        spliced[3].hash = fact_hash(&spliced[3].jws).to_string();
        assert_eq!(faults(spliced), [(4, Fault::Signature)]);
    }

    #[test]
    fn a_fact_in_anothers_place_or_of_another_kind_is_found() {
        let mut swapped = facts();
        swapped.swap(1, 2);
        let found = faults(swapped);
        assert!(
            found.contains(&(2, Fault::Misplaced)) && found.contains(&(3, Fault::Misplaced)),
            "{found:?}"
        );
        let mut renamed = facts();
        renamed[2].kind = "day_closed".into();
        assert_eq!(faults(renamed), [(3, Fault::Misplaced)]);
    }

    #[test]
    fn what_is_missing_is_found_in_the_middle_and_at_the_end() {
        assert_eq!(gaps([3, 4, 5].into_iter(), Some(5)), []);
        assert_eq!(gaps([1, 4, 6].into_iter(), Some(8)), [(2, 3), (5, 5), (7, 8)]);
        assert_eq!(gaps([1, 2].into_iter(), None), []);
        assert_eq!(gaps([].into_iter(), Some(3)), []);
    }
}
