//! For each node the few nodes that are worth being next to it.

use crate::model::Model;

/// Neighbours kept for each node.
const KEPT: usize = 10;

pub(crate) struct Near {
    /// Nodes that may follow each node, the best first.
    pub(crate) next: Vec<Vec<u32>>,
    /// Nodes that may come before each node, the best first.
    pub(crate) previous: Vec<Vec<u32>>,
    /// Mean cost of the cheapest arc of a node, at least 1.
    pub(crate) usual_arc: i64,
}

impl Near {
    pub(crate) fn new(model: &Model) -> Self {
        let end = model.end();
        // Whatever else is near a node, it may also be the last.
        let next: Vec<Vec<u32>> = (0..end)
            .map(|from| best(model, (1..end).filter(|&to| from != to), |to| (from, to)))
            .map(|mut next| {
                next.push(end);
                next
            })
            .chain([Vec::new()])
            .collect();
        let previous = (0..=end)
            .map(|to| best(model, (1..end).filter(|&from| from != to && to != 0), |from| (from, to)))
            .collect();
        let cheapest = (1..end).map(|from| {
            let stops = next[from as usize].iter().find(|&&to| to != end);
            stops.map_or(0, |&to| model.cost(from, to))
        });
        let usual_arc = (cheapest.sum::<i64>() / i64::from(end.max(2) - 1)).max(1);
        Self { next, previous, usual_arc }
    }
}

fn best(model: &Model, nodes: impl Iterator<Item = u32>, arc: impl Fn(u32) -> (u32, u32)) -> Vec<u32> {
    let mut all: Vec<(i64, u32)> = nodes.map(|node| (farness(model, arc(node)), node)).collect();
    if all.len() > KEPT {
        all.select_nth_unstable(KEPT);
        all.truncate(KEPT);
    }
    all.sort_unstable();
    all.into_iter().map(|(_, node)| node).collect()
}

/// Cost of an arc, with part of the wait and all of the lateness that it cannot be without (after `PyVRP`'s proximity).
fn farness(model: &Model, (from, to): (u32, u32)) -> i64 {
    let cost = model.cost(from, to);
    if !model.has_windows {
        return cost;
    }
    let (first, second) = (model.node(from), model.node(to));
    let travel = model.time(from, to) + first.service;
    let wait = (second.earliest - travel - first.latest).max(0);
    let late = (first.earliest + travel - second.latest).max(0);
    cost + wait / 5 + late
}
