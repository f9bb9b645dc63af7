//! The stylesheet: the official Tailwind compiler over `style/tailwind.css`, which names the sources it scans.

use super::{Flavour, hash};
use crate::{
    step::{run, step},
    workspace::Workspace,
};
use anyhow::{Context, Result, bail};
use std::{
    fs,
    path::PathBuf,
    process::{Command, Stdio},
};

/// Compiles the stylesheet unless nothing it depends on has changed.
pub fn compile(workspace: &Workspace, flavour: Flavour) -> Result<PathBuf> {
    let style = workspace.root.join("style");
    let input = style.join("tailwind.css");
    if !input.is_file() {
        bail!("{} is missing: it is the product's one stylesheet", input.display());
    }
    let output = workspace.target.join("style").join(format!("{flavour:?}.css").to_lowercase());
    let sources = workspace.root.join("app/src");
    let inputs = hash::of_inputs(
        &format!("{flavour:?}"),
        &[&input, &style.join("icons.css"), &style.join("package-lock.json"), &sources],
    )?;
    if hash::is_current(&output, &inputs) {
        return Ok(output);
    }
    step("Compile the stylesheet", || {
        fs::create_dir_all(output.parent().context("the stylesheet has no folder")?)?;
        let mut tailwind = Command::new(style.join("node_modules/.bin/tailwindcss"));
        tailwind.arg("--input").arg(&input).arg("--output").arg(&output);
        if flavour == Flavour::Release {
            tailwind.arg("--minify");
        }
        run(tailwind.current_dir(&style).stdin(Stdio::null()))?;
        hash::set_current(&output, &inputs)
    })?;
    Ok(output)
}
