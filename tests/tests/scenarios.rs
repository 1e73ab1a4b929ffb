//! The scenario files, played by the core without a shell around it. Kotlin and Swift play the same files and compare
//! with the same transcripts.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use courier_scenario::{EnginePhone, Scenario, play};

/// Writes the transcripts instead of comparing them, to be read as a change of behaviour before it is committed.
const WRITE: &str = "COURIER_WRITE_TRANSCRIPTS";

fn files(dir: &str, ending: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join(dir);
    let mut files: Vec<_> = std::fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|found| found == ending))
        .collect();
    files.sort();
    files
}

fn transcript_of(file: &Path) -> PathBuf {
    let name = file.file_stem().unwrap().to_str().unwrap();
    file.parent().unwrap().join("transcripts").join(format!("{name}.jsonl"))
}

fn run(file: &Path) -> Result<(), String> {
    let read =
        |path: &Path| std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()));
    let name = file.display();
    let scenario = Scenario::read(&read(file)?).map_err(|error| format!("{name}: {error}"))?;
    let backend = Path::new(env!("CARGO_BIN_EXE_scenario-backend"));
    let said =
        play(&scenario, backend, &EnginePhone::default()).map_err(|error| format!("{name}: {error}"))?;
    let expected = transcript_of(file);
    if std::env::var_os(WRITE).is_some() {
        return std::fs::write(expected, said).map_err(|error| error.to_string());
    }
    let wanted = read(&expected)?;
    let lines = wanted.lines().zip(said.lines()).zip(1..);
    match lines.into_iter().find(|((wanted, said), _)| wanted != said) {
        Some(((wanted, said), no)) => {
            Err(format!("{name}: line {no} of the transcript\n  was  {wanted}\n  is   {said}"))
        }
        None if wanted.lines().count() != said.lines().count() => {
            Err(format!("{name}: another length of the transcript"))
        }
        None => Ok(()),
    }
}

#[test]
fn every_scenario_plays_as_it_is_written() {
    let files = files("scenarios", "json");
    assert!(!files.is_empty(), "no scenario was found");
    let one = std::env::var("COURIER_SCENARIO").ok();
    let wanted = files
        .iter()
        .filter(|file| one.as_ref().is_none_or(|one| file.to_string_lossy().contains(one.as_str())));
    // A server is put back by its own means.
    let is_on_server = std::env::var_os("COURIER_TEST_DATABASE").is_some();
    let wanted = wanted.filter(|file| !(is_on_server && file.ends_with("35-each-fact-once.json")));
    let failures: Vec<_> = wanted.filter_map(|file| run(file).err()).collect();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

#[test]
fn no_transcript_is_left_of_a_scenario_that_is_gone() {
    let wanted: BTreeSet<_> = files("scenarios", "json").iter().map(|file| transcript_of(file)).collect();
    let there: BTreeSet<_> = files("scenarios/transcripts", "jsonl").into_iter().collect();
    assert_eq!(there, wanted);
}

#[cfg(feature = "planted-bugs")]
mod planted {
    use courier_engine::planted::Bug;

    use super::*;

    fn caught(bug: Bug, scenario: &str) -> String {
        let file = files("scenarios", "json").into_iter().find(|file| file.ends_with(scenario)).unwrap();
        let scenario = Scenario::read(&std::fs::read_to_string(file).unwrap()).unwrap();
        let phone = EnginePhone::planted(bug);
        match play(&scenario, Path::new(env!("CARGO_BIN_EXE_scenario-backend")), &phone) {
            Err(failure) => failure.to_string(),
            Ok(_) => panic!("{} is not noticed", bug.name()),
        }
    }

    #[test]
    fn planted_a_phone_that_takes_any_200_for_an_answer_turns_the_run_red() {
        let failure = caught(Bug::AcknowledgeAny200, "35-each-fact-once.json");
        assert!(failure.contains("step 8: answer.acked"), "{failure}");
    }

    #[test]
    fn planted_a_phone_that_ignores_a_restored_server_turns_the_run_red() {
        let failure = caught(Bug::EpochIgnored, "35-each-fact-once.json");
        assert!(failure.contains("step 16: page of Kaya.state"), "{failure}");
    }
}
