//! What a scan is told.

use courier_domain::decide::{MAX_BARCODES, ScanResult};
use courier_domain::{
    CodeNeed, Command, Context, Decision, Form, Parcel, ParcelId, Rejection, StopId, decide, route_view,
};

use crate::phone::{Phone, shipment};

const IDENTCODE: &str = "563102430313";

/// At `door-1` a parcel with an Identcode, at `door-2` one with an SSCC.
fn labelled() -> Phone {
    let mut phone = Phone::started(Vec::new());
    for (id, stop, barcode) in [("plain", "door-1", IDENTCODE), ("other", "door-2", "00340433836442636597")] {
        let mut labelled = shipment(id, &StopId::new(stop).unwrap(), CodeNeed::None, 1, Vec::new());
        labelled.parcels[0].barcodes = vec![barcode.into()];
        phone.state.put_shipment(11, labelled);
    }
    phone
}

fn scan(phone: &Phone, text: &str) -> Result<ScanResult, Rejection> {
    let command = Command::Scan { stop: StopId::new("door-1").unwrap(), barcode: text.into() };
    match decide(&phone.state, &command, &Context { at: phone.at() })? {
        Decision::SaveDraft { scan, .. } => Ok(scan),
        other => panic!("a scan became {other:?}"),
    }
}

#[test]
fn a_label_is_told_apart() {
    let phone = labelled();
    let here = scan(&phone, "56.310 243.031 3").unwrap();
    assert!(matches!(here, ScanResult::Here { parcel, .. } if parcel.as_str() == "plain-1"));
    let elsewhere = scan(&phone, "]C100340433836442636597").unwrap();
    assert_eq!(elsewhere, ScanResult::OtherStop { no: 2, stop: StopId::new("door-2").unwrap() });
    for (text, expected) in [
        ("RB123456785GB", ScanResult::Foreign { form: Form::S10 }),
        ("1Z5R89390357567127", ScanResult::Foreign { form: Form::Ups }),
        ("201298452277", ScanResult::Foreign { form: Form::Identcode }),
        ("21348075016401", ScanResult::RoutingCode),
        ("4006381333931", ScanResult::Unknown),
    ] {
        assert_eq!(scan(&phone, text), Ok(expected), "{text:?}");
    }
    assert!(matches!(scan(&phone, "\u{0}"), Err(Rejection::BadText { .. })));
}

#[test]
fn a_whole_label_is_the_parcel_on_it() {
    let phone = labelled();
    let told = scan(&phone, &format!("21348075016401\n{IDENTCODE}\nCODE 128 OF SOMEBODY"));
    assert!(matches!(told, Ok(ScanResult::Here { .. })), "{told:?}");
}

#[test]
fn a_wrong_check_digit_is_a_misreading_where_the_form_is_certain_or_used_here() {
    let phone = labelled();
    assert_eq!(scan(&phone, "RB123456786GB"), Err(Rejection::Misread { form: Form::S10 }));
    assert_eq!(scan(&phone, "563102430314"), Err(Rejection::Misread { form: Form::Identcode }));
    let mut other = Phone::started(Vec::new());
    other.scan("door-1", "plain1");
    assert_eq!(scan(&other, "563102430314"), Ok(ScanResult::Unknown), "no label here has twelve digits");
}

#[test]
fn what_is_on_the_route_is_found_whatever_its_check_digit() {
    let mut phone = labelled();
    let mut odd = shipment("plain", &StopId::new("door-1").unwrap(), CodeNeed::None, 1, Vec::new());
    odd.parcels[0].barcodes = vec!["RB123456786GB".into()];
    phone.state.put_shipment(12, odd);
    assert!(matches!(scan(&phone, "rb 1234 5678 6 gb"), Ok(ScanResult::Here { .. })));
    assert_eq!(
        scan(&phone, IDENTCODE),
        Ok(ScanResult::Foreign { form: Form::Identcode }),
        "a label that was replaced is no longer found"
    );
}

#[test]
fn what_looks_like_a_misread_label_is_one_only_while_such_labels_are_on_the_route() {
    let mut phone = labelled();
    let plain = shipment("plain", &StopId::new("door-1").unwrap(), CodeNeed::None, 1, Vec::new());
    phone.state.put_shipment(12, plain);
    assert_eq!(scan(&phone, "563102430314"), Ok(ScanResult::Unknown));
}

#[test]
fn of_two_parcels_with_one_barcode_the_one_that_belongs_here_is_meant() {
    let mut phone = Phone::started(Vec::new());
    let twin = |id: &str, stop: &str| {
        let mut twin = shipment(id, &StopId::new(stop).unwrap(), CodeNeed::None, 1, Vec::new());
        twin.parcels[0].barcodes = vec!["TWIN".into()];
        twin
    };
    // In the order of their identifiers the one that is elsewhere comes first.
    phone.state.put_shipment(11, twin("a-elsewhere", "door-2"));
    phone.state.put_shipment(11, twin("z-here", "door-1"));
    let found = |phone: &mut Phone| match phone.scan("door-1", "twin") {
        ScanResult::Here { parcel, .. } => parcel.as_str().to_owned(),
        other => format!("{other:?}"),
    };
    assert_eq!(found(&mut phone), "z-here-1");
    assert_eq!(found(&mut phone), "z-here-1", "what was scanned here is meant before what is elsewhere");
    phone.state.put_shipment(12, twin("b-here", "door-1"));
    phone.state.gone("shipment", "b-here", 13, "cancelled");
    assert_eq!(found(&mut phone), "z-here-1", "what is gone is meant last");
}

#[test]
fn a_load_check_takes_two_thousand_labels_and_says_which_parcels_are_missing() {
    let mut phone = Phone::started(Vec::new());
    let check = |phone: &mut Phone, barcodes: Vec<String>| phone.go(&Command::CheckLoad { barcodes });
    assert!(matches!(
        check(&mut phone, vec!["plain1".into(); MAX_BARCODES + 1]),
        Err(Rejection::BadText { field, .. }) if field == "barcodes"
    ));
    check(&mut phone, vec!["plain1".into(); MAX_BARCODES]).unwrap();
    let load = route_view(&phone.state, &phone.at()).unwrap().load.unwrap();
    let ids = |ids: &[ParcelId]| ids.iter().map(|id| id.as_str().to_owned()).collect::<Vec<_>>();
    assert_eq!(ids(&load.found), ["plain-1"]);
    assert_eq!(ids(&load.missing), ["coded-1", "coded-2", "other-1"]);
}

#[test]
fn of_two_parcels_with_one_barcode_each_scan_takes_one() {
    let mut phone = Phone::started(Vec::new());
    let mut twins = shipment("plain", &StopId::new("door-1").unwrap(), CodeNeed::None, 2, Vec::new());
    let twin =
        |n: u32| Parcel { id: ParcelId::new(format!("plain-{n}")).unwrap(), barcodes: vec!["TWIN".into()] };
    twins.parcels = vec![twin(1), twin(2)];
    phone.state.put_shipment(11, twins);
    let found_of = |phone: &mut Phone, scans: usize| {
        phone.go(&Command::CheckLoad { barcodes: vec!["twin".into(); scans] }).unwrap();
        let load = route_view(&phone.state, &phone.at()).unwrap().load.unwrap();
        load.found.len()
    };
    assert_eq!([1, 2, 3].map(|scans| found_of(&mut phone, scans)), [1, 2, 2]);
    for _ in 0..2 {
        assert!(matches!(phone.scan("door-1", "twin"), ScanResult::Here { .. }));
    }
    assert!(phone.door("plain").parcels.iter().all(|line| line.scanned));
}
