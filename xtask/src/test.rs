//! `cargo xtask test`: everything that can be tested on this machine, for people and for the gate alike.

mod again;
mod postgres;
mod vendors;

use crate::{
    bed::Bed,
    build::{self, Flavour, build},
    check, clock, size,
    step::{print_times, step, watched},
    tally::{self, Tally},
    tools,
    workspace::Workspace,
};
use again::Failures;
use anyhow::{Result, bail};
use postgres::Postgres;
use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// URL of a PostgreSQL server on which tests may create databases.
const POSTGRES_VARIABLE: &str = "HOLDFAST_TEST_POSTGRES";
/// Path of the running bed's description, `bed.json`.
pub const BED_VARIABLE: &str = "HOLDFAST_TEST_BED";
/// Path of the release binary that browser tests start.
pub const BINARY_VARIABLE: &str = "HOLDFAST_TEST_BINARY";

/// Tests of one program that run at the same time: most of them wait for a poll or a clock, so that two cores carry four.
const AT_ONCE: &str = "4";

/// Runs every level. A level that fails does not keep the next from running, unless there is nothing to run it on.
pub fn verb(workspace: &Workspace) -> Result<bool> {
    let start = clock::now();
    let mut sum = Tally::default();
    sum += or_failed(check::all(workspace));

    let mut notes = Vec::new();
    let postgres = missing_or(&mut sum, &mut notes, "the store on PostgreSQL", tools::postgres(), |programs| {
        step("Start PostgreSQL in a scratch folder", || Postgres::start(&programs))
    });
    let bed = missing_or(&mut sum, &mut notes, "the real Kubernetes API with Velero", bed_tools(), |()| {
        RunningBed::start(workspace)
    });
    let python = missing_or(&mut sum, &mut notes, "the vendors' own clients", tools::python(), |python| {
        vendors::environment(workspace, &python)
    });

    let crates = |selected: &[String]| {
        let mut cargo = Command::new("cargo");
        cargo.arg("test").args(selected).current_dir(&workspace.root);
        cargo.env("RUST_TEST_THREADS", AT_ONCE);
        cargo.envs(postgres.as_ref().map(|server| (POSTGRES_VARIABLE, server.url())));
        cargo.envs(bed.as_ref().map(|bed| (BED_VARIABLE, bed.description())));
        cargo.envs(python.as_ref().map(|python| (vendors::VARIABLE, python)));
        cargo
    };
    sum += or_failed(tests_of_crates(crates));
    drop(postgres);

    match build(workspace, Flavour::Release) {
        Ok(binary) => {
            sum += Tally::of(step("Judge the sizes", || size::verb(workspace)).is_ok());
            sum += or_failed(browser_tests(workspace, &binary, bed.as_ref()));
        }
        Err(error) => {
            println!("\n    the build failed, so there is nothing to run in a browser: {error:#}");
            sum += Tally::FAILED;
        }
    }
    drop(bed);

    print_times();
    for note in notes {
        println!("{note}");
    }
    println!("\nThe whole run took {}.", clock::spoken(start.elapsed()));
    if sum.flaky > 0 {
        println!("flaky: {} of them passed at the second try only; they are named above.", sum.flaky);
    }
    // The last line, in the form that a gate can read.
    println!("{sum}");
    Ok(sum.failed == 0)
}

/// All tests of all crates, and those that failed once more; `cargo` makes the command for what is selected.
fn tests_of_crates(cargo: impl Fn(&[String]) -> Command) -> Result<Tally> {
    let everything = ["--workspace", "--no-fail-fast"].map(str::to_owned);
    let mut first = Tally::default();
    let mut failures = Failures::default();
    let result = step("Run the tests of all crates, first try", || {
        let run = watched(&mut cargo(&everything))?;
        first = tally::of_cargo(&run.printed).of_run(run.ok);
        failures = Failures::of(&run.printed, &run.complained);
        judged(first)
    });
    if !failures.worth_trying(first) {
        return result;
    }
    step(&format!("Try again, alone: {}", failures.names.join(", ")), || {
        let (mut printed, mut ok) = (String::new(), true);
        for target in &failures.targets {
            let run = watched(cargo(target).arg("--").args(failures.selection()))?;
            printed.push_str(&run.printed);
            ok &= run.ok;
        }
        judged(again::both(first, &printed, ok))
    })
}

