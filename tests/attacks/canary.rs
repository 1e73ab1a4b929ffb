//! A day with names, notes and codes that are nowhere else in the world, and then a look into everything.

use courier_codes::encoding::decode;
use courier_codes::private;
use courier_domain::{Command, Receiver, ReceiverDetails};
use courier_tests::wire::{Message, value};
use courier_tests::world::{World, shipment};
use memchr::memmem;
use serde_json::{Value, json};

use crate::candidates::sha256;
use crate::day::{decoy, enter, misses, verifier_of};
use crate::thief::Loot;

/// Names, places and texts. Some are the customer's, some the courier's.
const PLANTED: [&str; 11] = [
    "Zuckerhut",
    "Quittenbaum",
    "Jasminweg",
    "Fliederhof",
    "Holunder",
    "Rosenkavalier",
    "Vierter Stock",
    "Besserwisser",
    "Klingel kaputt",
    "Nachtigall",
    "+493055501234",
];

struct Canaries {
    world: World,
    digits: Vec<String>,
    said: Vec<String>,
}

fn play() -> Canaries {
    let special = |it: &mut Value| {
        it["recipient"]["name"] = json!("Quittenbaum");
        it["recipient"]["phone"] = json!("0049 (0)30 555-01234");
        it["address"]["street"] = json!("Jasminweg");
        it["access_notes"] = json!("Klingel kaputt");
        it["instructions"] =
            json!([{"kind": "neighbour", "data": {"name": "Fliederhof", "flat": "Vierter Stock"}}]);
    };
    let world = World::overheard(&[shipment("Zuckerhut", 90_000, special)]);
    let phone = &world.phone;
    let right = world.digits("Zuckerhut");
    let verifier = verifier_of_only(&world);
    let wrong = misses(std::slice::from_ref(&verifier), 161_803).next().unwrap();
    let decoy = decoy(&verifier, &right);
    phone.scan("Quittenbaum");
    let mut said = Vec::new();
    let (stop, attempt) = phone.place("Quittenbaum");
    let details = ReceiverDetails {
        name: Some("Holunder".into()),
        relation: Some("Besserwisser".into()),
        flat: Some("Rosenkavalier".into()),
        note: Some("Nachtigall".into()),
        ..ReceiverDetails::default()
    };
    let hand_over = || {
        let (attempt, details) = (attempt.clone(), details.clone());
        Command::HandOver { attempt, parcels: Vec::new(), receiver: Receiver::Household, details }
    };
    // Refused, wrong, fitting, handed over, withdrawn, not readable, too long.
    said.push(format!("{:?}", phone.go(hand_over())));
    said.push(format!("{:?}", enter(&world, phone, "Quittenbaum", &wrong)));
    said.push(format!("{:?}", enter(&world, phone, "Quittenbaum", &format!("{right}7"))));
    phone.sync();
    said.push(format!("{:?}", enter(&world, phone, "Quittenbaum", &decoy)));
    said.push(format!("{:?}", phone.go(hand_over())));
    said.push(format!("{:?}", phone.go(Command::Scan { stop, barcode: "unknown".into() })));
    let long = ReceiverDetails { note: Some("Nachtigall".repeat(10_000)), ..details.clone() };
    let too_long =
        Command::HandOver { attempt, parcels: Vec::new(), receiver: Receiver::Household, details: long };
    said.push(format!("{:?}", phone.go(too_long)));
    said.push(serde_json::to_string(&phone.core().diagnostics().unwrap()).unwrap());
    said.push(format!("{:?}", phone.core().diagnostics().unwrap()));
    for mode in ["portal", "lost_answer"] {
        world.net(mode, None);
        said.push(format!("{:?}", phone.sync()));
    }
    world.net("ok", None);
    said.push(format!("{:?}", phone.sync()));
    Canaries { world, digits: vec![right, wrong, decoy], said }
}

fn verifier_of_only(world: &World) -> courier_domain::Verifier {
    let verifier = verifier_of(world, "Quittenbaum");
    assert_eq!(world.verifiers().len(), 1);
    verifier
}

