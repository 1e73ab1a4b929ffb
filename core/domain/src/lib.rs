//! The courier's day as pure types and functions: no I/O, no clock, no randomness.
