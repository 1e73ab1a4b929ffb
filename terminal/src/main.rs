//! The courier core in a terminal. So far it plays the demo day; the interactive app is not here yet.

mod demo;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "courier-terminal", about = "The courier core in a terminal", version)]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Plays a delivery day with a real backend and a real phone, and compares every total.
    Demo {
        /// Seconds to wait at every door.
        #[arg(long, default_value_t = 0.0)]
        speed: f64,
        /// Leave backend and data up until Enter is pressed.
        #[arg(long)]
        keep: bool,
    },
    /// The phone in the cellar: plays the doors that it reads, in a process of its own that is then killed.
    #[command(hide = true)]
    Cellar {
        /// Folder of the phone.
        dir: PathBuf,
        /// The backend, which is out of reach.
        server: String,
    },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().what {
        What::Demo { speed, keep } => demo::play(speed.clamp(0.0, 60.0), keep),
        What::Cellar { dir, server } => demo::cellar(&dir, &server),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("courier-terminal: {problem}");
            ExitCode::FAILURE
        }
    }
}
