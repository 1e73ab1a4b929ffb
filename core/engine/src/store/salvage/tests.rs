use courier_codes::{SigningKey, sign_jws};
use courier_domain::{At, FactBody, FactHash, FactId, InstallId, StopId, UnixMs};
use courier_protocol::header;
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use super::super::journal::samples::{ack, identity, tried};
use super::super::journal::{Along, NewDay, SealedDraft};
use super::super::phone_disk;
use super::*;

/// A phone's folder whose journal will break.
struct Phone {
    dir: tempfile::TempDir,
    key: SigningKey,
}

fn server_time() -> ServerTime {
    ServerTime { server_ms: 5, plus_minus_ms: 6, boot_ms: 7, boot: "boot".into() }
}

fn day_key() -> SealedDayKey {
    SealedDayKey { inc: 1, kid: "kid".into(), sealed: vec![9] }
}

impl Phone {
    /// Five facts, the second with a private part; the server has the first two.
    fn new() -> Self {
        let key = SigningKey::generate(&mut ChaCha20Rng::seed_from_u64(4));
        let phone = Self { dir: tempfile::tempdir().unwrap(), key };
        let mut journal = phone.open();
        journal.set_identity(&identity(1)).unwrap();
        journal.set_server_time(&server_time()).unwrap();
        let day = NewDay { key: day_key(), stops: &[] };
        journal.append(&phone.fact(1, 1), &Along::Day(day)).unwrap();
        for seq in 2..=5 {
            journal.append(&phone.fact(1, seq), &Along::Nothing).unwrap();
        }
        journal.acknowledge(&[ack(1), ack(2)], "e1", 9, Some((1, &phone.receipt(2)))).unwrap();
        journal.count_try(&tried()).unwrap();
        let draft = SealedDraft { stop: StopId::new("door").unwrap(), rev: 3, body: vec![8] };
        journal.set_draft(&draft).unwrap();
        phone
    }

    fn open(&self) -> Journal {
        Journal::open(self.dir.path(), &phone_disk()).unwrap()
    }

    fn fact(&self, inc: u32, seq: u64) -> StoredFact {
        let id = FactId::new(format!("fact-{inc}-{seq}")).unwrap();
        let payload = FactPayload {
            v: 1,
            id: id.clone(),
            install: InstallId::new("install").unwrap(),
            inc,
            seq,
            prev: None,
            at: At { wall: UnixMs(1), boot_ms: 1, boot: "boot".into(), server_ms: None, plus_minus_ms: None },
            route: None,
            stop: None,
            stop_rev: None,
            private: None,
            body: FactBody::DayClosed {},
        };
        let jws = sign_jws(header::TYP_FACT, &serde_json::to_vec(&payload).unwrap(), &self.key).unwrap();
        let sealed_private = (seq == 2).then(|| vec![1, 2, 3]);
        StoredFact { inc, seq, id, hash: fact_hash(&jws), kind: "day_closed".into(), jws, sealed_private }
    }

    fn receipt(&self, seq: u64) -> String {
        let said = ReceiptPayload {
            install: InstallId::new("install").unwrap(),
            inc: 1,
            seq,
            hash: FactHash::new("hash").unwrap(),
            server_ms: UnixMs(9),
        };
        sign_jws(header::TYP_RECEIPT, &serde_json::to_vec(&said).unwrap(), &self.key).unwrap()
    }

    /// Changes what nobody may change.
    fn damage(&self, sql: &str) {
        let db = Connection::open(self.dir.path().join(journal::FILE)).unwrap();
        let mut query = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").unwrap();
        let triggers: Vec<String> =
            query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
        drop(query);
        for trigger in triggers {
            db.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
        }
        db.execute_batch(sql).unwrap();
    }

    fn lose_the_log(&self) {
        for entry in std::fs::read_dir(self.dir.path()).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "log") {
                std::fs::remove_file(path).unwrap();
            }
        }
    }

    /// How many facts are lost.
    fn salvage(&self) -> u64 {
        salvage(self.dir.path(), &phone_disk()).unwrap()
    }

    fn seqs(&self) -> Vec<u64> {
        self.open().facts().unwrap().iter().map(|fact| fact.seq).collect()
    }
}

#[test]
fn of_what_is_not_damaged_everything_comes_back() {
    for has_log in [true, false] {
        let phone = Phone::new();
        if !has_log {
            phone.lose_the_log();
        }
        assert_eq!(phone.salvage(), 0);
        let mut journal = phone.open();
        let facts: Vec<_> = (1..=5).map(|seq| phone.fact(1, seq)).collect();
        assert_eq!(journal.facts().unwrap(), facts);
        assert_eq!(journal.identity().unwrap(), Some(Identity { inc: 2, ..identity(1) }));
        assert_eq!(journal.server_time().unwrap(), Some(server_time()));
        assert_eq!(journal.day_key().unwrap(), Some(day_key()));
        assert_eq!(journal.acknowledged("e1").unwrap().len(), 2);
        assert_eq!(journal.last_acknowledged().unwrap(), Some(9));
        assert_eq!(journal.receipt(1).unwrap(), Some(phone.receipt(2)));
        assert_eq!(journal.unsettled_tries().unwrap(), [tried()]);
        assert_eq!(journal.drafts().unwrap(), [("door".to_owned(), 3, vec![8])]);
    }
}

