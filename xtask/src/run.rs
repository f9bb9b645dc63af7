//! `cargo xtask run`: all set-up, the build, then the product with its demonstration data.
//!
//! The build is the edit loop's: on a fresh machine it is there in half the time of a release, and what is shipped
//! (`cargo xtask build`) is the same code.

use crate::{
    build::{Flavour, build},
    clock,
    dev::SITE_FOLDER_VARIABLE,
    workspace::Workspace,
};
use anyhow::{Error, Result};
use std::{os::unix::process::CommandExt, process::Command};

/// Builds and becomes `holdfast --demo`, so that signals and the exit status are the product's own.
pub fn verb(workspace: &Workspace, rest: &[String]) -> Result<()> {
    let start = clock::now();
    let binary = build(workspace, Flavour::Dev)?;
    println!("\nReady after {}. Starting {} --demo\n", clock::spoken(start.elapsed()), binary.display());
    let error = Command::new(&binary)
        .arg("--demo")
        .args(rest)
        .env(SITE_FOLDER_VARIABLE, Flavour::Dev.site(workspace))
        .current_dir(&workspace.root)
        .exec();
    Err(Error::new(error).context(format!("cannot start {}", binary.display())))
}
