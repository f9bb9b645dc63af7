//! The bed's processes: they outlive the command that started them, and are ended by their own numbers only.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::{
    fmt,
    fs::{self, File},
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

/// A program that was started.
#[derive(Clone, Debug)]
pub struct Process {
    name: String,
    pid: u32,
    port: u16,
}

impl Process {
    /// Starts `command` in a process group of its own, so that Ctrl-C in the terminal does not reach it. Its output
    /// goes to `<dir>/<name>.log`.
    pub fn start(name: &str, port: u16, command: &mut Command, dir: &Path) -> Result<Self> {
        let log = File::create(dir.join(format!("{name}.log")))?;
        let child = command
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .current_dir(dir)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {name}"))?;
        println!("    {name} (process {}, port {port})", child.id());
        Ok(Self { name: name.to_owned(), pid: child.id(), port })
    }

    /// Whether that very program still runs: the number alone may have gone to another process since.
    pub fn is_running(&self) -> bool {
        let proc = Path::new("/proc").join(self.pid.to_string());
        let zombie = fs::read_to_string(proc.join("stat"))
            .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')));
        let ours = fs::read(proc.join("cmdline")).is_ok_and(|line| {
            String::from_utf8_lossy(&line).split('\0').next().is_some_and(|program| program.ends_with(&self.name))
        });
        ours && !zombie
    }

    fn signal(&self, signal: &str) {
        if self.is_running() {
            // A process that ended by itself in between is as good as ended.
            let _ = Command::new("sh").args(["-c", &format!("kill -{signal} {}", self.pid)]).status();
        }
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = if self.is_running() { "runs" } else { "has ended" };
        write!(f, "{:<15} {state} (process {}, port {})", self.name, self.pid, self.port)
    }
}

/// Everything that one start brought up, in order.
#[derive(Default)]
pub struct Processes(Vec<Process>);

impl Processes {
    pub fn add(&mut self, process: Process) {
        self.0.push(process);
    }

    /// The port of the program of this name.
    pub fn port(&self, name: &str) -> Result<u16> {
        let found = self.0.iter().find(|process| process.name == name);
        Ok(found.with_context(|| format!("{name} was not started"))?.port)
    }

    /// Ends all, the last started first; what ignores the request for five seconds is killed.
    pub fn stop(&self) {
        for process in self.0.iter().rev() {
            process.signal("TERM");
        }
        for _ in 0..50 {
            if !self.0.iter().any(Process::is_running) {
                return;
            }
            sleep(Duration::from_millis(100));
        }
        for process in &self.0 {
            process.signal("KILL");
        }
    }

    pub fn to_json(&self) -> Value {
        self.0.iter().map(|process| json!({ "name": process.name, "pid": process.pid, "port": process.port })).collect()
    }
}

/// The processes that an earlier command described.
pub fn read(described: &Value) -> Vec<Process> {
    let one = |value: &Value| {
        Some(Process {
            name: value["name"].as_str()?.to_owned(),
            pid: value["pid"].as_u64()?.try_into().ok()?,
            port: value["port"].as_u64()?.try_into().ok()?,
        })
    };
    described.as_array().into_iter().flatten().filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_process_is_known_by_number_and_name() {
        let dir = std::env::temp_dir();
        let process = Process::start("sleep", 1, Command::new("sleep").arg("30"), &dir).unwrap();
        // The kernel shows the new program's name a moment after the call that starts it has returned.
        for _ in 0..100 {
            if process.is_running() {
                break;
            }
            sleep(Duration::from_millis(10));
        }
        assert!(process.is_running());
        let other = Process { name: "etcd".to_owned(), ..process.clone() };
        assert!(!other.is_running(), "a number that went to another program is not ours");
        let mut all = Processes::default();
        all.add(process);
        let described = read(&all.to_json());
        assert_eq!(described.len(), 1);
        all.stop();
        assert!(!described[0].is_running());
    }
}
