//! `docs/reasons.md` is made of the table of codes and the words of the core.

use std::fmt::Write as _;
use std::path::Path;

use courier_domain::Policy;
use courier_texts::Words;

use crate::events::codes::{OUTCOMES, Outcome};

/// Writes the page instead of comparing it.
const WRITE: &str = "COURIER_WRITE_REASONS";

const INTRODUCTION: &str = "# Reasons and receivers, here and in other code lists

Made by `COURIER_WRITE_REASONS=1 cargo test -p courier-backend --lib the_page_of_reasons` from `backend/src/events/codes.rs` and the
words of `core/texts`; a test compares it.

`~` marks what the `lossy` flag marks: whoever has only the code knows less than we do. Our own word stands beside it in every format.

- **IFTSTA**: status of UN/ECE Recommendation 24 (21 delivery completed, 22 delivery completed as per instruction, 23 delivery not completed;
  category 1, transport, of code list 9015) and reason of code list 9013, directory D.10B (6 attempt unsuccessful, 14 damaged, 30 incorrect
  address, 41 not loaded, 58 transit delay, 89 order or instruction status change, 90 not accepted by delivery party, 91 delivery
  requested to another location).
- **EPCIS**: business step and disposition of GS1 CBV 2.0, which has no \"delivered\" and no \"attempt failed\".
- **UPU**: events of EMSEVT V3 (EMI final delivery, EMH unsuccessful delivery, EDH arrival at a collection point). We have not
  seen the UPU's lists of reasons and measures, so every failure is lossy there.
";

fn flagged(text: &str, lossy: bool) -> String {
    format!("{text}{}", if lossy { " ~" } else { "" })
}

fn pair(first: &str, second: Option<&str>) -> String {
    second.map_or_else(|| first.to_owned(), |second| format!("{first} / {second}"))
}

fn table(title: &str, wanted: fn(Outcome) -> bool, words: impl Fn(Outcome) -> String) -> String {
    let mut text =
        format!("\n| {title} | IFTSTA | EPCIS | UPU |\n|{}\n", " --- |".repeat(title.split('|').count() + 3));
    for outcome in OUTCOMES.iter().copied().filter(|outcome| wanted(*outcome)) {
        let codes = outcome.codes();
        let edifact = flagged(&pair(codes.edifact.status, codes.edifact.reason), codes.edifact.lossy);
        let epcis = flagged(&pair(codes.epcis.biz_step, codes.epcis.disposition), codes.epcis.lossy);
        let upu = flagged(codes.upu.event, codes.upu.lossy);
        let (word, said) = (outcome.word(), words(outcome));
        writeln!(text, "| `{word}` | {said} | {edifact} | {epcis} | {upu} |").unwrap();
    }
    text
}

fn page() -> String {
    let (en, de) = (Words::of("en"), Words::of("de"));
    let receivers = table(
        "receiver | English | German",
        |outcome| matches!(outcome, Outcome::Handed(_)),
        |outcome| match outcome {
            Outcome::Handed(receiver) => format!("{} | {}", en.receiver(receiver), de.receiver(receiver)),
            Outcome::Failed(_) => String::new(),
        },
    );
    let reasons = table(
        "reason | English | German | first step that follows (`germany`)",
        |outcome| matches!(outcome, Outcome::Failed(_)),
        |outcome| match outcome {
            Outcome::Failed(reason) => {
                let next = Policy::germany().next_step(reason, 1, false);
                format!("{} | {} | {}", en.reason(reason), de.reason(reason), en.next_step(next))
            }
            Outcome::Handed(_) => String::new(),
        },
    );
    format!("{INTRODUCTION}\n## Handed over\n{receivers}\n## Not delivered\n{reasons}")
}

#[test]
fn the_page_of_reasons_is_what_the_table_and_the_words_say() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reasons.md");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&file, page()).unwrap();
    }
    let there = std::fs::read_to_string(&file).unwrap();
    assert_eq!(there, page(), "docs/reasons.md is old: write it with {WRITE}=1");
    assert_eq!(there.lines().filter(|line| line.starts_with("| `")).count(), OUTCOMES.len());
}
