//! Everything that was ever made of one code, put together: two tags of one code would leave one candidate or two.

use courier_codes::encoding::decode;
use courier_domain::{Command, Reason, Verifier};
use courier_tests::ask;
use courier_tests::world::{DAY, World, shipment};

use crate::candidates::{EVERY, EVERY_TENTH, Hashes, Tag};
use crate::day::{enter, fits, misses};
use crate::thief::Loot;

/// What happens, in words and as a deed.
type Event = (&'static str, fn(&mut World));

/// What may happen to a code that lives.
const EVENTS: [Event; 4] = [
    ("published again", |world| {
        world.service().publish(&world.courier, DAY.parse().unwrap()).unwrap();
    }),
    ("instructions changed", |world| {
        let path = format!("{}/instructions", world.tracking_path("Kaya"));
        let form = ["content-type: application/x-www-form-urlencoded"];
        assert_eq!(ask(&world.url, "POST", &path, &form, b"neighbour=Huber").status, 303);
    }),
    ("a try", |world| {
        let wrong = misses(&world.verifiers(), 314_159).next().unwrap();
        enter(world, &world.phone, "Kaya", &wrong).unwrap();
        world.phone.sync();
    }),
    ("everything fetched again", |world| {
        world.phone.close();
        for name in ["route.db", "route.db-wal", "route.db-shm"] {
            let _ = std::fs::remove_file(world.phone.dir().join("data").join(name));
        }
        world.phone.restart();
    }),
];

/// The verifier of the code that lives.
fn newest_verifier(world: &World) -> Verifier {
    let right = world.digits("Kaya");
    world.verifiers().into_iter().find(|verifier| fits(&right, verifier)).unwrap()
}

#[test]
fn one_code_has_one_tag_ever_on_every_phone_and_after_whatever_happens() {
    let mut world = World::overheard(&[shipment("Kaya", 90_000, |_| {})]);
    let dir = tempfile::tempdir().unwrap();
    let other = world.another_phone(dir.path());
    world.phone.scan("Kaya");
    let mut codes = vec![(world.digits("Kaya"), newest_verifier(&world))];
    for (what, happens) in EVENTS {
        happens(&mut world);
        world.phone.sync();
        other.sync();
        assert_eq!(world.digits("Kaya"), codes[0].0, "{what}: the code changed");
    }
    // A new code for the same attempt, under the same salt.
    world.service().reissue(&world.phone.place("Kaya").1, "lost", None).unwrap();
    world.phone.sync();
    other.sync();
    codes.push((world.digits("Kaya"), newest_verifier(&world)));
    let mut loot = vec![Loot::of(&world.phone, world.wire.as_ref()), Loot::of(&other, None)];
    world.phone.fail("Kaya", Reason::CodeNotAvailable).unwrap();
    world.phone.sync();
    world.phone.go(Command::CloseDay).unwrap();
    world.advance(24 * 3_600_000);
    world.service().publish(&world.courier, "2026-11-25".parse().unwrap()).unwrap();
    world.phone.sync();
    other.sync();
    world.phone.go(Command::StartDay).unwrap();
    codes.push((world.digits("Kaya"), newest_verifier(&world)));
    loot.extend([Loot::of(&world.phone, world.wire.as_ref()), Loot::of(&other, None)]);
    world.phone.restart();

    let stolen: Vec<Verifier> = loot.iter().flat_map(|loot| loot.verifiers.clone()).collect();
    assert!(stolen.len() > 8, "only {} verifiers were found", stolen.len());
    for ((right, issued), every) in codes.iter().zip([EVERY, EVERY_TENTH, EVERY_TENTH]) {
        // The thief does not know which tags are of this code; those that are, all fit it.
        let mut tags: Vec<&Verifier> = Vec::new();
        for verifier in stolen.iter().filter(|verifier| fits(right, verifier)) {
            if !tags.contains(&verifier) {
                tags.push(verifier);
            }
        }
        assert!(tags.contains(&issued), "the thief did not find the verifier");
        let what = format!("{} tags of one code put together", tags.len());
        let mut left: Option<Vec<u32>> = None;
        for verifier in tags {
            let (tag, salt) = (Tag::of(verifier), decode(verifier.salt.as_str()).unwrap());
            let hashes = Hashes::under(&salt, &verifier.kdf, right, every);
            let mut fit = hashes.filter(|_, hash| tag.fits(hash));
            fit.retain(|number| left.as_ref().is_none_or(|left| left.contains(number)));
            hashes.assert_enough(&fit, right, &what);
            left = Some(fit);
        }
    }
}
