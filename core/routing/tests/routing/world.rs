//! Problems made at random, always the same for the same seed.

use courier_routing::problem::USUAL_LATE_WEIGHT;
use courier_routing::random::Random;
use courier_routing::{Finish, Matrix, Problem, Start, Stop};

/// `count` places in a square with sides of an hour, symmetric or with one-way streets.
pub(crate) fn places(random: &mut Random, count: usize, one_way: bool) -> Matrix {
    let at: Vec<(i64, i64)> =
        (0..count).map(|_| (random.below(3_600) as i64, random.below(3_600) as i64)).collect();
    Matrix::from_fn(count, |a, b| {
        let (across, along) = (at[a].0 - at[b].0, at[a].1 - at[b].1);
        let straight = u32::try_from((across * across + along * along).isqrt()).unwrap();
        let detour = if one_way && a != b { random.below(900) } else { 0 };
        straight + u32::try_from(detour).unwrap()
    })
}

/// A problem of any kind: with and without windows that may contradict each other, priorities, zones, surcharges,
/// fixed ends, open and closed.
pub(crate) fn any_problem(random: &mut Random, count: usize) -> Problem {
    let one_way = random.below(2) == 0;
    let travel = places(random, count, one_way);
    let windowed = [0, 1, 2, 5][random.below(4)];
    let narrow = [600, 3_600, 14_400][random.below(3)];
    let day = count * 1_500;
    let mut stops: Vec<Stop> = (0..count)
        .map(|_| {
            let mut stop = Stop { service_s: random.below(300) as u32, ..Stop::default() };
            if random.below(5) < windowed {
                let from = random.below(day) as i64;
                stop.earliest = (random.below(3) > 0).then_some(from);
                stop.latest = (random.below(4) > 0).then_some(from + random.below(narrow) as i64);
            }
            if random.below(3) == 0 {
                stop.late_weight = [0, 1, 5, 100, 1_000][random.below(5)];
            }
            stop
        })
        .collect();
    if random.below(4) == 0 {
        for stop in &mut stops {
            stop.zone = (random.below(6) > 0).then(|| random.below(3) as u32);
        }
    }
    let surcharge = (random.below(4) == 0).then(|| {
        Matrix::from_fn(count, |_, _| if random.below(3) == 0 { random.below(600) as u32 } else { 0 })
    });
    let first = (random.below(3) > 0).then(|| random.below(count));
    let finish = match (random.below(3), first) {
        (0, Some(_)) => Finish::BackAtStart,
        (1, _) => Finish::At(random.below(count)),
        _ => Finish::Anywhere,
    };
    let start = Start { at: random.below(7_200) as i64 - 3_600, stop: first };
    let mut problem =
        Problem { travel, surcharge, stops, start, finish, zone_change_s: random.below(600) as u32 };
    if let (Finish::At(last), Some(first)) = (problem.finish, first)
        && last == first
        && count > 1
    {
        problem.finish = Finish::At((first + 1) % count);
    }
    problem
}

/// An order as the problem asks for it, otherwise by chance.
pub(crate) fn any_order(random: &mut Random, problem: &Problem) -> Vec<usize> {
    let last = match problem.finish {
        Finish::At(last) => Some(last),
        _ => None,
    };
    let mut free: Vec<usize> = (0..problem.stops.len())
        .filter(|&stop| Some(stop) != last && Some(stop) != problem.start.stop)
        .collect();
    for place in (1..free.len()).rev() {
        free.swap(place, random.below(place + 1));
    }
    let last = last.filter(|&last| Some(last) != problem.start.stop);
    problem.start.stop.into_iter().chain(free).chain(last).collect()
}

/// A courier's day: clustered stops around a depot, some with windows of one to three hours, a service time each.
pub(crate) fn day(random: &mut Random, count: usize) -> Problem {
    let blocks: Vec<(i64, i64)> =
        (0..=count / 6).map(|_| (random.below(2_400) as i64, random.below(2_400) as i64)).collect();
    let at: Vec<(i64, i64)> = (0..count)
        .map(|_| {
            let block = blocks[random.below(blocks.len())];
            (block.0 + random.below(240) as i64, block.1 + random.below(240) as i64)
        })
        .collect();
    let travel = Matrix::from_fn(count, |a, b| {
        let (across, along) = (at[a].0 - at[b].0, at[a].1 - at[b].1);
        if a == b { 0 } else { 20 + u32::try_from((across * across + along * along).isqrt()).unwrap() }
    });
    let day = count * 160;
    let stops = (0..count)
        .map(|number| {
            let from = random.below(day) as i64;
            let windowed = number > 0 && random.below(5) == 0;
            Stop {
                earliest: windowed.then_some(from),
                latest: windowed.then_some(from + 3_600 + random.below(7_200) as i64),
                service_s: if number == 0 { 0 } else { 40 + random.below(120) as u32 },
                late_weight: USUAL_LATE_WEIGHT,
                zone: None,
            }
        })
        .collect();
    Problem {
        start: Start { at: 0, stop: Some(0) },
        finish: Finish::BackAtStart,
        ..Problem::new(travel, stops)
    }
}
