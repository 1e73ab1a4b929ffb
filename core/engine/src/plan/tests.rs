//! The plan on days made by hand: stops in a line, about 680 metres apart.

use courier_domain::{
    Address, At, AttemptId, AttemptRef, CodeNeed, FactBody, FactId, FactPayload, InstallId, Parcel, ParcelId,
    Pin, Position, Receiver, Rejection, Route, RouteEdit, RouteId, RouteRef, Shipment, ShipmentId,
    TravelMatrix,
};

use super::*;

const MORNING: i64 = 1_800_000_000_000;
const MINUTE: i64 = 60_000;

fn id(name: &str) -> StopId {
    StopId::new(name).unwrap()
}

fn ids(names: &str) -> Vec<StopId> {
    names.split(' ').map(id).collect()
}

fn stop(name: &str, place: f64) -> Stop {
    Stop {
        id: id(name),
        address: Address {
            street: "Lindenallee".into(),
            house: name.into(),
            postcode: "20095".into(),
            city: "Hamburg".into(),
            country: "DE".into(),
        },
        flat: None,
        door_pin: Pin { lat: 52.5, lon: 13.4 + place / 100.0 },
        parking_pin: None,
        window: None,
        service_s: 60,
        access_notes: None,
        van_place: None,
    }
}

fn shipment(name: &str) -> Shipment {
    Shipment {
        id: ShipmentId::new(format!("s-{name}")).unwrap(),
        stop: id(name),
        attempt: AttemptRef { id: AttemptId::new(format!("a-{name}")).unwrap(), no: 1 },
        recipient_name: name.into(),
        recipient_phone: None,
        lang: "de".into(),
        sender_name: "Shop".into(),
        parcels: vec![Parcel { id: ParcelId::new(format!("p-{name}")).unwrap(), barcodes: Vec::new() }],
        instructions: Vec::new(),
        code: CodeNeed::None,
        tries_used: 0,
        tries: Vec::new(),
        budget: 5,
    }
}

/// A day that has begun.
struct World {
    state: DayState,
    plan: Plan,
    minute: i64,
    facts: u64,
    order: Vec<StopId>,
}

impl World {
    /// `a` is at 0, `b` at 1 …, whatever the order is.
    fn new(order: &str) -> Self {
        let plan = Plan::new(Learned::new(&[7; 32]), Today::default());
        let mut world = Self { state: DayState::new(), plan, minute: 0, facts: 0, order: ids(order) };
        for name in order.split(' ') {
            let place = name.bytes().next().map_or(0, |letter| letter - b'a');
            world.put(name, f64::from(place));
        }
        world.put_route();
        let zero = courier_domain::Base64Url::new("AAAA").unwrap();
        let day_jwk = courier_domain::Jwk { kty: "EC".into(), crv: "P-256".into(), x: zero.clone(), y: zero };
        world.record(None, FactBody::DayStarted { day_jwk });
        world.look();
        world
    }

    fn put(&mut self, name: &str, place: f64) {
        self.state.put_stop(1, stop(name, place));
        self.state.put_shipment(1, shipment(name));
    }

    fn put_route(&mut self) {
        self.state.put_route(
            1,
            Route {
                id: RouteId::new("r").unwrap(),
                day: "2027-01-15".parse().unwrap(),
                tz: "Europe/Berlin".into(),
                order: self.order.clone(),
                fixed_first: None,
                fixed_last: None,
                policy: None,
            },
        );
    }

    fn window(&mut self, name: &str, place: f64, until_minute: i64) {
        let window = TimeWindow { from: UnixMs(MORNING), to: UnixMs(MORNING + until_minute * MINUTE) };
        self.state.put_stop(2, Stop { window: Some(window), ..stop(name, place) });
        self.look();
    }

    fn moment(&self) -> Moment {
        let boot_ms = u64::try_from(self.minute * MINUTE).unwrap() + 1_000_000;
        Moment { now: UnixMs(MORNING + self.minute * MINUTE), boot_ms }
    }

