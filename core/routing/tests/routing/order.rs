//! Orders of any size: what holds for all of them.

use courier_routing::random::Random;
use courier_routing::{
    BadProblem, Effort, Finish, KeepOrder, Matrix, Problem, Replan, Start, Stop, Wish, replan, sequence,
    timeline,
};

use crate::world::{any_order, any_problem, day};

fn effort(rounds: u32) -> Effort {
    Effort { rounds, seed: 11 }
}

#[test]
fn no_order_costs_more_than_the_one_it_began_with() {
    let mut random = Random::new(21);
    for case in 0..200 {
        let count = 1 + random.below(50);
        let problem = any_problem(&mut random, count);
        let from = any_order(&mut random, &problem);
        let locked = random.below(count + 1);
        let wish = Wish { from: Some(&from), locked, guard: None };
        let found = sequence(&problem, effort(40), wish).unwrap();
        let (before, after) = (timeline(&problem, &from).cost, found.timeline.cost);
        assert!(after <= before, "case {case}: {after} after, {before} before");
        problem.check_order(&found.order()).unwrap();
        assert_eq!(found.order()[..locked], from[..locked], "case {case}: a locked stop moved");
    }
}

#[test]
fn the_same_problem_seed_and_effort_give_the_same_order() {
    let mut random = Random::new(22);
    for _ in 0..8 {
        let problem = any_problem(&mut random, 50);
        let first = sequence(&problem, effort(60), Wish::default()).unwrap();
        assert_eq!(first, sequence(&problem, effort(60), Wish::default()).unwrap());
    }
}

/// Kept as numbers, so that another machine that finds another order is seen.
#[test]
fn the_order_is_the_same_on_every_machine() {
    let mut random = Random::new(23);
    let mut sum = 0_u64;
    for count in [30, 90] {
        for problem in [day(&mut random, count), any_problem(&mut random, count)] {
            let found = sequence(&problem, effort(60), Wish::default()).unwrap();
            for stop in found.order() {
                sum = (sum ^ stop as u64).wrapping_mul(0x0000_0100_0000_01B3); // FNV-1a's prime
            }
        }
    }
    assert_eq!(sum, 12_825_567_308_252_599_496, "another machine, or another search, finds other orders");
}

#[test]
fn a_guard_stops_the_search_and_it_is_said() {
    let problem = day(&mut Random::new(24), 100);
    let mut looks = 0;
    let mut guard = || {
        looks += 1;
        looks > 3
    };
    let wish = Wish { guard: Some(&mut guard), ..Wish::default() };
    let found = sequence(&problem, effort(10_000), wish).unwrap();
    assert!(found.stopped_early);
    assert!(found.rounds < 100, "{} rounds", found.rounds);
    problem.check_order(&found.order()).unwrap();

    let mut patient = || false;
    let wish = Wish { guard: Some(&mut patient), ..Wish::default() };
    let guarded = sequence(&problem, effort(100), wish).unwrap();
    assert_eq!(guarded, sequence(&problem, effort(100), Wish::default()).unwrap());
}

#[test]
fn more_rounds_never_lose_and_mostly_win() {
    let mut random = Random::new(25);
    let (mut few, mut many) = (0, 0);
    for _ in 0..4 {
        let problem = day(&mut random, 80);
        few += sequence(&problem, effort(0), Wish::default()).unwrap().timeline.cost;
        many += sequence(&problem, effort(200), Wish::default()).unwrap().timeline.cost;
    }
    assert!(many < few, "{many} after 200 rounds, {few} after none");
}

#[test]
fn the_more_an_order_is_kept_the_fewer_neighbours_part_and_the_less_is_saved() {
    let mut random = Random::new(26);
    for case in 0..150 {
        let count = 4 + random.below(5);
        let problem = any_problem(&mut random, count);
        let mine = any_order(&mut random, &problem);
        let parted = [KeepOrder::Free, KeepOrder::Normal, KeepOrder::Strict].map(|keep| {
            let asked = Replan { mine: &mine, loose: &[], locked: 0, keep, effort: effort(600), guard: None };
            let proposal = replan(&problem, asked).unwrap().proposal;
            proposal.map_or((0, 0), |proposal| {
                assert!(
                    proposal.price.cost_saved
                        >= i64::from(keep.seconds()) * proposal.price.broken_pairs as i64,
                    "case {case}: {:?} parts more than it is worth",
                    proposal.price
                );
                (proposal.price.broken_pairs, proposal.price.cost_saved)
            })
        });
        assert!(parted.is_sorted_by(|freer, stricter| freer.1 >= stricter.1), "case {case}: {parted:?}");
        assert!(parted.is_sorted_by(|freer, stricter| freer.0 >= stricter.0), "case {case}: {parted:?}");
    }
}

