//! A backend with a clock by hand, a delivery day, and a phone enrolled with it.

use std::path::Path;
use std::sync::Mutex;

use courier_backend::api::{Running, serve};
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::import::read_json;
use courier_backend::service::Service;
use courier_backend::tracking::Tracking;
use courier_domain::{CourierId, KdfParams, UnixMs, Verifier};
use courier_protocol::{Change, Object};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::ask;
use crate::phone::{HandClock, Phone};
use crate::wire::Wire;
use courier_scenario::http::Answer;

/// 2026-11-24, 08:00 in Berlin.
pub const MORNING: i64 = 1_795_503_600_000;
/// The delivery day.
pub const DAY: &str = "2026-11-24";
/// The key of the office in these tests.
pub const OPS_KEY: &str = "the office's own key";

/// Everything.
pub struct World {
    /// The backend's runtime; the phone has its own.
    pub runtime: Runtime,
    backend: Option<Running>,
    /// Where the backend listens.
    pub url: String,
    /// The courier.
    pub courier: CourierId,
    /// The phone's clock; the backend's is set apart from it.
    pub clock: HandClock,
    /// The phone.
    pub phone: Phone,
    /// What went over the wire, if anybody listens.
    pub wire: Option<Wire>,
    /// Files of the backend.
    pub backend_dir: TempDir,
    _phone_dir: TempDir,
}

/// When mails go.
#[derive(Clone, Copy)]
enum Mails {
    /// Before the answer, so that a test can look for them.
    AtOnce,
    /// By a worker.
    Beside,
}

/// A shipment as a shop would import it; `change` makes it a special one.
pub fn shipment(recipient: &str, value: u64, change: impl FnOnce(&mut Value)) -> Value {
    let mut shipment = courier_scenario::shipment(&json!({ "ref": recipient, "value": value }));
    change(&mut shipment);
    shipment
}

impl World {
    /// A world with these shipments imported and published, the phone enrolled and synced, the day begun.
    pub fn with(shipments: &[Value]) -> Self {
        Self::begin(Self::empty(), shipments)
    }

    /// The same, with somebody on the wire who reads everything between phones and backend.
    pub fn overheard(shipments: &[Value]) -> Self {
        Self::begin(Self::build(Some(Wire::new()), Mails::AtOnce), shipments)
    }

    /// The same as [`with`](Self::with), with a backend that mails beside its answers, as it does outside of tests.
    pub fn as_served(shipments: &[Value]) -> Self {
        Self::begin(Self::build(None, Mails::Beside), shipments)
    }

    fn begin(world: Self, shipments: &[Value]) -> Self {
        world.import(shipments);
        world.service().publish(&world.courier, DAY.parse().unwrap()).unwrap();
        let report = world.phone.sync();
        assert_eq!(report.error, None);
        world.phone.go(courier_domain::Command::StartDay).unwrap();
        world
    }

    /// A world with an enrolled phone and nothing else.
    pub fn empty() -> Self {
        Self::build(None, Mails::AtOnce)
    }

    fn build(wire: Option<Wire>, mails: Mails) -> Self {
        let runtime = Runtime::new().unwrap();
        let backend_dir = tempfile::tempdir().unwrap();
        let mut config = Config {
            listen: "127.0.0.1:0".into(),
            data_dir: backend_dir.path().to_owned(),
            ..Config::default()
        };
        config.code.kdf = KdfParams { m: 8, t: 1, p: 1 };
        config.mail.at_once = matches!(mails, Mails::AtOnce);
        config.keys.ops = Some(OPS_KEY.into());
        config.public_url = wire.as_ref().map(|wire| wire.url.clone());
        let clock = ServiceClock::Set(Mutex::new(UnixMs(MORNING)));
        let backend = runtime.block_on(serve(config, clock, entropy::from_seed(1))).unwrap();
        let courier = backend.service.add_courier("Ada").unwrap();
        let code = backend.service.add_enrolment(&courier).unwrap();
        let phone_dir = tempfile::tempdir().unwrap();
        let clock = HandClock::new(MORNING + 4_000);
        let url = backend.url.clone();
        if let Some(wire) = &wire {
            wire.lead_to(&url);
        }
        let phone_url = wire.as_ref().map_or(&url, |wire| &wire.url);
        let phone = Phone::open(phone_dir.path(), phone_url, clock.clone());
        phone.core().enrol_blocking(&code).unwrap();
        Self {
            runtime,
            backend: Some(backend),
            url,
            courier,
            clock,
            phone,
            wire,
            backend_dir,
            _phone_dir: phone_dir,
        }
    }

