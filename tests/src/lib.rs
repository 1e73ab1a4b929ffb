//! Scenarios, end-to-end tests and attacks across phone and backend.
