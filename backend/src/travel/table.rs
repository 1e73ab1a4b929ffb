//! A service of travel times, in the table format of OSRM's HTTP API (version 1, `annotations=duration`). It is believed
//! only as far as its answer can be checked, and nothing of an address or an answer goes into an error.

use std::time::Duration;

use courier_domain::TravelMatrix;
use reqwest::Client;
use serde::Deserialize;

use super::spot::Spot;
use crate::config::MatrixConfig;
use crate::error::ServiceError;
use crate::tls;

/// Longest answer, in bytes: 400 places take about two million.
const MOST_BYTES: usize = 8 << 20;

/// A service, and how it is asked.
pub(crate) struct Table {
    client: Client,
    base: String,
}

/// Why there are no times.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Trouble {
    #[error("cannot be reached")]
    Unreachable,
    #[error("no whole answer in time")]
    Slow,
    /// With OSRM's own word for it, if it said one.
    #[error("answered {0} {1}")]
    Refused(u16, String),
    #[error("the answer is too large")]
    TooLarge,
    #[error("the answer is no table of times")]
    NoTable,
    #[error("the answer has not a row and a column for each place")]
    WrongSize,
    #[error("a time in the answer is negative or longer than a day")]
    NoTime,
}

impl Trouble {
    /// Whether other places may fare better: the service says that these are the reason.
    pub(crate) fn is_of_the_places(&self) -> bool {
        matches!(self, Self::Refused(400, _))
    }
}

#[derive(Deserialize)]
struct Answer {
    code: String,
    durations: Option<Vec<Vec<Option<f64>>>>,
}

impl Table {
    /// It is first spoken to when it is asked.
    pub(crate) fn new(config: &MatrixConfig) -> Result<Self, ServiceError> {
        let fault = |what: &str| ServiceError::fault(format!("matrix: {what}"));
        let tls = tls::client(None).map_err(|what| fault(&what))?;
        let client = Client::builder()
            .tls_backend_preconfigured(tls)
            // Where customers live goes to the address of the configuration, and nowhere else.
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .timeout(Duration::from_secs(config.timeout_s.into()))
            .build()
            .map_err(|_| fault("no HTTP client"))?;
        let base = format!("{}/table/v1/{}", config.url.trim_end_matches('/'), config.profile);
        Ok(Self { client, base })
    }

    /// Seconds from each of `from` to each of `to`, row by row; `None` where there is no way.
    pub(crate) async fn ask(&self, from: &[Spot], to: &[Spot]) -> Result<Vec<Option<u32>>, Trouble> {
        let mut answer =
            self.client.get(self.address(from, to)).send().await.map_err(|error| trouble(&error))?;
        let mut body = Vec::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| trouble(&error))? {
            if body.len() + chunk.len() > MOST_BYTES {
                return Err(Trouble::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        read(answer.status().as_u16(), &body, (from.len(), to.len()))
    }

    fn address(&self, from: &[Spot], to: &[Spot]) -> String {
        let mut places = from.to_vec();
        let mut columns = Vec::new();
        for spot in to {
            let known = places.iter().position(|other| other == spot);
            columns.push(known.unwrap_or(places.len()));
            if known.is_none() {
                places.push(*spot);
            }
        }
        let address = format!("{}/{}?annotations=duration", self.base, listed(&places));
        if from == to {
            return address;
        }
        let rows: Vec<usize> = (0..from.len()).collect();
        format!("{address}&sources={}&destinations={}", listed(&rows), listed(&columns))
    }
}

fn listed<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(";")
}

fn trouble(error: &reqwest::Error) -> Trouble {
    if error.is_timeout() { Trouble::Slow } else { Trouble::Unreachable }
}

fn read(status: u16, body: &[u8], (rows, columns): (usize, usize)) -> Result<Vec<Option<u32>>, Trouble> {
    let answer = serde_json::from_slice::<Answer>(body);
    if status != 200 {
        let is_word = |code: &String| code.len() <= 32 && code.bytes().all(|b| b.is_ascii_alphabetic());
        let code = answer.ok().map(|answer| answer.code).filter(is_word).unwrap_or_default();
        return Err(Trouble::Refused(status, code));
    }
    let answer = answer.map_err(|_| Trouble::NoTable)?;
    let table = answer.durations.filter(|_| answer.code == "Ok").ok_or(Trouble::NoTable)?;
    if table.len() != rows || table.iter().any(|row| row.len() != columns) {
        return Err(Trouble::WrongSize);
    }
    table.into_iter().flatten().map(|cell| cell.map(seconds).transpose()).collect()
}

fn seconds(cell: f64) -> Result<u32, Trouble> {
    let is_a_time = (0.0..=f64::from(TravelMatrix::LONGEST_S)).contains(&cell);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a day at most
    if is_a_time { Ok(cell.round() as u32) } else { Err(Trouble::NoTime) }
}
