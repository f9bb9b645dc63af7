//! `cargo xtask dev`: the edit loop. What changed is rebuilt and the server restarted; open pages notice by their
//! event stream, which reconnects to a server with another build id.

use crate::{
    build::{Flavour, assets, build, server},
    workspace::{Workspace, files_under},
};
use anyhow::{Context, Result};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread::sleep,
    time::{Duration, SystemTime},
};

/// From where the server takes the site when it is not embedded.
pub const SITE_FOLDER_VARIABLE: &str = "HOLDFAST_SITE_DIR";
const POLL: Duration = Duration::from_millis(300);
/// What the browser's half is made of.
const BROWSER: [&str; 3] = ["app", "style", "public"];
/// What only the server is made of.
const SERVER: [&str; 1] = ["server"];

/// Runs until it is interrupted.
pub fn verb(workspace: &Workspace, rest: &[String]) -> Result<()> {
    let mut running = match build(workspace, Flavour::Dev) {
        Ok(binary) => Some(start(workspace, &binary, rest)?),
        // The loop is there to get from a broken state to a working one.
        Err(error) => {
            println!("\n    {error:#}");
            None
        }
    };
    let mut seen = Seen::look(workspace)?;
    println!("\nWatching {}", BROWSER.iter().chain(&SERVER).copied().collect::<Vec<_>>().join(", "));
    loop {
        sleep(POLL);
        let now = Seen::look(workspace)?;
        if now == seen {
            continue;
        }
        let browser = now.browser != seen.browser;
        seen = now;
        let made = if browser { assets(workspace, Flavour::Dev) } else { Ok(()) };
        if let Err(error) = made.and_then(|()| server(workspace, Flavour::Dev)) {
            println!("\n    {error:#}\n    the version before keeps running");
            continue;
        }
        if let Some(mut old) = running.take() {
            stop(&mut old)?;
        }
        running = Some(start(workspace, &Flavour::Dev.binary(workspace), rest)?);
    }
}

fn start(workspace: &Workspace, binary: &Path, rest: &[String]) -> Result<Child> {
    // The sign-in and the data of the demonstration are new with each start.
    let mut command = Command::new(binary);
    if rest.is_empty() {
        command.arg("--demo")
    } else {
        command.args(rest)
    };
    command.env(SITE_FOLDER_VARIABLE, Flavour::Dev.site(workspace));
    command.spawn().with_context(|| format!("cannot start {}", binary.display()))
}

/// Asks first, so that the server drains, and kills what has not ended after three seconds.
fn stop(child: &mut Child) -> Result<()> {
    let _ = Command::new("sh").args(["-c", &format!("kill -TERM {}", child.id())]).status();
    for _ in 0..30 {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        sleep(Duration::from_millis(100));
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}

/// Times of change by file.
type Times = BTreeMap<PathBuf, SystemTime>;

/// The state of the sources at one moment.
#[derive(PartialEq, Eq)]
struct Seen {
    browser: Times,
    server: Times,
}

impl Seen {
    fn look(workspace: &Workspace) -> Result<Self> {
        Ok(Self { browser: times(workspace, &BROWSER)?, server: times(workspace, &SERVER)? })
    }
}

fn times(workspace: &Workspace, folders: &[&str]) -> Result<Times> {
    let mut times = Times::new();
    for folder in folders {
        let dir = workspace.root.join(folder);
        if !dir.is_dir() {
            continue;
        }
        for file in files_under(&dir)? {
            // A file that went away between listing and asking is seen as gone by the next look.
            if let Ok(changed) = fs::metadata(&file).and_then(|meta| meta.modified()) {
                times.insert(file, changed);
            }
        }
    }
    Ok(times)
}
