//! A day with everything in it that could betray a code.

use courier_codes::{Entry, check};
use courier_domain::{CodeEntry, Command, Reason, Receiver, Verifier};
use courier_engine::{CommandResult, CourierError};
use courier_tests::phone::Phone;
use courier_tests::world::{World, shipment};

use crate::candidates::{ALL, digits};
use crate::thief::Loot;

/// Whether digits fit a verifier, as the phone sees it.
pub(crate) fn fits(text: &str, verifier: &Verifier) -> bool {
    let entry = Entry::parse(&CodeEntry::Digits(text.into())).unwrap();
    check(&entry, std::slice::from_ref(verifier)).unwrap().is_some()
}

/// The first candidates from `from` on that fit none of these verifiers.
pub(crate) fn misses(verifiers: &[Verifier], from: u32) -> impl Iterator<Item = String> {
    (from..ALL).map(digits).filter(|text| verifiers.iter().all(|verifier| !fits(text, verifier)))
}

/// The first candidate other than the right one that fits a tag.
pub(crate) fn decoy(verifier: &Verifier, right: &str) -> String {
    (0..ALL).map(digits).find(|text| text != right && fits(text, verifier)).unwrap()
}

/// The verifier that the right digits of a recipient fit.
pub(crate) fn verifier_of(world: &World, recipient: &str) -> Verifier {
    let (_, attempt) = world.phone.place(recipient);
    world.verifiers().into_iter().find(|verifier| verifier.attempt == attempt).unwrap()
}

/// The day, played.
pub(crate) struct Day {
    /// Right codes, with their verifiers as issued.
    pub(crate) right: Vec<(String, Verifier)>,
    /// Wrong entries that were made.
    pub(crate) wrong: Vec<String>,
    /// What was taken while the day went on, and when it was over.
    pub(crate) loot: [Loot; 2],
}

/// Who gets a parcel with a code.
pub(crate) const CODED: [&str; 6] = ["Right", "Token", "Again", "Wrong", "Decoy", "Open"];

impl Day {
    /// Plays it.
    pub(crate) fn play() -> Self {
        let mut shipments: Vec<_> = CODED.map(|name| shipment(name, 90_000, |_| {})).into();
        shipments.push(shipment("Plain", 100, |_| {}));
        let world = World::overheard(&shipments);
        let verifiers = world.verifiers();
        let right: Vec<_> = CODED.map(|name| (world.digits(name), verifier_of(&world, name))).into();
        let wrong: Vec<_> = misses(&verifiers, 271_828).take(6).collect();
        let decoy = decoy(&right[4].1, &right[4].0);
        for name in CODED {
            world.phone.scan(name);
        }

        // In the cellar: nothing is sent.
        enter(&world, &world.phone, "Right", &right[0].0).unwrap();
        hand_over(&world.phone, "Right", Some("Kim Berger"));
        let qr = CodeEntry::Token(world.tracking("Token").code.unwrap().qr);
        world.phone.go(Command::EnterCode { stop: world.phone.place("Token").0, entry: qr }).unwrap();
        hand_over(&world.phone, "Token", None);
        for text in &wrong[..2] {
            enter(&world, &world.phone, "Again", text).unwrap();
        }
        enter(&world, &world.phone, "Again", &right[2].0).unwrap();
        let before = Loot::of(&world.phone, world.wire.as_ref());
        world.phone.sync();

        // Online.
        for text in &wrong[2..] {
            enter(&world, &world.phone, "Wrong", text).unwrap();
            world.phone.sync();
        }
        enter(&world, &world.phone, "Decoy", &decoy).unwrap();
        hand_over(&world.phone, "Decoy", Some("Kim Berger"));
        hand_over(&world.phone, "Again", None);
        world.phone.scan("Plain");
        hand_over(&world.phone, "Plain", Some("Kim Berger"));
        world.phone.fail("Wrong", Reason::CodeNotAvailable).unwrap();
        world.phone.sync();
        world.phone.sync();
        let after = Loot::of(&world.phone, world.wire.as_ref());
        let wrong = [wrong, vec![decoy]].concat();
        Self { right, wrong, loot: [before, after] }
    }
}

/// Enters digits, patiently.
pub(crate) fn enter(
    world: &World,
    phone: &Phone,
    recipient: &str,
    text: &str,
) -> Result<CommandResult, CourierError> {
    world.advance(120_000);
    phone.enter(recipient, text)
}

fn hand_over(phone: &Phone, recipient: &str, name: Option<&str>) {
    let receiver = if name.is_some() { Receiver::Household } else { Receiver::Recipient };
    phone.hand_over(recipient, receiver, name).unwrap();
}
