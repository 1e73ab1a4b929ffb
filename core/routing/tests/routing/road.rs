//! Travel, service and arrival times that learn.

use courier_routing::eta::{Eta, Promise, etas};
use courier_routing::geo::Point;
use courier_routing::live::LiveFactor;
use courier_routing::random::Random;
use courier_routing::service::{Expected, Place, ServiceTimes, Work};
use courier_routing::travel::{Pace, travel_times};
use courier_routing::{Matrix, Problem, Start, Stop};

const WORK: Work = Work { parcels: 1, extra_s: 0 };

fn place(address: u64, building: u64) -> Place {
    Place { address, building, zone: 7, depot: 1 }
}

#[test]
fn a_longer_way_never_takes_less_whatever_was_learned() {
    let mut random = Random::new(41);
    for _ in 0..50 {
        let mut pace = Pace::default();
        for _ in 0..random.below(60) {
            pace.learn(random.below(20_000) as u32, random.below(4_000) as u32);
        }
        let mut last = 0;
        for metres in (0..30_000).step_by(97) {
            let seconds = pace.seconds(metres);
            assert!(seconds >= last, "{metres} m in {seconds} s, a shorter way in {last} s");
            last = seconds;
        }
    }
}

#[test]
fn pace_is_learned_for_the_lengths_that_were_driven() {
    let mut pace = Pace::default();
    let (short, long) = (pace.seconds(300), pace.seconds(9_000));
    for _ in 0..200 {
        pace.learn(300, short * 2);
    }
    assert!((short * 18 / 10..=short * 21 / 10).contains(&pace.seconds(300)), "{}", pace.seconds(300));
    assert!(pace.seconds(9_000) < long * 13 / 10, "long legs were not driven");
    pace.learn(300, 1_000_000);
    pace.learn(0, 50);
    assert!(pace.seconds(300) < short * 22 / 10, "a break of days teaches nothing");
    assert_eq!(Pace::from_bytes(&pace.to_bytes()), Some(pace.clone()));
    assert_eq!(Pace::from_bytes(&[255; 64]), None);
    assert_eq!(Pace::from_bytes(&pace.to_bytes()[1..]), None);
}

#[test]
fn a_matrix_is_used_where_there_is_one() {
    let at = |lat, lon| Point::from_degrees(lat, lon).unwrap();
    let places = [at(52.5, 13.4), at(52.51, 13.4), at(52.5, 13.42)];
    let pace = Pace::default();
    let times = travel_times(&places, &pace, |from, to| (from == 0 && to == 1).then_some(77));
    assert_eq!((times.at(0, 1), times.at(1, 1)), (77, 0));
    assert_eq!(times.at(1, 0), pace.seconds(places[1].metres_to(places[0])));
    assert!((180..600).contains(&times.at(1, 0)), "1.1 km in a city: {} s", times.at(1, 0));
}

#[test]
fn service_is_learned_for_the_door_and_for_the_house() {
    let mut times = ServiceTimes::default();
    let first = times.expected(place(1, 10), WORK).seconds;
    assert_eq!(first, 101, "the mean, before anything is known");
    for day in 0..20 {
        times.learn(place(1, 10), WORK, 400, day);
    }
    let [door, house, quarter] =
        [place(1, 10), place(2, 10), place(3, 11)].map(|it| times.expected(it, WORK).seconds);
    assert!(door > house && house > quarter && quarter > first, "{door}, {house}, {quarter}, {first}");
    assert!((330..=400).contains(&door), "{door}");
    let elsewhere = Place { address: 5, building: 5, zone: 5, depot: 5 };
    assert_eq!(times.expected(elsewhere, WORK).seconds, first);
}

#[test]
fn a_stop_with_more_to_do_takes_longer_and_teaches_the_same() {
    let mut times = ServiceTimes::default();
    let much = Work { parcels: 6, extra_s: 40 };
    assert_eq!(times.expected(place(1, 1), much).seconds, 101 + 5 * 12 + 40);
    for day in 0..30 {
        times.learn(place(1, 1), much, 201, day);
    }
    assert_eq!(times.expected(place(1, 1), much).seconds, 201);
    assert_eq!(times.expected(place(1, 1), WORK).seconds, 101);
}

#[test]
fn one_visit_that_took_a_lunch_break_does_not_spoil_a_door() {
    let mut times = ServiceTimes::default();
    for day in 0..10 {
        times.learn(place(1, 1), WORK, 100, day);
    }
    times.learn(place(1, 1), WORK, 7_200, 10);
    assert!(times.expected(place(1, 1), WORK).seconds < 160);
}

#[test]
fn what_was_learned_is_stored_and_forgotten_by_rule() {
    let mut times = ServiceTimes::default();
    times.learn(place(1, 10), WORK, 300, 100);
    times.learn(place(2, 20), WORK, 300, 200);
    let bytes = times.to_bytes();
    assert_eq!(bytes.len(), 1 + 24 * 6, "two doors, two houses, a zone, a depot");
    assert_eq!(ServiceTimes::from_bytes(&bytes), Some(times.clone()));
    assert_eq!(ServiceTimes::from_bytes(&bytes[..bytes.len() - 1]), None);
    assert_eq!(ServiceTimes::from_bytes(&[9]), None);
    assert_eq!(ServiceTimes::from_bytes(&[&bytes[..], &[255; 24]].concat()), None);
    times.forget_before(150);
    assert_eq!(times.to_bytes().len(), 1 + 24 * 4, "the first door and its house are gone");
    let mut many = ServiceTimes::default();
    for number in 0..6_000 {
        many.learn(place(number, number), WORK, 80, (number / 100) as u16);
    }
    assert!(many.to_bytes().len() <= 100_000, "{} bytes", many.to_bytes().len());
}

