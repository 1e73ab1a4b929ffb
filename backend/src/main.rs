//! `courier-backend [CONFIG.toml]`: the reference backend in one process.

use std::path::PathBuf;
use std::process::ExitCode;

use courier_backend::api::serve;
use courier_backend::config::Config;
use courier_backend::entropy::{self, ServiceClock};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("courier-backend: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let file = std::env::args_os().nth(1).map(PathBuf::from);
    let variable = |name: &str| std::env::var(name).ok();
    let config = Config::load(file.as_deref(), variable).map_err(|error| error.to_string())?;
    let (clock, rng) = sources(variable)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let running = serve(config, clock, rng).await.map_err(|error| error.to_string())?;
        println!("listening on {}", running.url);
        std::future::pending::<()>().await;
        Ok(())
    })
}

/// The machine's clock and randomness; in builds for tests the clock of `COURIER_TEST_NOW_MS` and the seed of
/// `COURIER_TEST_SEED`, if they are set.
fn sources(variable: impl Fn(&str) -> Option<String>) -> Result<(ServiceClock, entropy::Entropy), String> {
    if cfg!(feature = "test-endpoints") {
        let number = |name: &str| variable(name).and_then(|text| text.parse::<i64>().ok());
        if let (Some(now), Some(seed)) = (number("COURIER_TEST_NOW_MS"), number("COURIER_TEST_SEED")) {
            let clock = ServiceClock::Set(std::sync::Mutex::new(courier_domain::UnixMs(now)));
            return Ok((clock, entropy::from_seed(seed.unsigned_abs())));
        }
    }
    let rng = entropy::from_system().map_err(|error| error.to_string())?;
    Ok((ServiceClock::System, rng))
}
