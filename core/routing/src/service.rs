//! How long a stop takes, learned where it was.
//!
//! The mean of an address is pulled towards that of its building, this one towards that of its zone, and this one
//! towards that of the depot, the more the less was seen there. Means are added up along a route, so that medians would
//! be wrong: the stops that take long are what makes a courier late.

use std::collections::BTreeMap;

/// Seconds that a stop with one parcel usually takes.
pub const USUAL_S: u32 = 101;
/// Seconds for a stop with one parcel before anything is learned, and their standard deviation (2,038 planned stops of 13
/// routes of the Amazon Last Mile challenge 2021: mean 101, median 70, ninth decile 190).
const FIRST_MEAN_S: u64 = USUAL_S as u64;
const FIRST_DEVIATION_S: u64 = 95;
/// Visits that what is known of the larger place counts for.
const BELIEF: u64 = 4;
/// Visits after which older ones begin to be forgotten.
const MEMORY: u64 = 64;
/// A visit that took longer than so many times what was expected was something else, and counts as that.
const MOST_TIMES: u64 = 5;
/// Most places that are kept; those not seen for longest go first.
const MOST_PLACES: usize = 4_096;
const RECORD: usize = 8 + 4 + 8 + 2 + 2;
const VERSION: u8 = 1;

/// Where a stop is, from the smallest place to the largest. The numbers are the caller's, such as keyed hashes: they
/// need not tell the address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The door.
    pub address: u64,
    /// The house.
    pub building: u64,
    /// The quarter.
    pub zone: u64,
    /// Where the route begins.
    pub depot: u64,
}

/// What a stop asks for beside its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Work {
    /// Parcels to hand over, at least 1.
    pub parcels: u32,
    /// Seconds more for its kind: a code, a signature, an age check.
    pub extra_s: u32,
}

/// Seconds more for every parcel after the first.
const PER_PARCEL_S: u64 = 12;

/// A duration that is not certain: seconds, and the square of its standard deviation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// The mean.
    pub seconds: u64,
    /// The variance, seconds squared.
    pub variance: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Seen {
    visits: u16,
    /// Sum of seconds, and of their squares.
    sum: u32,
    squares: u64,
    /// The day of the last visit, as the caller counts days.
    day: u16,
}

/// What has been learned of stops.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ServiceTimes {
    places: BTreeMap<u64, Seen>,
}

impl ServiceTimes {
    /// What a stop is expected to take.
    pub fn expected(&self, place: Place, work: Work) -> Expected {
        let alone = self.alone(place);
        Expected { seconds: alone.seconds + beside(work), variance: alone.variance }
    }

    /// Learns from a visit that took so many seconds. `day` is any number that grows by 1 a day.
    pub fn learn(&mut self, place: Place, work: Work, seconds: u32, day: u16) {
        let usual = self.alone(place).seconds;
        let alone = u64::from(seconds).saturating_sub(beside(work)).clamp(1, usual * MOST_TIMES);
        for number in levels(place) {
            let seen = self.places.entry(number).or_default();
            seen.visits += 1;
            seen.sum += u32::try_from(alone).unwrap_or(u32::MAX);
            seen.squares += alone * alone;
            seen.day = seen.day.max(day);
            if u64::from(seen.visits) >= MEMORY {
                (seen.visits, seen.sum, seen.squares) = (seen.visits / 2, seen.sum / 2, seen.squares / 2);
            }
        }
        while self.places.len() > MOST_PLACES {
            let oldest = self.places.iter().min_by_key(|(_, seen)| seen.day).map(|(&number, _)| number);
            oldest.map(|number| self.places.remove(&number));
        }
    }

    /// How many places are known, the larger ones included.
    pub fn places(&self) -> usize {
        self.places.len()
    }

    /// Forgets places not visited since `day`.
    pub fn forget_before(&mut self, day: u16) {
        self.places.retain(|_, seen| seen.day >= day);
    }

    /// One parcel and nothing special.
    fn alone(&self, place: Place) -> Expected {
        let mut known = (FIRST_MEAN_S, FIRST_MEAN_S * FIRST_MEAN_S + FIRST_DEVIATION_S * FIRST_DEVIATION_S);
        for number in levels(place).into_iter().rev() {
            let seen = self.places.get(&number).copied().unwrap_or_default();
            let visits = u64::from(seen.visits) + BELIEF;
            known = (
                (u64::from(seen.sum) + BELIEF * known.0 + visits / 2) / visits,
                (seen.squares + BELIEF * known.1) / visits,
            );
        }
        Expected { seconds: known.0, variance: known.1.saturating_sub(known.0 * known.0) }
    }

    /// To be stored: 24 bytes for each place and one more.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(1 + self.places.len() * RECORD);
        bytes.push(VERSION);
        for (number, seen) in &self.places {
            bytes.extend(number.to_le_bytes());
            bytes.extend(seen.sum.to_le_bytes());
            bytes.extend(seen.squares.to_le_bytes());
            bytes.extend(seen.visits.to_le_bytes());
            bytes.extend(seen.day.to_le_bytes());
        }
        bytes
    }

    /// What was stored; `None` if these are other bytes. What is learned is worth a few seconds, never a crash: begin
    /// anew then.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&VERSION, records) = bytes.split_first()? else { return None };
        let (records, []) = records.as_chunks::<RECORD>() else { return None };
        let mut places = BTreeMap::new();
        for record in records {
            let (number, rest) = record.split_first_chunk()?;
            let (sum, rest) = rest.split_first_chunk()?;
            let (squares, rest) = rest.split_first_chunk()?;
            let (visits, rest) = rest.split_first_chunk()?;
            let (day, _) = rest.split_first_chunk()?;
            let seen = Seen {
                visits: u16::from_le_bytes(*visits),
                sum: u32::from_le_bytes(*sum),
                squares: u64::from_le_bytes(*squares),
                day: u16::from_le_bytes(*day),
            };
            let sane = u64::from(seen.visits) < MEMORY && seen.sum < 1 << 24 && seen.squares < 1 << 48;
            if !sane || places.insert(u64::from_le_bytes(*number), seen).is_some() {
                return None;
            }
        }
        (places.len() <= MOST_PLACES).then_some(Self { places })
    }
}

/// The place's numbers, kept apart by level: a house with one door has the same number twice.
fn levels(place: Place) -> [u64; 4] {
    let numbers = [place.address, place.building, place.zone, place.depot];
    let mut level = 0;
    numbers.map(|number| {
        level += 1;
        number.wrapping_mul(4).wrapping_add(level) ^ number.rotate_left(32)
    })
}

fn beside(work: Work) -> u64 {
    u64::from(work.parcels.max(1) - 1) * PER_PARCEL_S + u64::from(work.extra_s)
}
