//! What office and customers change while couriers are on the road: every row of the table "when office and door disagree".

use courier_backend::dispatch::RouteOrder;
use courier_backend::dispute::{Dispute, DisputeKind};
use courier_backend::error::ServiceError;
use courier_domain::InstructionKind;
use courier_tests::world::DAY;
use rand_chacha::ChaCha20Rng;
use rand_core::Rng;

use crate::invariants::Broken;
use crate::server::{ADAS, NEXT_DAY, Server};

fn below(rng: &mut ChaCha20Rng, n: usize) -> usize {
    usize::try_from(rng.next_u64() % n as u64).unwrap_or(0)
}

/// One change, in words. That it comes too late for what happened is no fault of anybody.
pub(crate) fn change(server: &mut Server, rng: &mut ChaCha20Rng, late: bool) -> Result<String, Broken> {
    let name = ADAS[below(rng, ADAS.len())];
    let service = server.service();
    let (shipment, attempts) = service.find_shipment(Some("Feinwerk"), name).unwrap();
    let token = service.tracking_token(&shipment).unwrap();
    let request = rng.next_u64().to_string();
    let (what, done) = match below(rng, 20) {
        0..=2 => ("is cancelled", service.cancel(&shipment.id, "recalled")),
        3..=5 => ("goes to Ben", service.reassign(&shipment.id, Some(&server.couriers[1]))),
        6 | 7 => ("goes to Ada", service.reassign(&shipment.id, Some(&server.couriers[0]))),
        8 => ("is taken off its route", service.reassign(&shipment.id, None)),
        9 | 10 => {
            let done = server.couriers.iter().try_for_each(|courier| {
                match service.publish(courier, DAY.parse().unwrap()) {
                    Ok(_) | Err(ServiceError::Refused(..)) => Ok(()),
                    Err(fault) => Err(fault),
                }
            });
            ("stays, and the day is published again", done)
        }
        11 | 12 => {
            let done = match attempts.last().and_then(|attempt| attempt.route.clone()) {
                None => Ok(()),
                Some(route) => turn(server, &route),
            };
            ("comes in another order", done)
        }
        13 => ("is delivered at the counter", service.delivered_by_hand(&shipment.id)),
        14 | 15 => {
            let done = attempts.last().map_or(Ok(()), |attempt| service.reissue(&attempt.id, &request, None));
            ("gets a new code", done)
        }
        16 | 17 => {
            let kind = InstructionKind::Note { text: format!("ring {} times", below(rng, 9)) };
            ("gets an instruction", service.instruct(&token, kind, None))
        }
        18 => ("has a code that was told by phone", service.dispute(&token, told_by_phone(request))),
        _ if late => {
            let courier = server.couriers[below(rng, 2)].clone();
            let done = service.dismiss(&courier);
            return told(&format!("courier {} is dismissed", name_of(server, &courier)), done);
        }
        _ => ("is looked at", service.tracking(&token).map(|_| ())),
    };
    told(&format!("{name} {what}"), done)
}

fn told(what: &str, done: Result<(), ServiceError>) -> Result<String, Broken> {
    match done {
        Ok(()) => Ok(format!("(office: {what})")),
        Err(ServiceError::Refused(..)) => Ok(format!("(office: {what}: too late)")),
        Err(ServiceError::Fault(fault)) => Err(Broken(format!("the office meets a fault: {fault}"))),
    }
}

fn name_of(server: &Server, courier: &courier_domain::CourierId) -> &'static str {
    if server.couriers[0] == *courier { "Ada" } else { "Ben" }
}

fn turn(server: &Server, route: &courier_domain::RouteId) -> Result<(), ServiceError> {
    let db = rusqlite::Connection::open(server.database()).unwrap();
    let order: String = db
        .query_row("SELECT stop_order FROM route WHERE id = ?1", [route.as_str()], |row| row.get(0))
        .unwrap();
    let mut order: Vec<_> = serde_json::from_str(&order).unwrap();
    order.reverse();
    server.service().reorder(route, &RouteOrder { order, ..RouteOrder::default() })
}

/// The next morning: yesterday's rest and today's shipments are out.
pub(crate) fn publish_next_day(server: &mut Server) {
    for courier in server.couriers.clone() {
        let _ = server.service().publish(&courier, NEXT_DAY.parse().unwrap());
    }
    server.is_second_day = true;
}

fn told_by_phone(request: String) -> Dispute {
    Dispute { kind: DisputeKind::ToldByPhone, text: None, request_id: Some(request) }
}
