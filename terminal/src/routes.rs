//! Routes without a phone: the search measured on published instances, and a picture of any route.

mod bench;
mod instance;
mod plot;

pub(crate) use bench::run as bench;
pub(crate) use plot::run as plot;
