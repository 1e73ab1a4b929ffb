//! Changes on the road: what moves, what it is worth, and that the courier's own order is left alone.

use courier_routing::random::Random;
use courier_routing::{
    BadEdit, BadProblem, Edit, Effort, Finish, KeepOrder, Matrix, Problem, Reason, Replan, Replanned, Start,
    Stop, Wish, edit, freezing_next, insert_missing, replan, sequence, timeline,
};

use crate::world::{any_order, any_problem, day};

/// A street: stop `n` is `60 · n` seconds from the depot, which is stop 0 and where the courier begins.
fn street(count: usize) -> Problem {
    let travel = Matrix::from_fn(count, |a, b| 60 * a.abs_diff(b) as u32);
    Problem {
        start: Start { at: 0, stop: Some(0) },
        ..Problem::new(travel, vec![Stop { service_s: 30, ..Stop::default() }; count])
    }
}

fn asked<'a>(mine: &'a [usize], loose: &'a [usize], locked: usize, keep: KeepOrder) -> Replan<'a> {
    Replan { mine, loose, locked, keep, effort: Effort { rounds: 200, seed: 5 }, guard: None }
}

fn order(replanned: &Replanned) -> Vec<usize> {
    replanned.proposal.as_ref().map_or(&replanned.mine, |proposal| &proposal.timeline).order().collect()
}

#[test]
fn an_added_stop_is_put_where_it_costs_least_and_nothing_else_moves() {
    let problem = street(7);
    assert_eq!(insert_missing(&problem, &[0, 1, 2, 4, 5, 6], 1), Ok(vec![0, 1, 2, 3, 4, 5, 6]));
    assert_eq!(insert_missing(&problem, &[0, 6, 5, 4], 2), Ok(vec![0, 6, 5, 4, 3, 2, 1]));
    let fixed = Problem { finish: Finish::At(6), ..problem };
    assert_eq!(
        insert_missing(&fixed, &[], 0),
        Ok(vec![0, 1, 2, 3, 4, 5, 6]),
        "the fixed ends come by themselves"
    );
    assert_eq!(insert_missing(&fixed, &[0, 2, 2], 0), Err(BadProblem::Order));
    assert_eq!(insert_missing(&fixed, &[0], 2), Err(BadProblem::Locked(2)));
}

#[test]
fn stops_are_inserted_as_well_as_by_trying_every_place() {
    let mut random = Random::new(31);
    for case in 0..200 {
        let count = 3 + random.below(12);
        let problem = any_problem(&mut random, count);
        let all = any_order(&mut random, &problem);
        let fixed = |stop: usize| Some(stop) == problem.start.stop || problem.finish == Finish::At(stop);
        let Some(&added) = all.iter().find(|&&stop| !fixed(stop)) else { continue };
        let without: Vec<usize> = all.iter().copied().filter(|&stop| stop != added).collect();
        let found = insert_missing(&problem, &without, 0).unwrap();
        let best = (0..=without.len())
            .map(|place| [&without[..place], &[added], &without[place..]].concat())
            .filter(|order| problem.check_order(order).is_ok())
            .map(|order| timeline(&problem, &order).cost)
            .min();
        assert_eq!(Some(timeline(&problem, &found).cost), best, "case {case}");
        let rest: Vec<usize> = found.into_iter().filter(|&stop| stop != added).collect();
        assert_eq!(rest, without, "case {case}: another stop moved");
    }
}

#[test]
fn an_order_that_is_hardly_better_is_not_proposed() {
    let mut problem = street(5);
    problem.travel = Matrix::from_fn(5, |a, b| 8 * a.abs_diff(b) as u32);
    let replanned = replan(&problem, asked(&[0, 2, 1, 3, 4], &[], 1, KeepOrder::Free)).unwrap();
    assert_eq!(replanned.proposal, None, "16 seconds are not worth a question");
    assert_eq!(order(&replanned), [0, 2, 1, 3, 4]);
}

