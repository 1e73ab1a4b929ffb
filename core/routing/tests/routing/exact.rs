//! Small problems beside an exact answer: dynamic programming over sets of stops (Held and Karp 1962), which keeps for
//! each set and last stop every pair of time and cost that no other beats in both. It shares no code with the crate.

use courier_routing::random::Random;
use courier_routing::{Effort, Finish, Problem, Wish, sequence, timeline};

use crate::world::{any_order, any_problem};

/// When a stop is left that is reached from another (or first of all), and what that adds to the cost.
fn step(problem: &Problem, leave: i64, from: Option<usize>, to: usize, stays: bool) -> (i64, i64) {
    let (travel, cost) = from.filter(|&from| from != to).map_or((0, 0), |from| {
        let zones = (problem.stops[from].zone, problem.stops[to].zone);
        let change = matches!(zones, (Some(a), Some(b)) if a != b);
        let surcharge = problem.surcharge.as_ref().map_or(0, |matrix| matrix.at(from, to));
        let travel = problem.travel.at(from, to);
        (travel, travel + surcharge + if change { problem.zone_change_s } else { 0 })
    });
    let stop = &problem.stops[to];
    let arrive = leave + i64::from(travel);
    let late = stop.latest.map_or(0, |latest| (arrive - latest).max(0));
    let begin = if stays { stop.earliest.map_or(arrive, |earliest| earliest.max(arrive)) } else { arrive };
    (begin + i64::from(stop.service_s), i64::from(cost) + late * i64::from(stop.late_weight))
}

/// Cost of an order, without a look at the crate's own sums.
fn cost_of(problem: &Problem, order: &[usize]) -> i64 {
    let (mut leave, mut cost, mut from) = (problem.start.at, 0, None);
    for &stop in order {
        let (then, added) = step(problem, leave, from, stop, true);
        (leave, cost, from) = (then, cost + added, Some(stop));
    }
    if let (Finish::BackAtStart, Some(start)) = (problem.finish, problem.start.stop) {
        cost += step(problem, leave, from, start, false).1;
    }
    cost
}

/// The least cost of any order that begins with `locked`.
fn least_cost(problem: &Problem, locked: &[usize]) -> i64 {
    let count = problem.stops.len();
    let last_stop = match problem.finish {
        Finish::At(last) => Some(last),
        _ => None,
    };
    let all = (1_usize << count) - 1;
    let mut labels: Vec<Vec<(i64, i64)>> = vec![Vec::new(); (all + 1) * count];
    let head: Vec<usize> =
        if locked.is_empty() { problem.start.stop.into_iter().collect() } else { locked.to_vec() };
    if head.is_empty() {
        for stop in (0..count).filter(|&stop| count == 1 || Some(stop) != last_stop) {
            labels[(1 << stop) * count + stop].push(step(problem, problem.start.at, None, stop, true));
        }
    } else {
        let (mut leave, mut cost, mut from, mut set) = (problem.start.at, 0, None, 0);
        for &stop in &head {
            let (then, added) = step(problem, leave, from, stop, true);
            (leave, cost, from, set) = (then, cost + added, Some(stop), set | 1 << stop);
        }
        labels[set * count + head[head.len() - 1]].push((leave, cost));
    }
    for set in 1..=all {
        for from in (0..count).filter(|from| set >> from & 1 == 1) {
            let here = std::mem::take(&mut labels[set * count + from]);
            for to in (0..count).filter(|to| set >> to & 1 == 0) {
                if Some(to) == last_stop && set | 1 << to != all {
                    continue;
                }
                for &(leave, cost) in &here {
                    let (then, added) = step(problem, leave, Some(from), to, true);
                    let there = &mut labels[(set | 1 << to) * count + to];
                    let new = (then, cost + added);
                    if !there.iter().any(|old| old.0 <= new.0 && old.1 <= new.1) {
                        there.retain(|old| old.0 < new.0 || old.1 < new.1);
                        there.push(new);
                    }
                }
            }
            labels[set * count + from] = here;
        }
    }
    let returned = |from: usize, (leave, cost): (i64, i64)| match (problem.finish, problem.start.stop) {
        (Finish::BackAtStart, Some(start)) => cost + step(problem, leave, Some(from), start, false).1,
        _ => cost,
    };
    let ends = (0..count).flat_map(|from| labels[all * count + from].iter().map(move |&label| (from, label)));
    ends.map(|(from, label)| returned(from, label)).min().unwrap()
}

