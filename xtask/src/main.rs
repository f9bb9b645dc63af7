//! The only build entry point. `cargo xtask run` and `cargo xtask test` do all their set-up themselves.

mod bed;
mod bench;
mod build;
mod check;
mod clock;
mod dev;
mod run;
mod screenshots;
mod size;
mod step;
mod tally;
mod test;
mod tools;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use workspace::Workspace;

/// Builds, runs, tests and measures Holdfast.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    /// Build the one release file with all assets inside: <target>/release/holdfast.
    Build,
    /// Set up, build, and start the console with its demonstration data; further arguments go to it.
    Run {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// The edit loop: rebuild what changed, restart, reload; further arguments replace `--demo`.
    Dev {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        rest: Vec<String>,
    },
    /// Everything that can be tested on this machine.
    Test,
    /// Formatting, clippy natively and for the browser, and the quality bars.
    Check,
    /// Sizes of all assets, raw and as brotli; fails over the bars.
    Size,
    /// Measure the release binary; prints the table of docs/performance.md.
    Bench,
    /// Take the documentation's pictures from the running product.
    Screenshots,
    /// The real bed: Kubernetes' API server with Velero, without a cluster.
    Bed {
        #[command(subcommand)]
        verb: bed::BedVerb,
    },
}

fn main() -> ExitCode {
    match carry_out(Arguments::parse().verb) {
        Ok(true) => ExitCode::SUCCESS,
        // The count is the last line, and it says enough.
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            // A sentence, not a stack: what fails here is a command or a file, and the sentence names it.
            println!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether all is well; a verb that counts returns false when something it counted failed.
fn carry_out(verb: Verb) -> Result<bool> {
    let workspace = Workspace::find()?;
    match verb {
        Verb::Build => build::verb(&workspace)?,
        Verb::Run { rest } => run::verb(&workspace, &rest)?,
        Verb::Dev { rest } => dev::verb(&workspace, &rest)?,
        Verb::Test => return test::verb(&workspace),
        Verb::Bench => bench::verb(&workspace)?,
        Verb::Screenshots => screenshots::verb(&workspace)?,
        Verb::Check => return check::verb(&workspace),
        Verb::Size => size::verb(&workspace)?,
        Verb::Bed { verb } => bed::verb(&workspace, verb)?,
    }
    Ok(true)
}
