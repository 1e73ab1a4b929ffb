//! A stand-in for a service of travel times, in the table format of OSRM's HTTP API.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

/// What it does when it is asked.
#[derive(Debug, Clone)]
pub(crate) enum Mood {
    /// Answers as OSRM does.
    Right,
    /// The same, but there is no way to any place east of this longitude, nor back.
    NoWayBeyond(f64),
    /// Answers this, whatever was asked.
    Say(u16, String),
    /// Sends elsewhere.
    Redirect(String),
    /// Says nothing, for as long as it is asked.
    Silent,
}

pub(crate) struct Osrm {
    runtime: Option<tokio::runtime::Runtime>,
    address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    mood: Mutex<Mood>,
    asked: Mutex<Vec<String>>,
}

impl Osrm {
    pub(crate) fn start() -> Self {
        let shared = Arc::new(Shared { mood: Mutex::new(Mood::Right), asked: Mutex::default() });
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let app = Router::new().fallback(answer).with_state(Arc::clone(&shared));
        runtime.spawn(async move { axum::serve(listener, app).await });
        Self { runtime: Some(runtime), address, shared }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn be(&self, mood: Mood) {
        *self.shared.mood.lock().unwrap() = mood;
    }

    /// Path and query of everything that was asked since this was asked last.
    pub(crate) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.asked.lock().unwrap())
    }
}

impl Drop for Osrm {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// Seconds from one place to another, each longitude and latitude: eastwards takes longer.
pub(crate) fn seconds(from: (f64, f64), to: (f64, f64)) -> f64 {
    let east = (to.0 - from.0) * 10_000.0;
    let north = (to.1 - from.1).abs() * 10_000.0;
    north + if east > 0.0 { 2.0 * east } else { -east } + 0.4
}

async fn answer(State(shared): State<Arc<Shared>>, uri: Uri) -> Response {
    shared.asked.lock().unwrap().push(uri.to_string());
    let mood = shared.mood.lock().unwrap().clone();
    match mood {
        Mood::Right => table(&uri, f64::INFINITY),
        Mood::NoWayBeyond(lon) => table(&uri, lon),
        Mood::Say(status, body) => (StatusCode::from_u16(status).unwrap(), body).into_response(),
        Mood::Redirect(to) => (StatusCode::FOUND, [(header::LOCATION, format!("{to}{uri}"))]).into_response(),
        Mood::Silent => std::future::pending().await,
    }
}

fn table(uri: &Uri, end: f64) -> Response {
    let places = uri.path().strip_prefix("/table/v1/bike/").expect("the path of a table");
    let places: Vec<(f64, f64)> = places
        .split(';')
        .map(|place| {
            let (lon, lat) = place.split_once(',').unwrap();
            (lon.parse().unwrap(), lat.parse().unwrap())
        })
        .collect();
    let query: Vec<(&str, &str)> =
        uri.query().unwrap().split('&').map(|it| it.split_once('=').unwrap()).collect();
    assert!(query.contains(&("annotations", "duration")), "{uri}");
    let some = |name: &str| -> Vec<(f64, f64)> {
        match query.iter().find(|(known, _)| *known == name) {
            Some((_, numbers)) => numbers.split(';').map(|n| places[n.parse::<usize>().unwrap()]).collect(),
            None => places.clone(),
        }
    };
    let cell = |from: (f64, f64), to: (f64, f64)| {
        if from == to {
            return json!(0);
        }
        if from.0 > end || to.0 > end { Value::Null } else { json!(seconds(from, to)) }
    };
    let (sources, destinations) = (some("sources"), some("destinations"));
    let durations: Vec<Vec<Value>> =
        sources.iter().map(|&from| destinations.iter().map(|&to| cell(from, to)).collect()).collect();
    let waypoint = |&(lon, lat): &(f64, f64)| json!({"hint": "", "distance": 1.5, "name": "Breite Straße", "location": [lon, lat]});
    let sources: Vec<Value> = sources.iter().map(waypoint).collect();
    let destinations: Vec<Value> = destinations.iter().map(waypoint).collect();
    let answer =
        json!({"code": "Ok", "durations": durations, "sources": sources, "destinations": destinations});
    answer.to_string().into_response()
}
