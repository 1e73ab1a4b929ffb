//! Sealed rows, and private parts with their commitments.

use courier_codes::encoding::encode_typed;
use courier_codes::{RowAad, RowKey, private};
use courier_domain::{Base64Url, PrivatePart};
use serde::{Deserialize, Serialize};

use crate::given::Given;
use crate::{bytes, drawn, frozen};

#[derive(Serialize, Deserialize)]
struct RowVector {
    key: Base64Url,
    nonce: Base64Url,
    table: String,
    id: String,
    rev: u64,
    aad: Base64Url,
    plain: String,
    sealed: Base64Url,
}

const ROW: &str = "sealed = nonce (24 bytes) || XChaCha20-Poly1305(key, nonce, aad, plain as UTF-8). \
     aad = \"courier/row/v1\" 00 || u64be(length of table) || table || u64be(length of id) || id || u64be(rev). \
     Bytes are base64url without padding.";

fn row_vector(table: &str, id: &str, rev: u64, plain: &str) -> RowVector {
    let (key, nonce) = (drawn("row key"), &drawn(plain)[..24]);
    let mut aad = b"courier/row/v1\0".to_vec();
    for part in [table, id] {
        aad.extend(u64::try_from(part.len()).unwrap().to_be_bytes());
        aad.extend(part.as_bytes());
    }
    aad.extend(rev.to_be_bytes());
    let place = RowAad { table, id, rev };
    let sealed = RowKey::from_bytes(&key).unwrap().seal(&mut Given(nonce), &place, plain.as_bytes()).unwrap();
    RowVector {
        key: encode_typed(&key),
        nonce: encode_typed(nonce),
        table: table.into(),
        id: id.into(),
        rev,
        aad: encode_typed(&aad),
        plain: plain.into(),
        sealed: encode_typed(&sealed),
    }
}

#[test]
fn a_sealed_row_opens() {
    let made = vec![
        row_vector("object", "stop-1", 3, r#"{"address":"Lindenstraße 7"}"#),
        row_vector("secret", "install", u64::from(u32::MAX) + 1, "{}"),
    ];
    for vector in frozen("row.json", ROW, made) {
        let key = RowKey::from_bytes(&bytes(&vector.key)).unwrap();
        let place = RowAad { table: &vector.table, id: &vector.id, rev: vector.rev };
        let opened = key.open(&place, &bytes(&vector.sealed)).unwrap();
        assert_eq!(opened.as_slice(), vector.plain.as_bytes());
    }
}

#[derive(Serialize, Deserialize)]
struct PrivateVector {
    salt: Base64Url,
    part: String,
    packed: String,
    commitment: Base64Url,
}

#[test]
fn a_private_part_belongs_to_its_commitment() {
    let full = PrivatePart {
        name: Some("Frau Huber".into()),
        relation: Some("neighbour".into()),
        flat: Some("2nd floor, left".into()),
        note: Some("Grüße".into()),
        position: None,
    };
    let made = [full, PrivatePart { name: Some("A".into()), ..PrivatePart::default() }].map(|part| {
        let part = serde_json::to_string(&part).unwrap();
        let salt = drawn(&part);
        let (packed, commitment) = private::pack(&mut Given(&salt), part.as_bytes());
        PrivateVector { salt: encode_typed(&salt), part, packed, commitment }
    });
    let about = "packed = salt (32 bytes) || part as UTF-8, sent beside a fact. commitment = SHA-256 of those bytes, in \
         the fact as \"private\". Bytes are base64url without padding.";
    for vector in frozen("private.json", about, Vec::from(made)) {
        let opened = private::unpack(&vector.packed, &vector.commitment).unwrap();
        assert_eq!(opened, vector.part.as_bytes());
        assert!(!serde_json::from_slice::<PrivatePart>(&opened).unwrap().is_empty());
    }
}
