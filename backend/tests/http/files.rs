//! Evidence files over HTTP.

use courier_codes::encoding::hash_of;

use courier_protocol::blobs::{MAX_PART, Part};

use crate::world::{Answer, Backend, OPS, SHOP};

/// A phone sends a whole file, or tries to.
pub(crate) fn send(backend: &Backend, token: &str, bytes: &[u8], name: &str) -> Answer {
    let path = format!("/v1/blobs/{name}");
    let auth = format!("authorization: Bearer {token}");
    let mut from = 0;
    loop {
        let part = Part::after(from, bytes.len());
        let range = format!("content-range: {}", part.to_header());
        let answer = backend.ask("PUT", &path, &[&auth, &range], &bytes[part.from..part.to]);
        if answer.status != 202 {
            return answer;
        }
        from = part.to;
    }
}

#[test]
fn evidence_files_are_taken_from_phones_and_shown_to_the_office_only() {
    let backend = Backend::start();
    let (_, token) = backend.enrol();
    let auth = format!("authorization: Bearer {token}");
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let path = format!("/v1/blobs/{}", hash_of(svg).as_str());
    let (echo, to) = ("courier-request: abc", svg.len() - 1);
    let put = |range: &str, body: &[u8]| {
        backend.ask("PUT", &path, &[&auth, echo, &format!("content-range: {range}")], body)
    };
    let there = backend.ask("HEAD", &path, &[&auth, echo], b"");
    assert_eq!(there.status, 204);
    assert!(there.head.contains("courier-have: 0") && there.head.contains("courier-request: abc"));
    for wrong in ["", "bytes 0-9/*", "bytes 9-0/10", "bytes 0-9999999/9999999"] {
        assert_eq!(put(wrong, svg).status, 400, "{wrong:?}");
    }
    let part = put(&format!("bytes 0-9/{}", svg.len()), &svg[..10]);
    assert_eq!(part.status, 202);
    assert!(part.head.contains("courier-have: 10") && part.head.contains("courier-request: abc"));
    let elsewhere = put(&format!("bytes 20-{to}/{}", svg.len()), &svg[20..]);
    assert_eq!(elsewhere.status, 409);
    assert!(elsewhere.head.contains("courier-have: 10") && elsewhere.head.contains("courier-request: abc"));
    assert_eq!(backend.get(&path, OPS).status, 404, "half of it is nothing to look at");
    assert_eq!(put(&format!("bytes 10-{to}/{}", svg.len()), &svg[10..]).status, 201);
    assert_eq!(backend.ask("HEAD", &path, &[&auth, echo], b"").status, 200);

    let shown = backend.get(&path, OPS);
    assert_eq!((shown.status, shown.body.as_slice()), (200, &svg[..]));
    assert!(shown.head.contains("image/svg+xml") && shown.head.contains("sandbox"), "{}", shown.head);
    assert!(shown.head.contains("nosniff") && shown.head.contains("no-store"), "{}", shown.head);
    assert_eq!(shown.head.matches("content-security-policy").count(), 1, "{}", shown.head);
    assert_eq!(backend.get(&path, SHOP).status, 403);
    assert_eq!(backend.get(&path, &token).status, 401, "a phone need not see it again");
    for stranger in [OPS, SHOP, "nobody"] {
        let auth = format!("authorization: Bearer {stranger}");
        assert_eq!(backend.ask("PUT", &path, &[&auth, echo], svg).status, 401, "{stranger}");
        assert_eq!(backend.ask("HEAD", &path, &[&auth, echo], b"").status, 401, "{stranger}");
    }
    for bad in ["/v1/blobs/..%2F..%2Fbackend.db", "/v1/blobs/short"] {
        assert_eq!(backend.get(bad, OPS).status, 404, "{bad}");
        assert_eq!(backend.ask("HEAD", bad, &[&auth, echo], b"").status, 404, "{bad}");
    }
}

#[test]
fn a_file_comes_in_parts_of_their_greatest_length_and_one_that_is_not_what_its_name_says_is_dropped() {
    let backend = Backend::start();
    let (_, token) = backend.enrol();
    let photo: Vec<_> = (0..MAX_PART + 1_000).map(|n| u8::try_from(n % 251).unwrap()).collect();
    let wrong = send(&backend, &token, &photo, hash_of(b"something else").as_str());
    assert_eq!((wrong.status, wrong.header("courier-have"), wrong.text().as_str()), (422, Some("0"), ""));
    let name = hash_of(&photo);
    assert_eq!(send(&backend, &token, &photo, name.as_str()).status, 201);
    assert_eq!(backend.get(&format!("/v1/blobs/{}", name.as_str()), OPS).body, photo);
    assert_eq!(backend.get("/v1/totals", OPS).json()["files"], 1);
    let long = vec![0; MAX_PART + 1];
    let auth = format!("authorization: Bearer {token}");
    let range = format!("content-range: bytes 0-{}/{}", MAX_PART - 1, long.len());
    let path = format!("/v1/blobs/{}", hash_of(&long).as_str());
    assert_eq!(backend.ask("PUT", &path, &[&auth, &range], &long).status, 413);
}
