//! Calls to the bed's API server, through a small Node program (see `end2end/bed/call.mjs` for why).

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    thread::sleep,
    time::Duration,
};

/// Field manager of everything that the bed writes by server-side apply.
const APPLY: &str = "fieldManager=bed&force=true";

pub struct Api {
    child: Child,
    requests: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// Status and body; status 0 means that there was no answer, and the body says why.
pub struct Answer {
    pub status: u64,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Result<Value> {
        serde_json::from_str(&self.body).context("the API server's answer is not JSON")
    }

    fn expect_success(self, what: &str) -> Result<Self> {
        if (200..300).contains(&self.status) { Ok(self) } else { bail!("{what}: {} {}", self.status, self.body) }
    }
}

impl Api {
    pub fn connect(root: &Path, server: &str, ca: &Path, token: &str) -> Result<Self> {
        let mut child = Command::new("node")
            .arg(root.join("end2end/bed/call.mjs"))
            .env("BED_SERVER", server)
            .env("BED_CA", ca)
            .env("BED_TOKEN", token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start Node.js, which calls the bed's API server")?;
        let requests = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().context("Node.js has no standard output")?);
        Ok(Self { child, requests, answers })
    }

    fn call(&mut self, request: &Value) -> Result<Answer> {
        let pipe = self.requests.as_mut().context("the pipe to Node.js is closed")?;
        writeln!(pipe, "{request}")?;
        pipe.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).context("Node.js ended without an answer")?;
        Ok(Answer {
            status: answer["status"].as_u64().unwrap_or_default(),
            body: answer["body"].as_str().unwrap_or_default().to_owned(),
        })
    }

    pub fn get(&mut self, path: &str) -> Result<Answer> {
        self.call(&json!({ "method": "GET", "path": path }))
    }

    /// Creates or updates one object given as YAML or JSON.
    pub fn apply(&mut self, path: &str, document: &str) -> Result<()> {
        let request = json!({
            "method": "PATCH", "path": format!("{path}?{APPLY}"),
            "type": "application/apply-patch+yaml", "body": document,
        });
        // A kind that was defined a moment ago is served a moment later.
        for _ in 0..100 {
            let answer = self.call(&request)?;
            if answer.status != 404 {
                answer.expect_success(path)?;
                return Ok(());
            }
            sleep(Duration::from_millis(100));
        }
        bail!("{path}: the API server doesn't know this kind")
    }

    /// Waits until the API server answers that it is ready.
    pub fn wait_until_ready(&mut self) -> Result<()> {
        let mut last = String::new();
        for _ in 0..600 {
            let answer = self.get("/readyz")?;
            if answer.status == 200 {
                return Ok(());
            }
            last = answer.body;
            sleep(Duration::from_millis(200));
        }
        bail!("the API server is not ready after two minutes: {last}")
    }
}

impl Drop for Api {
    fn drop(&mut self) {
        // Closing its input ends it.
        drop(self.requests.take());
        let _ = self.child.wait();
    }
}
