//! The vendors' own clients: an environment of Python's with the pinned packages, kept in a cache outside the target folder.

use crate::{
    build::hash,
    step::{run, step},
    workspace::Workspace,
};
use anyhow::{Context, Result};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The interpreter that has the clients, as their tests look for it.
pub const VARIABLE: &str = "HOLDFAST_TEST_PYTHON";

/// The interpreter of an environment that holds what `requirements.txt` names. The cache is keyed by that file and the
/// interpreter, so it is never stale.
pub fn environment(workspace: &Workspace, python: &Path) -> Result<PathBuf> {
    let requirements = workspace.root.join("server/sim/tests/vendors/requirements.txt");
    let wanted = fs::read_to_string(&requirements).with_context(|| format!("reading {}", requirements.display()))?;
    let folder = cache()?.join(hash::short(format!("{} {wanted}", python.display()).as_bytes()));
    let (made, stamp) = (folder.join("bin/python"), folder.join("complete"));
    // Python writes its own place into an environment, so it can't be moved there when whole: a stamp says that it is.
    if stamp.is_file() {
        return Ok(made);
    }
    step("Install the vendors' clients with pip", || {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        fs::create_dir_all(&folder)?;
        run(Command::new(python).args(["-m", "venv"]).arg(&folder).stdin(Stdio::null()))?;
        run(Command::new(&made)
            .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--requirement"])
            .arg(&requirements)
            .stdin(Stdio::null()))?;
        fs::write(&stamp, &wanted)?;
        Ok(made)
    })
}

fn cache() -> Result<PathBuf> {
    let set = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let base = set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")));
    let base =
        base.context("neither XDG_CACHE_HOME nor HOME is set: there is no place to keep the vendors' clients")?;
    Ok(base.join("holdfast/vendors"))
}
