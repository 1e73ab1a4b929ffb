//! The conformance kit against our own backend, and against the same backend with faults on the way: each is found by the rule
//! that is meant.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod faults;
mod proxy;
mod second;

use std::net::TcpListener;
use std::process::Command;

use serde_json::Value;

/// A port that nobody uses.
fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

/// What the kit says of a backend with this fault.
fn report(only: &str, fault: Option<proxy::Fault>) -> Value {
    let address = free_address();
    let mut kit = Command::new(env!("CARGO_BIN_EXE_courier-conformance"));
    kit.args(["--json", "--only", only]);
    if let Some(fault) = fault {
        let url = proxy::start(address.clone(), fault);
        kit.arg(&url).env("COURIER_PUBLIC_URL", url);
    }
    kit.args([
        "--",
        env!("CARGO_BIN_EXE_courier-conformance-ours"),
        env!("CARGO_BIN_EXE_scenario-backend"),
        &address,
    ]);
    let done = kit.output().unwrap();
    let read = serde_json::from_slice::<Value>(&done.stdout);
    let report = read.unwrap_or_else(|_| panic!("no report: {}", String::from_utf8_lossy(&done.stderr)));
    assert_eq!(done.status.success(), report["failed"] == 0, "the exit code says something else: {report:#}");
    report
}

fn with_outcome<'a>(report: &'a Value, outcome: &str) -> Vec<&'a str> {
    let checks = report["checks"].as_array().unwrap().iter();
    checks.filter(|check| check["outcome"] == outcome).map(|check| check["rule"].as_str().unwrap()).collect()
}

#[test]
fn our_own_backend_keeps_every_rule_that_the_kit_looks_at() {
    let report = report("P1,P2,P3,P4,P5,P6,P7,P8,P9,P10", None);
    assert_eq!(with_outcome(&report, "fail"), Vec::<&str>::new(), "{report:#}");
    assert_eq!(with_outcome(&report, "not_applicable"), Vec::<&str>::new(), "{report:#}");
    assert!(with_outcome(&report, "pass").len() > 70, "{report:#}");
}

#[test]
fn every_planted_fault_is_found_by_the_rule_that_is_meant() {
    let next = std::sync::atomic::AtomicUsize::new(0);
    let missed = std::sync::Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some((what, rule, fault)) =
                    faults::ALL.get(next.fetch_add(1, std::sync::atomic::Ordering::SeqCst))
                {
                    let report = report(rule, Some(*fault));
                    if !with_outcome(&report, "fail").contains(rule) {
                        missed.lock().unwrap().push(format!("{rule}: {what}: {report:#}"));
                    }
                }
            });
        }
    });
    let missed = missed.into_inner().unwrap();
    assert!(missed.is_empty(), "not found: {missed:#?}");
    assert!(faults::ALL.len() >= 24);
}

#[test]
fn every_rule_of_the_kit_is_on_the_page() {
    let listed = Command::new(env!("CARGO_BIN_EXE_courier-conformance")).arg("--list").output().unwrap();
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/protocol.md")).unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.lines().count() > 70, "{listed}");
    for line in listed.lines() {
        let id = line.split(' ').next().unwrap();
        assert!(page.contains(&format!("\n**{id}** ")), "{id} is not on the page");
    }
}