/// What of all this is in some bytes.
fn planted_in(bytes: &[u8], digits: &[String]) -> Vec<String> {
    let planted = PLANTED.iter().map(|text| (*text).to_owned()).chain(digits.iter().cloned());
    planted.filter(|text| memmem::find(bytes, text.as_bytes()).is_some()).collect()
}

fn assert_clean(bytes: &[u8], digits: &[String], what: &str) {
    let found = planted_in(bytes, digits);
    assert!(found.is_empty(), "personal data in {what}: {found:?}");
}

#[test]
fn names_are_only_in_sealed_rows_and_in_the_private_part_on_its_way() {
    let Canaries { world, digits, said } = play();
    for (path, bytes) in world.phone.files() {
        assert_clean(&bytes, &digits, &format!("the file {}", path.display()));
    }
    for line in world.phone.log() {
        assert_clean(line.as_bytes(), &digits, "the log");
    }
    for text in &said {
        assert_clean(text.as_bytes(), &digits, "what the core says of itself");
    }
    let mut private = Vec::new();
    for (asked, answered) in world.wire.as_ref().unwrap().exchanges() {
        let path = asked.head.split(' ').nth(1).unwrap().to_owned();
        for message in [&asked, &answered] {
            assert_clean(message.head.as_bytes(), &digits, &format!("the headers of {path}"));
        }
        assert_clean(&without_private(&asked, &mut private), &digits, &format!("the body sent to {path}"));
        // Down comes what the courier has to know, and never a code.
        let known: &[String] = &digits;
        let found = planted_in(&answered.body, known);
        let may_name = path.starts_with("/v1/route/changes");
        assert!(found.iter().all(|text| may_name && !known.contains(text)), "{path} answers {found:?}");
    }
    let travelled = private.join("\n");
    for own in ["Holunder", "Besserwisser", "Rosenkavalier", "Nachtigall"] {
        assert!(travelled.contains(own), "{own} did not travel: the search looks in the wrong place");
    }
    assert!(!digits.iter().any(|text| travelled.contains(text)), "a code is in a private part");
    // Inside the sealed rows there is what has to be there, so the thief's look into them works.
    let loot = Loot::of(&world.phone, None);
    let opened: Vec<u8> = loot
        .artefacts
        .iter()
        .filter(|it| it.name.starts_with("opened"))
        .flat_map(|it| it.bytes.clone())
        .collect();
    assert!(planted_in(&opened, &[]).contains(&"Quittenbaum".to_owned()));
    assert_eq!(planted_in(&opened, &digits).iter().filter(|text| digits.contains(text)).count(), 0);
}

/// The body without private parts, which are collected; signed parts are decoded.
fn without_private(message: &Message, private: &mut Vec<String>) -> Vec<u8> {
    let Ok(mut json) = serde_json::from_slice::<Value>(&message.body) else { return message.body.clone() };
    let mut signed = Vec::new();
    for fact in json["facts"].as_array_mut().into_iter().flatten() {
        if let Some(Value::String(packed)) = fact.as_object_mut().unwrap().remove("private") {
            private.push(String::from_utf8_lossy(&decode(&packed).unwrap()).into_owned());
        }
        let jws = fact["jws"].as_str().unwrap();
        signed.extend(courier_codes::read_jws(jws).unwrap().payload);
    }
    assert!(value(&message.head, "content-type").is_some());
    [json.to_string().into_bytes(), signed].concat()
}

#[test]
fn the_commitment_to_a_name_cannot_be_tried_with_names() {
    let Canaries { world, .. } = play();
    let loot = Loot::of(&world.phone, None);
    let commitments: Vec<_> = loot.facts.iter().filter_map(|fact| fact.private.clone()).collect();
    assert!(!commitments.is_empty());
    for part in &loot.private_parts {
        let bytes = decode(part).unwrap();
        let (_, plain) = bytes.split_at(32);
        // Whoever has only the signed fact, and guesses every word of its private part.
        for guess in [sha256(&[plain]), sha256(&[&[0; 32], plain]), sha256(&[&[0xff; 32], plain])] {
            let guess = courier_codes::encoding::encode_typed(&guess);
            assert!(!commitments.contains(&guess), "a guessed name fits its commitment");
        }
        assert!(commitments.iter().any(|commitment| private::unpack(part, commitment).is_ok()));
    }
}
