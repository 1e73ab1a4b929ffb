//! Evidence files: parts, hashes, limits, what lies on the shelf, what goes. With `COURIER_TEST_BUCKET` all of it is in a
//! bucket (`tests/run.sh bucket`).

use std::path::Path;

use courier_codes::encoding::hash_of;
use courier_protocol::ProblemKind;
use courier_protocol::blobs::{MAX_FILE, MAX_PART, Part};

use super::day::{Day, HOUR};
use super::phone::Phone;
use crate::blobs::{BlobName, Have, KEPT_MS, MAX_PER_DAY, Taken};
use crate::config::FilesConfig;
use crate::error::ServiceError;

/// The service at `COURIER_TEST_BUCKET`, as the shelf of this data folder only.
pub(super) fn bucket(data_dir: &Path) -> Option<FilesConfig> {
    let endpoint = std::env::var("COURIER_TEST_BUCKET").ok()?;
    let prefix = hash_of(data_dir.to_string_lossy().as_bytes()).as_str().to_lowercase();
    let (bucket, region) = ("courier".into(), "us-east-1".into());
    let (key_id, secret) = ("courier".into(), Some("courier-secret".into()));
    let (endpoint, secret_file, ca, timeout_s) = (Some(endpoint), None, None, 10);
    Some(FilesConfig { bucket, prefix, endpoint, region, key_id, secret, secret_file, ca, timeout_s })
}

pub(super) fn picture(length: usize, seed: u8) -> Vec<u8> {
    (0..length).map(|n| u8::try_from(n % 251).unwrap().wrapping_mul(seed)).collect()
}

pub(super) fn name_of(bytes: &[u8]) -> BlobName {
    BlobName::parse(hash_of(bytes).as_str()).unwrap()
}

/// A phone, and an office that takes its files.
struct Sender {
    day: Day,
    phone: Phone,
}

impl Sender {
    fn new() -> Self {
        let day = Day::changed(|config| config.files = bucket(&config.data_dir));
        Self { phone: Phone::of(&day), day }
    }

    fn send(&self, name: &BlobName, part: Part, bytes: &[u8]) -> Result<Taken, ServiceError> {
        self.day.service.take_part(&self.phone.from, name, part, bytes)
    }

    /// Sends all of it in parts; what came of the last one.
    fn send_all(&self, bytes: &[u8]) -> Result<Taken, ServiceError> {
        let name = name_of(bytes);
        let mut part = Part::after(0, bytes.len());
        loop {
            match self.send(&name, part, &bytes[part.from..part.to])? {
                Taken::More(have) => part = Part::after(have, bytes.len()),
                end => return Ok(end),
            }
        }
    }

    fn have(&self, bytes: &[u8]) -> Have {
        self.day.service.have_blob(&name_of(bytes)).unwrap()
    }

    /// Every file, and every part of one.
    fn on_the_shelf(&self) -> Vec<(String, Vec<u8>)> {
        self.day.service.shelf().everything()
    }
}

#[test]
fn a_file_comes_in_parts_and_lies_sealed() {
    let sender = Sender::new();
    let bytes = picture(2 * MAX_PART + 5, 3);
    let name = name_of(&bytes);
    assert_eq!(sender.have(&bytes), Have::Bytes(0));
    let first = Part::after(0, bytes.len());
    assert_eq!(sender.send(&name, first, &bytes[..MAX_PART]).unwrap(), Taken::More(MAX_PART));
    assert_eq!(sender.have(&bytes), Have::Bytes(MAX_PART));
    assert_eq!(sender.day.service.blob(&name).unwrap(), None, "half a picture is none");
    let elsewhere = sender.send(&name, first, &bytes[..MAX_PART]).unwrap();
    assert_eq!(elsewhere, Taken::Elsewhere(MAX_PART), "its answer was lost");
    let sender = Sender { day: sender.day.reopened(), ..sender };
    let second = Part::after(MAX_PART, bytes.len());
    sender.send(&name, second, &bytes[second.from..second.to]).unwrap();
    let last = Part::after(second.to, bytes.len());
    let end = sender.send(&name, last, &bytes[last.from..]).unwrap();
    assert_eq!(end, Taken::Complete(bytes.len()));
    assert_eq!(sender.have(&bytes), Have::Complete(bytes.len()));
    assert_eq!(sender.send(&name, first, &bytes[..MAX_PART]).unwrap(), Taken::Complete(bytes.len()));
    assert_eq!(sender.day.service.blob(&name).unwrap().unwrap(), bytes);
    let files = sender.on_the_shelf();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].0, name.as_str());
    assert!(!files[0].1.windows(40).any(|window| window == &bytes[100..140]), "it lies in the clear");
}

