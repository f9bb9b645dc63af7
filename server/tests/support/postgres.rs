//! A PostgreSQL for tests: the one that HOLDFAST_TEST_POSTGRES names (a URL with the right to create databases), else the
//! system's own binaries on a scratch folder, else none, with one visible line.

use sqlx::{AssertSqlSafe, Connection as _};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{ChildStdin, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

/// Lives as long as its standard input: when this process ends, however it ends, the server ends and its folder goes. PostgreSQL
/// refuses to run as root.
const SCRIPT: &str = r#"
set -eu
bin=$1; dir=$2
as() { "$@"; }
if [ "$(id -u)" = 0 ]; then
  user=nobody
  if id postgres >/dev/null 2>&1; then user=postgres; fi
  chown "$user" "$dir"
  as() { setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups "$@"; }
fi
cd "$dir"
as "$bin/initdb" -D "$dir/data" -U holdfast -A trust -N --no-locale -E UTF8 >"$dir/initdb.log" 2>&1
as "$bin/postgres" -D "$dir/data" -k "$dir" -c listen_addresses= -c fsync=off -c full_page_writes=off \
  -c synchronous_commit=off -c max_connections=400 </dev/null >"$dir/postgres.log" 2>&1 &
cat >/dev/null
# Not $!: that is the shell around it, and a shell's background jobs ignore SIGQUIT, which PostgreSQL takes for "at once".
kill -QUIT "$(head -n 1 "$dir/data/postmaster.pid")" 2>/dev/null || true
wait
rm -rf "$dir"
"#;

struct Server {
    /// Of the database that is there from the beginning.
    url: String,
    _stdin: Option<ChildStdin>,
}

static SERVER: OnceLock<Option<Server>> = OnceLock::new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A new, empty database of its own: its URL, or `None` where there is no PostgreSQL.
pub async fn database() -> Option<String> {
    let server = tokio::task::spawn_blocking(|| SERVER.get_or_init(start)).await.ok()?.as_ref()?;
    sqlx::any::install_default_drivers();
    let name = format!("holdfast_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let mut connection = patient(&server.url).await;
    let sql = AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE template0"));
    sqlx::raw_sql(sql).execute(&mut connection).await.expect("the test's user may create databases");
    let mut url = url::Url::parse(&server.url).expect("the URL was connected to");
    url.set_path(&name);
    Some(url.to_string())
}

/// Drops a database that [`database`] made; its connections are closed.
pub async fn drop_database(url: &str) {
    let Some(Some(server)) = SERVER.get() else { return };
    let name = url::Url::parse(url).expect("made here").path().trim_start_matches('/').to_owned();
    let mut connection = patient(&server.url).await;
    let sql = AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
    sqlx::raw_sql(sql).execute(&mut connection).await.expect("the database can be dropped");
}

#[expect(clippy::disallowed_methods, reason = "waits for a process")]
async fn patient(url: &str) -> sqlx::AnyConnection {
    let began = Instant::now();
    loop {
        match sqlx::AnyConnection::connect(url).await {
            Ok(connection) => return connection,
            Err(error) if began.elapsed() > Duration::from_secs(60) => panic!("PostgreSQL does not answer: {error}"),
            Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
        }
    }
}

fn start() -> Option<Server> {
    if let Ok(url) = std::env::var("HOLDFAST_TEST_POSTGRES") {
        return Some(Server { url, _stdin: None });
    }
    let Some(bin) = binaries() else {
        // Past the harness's capture, so that it is seen.
        let _ = std::io::stderr()
            .write_all(b"SKIPPED: no PostgreSQL (set HOLDFAST_TEST_POSTGRES or install the package postgresql)\n");
        return None;
    };
    let dir = tempfile::Builder::new().prefix("holdfast-pg-").tempdir().expect("a scratch folder").keep();
    #[expect(clippy::zombie_processes, reason = "it lives as long as the test process, and ends with it")]
    let mut child = Command::new("sh")
        .args(["-c", SCRIPT, "postgres-for-tests"])
        .args([bin.as_path(), dir.as_path()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("a shell");
    let stdin = child.stdin.take();
    let url = format!("postgres://holdfast@localhost/postgres?host={}", dir.display());
    Some(Server { url, _stdin: stdin })
}

/// The newest version's folder.
fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
        })
        .collect();
    versions.sort();
    let is_there = |bin: &Path| bin.join("initdb").exists() && bin.join("postgres").exists();
    versions.into_iter().map(|(_, bin)| bin).rfind(|bin| is_there(bin))
}
