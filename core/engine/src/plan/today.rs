//! The phone's plan of one day, as it is kept over a restart. The courier's own edits are facts; this is the rest.

use std::collections::BTreeMap;

use courier_codes::encoding::{decode, encode};
use courier_domain::{Eta, Proposal, RouteId, StopId, TimeWindow, UnixMs};
use courier_routing::live::LiveFactor;
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Today {
    pub(crate) route: Option<RouteId>,
    /// The order that the courier or the office said last.
    pub(crate) basis: Vec<StopId>,
    /// The same with stops that came since, each where it cost least.
    pub(crate) order: Vec<StopId>,
    /// Open stops when the plan was last looked at, with their windows.
    pub(crate) seen: BTreeMap<StopId, Option<TimeWindow>>,
    /// Arrivals as they were told last.
    pub(crate) told: BTreeMap<StopId, Eta>,
    pub(crate) ends: Option<UnixMs>,
    pub(crate) proposal: Option<Proposal>,
    /// How many proposals there were.
    pub(crate) proposals: u32,
    /// Stops where the phone was far from both pins, and how many metres.
    pub(crate) away: BTreeMap<StopId, u32>,
    #[serde(with = "live")]
    pub(crate) live: LiveFactor,
}

impl Today {
    pub(crate) fn of(route: RouteId) -> Self {
        Self { route: Some(route), ..Self::default() }
    }
}

mod live {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{LiveFactor, decode, encode};

    pub(super) fn serialize<S: Serializer>(live: &LiveFactor, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&encode(&live.to_bytes()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<LiveFactor, D::Error> {
        let bytes = decode(&String::deserialize(from)?).map_err(|_| D::Error::custom("not base64url"))?;
        LiveFactor::from_bytes(&bytes).ok_or_else(|| D::Error::custom("not a factor"))
    }
}
