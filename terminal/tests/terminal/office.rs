//! A backend in this process, with a published day.

use courier_backend::api::{Running, serve};
use courier_backend::config::Config;
use courier_backend::days::local_day;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::import::read_json;
use courier_backend::service::{Service, Totals};
use courier_domain::{CourierId, KdfParams};
use serde_json::json;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// The backend, and the courier whose day it is.
pub(crate) struct Office {
    runtime: Runtime,
    backend: Option<Running>,
    pub(crate) courier: CourierId,
    _dir: TempDir,
}

impl Office {
    /// A day with a coded shipment for Kaya and one without a code for Huber.
    pub(crate) fn open() -> Self {
        let runtime = Runtime::new().unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut config =
            Config { listen: "127.0.0.1:0".into(), data_dir: dir.path().to_owned(), ..Config::default() };
        config.code.kdf = KdfParams { m: 8, t: 1, p: 1 };
        let backend = runtime.block_on(serve(config, ServiceClock::System, entropy::from_seed(1))).unwrap();
        let service = &backend.service;
        let day = local_day(service.clock().now(), chrono_tz::Europe::Berlin);
        let shipment = |name: &str, value: u64, house: &str| {
            json!({
                "ref": name, "order_ref": name, "sender": "Feinwerk",
                "customer": {"email": "customer@shop.example", "lang": "en"}, "recipient": {"name": name},
                "address": {"street": "Breite Straße", "house": house, "postcode": "10178", "city": "Berlin", "country": "DE"},
                "pin": {"lat": 52.515, "lon": 13.403}, "items": [{"value": value, "currency": "EUR"}],
                "parcels": [{"barcode": format!("LABEL-{}", name.to_uppercase())}], "instructions": []
            })
        };
        let file = json!({
            "day": day, "tz": "Europe/Berlin",
            "shipments": [shipment("Kaya", 90_000, "1"), shipment("Huber", 100, "2")]
        });
        let report = service.import(&read_json(file.to_string().as_bytes()).unwrap()).unwrap();
        assert_eq!(report.errors, []);
        let courier = service.add_courier("Ada").unwrap();
        service.publish(&courier, day).unwrap();
        Self { runtime, courier, backend: Some(backend), _dir: dir }
    }

    pub(crate) fn service(&self) -> &Service {
        &self.backend.as_ref().unwrap().service
    }

    pub(crate) fn url(&self) -> String {
        self.backend.as_ref().unwrap().url.clone()
    }

    pub(crate) fn enrolment(&self) -> String {
        self.service().add_enrolment(&self.courier).unwrap()
    }

    /// The six digits that the customer sees.
    pub(crate) fn digits(&self, reference: &str) -> String {
        let (row, _) = self.service().find_shipment(Some("Feinwerk"), reference).unwrap();
        let token = self.service().tracking_token(&row).unwrap();
        self.service().tracking(&token).unwrap().code.expect("no code is live").digits
    }

    pub(crate) fn totals(&self) -> Totals {
        self.service().totals().unwrap()
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if let Some(backend) = self.backend.take() {
            self.runtime.block_on(backend.shutdown());
        }
    }
}
