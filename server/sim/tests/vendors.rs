//! The vendors' own clients against the simulators, unmodified: what they can't work with is wrong here. For CloudCasa, whose
//! public client is a tool of another kind, a server built with the same framework answers beside the simulator.
//!
//! `cargo xtask test` makes the environment of `vendors/requirements.txt` and names its interpreter.
#![expect(clippy::unwrap_used, reason = "tests")]

use std::path::{Path, PathBuf};
use std::process::Stdio;

use sim::{Clock, World};
use tokio::process::Command;

/// The interpreter that has the clients.
const VARIABLE: &str = "HOLDFAST_TEST_PYTHON";

/// Runs one file of checks against a simulator of its own.
async fn check(file: &str) {
    let Some(python) = std::env::var_os(VARIABLE).filter(|path| !path.is_empty()) else {
        println!("skipped: {VARIABLE} is not set");
        return;
    };
    // A backup of minutes takes seconds.
    let world = World::new(Clock::real().with_speed(50.0));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(sim::serve(listener, world));
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vendors");
    let done = Command::new(PathBuf::from(python))
        // Nothing is left in the work tree, and no proxy of the machine is asked for what is on the loopback.
        .args(["-B", file])
        .env("HOLDFAST_SIM", base)
        .env("NO_PROXY", "127.0.0.1")
        .current_dir(folder)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    println!("{said}");
    assert!(done.status.success(), "{file}:\n{said}{}", String::from_utf8_lossy(&done.stdout));
    // An empty file would be a success, too.
    let ran = said.lines().filter(|line| line.ends_with("... ok")).count();
    assert!(ran >= 4, "{file} ran {ran} checks only:\n{said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn netapps_toolkit_works_with_astra() {
    check("astra.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waldurs_client_works_with_waldur() {
    check("waldur.py").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cloudcasa_answers_as_eve_does() {
    check("cloudcasa.py").await;
}
