//! Rows of the databases changed, cut short, moved, and put in again by somebody who has the keys.

use courier_codes::{RowAad, RowKey};
use courier_domain::{Reason, Receiver};
use courier_engine::{CommandResult, CourierError};
use courier_protocol::{Object, RouteOp};
use courier_tests::phone::Phone;
use courier_tests::world::{World, shipment};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};
use rusqlite::{Connection, params};

use crate::day::{enter, verifier_of};

fn world() -> World {
    let world = World::with(&["Kaya", "Huber", "Ayse"].map(|name| shipment(name, 90_000, |_| {})));
    for name in ["Kaya", "Huber"] {
        world.phone.scan(name);
    }
    // Something unsent that must not be lost.
    enter(&world, &world.phone, "Huber", &world.digits("Huber")).unwrap();
    world.phone.hand_over("Huber", Receiver::Household, Some("Kim Berger")).unwrap();
    world
}

fn route(phone: &Phone) -> Connection {
    Connection::open(phone.dir().join("data/route.db")).unwrap()
}

/// Ways to spoil the row of one verifier, as SQL with the ids of two.
const SPOILED: [(&str, &str); 6] = [
    (
        "changed",
        "UPDATE object SET sealed = CAST(substr(sealed, 1, 40) || x'0000000000000000' || substr(sealed, 49) AS BLOB)
         WHERE id = ?1 AND ?2 <> ''",
    ),
    ("cut short", "UPDATE object SET sealed = substr(sealed, 1, 20) WHERE id = ?1 AND ?2 <> ''"),
    ("emptied", "UPDATE object SET sealed = x'' WHERE id = ?1 AND ?2 <> ''"),
    (
        "swapped with another's",
        "UPDATE object SET sealed = (SELECT sealed FROM object WHERE id = ?2),
         sealed_rev = (SELECT sealed_rev FROM object WHERE id = ?2) WHERE id = ?1",
    ),
    ("moved to another revision", "UPDATE object SET sealed_rev = sealed_rev + 1 WHERE id = ?1 AND ?2 <> ''"),
    ("moved to another table", "UPDATE object SET kind = 'stop' WHERE id = ?1 AND ?2 <> ''"),
];

#[test]
fn a_spoiled_verifier_stops_the_entry_while_the_app_runs_and_nothing_else() {
    for (what, sql) in SPOILED {
        let world = world();
        let codes = [verifier_of(&world, "Kaya").code_id, verifier_of(&world, "Ayse").code_id];
        let changed =
            route(&world.phone).execute(sql, params![codes[0].as_str(), codes[1].as_str()]).unwrap();
        assert_eq!(changed, 1, "{what}");
        let before = world.phone.count("try-counted");
        let refused = enter(&world, &world.phone, "Kaya", &world.digits("Kaya"));
        assert!(
            matches!(refused, Err(CourierError::Storage { .. } | CourierError::NotFound)),
            "a verifier that was {what} was used: {refused:?}"
        );
        assert_eq!(
            world.phone.count("try-counted"),
            before,
            "{what}: an entry that was not looked at was counted"
        );
        assert!(!world.phone.door("Kaya").1.exits.is_empty());
        world.phone.fail("Kaya", Reason::CodeNotAvailable).unwrap();
        assert_eq!(world.phone.sync().pending, 0, "{what}: something unsent was lost");
        assert_eq!(world.tracking("Huber").state.word(), "delivered");
    }
}

#[test]
fn a_spoiled_route_is_fetched_again_at_the_next_start_and_no_fact_is_lost() {
    for (what, sql) in SPOILED {
        let mut world = world();
        let codes = [verifier_of(&world, "Kaya").code_id, verifier_of(&world, "Ayse").code_id];
        world.phone.close();
        route(&world.phone).execute(sql, params![codes[0].as_str(), codes[1].as_str()]).unwrap();
        world.phone.restart();
        assert!(
            world.phone.core().route().unwrap().is_none(),
            "a route with a row that was {what} is shown as if nothing had been"
        );
        assert_eq!(world.phone.count("route-dropped"), 1, "{what}");
        assert_eq!(world.phone.sync().pending, 0);
        assert_eq!(world.tracking("Huber").state.word(), "delivered");
        let entered = enter(&world, &world.phone, "Kaya", &world.digits("Kaya"));
        assert!(matches!(entered, Ok(CommandResult::CodeMatched { .. })), "{what}: {entered:?}");
    }
}

