//! Section 7: snapshot, changes, cursor, digest, and what is on a route.

use std::collections::BTreeSet;

use courier_domain::CodeNeed;
use courier_engine::Method;
use courier_engine::http::percent_encode;
use courier_protocol::{Changes, Object, ObjectKind, OpKind, ProblemKind, header};

use super::Rule;
use crate::phone::Phone;
use crate::report::{Check, Stop, broken, equal, holds};
use crate::route::{Route, ask, is_gone, op_of};
use crate::world::{CODED, PLAIN, World, has_status, is_refused, read};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "P7.1", title: "A snapshot is all of the route, and then nothing is new", check: snapshot },
    Rule { id: "P7.1", title: "Without a route there is nothing", check: no_route },
    Rule { id: "P7.1", title: "A route that is driven is told though another one is out", check: driven },
    Rule { id: "P7.2", title: "What is added comes as puts with rising revisions", check: added },
    Rule { id: "P7.4", title: "The digest is that of what the phone has", check: digests },
    Rule { id: "P7.5", title: "A long route comes in pages, and the digest with the last", check: pages },
    Rule { id: "P7.6", title: "A cursor of nobody, or of another route, is gone", check: cursors },
    Rule { id: "P7.7", title: "An empty poll has the epoch", check: empty_poll },
    Rule { id: "P7.8", title: "The data of every known type fit", check: readable },
    Rule { id: "P7.9", title: "Everything on a route belongs together", check: whole },
    Rule { id: "P7.10", title: "What is cancelled is gone, with its code", check: cancelled },
    Rule { id: "P7.11", title: "A courier gets nothing of another's route", check: own_only },
];

fn snapshot(world: &mut World) -> Check {
    let road = world.on_the_road(&[CODED, PLAIN])?;
    let answer = ask(world, &road.phone, None)?;
    holds(
        "application/json",
        answer.is_of_type("application/json"),
        format!("{:?}", answer.header("content-type")),
    )?;
    let changes: Changes = read(&answer, 200)?;
    equal("the epoch", &changes.epoch, &road.phone.epoch)?;
    let gone: Vec<_> = changes.ops.iter().filter(|op| op.op == OpKind::Gone).collect();
    holds("puts only in a snapshot", gone.is_empty(), format!("{gone:?}"))?;
    for name in &road.names {
        road.route.shipment(name)?;
    }
    let mut route = Route::snapshot(world, &road.phone)?;
    equal("ops of the next poll", &route.follow(world, &road.phone)?, &Vec::new())?;
    has_status(&ask(world, &road.phone, Some(&route.cursor))?, 204)
}

fn no_route(world: &mut World) -> Check {
    let day = world.office.day(&[])?;
    let phone = crate::phone::Phone::with_token(world, &day.code)?;
    has_status(&ask(world, &phone, None)?, 204)?;
    is_refused(&ask(world, &phone, Some("anything"))?, ProblemKind::CursorGone)
}

fn driven(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    let (driven, cursor) = (route_of(&road.route)?, road.route.cursor.clone());
    let told = |world: &mut World, phone: &Phone, route: &str| {
        let path = format!("/v1/route/changes?cursor={}&route={route}", percent_encode(&cursor));
        phone.ask(world, Method::Get, &path, &[], "")
    };
    let alone = told(world, &road.phone, driven.id.as_str())?;
    equal("courier-next-day of the only route", &alone.header(header::NEXT_DAY), &None)?;
    world.office.advance(26 * 3_600_000)?;
    world.ask(Method::Get, "/v1/route/changes", &[], "")?;
    road.phone.renew(world)?;
    let wanted = world.wanted(&[PLAIN]);
    world.office.add(&road.day.courier, &wanted)?;
    let next = route_of(&Route::snapshot(world, &road.phone)?)?;
    holds("another route after a day", next.id != driven.id, &next.id)?;
    world.office.cancel(&road.names[0])?;
    let answer = told(world, &road.phone, driven.id.as_str())?;
    equal("courier-next-day", &answer.header(header::NEXT_DAY), &Some(next.day.to_string().as_str()))?;
    let changes: Changes = read(&answer, 200)?;
    let gone = changes.ops.iter().any(|op| op.kind == "shipment" && op.op == OpKind::Gone);
    holds("what was cancelled on the route that is driven", gone, format!("{:?}", changes.ops))?;
    is_refused(&told(world, &road.phone, "of-nobody")?, ProblemKind::CursorGone)
}

fn added(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    let known = road.route.objects.values().map(|op| op.rev).max().unwrap_or_default();
    let wanted = world.wanted(&[CODED]);
    world.office.add(&road.day.courier, &wanted)?;
    let ops = road.route.follow(world, &road.phone)?;
    let shipment = road.route.shipment(&wanted[0].recipient)?;
    for (kind, id) in
        [(ObjectKind::Shipment, shipment.id.as_str()), (ObjectKind::Stop, shipment.stop.as_str())]
    {
        let op = op_of(&ops, kind, id)
            .ok_or_else(|| broken(format!("a put of the new {}", kind.word()), "none"))?;
        equal("op", &op.op, &OpKind::Put)?;
        holds("a revision above all that was there", op.rev > known, format!("{} after {known}", op.rev))?;
    }
    let order = op_of(&ops, ObjectKind::Route, route_of(&road.route)?.id.as_str());
    holds("a put of the route with its new order", order.is_some(), format!("{ops:?}"))?;
    road.route.verifier(&shipment.attempt.id).map(|_| ())
}

fn route_of(route: &Route) -> Result<courier_domain::Route, Stop> {
    let found = route.read().find_map(|object| match object {
        Object::Route(it) => Some(it),
        _ => None,
    });
    found.ok_or_else(|| broken("a readable route", "none"))
}

