//! Values that are texts or numbers on the foreign side. A text that is none of these names nothing on this phone,
//! and is answered like one that is not there.

use courier_domain::{
    AttemptId, CodeId, CourierId, FactId, InstructionId, ParcelId, PhoneNumber, RouteId, ShipmentId, StopId,
    UnixMs,
};
use courier_engine::CourierError;

/// A delivery day, `YYYY-MM-DD`.
pub(crate) type Day = chrono::NaiveDate;

macro_rules! texts {
    ($($id:ident)*) => {$(
        uniffi::custom_type!($id, String, {
            remote,
            try_lift: |text| Ok($id::try_from(text).map_err(|_| CourierError::NotFound)?),
            lower: |id| id.into(),
        });
    )*};
}

texts! { AttemptId CodeId CourierId FactId InstructionId ParcelId PhoneNumber RouteId ShipmentId StopId }

uniffi::custom_type!(UnixMs, i64, {
    remote,
    try_lift: |ms| Ok(UnixMs(ms)),
    lower: |at| at.0,
});

uniffi::custom_type!(Day, String, {
    remote,
    try_lift: |text| Ok(text.parse()?),
    lower: |day| day.to_string(),
});
