//! Where things are: the workspace root and the target folder, found when xtask runs.

use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The checkout this command works on.
#[derive(Clone, Debug)]
pub struct Workspace {
    pub root: PathBuf,
    pub target: PathBuf,
}

impl Workspace {
    /// Reads `CARGO_MANIFEST_DIR` (set by `cargo run`) and `CARGO_TARGET_DIR` at run time, so that a cached
    /// xtask binary still works on the checkout it was started in. Started by hand, it searches upwards.
    pub fn find() -> Result<Self> {
        let root = match env::var_os("CARGO_MANIFEST_DIR") {
            Some(dir) => PathBuf::from(dir).parent().map(Path::to_owned).context("xtask has no parent folder")?,
            None => upwards(&env::current_dir()?)?,
        };
        let target = match env::var_os("CARGO_TARGET_DIR").filter(|dir| !dir.is_empty()) {
            // Cargo takes a relative target folder from the current directory, not from the workspace.
            Some(dir) => env::current_dir()?.join(dir),
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    /// The folder of the finished, hashed and compressed browser files.
    pub fn site(&self) -> PathBuf {
        self.target.join("site")
    }

    /// The one file that is the product.
    pub fn release_binary(&self) -> PathBuf {
        self.target.join("release/holdfast")
    }
}

fn upwards(start: &Path) -> Result<PathBuf> {
    for dir in start.ancestors() {
        if fs::read_to_string(dir.join("Cargo.toml")).is_ok_and(|text| text.contains("[workspace]")) {
            return Ok(dir.to_owned());
        }
    }
    bail!("no workspace at or above {}; run `cargo xtask` inside the checkout", start.display())
}

/// Every file under `dir`, sorted, without the folders that builds and installs fill.
pub fn files_under(dir: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    collect(dir, &mut found).with_context(|| format!("reading {}", dir.display()))?;
    found.sort();
    Ok(found)
}

fn collect(dir: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() {
            if !["target", "node_modules", ".git"].iter().any(|skipped| name == *skipped) {
                collect(&entry.path(), found)?;
            }
        } else {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// A TCP port of the loopback address that nothing listens on.
pub fn free_port() -> Result<u16> {
    Ok(std::net::TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