/// The count of a level, or one failure with its reason.
fn or_failed(result: Result<Tally>) -> Tally {
    result.unwrap_or_else(|error| match error.downcast::<Failed>() {
        Ok(Failed(tally)) => tally,
        Err(error) => {
            println!("    {error:#}");
            Tally::FAILED
        }
    })
}

/// A count with failures in it, as an error, so that its step shows as failed.
#[derive(Debug)]
struct Failed(Tally);

impl std::fmt::Display for Failed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Failed {}

fn judged(tally: Tally) -> Result<Tally> {
    if tally.failed > 0 { Err(Failed(tally).into()) } else { Ok(tally) }
}

/// Starts what a level needs. What is missing is skipped with one visible line, except under `CI=true`, where the
/// machine is expected to have it and its absence is a failure.
fn missing_or<T, U>(
    sum: &mut Tally,
    notes: &mut Vec<String>,
    what: &str,
    tool: Result<T>,
    start: impl FnOnce(T) -> Result<U>,
) -> Option<U> {
    let missing = match tool {
        Ok(tool) => match start(tool) {
            Ok(running) => return Some(running),
            // The tool is there and did not work: that is a failure everywhere.
            Err(error) => {
                println!("    {error:#}");
                notes.push(format!("FAILED: {what}: {error:#}"));
                *sum += Tally::FAILED;
                return None;
            }
        },
        Err(missing) => missing,
    };
    if tools::in_ci() {
        notes.push(format!("FAILED: {what} was not tested: {missing:#}"));
        *sum += Tally::FAILED;
    } else {
        notes.push(format!("skipped: {what}: {missing:#}"));
        *sum += Tally::SKIPPED;
    }
    if let Some(note) = notes.last() {
        println!("\n    {note}");
    }
    None
}

fn bed_tools() -> Result<()> {
    tools::node()?;
    if tools::go().is_none() {
        bail!("Go 1.26 or newer is missing; the bed's programs are built with it: https://go.dev/doc/install");
    }
    Ok(())
}

/// The bed for the time of a test run. One that ran before stays.
struct RunningBed {
    bed: Bed,
    description: PathBuf,
    ours: bool,
}

impl RunningBed {
    fn start(workspace: &Workspace) -> Result<Self> {
        let bed = Bed::at(workspace);
        let ours = !bed.is_running();
        let description = bed.start()?;
        Ok(Self { bed, description, ours })
    }

    fn description(&self) -> &Path {
        &self.description
    }
}

impl Drop for RunningBed {
    fn drop(&mut self) {
        if self.ours
            && let Err(error) = self.bed.stop()
        {
            println!("    the bed did not stop: {error:#}");
        }
    }
}

fn browser_tests(workspace: &Workspace, binary: &Path, bed: Option<&RunningBed>) -> Result<Tally> {
    let mut playwright = playwright(workspace, binary)?;
    playwright.args(["test", "--reporter=list"]);
    playwright.envs(bed.map(|bed| (BED_VARIABLE, bed.description())));
    step("Run the journeys in a browser", || {
        let run = watched(&mut playwright)?;
        judged(tally::of_playwright(&run.printed).of_run(run.ok))
    })
}

/// Playwright of `end2end/`, with everything it needs installed and named in its environment.
pub fn playwright(workspace: &Workspace, binary: &Path) -> Result<Command> {
    let folder = workspace.root.join("end2end");
    tools::npm_ci(&folder)?;
    let chromium = tools::chromium()?;
    let mut command = Command::new(folder.join("node_modules/.bin/playwright"));
    command
        .env("CHROMIUM", chromium)
        .env(BINARY_VARIABLE, binary)
        .env(build::SITE_VARIABLE, workspace.site())
        .current_dir(folder);
    Ok(command)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_count_keeps_its_numbers() {
        let tally = Tally { passed: 5, failed: 2, skipped: 1, flaky: 0 };
        assert_eq!(or_failed(judged(tally)), tally);
        assert!(judged(tally).is_err());
        assert_eq!(or_failed(Err(anyhow::anyhow!("no such program"))), Tally::FAILED);
    }
}
