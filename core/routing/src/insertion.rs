//! Puts stops one after the other where they cost least.

use crate::model::Model;
use crate::problem::{BadProblem, Finish, Problem};
use crate::span::Span;
use crate::timeline::{Timeline, timeline};

/// Price of a second of warp while a first order is built.
const WARP_PRICE: i64 = 10;

/// A first order of nodes: those with the earliest deadline first, without windows those farthest from the start.
pub(crate) fn build(model: &Model) -> Vec<u32> {
    let mut nodes: Vec<u32> = (1..model.end()).collect();
    if model.has_windows {
        nodes.sort_by_key(|&node| (model.node(node).latest, model.node(node).earliest));
    } else {
        nodes.sort_by_key(|&node| std::cmp::Reverse(model.cost(0, node)));
    }
    let mut order = vec![0, model.end()];
    for node in nodes {
        let place = cheapest_place(model, &order, node);
        order.insert(place, node);
    }
    order
}

fn cheapest_place(model: &Model, order: &[u32], node: u32) -> usize {
    let single = |node: u32| Span::node(node, model.node(node));
    let mut after: Vec<Span> = Vec::with_capacity(order.len());
    for (behind, &here) in order.iter().rev().enumerate() {
        let span = match after.last() {
            Some(&next) => single(here).then(model.time(here, order[order.len() - behind]), next),
            None => single(here),
        };
        after.push(span);
    }
    let mut before = single(order[0]);
    let mut best = (i64::MAX, 1);
    for place in 1..order.len() {
        let (previous, next) = (order[place - 1], order[place]);
        let mut cost = model.cost(previous, node) + model.cost(node, next) - model.cost(previous, next);
        if model.has_windows {
            let with = before.then(model.time(previous, node), single(node));
            let whole = with.then(model.time(node, next), after[order.len() - 1 - place]);
            cost += whole.warp * WARP_PRICE;
            before = before.then(model.time(previous, next), single(next));
        }
        if cost < best.0 {
            best = (cost, place);
        }
    }
    best.1
}

/// Puts the stops that `order` lacks where each costs least, one after the other, behind the first `locked` stops and
/// before a last one that is fixed. Nothing else moves. This needs no search: 100 stops take well under a millisecond.
///
/// # Errors
/// When the problem is out of range, or `order` holds a stop twice or one that is none, does not begin with a fixed
/// first stop, or is shorter than `locked`.
pub fn insert_missing(problem: &Problem, order: &[usize], locked: usize) -> Result<Vec<usize>, BadProblem> {
    problem.check()?;
    let mut missing = vec![true; problem.stops.len()];
    for &stop in order {
        match missing.get_mut(stop) {
            Some(missing) if *missing => *missing = false,
            _ => return Err(BadProblem::Order),
        }
    }
    if locked > order.len() {
        return Err(BadProblem::Locked(locked));
    }
    let mut order = order.to_vec();
    if let Some(first) = problem.start.stop.filter(|&first| missing[first]) {
        order.insert(0, first);
        missing[first] = false;
    }
    if let Finish::At(last) = problem.finish
        && missing[last]
    {
        order.push(last);
        missing[last] = false;
    }
    for stop in (0..missing.len()).filter(|&stop| missing[stop]) {
        order = cheapest_insertion(problem, &order, stop, locked, None).1;
    }
    problem.check_order(&order)?;
    Ok(order)
}

/// The best place for `stop` in `order`, which does not hold it: what the order then costs, and the order. Where there
/// is a choice the stop is not reached before `not_before`; if no place is that late, it comes as late as possible.
pub(crate) fn cheapest_insertion(
    problem: &Problem,
    order: &[usize],
    stop: usize,
    locked: usize,
    not_before: Option<i64>,
) -> (Timeline, Vec<usize>) {
    let first = locked.max(usize::from(problem.start.stop.is_some_and(|first| first != stop)));
    let last = order.len()
        - usize::from(matches!(problem.finish, Finish::At(last) if last != stop && !order.is_empty()));
    let with = |place: usize| {
        let mut with = order.to_vec();
        with.insert(place, stop);
        (timeline(problem, &with), with)
    };
    let late_enough = |line: &Timeline| {
        not_before.is_none_or(|not_before| {
            line.visits.iter().any(|visit| visit.stop == stop && visit.arrive >= not_before)
        })
    };
    let mut best: Option<(Timeline, Vec<usize>)> = None;
    for place in first..=last {
        let tried = with(place);
        if late_enough(&tried.0) && best.as_ref().is_none_or(|best| tried.0.cost < best.0.cost) {
            best = Some(tried);
        }
    }
    best.unwrap_or_else(|| with(last.max(first.min(order.len()))))
}