    fn record(&mut self, at: Option<&str>, body: FactBody) {
        self.facts += 1;
        let before = self.state.day().here.clone();
        let now = self.moment().now;
        self.state.record(&FactPayload {
            v: 1,
            id: FactId::new(format!("f-{}", self.facts)).unwrap(),
            install: InstallId::new("i").unwrap(),
            inc: 1,
            seq: self.facts,
            prev: None,
            at: At { wall: now, boot_ms: 0, boot: "b".into(), server_ms: Some(now), plus_minus_ms: Some(1) },
            route: Some(RouteRef { id: RouteId::new("r").unwrap(), rev: 1 }),
            stop: at.map(id),
            stop_rev: None,
            private: None,
            body,
        });
        if let Some(before) = before {
            self.plan.learn(&self.state, &before);
        }
        self.look();
    }

    fn look(&mut self) -> bool {
        self.plan.refresh(&self.state, self.moment())
    }

    fn arrive(&mut self, name: &str) {
        self.record(Some(name), FactBody::Arrived {});
    }

    fn hand_over(&mut self, name: &str) {
        let body = FactBody::HandedOver {
            attempt: AttemptId::new(format!("a-{name}")).unwrap(),
            parcels: vec![ParcelId::new(format!("p-{name}")).unwrap()],
            receiver: Receiver::Recipient,
            code_try: None,
            scanned: Vec::new(),
            proofs: Vec::new(),
            overrides: Vec::new(),
            checks: Vec::new(),
        };
        self.record(Some(name), body);
    }

    fn edit(&mut self, name: &str, change: RouteEdit) -> Result<(), Rejection> {
        let order = self.plan.edited(&self.state, &id(name), change, self.moment())?;
        self.record(Some(name), FactBody::RouteEdited { order, why: change.word().into() });
        Ok(())
    }

    fn search(&mut self) -> bool {
        let search = self.plan.take_search(&self.state, self.moment());
        search.is_some_and(|search| self.plan.found(search.run()))
    }

    /// The open stops in their order.
    fn open(&self) -> String {
        let open = self.plan.today.order.iter().filter(|stop| self.plan.today.seen.contains_key(*stop));
        open.map(StopId::as_str).collect::<Vec<_>>().join(" ")
    }

    fn eta(&self, name: &str) -> Eta {
        self.plan.today.told[&id(name)]
    }
}

#[test]
fn the_courier_s_order_stays_whatever_the_office_sends_and_what_is_new_comes_where_it_costs_least() {
    let mut world = World::new("a b c d e");
    world.edit("b", RouteEdit::Skip).unwrap();
    assert_eq!(world.open(), "a c d e b");
    world.order = ids("e d c b a");
    world.put_route();
    world.look();
    assert_eq!(world.open(), "a c d e b", "the office turned the courier's order round");
    world.put("new", 3.5);
    world.order = ids("e d c b a new");
    world.put_route();
    world.look();
    assert_eq!(world.open(), "a c d new e b");
    world.state.gone("stop", "d", 3, "cancelled");
    world.look();
    assert_eq!(world.open(), "a c new e b");
}

