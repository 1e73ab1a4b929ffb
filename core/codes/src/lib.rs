//! One-time codes, evidence, signed facts and sealed rows: pure cryptography shared by phone and backend.
