//! A delivery day with a clock by hand.

use std::sync::Mutex;

use courier_domain::{AttemptId, CourierId, KdfParams, ParcelId, Shipment, UnixMs, Verifier};
use courier_protocol::{Change, Object, RouteOp};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::config::Config;
use crate::entropy::{self, ServiceClock};
use crate::import::{ImportReport, read_json};
use crate::service::Service;
use crate::storage::AttemptRow;
use crate::tracking::Tracking;

/// 2026-11-24, a Tuesday, 08:00 in Berlin.
pub(super) const MORNING: i64 = 1_795_503_600_000;
pub(super) const TODAY: &str = "2026-11-24";
pub(super) const TOMORROW: &str = "2026-11-25";
pub(super) const HOUR: i64 = 3_600_000;

pub(super) struct Day {
    pub(super) service: Service,
    pub(super) courier: CourierId,
    pub(super) dir: TempDir,
}

/// A shipment as a shop would import it; one above 500 euros needs a code.
pub(super) fn shipment(reference: &str, value: u64, parcels: usize) -> Value {
    let parcels: Vec<_> = (0..parcels).map(|n| json!({"barcode": format!("{reference}-{n}")})).collect();
    json!({
        "ref": reference, "order_ref": format!("order {reference}"), "sender": "Feinwerk",
        "customer": {"email": "kaya@customers.example", "lang": "en"}, "recipient": {"name": reference},
        "address": {"street": "Breite Straße", "house": reference, "postcode": "10178", "city": "Berlin", "country": "DE"},
        "pin": {"lat": 52.515, "lon": 13.403}, "items": [{"value": value, "currency": "EUR"}], "parcels": parcels
    })
}

pub(super) const CODED: u64 = 90_000;
pub(super) const PLAIN: u64 = 100;

impl Day {
    /// Nothing but a courier.
    pub(super) fn empty() -> Self {
        Self::with_tag_of(10)
    }

    /// Nothing but a courier; tags have so many bits.
    pub(super) fn with_tag_of(bits: u8) -> Self {
        Self::changed(|config| config.code.k = bits)
    }

    /// Nothing but a courier, with a configuration of its own.
    pub(super) fn changed(change: impl FnOnce(&mut Config)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = Config { data_dir: dir.path().to_owned(), ..Config::default() };
        config.code.kdf = KdfParams { m: 8, t: 1, p: 1 };
        config.mail.at_once = true;
        change(&mut config);
        let clock = ServiceClock::Set(Mutex::new(UnixMs(MORNING)));
        let service =
            Service::open(config, "http://backend.example".into(), clock, entropy::from_seed(7)).unwrap();
        let courier = service.add_courier("Ada").unwrap();
        Self { service, courier, dir }
    }

    /// These shipments, published for today.
    pub(super) fn with(shipments: &[Value]) -> Self {
        Self::empty().published(shipments)
    }

    /// The same with these shipments, published for today.
    pub(super) fn published(self, shipments: &[Value]) -> Self {
        assert_eq!(self.import(shipments).errors, []);
        self.publish(TODAY);
        self
    }

    /// The same after a restart.
    pub(super) fn reopened(self) -> Self {
        let Self { service, courier, dir } = self;
        let (config, now) = (service.config().clone(), service.clock().now());
        drop(service);
        let clock = ServiceClock::Set(Mutex::new(now));
        let service =
            Service::open(config, "http://backend.example".into(), clock, entropy::from_seed(8)).unwrap();
        Self { service, courier, dir }
    }

    pub(super) fn import(&self, shipments: &[Value]) -> ImportReport {
        let file = json!({"day": TODAY, "tz": "Europe/Berlin", "shipments": shipments}).to_string();
        self.service.import(&read_json(file.as_bytes()).unwrap()).unwrap()
    }

    pub(super) fn publish(&self, day: &str) {
        self.service.publish(&self.courier, day.parse().unwrap()).unwrap();
    }

    /// Time passes.
    pub(super) fn advance(&self, ms: i64) {
        let clock = self.service.clock();
        assert!(clock.set(clock.now().plus_ms(ms)));
    }

    pub(super) fn ops(&self) -> Vec<RouteOp> {
        self.service.changes(&self.courier, None).unwrap().map(|changes| changes.ops).unwrap_or_default()
    }

    fn objects(&self) -> Vec<Object> {
        let read = self.ops().into_iter().map(|op| op.read().unwrap());
        read.filter_map(|change| match change {
            Change::Put(object) => Some(*object),
            _ => None,
        })
        .collect()
    }

    /// What the phone has of a shipment.
    pub(super) fn on_phone(&self, reference: &str) -> Option<Shipment> {
        self.objects().into_iter().find_map(|object| match object {
            Object::Shipment(it) if it.recipient_name == reference => Some(it),
            _ => None,
        })
    }

    pub(super) fn verifiers(&self) -> Vec<Verifier> {
        let objects = self.objects().into_iter();
        objects
            .filter_map(|object| match object {
                Object::Verifier(verifier) => Some(verifier),
                _ => None,
            })
            .collect()
    }

    pub(super) fn attempts(&self, reference: &str) -> Vec<AttemptRow> {
        self.service.find_shipment(Some("Feinwerk"), reference).unwrap().1
    }

    pub(super) fn attempt(&self, reference: &str) -> AttemptId {
        self.on_phone(reference).expect("not on the route").attempt.id
    }

    pub(super) fn parcels(&self, reference: &str) -> Vec<ParcelId> {
        let shipment = self.on_phone(reference).expect("not on the route");
        shipment.parcels.into_iter().map(|parcel| parcel.id).collect()
    }

    pub(super) fn token(&self, reference: &str) -> String {
        let (row, _) = self.service.find_shipment(Some("Feinwerk"), reference).unwrap();
        self.service.tracking_token(&row).unwrap()
    }

    pub(super) fn page(&self, reference: &str) -> Tracking {
        self.service.tracking(&self.token(reference)).unwrap()
    }

    /// Where the customer is told that it stands.
    pub(super) fn state(&self, reference: &str) -> &'static str {
        self.page(reference).state.word()
    }

    pub(super) fn digits(&self, reference: &str) -> String {
        self.page(reference).code.expect("no code is live").digits
    }

    /// Templates of the mails sent so far.
    pub(super) fn mails(&self) -> Vec<String> {
        self.service.send_mails().unwrap();
        self.service.sent_mails().unwrap().into_iter().map(|mail| mail.template).collect()
    }

    pub(super) fn reviews(&self, cause: &str) -> u64 {
        self.service.totals().unwrap().reviews.get(cause).copied().unwrap_or(0)
    }
}
