//! The end of the day: phone, backend and mails have to tell the story that was played.

use std::collections::BTreeMap;
use std::fmt;

use courier_backend::service::{Service, Totals};
use courier_domain::view::Counts;

use super::day::Act;
use super::door::Door;
use super::{Outcome, words};
use crate::phone::Phone;

/// One total, as it was played and as somebody counts it.
pub(super) struct Row {
    what: &'static str,
    played: u64,
    found: u64,
    place: &'static str,
}

/// The totals of what was played. Nothing in it was asked of phone or backend.
struct Played {
    handed: u64,
    refuted: u64,
    failed: u64,
    mis_taps: u64,
    coded: u64,
    decoys: u64,
    parcels: u64,
    handed_parcels: u64,
    refuted_parcels: u64,
}

impl Played {
    fn of(doors: &[Door]) -> Self {
        let count = |of: fn(&Door) -> bool| doors.iter().filter(|door| of(door)).count() as u64;
        let parcels =
            |of: fn(&Door) -> bool| doors.iter().filter(|door| of(door)).map(|it| it.parcels).sum::<u64>();
        Self {
            handed: count(Door::is_handed),
            refuted: count(Door::is_refuted),
            failed: count(|door| !door.is_handed()),
            mis_taps: count(|door| door.act == Act::MisTap),
            coded: count(|door| door.coded),
            decoys: count(Door::has_decoy),
            parcels: parcels(|_| true),
            handed_parcels: parcels(Door::is_handed),
            refuted_parcels: parcels(Door::is_refuted),
        }
    }

    fn rows(&self, phone: &Counts, waiting: u64, backend: &Totals) -> Vec<Row> {
        let of = |map: &BTreeMap<String, u64>, word: &str| map.get(word).copied().unwrap_or(0);
        let (facts, board) = (&backend.facts, &backend.shipments);
        let (mails, reviews) = (&backend.mails, &backend.reviews);
        let delivered = self.handed - self.refuted;
        let not_delivered = self.failed + self.mis_taps;
        let row = |what, played, found, place| Row { what, played, found, place };
        vec![
            row("shipments handed over", self.handed, of(facts, "handed_over"), "facts at the backend"),
            row("confirmed of these", delivered, of(board, "delivered"), "delivered on the board"),
            row("", delivered, of(mails, "delivered") + of(mails, "at_neighbour"), "mails about it"),
            row("refuted of these", self.refuted, of(board, "frozen"), "frozen on the board"),
            row("parcels handed over", self.handed_parcels, phone.handed_over.into(), "on the phone"),
            row(
                "confirmed of these",
                self.handed_parcels - self.refuted_parcels,
                backend.parcels_handed,
                "at the backend",
            ),
            row(
                "not delivered, mis-taps too",
                not_delivered,
                of(facts, "not_delivered"),
                "facts at the backend",
            ),
            row("", not_delivered, of(mails, "attempt_failed"), "mails about it"),
            row("codes", self.coded, of(mails, "your_code"), "mails with one"),
            row("decoys", self.decoys, of(mails, "code_frozen"), "mails that the code is frozen"),
            row("", self.decoys, of(reviews, "decoy"), "reviews for a decoy"),
            row(
                "second decoy of a courier",
                self.decoys.saturating_sub(1),
                of(reviews, "two-decoys"),
                "reviews for two in 30 days",
            ),
            row(
                "outcomes confirmed",
                self.parcels - self.refuted_parcels,
                phone.confirmed.into(),
                "parcels on the phone",
            ),
            row("outcomes refuted", self.refuted_parcels, phone.refuted.into(), "parcels on the phone"),
            row("facts that wait", 0, waiting, "on the phone"),
            row(
                "reviews",
                self.decoys + self.decoys.saturating_sub(1),
                reviews.values().sum(),
                "opened by the judge",
            ),
        ]
    }
}

impl Row {
    fn agrees(&self) -> bool {
        self.played == self.found
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, played, found, place } = self;
        let mark = if self.agrees() { "=" } else { "≠" };
        write!(f, "{what:<28} {played:>4} {mark} {found:<4} {place}")
    }
}

/// Every total from each side.
pub(super) fn compare(service: &Service, phone: &Phone, doors: &[Door]) -> Outcome<Vec<Row>> {
    let glance = phone.glance().map_err(words)?;
    let counts = glance.route.ok_or("there is no route")?.counts;
    Ok(Played::of(doors).rows(&counts, glance.pending, &service.totals().map_err(words)?))
}

/// Whether the day was as it was played.
pub(super) fn all_agree(rows: &[Row]) -> bool {
    rows.iter().all(Row::agrees)
}