#[test]
fn slow_legs_slow_the_next_ones_more_than_the_last() {
    let mut live = LiveFactor::default();
    assert_eq!((live.thousandths(), live.ahead(9)), (1_000, 1_000));
    for _ in 0..3 {
        live.learn(300, 450);
    }
    let [next, later, last] = [0, 20, 150].map(|legs| live.ahead(legs));
    assert!(next > 1_200 && next > later && later > last && last >= 1_000, "{next}, {later}, {last}");
    for _ in 0..50 {
        live.learn(300, 30_000);
    }
    assert_eq!(live.thousandths(), 1_800, "and no more");
    for _ in 0..50 {
        live.learn(300, 0);
    }
    assert_eq!(live.thousandths(), 700, "and no less");
    assert_eq!(LiveFactor::from_bytes(&live.to_bytes()), Some(live));
    assert_eq!(LiveFactor::from_bytes(&[0; 16]), None);
    assert_eq!(LiveFactor::from_bytes(&[1; 15]), None);
}

fn street(count: usize) -> Problem {
    let travel = Matrix::from_fn(count, |a, b| 120 * a.abs_diff(b) as u32);
    Problem {
        start: Start { at: 1_000, stop: Some(0) },
        ..Problem::new(travel, vec![Stop::default(); count])
    }
}

#[test]
fn a_range_widens_along_the_route_and_narrows_where_the_courier_waits() {
    let mut problem = street(30);
    let order: Vec<usize> = (0..30).collect();
    let mut service = vec![Expected { seconds: 100, variance: 9_000 }; 30];
    service[0] = Expected { seconds: 0, variance: 0 };
    let etas_of = |problem: &Problem| etas(problem, &order, &service, LiveFactor::default());
    let plain = etas_of(&problem);
    assert_eq!((plain[0], plain[1].p50), (Eta { p50: 1_000, p80: 1_000 }, 1_120));
    assert_eq!(plain[29].p50, 1_000 + 29 * 120 + 28 * 100);
    assert!(plain.windows(2).all(|pair| pair[1].p80 - pair[1].p50 >= pair[0].p80 - pair[0].p50));
    // Four of five: 842 thousandths of the deviation of 29 legs and 28 stops.
    assert_eq!(plain[29].p80 - plain[29].p50, 842 * (29_i64 * 900 + 28 * 9_000).isqrt() / 1_000);
    problem.stops[10].earliest = Some(20_000);
    let waited = etas_of(&problem);
    assert_eq!(waited[11].p50, 20_220);
    assert!(waited[11].p80 - waited[11].p50 < plain[11].p80 - plain[11].p50, "who waits is on time again");
}

/// Days in which every leg and stop takes as long as it likes: the range has to be as good as it says.
#[test]
fn four_of_five_arrivals_come_before_the_end_of_the_range() {
    let mut random = Random::new(42);
    let problem = street(40);
    let order: Vec<usize> = (0..40).collect();
    let service = vec![Expected { seconds: 100, variance: 95 * 95 }; 40];
    let told = etas(&problem, &order, &service, LiveFactor::default());
    let (mut before_p80, mut before_p50, mut all) = (0, 0, 0);
    for _ in 0..400 {
        let mut now = problem.start.at;
        for (number, eta) in told.iter().enumerate() {
            if number > 0 {
                now += 60 + random.below(121) as i64;
                all += 1;
                before_p50 += u32::from(now <= eta.p50);
                before_p80 += u32::from(now <= eta.p80);
            }
            // Mostly short, sometimes very long: mean 100 s, deviation 97 s.
            now += if random.below(5) == 0 {
                150 + random.below(301) as i64
            } else {
                15 + random.below(71) as i64
            };
        }
    }
    let share = |count: u32| count * 100 / all;
    assert!((76..=86).contains(&share(before_p80)), "{} %", share(before_p80));
    assert!((46..=62).contains(&share(before_p50)), "{} %", share(before_p50));
}

#[test]
fn slow_legs_move_the_range_and_it_is_told_once() {
    let problem = street(20);
    let order: Vec<usize> = (0..20).collect();
    let service = vec![Expected { seconds: 100, variance: 9_000 }; 20];
    let eta = |live: LiveFactor| etas(&problem, &order, &service, live)[12];
    let mut live = LiveFactor::default();
    let mut promise = Promise::new(eta(live));
    let told: Vec<bool> = (0..6)
        .map(|leg| {
            // Three slow legs, then some as they should be.
            live.learn(120, if leg < 3 { 260 } else { 120 });
            promise.update(eta(live), 400).is_some()
        })
        .collect();
    assert_eq!(told.iter().filter(|&&told| told).count(), 1, "{told:?}");
    assert_ne!(promise.told(), eta(LiveFactor::default()));
}
