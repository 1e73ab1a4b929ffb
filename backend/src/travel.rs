//! Travel times by a service, asked for beside everything else. Whoever changes a route commits it and rings; nobody waits
//! for an answer, and no transaction is open while one is awaited. Without an answer the straight way counts, as it does
//! without a service.

mod spot;
mod table;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use courier_domain::{RouteId, StopId, TravelMatrix, UnixMs};
use courier_protocol::Object;
use courier_routing::geo::Point;
use courier_routing::travel::{Pace, travel_times};
use tokio::sync::{Mutex, Notify};

use crate::config::{Config, MatrixConfig};
use crate::days::local_day;
use crate::error::ServiceError;
use crate::log;
use crate::planning::{matrix_of, point};
use crate::publish::time_zone;
use crate::retention::days_before;
use crate::service::Service;
use crate::storage::{TravelTime, Tx};
use spot::{Block, Spot, blocks};
use table::{Table, Trouble};

/// What failed comes due by itself.
const LOOK_EVERY: Duration = Duration::from_secs(10);
/// Times that are stored in one transaction: others wait that long, some tens of milliseconds.
const TIMES_AT_ONCE: usize = 5_000;
/// How often a route is looked at anew when its stops change while it is asked for.
const MOST_LOOKS: u32 = 4;

/// A service of travel times, and who asks it.
pub(crate) struct Travel {
    table: Table,
    bell: Notify,
    /// One asks at a time.
    turn: Mutex<()>,
}

/// What became of asking.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Routes that have a fresh matrix.
    pub routes: usize,
    /// Why others have none, as it was logged.
    pub failures: Vec<String>,
}

/// What is to be done for a route.
enum Look {
    /// Nothing any more; says whether it has got a matrix.
    Settled(bool),
    /// These places have to be asked for.
    Ask(Vec<Spot>, Vec<Block>),
}

enum Failed {
    Service(Trouble),
    Here(ServiceError),
}

impl From<ServiceError> for Failed {
    fn from(error: ServiceError) -> Self {
        Self::Here(error)
    }
}

impl Travel {
    /// As the configuration wants it, if it does.
    pub(crate) fn open(config: &Config) -> Result<Option<Self>, ServiceError> {
        let Some(matrix) = &config.matrix else { return Ok(None) };
        Ok(Some(Self { table: Table::new(matrix)?, bell: Notify::new(), turn: Mutex::new(()) }))
    }

    /// A route may have other stops.
    pub(crate) fn ring(&self) {
        self.bell.notify_one();
    }
}

/// Asks whenever it rings, for as long as it is polled. Dropped in the middle of a request it leaves the route due.
pub(crate) async fn keep_asking(service: Arc<Service>) {
    let Some(travel) = service.travel() else { return };
    loop {
        if let Err(error) = service.ask_for_times().await {
            log::problem("travel-times", &error);
        }
        let _ = tokio::time::timeout(LOOK_EVERY, travel.bell.notified()).await;
    }
}

impl Service {
    /// Asks the service of travel times for the routes that need it now, and gives them their matrices. A running backend
    /// does so by itself.
    pub async fn ask_for_times(self: &Arc<Self>) -> Result<Asked, ServiceError> {
        let (Some(travel), Some(config)) = (self.travel(), &self.config().matrix) else {
            return Ok(Asked::default());
        };
        let _turn = travel.turn.lock().await;
        let mut asked = Asked::default();
        loop {
            let now = self.clock().now();
            let Some((route, tries)) = self.stored(move |tx| tx.times_due(now)).await? else {
                return Ok(asked);
            };
            let trouble = match self.ask_for(travel, config, &route).await {
                Ok(is_fresh) => {
                    asked.routes += usize::from(is_fresh);
                    continue;
                }
                Err(Failed::Here(error)) => return Err(error),
                Err(Failed::Service(trouble)) => trouble,
            };
            let words = format!("{}: {trouble}", route.as_str());
            log::problem("travel-times", &words);
            asked.failures.push(words);
            let tries = tries.saturating_add(1);
            let until = crate::mail::next_try(tries, self.clock().now());
            self.stored(move |tx| {
                tx.put_times_off(&route, tries, until)?;
                // Others would fail as well.
                if trouble.is_of_the_places() { Ok(()) } else { tx.put_all_times_off(until) }
            })
            .await?;
        }
    }