#[test]
fn bytes_of_another_hash_are_dropped_and_the_right_ones_are_taken_after_them() {
    let sender = Sender::new();
    let (bytes, wrong) = (picture(1_000, 3), picture(1_000, 5));
    let whole = Part::after(0, 1_000);
    assert_eq!(sender.send(&name_of(&bytes), whole, &wrong).unwrap(), Taken::WrongHash);
    assert_eq!((sender.have(&bytes), sender.on_the_shelf().len()), (Have::Bytes(0), 0));
    assert_eq!(sender.send_all(&bytes).unwrap(), Taken::Complete(1_000));
}

#[test]
fn a_part_that_is_not_as_long_as_it_says_is_refused() {
    let sender = Sender::new();
    let bytes = picture(1_000, 3);
    let refused = sender.send(&name_of(&bytes), Part::after(0, 1_000), &bytes[..999]);
    assert!(matches!(refused, Err(ServiceError::Refused(ProblemKind::BadRequest, _))));
    assert_eq!(sender.have(&bytes), Have::Bytes(0));
}

#[test]
fn nobody_fills_the_disk() {
    let sender = Sender::new();
    let begin = |n: usize| {
        let bytes = picture(MAX_FILE, u8::try_from(n % 200 + 1).unwrap());
        let name = name_of(&n.to_be_bytes());
        sender.send(&name, Part { from: 0, to: 1, of: MAX_FILE }, &bytes[..1])
    };
    let fits = usize::try_from(MAX_PER_DAY).unwrap() / MAX_FILE;
    for n in 0..fits {
        begin(n).unwrap();
    }
    assert!(matches!(begin(fits), Err(ServiceError::Refused(ProblemKind::TooMany, _))));
    sender.day.advance(25 * HOUR);
    begin(fits).unwrap();
}

#[test]
fn files_go_after_ninety_days() {
    let sender = Sender::new();
    let (old, half, young) = (picture(1_000, 3), picture(2_000, 5), picture(3_000, 7));
    sender.send_all(&old).unwrap();
    sender.send(&name_of(&half), Part { from: 0, to: 9, of: 2_000 }, &half[..9]).unwrap();
    sender.day.advance(KEPT_MS);
    sender.send_all(&young).unwrap();
    assert_eq!(sender.day.service.purge_blobs().unwrap(), 0, "the day is not over");
    sender.day.advance(1);
    assert_eq!(sender.day.service.purge_blobs().unwrap(), 2);
    assert_eq!(sender.on_the_shelf().len(), 1);
    assert_eq!(sender.have(&old), Have::Bytes(0));
    assert_eq!(sender.day.service.blob(&name_of(&young)).unwrap().unwrap(), young);
}

#[test]
fn a_name_is_a_hash_and_nothing_else_gets_into_a_path() {
    let long = "A".repeat(44);
    for bad in ["", "..", "../backend.db", "a", &long, &"A".repeat(42), &format!("{}/", "A".repeat(42))] {
        assert_eq!(BlobName::parse(bad), None, "{bad:?}");
    }
    assert!(BlobName::parse(&"A".repeat(43)).is_some());
}
