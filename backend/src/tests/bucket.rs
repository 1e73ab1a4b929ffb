//! Evidence files in a bucket: what is different from a folder.

use std::sync::Mutex;

use courier_protocol::blobs::{MAX_PART, Part};

use super::blobs::{bucket, name_of, picture};
use super::day::Day;
use super::phone::Phone;
use crate::blobs::{Have, Taken};
use crate::config::Config;
use crate::entropy::{self, ServiceClock};
use crate::error::ServiceError;
use crate::service::Service;

fn day() -> Day {
    Day::changed(|config| {
        config.files = Some(bucket(&config.data_dir).expect("COURIER_TEST_BUCKET names no service"));
    })
}

/// Another backend on the same database, with a configuration of its own.
fn beside(day: &Day, change: impl FnOnce(&mut Config)) -> Service {
    let mut config = day.service.config().clone();
    change(&mut config);
    let clock = ServiceClock::Set(Mutex::new(day.service.clock().now()));
    Service::open(config, "http://backend.example".into(), clock, entropy::from_seed(9)).unwrap()
}

/// Sends what follows `from`; what came of it.
fn send(service: &Service, phone: &Phone, bytes: &[u8], from: usize) -> Result<Taken, ServiceError> {
    let part = Part::after(from, bytes.len());
    service.take_part(&phone.from, &name_of(bytes), part, &bytes[part.from..part.to])
}

fn says(answer: Result<impl std::fmt::Debug, ServiceError>) -> String {
    match answer {
        Err(ServiceError::Fault(what)) => what,
        other => panic!("{other:?}"),
    }
}

#[test]
#[ignore = "needs a service: tests/run.sh bucket"]
fn a_file_comes_to_several_backends_part_by_part() {
    let day = day();
    let other = beside(&day, |_| {});
    let phone = Phone::of(&day);
    let bytes = picture(3 * MAX_PART + 7, 3);
    assert_eq!(send(&day.service, &phone, &bytes, 0).unwrap(), Taken::More(MAX_PART));
    assert_eq!(other.have_blob(&name_of(&bytes)).unwrap(), Have::Bytes(MAX_PART));
    assert_eq!(send(&other, &phone, &bytes, MAX_PART).unwrap(), Taken::More(2 * MAX_PART));
    assert_eq!(send(&other, &phone, &bytes, 0).unwrap(), Taken::Elsewhere(2 * MAX_PART));
    let parts = day.service.shelf().everything();
    assert_eq!(parts.len(), 2);
    let in_the_clear = &bytes[100..140];
    assert!(!parts.iter().any(|(_, part)| part.windows(40).any(|window| window == in_the_clear)));
    send(&day.service, &phone, &bytes, 2 * MAX_PART).unwrap();
    assert_eq!(send(&other, &phone, &bytes, 3 * MAX_PART).unwrap(), Taken::Complete(bytes.len()));
    assert_eq!(day.service.blob(&name_of(&bytes)).unwrap().unwrap(), bytes);
    let left: Vec<_> = day.service.shelf().everything().into_iter().map(|(name, _)| name).collect();
    assert_eq!(left, [name_of(&bytes).as_str()], "its parts are gone");
    assert_eq!(
        std::fs::read_dir(day.dir.path().join("blobs")).unwrap().count(),
        0,
        "and nothing is in the folder"
    );
}

#[test]
#[ignore = "needs a service: tests/run.sh bucket"]
fn what_lay_in_the_folder_before_is_found_and_goes_in_its_time() {
    let day = Day::empty();
    let phone = Phone::of(&day);
    let bytes = picture(1_000, 3);
    assert_eq!(send(&day.service, &phone, &bytes, 0).unwrap(), Taken::Complete(1_000));
    let with_a_bucket = beside(&day, |config| config.files = bucket(&config.data_dir));
    assert_eq!(with_a_bucket.blob(&name_of(&bytes)).unwrap().unwrap(), bytes);
    let clock = with_a_bucket.clock();
    clock.set(clock.now().plus_ms(crate::blobs::KEPT_MS + 1));
    assert_eq!(with_a_bucket.purge_blobs().unwrap(), 1);
    assert_eq!(std::fs::read_dir(day.dir.path().join("blobs")).unwrap().count(), 0);
}

#[test]
#[ignore = "needs a service: tests/run.sh bucket"]
fn a_service_that_is_away_or_refuses_loses_nothing_and_its_secret_is_told_to_nobody() {
    let day = day();
    let away = beside(&day, |config| {
        config.files.as_mut().unwrap().endpoint = Some("http://127.0.0.1:9".into());
    });
    let refused = beside(&day, |config| {
        config.files.as_mut().unwrap().secret = Some("another-secret".into());
    });
    let phone = Phone::of(&day);
    let bytes = picture(MAX_PART + 7, 5);
    send(&day.service, &phone, &bytes, 0).unwrap();
    for service in [&away, &refused] {
        for what in [says(service.have_blob(&name_of(&bytes))), says(send(service, &phone, &bytes, MAX_PART))]
        {
            assert!(what.starts_with("evidence files: "), "{what}");
            assert!(!what.contains("another-secret") && !what.contains("courier-secret"), "{what}");
        }
    }
    // The phone comes again to one that works, and goes on where it was.
    assert_eq!(day.service.have_blob(&name_of(&bytes)).unwrap(), Have::Bytes(MAX_PART));
    assert_eq!(send(&day.service, &phone, &bytes, MAX_PART).unwrap(), Taken::Complete(bytes.len()));
    says(away.blob(&name_of(&bytes)));
    assert_eq!(day.service.blob(&name_of(&bytes)).unwrap().unwrap(), bytes);
}
