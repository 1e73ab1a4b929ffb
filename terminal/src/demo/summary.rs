//! The end of the day: phone, backend and mails have to tell the same story.

use courier_backend::service::Service;

use super::door::Door;
use super::files::Act;
use super::phone::Phone;
use super::{Outcome, words};

/// Prints every total from each side; says whether all agree.
pub(super) fn compare(service: &Service, phone: &Phone, doors: &[Door]) -> Outcome<bool> {
    let counts = phone.route()?.counts;
    let totals = service.totals().map_err(words)?;
    let of = |map: &std::collections::BTreeMap<String, u64>, word: &str| map.get(word).copied().unwrap_or(0);
    let handed = doors.iter().filter(|door| door.is_handed()).count() as u64;
    let failed = doors.len() as u64 - handed;
    let mis_taps = doors.iter().filter(|door| door.act == Act::MisTap).count() as u64;
    let coded = doors.iter().filter(|door| door.digits.is_some()).count() as u64;
    let mails = &totals.mails;
    let rows = [
        ("shipments handed over", handed, of(&totals.facts, "handed_over"), "facts at the backend"),
        ("", handed, of(&totals.shipments, "delivered"), "delivered on the board"),
        ("", handed, of(mails, "delivered") + of(mails, "at_neighbour"), "mails about it"),
        ("parcels handed over", u64::from(counts.handed_over), totals.parcels_handed, "at the backend"),
        (
            "not delivered, mis-taps too",
            failed + mis_taps,
            of(&totals.facts, "not_delivered"),
            "facts at the backend",
        ),
        ("", failed + mis_taps, of(mails, "attempt_failed"), "mails about it"),
        ("codes", coded, of(mails, "your_code"), "mails with one"),
        (
            "outcomes on the phone",
            u64::from(counts.parcels),
            u64::from(counts.confirmed),
            "confirmed by the judge",
        ),
        ("facts that wait", 0, phone.unsent()?, "on the phone"),
        ("reviews", 0, totals.reviews.values().sum(), "opened by the judge"),
    ];
    println!();
    let mut agree = true;
    for (what, expected, found, place) in rows {
        let mark = if expected == found { "=" } else { "≠" };
        agree &= expected == found;
        println!("{what:<28} {expected:>4} {mark} {found:<4} {place}");
    }
    Ok(agree)
}
