//! `cargo xtask check`: formatting, clippy on both sides, and the quality bars that only reading finds.

mod bars;
mod source;

use crate::{
    step::{output, run, step},
    tally::Tally,
    tools,
    workspace::Workspace,
};
use anyhow::{Result, bail};
use std::{fs, process::Command};

/// Runs every check, whatever the ones before it said.
pub fn verb(workspace: &Workspace) -> Result<bool> {
    let sum = all(workspace)?;
    println!("\n{sum}");
    Ok(sum.failed == 0)
}

/// The count of checks that passed and failed.
pub fn all(workspace: &Workspace) -> Result<Tally> {
    tools::wasm_target()?;
    let mut sum = Tally::default();
    sum += bars_of(workspace)?;
    let cargo = |title: &str, args: &[&str]| {
        let ok = step(title, || run(Command::new("cargo").args(args).current_dir(&workspace.root)));
        Tally::of(ok.is_ok())
    };
    sum += cargo("Check the formatting", &["fmt", "--all", "--check"]);
    sum += cargo("Clippy, natively", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]);
    sum += cargo(
        "Clippy, for the browser",
        &[
            "clippy",
            "--package",
            "app",
            "--lib",
            "--features",
            "hydrate",
            "--target",
            "wasm32-unknown-unknown",
            "--quiet",
            "--",
            "-D",
            "warnings",
        ],
    );
    if tools::on_path("cargo-deny").is_some() {
        sum += cargo("Check licences and sources", &["deny", "--offline", "check", "licenses", "bans", "sources"]);
    } else {
        println!("\n    skipped: licences and sources; `cargo install --locked cargo-deny` brings the tool");
        sum += Tally::SKIPPED;
    }
    Ok(sum)
}

/// The bars, one result each.
fn bars_of(workspace: &Workspace) -> Result<Tally> {
    let mut sum = Tally::default();
    let files = tracked(workspace)?;
    let mut places = vec![workspace.root.clone()];
    places.extend(std::env::var_os("HOME").map(Into::into));
    for (name, bar) in bars::ALL {
        let outcome = step(name, || {
            let broken = bar(&files);
            for line in &broken {
                println!("    {line}");
            }
            if broken.is_empty() { Ok(()) } else { bail!("{} places break this bar", broken.len()) }
        });
        sum += Tally::of(outcome.is_ok());
    }
    let outcome = step("No path of one machine in the files", || {
        let broken = bars::machine_paths(&files, &places);
        for line in &broken {
            println!("    {line}");
        }
        if broken.is_empty() { Ok(()) } else { bail!("{} places name a path of this machine", broken.len()) }
    });
    sum += Tally::of(outcome.is_ok());
    for line in bars::long_files(&files) {
        println!("    note: {line}");
    }
    Ok(sum)
}

/// A text file that git knows, or would know after `git add`.
pub struct Tracked {
    /// From the root, with `/`.
    pub path: String,
    pub text: String,
}

fn tracked(workspace: &Workspace) -> Result<Vec<Tracked>> {
    let listed = output(
        Command::new("git")
            .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
            .current_dir(&workspace.root),
    )?;
    // A file that is deleted but still listed, or that isn't text, has nothing to read.
    Ok(listed
        .split('\0')
        .filter(|path| !path.is_empty())
        .filter_map(|path| {
            let text = fs::read_to_string(workspace.root.join(path)).ok()?;
            Some(Tracked { path: path.to_owned(), text })
        })
        .collect())
}
