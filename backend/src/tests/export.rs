//! What a phone could not send, brought as a file.

use courier_codes::encoding::encode_typed;
use courier_protocol::ProblemKind;

use super::day::{Day, HOUR, PLAIN, shipment};
use super::phone::{Phone, handed};
use crate::error::ServiceError;
use crate::export::Taken;

fn refused(result: &Result<Taken, ServiceError>) -> bool {
    matches!(result, Err(ServiceError::Refused(ProblemKind::BadRequest, _)))
}

#[test]
fn an_export_counts_once_however_often_it_is_brought_and_whatever_was_sent_before() {
    let day = Day::with(&[shipment("A", PLAIN, 1), shipment("B", PLAIN, 1)]);
    let mut phone = Phone::of(&day);
    let bodies = ["A", "B"].map(|reference| handed(&day.attempt(reference), &day.parcels(reference), None));
    let facts = bodies.map(|body| {
        let payload = phone.payload(body);
        phone.sign(&payload)
    });
    phone.send(&day, vec![facts[0].clone()]);
    let file = phone.export(&day, &[vec![facts[0].clone()], vec![facts[1].clone()]]);
    day.service.dismiss(&day.courier).unwrap();
    day.advance(30 * 24 * HOUR);
    assert_eq!(day.service.take_export(&file).unwrap(), Taken { facts: 2, new: 1 });
    assert_eq!(day.service.take_export(&file).unwrap(), Taken { facts: 2, new: 0 });
    let totals = day.service.totals().unwrap();
    assert_eq!((totals.facts["handed_over"], totals.parcels_handed), (2, 2));
    assert_eq!(totals.reviews, std::collections::BTreeMap::new());
}

#[test]
fn a_file_that_was_changed_or_is_of_somebody_else_is_refused() {
    let day = Day::with(&[shipment("A", PLAIN, 1)]);
    let (mut phone, mut other) = (Phone::nth(&day, 1), Phone::nth(&day, 2));
    let payload = phone.payload(handed(&day.attempt("A"), &day.parcels("A"), None));
    let facts = vec![phone.sign(&payload)];
    let file = phone.export(&day, std::slice::from_ref(&facts));
    let of_another = other.export(&day, &[facts]);
    let mut changed = file.clone();
    changed.sealed = encode_typed(b"nothing");
    assert!(refused(&day.service.take_export(&changed)));
    let mut swapped = file.clone();
    swapped.proof = of_another.proof.clone();
    assert!(refused(&day.service.take_export(&swapped)));
    let mut newer = file.clone();
    newer.courier_export = 2;
    assert!(refused(&day.service.take_export(&newer)));
    // Its own signature is right, and the facts in it are of the first phone.
    day.service.take_export(&of_another).unwrap();
    assert_eq!(day.service.totals().unwrap().parcels_handed, 0);
}
