//! What the service refuses, in German: programs are told in English, and for a page that text is the key, as in gettext. What
//! is missing here stays English.

use super::reader::Lang;

/// English and German; `{}` is something that is only told, in the same order.
const TEXTS: &[(&str, &str)] = &[
    // Kinds of problems.
    ("The request could not be read", "Die Anfrage war nicht zu lesen"),
    ("A valid access token is needed", "Bitte anmelden"),
    ("Not allowed", "Nicht erlaubt"),
    ("This courier no longer works here", "Dieser Kurier arbeitet nicht mehr hier"),
    ("Not found", "Nicht gefunden"),
    ("This method is not for this path", "So geht es unter dieser Adresse nicht"),
    ("The request took too long to arrive", "Die Anfrage kam zu langsam an"),
    ("It was changed in the meantime", "Es wurde inzwischen geändert"),
    ("Not possible in this state", "Das geht gerade nicht"),
    ("No more new codes for this attempt today", "Für diesen Versuch gibt es heute keine neuen Codes mehr"),
    ("The cursor is no longer valid", "Der Cursor gilt nicht mehr"),
    ("The request is too large", "Die Anfrage ist zu groß"),
    ("This media type is not accepted", "Diese Art von Datei wird nicht angenommen"),
    (
        "This version of the protocol is not spoken here",
        "Diese Version des Protokolls wird hier nicht gesprochen",
    ),
    ("Refused", "Abgelehnt"),
    ("The enrolment code is not valid", "Der Anmeldecode gilt nicht"),
    ("Too many requests", "Zu viele Anfragen"),
    ("A fault of the server", "Ein Fehler des Servers"),
    // What the office and customers do.
    (
        "a field of the form is missing, wrong or unknown",
        "ein Feld des Formulars fehlt, ist falsch oder unbekannt",
    ),
    ("a form is needed", "ein Formular wird erwartet"),
    ("a form with a file is needed", "ein Formular mit einer Datei wird erwartet"),
    ("at most {} neighbours have a code", "höchstens {} Nachbarn bekommen einen Code"),
    ("couriers: nobody", "niemand ist ausgewählt"),
    ("couriers: one is in it twice", "ein Kurier ist doppelt genannt"),
    ("couriers: one is not at work here", "ein Kurier arbeitet hier nicht"),
    ("data: wrong for this kind of instruction", "das passt nicht zu dieser Art von Anweisung"),
    ("day: it has passed", "dieser Tag ist vorbei"),
    ("it was changed meanwhile", "es wurde inzwischen geändert"),
    ("it was decided already", "es ist schon entschieden"),
    ("it was handed over", "es ist schon übergeben"),
    ("its courier is on the road", "der Kurier ist schon unterwegs"),
    ("load the page again, with cookies", "bitte die Seite neu laden, mit Cookies"),
    ("name, sender: 1 to 120 characters on one line", "Name und Absender: 1 bis 120 Zeichen in einer Zeile"),
    ("name: 1 to 120 characters", "Name: 1 bis 120 Zeichen"),
    ("name: it is taken", "der Name ist vergeben"),
    ("name: 1 to {} characters on one line", "Name: 1 bis {} Zeichen in einer Zeile"),
    ("nothing is planned for this day", "für diesen Tag ist nichts geplant"),
    ("nothing was imported", "nichts wurde importiert"),
    ("sender: only a shop's key is for one sender", "einen Absender hat nur der Schlüssel eines Shops"),
    ("seconds: not a column for each stop", "Sekunden: nicht für jeden Stopp eine Spalte"),
    ("stops: one is not on this route", "ein Stopp gehört nicht zu dieser Route"),
    ("the body is too long or broke off", "die Anfrage ist zu lang oder brach ab"),
    ("the delivery is over", "die Zustellung ist abgeschlossen"),
    ("the instructions were changed meanwhile", "die Anweisungen wurden inzwischen geändert"),
    ("the old password is wrong", "das alte Passwort ist falsch"),
    ("the route has changed meanwhile", "die Route wurde inzwischen geändert"),
    ("there are too many instructions", "es sind zu viele Anweisungen"),
    ("this attempt is not under way", "dieser Zustellversuch läuft nicht"),
    ("this courier is suspended", "dieser Kurier ist gesperrt"),
    ("this courier was dismissed", "dieser Kurier ist ausgeschieden"),
    ("this route cannot be put in order: {}", "diese Route lässt sich nicht ordnen: {}"),
    ("wait {} s", "bitte {} Sekunden warten"),
    ("we know, and are looking at it", "wir wissen es und sehen es uns an"),
    // What is wrong in a file of a day.
    ("−180 to 180 degrees are allowed", "erlaubt sind −180 bis 180 Grad"),
    ("−90 to 90 degrees are allowed", "erlaubt sind −90 bis 90 Grad"),
    ("1 to 200 characters are needed", "1 bis 200 Zeichen sind nötig"),
    ("1 to 64 printable ASCII characters are needed", "1 bis 64 druckbare ASCII-Zeichen sind nötig"),
    ("{} cells, the header has {}", "{} Zellen, die Kopfzeile hat {}"),
    ("a file holds one day in one time zone", "eine Datei enthält einen Tag in einer Zeitzone"),
    ("at least one is needed", "mindestens eines ist nötig"),
    ("at most 1000 characters", "höchstens 1000 Zeichen"),
    ("comes twice in this file", "kommt in dieser Datei zweimal vor"),
    ("differs from an earlier row of this shipment", "weicht von einer früheren Zeile dieser Sendung ab"),
    ("expected a day such as 2026-11-24", "erwartet wird ein Tag wie 2026-11-24"),
    ("expected degrees such as 52.5163", "erwartet werden Grad wie 52.5163"),
    ("expected minor units such as 49900", "erwartet wird die kleinste Einheit, etwa 49900"),
    ("expected three capital letters (ISO 4217)", "erwartet werden drei Großbuchstaben (ISO 4217)"),
    ("expected two capital letters (ISO 3166-1)", "erwartet werden zwei Großbuchstaben (ISO 3166-1)"),
    ("flat: at most 200 characters", "Wohnung: höchstens 200 Zeichen"),
    ("from: not after to", "from liegt nach to"),
    ("min_age: 1 to 99 years", "Mindestalter: 1 bis 99 Jahre"),
    ("missing field `{}`", "das Feld `{}` fehlt"),
    ("must be after window.from", "muss nach window.from liegen"),
    (
        "nobody of this name or identifier works here",
        "niemand mit diesem Namen oder dieser Kennung arbeitet hier",
    ),
    ("not a column of an import", "keine Spalte eines Imports"),
    ("not a kind of instruction", "keine Art von Anweisung"),
    ("not an e-mail address", "keine E-Mail-Adresse"),
    ("not a telephone number", "keine Telefonnummer"),
    ("not an IANA time zone such as Europe/Berlin", "keine IANA-Zeitzone wie Europe/Berlin"),
    ("not CSV", "kein CSV"),
    ("not JSON: line {}, column {}", "kein JSON: Zeile {}, Spalte {}"),
    ("not UTF-8", "kein UTF-8"),
    ("one of {}", "eines von {}"),
    (
        "several couriers are called so: give the identifier",
        "mehrere Kuriere heißen so: bitte die Kennung angeben",
    ),
    (
        "this shipment is handed over to a person, against its code",
        "diese Sendung wird einer Person gegen ihren Code übergeben",
    ),
    ("too large", "zu groß"),
    ("unknown field `{}`, expected {}", "das Feld `{}` gibt es nicht, erwartet: {}"),
    ("was imported before with other content", "wurde schon mit anderem Inhalt importiert"),
    ("wrong check digit (S10)", "falsche Prüfziffer (S10)"),
    ("wrong check digit (SSCC-18)", "falsche Prüfziffer (SSCC-18)"),
];

