//! What the phone learns of its own days: how fast legs are, how long stops take. It stays on the phone.

use courier_codes::encoding::{decode, encode, hash_of};
use courier_domain::{KeepOrder, Stop, UnixMs};
use courier_routing::service::{Expected, Place, ServiceTimes, USUAL_S, Work};
use courier_routing::travel::Pace;
use serde::{Deserialize, Serialize};

/// Days after which a place that was not visited again is forgotten.
const KEPT_DAYS: u16 = 180;
const DAY_MS: i64 = 86_400_000;

/// See the module. It also holds the courier's setting, which outlives a day as well.
#[derive(Debug, Clone, Default)]
pub(crate) struct Learned {
    /// Addresses are numbers here, which nobody can make without it. It is not kept.
    salt: String,
    pub(crate) keep: KeepOrder,
    pub(crate) pace: Pace,
    service: ServiceTimes,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    keep: KeepOrder,
    pace: String,
    service: String,
}

impl Learned {
    /// Nothing yet, on the phone with this secret.
    pub(crate) fn new(secret: &[u8]) -> Self {
        let salt = hash_of(&[b"courier/places\n", secret].concat());
        Self { salt: salt.as_str().to_owned(), ..Self::default() }
    }

    /// What was kept; nothing of it if it is not to be read.
    pub(crate) fn from_json(secret: &[u8], json: &[u8]) -> Option<Self> {
        let stored: Stored = serde_json::from_slice(json).ok()?;
        Some(Self {
            keep: stored.keep,
            pace: Pace::from_bytes(&decode(&stored.pace).ok()?).unwrap_or_default(),
            service: ServiceTimes::from_bytes(&decode(&stored.service).ok()?).unwrap_or_default(),
            ..Self::new(secret)
        })
    }

    pub(crate) fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(&Stored {
            keep: self.keep,
            pace: encode(&self.pace.to_bytes()),
            service: encode(&self.service.to_bytes()),
        })
    }

    /// What a stop with so many parcels is expected to take. Where the office expects more than usual, it takes so much
    /// more.
    pub(crate) fn expected(&self, stop: &Stop, parcels: u32) -> Expected {
        self.service.expected(self.place(stop), work(stop, parcels))
    }

    pub(crate) fn learn_service(&mut self, stop: &Stop, parcels: u32, seconds: u32, at: UnixMs) {
        self.service.learn(self.place(stop), work(stop, parcels), seconds, day(at));
    }

    /// Forgets places that were not visited for half a year. Whether there were any.
    pub(crate) fn forget_old(&mut self, now: UnixMs) -> bool {
        let before = self.service.places();
        self.service.forget_before(day(now).saturating_sub(KEPT_DAYS));
        self.service.places() < before
    }

    fn place(&self, stop: &Stop) -> Place {
        let address = &stop.address;
        let number = |parts: &[&str]| {
            let hash = hash_of([&[self.salt.as_str()], parts].concat().join("\n").as_bytes());
            let bytes = decode(hash.as_str()).unwrap_or_default();
            bytes.first_chunk().map_or(0, |bytes| u64::from_le_bytes(*bytes))
        };
        let house =
            [&address.country, &address.postcode, &address.street, &address.house].map(String::as_str);
        let flat = stop.flat.as_deref().unwrap_or_default();
        Place {
            address: number(&[house.as_slice(), &[flat]].concat()),
            building: number(&house),
            zone: number(&house[..2]),
            depot: number(&[]),
        }
    }
}

fn work(stop: &Stop, parcels: u32) -> Work {
    Work { parcels: parcels.max(1), extra_s: stop.service_s.saturating_sub(USUAL_S).min(86_400) }
}

fn day(at: UnixMs) -> u16 {
    u16::try_from(at.0.div_euclid(DAY_MS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use courier_domain::{Address, Pin, StopId};

    fn stop(house: &str) -> Stop {
        Stop {
            id: StopId::new("s").unwrap(),
            address: Address {
                street: "Nachtigallenweg".into(),
                house: house.into(),
                postcode: "10178".into(),
                city: "Berlin".into(),
                country: "DE".into(),
            },
            flat: None,
            door_pin: Pin { lat: 52.5, lon: 13.4 },
            parking_pin: None,
            window: None,
            service_s: 0,
            access_notes: None,
            van_place: None,
        }
    }

    #[test]
    fn a_slow_house_is_remembered_for_half_a_year_and_its_street_is_not_in_the_file() {
        let mut learned = Learned::new(&[7; 32]);
        let visited = UnixMs(20_000 * DAY_MS);
        let usual = learned.expected(&stop("7"), 1).seconds;
        for _ in 0..6 {
            learned.learn_service(&stop("7"), 1, 400, visited);
        }
        let kept = learned.to_json().unwrap();
        assert!(!String::from_utf8_lossy(&kept).contains("Nachtigall"));
        let mut again = Learned::from_json(&[7; 32], &kept).unwrap();
        let slow = again.expected(&stop("7"), 1).seconds;
        assert!(slow > usual + 150, "{slow} s after {usual} s");
        assert!(again.expected(&stop("9"), 1).seconds < slow, "another house is not as slow");
        assert!(!again.forget_old(visited.plus_ms(179 * DAY_MS)));
        assert!(again.forget_old(visited.plus_ms(181 * DAY_MS)));
        assert_eq!(again.expected(&stop("7"), 1).seconds, usual);
    }
}
