//! The courier app in a terminal.
fn main() {}
