//! The order of the stops, what another would bring, and when they are reached.

use courier_domain::view::StopLine;
use courier_domain::{Proposal, ProposalReason, StopId};

use super::Words;
use crate::bundle::Arg;

const MINUTE_S: u64 = 60;

impl Words {
    /// When a stop is reached: the two times of a range as clocks there show them, and how late that is.
    pub fn arrival(self, from: &str, to: &str, late_s: u32) -> String {
        let range = if from == to { from.to_owned() } else { format!("{from}–{to}") };
        match u64::from(late_s).div_ceil(MINUTE_S) {
            0 => self.with("arrival-about", "time", &range),
            minutes => {
                let both = [("time", Arg::Text(&range)), ("minutes", Arg::Number(minutes))];
                self.0.text("arrival-late", &both)
            }
        }
    }

    /// That a pin may be wrong: the phone was so far from it when the courier said to be there.
    pub fn far_from_pin(self, metres: u32) -> String {
        self.0.text("arrival-far-from-pin", &[("metres", Arg::Number(metres.into()))])
    }

    /// What another order is best at, and its price, line by line. `stops` are those of the day, for their numbers.
    pub fn proposal(self, proposal: &Proposal, stops: &[StopLine]) -> Vec<String> {
        let count = |n: usize| Arg::Number(n as u64);
        let minutes = Arg::Number(proposal.ends_sooner_s.unsigned_abs() / MINUTE_S);
        let ends = if proposal.ends_sooner_s < 0 { "proposal-ends-later" } else { "proposal-ends-sooner" };
        let mut lines = vec![
            self.proposal_reason(proposal.reason),
            self.0.text(ends, &[("minutes", minutes)]),
            self.0.text(
                "proposal-moves",
                &[
                    ("stops", count(proposal.moved.len())),
                    ("parcels", Arg::Number(proposal.parcels_moved.into())),
                ],
            ),
        ];
        let windows =
            [("proposal-in-time", &proposal.windows_kept), ("proposal-late", &proposal.windows_broken)];
        for (key, changed) in windows.into_iter().filter(|(_, changed)| !changed.is_empty()) {
            lines.push(self.with(key, "stops", &numbers(changed, stops)));
        }
        lines
    }

    fn proposal_reason(self, reason: ProposalReason) -> String {
        self.plain(match reason {
            ProposalReason::InTime => "proposal-best-in-time",
            ProposalReason::LessLate => "proposal-best-less-late",
            ProposalReason::Shorter => "proposal-best-shorter",
            ProposalReason::Tidier => "proposal-best-tidier",
        })
    }
}

/// The numbers that these stops have on the day.
fn numbers(wanted: &[StopId], stops: &[StopLine]) -> String {
    let numbers: Vec<_> =
        stops.iter().filter(|stop| wanted.contains(&stop.id)).map(|stop| stop.no.to_string()).collect();
    numbers.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bare(text: &str) -> String {
        text.replace(['\u{2068}', '\u{2069}'], "")
    }

    #[test]
    fn a_range_says_how_late_it_is_and_never_less() {
        let said = |lang, late_s| bare(&Words::of(lang).arrival("10:05", "10:12", late_s));
        assert_eq!(said("en", 0), "about 10:05–10:12");
        assert_eq!(said("en", 61), "about 10:05–10:12, 2 min late");
        assert_eq!(bare(&Words::of("en").arrival("10:05", "10:05", 0)), "about 10:05");
        assert_eq!(said("de", 1), "etwa 10:05–10:12, 1 min zu spät");
    }

    #[test]
    fn a_price_is_told_in_whole_minutes_stops_and_parcels() {
        let stop = |id: &str| StopId::new(id).unwrap();
        let proposal = Proposal {
            id: 1,
            reason: ProposalReason::Shorter,
            order: vec![stop("s1"), stop("s2")],
            travel_saved_s: 400,
            ends_sooner_s: -130,
            late_saved_s: 0,
            moved: vec![stop("s2")],
            parcels_moved: 3,
            windows_kept: Vec::new(),
            windows_broken: Vec::new(),
        };
        let said = |lang| -> Vec<_> {
            Words::of(lang).proposal(&proposal, &[]).iter().map(|line| bare(line)).collect()
        };
        assert_eq!(said("en"), ["shorter", "ends 2 min later", "moves one stop with 3 parcels"]);
        assert_eq!(said("de"), ["kürzer", "endet 2 min später", "verschiebt einen Stopp mit 3 Paketen"]);
    }
}
