//! Steps: each says what it does and how long it took, and the list is printed again at the end.

use crate::clock;
use anyhow::{Context, Result, anyhow, bail};
use std::{
    io::{BufRead, BufReader, Read, Write, stderr, stdout},
    process::{Command, Stdio},
    sync::{Mutex, PoisonError},
    thread,
    time::Duration,
};

struct Finished {
    title: String,
    took: Duration,
    ok: bool,
}

static FINISHED: Mutex<Vec<Finished>> = Mutex::new(Vec::new());

/// Runs `work` under a heading and prints its time; the result passes through.
pub fn step<T>(title: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    println!("\n==> {title}");
    let start = clock::now();
    let result = work();
    let took = start.elapsed();
    let verdict = if result.is_ok() { "done" } else { "FAILED" };
    println!("    {verdict}: {title} ({})", clock::spoken(took));
    FINISHED.lock().unwrap_or_else(PoisonError::into_inner).push(Finished {
        title: title.to_owned(),
        took,
        ok: result.is_ok(),
    });
    result
}

/// Prints every step of this run with its time, in order.
pub fn print_times() {
    println!("\nSteps:");
    for step in FINISHED.lock().unwrap_or_else(PoisonError::into_inner).iter() {
        let verdict = if step.ok { "ok    " } else { "FAILED" };
        println!("  {verdict} {:>13}  {}", clock::spoken(step.took), step.title);
    }
}

/// A command as one would type it, for messages.
pub fn typed(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

/// Runs a command with its output going straight to the terminal.
///
/// # Errors
/// When it cannot be started, or ends with anything but success.
pub fn run(command: &mut Command) -> Result<()> {
    println!("    $ {}", typed(command));
    stdout().flush()?;
    let status = command.status().with_context(|| format!("cannot start `{}`", typed(command)))?;
    if !status.success() {
        bail!("`{}` ended with {status}", typed(command));
    }
    Ok(())
}

/// Runs a command and returns what it printed; its errors stay visible.
pub fn output(command: &mut Command) -> Result<String> {
    let output =
        command.stderr(Stdio::inherit()).output().with_context(|| format!("cannot start `{}`", typed(command)))?;
    if !output.status.success() {
        bail!("`{}` ended with {}", typed(command), output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// What a command printed that was shown as it came.
#[derive(Debug)]
pub struct Watched {
    pub ok: bool,
    pub printed: String,
    /// Its standard error.
    pub complained: String,
}

/// Runs a command, shows what it prints as it comes and keeps it too: a test runner that fails has still counted something.
pub fn watched(command: &mut Command) -> Result<Watched> {
    println!("    $ {}", typed(command));
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{}`", typed(command)))?;
    let printed = child.stdout.take().context("the child has no standard output")?;
    let complained = child.stderr.take().context("the child has no standard error")?;
    let complained = thread::spawn(move || shown(complained, stderr()));
    let printed = shown(printed, stdout())?;
    let complained = complained.join().map_err(|_| anyhow!("what `{}` complained was lost", typed(command)))??;
    Ok(Watched { ok: child.wait()?.success(), printed, complained })
}

/// Passes everything on, line by line, and keeps it.
fn shown(from: impl Read, mut to: impl Write) -> Result<String> {
    let mut kept = String::new();
    for line in BufReader::new(from).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        writeln!(to, "{line}")?;
        kept.push_str(&line);
        kept.push('\n');
    }
    Ok(kept)
}