#[test]
fn a_proposal_says_what_it_saves_what_it_moves_and_why() {
    let problem = street(9);
    let mine = [0, 1, 2, 3, 7, 4, 5, 6, 8];
    let replanned = replan(&problem, asked(&mine, &[], 2, KeepOrder::Normal)).unwrap();
    let proposal = replanned.proposal.unwrap();
    assert_eq!(proposal.timeline.order().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!((proposal.price.travel_saved_s, proposal.price.ends_sooner_s), (360, 360));
    assert_eq!((proposal.price.moved, proposal.price.broken_pairs), (vec![7], 3));
    assert_eq!((proposal.reason, proposal.price.next_changes), (Reason::Shorter, false));
    // The same saving is not worth it for who wants to keep the order.
    let strict = replan(&problem, asked(&mine, &[], 2, KeepOrder::Strict)).unwrap();
    assert_eq!(strict.proposal, None);
}

#[test]
fn windows_that_a_proposal_keeps_and_breaks_are_named() {
    let mut problem = street(6);
    problem.stops[5].latest = Some(340);
    let replanned = replan(&problem, asked(&[0, 1, 2, 3, 4, 5], &[], 1, KeepOrder::Normal)).unwrap();
    let proposal = replanned.proposal.unwrap();
    assert_eq!((proposal.reason, &proposal.price.windows_kept[..]), (Reason::InTime, &[5][..]));
    assert!(proposal.price.travel_saved_s <= 0 && proposal.price.late_saved_s > 0);

    problem.stops[1].latest = Some(100);
    let late = edit(&problem, &[0, 1, 2, 3, 4, 5], Edit::Next(4), 1).unwrap();
    assert_eq!(late.price.windows_broken, [1]);
    assert_eq!(late.timeline.visits[2].late_s, 380, "shown, and done all the same");
}

#[test]
fn the_next_stop_stays_unless_the_courier_lets_it_go() {
    let mut random = Random::new(32);
    let mut changed = 0;
    for _ in 0..30 {
        let problem = day(&mut random, 20);
        let mine = any_order(&mut random, &problem);
        let locked = freezing_next(&problem, &mine);
        assert_eq!(locked, 2);
        let frozen = replan(&problem, asked(&mine, &[], locked, KeepOrder::Free)).unwrap();
        assert_eq!(order(&frozen)[1], mine[1]);
        assert!(frozen.proposal.is_none_or(|proposal| !proposal.price.next_changes));
        let free = replan(&problem, asked(&mine, &[], 1, KeepOrder::Free)).unwrap();
        changed += usize::from(free.proposal.is_some_and(|proposal| proposal.price.next_changes));
    }
    assert!(changed > 15, "it would have changed in {changed} of 30 if it were free");
}

#[test]
fn the_couriers_own_changes_are_done_as_they_say() {
    let problem = Problem { finish: Finish::At(6), ..street(7) };
    let mine = [0, 1, 2, 3, 4, 5, 6];
    let after = |change| edit(&problem, &mine, change, 2).map(|it| it.timeline.order().collect::<Vec<_>>());
    assert_eq!(after(Edit::Next(4)), Ok(vec![0, 1, 4, 2, 3, 5, 6]));
    assert_eq!(after(Edit::Skip(2)), Ok(vec![0, 1, 3, 4, 5, 2, 6]));
    assert_eq!(after(Edit::Move { stop: 5, to: 3 }), Ok(vec![0, 1, 2, 5, 3, 4, 6]));
    assert_eq!(after(Edit::Move { stop: 2, to: 5 }), Ok(vec![0, 1, 3, 4, 5, 2, 6]));
    assert_eq!(after(Edit::Later { stop: 2, not_before: 400 }), Ok(vec![0, 1, 3, 4, 2, 5, 6]));
    assert_eq!(after(Edit::Later { stop: 2, not_before: 0 }), Ok(vec![0, 1, 2, 3, 4, 5, 6]));
    assert_eq!(after(Edit::Later { stop: 2, not_before: 99_999 }), Ok(vec![0, 1, 3, 4, 5, 2, 6]));
    assert_eq!(after(Edit::Next(1)), Err(BadEdit::Fixed(1)), "it is locked");
    assert_eq!(after(Edit::Skip(6)), Err(BadEdit::Fixed(6)));
    assert_eq!(after(Edit::Skip(9)), Err(BadEdit::NoSuchStop(9)));
    assert_eq!(after(Edit::Move { stop: 3, to: 1 }), Err(BadEdit::Place(1)));
    assert_eq!(after(Edit::Move { stop: 3, to: 6 }), Err(BadEdit::Place(6)));
    let twice = edit(&problem, &[0, 1, 1, 3, 4, 5, 6], Edit::Next(4), 2);
    assert_eq!(twice, Err(BadEdit::Problem(BadProblem::Order)));
    let put_off = edit(&problem, &mine, Edit::Skip(2), 2).unwrap().price;
    assert_eq!((put_off.travel_saved_s, put_off.moved), (-360, vec![2]), "there and back again");
}

/// Days of 60 stops after an event in the middle: neighbours parted and travel at each level.
struct Tally {
    cases: i64,
    parted: usize,
    travel: i64,
    full: i64,
}

fn tally(
    seed: u64,
    keep: KeepOrder,
    event: impl Fn(&mut Random, &mut Problem, &mut Vec<usize>) -> Vec<usize>,
) -> Tally {
    let mut random = Random::new(seed);
    let mut sum = Tally { cases: 4, parted: 0, travel: 0, full: 0 };
    for _ in 0..sum.cases {
        let whole = day(&mut random, 60);
        let (effort, more) = (Effort { rounds: 50, seed: 3 }, Effort { rounds: 150, seed: 3 });
        let planned = sequence(&whole, more, Wish::default()).unwrap().timeline;
        let here = 12 + random.below(12);
        let left: Vec<usize> = planned.order().skip(here).chain([0]).collect();
        let at = planned.visits[here].arrive;
        let mut part = whole.part(&left, Start { at, stop: Some(planned.visits[here].stop) });
        let mut mine: Vec<usize> = (0..left.len()).collect();
        let loose = event(&mut random, &mut part, &mut mine);
        let here_and_next = freezing_next(&part, &mine);
        let asked = Replan { effort, ..asked(&mine, &loose, here_and_next, keep) };
        let replanned = replan(&part, asked).unwrap();
        sum.parted += replanned.proposal.as_ref().map_or(0, |proposal| proposal.price.broken_pairs);
        sum.travel += replanned.proposal.map_or(replanned.mine.cost, |proposal| proposal.timeline.cost);
        sum.full += sequence(&part, effort, Wish::default()).unwrap().timeline.cost;
    }
    sum
}

#[test]
fn a_stop_that_is_added_or_cancelled_parts_nobody() {
    let added = tally(33, KeepOrder::Normal, |random, part, mine| {
        let stop = 2 + random.below(mine.len() - 3);
        mine.remove(stop);
        (part.stops[stop].earliest, part.stops[stop].latest) = (None, None);
        Vec::new()
    });
    assert_eq!(added.parted, 0);
    assert!(added.travel * 1_000 <= added.full * 1_015, "{} beside {}", added.travel, added.full);
}

#[test]
fn the_more_the_order_is_to_be_kept_the_fewer_move_when_a_stop_is_put_off() {
    let put_off = |_: &mut Random, part: &mut Problem, mine: &mut Vec<usize>| {
        let stop = mine[1];
        let not_before = part.start.at + 3_600;
        (part.stops[stop].earliest, part.stops[stop].latest) = (Some(not_before), None);
        *mine = edit(part, mine, Edit::Later { stop, not_before }, 1).unwrap().timeline.order().collect();
        vec![stop]
    };
    let [free, normal, strict] =
        [KeepOrder::Free, KeepOrder::Normal, KeepOrder::Strict].map(|keep| tally(34, keep, put_off));
    let parted = (free.parted, normal.parted, strict.parted);
    assert!(parted.2 <= 2 && parted.1 * 2 <= parted.0, "{parted:?} pairs in {} cases", normal.cases);
    assert!(normal.travel * 1_000 <= normal.full * 1_025, "{} beside {}", normal.travel, normal.full);
}