#[test]
fn every_edit_is_done_and_the_place_where_the_courier_is_cannot_be_taken() {
    let mut world = World::new("a b c d e");
    world.edit("d", RouteEdit::Next).unwrap();
    assert_eq!(world.open(), "d a b c e");
    world.edit("e", RouteEdit::Move { position: 2 }).unwrap();
    assert_eq!(world.open(), "d e a b c");
    world.arrive("d");
    assert_eq!(world.edit("d", RouteEdit::Skip), Err(Rejection::PlaceFixed));
    assert_eq!(world.edit("a", RouteEdit::Move { position: 1 }), Err(Rejection::PlaceFixed));
    assert_eq!(world.edit("a", RouteEdit::Move { position: 6 }), Err(Rejection::PlaceFixed));
    world.edit("a", RouteEdit::Move { position: 2 }).unwrap();
    assert_eq!(world.open(), "d a e b c");
    world.edit("a", RouteEdit::Later { not_before: UnixMs(MORNING + 9 * MINUTE) }).unwrap();
    let (late, first) = (world.eta("a").p50, world.open());
    assert!(late >= UnixMs(MORNING + 9 * MINUTE), "{late:?} in {first}");
    world.hand_over("d");
    world.edit("c", RouteEdit::Move { position: 1 }).unwrap();
    assert!(world.open().starts_with("c "), "on the way the first place is free: {}", world.open());
    assert_eq!(world.edit("d", RouteEdit::Next), Err(Rejection::NotOpen));
}

#[test]
fn who_goes_to_a_stop_before_its_turn_finds_it_first() {
    let mut world = World::new("a b c d");
    world.arrive("c");
    assert_eq!(world.open(), "c a b d");
    world.hand_over("c");
    assert_eq!(world.open(), "a b d");
    world.look();
    assert_eq!(world.open(), "a b d");
}

#[test]
fn an_arrival_is_told_again_only_when_it_has_moved_by_more_than_the_promise() {
    let mut world = World::new("a b c d");
    world.arrive("a");
    let told = world.eta("d");
    assert!(told.p80 > told.p50 && told.p50 > UnixMs(MORNING));
    world.minute = 8;
    assert!(!world.look(), "six minutes late are within the promise: {:?}", world.eta("d"));
    assert_eq!(world.eta("d"), told);
    world.minute = 20;
    assert!(world.look());
    let moved = world.eta("d").p50.0 - told.p50.0;
    assert!((10 * MINUTE..25 * MINUTE).contains(&moved), "{moved} ms");
    assert!(!world.look(), "the same is told twice");
}

#[test]
fn slow_legs_make_the_rest_of_the_day_later() {
    let mut world = World::new("a b c d e f g h");
    world.arrive("a");
    world.minute += 2;
    world.hand_over("a");
    let predicted = world.eta("b").p50.0 - world.moment().now.0;
    for name in ["b", "c", "d"] {
        world.minute += 4 * predicted / MINUTE + 1;
        world.arrive(name);
        world.minute += 2;
        world.hand_over(name);
    }
    let now = world.eta("e").p50.0 - world.moment().now.0;
    assert!(now > predicted * 5 / 4, "a leg of {predicted} ms is still expected to take {now} ms");
}

#[test]
fn a_proposal_has_a_price_and_stands_until_it_is_answered_or_something_happens() {
    let mut world = World::new("a h b g c f d e x");
    assert!(!world.search(), "nobody asked for another order");
    world.state.gone("stop", "x", 2, "cancelled");
    assert!(world.look());
    assert!(world.search());
    let proposal = world.plan.today.proposal.clone().unwrap();
    assert_eq!(proposal.order.first(), Some(&id("a")), "the next stop changes");
    assert!(proposal.travel_saved_s > 60 && proposal.reason == courier_domain::ProposalReason::Shorter);
    assert!(!proposal.moved.is_empty());
    assert_eq!(proposal.parcels_moved as usize, proposal.moved.len());
    assert_eq!(world.open(), "a h b g c f d e", "a proposal moved something by itself");

    assert!(world.plan.drop_proposal(proposal.id));
    assert!(!world.search(), "a refused order is proposed again");
    assert_eq!(world.plan.proposed(&world.state, proposal.id), Err(Rejection::ProposalOver));

    world.state.gone("stop", "h", 3, "cancelled");
    world.look();
    assert!(world.search());
    let second = world.plan.today.proposal.clone().unwrap();
    assert_ne!(second.id, proposal.id);
    let order = world.plan.proposed(&world.state, second.id).unwrap();
    world.record(None, FactBody::RouteEdited { order, why: "proposal".into() });
    let wanted: Vec<_> = second.order.iter().map(StopId::as_str).collect();
    assert_eq!(world.open(), wanted.join(" "));
    assert_eq!(world.plan.today.proposal, None);
}

