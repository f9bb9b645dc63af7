//! The tools a step needs: installed where that is possible without asking, else named with the command that does it.

use crate::{
    step::{output, run, step},
    workspace::Workspace,
};
use anyhow::{Context, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

const WASM_TARGET: &str = "wasm32-unknown-unknown";
const OLDEST_NODE: u32 = 20;
const OLDEST_GO: (u32, u32) = (1, 26);

/// Whether this run must not skip anything.
pub fn in_ci() -> bool {
    env::var("CI").is_ok_and(|value| value == "true" || value == "1")
}

/// The path of a program on `PATH`.
pub fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|dir| dir.join(program)).find(|path| path.is_file())
}

/// Makes sure that the toolchain can compile for the browser.
pub fn wasm_target() -> Result<()> {
    let sysroot = output(Command::new("rustc").args(["--print", "sysroot"]))?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    step("Add the WASM target to the Rust toolchain", || {
        run(Command::new("rustup").args(["target", "add", WASM_TARGET])).with_context(|| {
            format!("the Rust toolchain lacks {WASM_TARGET}; with rustup: `rustup target add {WASM_TARGET}`")
        })
    })
}

/// Checks that Node is there and new enough.
pub fn node() -> Result<()> {
    let advice = "install Node.js 20 or newer with npm (on Debian and Ubuntu: `apt-get install nodejs npm`)";
    if on_path("node").is_none() || on_path("npm").is_none() {
        bail!("Node.js or npm is missing: {advice}");
    }
    let version = output(Command::new("node").arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|text| text.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_NODE) {
        bail!("Node.js {} is too old: {advice}", version.trim());
    }
    Ok(())
}

/// Installs a folder's npm packages from its lock file, unless that lock file is installed already.
pub fn npm_ci(dir: &Path) -> Result<()> {
    node()?;
    let lock = fs::read(dir.join("package-lock.json"))
        .with_context(|| format!("{} has no package-lock.json", dir.display()))?;
    let stamp = dir.join("node_modules/.holdfast-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    step(&format!("Install the npm packages of {name}/"), || {
        // No package here needs its install script: what is native ships as a prebuilt package of the lock file.
        run(Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")
            .stdin(Stdio::null())
            .current_dir(dir))?;
        fs::write(stamp, lock)?;
        Ok(())
    })
}

/// Go, if it is there and new enough to build the bed.
pub fn go() -> Option<PathBuf> {
    let path = on_path("go")?;
    let said = output(Command::new(&path).arg("version")).ok()?;
    (go_version(&said)? >= OLDEST_GO).then_some(path)
}

/// Reads `go version go1.26.8 linux/amd64`.
fn go_version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.split_whitespace().nth(2)?.strip_prefix("go")?.split('.');
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Python with what makes environments, new enough for the vendors' clients.
pub fn python() -> Result<PathBuf> {
    let advice = "install Python 3.10 or newer with venv (on Debian and Ubuntu: `apt-get install python3-venv`)";
    let Some(path) = on_path("python3") else { bail!("Python is missing: {advice}") };
    let asked = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))";
    let fits = Command::new(&path).args(["-c", asked]).stdin(Stdio::null()).output()?;
    if !fits.status.success() {
        bail!("{} is too old or lacks venv: {advice}", path.display());
    }
    Ok(path)
}

/// A Chromium for the browser tests: `CHROMIUM`, then the usual names, then the system's package.
pub fn chromium() -> Result<PathBuf> {
    let known = || {
        env::var_os("CHROMIUM").map(PathBuf::from).filter(|path| path.is_file()).or_else(|| {
            ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"].into_iter().find_map(on_path)
        })
    };
    if let Some(path) = known() {
        return Ok(path);
    }
    apt_install("Chromium", "chromium")?;
    known().context("the package chromium is installed, yet no program of that name is on PATH")
}

/// The folder of PostgreSQL's server programs, newest version first.
pub fn postgres() -> Result<PathBuf> {
    if let Some(dir) = postgres_folder() {
        return Ok(dir);
    }
    apt_install("PostgreSQL", "postgresql")?;
    postgres_folder().context("the package postgresql is installed, yet there is no initdb")
}

fn postgres_folder() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            let version = path.file_name()?.to_str()?.parse().ok()?;
            Some((version, path.join("bin")))
        })
        .filter(|(_, bin)| bin.join("initdb").is_file() && bin.join("postgres").is_file())
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, bin)| bin);
    newest.or_else(|| Some(on_path("initdb")?.parent()?.to_owned()))
}

/// Installs a package of Debian or Ubuntu when this process may; otherwise says which command would.
fn apt_install(what: &str, package: &str) -> Result<()> {
    if !is_root() || on_path("apt-get").is_none() {
        bail!("{what} is missing: install it (on Debian and Ubuntu: `sudo apt-get install {package}`)");
    }
    step(&format!("Install {what} with apt-get"), || {
        let apt = |args: &[&str]| {
            run(Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").stdin(Stdio::null()))
        };
        apt(&["-qq", "update"])?;
        apt(&["-qq", "install", "--yes", "--no-install-recommends", package])
    })
}

/// Whether this process runs as root.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}

/// What a plain `cargo xtask build` needs.
pub fn for_build(workspace: &Workspace) -> Result<()> {
    wasm_target()?;
    npm_ci(&workspace.root.join("style"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_versions_compare_by_number() {
        assert_eq!(go_version("go version go1.26.8 linux/amd64"), Some((1, 26)));
        assert!(go_version("go version go1.9 linux/amd64") < Some(OLDEST_GO));
        assert!(go_version("go version go2.0 linux/amd64") > Some(OLDEST_GO));
        assert_eq!(go_version("command not found"), None);
    }
}