#[test]
fn priority_decides_who_is_late() {
    // Two stops an hour apart, both due in half an hour: one of them is late.
    let travel =
        Matrix::from_fn(3, |a, b| if a == b { 0 } else { 1_800 + 1_800 * u32::from(a > 0 && b > 0) });
    let due = |weight| Stop { latest: Some(1_800), late_weight: weight, ..Stop::default() };
    for (weights, first) in [((10, 20), 2), ((20, 10), 1)] {
        let problem = Problem {
            start: Start { at: 0, stop: Some(0) },
            ..Problem::new(travel.clone(), vec![Stop::default(), due(weights.0), due(weights.1)])
        };
        let found = sequence(&problem, effort(10), Wish::default()).unwrap();
        assert_eq!(found.order()[1], first);
        assert_eq!((found.timeline.late_stops, found.timeline.late_s), (1, 3_600), "late, and not dropped");
    }
}

#[test]
fn zones_are_left_one_after_the_other() {
    let mut random = Random::new(27);
    let mut problem = day(&mut random, 60);
    for stop in &mut problem.stops {
        stop.zone = Some(random.below(5) as u32);
    }
    let changes = |problem: &Problem| {
        let order = sequence(problem, effort(600), Wish::default()).unwrap().order();
        order.windows(2).filter(|pair| problem.stops[pair[0]].zone != problem.stops[pair[1]].zone).count()
    };
    let without = changes(&problem);
    problem.zone_change_s = 10_000;
    let with = changes(&problem);
    assert!(with * 3 < without, "{with} changes where they are dear, {without} where they cost nothing");
}

#[test]
fn the_rest_of_a_closed_tour_ends_where_it_began() {
    let problem = day(&mut Random::new(28), 20);
    let left: Vec<usize> = [7].into_iter().chain(10..20).chain([0]).collect();
    let part = problem.part(&left, Start { at: 5_000, stop: Some(7) });
    assert_eq!((part.start.stop, part.finish), (Some(0), Finish::At(11)));
    let found = sequence(&part, effort(50), Wish::default()).unwrap();
    assert_eq!((found.order()[0], found.order()[11]), (0, 11));
    assert_eq!(part.travel.at(1, 11), problem.travel.at(10, 0));
}

#[test]
fn what_is_out_of_range_is_refused_with_its_place() {
    let stops = |count: usize| vec![Stop::default(); count];
    let travel = |count: usize| Matrix::from_fn(count, |_, _| 10);
    let good = Problem::new(travel(3), stops(3));
    let search = |problem: &Problem, from: Option<&[usize]>, locked| {
        sequence(problem, effort(1), Wish { from, locked, guard: None }).map(|found| found.order())
    };
    assert!(search(&good, Some(&[2, 0, 1]), 1).is_ok_and(|order| order[0] == 2));
    let bad = |change: &dyn Fn(&mut Problem)| {
        let mut problem = good.clone();
        change(&mut problem);
        search(&problem, None, 0).unwrap_err()
    };
    assert_eq!(bad(&|it| it.stops = stops(2)), BadProblem::Size { stops: 2, rows: 3 });
    assert_eq!(bad(&|it| it.surcharge = Some(travel(4))), BadProblem::Size { stops: 3, rows: 4 });
    assert_eq!(bad(&|it| it.travel.set(1, 2, u32::MAX)), BadProblem::Leg { from: 1, to: 2 });
    assert_eq!(bad(&|it| it.stops[1].late_weight = 10_001), BadProblem::Stop(1));
    assert_eq!(bad(&|it| it.stops[2].service_s = u32::MAX), BadProblem::Stop(2));
    assert_eq!(bad(&|it| it.stops[2].latest = Some(i64::MAX)), BadProblem::Stop(2));
    assert_eq!(bad(&|it| it.start.at = i64::MIN), BadProblem::StartAt);
    let backwards = |it: &mut Problem| {
        it.stops[0].earliest = Some(2);
        it.stops[0].latest = Some(1);
    };
    assert_eq!(bad(&backwards), BadProblem::Stop(0));
    assert_eq!(bad(&|it| it.start.stop = Some(3)), BadProblem::Ends);
    assert_eq!(bad(&|it| it.finish = Finish::At(9)), BadProblem::Ends);
    assert_eq!(bad(&|it| it.finish = Finish::BackAtStart), BadProblem::NoStart);
    assert_eq!(search(&good, Some(&[0, 1]), 0), Err(BadProblem::Order));
    assert_eq!(search(&good, Some(&[0, 1, 1]), 0), Err(BadProblem::Order));
    assert_eq!(search(&good, Some(&[0, 1, 7]), 0), Err(BadProblem::Order));
    assert_eq!(search(&good, None, 1), Err(BadProblem::Locked(1)));
    assert_eq!(search(&good, Some(&[0, 1, 2]), 4), Err(BadProblem::Locked(4)));
    let many = Problem::new(travel(1_001), stops(1_001));
    assert_eq!(search(&many, None, 0), Err(BadProblem::TooMany(1_001)));
    assert_eq!(search(&Problem::new(travel(0), vec![]), None, 0), Ok(vec![]));
    assert_eq!(search(&Problem::new(travel(1), stops(1)), None, 0), Ok(vec![0]));
}
