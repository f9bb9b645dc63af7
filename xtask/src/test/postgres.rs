//! A PostgreSQL server of the system's own programs in a scratch folder, for the time of a test run.

use crate::{bed::random_hex, step::output, tools::is_root, workspace::free_port};
use anyhow::{Context, Result, bail};
use std::{
    env,
    fs::{self, File, Permissions},
    os::unix::{
        fs::{PermissionsExt, chown},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

pub struct Postgres {
    child: Child,
    dir: PathBuf,
    url: String,
}

/// Numbers of an ordinary user.
#[derive(Clone, Copy)]
struct User {
    uid: u32,
    gid: u32,
}

impl Postgres {
    /// Makes a new cluster and waits until it takes connections.
    pub fn start(programs: &Path) -> Result<Self> {
        // PostgreSQL refuses to run as root, and another user cannot reach a folder below root's home.
        let user = is_root().then(ordinary_user).transpose()?;
        let dir = env::temp_dir().join(format!("holdfast-postgres-{}", std::process::id()));
        if dir.exists() {
            fs::remove_dir_all(&dir)?;
        }
        fs::create_dir_all(&dir)?;
        fs::set_permissions(&dir, Permissions::from_mode(0o700))?;
        let password = random_hex()?;
        let password_file = dir.join("password");
        fs::write(&password_file, &password)?;
        if let Some(user) = user {
            chown(&dir, Some(user.uid), Some(user.gid))?;
            chown(&password_file, Some(user.uid), Some(user.gid))?;
        }
        let program = |name: &str| {
            let mut command = Command::new(programs.join(name));
            command.current_dir(&dir).env("LC_ALL", "C").stdin(Stdio::null());
            if let Some(user) = user {
                command.uid(user.uid).gid(user.gid);
            }
            command
        };
        output(
            program("initdb")
                .args(["--username=holdfast", "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale", "--no-sync"])
                .args(["--pwfile", "password", "--pgdata", "data"]),
        )?;
        fs::remove_file(password_file)?;

        let port = free_port()?;
        let log = File::create(dir.join("log"))?;
        let child = program("postgres")
            .args(["-D", "data", "-p", &port.to_string(), "-k", "", "-h", "127.0.0.1"])
            // The data dies with the run.
            .args(["-c", "fsync=off", "-c", "max_connections=200"])
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("cannot start postgres")?;
        let url = format!("postgres://holdfast:{password}@127.0.0.1:{port}/postgres");
        let mut server = Self { child, dir, url };
        server.wait()?;
        println!("    PostgreSQL on port {port}");
        Ok(server)
    }

    /// Of its superuser, who may create databases.
    pub fn url(&self) -> &str {
        &self.url
    }

    fn wait(&mut self) -> Result<()> {
        let log = self.dir.join("log");
        for _ in 0..300 {
            let text = fs::read_to_string(&log)?;
            if text.contains("database system is ready to accept connections") {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() {
                bail!("postgres ended at once:\n{text}");
            }
            sleep(Duration::from_millis(100));
        }
        bail!("postgres is not ready after 30 s")
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // SIGINT asks for a fast shutdown, which frees its shared memory; SIGKILL would leave that behind.
        let _ = Command::new("sh").args(["-c", &format!("kill -INT {}", self.child.id())]).status();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// The user of the system's PostgreSQL package, or the one without rights.
fn ordinary_user() -> Result<User> {
    let users = fs::read_to_string("/etc/passwd")?;
    user_named(&users, "postgres")
        .or_else(|| user_named(&users, "nobody"))
        .context("there is neither a user `postgres` nor `nobody` to run PostgreSQL as")
}

fn user_named(passwd: &str, name: &str) -> Option<User> {
    let line = passwd.lines().find(|line| line.split(':').next() == Some(name))?;
    let mut fields = line.split(':').skip(2);
    Some(User { uid: fields.next()?.parse().ok()?, gid: fields.next()?.parse().ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_by_their_whole_name() {
        let passwd = "postgresql:x:1:2::/:/bin/sh\npostgres:x:105:113:,,,:/var/lib/postgresql:/bin/bash\n";
        let found = user_named(passwd, "postgres").map(|user| (user.uid, user.gid));
        assert_eq!(found, Some((105, 113)));
        assert!(user_named(passwd, "nobody").is_none());
    }
}
