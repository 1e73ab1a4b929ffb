//! Section 10: a backend that was put back from a backup.

use courier_domain::FactBody;
use courier_protocol::{FactStatus, ProblemKind};

use super::Rule;
use crate::report::{Check, Stop, equal, holds};
use crate::route::ask;
use crate::world::{OnTheRoad, PLAIN, World, is_refused};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "P10.1", title: "A restored backend has another epoch", check: epoch },
    Rule { id: "P10.2", title: "Cursors of before are gone", check: cursors },
    Rule { id: "P10.3", title: "Facts that were lost are taken again, the others are doubles", check: facts },
];

/// Something is handed in, a backup made, something more handed in, and the backup put back.
fn restored(
    world: &mut World,
    between: impl FnOnce(&mut World, &mut OnTheRoad) -> Check,
) -> Result<OnTheRoad, Stop> {
    let mut road = world.on_the_road(&[PLAIN])?;
    world.office.backup()?;
    between(world, &mut road)?;
    world.office.restore()?;
    world.reconnect()?;
    Ok(road)
}

fn epoch(world: &mut World) -> Check {
    let mut road = restored(world, |_, _| Ok(()))?;
    let answer = road.phone.renew(world)?;
    holds("another epoch", answer.epoch != road.phone.epoch && !answer.epoch.is_empty(), answer.epoch)
}

fn cursors(world: &mut World) -> Check {
    let mut road = restored(world, |_, _| Ok(()))?;
    road.phone.renew(world)?;
    is_refused(&ask(world, &road.phone, Some(&road.route.cursor))?, ProblemKind::CursorGone)
}

fn facts(world: &mut World) -> Check {
    let mut made = Vec::new();
    let mut road = restored(world, |world, road| {
        let fact = road.phone.add(world, FactBody::Arrived {})?;
        road.phone.send_one(world, &fact)?;
        made.push(fact);
        Ok(())
    })?;
    road.phone.epoch = road.phone.renew(world)?.epoch;
    let result = road.phone.send_one(world, &made[0])?;
    equal("status and dup of what was lost", &(result.status, result.dup), &(FactStatus::Stored, false))?;
    let flags = result.flags;
    equal("flags of what follows what the backup has", &flags, &Vec::new())?;
    equal("dup afterwards", &road.phone.send_one(world, &made[0])?.dup, &true)
}