#[test]
fn a_fact_that_is_not_as_it_was_committed_comes_from_the_log_or_is_lost() {
    for damage in ["hash = 'other'", "hash = ''", "id = 'other'", "jws = jws || 'x'"] {
        for seq in [3, 5] {
            let phone = Phone::new();
            phone.damage(&format!("UPDATE fact SET {damage} WHERE seq = {seq}"));
            assert_eq!(phone.salvage(), 0, "{damage} of {seq}");
            assert_eq!(phone.seqs(), [1, 2, 3, 4, 5], "{damage} of {seq}");

            let phone = Phone::new();
            phone.lose_the_log();
            phone.damage(&format!("UPDATE fact SET {damage} WHERE seq = {seq}"));
            assert_eq!(phone.salvage(), 1, "{damage} of {seq}");
            assert_eq!(
                phone.seqs(),
                (1..=5).filter(|it| *it != seq).collect::<Vec<_>>(),
                "{damage} of {seq}"
            );
        }
    }
}

#[test]
fn what_the_server_has_is_not_lost() {
    for (handed_in, lost) in [(2, 1), (3, 0)] {
        let phone = Phone::new();
        phone.open().acknowledge(&[], "e1", 9, Some((1, &phone.receipt(handed_in)))).unwrap();
        phone.lose_the_log();
        phone.damage("UPDATE fact SET hash = 'other' WHERE seq = 3");
        assert_eq!(phone.salvage(), lost, "a receipt for {handed_in}");
    }
    let phone = Phone::new();
    phone.open().acknowledge(&[ack(3)], "e1", 9, None).unwrap();
    phone.lose_the_log();
    phone.damage("UPDATE fact SET hash = 'other' WHERE seq = 3");
    assert_eq!(phone.salvage(), 0, "it is acknowledged");
}

#[test]
fn of_numbers_in_a_damaged_page_only_those_that_may_be_are_believed() {
    let ack_of = |seq: u64| format!("INSERT INTO ack VALUES (1, {seq}, 9, 'e1', 'stored', '[]', NULL, NULL)");
    let zero = "INSERT INTO fact VALUES (1, 0, 'zero', 'hash', 'kind', 'jws', NULL)".to_owned();
    for (sql, lost) in [(ack_of(69), 63), (ack_of(70), 0), (ack_of(5_000), 0), (zero, 0)] {
        let phone = Phone::new();
        phone.lose_the_log();
        phone.damage(&format!("PRAGMA foreign_keys = OFF; {sql}"));
        assert_eq!(phone.salvage(), lost, "{sql}");
        assert_eq!(phone.seqs(), [1, 2, 3, 4, 5], "{sql}");
    }
}

#[test]
fn the_log_knows_how_far_the_chain_was() {
    let phone = Phone::new();
    let mut log = FactLog::new(phone_disk(), phone.dir.path());
    log.add("no day", &crate::store::fact_log::Entry::Head(1, 8));
    assert_eq!(phone.salvage(), 3);
}

#[test]
fn of_two_private_parts_that_of_the_log_counts_unless_it_was_purged_or_is_another_facts() {
    let private = |phone: &Phone| {
        let facts = phone.open().facts().unwrap();
        facts.into_iter().find(|fact| fact.seq == 2).unwrap().sealed_private
    };
    for (there, expected) in [("x'0909'", Some(vec![1, 2, 3])), ("NULL", None)] {
        let phone = Phone::new();
        phone.damage(&format!("UPDATE fact SET private = {there} WHERE seq = 2"));
        phone.salvage();
        assert_eq!(private(&phone), expected, "{there}");
    }
    let phone = Phone::new();
    let mut log = FactLog::new(phone_disk(), phone.dir.path());
    let other = StoredFact {
        hash: FactHash::new("other").unwrap(),
        sealed_private: Some(vec![7]),
        ..phone.fact(1, 2)
    };
    log.add("no day", &crate::store::fact_log::Entry::Fact(other));
    phone.salvage();
    assert_eq!(private(&phone), Some(vec![1, 2, 3]));
}

#[test]
fn the_chain_goes_on_as_the_next_incarnation_of_all_that_were() {
    let phone = Phone::new();
    phone.open().append(&phone.fact(6, 1), &Along::Nothing).unwrap();
    phone.salvage();
    assert_eq!(phone.open().identity().unwrap().map(|identity| identity.inc), Some(7));
    // The facts say whose they are, if nothing else does.
    let phone = Phone::new();
    phone.lose_the_log();
    phone.damage("DELETE FROM identity");
    phone.salvage();
    let identity = phone.open().identity().unwrap().unwrap();
    assert_eq!((identity.install.as_str(), identity.inc, identity.token.as_str()), ("install", 2, ""));
}

#[test]
fn while_the_disk_cannot_be_read_nothing_is_put_together() {
    let phone = Phone::new();
    phone.lose_the_log();
    // Where SQLite's log would be is something that nobody can open as a file.
    let wal = with_ending(&phone.dir.path().join(journal::FILE), "-wal");
    let _ = std::fs::remove_file(&wal);
    std::fs::create_dir(&wal).unwrap();
    assert_eq!(salvage(phone.dir.path(), &phone_disk()), Err(StoreError::Io));
    std::fs::remove_dir(&wal).unwrap();
    assert_eq!(phone.salvage(), 0);
    assert_eq!(phone.seqs(), [1, 2, 3, 4, 5]);
}
