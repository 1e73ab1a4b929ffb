//! Changes of the route as a phone reads them. An object that is understood travels back as the same object, and a
//! verifier that passes its check is within the bounds.
#![no_main]

use courier_codes::kdf::{TAG_BITS, check_verifier};
use courier_protocol::{Change, Changes, Object, RouteOp, digest};
use libfuzzer_sys::fuzz_target;

fn check(op: &RouteOp) {
    let Ok(change) = op.read() else { return };
    let Change::Put(object) = change else { return };
    assert_eq!(object.id(), op.id);
    let again = RouteOp::put(&object, op.rev).unwrap();
    let Ok(Change::Put(read)) = again.read() else { panic!("not read again") };
    assert_eq!(read, object);
    if let Object::Verifier(verifier) = *object
        && check_verifier(&verifier).is_ok()
    {
        assert!(verifier.k == 0 || TAG_BITS.contains(&verifier.k));
        assert!(verifier.kdf.m <= 65_536 && verifier.kdf.t <= 10 && verifier.kdf.p <= 4);
        assert!(verifier.k == 0 || verifier.tag >> verifier.k == 0);
    }
}

fuzz_target!(|text: &str| {
    if let Ok(op) = serde_json::from_str::<RouteOp>(text) {
        check(&op);
    }
    let Ok(changes) = serde_json::from_str::<Changes>(text) else { return };
    let parts = |ops: &[RouteOp]| -> Vec<_> {
        ops.iter().map(|op| (op.kind.clone(), op.id.clone(), op.rev)).collect()
    };
    let digested =
        |parts: &[(String, String, u64)]| digest(parts.iter().map(|(kind, id, rev)| (&**kind, &**id, *rev)));
    let mut all = parts(&changes.ops);
    let one = digested(&all);
    all.reverse();
    assert_eq!(one, digested(&all), "the order counts");
    changes.ops.iter().for_each(check);
});