/// What the service said, for a page in this language, and the language that it is in.
pub(super) fn said(lang: Lang, english: &str) -> (Lang, String) {
    match lang {
        Lang::De => german(english).map_or_else(|| (Lang::En, english.to_owned()), |text| (Lang::De, text)),
        Lang::En => (Lang::En, english.to_owned()),
    }
}

fn german(english: &str) -> Option<String> {
    TEXTS.iter().find_map(|(key, text)| {
        let told = told(key, english)?;
        let mut parts = text.split("{}");
        let mut german = parts.next().unwrap_or_default().to_owned();
        for (part, told) in parts.zip(told) {
            german.push_str(told);
            german.push_str(part);
        }
        Some(german)
    })
}

/// What stands in the places of `key`, if the text is one of it.
fn told<'a>(key: &str, text: &'a str) -> Option<Vec<&'a str>> {
    let mut parts = key.split("{}");
    let mut rest = text.strip_prefix(parts.next()?)?;
    let mut told = Vec::new();
    let mut parts = parts.peekable();
    while let Some(part) = parts.next() {
        let is_last = parts.peek().is_none();
        let end = if is_last { rest.len().checked_sub(part.len())? } else { rest.find(part)? };
        told.push(rest.get(..end)?);
        rest = rest.get(end..)?.strip_prefix(part)?;
    }
    rest.is_empty().then_some(told)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use courier_protocol::ProblemKind;

    /// Every file of the service but this one.
    fn sources() -> Vec<(String, String)> {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
        let mut sources = Vec::new();
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                let name = entry.file_name().unwrap().to_string_lossy().into_owned();
                if entry.is_dir() {
                    folders.push(entry);
                } else if entry.extension().is_some_and(|kind| kind == "rs") && name != "german.rs" {
                    sources.push((name, std::fs::read_to_string(&entry).unwrap()));
                }
            }
        }
        sources
    }

    /// The text of a source file's literals, without those of its tests; what is filled in is `{}`.
    fn literals(source: &str) -> Vec<String> {
        let code = source.split("#[cfg(test)]").next().unwrap_or_default();
        let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
        let joined = code.join("\n");
        joined.split('"').skip(1).step_by(2).map(filled).collect()
    }

    fn filled(literal: &str) -> String {
        let mut text = String::new();
        for part in literal.split_inclusive('}') {
            let fixed = part.split_once('{').map_or(part, |(fixed, _)| fixed);
            text.push_str(fixed);
            text.push_str(if part.contains('{') { "{}" } else { "" });
        }
        text
    }

    #[test]
    fn what_is_filled_in_comes_back_in_its_place() {
        assert_eq!(german("12 cells, the header has 14").as_deref(), Some("12 Zellen, die Kopfzeile hat 14"));
        assert_eq!(german("wait 7 s").as_deref(), Some("bitte 7 Sekunden warten"));
        assert_eq!(
            german("unknown field `kode`, expected one of `a`, `b`").as_deref(),
            Some("das Feld `kode` gibt es nicht, erwartet: one of `a`, `b`")
        );
        for other in ["", "wait 7 m", "wait", "Refused.", "an unknown text"] {
            assert_eq!(said(Lang::De, other), (Lang::En, other.to_owned()));
        }
        assert_eq!(said(Lang::En, "Refused"), (Lang::En, "Refused".to_owned()));
    }

    #[test]
    fn every_kind_of_problem_has_a_name_in_german() {
        for kind in ProblemKind::ALL {
            assert!(german(kind.title()).is_some(), "{} is missing", kind.title());
        }
    }

    #[test]
    fn whatever_can_be_wrong_with_a_file_is_said_in_german() {
        // How a line of these files looks that says what is wrong.
        let says =
            ["problem(", "RowProblem::new(", "Err(\"", "AGAINST_CODE: &str", "let problem = \"", "    \""];
        let mut seen = 0;
        for (name, source) in sources() {
            if !["import.rs", "csv.rs", "json.rs", "barcode.rs"].contains(&name.as_str()) {
                continue;
            }
            let code = source.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| says.iter().any(|says| line.contains(says))) {
                let is_text = |text: &String| text.contains(' ') && text.contains(char::is_alphabetic);
                let Some(text) = literals(line).into_iter().rfind(is_text) else { continue };
                seen += 1;
                assert!(german(&text).is_some(), "{name} says {text:?}");
            }
        }
        assert!(seen > 20, "only {seen} texts were found");
    }

    #[test]
    fn nothing_is_translated_that_nobody_says() {
        let sources = sources();
        let literals: Vec<_> = sources.iter().flat_map(|(_, source)| literals(source)).collect();
        let of_serde = ["missing field `{}`", "unknown field `{}`, expected {}"];
        for (key, _) in TEXTS {
            let is_title = ProblemKind::ALL.iter().any(|kind| kind.title() == *key);
            let is_said = is_title || of_serde.contains(key) || literals.iter().any(|said| said == key);
            assert!(is_said, "nobody says {key:?}");
        }
    }
}
