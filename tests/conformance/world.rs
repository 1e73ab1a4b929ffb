//! The backend that is checked, asked with the phone's own client, and its office.

use courier_backend::entropy::{self, Entropy};
use courier_codes::encoding::encode;
use courier_domain::UnixMs;
use courier_engine::{Config, HttpRequest, HttpResponse, Method, Transport};
use courier_protocol::{Problem, ProblemKind, header};
use rand_core::Rng;
use serde::de::DeserializeOwned;
use tokio::runtime::Runtime;

use crate::arguments::Arguments;
use crate::office::{Arranged, Office, Wanted};
use crate::phone::Phone;
use crate::report::{Check, Stop, broken, equal, holds};
use crate::route::Route;

/// A shipment worth a code.
pub(crate) const CODED: (bool, usize) = (true, 1);
/// A shipment without a code.
pub(crate) const PLAIN: (bool, usize) = (false, 1);

/// See the module.
pub(crate) struct World {
    /// Where phones find the backend.
    pub(crate) url: String,
    pub(crate) office: Office,
    pub(crate) rng: Entropy,
    config: Config,
    runtime: Runtime,
    transport: Transport,
    /// The backend's clock as the last answer told it.
    now: UnixMs,
    /// What makes the names of this run its own.
    run: String,
    named: u32,
    asked: u64,
}

/// A day that was arranged, and a phone on the road.
pub(crate) struct OnTheRoad {
    pub(crate) day: Arranged,
    /// The names on the labels.
    pub(crate) names: Vec<String>,
    pub(crate) phone: Phone,
    pub(crate) route: Route,
}

impl World {
    /// Starts the adapter and makes a client.
    pub(crate) fn open(arguments: &Arguments) -> Result<Self, String> {
        let words = |error: Stop| format!("{error:?}");
        let mut office = Office::start(&arguments.adapter)?;
        let told = office.hello().map_err(words)?;
        let url = arguments.url.clone().unwrap_or(told).trim_end_matches('/').to_owned();
        let config = Config { operator_ca_pem: arguments.ca.clone(), ..Config::new("unused", url.as_str()) };
        let transport = Transport::new(&config).map_err(|error| format!("{url}: {error}"))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let mut rng = entropy::from_system().map_err(|error| error.to_string())?;
        let run = format!("{:06x}", rng.next_u32() & 0xff_ffff);
        Ok(Self {
            url,
            office,
            rng,
            config,
            runtime: runtime.map_err(|error| error.to_string())?,
            transport,
            now: UnixMs(0),
            run,
            named: 0,
            asked: 0,
        })
    }

    /// Asks, with what every phone sends besides.
    pub(crate) fn ask(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Result<HttpResponse, Stop> {
        let mut all = vec![(header::PROTOCOL, header::PROTOCOL_VERSION), ("accept-encoding", "gzip")];
        all.extend(headers);
        self.ask_barely(method, path, &all, body)
    }

    /// Asks with these headers and no others.
    pub(crate) fn ask_barely(
        &mut self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Result<HttpResponse, Stop> {
        self.asked += 1;
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = HttpRequest { id: self.asked, method, path: path.into(), headers, body: body.into() };
        let answer = self.runtime.block_on(self.transport.carry(request)).and_then(HttpResponse::unpacked);
        let answer =
            answer.map_err(|error| broken(format!("an answer to {method:?} {path}"), error.to_string()))?;
        if let Some(now) = answer.header(header::SERVER_MS).and_then(|text| text.trim().parse().ok()) {
            self.now = UnixMs(now);
        }
        Ok(answer)
    }

    /// Posts JSON without a token.
    pub(crate) fn post(&mut self, path: &str, body: &impl serde::Serialize) -> Result<HttpResponse, Stop> {
        let body = serde_json::to_vec(body).unwrap_or_default();
        self.ask(Method::Post, path, &[("content-type", "application/json")], body)
    }

    /// The backend was started anew: old connections are dead.
    pub(crate) fn reconnect(&mut self) -> Check {
        let made = Transport::new(&self.config);
        self.transport = made.map_err(|error| broken("a client", error.to_string()))?;
        Ok(())
    }

    /// The backend's clock.
    pub(crate) fn now(&self) -> UnixMs {
        self.now
    }

    /// Random text for a header or an identifier.
    pub(crate) fn text(&mut self) -> String {
        let mut bytes = [0; 16];
        self.rng.fill_bytes(&mut bytes);
        encode(&bytes)
    }

    /// Shipments with names of their own.
    pub(crate) fn wanted(&mut self, kinds: &[(bool, usize)]) -> Vec<Wanted> {
        let run = &self.run;
        let named = &mut self.named;
        let wanted = kinds.iter().map(|(coded, parcels)| {
            *named += 1;
            Wanted { recipient: format!("K{run}N{named}"), coded: *coded, parcels: *parcels }
        });
        wanted.collect()
    }

    /// A courier with these shipments on today's route, whose phone has a token and the route, and has begun the day.
    pub(crate) fn on_the_road(&mut self, kinds: &[(bool, usize)]) -> Result<OnTheRoad, Stop> {
        let wanted = self.wanted(kinds);
        let day = self.office.day(&wanted)?;
        let mut phone = Phone::with_token(self, &day.code)?;
        let route = Route::snapshot(self, &phone)?;
        phone.start_day(self)?;
        let names = wanted.into_iter().map(|wanted| wanted.recipient).collect();
        Ok(OnTheRoad { day, names, phone, route })
    }

    /// A phone with a token, and a day that nobody looks at.
    pub(crate) fn any_phone(&mut self) -> Result<Phone, Stop> {
        let wanted = self.wanted(&[PLAIN]);
        let day = self.office.day(&wanted)?;
        Phone::with_token(self, &day.code)
    }
}

/// The JSON of an answer with this status.
pub(crate) fn read<T: DeserializeOwned>(answer: &HttpResponse, status: u16) -> Result<T, Stop> {
    has_status(answer, status)?;
    serde_json::from_slice(&answer.body).map_err(|error| {
        broken("JSON of the documented form", format!("{error} in {}", String::from_utf8_lossy(&answer.body)))
    })
}

/// The status is this one.
pub(crate) fn has_status(answer: &HttpResponse, status: u16) -> Check {
    if answer.status == status {
        return Ok(());
    }
    let start: String = String::from_utf8_lossy(&answer.body).chars().take(300).collect();
    Err(broken(format!("status {status}"), format!("status {} {start}", answer.status)))
}

/// The answer is a refusal of this kind.
pub(crate) fn is_refused(answer: &HttpResponse, kind: ProblemKind) -> Check {
    let problem: Problem = read(answer, kind.status())?;
    equal("type of the problem", &problem.kind.as_str(), &kind.uri())
}

/// A flag is there, or not.
pub(crate) fn is_flagged(flags: &[String], word: &str, wanted: bool) -> Check {
    let is_so = flags.iter().any(|flag| flag == word) == wanted;
    let what = if wanted { format!("the flag {word}") } else { format!("no flag {word}") };
    holds(&what, is_so, format!("flags {flags:?}"))
}
