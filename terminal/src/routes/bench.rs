//! `courier-terminal bench-routes FOLDER`: the search on every instance of a folder, beside the best cost known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use courier_routing::{BadProblem, Effort, Problem, Sequence, Wish, sequence};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

use super::instance;

/// An entry of `best_known.json`. What else stands there is not looked at.
#[derive(Deserialize)]
struct Known {
    best_known: i64,
}

#[derive(Serialize)]
struct Line {
    instance: String,
    /// Stops, the depot included.
    n: usize,
    cost: i64,
    best: Option<i64>,
    gap_percent: Option<f64>,
    /// Stops reached late.
    late: usize,
    cpu_ms: f64,
}

/// Solves every `*.inst` in `folder` within `budget_ms` of one thread's CPU time each, and prints what it costs.
///
/// # Errors
/// Words for whoever called: which file cannot be read.
pub(crate) fn run(folder: &Path, budget_ms: u32, json: bool) -> Result<(), String> {
    let said = |path: &Path, error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
    let list = std::fs::read_dir(folder).map_err(|error| said(folder, &error))?;
    let mut files: Vec<PathBuf> = list
        .map(|entry| entry.map(|entry| entry.path()).map_err(|error| said(folder, &error)))
        .collect::<Result<_, _>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "inst"));
    files.sort();
    if files.is_empty() {
        return Err(said(folder, &"no *.inst in it"));
    }
    let best = folder.join("best_known.json");
    let known: BTreeMap<String, Known> = match std::fs::read(&best) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| said(&best, &error))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
        Err(error) => return Err(said(&best, &error)),
    };
    if !json {
        println!(
            "{:<24} {:>4} {:>9} {:>9} {:>7} {:>4} {:>8}",
            "instance", "n", "cost", "best", "gap %", "late", "CPU ms"
        );
    }
    for file in files {
        let text = std::fs::read_to_string(&file).map_err(|error| said(&file, &error))?;
        let problem = instance::read(&text).map_err(|error| said(&file, &error))?;
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let best = known.get(&name).map(|known| known.best_known);
        let begin = cpu_time();
        let found =
            solve(&problem, Duration::from_millis(budget_ms.into())).map_err(|error| said(&file, &error))?;
        let cpu_ms = cpu_time().saturating_sub(begin).as_secs_f64() * 1_000.0;
        print(&line(name, &problem, &found, best, cpu_ms), json)?;
    }
    Ok(())
}

fn line(instance: String, problem: &Problem, found: &Sequence, best: Option<i64>, cpu_ms: f64) -> Line {
    let cost = found.timeline.travel_s;
    #[allow(clippy::cast_precision_loss)] // costs are far below 2^52
    let gap = |best: i64| (cost as f64 / best as f64 - 1.0) * 100.0;
    Line {
        instance,
        n: problem.stops.len(),
        cost,
        best,
        gap_percent: best.filter(|&best| best > 0).map(gap),
        late: found.timeline.late_stops,
        cpu_ms,
    }
}

fn print(line: &Line, json: bool) -> Result<(), String> {
    if json {
        println!("{}", serde_json::to_string(line).map_err(|error| error.to_string())?);
        return Ok(());
    }
    let best = line.best.map_or("-".into(), |best| best.to_string());
    let gap = line.gap_percent.map_or("-".into(), |gap| format!("{gap:.2}"));
    let Line { instance, n, cost, late, cpu_ms, .. } = line;
    println!("{instance:<24} {n:>4} {cost:>9} {best:>9} {gap:>7} {late:>4} {cpu_ms:>8.1}");
    Ok(())
}

/// The search stops by rounds. A tenth of the time tells how long one takes, apart from what comes before the first;
/// a guard sees to it that the rest is enough.
fn solve(problem: &Problem, budget: Duration) -> Result<Sequence, BadProblem> {
    let begin = cpu_time();
    let spent = || cpu_time().saturating_sub(begin);
    let search = |rounds: u32, until: Duration| {
        let mut guard = || spent() >= until;
        sequence(problem, Effort { rounds, seed: 1 }, Wish { guard: Some(&mut guard), ..Wish::default() })
    };
    search(0, budget)?;
    let before_rounds = spent();
    let first = search(u32::MAX, before_rounds * 2 + budget / 10)?;
    let in_rounds = spent().saturating_sub(before_rounds * 2);
    let left = budget.saturating_sub(spent()).saturating_sub(before_rounds);
    if left.is_zero() {
        return Ok(first);
    }
    let each = in_rounds.as_secs_f64() / f64::from(first.rounds.max(1));
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // saturates
    let rounds = (left.as_secs_f64() / each.max(1e-7)) as u32;
    let second = search(rounds.max(16), budget)?;
    Ok(if second.timeline.cost <= first.timeline.cost { second } else { first })
}

/// CPU time of this thread: what else the machine does is not in it.
fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_instance_is_solved_to_the_cost_that_is_known() {
        // Five stops on a line; out and back is 8.
        let rows = "0 1 2 3 4  1 0 1 2 3  2 1 0 1 2  3 2 1 0 1  4 3 2 1 0";
        let text = format!("5 {rows} {}", "0 100000000 0 ".repeat(5));
        let problem = instance::read(&text).unwrap();
        let found = solve(&problem, Duration::from_millis(5)).unwrap();
        let line = line("line".into(), &problem, &found, Some(8), 5.0);
        assert_eq!((line.cost, line.gap_percent, line.late), (8, Some(0.0), 0));
    }

    #[test]
    fn a_folder_without_instances_is_said_to_be_one() {
        let folder = tempfile::tempdir().unwrap();
        assert!(run(folder.path(), 1, true).unwrap_err().ends_with("no *.inst in it"));
        std::fs::write(folder.path().join("bad.inst"), "1 2").unwrap();
        assert!(run(folder.path(), 1, true).unwrap_err().ends_with("bad.inst: ends before an earliest time"));
    }
}