    /// Where phones find the backend.
    pub fn phone_url(&self) -> &str {
        self.wire.as_ref().map_or(&self.url, |wire| &wire.url)
    }

    /// One more phone of the same courier, with its files in `dir`: enrolled and synced, its day begun.
    pub fn another_phone(&self, dir: &Path) -> Phone {
        let phone = Phone::open(dir, self.phone_url(), self.clock.clone());
        self.enrol(&phone);
        assert_eq!(phone.sync().error, None);
        phone.go(courier_domain::Command::StartDay).unwrap();
        phone
    }

    /// Makes a phone the courier's.
    pub fn enrol(&self, phone: &Phone) {
        let code = self.service().add_enrolment(&self.courier).unwrap();
        phone.core().enrol_blocking(&code).unwrap();
    }

    /// Imports shipments of the day.
    pub fn import(&self, shipments: &[Value]) {
        let file = json!({"day": DAY, "tz": "Europe/Berlin", "shipments": shipments}).to_string();
        let report = self.service().import(&read_json(file.as_bytes()).unwrap()).unwrap();
        assert_eq!(report.errors, []);
    }

    /// The backend without HTTP.
    pub fn service(&self) -> &Service {
        &self.backend.as_ref().unwrap().service
    }

    /// Time passes for both.
    pub fn advance(&self, ms: u64) {
        self.clock.advance(ms);
        let now = self.service().clock().now();
        self.service().clock().set(now.plus_ms(i64::try_from(ms).unwrap()));
    }

    /// Breaks or mends the network of the phone.
    pub fn net(&self, mode: &str, count: Option<u32>) {
        let fault = json!({"mode": mode, "count": count}).to_string();
        let answer =
            ask(&self.url, "POST", "/test/net", &["content-type: application/json"], fault.as_bytes());
        assert_eq!(answer.status, 204, "{}", answer.body);
    }

    /// Path of a shipment's tracking page.
    pub fn tracking_path(&self, reference: &str) -> String {
        let (row, _) = self.service().find_shipment(Some("Feinwerk"), reference).unwrap();
        format!("/t/{}", self.service().tracking_token(&row).unwrap())
    }

    /// The tracking page as a browser gets it.
    pub fn page(&self, reference: &str) -> Answer {
        ask(&self.url, "GET", &self.tracking_path(reference), &["accept: text/html"], b"")
    }

    /// The tracking page as data.
    pub fn tracking(&self, reference: &str) -> Tracking {
        self.service().tracking(self.tracking_path(reference).strip_prefix("/t/").unwrap()).unwrap()
    }

    /// The code that the customer sees now.
    pub fn digits(&self, reference: &str) -> String {
        self.tracking(reference).code.expect("no code is live").digits
    }

    /// Everything that the phone gets of the route, and what a thief of its keys would have.
    pub fn verifiers(&self) -> Vec<Verifier> {
        let changes = self.service().changes(&self.courier, None).unwrap().unwrap();
        let read = changes.ops.iter().map(|op| op.read().unwrap());
        read.filter_map(|change| match change {
            Change::Put(object) => match *object {
                Object::Verifier(verifier) => Some(verifier),
                _ => None,
            },
            _ => None,
        })
        .collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.phone.close();
        if let Some(backend) = self.backend.take() {
            self.runtime.block_on(backend.shutdown());
        }
    }
}
