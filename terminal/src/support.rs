//! The terminal as support tool: says what is in a copied data folder, and what is wrong with it. The folder is looked at
//! through a copy of our own, so that nothing in it changes; keys are not used, so what is sealed stays sealed.

mod chain;
mod checks;
mod explain;
mod folder;
mod outbox;
mod redacted;
mod report;

use std::path::Path;

use folder::Folder;

/// `courier-terminal doctor FOLDER`.
///
/// # Errors
/// Words for whoever called: the folder cannot be read, or something in it is wrong.
pub(crate) fn doctor(folder: &Path) -> Result<(), String> {
    let folder = Folder::open(folder)?;
    let report = checks::all(&folder);
    for line in report.lines() {
        println!("{line}");
    }
    match report.faults() {
        0 => Ok(()),
        1 => Err("one thing is wrong with this folder".into()),
        faults => Err(format!("{faults} things are wrong with this folder")),
    }
}

/// `courier-terminal explain FOLDER FACT`.
///
/// # Errors
/// Words for whoever called: the folder cannot be read, or there is no such fact, or it is not what was recorded.
pub(crate) fn explain(folder: &Path, fact: &str) -> Result<(), String> {
    let folder = Folder::open(folder)?;
    let report = explain::fact(&folder, fact)?;
    for line in report.lines() {
        println!("{line}");
    }
    if report.faults() == 0 { Ok(()) } else { Err("this fact is not as it was recorded".into()) }
}

/// `courier-terminal export --redacted FOLDER FILE`.
///
/// # Errors
/// Words for whoever called: the folder cannot be read, or the file cannot be written.
pub(crate) fn export(folder: &Path, file: &Path) -> Result<(), String> {
    let opened = Folder::open(folder)?;
    redacted::write(&opened, folder, file)?;
    println!("Written: {}. Read it before you send it: it is JSON.", file.display());
    Ok(())
}
