//! The data of an object, kept as they came.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// JSON that is passed on as it is, and read only where it is needed: a snapshot has thousands of them.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Data(Box<RawValue>);

impl Data {
    /// The JSON of a value.
    pub fn of(value: &impl Serialize) -> serde_json::Result<Self> {
        serde_json::value::to_raw_value(value).map(Self)
    }

    /// As it is written.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Whether it is an object.
    pub fn is_object(&self) -> bool {
        self.as_str().starts_with('{')
    }

    /// Reads it.
    pub fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(self.as_str())
    }

    /// Reads an object to whose fields an `id` is added, in place of one that may be there.
    pub(crate) fn read_with_id<T: DeserializeOwned>(&self, id: &str) -> serde_json::Result<T> {
        // Most have none, and copying the text is cheaper than taking it apart.
        let fields = self.as_str().strip_prefix('{').unwrap_or_default().trim_start();
        let comma = if fields.starts_with('}') { "" } else { "," };
        let id_json = serde_json::to_string(id)?;
        let text = ["{\"id\":", &id_json, comma, fields].concat();
        serde_json::from_str(&text).or_else(|_| {
            let mut fields: Map<String, Value> = self.read()?;
            fields.insert("id".into(), id.into());
            T::deserialize(Value::Object(fields))
        })
    }
}

/// The same values, however they are written.
impl PartialEq for Data {
    fn eq(&self, other: &Self) -> bool {
        let value = |data: &Self| data.read::<Value>().ok();
        self.as_str() == other.as_str() || value(self) == value(other)
    }
}