fn digests(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[CODED, PLAIN])?;
    road.route.is_up_to_date()?;
    world.office.cancel(&road.names[1])?;
    let ops = road.route.follow(world, &road.phone)?;
    holds("a change that can be seen", !ops.is_empty(), "none")?;
    road.route.is_up_to_date()
}

fn pages(world: &mut World) -> Check {
    let road = world.on_the_road(&[PLAIN; 300])?;
    let route = road.route;
    if route.pages == 1 {
        return Err(Stop::NotApplicable("a day of 300 stops comes in one answer here".into()));
    }
    route.is_up_to_date()?;
    for name in &road.names {
        route.shipment(name)?;
    }
    let first: Changes = read(&ask(world, &road.phone, None)?, 200)?;
    holds(
        "no digest before the last page",
        first.more && first.digest.is_none(),
        format!("{:?}", first.digest),
    )
}

fn cursors(world: &mut World) -> Check {
    let (road, other) = (world.on_the_road(&[PLAIN])?, world.on_the_road(&[PLAIN])?);
    let mut damaged = road.route.cursor.clone();
    damaged.insert(0, 'x');
    for (what, cursor) in
        [("nobody", "foreign"), ("a damaged one", &damaged), ("another courier", &other.route.cursor)]
    {
        let answer = ask(world, &road.phone, Some(cursor))?;
        equal(&format!("status for the cursor of {what}"), &answer.status, &410)?;
        is_refused(&answer, ProblemKind::CursorGone)?;
    }
    Ok(())
}

fn empty_poll(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[PLAIN])?;
    road.route.follow(world, &road.phone)?;
    let answer = ask(world, &road.phone, Some(&road.route.cursor))?;
    has_status(&answer, 204)?;
    equal("courier-epoch", &answer.header(header::EPOCH), &Some(road.phone.epoch.as_str()))
}

fn readable(world: &mut World) -> Check {
    let road = world.on_the_road(&[CODED, (false, 3)])?;
    for op in road.route.objects.values() {
        op.read().map_err(|error| broken("data that fit the type", error.to_string()))?;
        let named = [op.kind.as_str(), op.id.as_str()];
        let is_short = |name: &&str| (1..=200).contains(&name.len()) && !name.contains(['/', ' ', '\n']);
        holds("names without /, space and line feed", named.iter().all(is_short), format!("{named:?}"))?;
    }
    equal("parcels of the second shipment", &road.route.shipment(&road.names[1])?.parcels.len(), &3)
}

fn whole(world: &mut World) -> Check {
    let road = world.on_the_road(&[CODED, PLAIN])?;
    let the_route = route_of(&road.route)?;
    let stops: BTreeSet<_> = road
        .route
        .read()
        .filter_map(|object| match object {
            Object::Stop(it) => Some(it.id),
            _ => None,
        })
        .collect();
    let order: BTreeSet<_> = the_route.order.iter().cloned().collect();
    equal("stops of the order, each once", &the_route.order.len(), &order.len())?;
    equal("stops of the order", &order, &stops)?;
    for (name, code) in road.names.iter().zip([CodeNeed::Required, CodeNeed::None]) {
        let shipment = road.route.shipment(name)?;
        holds("the stop of a shipment on the route", stops.contains(&shipment.stop), shipment.stop)?;
        let is_blind = shipment.code == CodeNeed::OnlineOnly && code == CodeNeed::Required;
        holds(&format!("code {code:?}"), shipment.code == code || is_blind, format!("{:?}", shipment.code))?;
        holds("a parcel with a barcode", shipment.parcels.iter().all(|it| !it.barcodes.is_empty()), "none")?;
        let codes = road.route.verifiers(&shipment.attempt.id).len();
        holds(
            "a verifier exactly where there is a code",
            (codes > 0) == (code == CodeNeed::Required),
            codes,
        )?;
    }
    Ok(())
}

fn cancelled(world: &mut World) -> Check {
    let mut road = world.on_the_road(&[CODED, PLAIN])?;
    let shipment = road.route.shipment(&road.names[0])?;
    let verifier = road.route.verifier(&shipment.attempt.id)?;
    world.office.cancel(&road.names[0])?;
    let ops = road.route.follow(world, &road.phone)?;
    is_gone(&ops, ObjectKind::Shipment, shipment.id.as_str(), None)?;
    is_gone(&ops, ObjectKind::Verifier, verifier.code_id.as_str(), None)?;
    for op in ops.iter().filter(|op| op.op == OpKind::Gone) {
        let why = op.why.as_deref().unwrap_or_default();
        holds("gone with a word why, and no data", !why.is_empty() && op.data.is_none(), format!("{op:?}"))?;
    }
    let (order, stop) = (route_of(&road.route)?.order, &shipment.stop);
    let is_there = road.route.objects.contains_key(&(ObjectKind::Stop.word().into(), stop.to_string()));
    equal("whether the stop is in the order, as it is on the route", &order.contains(stop), &is_there)
}

fn own_only(world: &mut World) -> Check {
    let (road, other) = (world.on_the_road(&[CODED, PLAIN])?, world.on_the_road(&[CODED])?);
    let own: BTreeSet<_> = road.route.objects.keys().collect();
    let shared: Vec<_> = other.route.objects.keys().filter(|place| own.contains(place)).collect();
    holds("no object on both routes", shared.is_empty(), format!("{shared:?}"))?;
    let is_theirs =
        |object: &Object| matches!(object, Object::Shipment(it) if other.names.contains(&it.recipient_name));
    holds("no shipment of the other courier", !road.route.read().any(|it| is_theirs(&it)), "one is there")
}
