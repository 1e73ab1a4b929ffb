//! Section 9: evidence files in parts.

use courier_codes::encoding::hash_of;
use courier_engine::{HttpResponse, Method};
use courier_protocol::blobs::{MAX_PART, Part};
use courier_protocol::header;
use rand_core::Rng;

use super::Rule;
use crate::phone::Phone;
use crate::report::{Check, Stop, equal};
use crate::world::{World, has_status};

pub(super) const RULES: &[Rule] = &[
    Rule { id: "P9.1", title: "What is no name of a file is not found", check: names },
    Rule { id: "P9.2", title: "HEAD tells how much is there", check: whole },
    Rule { id: "P9.3", title: "Parts without a range, or beyond the limits, are refused", check: limits },
    Rule { id: "P9.4", title: "A part that begins elsewhere is told where to go on", check: elsewhere },
    Rule { id: "P9.5", title: "Bytes with another hash are dropped", check: wrong_hash },
    Rule { id: "P9.6", title: "Answers about a file echo the request", check: echo },
    Rule { id: "P9.7", title: "Half a file and a whole one survive a power failure", check: power_cut },
];

/// A file of random bytes, longer than a part, and a phone that has it.
struct File {
    phone: Phone,
    bytes: Vec<u8>,
    path: String,
}

impl File {
    fn new(world: &mut World) -> Result<Self, Stop> {
        let phone = world.any_phone()?;
        let mut bytes = vec![0; MAX_PART + 5_000];
        world.rng.fill_bytes(&mut bytes);
        let path = format!("/v1/blobs/{}", hash_of(&bytes).as_str());
        Ok(Self { phone, bytes, path })
    }

    fn head(&self, world: &mut World) -> Result<(u16, Option<usize>), Stop> {
        let answer = self.phone.ask(world, Method::Head, &self.path, &[], "")?;
        Ok((answer.status, have(&answer)))
    }

    fn put(&self, world: &mut World, part: Part) -> Result<HttpResponse, Stop> {
        let range = part.to_header();
        self.phone.ask(
            world,
            Method::Put,
            &self.path,
            &[("content-range", &range)],
            &self.bytes[part.from..part.to],
        )
    }

    fn part(&self, from: usize) -> Part {
        Part::after(from, self.bytes.len())
    }
}

fn have(answer: &HttpResponse) -> Option<usize> {
    answer.header(header::HAVE).and_then(|text| text.trim().parse().ok())
}

fn names(world: &mut World) -> Check {
    let phone = world.any_phone()?;
    for path in ["/v1/blobs/short", "/v1/blobs/..%2F..%2Fetc%2Fpasswd"] {
        has_status(&phone.ask(world, Method::Head, path, &[], "")?, 404)?;
    }
    let range = [("content-range", "bytes 0-0/1")];
    has_status(&phone.ask(world, Method::Put, "/v1/blobs/short", &range, "x")?, 404)
}

fn whole(world: &mut World) -> Check {
    let file = File::new(world)?;
    equal("HEAD of an unknown file", &file.head(world)?, &(204, Some(0)))?;
    let first = file.put(world, file.part(0))?;
    equal("PUT of the first part", &(first.status, have(&first)), &(202, Some(MAX_PART)))?;
    equal("HEAD in the middle", &file.head(world)?, &(204, Some(MAX_PART)))?;
    has_status(&file.put(world, file.part(MAX_PART))?, 201)?;
    equal("HEAD of the whole file", &file.head(world)?.0, &200)?;
    // The answer was lost.
    has_status(&file.put(world, file.part(MAX_PART))?, 201)
}

fn limits(world: &mut World) -> Check {
    let file = File::new(world)?;
    let put = |world: &mut World, range: Option<&str>, bytes: &[u8]| {
        let headers: Vec<_> = range.map(|range| ("content-range", range)).into_iter().collect();
        file.phone.ask(world, Method::Put, &file.path, &headers, bytes)
    };
    for range in [
        None,
        Some("bytes 0-9/*"),
        Some("bytes 9-0/10"),
        Some("bytes 0-9/2097153"),
        Some("bytes 0-262144/300000"),
    ] {
        let status = put(world, range, b"0123456789")?.status;
        equal(&format!("status for {range:?}"), &status, &400)?;
    }
    equal(
        "status for a range that the body does not fill",
        &put(world, Some("bytes 0-9/10"), b"012")?.status,
        &400,
    )?;
    equal("HEAD afterwards", &file.head(world)?, &(204, Some(0)))
}

fn elsewhere(world: &mut World) -> Check {
    let file = File::new(world)?;
    let ahead = file.put(world, file.part(MAX_PART))?;
    equal("a part of the middle first", &(ahead.status, have(&ahead)), &(409, Some(0)))?;
    file.put(world, file.part(0))?;
    let again = file.put(world, file.part(0))?;
    equal("the first part twice", &(again.status, have(&again)), &(409, Some(MAX_PART)))?;
    has_status(&file.put(world, file.part(MAX_PART))?, 201)
}

fn wrong_hash(world: &mut World) -> Check {
    let mut file = File::new(world)?;
    let right = file.bytes.clone();
    file.bytes[7] ^= 1;
    file.put(world, file.part(0))?;
    let answer = file.put(world, file.part(MAX_PART))?;
    equal("the last part", &(answer.status, have(&answer)), &(422, Some(0)))?;
    equal("HEAD afterwards", &file.head(world)?, &(204, Some(0)))?;
    file.bytes = right;
    has_status(&file.put(world, file.part(0))?, 202)?;
    has_status(&file.put(world, file.part(MAX_PART))?, 201)
}

fn echo(world: &mut World) -> Check {
    let file = File::new(world)?;
    let is_echoed = |what: &str, answer: &HttpResponse| {
        equal(&format!("courier-request of {what}"), &answer.header(header::REQUEST), &Some("mine"))
    };
    let request = (header::REQUEST, "mine");
    let put = |world: &mut World, part: Part| {
        let range = part.to_header();
        let headers = [request, ("content-range", range.as_str())];
        file.phone.ask(world, Method::Put, &file.path, &headers, &file.bytes[part.from..part.to])
    };
    is_echoed("HEAD of an unknown file", &file.phone.ask(world, Method::Head, &file.path, &[request], "")?)?;
    is_echoed("a 202", &put(world, file.part(0))?)?;
    is_echoed("a 409", &put(world, file.part(0))?)?;
    is_echoed("a 201", &put(world, file.part(MAX_PART))?)?;
    is_echoed("HEAD of a whole file", &file.phone.ask(world, Method::Head, &file.path, &[request], "")?)
}

fn power_cut(world: &mut World) -> Check {
    let (half, whole) = (File::new(world)?, File::new(world)?);
    half.put(world, half.part(0))?;
    whole.put(world, whole.part(0))?;
    has_status(&whole.put(world, whole.part(MAX_PART))?, 201)?;
    world.office.kill()?;
    world.reconnect()?;
    equal("HEAD of the whole file", &whole.head(world)?.0, &200)?;
    let (status, have) = half.head(world)?;
    equal("HEAD of half a file", &status, &204)?;
    let rest = half.part(have.unwrap_or(0));
    let mut answer = half.put(world, rest)?;
    if answer.status == 202 {
        answer = half.put(world, half.part(rest.to))?;
    }
    has_status(&answer, 201)
}
