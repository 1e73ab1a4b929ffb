//! The attacks, tested: each planted weakness is found by the attack that has to find it.
//!
//! The attack runs in a process of its own that has the weakness, on phone and backend; without it the same attack is
//! one of this program's ordinary tests, and fails to find anything.
#![cfg(feature = "planted-bugs")]

use std::collections::BTreeSet;
use std::process::Command;

use courier_codes::planted::{self, Weakness};
use courier_engine::planted::{self as bugs, Bug};

/// Weakness, the attack that finds it, and what that says.
macro_rules! found {
    ($($name:ident: $weakness:ident by $attack:literal saying $said:literal;)*) => {
        $(
            #[test]
            fn $name() {
                assert_found(planted::VARIABLE, Weakness::$weakness.name(), $attack, $said);
            }
        )*

        #[test]
        fn every_weakness_is_found_by_an_attack() {
            let found: BTreeSet<_> = [$(Weakness::$weakness.name()),*].into();
            let all: BTreeSet<_> = Weakness::ALL.iter().map(|weakness| weakness.name()).collect();
            assert_eq!(found, all);
            assert_eq!(all.len(), Weakness::ALL.len(), "two weaknesses have one name");
        }
    };
}

found! {
    a_longer_tag: LongTag by "image::whoever_has_everything_of_a_phone_is_left_with_900_candidates_for_every_code"
        saying "candidates are left";
    a_second_tag: SecondTag
        by "intersections::one_code_has_one_tag_ever_on_every_phone_and_after_whatever_happens"
        saying "2 tags of one code put together";
    a_token_made_of_the_digits: TokenOfDigits
        by "image::whoever_has_everything_of_a_phone_is_left_with_900_candidates_for_every_code"
        saying "a hash tells the code";
    evidence_without_padding: EvidenceUnpadded
        by "image::evidence_of_digits_and_of_a_token_look_alike_and_a_wrong_entry_leaves_none"
        saying "the length of evidence tells what was entered";
    evidence_that_can_be_moved: EvidenceUnbound
        by "replay::evidence_proves_one_entry_of_one_phone_for_one_attempt_only" saying "was taken";
    a_hash_without_bounds: BoundlessHash
        by "hostile_server::parameters_out_of_bounds_are_refused_before_any_memory_is_taken"
        saying "was accepted";
    a_check_that_stops_early: CheckStopsEarly
        by "timing::right_fitting_and_wrong_entries_cost_the_same_slow_hashes" saying "costs 1 slow hashes";
    an_entry_that_stays_in_memory: EntryNotWiped
        by "memory::neither_digits_nor_their_hash_stay_in_memory_after_a_check" saying "the right code";
    a_stack_that_is_not_wiped: StackNotWiped
        by "memory::neither_digits_nor_their_hash_stay_in_memory_after_a_check"
        saying "after a check there is in memory";
    rows_in_the_clear: RowsInTheClear
        by "canary::names_are_only_in_sealed_rows_and_in_the_private_part_on_its_way"
        saying "personal data in the file";
    rows_that_can_be_moved: RowsUnbound
        by "rows::a_spoiled_route_is_fetched_again_at_the_next_start_and_no_fact_is_lost"
        saying "swapped with another's is shown";
    a_commitment_that_can_be_tried: CommitmentUnsalted
        by "canary::the_commitment_to_a_name_cannot_be_tried_with_names" saying "a guessed name fits";
    a_wrong_entry_in_the_log: WrongEntryLogged by "image::no_artefact_holds_digits_in_any_writing"
        saying "wrong codes are written as ASCII";
    a_wrong_entry_that_is_sent: WrongEntrySealed
        by "image::evidence_of_digits_and_of_a_token_look_alike_and_a_wrong_entry_leaves_none"
        saying "a decoy fitted";
    a_name_in_the_log: ReceiverLogged
        by "canary::names_are_only_in_sealed_rows_and_in_the_private_part_on_its_way"
        saying "personal data in the log";
    tries_of_the_server_not_heard: ServersTriesIgnored
        by "free_guesses::whoever_installs_the_app_again_goes_on_with_the_tries_that_the_server_knows"
        saying "an installation more, 5 guesses more";
    an_assertion_good_for_ever: AssertionReplayed
        by "replay::a_captured_assertion_opens_nothing_a_second_time"
        saying "a replayed assertion opens the door";
    a_decoy_without_consequences: DecoyForgiven
        by "replay::every_submission_is_judged_so_a_second_guess_finds_the_code_frozen"
        saying "the right code was still taken";
}

#[test]
fn a_try_counted_too_late() {
    assert_found(
        bugs::VARIABLE,
        Bug::TryCountedAfterCheck.name(),
        "timing::right_fitting_and_wrong_entries_take_the_same_path_through_the_phone",
        "the order of events",
    );
}

#[test]
fn a_backup_that_goes_on_as_the_original() {
    assert_found(
        bugs::VARIABLE,
        Bug::IncarnationKept.name(),
        "free_guesses::a_restored_backup_is_another_incarnation_and_forgets_nothing_that_the_server_knows",
        "a backup goes on as if nothing had been",
    );
}

fn assert_found(variable: &str, weakness: &str, attack: &str, says: &str) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "--test-threads", "1", attack]);
    // A sixteenth of the candidates is enough to see what a weakness leaves of them.
    command.env(variable, weakness).env("COURIER_ATTACK_STRIDE", "16");
    let output = command.output().unwrap();
    let said =
        [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(
        said.contains(&format!("test {attack} ... FAILED")),
        "{weakness} was not found by {attack}: {said}"
    );
    assert!(said.contains(says), "{weakness} was found by something else: {said}");
}
