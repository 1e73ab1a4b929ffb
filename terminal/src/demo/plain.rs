//! The demo without a terminal: plain lines.

use std::io::{self, Write};

use super::stage::{Audience, News};

/// Prints the story until it ends, or until nobody reads it any more.
pub(super) fn watch(audience: &Audience) -> io::Result<()> {
    let mut out = io::stdout().lock();
    while let Ok(news) = audience.news.recv() {
        if let News::Line(line) = news {
            writeln!(out, "{line}")?;
        }
    }
    Ok(())
}