#[test]
fn sealed_parts_of_the_journal_that_were_moved_do_not_open_and_their_facts_are_sent_all_the_same() {
    let mut world = world();
    enter(&world, &world.phone, "Kaya", &world.digits("Kaya")).unwrap();
    world.phone.hand_over("Kaya", Receiver::Household, Some("Kim Canary")).unwrap();
    world.phone.close();
    let journal = Connection::open(world.phone.dir().join("data/journal.db")).unwrap();
    journal
        .execute_batch("DROP TRIGGER a_private_part_is_only_purged; UPDATE draft SET body = zeroblob(100)")
        .unwrap();
    let part = |seq: u64| -> Vec<u8> {
        journal.query_row("SELECT private FROM fact WHERE seq = ?1", [seq], |row| row.get(0)).unwrap()
    };
    let seqs: Vec<u64> = journal
        .prepare("SELECT seq FROM fact WHERE kind = 'handed_over'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let swapped = [(seqs[0], part(seqs[1])), (seqs[1], part(seqs[0]))];
    for (seq, part) in swapped {
        journal.execute("UPDATE fact SET private = ?2 WHERE seq = ?1", params![seq, part]).unwrap();
    }
    drop(journal);
    world.phone.restart();
    assert_eq!(world.phone.sync().pending, 0, "something unsent was lost");
    assert!(world.phone.count("private-part-unreadable") >= 2, "a private part opened in another place");
    assert_eq!(
        (world.tracking("Huber").state.word(), world.tracking("Kaya").state.word()),
        ("delivered", "delivered")
    );
}

#[test]
fn a_route_sealed_under_another_days_key_does_not_open() {
    let mut world = world();
    world.phone.close();
    let keys = world.phone.dir().join("secrets/secure");
    for name in ["cache-key-0", "cache-key-1"] {
        if keys.join(name).exists() {
            std::fs::write(keys.join(name), [7; 32]).unwrap();
        }
    }
    world.phone.restart();
    assert!(world.phone.core().route().unwrap().is_none());
    assert_eq!(world.phone.sync().pending, 0);
    assert_eq!(world.phone.route().stops.len(), 3);
}

#[test]
fn with_every_key_a_phone_can_be_made_to_say_yes_and_the_judge_says_no() {
    let mut world = world();
    let (mine, others) = (verifier_of(&world, "Kaya"), verifier_of(&world, "Huber"));
    world.phone.close();
    let key = ["cache-key-0", "cache-key-1"]
        .iter()
        .find_map(|name| std::fs::read(world.phone.dir().join("secrets/secure").join(name)).ok())
        .map(|bytes| RowKey::from_bytes(&bytes).unwrap())
        .unwrap();
    // The tag of a code that the thief knows, in the place of the one that they do not know.
    let mut forged = others.clone();
    (forged.attempt, forged.code_id) = (mine.attempt.clone(), mine.code_id.clone());
    let (known, verifier) = known_code(&forged);
    let connection = route(&world.phone);
    let rev: u64 = connection
        .query_row("SELECT sealed_rev FROM object WHERE id = ?1", [mine.code_id.as_str()], |row| row.get(0))
        .unwrap();
    let op = RouteOp::put(&Object::Verifier(verifier), rev).unwrap();
    let id = format!("verifier/{}", mine.code_id.as_str());
    let aad = RowAad { table: "object", id: &id, rev };
    let sealed =
        key.seal(&mut ChaCha20Rng::seed_from_u64(1), &aad, &serde_json::to_vec(&op).unwrap()).unwrap();
    connection
        .execute("UPDATE object SET sealed = ?2 WHERE id = ?1", params![mine.code_id.as_str(), sealed])
        .unwrap();
    drop(connection);
    world.phone.restart();
    let entered = enter(&world, &world.phone, "Kaya", &known);
    assert!(matches!(entered, Ok(CommandResult::CodeMatched { .. })), "{entered:?}");
    world.phone.hand_over("Kaya", Receiver::Recipient, None).unwrap();
    world.phone.sync();
    let standing = world.phone.door("Kaya").1.state;
    assert!(format!("{standing:?}").contains("Refuted"), "{standing:?}");
    assert_ne!(world.tracking("Kaya").state.word(), "delivered", "a forged verifier delivered a parcel");
    assert!(world.service().totals().unwrap().reviews["tamper"] >= 1, "nobody was told");
}

/// A verifier in the form of `like` for digits of the thief's choice.
fn known_code(like: &courier_domain::Verifier) -> (String, courier_domain::Verifier) {
    let chosen = "123456".to_owned();
    let mut verifier = like.clone();
    verifier.tag = courier_codes::kdf::tag_of(&courier_codes::Code::parse(&chosen).unwrap(), like).unwrap();
    (chosen, verifier)
}
