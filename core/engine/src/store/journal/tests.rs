use courier_domain::{FactHash, FactId, StopId};

use super::samples::{ack, identity, tried};
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

/// Numbers of what is to be offered.
fn due(journal: &Journal, epoch: &str) -> Vec<u64> {
    journal.outbox(epoch, None, 10, 1_000).unwrap().iter().map(|fact| fact.seq).collect()
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
    journal.count_try(&tried()).unwrap();
    journal.set_identity(&identity(4)).unwrap();
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
    journal.acknowledge(&[ack(1), ack(3)], "e1", 5, None).unwrap();
    assert_eq!(due(&journal, "e1"), [2]);
    assert_eq!(due(&journal, "e2"), [1, 2, 3]);
    assert_eq!(journal.offer_again(1, 3, u64::MAX).unwrap(), 1);
    assert_eq!(due(&journal, "e1"), [2, 3]);
    assert_eq!(journal.acknowledged("e1").unwrap().len(), 1, "what is offered again is not there for sure");
}

#[test]
fn whoever_looks_for_what_is_due_misses_nothing_that_was_settled_before() {
    let (_dir, mut journal) = journal();
    let due = |journal: &mut Journal, epoch: &str| {
        let seqs = due(journal, epoch);
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

/// A fact counts with its text, its sealed part as base64, and what is written around both.
#[test]
fn a_batch_is_as_large_as_it_may_be_and_no_larger() {
    let (dir, journal) = journal();
    // "jws-1" with one sealed byte, "jws-2" and "jws-3" with none.
    for (bytes, facts) in [(38, 1), (74, 1), (75, 2), (111, 2), (112, 3)] {
        assert_eq!(journal.outbox("e", None, 10, bytes).unwrap().len(), facts, "{bytes} bytes");
    }
    drop(journal);
    let mut journal = Journal::open(dir.path(), &crate::store::phone_disk()).unwrap();
    journal.append(&StoredFact { sealed_private: Some(vec![0; 30]), ..fact(4) }, &Along::Nothing).unwrap();
    journal.append(&fact(5), &Along::Nothing).unwrap();
    let after = |bytes| journal.outbox("e", Some((1, 3)), 10, bytes).unwrap();
    assert_eq!(after(10_000).first().map(|fact| fact.seq), Some(4), "what was asked for before comes again");
    assert_eq!((after(113).len(), after(114).len()), (1, 2), "77 and 37 bytes");
}

#[test]
fn what_another_epoch_took_back_is_found_though_all_was_settled() {
    let (_dir, mut journal) = journal();
    journal.acknowledge(&[ack(1), ack(2), ack(3)], "e1", 5, None).unwrap();
    assert!(!journal.has_outbox("e1").unwrap());
    assert_eq!(due(&journal, "e2"), [1, 2, 3]);
    journal.acknowledge(&[ack(1)], "e2", 6, None).unwrap();
    assert_eq!(due(&journal, "e1"), [1]);
}

#[test]
fn the_last_word_of_the_server_is_kept() {
    let (_dir, mut journal) = journal();
    assert_eq!((journal.last_acknowledged().unwrap(), journal.receipt(1).unwrap()), (None, None));
    journal.acknowledge(&[ack(1)], "e1", 5, Some((1, "first"))).unwrap();
    journal.acknowledge(&[ack(2)], "e1", 9, Some((1, "second"))).unwrap();
    journal.acknowledge(&[ack(3)], "e1", 7, None).unwrap();
    assert_eq!(journal.last_acknowledged().unwrap(), Some(9));
    assert_eq!((journal.receipt(1).unwrap().as_deref(), journal.receipt(2).unwrap()), (Some("second"), None));
    assert_eq!(journal.fact_ids().unwrap().len(), 3);
}

#[test]
fn each_draft_of_a_stop_has_a_revision_of_its_own() {
    let (_dir, mut journal) = journal();
    let stop = StopId::new("door").unwrap();
    for rev in 1..=3 {
        assert_eq!(journal.next_draft_rev(&stop).unwrap(), rev);
        journal.set_draft(&SealedDraft { stop: stop.clone(), rev, body: vec![7] }).unwrap();
    }
    assert_eq!(journal.drafts().unwrap(), [("door".to_owned(), 3, vec![7])]);
    assert_eq!(journal.next_draft_rev(&StopId::new("another").unwrap()).unwrap(), 1);
}

#[test]
fn nothing_of_what_is_purged_is_left_in_any_file() {
    let (dir, mut journal) = journal();
    assert!(journal.is_logged());
    let files_with = |text: &str| -> Vec<String> {
        let entries = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path());
        let holds = |path: &std::path::PathBuf| {
            let bytes = std::fs::read(path).unwrap();
            bytes.windows(text.len()).any(|window| window == text.as_bytes())
        };
        let names =
            entries.filter(holds).map(|path| path.file_name().unwrap().to_string_lossy().into_owned());
        names.collect()
    };
    assert!(files_with("jws-1").len() >= 2, "journal and log");
    journal.acknowledge(&[ack(1), ack(2), ack(3)], "e1", 5, None).unwrap();
    assert_eq!(journal.purge("e1", None, 5).unwrap(), 0, "its time is not over");
    assert!(!files_with("jws-1").is_empty());
    assert_eq!(journal.purge("e1", None, 6).unwrap(), 2);
    assert_eq!((files_with("jws-1"), files_with("jws-2")), (vec![], vec![]));
    assert!(!files_with("jws-3").is_empty(), "what the chain goes on from stays");
    assert_eq!(std::fs::metadata(dir.path().join("journal.db-wal")).unwrap().len(), 0);
}

#[test]
fn a_journal_is_empty_until_somebody_is_enrolled_or_something_is_recorded() {
    let dir = tempfile::tempdir().unwrap();
    let mut fresh = Journal::open(dir.path(), &crate::store::phone_disk()).unwrap();
    assert!(fresh.is_empty().unwrap());
    fresh.append(&fact(1), &Along::Nothing).unwrap();
    assert!(!fresh.is_empty().unwrap());
}

#[test]
fn a_journal_that_was_let_go_holds_no_file() {
    let (dir, mut journal) = journal();
    assert_eq!(journal.counts("e").unwrap().facts, 3);
    journal.let_go().unwrap();
    assert!(journal.counts("e").is_err(), "it still reads the file");
    assert!(!dir.path().join("journal.db-wal").exists());
}

#[test]
fn what_could_not_be_logged_is_recorded_and_told() {
    let (dir, mut journal) = journal();
    assert!(journal.is_logged());
    // A folder is in the place of the log: as a disk that is full, or that fails.
    std::fs::remove_file(dir.path().join("facts-0.log")).unwrap();
    std::fs::create_dir(dir.path().join("facts-0.log")).unwrap();
    journal.append(&fact(4), &Along::Nothing).unwrap();
    assert_eq!(journal.counts("e").unwrap().facts, 4);
    assert!(!journal.is_logged());
}

#[test]
fn on_a_full_disk_the_room_that_was_kept_is_given_up_once_and_told() {
    let (_dir, mut journal) = journal();
    let tries = std::cell::Cell::new(0);
    let full_at_first = |_: &Transaction<'_>| {
        tries.set(tries.get() + 1);
        if tries.get() == 1 { Err(StoreError::Full) } else { Ok(tries.get()) }
    };
    assert_eq!(journal.write(full_at_first), Ok(2));
    assert!(!journal.ballast.is_held());
    assert_eq!(journal.untold_incident().unwrap().map(|it| it.kind), Some(Incident::FULL.to_owned()));
    tries.set(0);
    assert_eq!(journal.write(full_at_first), Err(StoreError::Full), "there was nothing more to give up");
    assert_eq!(tries.get(), 1);
    let broken = |_: &Transaction<'_>| Err::<(), _>(StoreError::Io);
    journal.ballast.take_again();
    assert_eq!(journal.write(broken), Err(StoreError::Io));
    assert!(journal.ballast.is_held(), "room is no help against that");
}
