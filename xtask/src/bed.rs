//! `cargo xtask bed`: a real Kubernetes API server with a real Velero and an object store, as plain processes.
//!
//! No cluster, container runtime or network is needed: the five programs are built from their Go modules
//! (`end2end/bed/*/go.mod`). Pods never run on it (there is no kubelet), so file-system backups, CSI snapshots and
//! exec hooks are for the simulator; definitions, backups, restores, logs and deletions are real.

mod access;
mod api;
mod binaries;
mod processes;
mod seed;

use crate::{
    step::step,
    workspace::{Workspace, free_port},
};
pub use access::random_hex;
use access::{Access, kubeconfig};
use anyhow::{Context, Result, bail};
use api::Api;
use binaries::Binaries;
use clap::Subcommand;
use processes::{Process, Processes};
use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

#[derive(Clone, Copy, Subcommand)]
pub enum BedVerb {
    /// Build the five programs with Go into the cache (about 8 minutes on 2 cores, once).
    Build,
    /// Start everything and wait until Velero's storage location is Available.
    Start,
    /// End everything that `start` started; its data stays until the next start.
    Stop,
    /// Say what runs.
    Status,
    /// Print the path of the kubeconfig of the user with exactly Holdfast's permissions.
    Kubeconfig,
}

/// The namespace Velero works in.
const NAMESPACE: &str = "velero";

pub fn verb(workspace: &Workspace, verb: BedVerb) -> Result<()> {
    let bed = Bed::at(workspace);
    match verb {
        BedVerb::Build => {
            let programs = binaries::build(workspace)?;
            println!("{}", programs.dir.display());
        }
        BedVerb::Start => {
            let description = bed.start()?;
            println!("\n{}", description.display());
        }
        BedVerb::Stop => bed.stop()?,
        BedVerb::Status => bed.status()?,
        BedVerb::Kubeconfig => match bed.described() {
            Some(found) => println!("{}", found["kubeconfig"].as_str().unwrap_or_default()),
            None => bail!("the bed has not been started: `cargo xtask bed start`"),
        },
    }
    Ok(())
}

/// The bed of one checkout, below its target folder.
pub struct Bed {
    workspace: Workspace,
    dir: PathBuf,
}

impl Bed {
    pub fn at(workspace: &Workspace) -> Self {
        Self { workspace: workspace.clone(), dir: workspace.target.join("bed") }
    }

    /// The file that tells tests where everything is.
    fn description(&self) -> PathBuf {
        self.dir.join("bed.json")
    }

    fn described(&self) -> Option<Value> {
        serde_json::from_str(&fs::read_to_string(self.description()).ok()?).ok()
    }

    fn processes(&self) -> Vec<Process> {
        self.described().map(|found| processes::read(&found["pids"])).unwrap_or_default()
    }

    /// Starts the bed, or finds it running, and returns the path of its description.
    pub fn start(&self) -> Result<PathBuf> {
        let programs = binaries::build(&self.workspace)?;
        if self.is_running() {
            println!("    the bed is running already");
            self.renew_permissions()?;
            return Ok(self.description());
        }
        self.stop()?;
        let mut started = Processes::default();
        let result = step("Start the bed", || self.start_anew(&programs, &mut started));
        if result.is_err() {
            // What did start would only be in the way of the next try.
            started.stop();
        }
        result
    }

    /// Whether everything that a start brings up is up.
    pub fn is_running(&self) -> bool {
        let running = self.processes();
        !running.is_empty() && running.iter().all(Process::is_running)
    }

    /// The file of permissions may have changed since the start.
    fn renew_permissions(&self) -> Result<()> {
        let found = self.described().context("the bed's description is gone")?;
        let text = |key: &str| found[key].as_str().unwrap_or_default();
        let mut api =
            Api::connect(&self.workspace.root, text("api_server"), Path::new(text("ca_file")), text("admin_token"))?;
        seed::permissions(&mut api, &self.permissions())
    }

    fn permissions(&self) -> PathBuf {
        self.workspace.root.join("deploy/velero-rbac.yaml")
    }

    fn start_anew(&self, programs: &Binaries, started: &mut Processes) -> Result<PathBuf> {
        if self.dir.exists() {
            fs::remove_dir_all(&self.dir)?;
        }
        for folder in ["etcd", "certs", "objects/backups", "plugins", "home"] {
            fs::create_dir_all(self.dir.join(folder))?;
        }
        let plugin = self.dir.join("plugins/velero-plugin-for-aws");
        if fs::hard_link(programs.plugin(), &plugin).is_err() {
            // The cache may lie on another file system.
            fs::copy(programs.plugin(), &plugin)?;
        }
        let access = Access::make(&self.dir)?;

        started.add(self.etcd(programs)?);
        let etcd = started.port("etcd")?;
        started.add(self.api_server(programs, etcd)?);
        let api_port = started.port("kube-apiserver")?;
        started.add(self.object_store(programs, &access)?);
        let store_port = started.port("versitygw")?;

        let server = format!("https://127.0.0.1:{api_port}");
        let ca = self.dir.join("certs/apiserver.crt");
        let mut api = Api::connect(&self.workspace.root, &server, &ca, &access.admin)?;
        api.wait_until_ready()?;
        let admin = kubeconfig(&self.dir, "admin", &server, &ca, &access.admin)?;
        let user = kubeconfig(&self.dir, "holdfast", &server, &ca, &access.user)?;
        crate::step::output(
            Command::new(programs.velero())
                .args(["install", "--crds-only"])
                .env("KUBECONFIG", &admin)
                .env("HOME", self.dir.join("home")),
        )?;
        seed::namespaces(&mut api)?;
        seed::permissions(&mut api, &self.permissions())?;
        seed::velero(&mut api, store_port)?;
        started.add(self.velero(programs, &admin)?);
        seed::wait_for_location(&mut api)?;

        let description = json!({
            "api_server": server,
            "ca_file": ca,
            "admin_token": access.admin,
            "token": access.user,
            "namespace": NAMESPACE,
            "kubeconfig": user,
            "admin_kubeconfig": admin,
            "object_store": format!("http://127.0.0.1:{store_port}"),
            "velero": programs.velero(),
            "demo_namespaces": seed::DEMO_NAMESPACES,
            "pids": started.to_json(),
        });
        fs::write(self.description(), serde_json::to_vec_pretty(&description)?)?;
        Ok(self.description())
    }

