//! The only crate with I/O on the phone: the machine, its store and its driver.
