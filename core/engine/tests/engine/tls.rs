//! Who the phone takes for its server, and what becomes of what it wanted to send when it is somebody else.

use std::sync::Arc;

use courier_domain::Command;
use courier_engine::{Courier, CourierError, SyncProblem, SyncReport};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivatePkcs8KeyDer;

use crate::backend::{ENROLMENT, Fault};
use crate::served::{Phone, Served, published, serve_as};
use crate::world::stop;

/// An authority, with its certificate in PEM.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(DnType::CommonName, name);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
        let key = KeyPair::generate().unwrap();
        let pem = params.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(params, key), pem }
    }

    /// What a server of this name proves itself with.
    fn identity(&self, host: &str, change: impl FnOnce(&mut CertificateParams)) -> Arc<ServerConfig> {
        let mut params = CertificateParams::new(vec![host.to_owned()]).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            )
            .unwrap();
        Arc::new(config)
    }

    fn server(&self) -> Arc<ServerConfig> {
        self.identity("localhost", always)
    }
}

fn always(_: &mut CertificateParams) {}

/// What somebody proves to be who is not the operator's server.
type Impostor = fn(&Authority) -> Arc<ServerConfig>;

/// From the first day of one year to that of another.
fn valid_between(from: i32, until: i32) -> impl FnOnce(&mut CertificateParams) {
    move |params| {
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
    }
}

/// A phone whose operator has an authority of its own, enrolled and with a day begun at its server.
struct Day {
    authority: Authority,
    served: Served,
    phone: Phone,
    courier: Courier,
}

impl Day {
    fn new() -> Self {
        let authority = Authority::new("operator");
        let served = serve_as(published(), "localhost", Some(authority.server()));
        let mut phone = Phone::new(&served);
        phone.operator_ca_pem = Some(authority.pem.clone());
        let courier = phone.open();
        courier.enrol_blocking(ENROLMENT).unwrap();
        assert_eq!(courier.sync_blocking(5_000).unwrap().error, None);
        courier.submit(Command::StartDay).unwrap();
        courier.submit(Command::Arrive { stop: stop("door-1") }).unwrap();
        Self { authority, served, phone, courier }
    }

    fn sync(&self) -> SyncReport {
        self.courier.sync_blocking(5_000).unwrap()
    }

    /// Somebody else stands where the server was; what is known so far stays open.
    fn replace(&self, identity: Arc<ServerConfig>) {
        *self.served.identity.lock().unwrap() = Some(identity);
    }

    fn fault(&self, fault: Fault) {
        self.served.backend.lock().unwrap().facts_faults.push_back(fault);
    }

    fn arrivals(&self) -> usize {
        self.served.backend.lock().unwrap().arrivals
    }

    /// Nothing was lost, and once the server is there again everything arrives once.
    fn assert_mended(&self, why: &str) {
        assert_eq!(self.courier.diagnostics().unwrap().pending, 2, "{why}");
        self.courier.submit(Command::Arrive { stop: stop("door-2") }).unwrap();
        self.phone.tick(400_000);
        let report = self.sync();
        assert_eq!(
            (report.acked, report.pending, report.offline, report.error),
            (3, 0, false, None),
            "{why}"
        );
        assert_eq!(self.served.backend.lock().unwrap().stored.len(), 3, "{why}");
    }
}

#[test]
fn a_server_with_a_certificate_of_the_operators_authority_is_the_server() {
    let day = Day::new();
    let report = day.sync();
    assert_eq!((report.acked, report.pending, report.error), (2, 0, None));
}

#[test]
fn whoever_cannot_prove_to_be_the_server_is_nobody() {
    let impostors: [(&str, Impostor); 4] = [
        ("of a stranger's authority", |_| Authority::new("operator").server()),
        ("for another host", |operator| operator.identity("courier.example", always)),
        ("expired", |operator| operator.identity("localhost", valid_between(2020, 2021))),
        ("not valid yet", |operator| operator.identity("localhost", valid_between(2120, 2121))),
    ];
    for (why, impostor) in impostors {
        let day = Day::new();
        day.replace(impostor(&day.authority));
        let report = day.sync();
        assert_eq!((report.acked, report.pending, report.offline), (0, 2, true), "a certificate {why}");
        assert_eq!(day.arrivals(), 0, "facts were given to whoever had a certificate {why}");
        day.replace(day.authority.server());
        day.assert_mended(why);
    }
}

#[test]
fn a_phone_that_does_not_know_the_operators_authority_does_not_enrol() {
    let day = Day::new();
    let phone = Phone::new(&day.served);
    assert_eq!(phone.open().enrol_blocking(ENROLMENT), Err(CourierError::Offline));
}

#[test]
fn a_redirect_is_not_followed() {
    let day = Day::new();
    let elsewhere = serve_as(published(), "localhost", Some(day.authority.server()));
    for status in [301, 302, 307, 308] {
        day.fault(Fault::Redirect(status, format!("{}/v1/facts", elsewhere.url)));
        let report = day.sync();
        assert_eq!((report.acked, report.error), (0, Some(SyncProblem::NotTheServer)), "{status}");
        day.phone.tick(400_000);
    }
    assert_eq!(elsewhere.backend.lock().unwrap().arrivals, 0, "facts went elsewhere");
    day.assert_mended("redirected");
}

#[test]
fn an_answer_without_end_is_cut_off_and_acknowledges_nothing() {
    let day = Day::new();
    day.fault(Fault::Body(" ".repeat(courier_engine::http::MAX_BODY + 1)));
    let report = day.sync();
    assert_eq!((report.acked, report.pending), (0, 2));
    assert_eq!(report.error, Some(SyncProblem::NotTheServer));
    day.assert_mended("too long");
}

#[test]
fn a_server_that_ends_the_connection_in_the_middle_acknowledges_nothing() {
    let day = Day::new();
    day.fault(Fault::LoseAnswer);
    let report = day.sync();
    assert_eq!((report.acked, report.pending), (0, 2));
    assert_eq!(day.arrivals(), 2, "it is the answer that was lost");
    day.assert_mended("broken off");
}
