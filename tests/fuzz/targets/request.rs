//! How a backend reads the body of a request: as JSON, refusing what it does not know.

use serde::{Serialize, de::DeserializeOwned};

/// A request that is accepted, if `text` is one: written again it says the same, and with one key more it is refused.
pub fn read<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(text: &str) -> Option<T> {
    let request: T = serde_json::from_str(text).ok()?;
    let mut value = serde_json::to_value(&request).unwrap();
    assert_eq!(serde_json::from_value::<T>(value.clone()).unwrap(), request);
    value.as_object_mut().unwrap().insert("other key".into(), 1.into());
    assert!(serde_json::from_value::<T>(value).is_err(), "an unknown key was read");
    Some(request)
}
