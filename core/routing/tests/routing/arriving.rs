//! Arrivals on made-up drives, and what is none.

use courier_routing::arrival::{ArrivalDetector, Fix, Sighting};
use courier_routing::fence::{Fence, fences, wake_ups};
use courier_routing::random::Random;

use crate::drive::{Drive, Trouble, at};

#[derive(Debug, Default)]
struct Score {
    stops: usize,
    right: usize,
    /// At the right stop, but still on the way to it.
    early: usize,
    wrong: usize,
    missed: usize,
    asked: usize,
    /// Seconds between the true begin of a visit and the arrival's own.
    off_s: Vec<i64>,
}

/// Drives `days` of 12 stops each, `wrong_pins` of 100 of which are far from the door.
fn drive(seed: u64, days: usize, trouble: Trouble, wrong_pins: usize) -> Score {
    let mut random = Random::new(seed);
    let mut score = Score::default();
    for _ in 0..days {
        let mut door = (0.0, 0.0);
        let doors: Vec<(f64, f64)> = (0..12)
            .map(|_| {
                let hop = |random: &mut Random| random.below(900) as f64 - 450.0;
                door = (door.0 + hop(&mut random), door.1 + 80.0 + random.below(500) as f64);
                door
            })
            .collect();
        let pins: Vec<_> = doors
            .iter()
            .enumerate()
            .map(|(stop, door)| {
                let off = if random.below(100) < wrong_pins { 180.0 } else { random.below(15) as f64 };
                (stop, at(door.0 + off, door.1), None)
            })
            .collect();
        let mut ahead = fences(&pins);
        let mut drive = Drive::new(&mut random, trouble);
        for (stop, &door) in doors.iter().enumerate() {
            drive.visit(stop, door);
        }
        drive.visit(usize::MAX, (door.0 + 2_000.0, door.1 + 2_000.0));
        let mut detector = ArrivalDetector::default();
        let (mut arrived, mut began) = (None, None);
        let mut really = None;
        for sample in &drive.samples {
            if sample.really_at != really {
                // The stop is done, and the courier has closed it, whether the arrival was seen or not.
                if let Some(stop) = really.filter(|&stop| stop < doors.len()) {
                    detector.set_at(None);
                    score.stops += 1;
                    score.missed += usize::from(arrived != Some(stop));
                    ahead.retain(|fence| fence.stop != stop);
                }
                (really, began) = (sample.really_at, Some(sample.fix.at_ms));
            }
            match detector.fix(sample.fix, &ahead) {
                Some(Sighting::Arrived { stop, since_ms }) => {
                    if really == Some(stop) {
                        score.right += 1;
                        score.off_s.extend(began.map(|began| (since_ms - began) / 1_000));
                    } else if really.is_none() && ahead.first().is_some_and(|next| next.stop == stop) {
                        score.early += 1;
                    } else {
                        score.wrong += 1;
                    }
                    arrived = Some(stop);
                    ahead.retain(|fence| fence.stop != stop);
                }
                Some(Sighting::Near { .. }) => score.asked += 1,
                Some(Sighting::Left { .. }) | None => {}
            }
        }
    }
    score.off_s.sort_unstable();
    score
}

fn median(values: &[i64]) -> i64 {
    values[values.len() / 2]
}

#[test]
fn every_arrival_of_an_easy_drive_is_seen_and_no_other() {
    let score = drive(51, 25, Trouble::default(), 0);
    assert_eq!((score.stops, score.right, score.wrong, score.missed), (300, 300, 0, 0));
    assert!((-15..=15).contains(&median(&score.off_s)), "{} s off", median(&score.off_s));
}

#[test]
fn traffic_lights_tunnels_and_reflections_cost_few_arrivals_and_make_fewer() {
    let trouble = Trouble { tunnels: 20, reflections: 30, red_lights: 25, no_speed: false };
    let score = drive(52, 40, trouble, 0);
    let percent = |count: usize| count * 1_000 / score.stops; // in tenths
    assert!(percent(score.missed) <= 20, "{score:?}");
    assert!(percent(score.wrong) <= 20, "{score:?}");
    assert!(percent(score.early) <= 60, "{score:?}");
}

#[test]
fn a_phone_that_tells_no_speed_is_enough() {
    let trouble = Trouble { red_lights: 15, no_speed: true, ..Trouble::default() };
    let score = drive(53, 25, trouble, 0);
    assert!(score.missed * 100 <= score.stops * 3, "{score:?}");
    assert!((score.wrong + score.early) * 100 <= score.stops * 6, "{score:?}");
}

#[test]
fn at_a_wrong_pin_the_courier_is_asked() {
    let score = drive(54, 40, Trouble::default(), 20);
    assert!(score.missed > score.stops / 10, "pins are wrong: {} missed", score.missed);
    assert!(score.asked * 3 > score.missed, "{} asked, {} missed", score.asked, score.missed);
    assert!(score.wrong * 50 <= score.stops, "{} of {} wrong", score.wrong, score.stops);
}

fn fence(stop: usize, east: f64, radius_m: u32) -> Fence {
    Fence { stop, door: at(east, 0.0), parking: None, radius_m }
}

/// Fixes every two seconds from one place to another, at a speed.
fn fixes(from: (f64, f64), to: (f64, f64), seconds: i64, begin_s: i64) -> Vec<Fix> {
    let speed = (to.0 - from.0).hypot(to.1 - from.1) / seconds as f64;
    (0..=seconds / 2)
        .map(|step| {
            let part = (step * 2) as f64 / seconds as f64;
            let point = at(from.0 + (to.0 - from.0) * part, from.1 + (to.1 - from.1) * part);
            let at_ms = (begin_s + step * 2) * 1_000;
            Fix { at_ms, received_ms: at_ms, point, accuracy_m: 8, speed_dm_s: Some((speed * 10.0) as u32) }
        })
        .collect()
}

