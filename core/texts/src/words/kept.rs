//! What lies on a phone, and when it goes.

use chrono::{DateTime, Datelike};
use courier_engine::{Goes, Kept, KeptKind};

use super::Words;
use crate::bundle::Arg;

impl Words {
    /// What a kind of things on a phone is called.
    pub fn kept_kind(self, kind: KeptKind) -> String {
        self.plain(match kind {
            KeptKind::Facts => "kept-facts",
            KeptKind::Entries => "kept-entries",
            KeptKind::Route => "kept-route",
            KeptKind::Drafts => "kept-drafts",
            KeptKind::Files => "kept-files",
            KeptKind::SetAside => "kept-set-aside",
        })
    }

    /// How much there is of a kind, and when it goes.
    pub fn kept(self, kept: &Kept) -> String {
        let goes = self.goes(kept.goes);
        let kilobytes = kept.bytes.div_ceil(1_000);
        let args = [
            ("count", Arg::Number(kept.count)),
            ("kilobytes", Arg::Number(kilobytes)),
            ("goes", Arg::Text(&goes)),
        ];
        self.0.text("kept-so-much", &args)
    }

    fn goes(self, goes: Goes) -> String {
        let by = match goes {
            Goes::OnceStored => return self.plain("goes-once-stored"),
            Goes::Stays => return self.plain("goes-stays"),
            Goes::By(ms) => DateTime::from_timestamp_millis(ms).unwrap_or_default(),
        };
        let (year, month, day) =
            (by.year().to_string(), format!("{:02}", by.month()), format!("{:02}", by.day()));
        let args = [("year", Arg::Text(&year)), ("month", Arg::Text(&month)), ("day", Arg::Text(&day))];
        self.0.text("goes-by", &args)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Without the marks of isolation, which cannot be seen.
    fn said(lang: &str, goes: Goes) -> String {
        let kept = Kept { kind: KeptKind::Files, count: 2, bytes: 1_200_300, goes };
        Words::of(lang).kept(&kept).replace(['\u{2068}', '\u{2069}'], "")
    }

    #[test]
    fn a_day_is_told_as_it_is_written_there() {
        let by = Goes::By(1_800_705_600_000);
        assert_eq!(said("en", by), "2, 1201 kB, until 2027-01-23 at the latest");
        assert_eq!(said("de", by), "2, 1201 kB, höchstens bis 23.01.2027");
        assert_eq!(said("en", Goes::OnceStored), "2, 1201 kB, until the server has all of them");
    }
}
