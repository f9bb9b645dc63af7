//! The product under measurement: the release binary on a new data folder, with the simulator in a process of its own.

use super::http::{Client, form};
use crate::{bed::random_hex, clock, workspace::free_port};
use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

/// A child that ends with this value.
pub struct Owned(pub Child);

impl Drop for Owned {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub struct Product {
    server: Owned,
    _sim: Owned,
    dir: PathBuf,
    pub address: SocketAddr,
    /// What the simulator printed about its Velero.
    pub upstream: Value,
    /// From the start of the process to the first `/readyz` of 200.
    pub cold_start: Duration,
}

impl Product {
    pub fn start(binary: &Path, dir: &Path) -> Result<Self> {
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        fs::create_dir_all(dir)?;
        let (sim, upstream) = simulator(binary, dir)?;
        let address = SocketAddr::from(([127, 0, 0, 1], free_port()?));
        let log = File::create(dir.join("holdfast.log"))?;
        let started = clock::now();
        let server = Command::new(binary)
            .env("NO_COLOR", "1")
            .args(["serve", "--listen", &address.to_string(), "--data-dir"])
            .arg(dir.join("data"))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut product = Self {
            server: Owned(server),
            _sim: sim,
            dir: dir.to_owned(),
            address,
            upstream,
            cold_start: Duration::ZERO,
        };
        while !product.is_ready() {
            if started.elapsed() > Duration::from_secs(30) || product.server.0.try_wait()?.is_some() {
                bail!("the server did not get ready:\n{}", product.log()?);
            }
            sleep(Duration::from_millis(2));
        }
        product.cold_start = started.elapsed();
        Ok(product)
    }

    fn is_ready(&self) -> bool {
        Client::connect(self.address).and_then(|mut client| client.get("/readyz")).is_ok_and(|head| head.status == 200)
    }

    fn log(&self) -> Result<String> {
        Ok(fs::read_to_string(self.dir.join("holdfast.log"))?)
    }

    /// Creates the first administrator with the code of the log and signs in.
    pub fn sign_in(&self) -> Result<Client> {
        let log = self.log()?;
        let code = setup_code(&log).with_context(|| format!("no setup code in the log:\n{log}"))?;
        let password = random_hex()?;
        let mut client = Client::connect(self.address)?;
        let fields = [("code", code), ("name", "bench"), ("password", &password), ("again", &password)];
        let kind = "application/x-www-form-urlencoded";
        let answer = client.post("/setup", kind, form(&fields).as_bytes())?;
        if answer.header("location").is_none_or(|to| to.contains("problem=")) {
            bail!("set-up was refused: {} {:?}", answer.status, answer.header("location"));
        }
        if client.get("/")?.status != 200 {
            let fields = [("name", "bench"), ("password", password.as_str())];
            client.post("/sign-in", kind, form(&fields).as_bytes())?;
        }
        match client.get("/definitions")?.status {
            200 => Ok(client),
            other => bail!("signed in, the definitions page answered {other}"),
        }
    }

    /// Registers the simulator; the answer is the connection's id.
    pub fn connect_upstream(&self, client: &mut Client) -> Result<String> {
        self.connect(client, "bench", &self.upstream["base_url"], &self.upstream["credential"])
    }

    /// Registers another scenario of the simulator, which springs into existence by that, reached at this address.
    pub fn connect_scenario(&self, client: &mut Client, scenario: &str, address: SocketAddr) -> Result<String> {
        let (base, token) = (format!("http://{address}/s/{scenario}/velero"), format!("sim-{scenario}-token"));
        self.connect(client, scenario, &json!(base), &json!(token))
    }

    fn connect(&self, client: &mut Client, name: &str, address: &Value, credential: &Value) -> Result<String> {
        let draft = json!({
            "system": "velero", "name": name, "address": address, "credential": credential,
            "namespace": self.upstream["namespace"],
            "ca": self.upstream.get("ca").and_then(Value::as_str).unwrap_or_default(),
        });
        let id = call(client, "/api/connections/add", &json!({ "draft": draft }))?;
        Ok(id.as_str().context("a connection's id is text")?.to_owned())
    }

    /// Resident memory in kilobytes.
    pub fn memory(&self) -> Result<u64> {
        resident(&self.server)
    }

    /// The simulator's own door for tests: address and path of this scenario.
    pub fn control(&self) -> Result<(SocketAddr, String)> {
        let base = self.upstream["base_url"].as_str().context("the simulator names no address")?;
        let rest = base.strip_prefix("http://").context("the simulator speaks plain HTTP")?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        let scenario = path.split('/').nth(1).context("the address holds no scenario")?;
        Ok((host.replace("localhost", "127.0.0.1").parse()?, format!("/control/{scenario}")))
    }
}

/// Resident memory of a process in kilobytes.
pub fn resident(process: &Owned) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", process.0.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn simulator(binary: &Path, dir: &Path) -> Result<(Owned, Value)> {
    let log = File::create(dir.join("sim.log"))?;
    let address = format!("127.0.0.1:{}", free_port()?);
    let mut child = Command::new(binary)
        .args(["sim", "--listen", &address])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        .spawn()
        .with_context(|| format!("cannot start {}", binary.display()))?;
    let out = BufReader::new(child.stdout.take().context("the simulator has no standard output")?);
    let child = Owned(child);
    for line in out.lines() {
        let described: Value = serde_json::from_str(&line?).unwrap_or_default();
        if described["system"] == "velero" {
            return Ok((child, described));
        }
    }
    bail!("the simulator named no Velero")
}

/// The word after the last "setup code" of the log.
fn setup_code(log: &str) -> Option<&str> {
    let (_, after) = log.rsplit_once("setup code")?;
    after.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).find(|word| word.len() >= 6)
}

/// A server function.
pub fn call(client: &mut Client, path: &str, arguments: &Value) -> Result<Value> {
    let head = client.post(path, "application/json", arguments.to_string().as_bytes())?;
    if head.status != 200 {
        bail!("{path} answered {} {}", head.status, client.text());
    }
    serde_json::from_str(&client.text()).with_context(|| format!("{path} answered no JSON: {}", client.text()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_setup_code_is_found() {
        let log = "INFO setup code: OLD-111111\nx\nINFO setup code: ABCD-2345 (open /setup)\n";
        assert_eq!(setup_code(log), Some("ABCD-2345"));
        assert_eq!(setup_code("{\"message\":\"setup code\",\"code\":\"K7Q2-99XX\"}"), Some("K7Q2-99XX"));
        assert_eq!(setup_code("nothing"), None);
    }
}
