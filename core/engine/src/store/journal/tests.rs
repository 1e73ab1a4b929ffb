use courier_domain::{FactHash, FactId, InstallId, StopId};

use super::*;

fn fact(seq: u64) -> StoredFact {
    StoredFact {
        inc: 1,
        seq,
        id: FactId::new(format!("fact-{seq}")).unwrap(),
        hash: FactHash::new(format!("hash-{seq}")).unwrap(),
        kind: "arrived".into(),
        jws: format!("jws-{seq}"),
        sealed_private: (seq == 1).then(|| vec![1]),
    }
}

fn ack(seq: u64) -> Ack {
    Ack { inc: 1, seq, status: "stored".into(), flags: Vec::new(), verdict: None }
}

fn journal() -> (tempfile::TempDir, Journal) {
    let dir = tempfile::tempdir().unwrap();
    let mut journal = Journal::open(dir.path(), &crate::store::phone_disk()).unwrap();
    for seq in 1..=3 {
        journal.append(&fact(seq), &Along::Nothing).unwrap();
    }
    (dir, journal)
}

#[test]
fn the_schema_forbids_what_would_lose_a_fact_or_forgive_a_try() {
    let (_dir, mut journal) = journal();
    journal.acknowledge(&[ack(1)], "e1", 5, None).unwrap();
    journal
        .count_try(&Try {
            id: FactId::new("try-1").unwrap(),
            attempts: Vec::new(),
            stop: StopId::new("s").unwrap(),
            wall: 1,
            boot_ms: 1,
            boot: "b".into(),
        })
        .unwrap();
    let identity = Identity {
        install: InstallId::new("i").unwrap(),
        inc: 4,
        token: String::new(),
        token_next: String::new(),
        opens: 7,
        enrolment: None,
        epoch: String::new(),
    };
    journal.set_identity(&identity).unwrap();
    for forbidden in [
        "UPDATE fact SET jws = 'x' WHERE seq = 1",
        "UPDATE fact SET seq = 9 WHERE seq = 3",
        "UPDATE fact SET private = x'02' WHERE seq = 1",
        "DELETE FROM fact WHERE seq = 2",
        "DELETE FROM fact",
        "INSERT INTO fact VALUES (1, 5, 'i', 'h', 'k', 'j', NULL)",
        "INSERT INTO fact VALUES (2, 2, 'i', 'h', 'k', 'j', NULL)",
        "INSERT OR REPLACE INTO fact VALUES (1, 2, 'i', 'h', 'k', 'j', NULL)",
        "INSERT OR REPLACE INTO fact VALUES (1, 4, 'fact-2', 'h', 'k', 'j', NULL)",
        "DELETE FROM ack",
        "INSERT INTO ack VALUES (1, 9, 1, 'e', 'stored', '[]', NULL, NULL)",
        "UPDATE try SET attempts = '[]'",
        "DELETE FROM try",
        "INSERT OR REPLACE INTO try VALUES ('try-1', '[]', 's', 1, 1, 'b')",
        "UPDATE identity SET inc = 3",
        "UPDATE identity SET opens = 6",
        "DELETE FROM identity",
    ] {
        let refused = journal.db.execute_batch(forbidden).map_err(StoreError::from);
        assert_eq!(refused, Err(StoreError::Forbidden), "allowed: {forbidden}");
    }
    journal.db.execute("UPDATE fact SET private = NULL WHERE seq = 1", []).unwrap();
    assert_eq!(journal.facts().unwrap().len(), 3);
}

#[test]
fn a_fact_is_offered_until_acknowledged_and_again_under_another_epoch() {
    let (_dir, mut journal) = journal();
    let seqs = |journal: &Journal, epoch: &str| -> Vec<u64> {
        journal.outbox(epoch, None, 10, 1_000).unwrap().iter().map(|fact| fact.seq).collect()
    };
    journal.acknowledge(&[ack(1), ack(3)], "e1", 5, None).unwrap();
    assert_eq!(seqs(&journal, "e1"), [2]);
    assert_eq!(seqs(&journal, "e2"), [1, 2, 3]);
    assert_eq!(journal.offer_again(1, 3, u64::MAX).unwrap(), 1);
    assert_eq!(seqs(&journal, "e1"), [2, 3]);
    assert_eq!(journal.acknowledged("e1").unwrap().len(), 1, "what is offered again is not there for sure");
}

#[test]
fn whoever_looks_for_what_is_due_misses_nothing_that_was_settled_before() {
    let (_dir, mut journal) = journal();
    let due = |journal: &mut Journal, epoch: &str| {
        let seqs =
            journal.outbox(epoch, None, 10, 1_000).unwrap().iter().map(|fact| fact.seq).collect::<Vec<_>>();
        assert_eq!(journal.has_outbox(epoch).unwrap(), !seqs.is_empty());
        seqs
    };
    journal.acknowledge(&[ack(1), ack(2), ack(3)], "e1", 5, None).unwrap();
    assert!(due(&mut journal, "e1").is_empty());
    journal.append(&fact(4), &Along::Nothing).unwrap();
    assert_eq!(due(&mut journal, "e1"), [4]);
    let (id, hash) = (FactId::new("fact-5").unwrap(), FactHash::new("hash-5").unwrap());
    journal.append(&StoredFact { inc: 2, id, hash, ..fact(1) }, &Along::Nothing).unwrap();
    assert_eq!(due(&mut journal, "e1"), [4], "a batch is of one incarnation");
    journal.acknowledge(&[ack(4)], "e1", 5, None).unwrap();
    assert_eq!(due(&mut journal, "e1"), [1]);
    journal.offer_again(1, 2, 3).unwrap();
    assert_eq!(due(&mut journal, "e1"), [2, 3]);
    journal.acknowledge(&[ack(2)], "e2", 5, None).unwrap();
    assert_eq!(due(&mut journal, "e2"), [1, 3, 4]);
    assert_eq!(due(&mut journal, "e1"), [2, 3]);
}

#[test]
fn a_batch_has_bounds_but_is_never_empty() {
    let (_dir, journal) = journal();
    assert_eq!(journal.outbox("e", None, 2, 1_000).unwrap().len(), 2);
    assert_eq!(journal.outbox("e", None, 10, 1).unwrap().len(), 1);
}
