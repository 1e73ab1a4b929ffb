//! The real backend, behind its own router, asked in this thread.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::Request;
use courier_backend::api::router;
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::import::read_json;
use courier_backend::planted::Planted;
use courier_backend::service::Service;
use courier_domain::{CourierId, KdfParams, UnixMs};
use courier_engine::{HttpRequest, HttpResponse, Method};
use courier_tests::world::{DAY, MORNING, shipment};
use rusqlite::Connection;
use tokio::runtime::Runtime;
use tower_service::Service as _;

use crate::invariants::Look;

/// Where phones believe it to be.
pub(crate) const URL: &str = "http://backend.test";
/// The day after.
pub(crate) const NEXT_DAY: &str = "2026-11-25";

pub(crate) struct Server {
    runtime: Runtime,
    dir: PathBuf,
    service: Arc<Service>,
    router: Router,
    look: Look,
    ms: i64,
    planted: Planted,
    /// Ada, whose phones most are, and Ben.
    pub(crate) couriers: Vec<CourierId>,
    starts: u64,
    /// How often it was put back from a backup.
    pub(crate) times_put_back: u64,
    /// The second day's routes are out.
    pub(crate) is_second_day: bool,
    /// Facts that were read, by their hash.
    pub(crate) read: BTreeMap<String, serde_json::Value>,
}

/// References of the shipments of Ada, every second one with a code.
pub(crate) const ADAS: [&str; 5] = ["N0", "N1", "N2", "N3", "N4"];
/// Those of Ben.
pub(crate) const BENS: [&str; 2] = ["B0", "B1"];

impl Server {
    pub(crate) fn new(dir: &Path, planted: Planted) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let service = open(dir, MORNING, 1, planted);
        let couriers = ["Ada", "Ben"].map(|name| service.add_courier(name).unwrap()).to_vec();
        let router = router(Arc::clone(&service));
        let server = Self {
            runtime,
            dir: dir.to_owned(),
            service,
            router,
            look: Look::default(),
            ms: MORNING,
            planted,
            couriers,
            starts: 1,
            times_put_back: 0,
            is_second_day: false,
            read: BTreeMap::new(),
        };
        server.import(DAY, "Ada", &ADAS);
        server.import(DAY, "Ben", &BENS);
        server.import(NEXT_DAY, "Ada", &["T0"]);
        for courier in &server.couriers {
            server.service.publish(courier, DAY.parse().unwrap()).unwrap();
        }
        server
    }

    fn import(&self, day: &str, courier: &str, names: &[&str]) {
        let shipments: Vec<_> = names
            .iter()
            .zip(0..)
            .map(|(name, n)| shipment(name, if n % 2 == 0 { 90_000 } else { 10 }, |_| {}))
            .collect();
        let file = serde_json::json!({"day": day, "tz": "Europe/Berlin", "courier": courier, "shipments": shipments});
        let read = read_json(file.to_string().as_bytes()).unwrap();
        assert_eq!(self.service.import(&read).unwrap().errors, []);
    }

    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    pub(crate) fn tick(&mut self, ms: u64) {
        self.ms += i64::try_from(ms).unwrap();
        self.service.clock().set(UnixMs(self.ms));
    }

    /// What it has stored, as it lies on the disk.
    pub(crate) fn look(&self) -> &Connection {
        self.look.at(&self.database())
    }

    pub(crate) fn restart(&mut self) {
        self.look.end();
        self.starts += 1;
        self.service = open(&self.dir, self.ms, self.starts, self.planted);
        self.router = router(Arc::clone(&self.service));
    }

    /// Everything that it has stored, now.
    pub(crate) fn back_up(&self) -> Vec<u8> {
        let copy = self.dir.join("copy.db");
        let _ = std::fs::remove_file(&copy);
        let db = Connection::open(self.database()).unwrap();
        db.execute("VACUUM INTO ?1", [copy.to_string_lossy()]).unwrap();
        std::fs::read(copy).unwrap()
    }

    /// As it was when `backup` was made; its epoch changes.
    pub(crate) fn put_back(&mut self, backup: &[u8]) {
        self.look.end();
        let elsewhere = self.dir.join("elsewhere");
        std::fs::create_dir_all(&elsewhere).unwrap();
        std::fs::copy(self.dir.join("keys.json"), elsewhere.join("keys.json")).unwrap();
        // The open database is let go of first.
        self.service = open(&elsewhere, self.ms, 1_000_000 + self.starts, self.planted);
        self.router = router(Arc::clone(&self.service));
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(self.dir.join(format!("backend.db{suffix}")));
        }
        std::fs::write(self.database(), backup).unwrap();
        self.restart();
        self.times_put_back += 1;
        self.service.restored().unwrap();
        self.restart();
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.dir.join("backend.db")
    }

    pub(crate) fn answer(&mut self, request: &HttpRequest) -> HttpResponse {
        let method = match request.method {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Head => "HEAD",
            Method::Put => "PUT",
        };
        let mut built = Request::builder().method(method).uri(&request.path);
        for (name, value) in &request.headers {
            built = built.header(name, value);
        }
        let mut built = built.body(Body::from(request.body.clone())).unwrap();
        built.extensions_mut().insert(ConnectInfo(SocketAddr::from(([127, 0, 0, 1], 1))));
        let answered = self.router.call(built);
        self.runtime.block_on(async {
            let answer = answered.await.unwrap_or_else(|never| match never {});
            let (head, body) = answer.into_parts();
            let headers = head.headers.iter();
            let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
            HttpResponse {
                status: head.status.as_u16(),
                headers: headers.collect(),
                body: to_bytes(body, usize::MAX).await.unwrap().to_vec(),
            }
        })
    }
}

fn open(dir: &Path, ms: i64, seed: u64, planted: Planted) -> Arc<Service> {
    let mut config = Config { data_dir: dir.to_owned(), planted, ..Config::default() };
    config.code.kdf = KdfParams { m: 8, t: 1, p: 1 };
    config.mail.at_once = true;
    let clock = ServiceClock::Set(Mutex::new(UnixMs(ms)));
    Arc::new(Service::open(config, URL.into(), clock, entropy::from_seed(seed)).unwrap())
}