#[test]
fn what_lies_together_in_the_van_is_proposed_together() {
    let mut world = World::new("a b c d e f x");
    for (name, bag) in [("a", "1"), ("b", "1"), ("c", "2"), ("d", "1"), ("e", "2"), ("f", "2")] {
        let place = f64::from(name.as_bytes()[0] - b'a') / 10.0;
        world.state.put_stop(2, Stop { van_place: Some(bag.into()), ..stop(name, place) });
    }
    world.look();
    world.state.gone("stop", "x", 3, "cancelled");
    world.look();
    assert!(world.search());
    let proposal = world.plan.today.proposal.clone().unwrap();
    assert_eq!(proposal.reason, courier_domain::ProposalReason::Tidier);
    assert_eq!(proposal.order, ids("a b d c e f"));
}

#[test]
fn a_search_whose_day_has_gone_on_is_asked_for_again() {
    let mut world = World::new("a h b g c f d e x");
    world.state.gone("stop", "x", 2, "cancelled");
    world.look();
    let search = world.plan.take_search(&world.state, world.moment()).unwrap();
    world.arrive("a");
    world.hand_over("a");
    assert!(!world.plan.found(search.run()));
    assert!(world.search());
    assert!(!world.plan.today.proposal.as_ref().unwrap().order.contains(&id("a")));
}

#[test]
fn the_courier_s_own_change_is_not_argued_with_but_its_lateness_is_shown() {
    let mut world = World::new("a b c d e");
    world.window("b", 1.0, 12);
    world.search();
    world.plan.today.proposal = None;
    assert_eq!(world.eta("b").late_s, 0);
    world.edit("b", RouteEdit::Skip).unwrap();
    assert!(world.eta("b").late_s > 0);
    assert!(!world.search() && world.plan.today.proposal.is_none());
}

#[test]
fn where_a_matrix_knows_the_time_it_counts() {
    let mut world = World::new("a b c");
    world.arrive("a");
    let reckoned = world.eta("b").p50;
    let matrix =
        TravelMatrix { id: RouteId::new("r").unwrap(), stops: ids("a b"), seconds: vec![0, 3_000, 3_000, 0] };
    world.state.put_matrix(TravelMatrix { seconds: vec![0, 1], ..matrix.clone() });
    assert_eq!(world.state.matrix(), None, "half a matrix is taken");
    world.state.put_matrix(matrix);
    world.look();
    let known = (world.eta("b").p50.0 - reckoned.0) / 1_000;
    assert!((2_500..3_000).contains(&known), "{known} s");
}

#[test]
fn the_first_of_two_neighbouring_doors_is_the_one_that_comes_next() {
    let mut world = World::new("a b");
    world.put("b", 0.02);
    world.look();
    let mut shown = Vec::new();
    for second in 0..12_u64 {
        let position = Position::of_degrees(52.5, 13.4, 10.0, 0).unwrap();
        let moment = Moment { boot_ms: 1_000_000 + second * 5_000, ..world.moment() };
        let seen = world.plan.fix(&world.state, position, None, moment);
        shown.extend(world.plan.tracking(&world.state, seen).arrived);
    }
    assert_eq!(shown, [id("a")]);
}

#[test]
fn before_and_after_the_day_no_fix_is_wanted() {
    let mut world = World::new("a b");
    assert!(world.plan.tracking(&world.state, arrivals::Seen::Nothing).sampling);
    world.record(None, FactBody::DayClosed {});
    let tracking = world.plan.tracking(&world.state, arrivals::Seen::Nothing);
    assert!(!tracking.sampling && tracking.wake_ups.is_empty());
    assert!(world.plan.today.told.is_empty(), "arrivals are told after the day");
}