    async fn ask_for(
        self: &Arc<Self>,
        travel: &Travel,
        config: &MatrixConfig,
        route: &RouteId,
    ) -> Result<bool, Failed> {
        for _ in 0..MOST_LOOKS {
            let (of, id, now) = (Arc::clone(self), route.clone(), self.clock().now());
            let (spots, blocks) = match self.stored(move |tx| look(tx, &id, of.config(), now)).await? {
                Look::Settled(is_fresh) => return Ok(is_fresh),
                Look::Ask(spots, blocks) => (spots, blocks),
            };
            for block in blocks {
                let places = |numbers: &[usize]| -> Vec<Spot> { numbers.iter().map(|&n| spots[n]).collect() };
                let (from, to) = (places(&block.from), places(&block.to));
                let seconds = travel.table.ask(&from, &to).await.map_err(Failed::Service)?;
                self.keep(&config.profile, &times_of(&from, &to, &seconds)).await?;
            }
        }
        Err(Failed::Here(ServiceError::fault("a route changed too often while its times were asked for")))
    }

    async fn keep(self: &Arc<Self>, profile: &str, times: &[TravelTime]) -> Result<(), ServiceError> {
        let now = self.clock().now();
        for times in times.chunks(TIMES_AT_ONCE) {
            let (profile, times) = (profile.to_owned(), times.to_vec());
            self.stored(move |tx| tx.put_travel_times(&profile, &times, now)).await?;
        }
        Ok(())
    }

    /// A transaction, where it may take a while.
    async fn stored<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce(&mut Tx<'_>) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let service = Arc::clone(self);
        let done = tokio::task::spawn_blocking(move || service.storage().transact(work)).await;
        done.unwrap_or_else(|_| Err(ServiceError::fault("the work on travel times ended early")))
    }
}

fn times_of(from: &[Spot], to: &[Spot], seconds: &[Option<u32>]) -> Vec<TravelTime> {
    let pairs = from.iter().flat_map(|a| to.iter().map(|b| (a.number(), b.number())));
    pairs.zip(seconds.iter().copied()).filter(|((a, b), _)| a != b).collect()
}

/// Gives a route its matrix if all times are known, and says else what is missing.
fn look(tx: &mut Tx<'_>, route: &RouteId, config: &Config, now: UnixMs) -> Result<Look, ServiceError> {
    let settled = |tx: &mut Tx<'_>, is_fresh| {
        tx.times_are_settled(route)?;
        Ok(Look::Settled(is_fresh))
    };
    let (Some(row), Some(matrix)) = (tx.route(route)?, &config.matrix) else { return settled(tx, false) };
    let stops: Vec<StopId> = row.order.iter().take(TravelMatrix::MOST_STOPS).cloned().collect();
    let held = matrix_of(tx, route)?;
    let has_all = held.is_some_and(|held| stops.iter().all(|stop| held.stops.contains(stop)));
    let is_over = row.day < local_day(now, time_zone(&row.tz)?);
    if has_all || is_over || stops.len() < 2 || tx.is_matrix_by_hand(route)? {
        return settled(tx, false);
    }
    let mut pins = Vec::new();
    let all = tx.stops(route)?;
    for stop in &stops {
        let found = all.iter().find(|row| row.id == *stop);
        pins.push(found.ok_or_else(|| ServiceError::fault("a stop of a route is missing"))?.place.van_pin());
    }
    let points: Vec<Point> = pins.iter().map(|&pin| point(pin)).collect::<Result<_, _>>()?;
    let of_stops: Vec<Spot> = pins.iter().filter_map(|&pin| Spot::of(pin)).collect();
    let spots: Vec<Spot> = of_stops.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let numbers = spots.iter().map(|spot| spot.number()).collect();
    let since = days_before(now, config.retention.travel_days);
    let known = tx.travel_times(&matrix.profile, &numbers, since)?;
    let pair = |from: Spot, to: Spot| (from.number(), to.number());
    let missing =
        blocks(spots.len(), matrix.places, |from, to| known.contains_key(&pair(spots[from], spots[to])));
    if !missing.is_empty() {
        return Ok(Look::Ask(spots, missing));
    }
    let times = travel_times(&points, &Pace::default(), |from, to| {
        let (from, to) = (of_stops[from], of_stops[to]);
        if from == to { Some(0) } else { known.get(&pair(from, to)).copied().flatten() }
    });
    let rows = (0..times.size()).flat_map(|row| times.row(row));
    let seconds = rows.map(|&seconds| seconds.min(TravelMatrix::LONGEST_S)).collect();
    tx.put_object(route, &Object::Matrix(TravelMatrix { id: route.clone(), stops, seconds }))?;
    settled(tx, true)
}
