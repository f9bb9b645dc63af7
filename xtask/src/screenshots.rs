//! `cargo xtask screenshots`: the pictures of the documentation, taken from the running product.

use crate::{
    build::{Flavour, build},
    step::{run, step},
    test::playwright,
    workspace::Workspace,
};
use anyhow::Result;
use std::fs;

/// Builds, then runs `end2end/screenshots.config.ts`, which starts the product itself; `HOLDFAST_SCREENSHOTS` names
/// the folder for the pictures.
pub fn verb(workspace: &Workspace) -> Result<()> {
    let binary = build(workspace, Flavour::Release)?;
    let pictures = workspace.root.join("docs/screenshots");
    fs::create_dir_all(&pictures)?;
    let mut command = playwright(workspace, &binary)?;
    command.args(["test", "--config=screenshots.config.ts", "--reporter=list"]).env("HOLDFAST_SCREENSHOTS", &pictures);
    step("Take the screenshots", || run(&mut command))?;
    println!("\n{}", pictures.display());
    Ok(())
}
