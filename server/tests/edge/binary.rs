//! The binary itself: settings, set-up by its log, drain, the commands beside the server.

use crate::stage::{FORM, PASSWORD, encoded};
use reqwest::redirect::Policy;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const SOON: Duration = Duration::from_secs(20);

fn holdfast(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.args(arguments).env_clear().env("HOME", "/nonexistent");
    command
}

fn output(arguments: &[&str]) -> Output {
    holdfast(arguments).stdin(Stdio::null()).output().unwrap()
}

/// A started binary; it is killed when the test ends early.
struct Process {
    child: Child,
    out: BufReader<ChildStdout>,
    log: Arc<Mutex<String>>,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let log = Arc::new(Mutex::new(String::new()));
        let (mut from, into) = (BufReader::new(child.stderr.take().unwrap()), log.clone());
        thread::spawn(move || {
            let mut line = String::new();
            while from.read_line(&mut line).is_ok_and(|n| n > 0) {
                into.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        Self { child, out, log }
    }

    /// The rest of the first line of output that begins so.
    fn said(&mut self, begins: &str) -> String {
        let mut line = String::new();
        loop {
            line.clear();
            let n = self.out.read_line(&mut line).unwrap();
            assert!(n > 0, "it ended: {}", self.log.lock().unwrap());
            if let Some(rest) = line.strip_prefix(begins) {
                return rest.trim().to_owned();
            }
        }
    }

    /// The rest of the first line of the log that holds this; the log is read beside the output.
    fn logged(&self, what: &str) -> String {
        let before = Instant::now();
        loop {
            let log = self.log.lock().unwrap().clone();
            if let Some(rest) = log.lines().find_map(|line| line.split_once(what)) {
                return rest.1.to_owned();
            }
            assert!(before.elapsed() < SOON, "no {what} in {log}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn terminate(&self) {
        assert!(Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Its exit status, once it has ended.
    fn ended(&mut self) -> i32 {
        let before = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().unwrap_or(-1);
            }
            assert!(before.elapsed() < SOON, "it did not end: {}", self.log.lock().unwrap());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_wrong_setting_is_one_sentence_and_exit_status_two() {
    let data = tempfile::tempdir().unwrap();
    let dir = data.path().to_str().unwrap();
    let missing = format!("{dir}/no.pem");
    let cases: [(&[&str], &str); 4] = [
        (&["--listen", "nonsense", "--data-dir", dir], "--listen"),
        (&["--database-url", "mysql://u:hunter2@h/d", "--data-dir", dir], "--database-url"),
        (&["--tls-cert", &missing, "--tls-key", &missing, "--data-dir", dir], "--tls-cert"),
        (&["--data-dir", "/proc/none/data"], "--data-dir"),
    ];
    for (arguments, setting) in cases {
        let done = output(arguments);
        let said = String::from_utf8(done.stderr).unwrap();
        assert_eq!(done.status.code(), Some(2), "{said}");
        assert!(said.starts_with(&format!("holdfast: {setting} (HOLDFAST_")), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
}

#[test]
fn settings_come_from_the_environment_too() {
    let done = holdfast(&[]).env("HOLDFAST_PUBLIC_URL", "nonsense").stdin(Stdio::null()).output().unwrap();
    assert_eq!(done.status.code(), Some(2));
    assert!(String::from_utf8(done.stderr).unwrap().starts_with("holdfast: --public-url (HOLDFAST_PUBLIC_URL)"));
}

/// Starts the binary on data and makes the first administrator with the code of its log.
async fn set_up(data: &TempDir) -> (Process, String, reqwest::Client, String) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let dir = data.path().join("data");
    let mut process =
        Process::start(holdfast(&["serve", "--listen", "127.0.0.1:0", "--data-dir", dir.to_str().unwrap()]));
    let base = process.said("Holdfast runs at ");
    let code = process.logged("setup code: ").split(' ').next().unwrap().to_owned();
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(SOON).build().unwrap();
    let form = [("code", code.as_str()), ("name", "ada"), ("password", PASSWORD), ("again", PASSWORD)];
    let made = client
        .post(format!("{base}/setup"))
        .header("origin", &base)
        .header("content-type", FORM)
        .body(encoded(&form))
        .send()
        .await
        .unwrap();
    let cookie = made.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    (process, base, client, cookie)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_lets_requests_finish_and_ends_streams() {
    let data = tempfile::tempdir().unwrap();
    let (mut process, base, client, cookie) = set_up(&data).await;
    let stream = client.get(format!("{base}/events")).header("cookie", &cookie).send().await.unwrap();
    assert_eq!(stream.status(), 200);

    // A request that is half sent when the stop comes.
    let address = base.strip_prefix("http://").unwrap().to_owned();
    let body = encoded(&[("name", "ada"), ("password", PASSWORD)]);
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {address}\r\nOrigin: {base}\r\nContent-Type: {FORM}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    let mut half = TcpStream::connect(&address).await.unwrap();
    half.write_all(format!("{head}{}", &body[..5]).as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    process.terminate();
    timeout(Duration::from_secs(5), stream.text()).await.expect("the event stream stayed open").unwrap();
    let refused = async {
        while TcpStream::connect(&address).await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    timeout(Duration::from_secs(5), refused).await.expect("it still takes connections");
    half.write_all(&body.as_bytes()[5..]).await.unwrap();
    let mut answer = String::new();
    timeout(SOON, half.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    assert_eq!(process.ended(), 0);
    let log = process.log.lock().unwrap().clone();
    assert!(log.contains("stopped"), "{log}");
    assert!(!log.contains(PASSWORD) && !log.contains(cookie.split('=').nth(1).unwrap()), "a secret is in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_reset_on_the_command_line() {
    let data = tempfile::tempdir().unwrap();
    let (mut process, ..) = set_up(&data).await;
    process.terminate();
    assert_eq!(process.ended(), 0);
    let dir = data.path().join("data");
    let dir = dir.to_str().unwrap();
    let unknown = output(&["user", "reset-password", "eve", "--data-dir", dir]);
    assert_eq!(unknown.status.code(), Some(1));
    let done = output(&["user", "reset-password", "ada", "--data-dir", dir]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let secret = String::from_utf8(done.stdout).unwrap().trim().to_owned();

    let mut process = Process::start(holdfast(&["--listen", "127.0.0.1:0", "--data-dir", dir]));
    let base = process.said("Holdfast runs at ");
    assert!(!process.log.lock().unwrap().contains("setup code"), "there is an account");
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(SOON).build().unwrap();
    let sign_in = async |password: &str| {
        let form = encoded(&[("name", "ada"), ("password", password)]);
        let request = client.post(format!("{base}/sign-in")).header("origin", &base).header("content-type", FORM);
        request.body(form).send().await.unwrap().headers()["location"].to_str().unwrap().to_owned()
    };
    assert_eq!(sign_in(PASSWORD).await, "/sign-in?problem=wrong&name=ada");
    assert_eq!(sign_in(&secret).await, "/settings/account?must-change=1");
}

#[cfg(feature = "demo")]
#[tokio::test(flavor = "multi_thread")]
async fn the_simulators_serve_alone() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut process = Process::start(holdfast(&["sim", "--listen", "127.0.0.1:0"]));
    let mut line = String::new();
    process.out.read_line(&mut line).unwrap();
    let system: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(system["system"], "velero");
    let client = reqwest::Client::builder().timeout(SOON).build().unwrap();
    let version = client
        .get(format!("{}/version", system["base_url"].as_str().unwrap()))
        .bearer_auth(system["credential"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(version.status(), 200);
    process.terminate();
    assert_eq!(process.ended(), 0);
}

#[cfg(feature = "demo")]
#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_says_how_to_sign_in_and_leaves_nothing_behind() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let scratch = tempfile::tempdir().unwrap();
    let mut command = holdfast(&["--demo", "--listen", "127.0.0.1:0"]);
    command.env("TMPDIR", scratch.path());
    let mut process = Process::start(command);
    let base = process.said("Holdfast runs at ");
    let password = process.said("Sign in as admin with the password ");
    let client = reqwest::Client::builder().redirect(Policy::none()).timeout(SOON).build().unwrap();
    let form = encoded(&[("name", "admin"), ("password", &password)]);
    let request = client.post(format!("{base}/sign-in")).header("origin", &base).header("content-type", FORM);
    let signed_in = request.body(form).send().await.unwrap();
    assert_eq!(signed_in.headers()["location"], "/");
    let cookie = signed_in.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let listed = async {
        loop {
            let page = client.get(format!("{base}/definitions")).header("cookie", &cookie).send().await.unwrap();
            assert_eq!(page.status(), 200);
            if page.text().await.unwrap().contains("shop-nightly") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(SOON, listed).await.expect("no definitions");
    process.terminate();
    assert_eq!(process.ended(), 0);
    assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 0, "its data stayed");
    let mut rest = String::new();
    process.out.read_to_string(&mut rest).unwrap();
}

/// The simulated systems begin anew each time; and a console of somebody's own never becomes a demonstration.
#[cfg(feature = "demo")]
#[tokio::test(flavor = "multi_thread")]
async fn the_demonstration_refuses_data_that_is_in_use() {
    let scratch = tempfile::tempdir().unwrap();
    let data = scratch.path().join("data");
    let arguments = ["--demo", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()];
    let mut process = Process::start(holdfast(&arguments));
    process.said("Sign in as admin with the password ");
    process.terminate();
    assert_eq!(process.ended(), 0);
    for (arguments, setting) in [
        (&arguments[..], "--data-dir"),
        (
            &["--demo", "--listen", "127.0.0.1:0", "--database-url", "postgres://u:hunter2@127.0.0.1:1/d"][..],
            "--database-url",
        ),
    ] {
        let mut process = Process::start(holdfast(arguments));
        assert_eq!(process.ended(), 2, "{setting}");
        let said = process.logged(&format!("holdfast: {setting} (HOLDFAST_"));
        assert!(said.contains("a demonstration") && !said.contains("hunter2"), "{said}");
    }
}
