//! The tests of this program, tested: each planted bug turns an ordinary test red, which is green without it.

use std::collections::BTreeSet;
use std::process::Output;

use courier_engine::planted::{Bug, UnknownBug, VARIABLE};
use courier_engine::{Config, Courier, CourierError, Planted, Ports};
use rand_chacha::{ChaCha20Rng, rand_core::SeedableRng};

use crate::itself;

/// Which test has to catch which bug.
const CAUGHT_BY: &[(Bug, &str)] = &[
    (Bug::AcknowledgeAny200, "sync::nothing_is_acknowledged_by_an_answer_that_is_not_ours"),
    (Bug::AcknowledgeWithoutHash, "sync::results_in_another_order_acknowledge_only_what_is_in_its_place"),
    (Bug::AcknowledgeWithoutEcho, "sync::nothing_is_acknowledged_by_an_answer_that_is_not_ours"),
    (Bug::EpochIgnored, "sync::a_restored_server_gets_everything_again"),
    (Bug::TryCountedAfterCheck, "tries::a_kill_when_the_entry_was_looked_at_forgives_nothing"),
    (Bug::InterruptedTryForgiven, "tries::two_hundred_kills_between_try_and_check_forgive_nothing"),
    (Bug::ShownBeforeCommit, "restart::what_could_not_be_written_is_not_shown"),
    (Bug::IncarnationKept, "restart::a_restored_backup_goes_on_as_another_incarnation_with_a_key_of_its_own"),
    (Bug::ServersWaitIgnored, "sync::sync_now_skips_our_own_waiting_and_never_the_servers"),
    (Bug::TokenRenewedForEver, "sync::a_refused_token_is_renewed_once_and_recording_goes_on"),
    (Bug::CacheKeyKept, "sync::a_new_day_is_sealed_under_its_own_key"),
    (Bug::WatchdogAsleep, "log_out::an_outbox_that_nobody_empties_is_told_of_once"),
    (Bug::LogOutForgets, "log_out::what_is_only_on_this_phone_keeps_its_courier_there"),
    (Bug::DayYanked, "sync::a_day_that_is_not_closed_stays_readable_until_it_is"),
    (Bug::PortalSaysNothingNew, "sync::nothing_new_counts_only_from_our_server"),
];

/// Bugs that the days of `tests/sim` catch.
const CAUGHT_BY_DAYS: &[Bug] = &[
    Bug::TombstoneIgnored,
    Bug::RouteNeverAgain,
    Bug::NewestFirst,
    Bug::PrivateForgotten,
    Bug::TooLargeAcknowledged,
    Bug::OldChainForgotten,
    Bug::DraftInMemory,
    Bug::StoredIsConfirmed,
    Bug::NoPatience,
    Bug::NeverPurged,
    Bug::ScopeIgnored,
];

/// One test of this program, in a process of its own with this bug.
fn run(test: &str, bug: Option<&str>) -> Output {
    let mut command = itself::again();
    command.args(["--exact", "--include-ignored", "--test-threads", "1", test]).env_remove(VARIABLE);
    if let Some(bug) = bug {
        command.env(VARIABLE, bug);
    }
    command.output().unwrap()
}

fn assert_green(test: &str, bug: Option<&str>) {
    let output = run(test, bug);
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{test} is not green: {said}");
}

#[test]
fn every_planted_bug_turns_a_test_red_that_is_green_without_it() {
    for (bug, test) in CAUGHT_BY {
        let output = run(test, Some(bug.name()));
        let said = String::from_utf8_lossy(&output.stdout);
        let red = !output.status.success() && said.contains(&format!("test {test} ... FAILED"));
        assert!(red, "{} was not caught: {said}", bug.name());
        assert_green(test, None);
    }
}

#[test]
fn every_bug_has_a_test_that_catches_it_and_a_name_of_its_own() {
    for bug in Bug::ALL {
        let tests = CAUGHT_BY.iter().filter(|(caught, _)| caught == bug).count()
            + CAUGHT_BY_DAYS.iter().filter(|caught| *caught == bug).count();
        assert_eq!(tests, 1, "{} is caught by {tests} tests", bug.name());
        assert_eq!(Planted::named(bug.name()), Ok(Planted::bug(*bug)));
    }
    let names: BTreeSet<_> = Bug::ALL.iter().map(|bug| bug.name()).collect();
    assert_eq!(names.len(), Bug::ALL.len());
}

fn open(planted: Planted) -> Result<Courier, CourierError> {
    let dir = tempfile::tempdir().unwrap();
    let ports = Ports::software(dir.path(), &mut ChaCha20Rng::seed_from_u64(1)).unwrap();
    let config = Config { planted, ..Config::new(dir.path().join("data"), "https://courier.example") };
    Courier::open(config, ports)
}

#[test]
fn a_bug_that_nobody_knows_is_an_error() {
    assert_eq!(Planted::named("acknowledge-any-201"), Err(UnknownBug));
    assert_green("planted::an_engine_whose_environment_names_an_unknown_bug_does_not_open", Some("Nonsense"));
}

#[test]
#[ignore = "run by a_bug_that_nobody_knows_is_an_error, in a process of its own"]
fn an_engine_whose_environment_names_an_unknown_bug_does_not_open() {
    let refused = open(Planted::NONE).err();
    assert_eq!(refused, Some(CourierError::Internal { incident: "unknown-bug".into() }));
    // A bug of the configuration is the one that counts.
    open(Planted::bug(Bug::AcknowledgeAny200)).unwrap().shutdown();
}
