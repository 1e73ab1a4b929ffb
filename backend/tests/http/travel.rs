//! Travel times by a service: what it is asked, what of its answers is believed, and that nobody waits for it.

use std::sync::{Arc, Mutex};

use courier_backend::config::{Config, MatrixConfig};
use courier_backend::dispatch::RouteOrder;
use courier_backend::entropy::{self, ServiceClock};
use courier_backend::import::read_json;
use courier_backend::office::Actor;
use courier_backend::service::Service;
use courier_backend::travel::Asked;
use courier_domain::{CourierId, KdfParams, RouteId, StopId, UnixMs};
use courier_routing::geo::Point;
use courier_routing::travel::Pace;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::osrm::{Mood, Osrm, seconds};
use crate::planning::{courier, import, in_a_line, on_phone, published, put};
use crate::world::{Backend, MORNING, OPS};

const DAY: &str = "2026-11-24";
const DAY_MS: i64 = 24 * 3_600_000;

fn asks(osrm: &Osrm) -> MatrixConfig {
    MatrixConfig { url: osrm.url(), profile: "bike".into(), timeout_s: 600, places: 100 }
}

/// A backend that asks only when it is told to.
struct Quiet {
    osrm: Osrm,
    service: Arc<Service>,
    runtime: tokio::runtime::Runtime,
    ada: CourierId,
    _dir: TempDir,
}