fn sightings(fixes: &[Fix], ahead: &[Fence]) -> Vec<Sighting> {
    let mut detector = ArrivalDetector::default();
    fixes.iter().filter_map(|&fix| detector.fix(fix, ahead)).collect()
}

fn arrivals(fixes: &[Fix], ahead: &[Fence]) -> Vec<usize> {
    let stops = sightings(fixes, ahead).into_iter().filter_map(|sighting| match sighting {
        Sighting::Arrived { stop, .. } => Some(stop),
        _ => None,
    });
    stops.collect()
}

#[test]
fn of_two_neighbouring_doors_the_next_on_the_route_is_meant() {
    let ahead = [fence(7, 0.0, 60), fence(8, 25.0, 60)];
    let walking = [fixes((-60.0, 0.0), (12.0, 0.0), 60, 0), fixes((12.0, 0.0), (12.0, 0.0), 60, 62)].concat();
    assert_eq!(arrivals(&walking, &ahead), [7]);
    let turned = [ahead[1], ahead[0]];
    assert_eq!(arrivals(&walking, &turned), [8], "the route says so, and the fixes cannot tell");
}

#[test]
fn a_later_stop_is_arrived_at_only_after_longer_than_a_traffic_light() {
    let ahead = [fence(1, 900.0, 80), fence(2, 0.0, 80)];
    let red = fixes((5.0, 0.0), (5.0, 0.0), 60, 0);
    assert!(arrivals(&red, &ahead).is_empty(), "a minute at a light");
    let visit = fixes((5.0, 0.0), (5.0, 0.0), 120, 0);
    assert_eq!(arrivals(&visit, &ahead), [2], "the courier has changed their mind");
}

#[test]
fn driving_past_is_no_arrival() {
    let past = fixes((-500.0, 5.0), (500.0, 5.0), 100, 0);
    assert!(sightings(&past, &[fence(1, 0.0, 100)]).is_empty());
}

#[test]
fn fixes_that_are_old_or_vague_or_impossible_say_nothing() {
    let ahead = [fence(1, 0.0, 80)];
    let good = fixes((0.0, 0.0), (0.0, 0.0), 60, 0);
    assert_eq!(arrivals(&good, &ahead), [1]);
    let changed = |change: &dyn Fn(&mut Fix)| {
        let mut fixes = good.clone();
        fixes.iter_mut().for_each(change);
        arrivals(&fixes, &ahead)
    };
    assert!(changed(&|fix| fix.accuracy_m = 120).is_empty(), "vague");
    assert!(changed(&|fix| fix.received_ms += 60_000).is_empty(), "a minute old");
    assert!(changed(&|fix| fix.at_ms = 1_000).is_empty(), "one fix again and again");
    // Reflected for two fixes to a place two kilometres off, in the middle of the visit.
    let mut reflected = good.clone();
    for fix in &mut reflected[10..12] {
        fix.point = at(2_000.0, 0.0);
    }
    assert_eq!(arrivals(&reflected, &ahead), [1]);
}

#[test]
fn who_leaves_is_seen_to_leave_and_the_rest_of_the_van_is_not() {
    let ahead = [fence(1, 0.0, 80), fence(2, 1_500.0, 80)];
    let visit = fixes((0.0, 0.0), (0.0, 0.0), 60, 0);
    let walking = fixes((0.0, 0.0), (60.0, 0.0), 46, 62);
    let away = fixes((60.0, 0.0), (700.0, 0.0), 64, 110);
    let mut detector = ArrivalDetector::default();
    let mut seen = |fixes: &[Fix]| -> Vec<Sighting> {
        fixes.iter().filter_map(|&fix| detector.fix(fix, &ahead[usize::from(fix.at_ms > 60_000)..])).collect()
    };
    assert!(matches!(seen(&visit)[..], [Sighting::Arrived { stop: 1, .. }]));
    assert!(seen(&walking).is_empty());
    assert!(matches!(seen(&away)[..], [Sighting::Left { stop: 1, .. }]));
}

#[test]
fn fences_are_smaller_where_doors_are_near_each_other() {
    let radii = |doors: &[f64]| -> Vec<u32> {
        let stops: Vec<_> = doors.iter().zip(0..).map(|(&east, stop)| (stop, at(east, 0.0), None)).collect();
        fences(&stops).iter().map(|fence| fence.radius_m).collect()
    };
    assert_eq!(radii(&[0.0, 1_000.0]), [100, 100]);
    assert_eq!(radii(&[0.0, 20.0]), [30, 30]);
    assert!(radii(&[0.0, 90.0, 1_000.0])[0] < 65);
    assert_eq!(radii(&[0.0, 1.0]), [100, 100], "one house");
    assert_eq!(radii(&[5.0]), [100]);
}

#[test]
fn a_phone_is_woken_for_the_next_stops_and_once_for_those_in_one_circle() {
    let ahead = [fence(4, 0.0, 60), fence(5, 40.0, 60), fence(6, 800.0, 100), fence(7, 5_000.0, 100)];
    let circles = wake_ups(&ahead, 2);
    assert_eq!(circles.iter().map(|circle| circle.stop).collect::<Vec<_>>(), [4, 6]);
    assert!(circles.iter().all(|circle| circle.radius_m == 150));
    assert!(wake_ups(&ahead, 0).is_empty());
}
