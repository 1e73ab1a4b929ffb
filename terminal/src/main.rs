//! The courier core in a terminal: the app of a courier, and the demo day.

mod app;
mod card;
mod demo;
mod phone;
mod route_map;
mod routes;
#[cfg(test)]
mod sample_day;
mod screen;
mod support;
mod told;
mod verify;
mod words;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

/// Without a command: the courier app.
#[derive(Parser)]
#[command(name = "courier-terminal", about = "The courier core in a terminal", version)]
struct Arguments {
    #[command(subcommand)]
    what: Option<What>,
    #[command(flatten)]
    app: AppArguments,
}

#[derive(Args)]
struct AppArguments {
    /// Folder of this phone; [default: $XDG_DATA_HOME/courier-terminal or ~/.local/share/courier-terminal].
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The server's URL; without it the one that this phone was enrolled with.
    #[arg(long, value_name = "URL")]
    server: Option<String>,
    /// Certificates of the operator's own authority, PEM.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

#[derive(Subcommand)]
enum What {
    /// Plays a delivery day with a real backend and a real phone, and compares every total.
    Demo {
        /// Seconds to spend at every door; [default: 0.15 in a terminal, else 0].
        #[arg(long, value_name = "SECONDS")]
        speed: Option<f64>,
        /// Leave backend and data up until Enter is pressed.
        #[arg(long)]
        keep: bool,
        /// Print plain lines, also in a terminal.
        #[arg(long)]
        plain: bool,
    },
    /// Checks the receipt of a shipment without a network, and explains it.
    Verify {
        /// What `GET /v1/shipments/{id}/receipt` answered.
        file: PathBuf,
        /// The backend's keys, what `GET /.well-known/jwks.json` answered.
        #[arg(long, value_name = "FILE")]
        keys: Option<PathBuf>,
    },
    /// Looks at a copied data folder, and says what is wrong with it and what to do. Nothing in it is changed.
    Doctor {
        /// The folder: the app's data folder, or one that has it in `data`.
        folder: PathBuf,
    },
    /// Explains a fact of a copied data folder: its place, its signature, what it says, and what became of it.
    Explain {
        /// The folder.
        folder: PathBuf,
        /// The fact: its id, the beginning of its id or hash, or INCARNATION/NUMBER.
        fact: String,
    },
    /// Writes what support may be sent of a copied data folder.
    Export {
        /// Leave out everything that is personal. There is no other export.
        #[arg(long, required = true)]
        redacted: bool,
        /// The folder.
        folder: PathBuf,
        /// The file to write. It must not be there yet.
        file: PathBuf,
    },
    /// Prints the card for a customer: what code is asked for, where it is, who may receive, and when not to tell it.
    Card {
        /// The customer's language, such as `tr`; without one, what there is.
        #[arg(long, value_name = "TAG")]
        lang: Option<String>,
        /// How many parcels.
        #[arg(long, value_name = "N", default_value_t = 1)]
        parcels: u32,
        /// None of them needs a code.
        #[arg(long)]
        no_code: bool,
    },
    /// Solves the route instances of a folder, and prints how far each is from the best cost known.
    BenchRoutes {
        /// Folder with `*.inst`, and `best_known.json` if there is one.
        folder: PathBuf,
        /// CPU time for each, milliseconds.
        #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=600_000))]
        ms: u32,
        /// Print a line of JSON for each.
        #[arg(long)]
        json: bool,
    },
    /// Draws a route as SVG.
    Plot {
        /// The stops in their order: a JSON list of `{"lat", "lon", "late_s"?}`.
        file: PathBuf,
        /// Where to write it, instead of printing it.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// The phone in the cellar: plays the doors that it reads, in a process of its own that is then killed.
    #[command(hide = true)]
    Cellar {
        /// Folder of the phone.
        dir: PathBuf,
        /// The backend, which is out of reach.
        server: String,
        /// Seconds to spend at every door.
        speed: f64,
    },
}

fn main() -> ExitCode {
    let Arguments { what, app } = Arguments::parse();
    let result = match what {
        Some(What::Demo { speed, keep, plain }) => {
            demo::play(&demo::Wish { seconds_per_door: speed, keep, plain })
        }
        Some(What::Cellar { dir, server, speed }) => demo::cellar(&dir, &server, speed),
        Some(What::Verify { file, keys }) => verify::run(&file, keys.as_deref()),
        Some(What::Doctor { folder }) => support::doctor(&folder),
        Some(What::Explain { folder, fact }) => support::explain(&folder, &fact),
        Some(What::Export { redacted: _, folder, file }) => support::export(&folder, &file),
        Some(What::Card { lang, parcels, no_code }) => {
            print!("{}", card::text(lang.as_deref(), parcels, !no_code));
            Ok(())
        }
        Some(What::BenchRoutes { folder, ms, json }) => routes::bench(&folder, ms, json),
        Some(What::Plot { file, out }) => routes::plot(&file, out.as_deref()),
        None => app::run(app.data, app.server, app.ca.as_deref()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("courier-terminal: {problem}");
            ExitCode::FAILURE
        }
    }
}