    fn etcd(&self, programs: &Binaries) -> Result<Process> {
        let (port, peer) = (free_port()?, free_port()?);
        let mut command = Command::new(programs.etcd());
        command
            .arg("--data-dir")
            .arg(self.dir.join("etcd"))
            .args(["--listen-client-urls", &format!("http://127.0.0.1:{port}")])
            .args(["--advertise-client-urls", &format!("http://127.0.0.1:{port}")])
            .args(["--listen-peer-urls", &format!("http://127.0.0.1:{peer}")])
            .args(["--initial-advertise-peer-urls", &format!("http://127.0.0.1:{peer}")])
            .args(["--initial-cluster", &format!("default=http://127.0.0.1:{peer}")])
            // Nothing here outlives the bed, and loads of many thousand objects need not wait for the disk.
            .arg("--unsafe-no-fsync");
        Process::start("etcd", port, &mut command, &self.dir)
    }

    fn api_server(&self, programs: &Binaries, etcd: u16) -> Result<Process> {
        let port = free_port()?;
        let mut command = Command::new(programs.api_server());
        command
            .arg(format!("--etcd-servers=http://127.0.0.1:{etcd}"))
            .arg(format!("--secure-port={port}"))
            .arg("--bind-address=127.0.0.1")
            .arg(option("--cert-dir", &self.dir.join("certs")))
            .arg("--service-account-issuer=https://bed.local")
            .arg(option("--service-account-key-file", &self.dir.join("sa.key")))
            .arg(option("--service-account-signing-key-file", &self.dir.join("sa.key")))
            .arg("--service-cluster-ip-range=10.0.0.0/24")
            .arg(option("--token-auth-file", &self.dir.join("tokens.csv")))
            .arg("--authorization-mode=RBAC")
            .arg("--disable-admission-plugins=ServiceAccount");
        Process::start("kube-apiserver", port, &mut command, &self.dir)
    }

    fn object_store(&self, programs: &Binaries, access: &Access) -> Result<Process> {
        let port = free_port()?;
        let mut command = Command::new(programs.object_store());
        command
            .args(["--port", &format!("127.0.0.1:{port}"), "--quiet", "posix"])
            .arg(self.dir.join("objects"))
            // Not as arguments: they would stand in the list of processes.
            .env("ROOT_ACCESS_KEY", "bed")
            .env("ROOT_SECRET_KEY", &access.store);
        Process::start("versitygw", port, &mut command, &self.dir)
    }

    fn velero(&self, programs: &Binaries, kubeconfig: &Path) -> Result<Process> {
        let (metrics, profiler) = (free_port()?, free_port()?);
        let mut command = Command::new(programs.velero());
        command
            .args(["server", "--namespace", NAMESPACE, "--plugin-dir"])
            .arg(self.dir.join("plugins"))
            .args(["--metrics-address", &format!("127.0.0.1:{metrics}")])
            .args(["--profiler-address", &format!("127.0.0.1:{profiler}")])
            .env("KUBECONFIG", kubeconfig)
            .env("HOME", self.dir.join("home"))
            .env("AWS_SHARED_CREDENTIALS_FILE", self.dir.join("cloud"));
        Process::start("velero", metrics, &mut command, &self.dir)
    }

    /// Ends what runs.
    pub fn stop(&self) -> Result<()> {
        let mut running = Processes::default();
        for process in self.processes() {
            running.add(process);
        }
        running.stop();
        if self.description().exists() {
            fs::remove_file(self.description())?;
        }
        Ok(())
    }

    fn status(&self) -> Result<()> {
        let processes = self.processes();
        if processes.is_empty() {
            println!("the bed is stopped");
            return Ok(());
        }
        for process in &processes {
            println!("{process}");
        }
        if let Some(found) = self.described() {
            println!("API server  {}", found["api_server"].as_str().unwrap_or_default());
            println!("kubeconfig  {}", found["kubeconfig"].as_str().unwrap_or_default());
        }
        Ok(())
    }
}

fn option(name: &str, path: &Path) -> String {
    format!("{name}={}", path.display())
}
