//! Holds a backend against the rules of `docs/protocol.md`, as a phone: it enrols, hands facts in, follows the route and
//! sends files, and looks at every answer. What only the backend's office can do, an adapter program does (`office.rs`).

mod arguments;
mod office;
mod phone;
mod report;
mod route;
mod rules;
mod world;

use std::process::ExitCode;

use arguments::Arguments;
use report::Report;
use world::World;

fn main() -> ExitCode {
    let arguments = match Arguments::read(std::env::args().skip(1)) {
        Ok(arguments) => arguments,
        Err(usage) => {
            eprintln!("{usage}");
            return ExitCode::from(2);
        }
    };
    let chosen: Vec<_> = rules::all().filter(|rule| arguments.chooses(rule.id)).collect();
    if arguments.list {
        for rule in chosen {
            println!("{:<6} {}", rule.id, rule.title);
        }
        return ExitCode::SUCCESS;
    }
    if chosen.is_empty() {
        eprintln!("--only names no rule that is checked; --list names all");
        return ExitCode::from(2);
    }
    let mut world = match World::open(&arguments) {
        Ok(world) => world,
        Err(problem) => {
            eprintln!("courier-conformance: {problem}");
            return ExitCode::from(2);
        }
    };
    let mut report = Report::default();
    for rule in chosen {
        let check = (rule.check)(&mut world);
        if !arguments.json {
            println!("{}", Report::line(rule, &check));
        }
        report.add(rule, check);
    }
    if arguments.json {
        println!("{:#}", report.to_json(&world.url));
    } else {
        println!("{}", report.sum());
    }
    if report.failures() == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
