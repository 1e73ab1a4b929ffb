//! Wire types of the sync API, shared by engine, backend and conformance kit.
