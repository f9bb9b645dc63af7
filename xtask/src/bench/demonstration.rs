//! The demonstration: how soon it is there, what it costs, and how its status page bears a load.

use super::{
    http::{Client, form},
    load::{self, Load},
    product::{Owned, resident},
};
use crate::{clock, workspace::free_port};
use anyhow::{Context, Result, bail};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

const CONNECTIONS: usize = 10;
const LOAD_TIME: Duration = Duration::from_secs(10);
/// Before its memory is read: what the start needed for a while has been given back.
const REST: Duration = Duration::from_secs(60);

/// What was measured.
pub struct Demonstration {
    /// From the start of the process to its address and password.
    pub start: Duration,
    /// Resident, in kilobytes, a minute after the start.
    pub memory: u64,
    pub home: Load,
}

/// Starts it, signs in and loads the status page.
///
/// # Errors
/// When it doesn't start, refuses its own password, or a page is not 200.
pub fn measure(binary: &Path) -> Result<Demonstration> {
    let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
    let began = clock::now();
    let mut child = Command::new(binary)
        .args(["--demo", "--listen", &address.to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let said = BufReader::new(child.stdout.take().context("the demonstration has no standard output")?);
    let child = Owned(child);
    let mut secret = None;
    for line in said.lines() {
        secret = password(&line?).map(str::to_owned);
        if secret.is_some() {
            break;
        }
    }
    let start = began.elapsed();
    let secret = secret.context("the demonstration said no password")?;
    sleep(REST);
    let memory = resident(&child)?;

    let mut client = Client::connect(address)?;
    let fields = [("name", "admin"), ("password", secret.as_str())];
    client.post("/sign-in", "application/x-www-form-urlencoded", form(&fields).as_bytes())?;
    let head = client.get("/")?;
    if head.status != 200 {
        bail!("signed in, the status page answered {}", head.status);
    }
    let home = load::run(&client, "/", CONNECTIONS, LOAD_TIME)?;
    Ok(Demonstration { start, memory, home })
}

/// `Sign in as admin with the password …`.
fn password(line: &str) -> Option<&str> {
    line.split_once("with the password ").map(|(_, password)| password.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_found() {
        assert_eq!(password("Sign in as admin with the password a1-b2-c3\n"), Some("a1-b2-c3"));
        assert_eq!(password("Holdfast runs at http://127.0.0.1:8080"), None);
    }
}