impl Quiet {
    fn with(change: impl FnOnce(&mut MatrixConfig)) -> Self {
        let osrm = Osrm::start();
        let dir = tempfile::tempdir().unwrap();
        let mut matrix = asks(&osrm);
        change(&mut matrix);
        let mut config =
            Config { data_dir: dir.path().to_owned(), matrix: Some(matrix), ..Config::default() };
        config.code.kdf = KdfParams { m: 8, t: 1, p: 1 };
        config.mail.at_once = true;
        let clock = ServiceClock::Set(Mutex::new(UnixMs(MORNING)));
        let url = "https://courier.example".to_owned();
        let service = Arc::new(Service::open(config, url, clock, entropy::from_seed(3)).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let ada = service.add_courier("Ada").unwrap();
        Self { osrm, service, runtime, ada, _dir: dir }
    }

    fn publish(&self, courier: &CourierId, day: &str, places: &[u32]) -> RouteId {
        let day_file = read_json(in_a_line(day, places).to_string().as_bytes()).unwrap();
        assert!(self.service.import(&day_file).unwrap().errors.is_empty());
        self.service.publish(courier, day.parse().unwrap()).unwrap()
    }

    fn ask(&self) -> Asked {
        self.runtime.block_on(self.service.ask_for_times()).unwrap()
    }

    fn advance(&self, ms: i64) {
        assert!(self.service.clock().set(self.service.clock().now().plus_ms(ms)));
    }

    fn matrix(&self) -> Option<Value> {
        on_phone(&self.service, self.ada.as_str(), "matrix").last().map(|op| op["data"].clone())
    }
}

fn given() -> Asked {
    Asked { routes: 1, failures: Vec::new() }
}

/// Whether a phone's last matrix says what the stand-in says, for every stop of its route; returns how many it has.
fn is_right(service: &Service, courier: &CourierId) -> usize {
    let told = |kind: &str| on_phone(service, courier.as_str(), kind);
    let matrix = told("matrix").last().expect("a matrix")["data"].clone();
    let places: Vec<(f64, f64)> = matrix["stops"]
        .as_array()
        .unwrap()
        .iter()
        .map(|id| {
            let stops = told("stop");
            let pin = &stops.iter().find(|stop| stop["id"] == *id).expect("a stop")["data"]["door_pin"];
            (pin["lon"].as_f64().unwrap(), pin["lat"].as_f64().unwrap())
        })
        .collect();
    let expected: Vec<String> = places
        .iter()
        .flat_map(|&from| places.iter().map(move |&to| if from == to { 0.0 } else { seconds(from, to) }))
        .map(|seconds| format!("{seconds:.0}"))
        .collect();
    let cells: Vec<String> = matrix["seconds"].as_array().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(cells, expected);
    assert_eq!(matrix["stops"].as_array().unwrap().len(), told("stop").len(), "a stop has no times");
    places.len()
}

/// Tries until it is there.
fn wait_for<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    for _ in 0..60_000 {
        if let Some(found) = look() {
            return found;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    panic!("{what} never came")
}

#[test]
fn a_published_route_gets_its_times_and_what_was_answered_is_not_asked_again() {
    let backend = Quiet::with(|_| {});
    let osrm = &backend.osrm;
    backend.publish(&backend.ada, DAY, &[1, 3, 2]);
    assert_eq!((osrm.asked(), backend.matrix()), (Vec::new(), None), "publishing waited for the service");
    assert_eq!(backend.ask(), given());
    let first = "/table/v1/bike/13.01000,52.50000;13.02000,52.50000;13.03000,52.50000?annotations=duration";
    assert_eq!(osrm.asked(), [first], "something else was asked");
    assert_eq!(is_right(&backend.service, &backend.ada), 3);
    assert_eq!((backend.ask(), osrm.asked()), (Asked::default(), Vec::new()));
    // A fourth place is asked for beside the three, and they are not asked for among themselves.
    backend.publish(&backend.ada, DAY, &[4]);
    assert_eq!(backend.ask(), given());
    let asked = osrm.asked();
    assert!(asked.len() == 2 && asked[0].ends_with("&sources=0&destinations=1;2;3;0"), "{asked:?}");
    assert!(asked[1].ends_with("&sources=0;1;2&destinations=3"), "{asked:?}");
    assert_eq!(is_right(&backend.service, &backend.ada), 4);
    // Another courier at the same places, another day.
    let ben = backend.service.add_courier("Ben").unwrap();
    backend.publish(&ben, "2026-11-25", &[2, 4, 1]);
    assert_eq!((backend.ask(), osrm.asked()), (given(), Vec::new()));
    assert_eq!(is_right(&backend.service, &ben), 3);
}

#[test]
fn times_are_kept_for_a_week_and_then_purged_and_asked_for_again() {
    let backend = Quiet::with(|_| {});
    backend.publish(&backend.ada, DAY, &[1, 2, 3]);
    assert_eq!(backend.ask(), given());
    backend.advance(7 * DAY_MS - 1);
    assert_eq!(backend.service.purge().unwrap().travel_times, 0);
    backend.advance(1);
    backend.osrm.asked();
    let ben = backend.service.add_courier("Ben").unwrap();
    backend.publish(&ben, "2026-12-02", &[1, 2]);
    assert_eq!((backend.ask(), backend.osrm.asked().len()), (given(), 1), "an old answer was used");
    assert_eq!(backend.service.purge().unwrap().travel_times, 4, "two of six are fresh");
    backend.publish(&ben, "2026-12-03", &[1, 2]);
    assert_eq!((backend.ask(), backend.osrm.asked()), (given(), Vec::new()));
}

#[test]
fn more_places_than_a_request_may_have_are_asked_for_in_blocks() {
    let backend = Quiet::with(|matrix| matrix.places = 10);
    let places: Vec<u32> = (1..=13).collect();
    backend.publish(&backend.ada, DAY, &places);
    assert_eq!(backend.ask(), given());
    let asked = backend.osrm.asked();
    let largest = asked.iter().map(|it| it.split('?').next().unwrap().matches(';').count() + 1).max();
    assert_eq!((asked.len(), largest), (9, Some(10)));
    assert_eq!(is_right(&backend.service, &backend.ada), 13);
}

#[test]
fn where_there_is_no_way_the_straight_one_counts() {
    let backend = Quiet::with(|_| {});
    backend.osrm.be(Mood::NoWayBeyond(13.025));
    backend.publish(&backend.ada, DAY, &[1, 2, 3]);
    assert_eq!(backend.ask(), given());
    let seconds = backend.matrix().unwrap()["seconds"].clone();
    let at = |lon| Point::from_degrees(52.5, lon).unwrap();
    let straight = |from: f64, to: f64| u64::from(Pace::default().seconds(at(from).metres_to(at(to))));
    let (near, far) = (straight(13.02, 13.03), straight(13.01, 13.03));
    assert_eq!(seconds, json!([0, 200, far, 100, 0, near, far, near, 0]));
    assert!(0 < near && near < far);
}

#[test]
fn whatever_a_service_answers_the_straight_way_is_left() {
    let elsewhere = Osrm::start();
    let say = |text: &str| Mood::Say(200, text.to_owned());
    let table = |rows: &str| say(&format!("{{\"code\":\"Ok\",\"durations\":{rows}}}"));
    for (mood, words) in [
        (say("<h1>Welcome to the hotel</h1>"), "no table"),
        (say(""), "no table"),
        (say("{\"code\":\"Ok\"}"), "no table"),
        (say("{\"code\":\"NoTable\",\"durations\":[[0,1],[1,0]]}"), "no table"),
        (table("[[0,NaN],[1,0]]"), "no table"),
        (table("[[0,1e999],[1,0]]"), "no table"),
        (table("[[0,\"1\"],[1,0]]"), "no table"),
        (table("[[0,1]]"), "a row and a column"),
        (table("[[0,1,2],[1,0,2],[2,1,0]]"), "a row and a column"),
        (table("[[0],[0]]"), "a row and a column"),
        (table("[[0,-1],[1,0]]"), "negative"),
        (table("[[0,86401],[1,0]]"), "longer than a day"),
        (table("[[0,1e300],[1,0]]"), "longer than a day"),
        (table(&format!("[[0,1],[1,0{}]]", " ".repeat(9 << 20))), "too large"),
        (Mood::Redirect(elsewhere.url()), "answered 302"),
        (Mood::Say(500, String::new()), "answered 500"),
        (Mood::Say(400, "{\"code\":\"NoSegment\",\"message\":\"13.01 is far\"}".into()), "400 NoSegment"),
        (Mood::Say(400, "{\"code\":\"13.01,52.5\"}".into()), "answered 400 "),
    ] {
        let backend = Quiet::with(|_| {});
        backend.osrm.be(mood.clone());
        let route = backend.publish(&backend.ada, DAY, &[1, 2]);
        let failures = backend.ask().failures;
        let told = failures.join("\n");
        assert!(failures.len() == 1 && told.contains(words), "{mood:?}: {failures:?}");
        let rest = told.replace(route.as_str(), "");
        assert!(!rest.contains("13.") && !rest.contains("127.0.0.1"), "an address is in the log: {told}");
        assert_eq!(backend.osrm.asked().len(), 1, "{mood:?}");
        assert_eq!(backend.matrix(), None, "{mood:?} was believed");
        let found =
            backend.service.office(Actor::Machine).sequence(&route, "08:00:00".parse().unwrap()).unwrap();
        assert!(found.order.len() == 2 && found.now.travel_s > 0);
    }
    assert_eq!(elsewhere.asked(), Vec::<String>::new(), "the stops were told to somebody else");
}

#[test]
fn what_failed_is_tried_again_later_and_one_route_does_not_hold_up_another() {
    let backend = Quiet::with(|matrix| matrix.timeout_s = 1);
    let ben = backend.service.add_courier("Ben").unwrap();
    backend.osrm.be(Mood::Silent);
    backend.publish(&backend.ada, DAY, &[1, 2]);
    backend.publish(&ben, "2026-11-25", &[3, 4]);
    let failures = backend.ask().failures;
    assert!(failures.len() == 1 && failures[0].ends_with("no whole answer in time"), "{failures:?}");
    assert_eq!(backend.osrm.asked().len(), 1, "a service that hangs was asked for the next route too");
    assert_eq!(backend.ask(), Asked::default(), "it was asked again at once");
    backend.osrm.be(Mood::Say(400, "{\"code\":\"NoSegment\"}".into()));
    backend.advance(60_000);
    assert_eq!(backend.ask().failures.len(), 2, "the places of one route held up another");
    backend.osrm.be(Mood::Right);
    backend.advance(60_000);
    assert_eq!(backend.ask().routes, 1);
    backend.advance(60_000);
    assert_eq!(backend.ask().routes, 1);
    assert_eq!((is_right(&backend.service, &backend.ada), is_right(&backend.service, &ben)), (2, 2));
    // Nobody drives a day that has passed.
    backend.osrm.asked();
    backend.publish(&backend.ada, DAY, &[5]);
    backend.advance(DAY_MS);
    assert_eq!((backend.ask(), backend.osrm.asked()), (Asked::default(), Vec::new()));
}

#[test]
fn a_service_that_is_not_there_is_a_failure_like_another() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let backend = Quiet::with(|matrix| matrix.url = format!("http://{nobody}/"));
    backend.publish(&backend.ada, DAY, &[1, 2]);
    let failures = backend.ask().failures;
    assert!(failures.len() == 1 && failures[0].ends_with("cannot be reached"), "{failures:?}");
    assert_eq!(backend.matrix(), None);
}

#[test]
fn a_matrix_that_the_office_has_given_stays_until_it_is_taken_back() {
    let backend = Quiet::with(|_| {});
    let route = backend.publish(&backend.ada, DAY, &[1, 2]);
    let order: Vec<StopId> =
        on_phone(&backend.service, backend.ada.as_str(), "stop").iter().map(|stop| id(&stop["id"])).collect();
    let office = backend.service.office(Actor::Machine);
    office.put_matrix(&route, &order, &[vec![0, 7], vec![8, 0]]).unwrap();
    let own = backend.matrix();
    backend.publish(&backend.ada, DAY, &[3]);
    assert_eq!((backend.ask(), backend.osrm.asked()), (Asked::default(), Vec::new()));
    assert_eq!(backend.matrix(), own);
    office.put_matrix(&route, &[], &[]).unwrap();
    assert_eq!(backend.ask(), given());
    assert_eq!(is_right(&backend.service, &backend.ada), 3);
    // Another order of the same stops needs nothing.
    let all =
        on_phone(&backend.service, backend.ada.as_str(), "route").last().unwrap()["data"]["order"].clone();
    let mut order: Vec<StopId> = all.as_array().unwrap().iter().map(id).collect();
    order.reverse();
    office.reorder(&route, &RouteOrder { order, ..RouteOrder::default() }).unwrap();
    backend.osrm.asked();
    assert_eq!((backend.ask(), backend.osrm.asked()), (Asked::default(), Vec::new()));
}

fn id(text: &Value) -> StopId {
    StopId::new(text.as_str().unwrap()).unwrap()
}

#[test]
fn a_running_backend_asks_by_itself_and_its_orders_follow() {
    let osrm = Osrm::start();
    let backend = Backend::with(|config| config.matrix = Some(asks(&osrm)));
    import(&backend, &[1, 2, 3]);
    let ada = courier(&backend, "Ada");
    let route = published(&backend, &ada);
    wait_for("the matrix", || on_phone(backend.service(), &ada, "matrix").pop());
    assert_eq!(is_right(backend.service(), &CourierId::new(ada).unwrap()), 3);
    // Westwards takes half as long.
    let found = backend.post(&format!("/v1/routes/{route}/sequence"), OPS, &json!({})).json();
    assert_eq!((&found["before"]["travel_s"], &found["now"]["travel_s"]), (&json!(400), &json!(200)));
}

#[test]
fn nobody_waits_for_a_service_that_hangs_not_even_the_end() {
    let osrm = Osrm::start();
    osrm.be(Mood::Silent);
    let backend = Backend::with(|config| config.matrix = Some(asks(&osrm)));
    import(&backend, &[1, 2, 3]);
    let ada = courier(&backend, "Ada");
    let route = published(&backend, &ada);
    wait_for("the request", || osrm.asked().pop());
    let mut order = on_phone(backend.service(), &ada, "route")[0]["data"]["order"].clone();
    order.as_array_mut().unwrap().reverse();
    assert_eq!(put(&backend, &format!("/v1/routes/{route}/order"), &json!({ "order": order })), 204);
    assert_eq!(on_phone(backend.service(), &ada, "route").last().unwrap()["data"]["order"], order);
    assert!(on_phone(backend.service(), &ada, "matrix").is_empty());
    drop(backend);
}
