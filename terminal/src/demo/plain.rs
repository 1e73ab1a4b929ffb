//! The demo without a terminal: plain lines.

use super::stage::{Audience, News};

/// Prints the story until it ends.
pub(super) fn watch(audience: &Audience) {
    while let Ok(news) = audience.news.recv() {
        if let News::Line(line) = news {
            println!("{line}");
        }
    }
}
