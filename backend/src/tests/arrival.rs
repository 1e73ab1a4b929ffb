//! When the courier comes, as the customer is told.

use courier_domain::{FactBody, Reason, RouteRef, UnixMs};

use super::day::{Day, HOUR, MORNING, PLAIN, shipment};
use super::phone::{Phone, failed, handed};
use crate::arrival::Arrival;
use crate::office::Actor;

const MINUTE: i64 = 60_000;

/// Three stops from west to east, some kilometres apart.
fn day() -> Day {
    let at = |reference: &str, lon: f64| {
        let mut it = shipment(reference, PLAIN, 1);
        it["pin"]["lon"] = lon.into();
        it
    };
    Day::with(&[at("Adam", 13.403), at("Bauer", 13.443), at("Celik", 13.483)])
}

fn say(phone: &mut Phone, day: &Day, reference: &str, at: i64, body: FactBody) {
    let mut payload = phone.payload(body);
    let route = day.attempts("Adam")[0].route.clone().unwrap();
    payload.route = Some(RouteRef { id: route, rev: 1 });
    payload.stop = day.attempts(reference)[0].stop.clone();
    payload.at.server_ms = Some(UnixMs(at));
    let item = phone.sign(&payload);
    phone.send(day, vec![item]);
}

fn told(day: &Day, reference: &str) -> Option<Arrival> {
    day.page(reference).arrival
}

/// Minutes from eight in the morning.
fn minutes(day: &Day, reference: &str) -> Option<(i64, i64)> {
    told(day, reference).map(|it| ((it.from.0 - MORNING) / MINUTE, (it.to.0 - MORNING) / MINUTE))
}

#[test]
fn a_customer_is_told_tens_of_minutes_once_the_courier_is_on_the_road() {
    let day = day();
    let mut phone = Phone::of(&day);
    assert_eq!(told(&day, "Bauer"), None, "nobody knows when the day begins");
    say(&mut phone, &day, "Adam", MORNING, FactBody::Arrived {});
    let (bauer, celik) = (minutes(&day, "Bauer").unwrap(), minutes(&day, "Celik").unwrap());
    assert_eq!((bauer, celik), ((10, 20), (20, 40)));
    assert_eq!(minutes(&day, "Adam"), Some((0, 10)), "there already");
    // Half an hour at the first door, and both come later.
    day.advance(30 * MINUTE);
    let (attempt, parcels) = (day.attempt("Adam"), day.parcels("Adam"));
    say(&mut phone, &day, "Adam", MORNING + 30 * MINUTE, handed(&attempt, &parcels, None));
    assert_eq!(told(&day, "Adam"), None, "it is delivered");
    assert_eq!((minutes(&day, "Bauer"), minutes(&day, "Celik")), (Some((30, 50)), Some((50, 70))));
}

#[test]
fn where_somebody_knows_how_long_it_takes_that_counts_and_not_the_straight_way() {
    let day = day();
    let mut phone = Phone::of(&day);
    say(&mut phone, &day, "Adam", MORNING, FactBody::Arrived {});
    assert!(minutes(&day, "Celik").unwrap().1 < 60, "straight on");
    let stop = |reference: &str| day.attempts(reference)[0].stop.clone().unwrap();
    let stops = [stop("Celik"), stop("Adam"), stop("Bauer")];
    let route = day.attempts("Adam")[0].route.clone().unwrap();
    // Over the only bridge it is an hour from Adam to Bauer, and half of that from Bauer to Celik.
    let (hour, half) = (3_600, 1_800);
    let rows = [vec![0, hour, half], vec![hour, 0, hour], vec![half, hour, 0]];
    day.service.office(Actor::Machine).put_matrix(&route, &stops, &rows).unwrap();
    for (reference, then) in [("Bauer", 60), ("Celik", 90)] {
        let (from, to) = minutes(&day, reference).unwrap();
        assert!(from > 30 && (from..=to).contains(&then), "{reference}: {from} to {to}");
    }
}

#[test]
fn while_nothing_is_heard_the_range_moves_along_and_in_the_end_nothing_is_said() {
    let day = day();
    let mut phone = Phone::of(&day);
    say(&mut phone, &day, "Adam", MORNING, FactBody::Arrived {});
    day.advance(HOUR);
    assert_eq!(minutes(&day, "Bauer").map(|it| it.0), Some(60), "never before now");
    day.advance(2 * HOUR);
    assert_eq!(told(&day, "Bauer"), None);
}

#[test]
fn the_couriers_own_order_counts_and_another_couriers_phone_does_not() {
    let day = day();
    let mut phone = Phone::of(&day);
    say(&mut phone, &day, "Adam", MORNING, FactBody::Arrived {});
    let stop = |reference: &str| day.attempts(reference)[0].stop.clone().unwrap();
    let order = ["Adam", "Celik", "Bauer"].map(stop).to_vec();
    say(&mut phone, &day, "Celik", MORNING, FactBody::RouteEdited { order, why: "next".into() });
    let (bauer, celik) = (told(&day, "Bauer").unwrap(), told(&day, "Celik").unwrap());
    assert!(celik.to < bauer.to, "{celik:?} {bauer:?}");
    let mut other = Phone::nth(&day, 2);
    other.from.courier = day.service.add_courier("Ben").unwrap();
    say(&mut other, &day, "Bauer", MORNING, FactBody::Arrived {});
    assert_eq!(told(&day, "Bauer"), Some(bauer));
}

#[test]
fn what_is_told_late_does_not_take_the_courier_back_and_the_end_of_the_day_ends_it() {
    let day = day();
    let mut phone = Phone::of(&day);
    day.advance(HOUR);
    say(&mut phone, &day, "Bauer", MORNING + 30 * MINUTE, FactBody::Arrived {});
    let before = told(&day, "Celik").unwrap();
    let (attempt, parcels) = (day.attempt("Adam"), day.parcels("Adam"));
    say(&mut phone, &day, "Adam", MORNING, failed(&attempt, &parcels, Reason::NotHome));
    assert!(told(&day, "Celik").unwrap().to < before.to, "a stop less on the way");
    assert_eq!(minutes(&day, "Bauer"), Some((60, 70)), "still there");
    // A clock that is ahead says no more than that they are there.
    say(&mut phone, &day, "Bauer", MORNING + 10 * HOUR, FactBody::Arrived {});
    assert_eq!(minutes(&day, "Bauer"), Some((60, 70)));
    say(&mut phone, &day, "Bauer", MORNING + HOUR, FactBody::DayClosed {});
    assert_eq!(told(&day, "Celik"), None);
}
