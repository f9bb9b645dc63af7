//! The command line. Stable: names and meanings only grow.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const AFTER: &str = "Every setting is also read from the environment as HOLDFAST_<NAME>; the command line wins. \
    HOLDFAST_SECRET_KEY holds the key that seals stored credentials (32 bytes in base64); without it the key is kept in \
    <data-dir>/secret.key. HOLDFAST_LOG filters the log, such as `info,server=debug`.";

/// What was asked for on the command line.
#[derive(Debug, Parser)]
#[command(name = "holdfast", version, about = "Define, watch and restore backups over the systems that you already run.", after_help = AFTER)]
pub struct Cli {
    #[command(flatten)]
    pub settings: Settings,
    /// Start with simulated upstreams and lived-in data, and print how to sign in
    #[arg(long)]
    pub demo: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Settings as typed; [`crate::config::Config`] reads them.
#[derive(Args, Clone, Debug, Default)]
pub struct Settings {
    /// Address and port to listen on [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "HOLDFAST_LISTEN", value_name = "ADDR:PORT")]
    pub listen: Option<String>,
    /// Folder for the database and the key [default: $STATE_DIRECTORY, $XDG_DATA_HOME/holdfast or ~/.local/share/holdfast]
    #[arg(long, global = true, env = "HOLDFAST_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Database [default: sqlite in the data folder]; postgres://… for more than one node
    #[arg(long, global = true, env = "HOLDFAST_DATABASE_URL", value_name = "URL", hide_env_values = true)]
    pub database_url: Option<String>,
    /// Address under which people reach this console, when it stands behind a proxy: https://backups.example.com
    #[arg(long, global = true, env = "HOLDFAST_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// Certificate chain in PEM; with it the console speaks HTTPS itself
    #[arg(long, global = true, env = "HOLDFAST_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,
    /// Private key in PEM
    #[arg(long, global = true, env = "HOLDFAST_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,
    /// `text` for people or `json`, one object a line [default: text]
    #[arg(long, global = true, env = "HOLDFAST_LOG_FORMAT", value_name = "FORMAT")]
    pub log_format: Option<String>,
    /// Proxies whose X-Forwarded-For is believed: addresses or networks, separated by commas [default: none]
    #[arg(long, global = true, env = "HOLDFAST_TRUSTED_PROXIES", value_name = "LIST")]
    pub trusted_proxies: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the console (what happens without a command)
    Serve {
        /// Start with simulated upstreams and lived-in data, and print how to sign in
        #[arg(long)]
        demo: bool,
    },
    /// Serve the simulated upstreams alone; prints one JSON line for each
    #[cfg(feature = "demo")]
    Sim {
        /// Work that takes time there (a backup, a restore) takes this many times less; the time of day stays what it is
        #[arg(long, default_value_t = 1.0)]
        speed: f64,
    },
    /// Look after accounts without the console
    User {
        #[command(subcommand)]
        what: UserCommand,
    },
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Set a new one-time password for an account, print it, and end the account's sessions
    ResetPassword {
        /// The account's name
        name: String,
    },
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test")]
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn settings_stand_before_and_after_the_command() {
        for line in
            ["holdfast --listen 1.2.3.4:5", "holdfast serve --listen 1.2.3.4:5", "holdfast --listen 1.2.3.4:5 serve"]
        {
            let cli = Cli::try_parse_from(line.split(' ')).unwrap();
            assert_eq!(cli.settings.listen.as_deref(), Some("1.2.3.4:5"), "{line}");
        }
    }
}