/// What is wrong with an answer, beside the exact one.
fn fault(problem: &Problem, locked: &[usize], order: &[usize], claimed: i64, exact: i64) -> Option<String> {
    let mut sorted = order.to_vec();
    sorted.sort_unstable();
    let last = match problem.finish {
        Finish::At(last) => order.last() == Some(&last),
        _ => true,
    };
    let real = cost_of(problem, order);
    if !sorted.iter().copied().eq(0..problem.stops.len()) {
        Some(format!("not every stop once: {order:?}"))
    } else if problem.start.stop.is_some_and(|first| order.first() != Some(&first)) || !last {
        Some(format!("a fixed stop has moved: {order:?}"))
    } else if !order.starts_with(locked) {
        Some(format!("a locked stop has moved: {order:?}, locked {locked:?}"))
    } else if real != claimed {
        Some(format!("costs {real}, but {claimed} was claimed"))
    } else if real < exact {
        Some(format!("costs {real}, less than the exact answer {exact}: the check itself is wrong"))
    } else if real > exact {
        Some(format!("costs {real} instead of {exact}"))
    } else {
        None
    }
}

fn small_effort(count: usize) -> Effort {
    Effort { rounds: 60 * u32::try_from(count).unwrap(), seed: 7 }
}

/// How many of `cases` problems with `counts` stops are answered exactly; the rest with what they cost too much.
fn compare(seed: u64, cases: usize, counts: std::ops::RangeInclusive<usize>) -> Vec<String> {
    let mut random = Random::new(seed);
    let mut faults = Vec::new();
    for case in 0..cases {
        let count = counts.start() + random.below(counts.end() - counts.start() + 1);
        let problem = any_problem(&mut random, count);
        let from = any_order(&mut random, &problem);
        let locked = if random.below(4) == 0 { random.below(count) } else { 0 };
        let wish = Wish { from: (locked > 0).then_some(&from[..]), locked, guard: None };
        let answer = sequence(&problem, small_effort(count), wish).unwrap();
        let exact = least_cost(&problem, &from[..locked]);
        if let Some(fault) = fault(&problem, &from[..locked], &answer.order(), answer.timeline.cost, exact) {
            faults.push(format!("case {case}, {count} stops: {fault}"));
        }
    }
    faults
}

#[test]
fn thousands_of_small_problems_of_every_kind_are_answered_exactly() {
    let faults = compare(1, 2_000, 1..=8);
    assert!(faults.is_empty(), "{} of 2000:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn problems_with_up_to_13_stops_are_answered_exactly() {
    let faults = compare(2, 40, 9..=13);
    assert!(faults.is_empty(), "{} of 40:\n{}", faults.len(), faults.join("\n"));
}

#[test]
fn the_check_finds_answers_that_are_wrong() {
    let mut random = Random::new(3);
    let mut worse = 0;
    for _ in 0..200 {
        let problem = any_problem(&mut random, 7);
        let exact = least_cost(&problem, &[]);
        let answer = sequence(&problem, small_effort(7), Wish::default()).unwrap();
        let (order, cost) = (answer.order(), answer.timeline.cost);
        assert_eq!(fault(&problem, &[], &order, cost, exact), None);
        assert!(fault(&problem, &[], &order, cost - 1, exact).is_some(), "a cost that is not so");
        assert!(fault(&problem, &[], &order[1..], cost, exact).is_some(), "a stop that was dropped");
        let doubled: Vec<usize> = [order[1]].iter().chain(&order[1..]).copied().collect();
        assert!(fault(&problem, &[], &doubled, cost, exact).is_some(), "a stop that comes twice");
        let other: Vec<usize> = order[1..].iter().chain(&order[..1]).copied().collect();
        assert!(fault(&problem, &order[..1], &other, cost_of(&problem, &other), exact).is_some());
        // Two neighbours exchanged: an order as a move with a wrong difference would leave it.
        for place in 0..order.len() - 1 {
            let mut broken = order.clone();
            broken.swap(place, place + 1);
            let cost = cost_of(&problem, &broken);
            worse += usize::from(cost > exact);
            assert_eq!(
                fault(&problem, &[], &broken, cost, exact).is_some(),
                cost > exact || problem.check_order(&broken).is_err()
            );
        }
    }
    assert!(worse > 600, "only {worse} of 1200 exchanges were worse");
}

#[test]
fn the_times_of_an_order_are_those_of_who_walks_it() {
    let mut random = Random::new(4);
    for _ in 0..2_000 {
        let count = 1 + random.below(30);
        let problem = any_problem(&mut random, count);
        let order = any_order(&mut random, &problem);
        let line = timeline(&problem, &order);
        assert_eq!(line.cost, cost_of(&problem, &order));
        let (mut leave, mut from) = (problem.start.at, None);
        for (visit, &stop) in line.visits.iter().zip(&order) {
            leave = step(&problem, leave, from, stop, true).0;
            assert_eq!((visit.stop, visit.leave), (stop, leave));
            from = Some(stop);
        }
    }
}
