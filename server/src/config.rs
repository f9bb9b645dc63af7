//! Settings, read and checked before anything starts. What is wrong is one sentence that names the setting.

use crate::cli::Settings;
use std::{
    fmt,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    path::PathBuf,
};
use url::Url;

/// A setting that can't be used. Its text is one sentence.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    #[default]
    Text,
    Json,
}

/// Certificate chain and private key, both PEM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    pub cert: PathBuf,
    pub key: PathBuf,
}

/// All settings, checked.
#[derive(Clone)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    /// May hold a password: `Debug` hides it.
    pub database_url: String,
    pub public_url: Option<Url>,
    pub tls: Option<TlsFiles>,
    pub log_format: LogFormat,
    pub trusted_proxies: Vec<Network>,
    /// Base64, from the environment; else the key file in the data folder is used.
    pub secret_key: Option<String>,
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("data_dir", &self.data_dir)
            .field("public_url", &self.public_url.as_ref().map(Url::as_str))
            .field("tls", &self.tls)
            .finish_non_exhaustive()
    }
}

/// Reads the environment; a test gives its own.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The process's environment.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Config {
    /// Checks the settings. Makes nothing and opens nothing.
    pub fn read(settings: &Settings, env: Environment<'_>) -> Result<Self, ConfigError> {
        let data_dir = match given_path(settings.data_dir.as_ref()) {
            Some(dir) => dir,
            None => default_data_dir(env)?,
        };
        let database_url = match given(settings.database_url.as_deref()) {
            Some(url) => database(url)?,
            None => sqlite_in(&data_dir)?,
        };
        Ok(Self {
            listen: listen(settings.listen.as_deref(), "127.0.0.1:8080")?,
            database_url,
            public_url: given(settings.public_url.as_deref()).map(public_url).transpose()?,
            tls: tls(settings)?,
            log_format: log_format(settings)?,
            trusted_proxies: proxies(settings.trusted_proxies.as_deref())?,
            secret_key: env("HOLDFAST_SECRET_KEY").filter(|key| !key.trim().is_empty()),
            data_dir,
        })
    }

    /// Whether browsers reach this console over HTTPS, directly or through a proxy.
    pub fn https(&self) -> bool {
        self.tls.is_some() || self.public_url.as_ref().is_some_and(|url| url.scheme() == "https")
    }
}

/// Empty is not given: an empty variable in a compose file should mean the default.
fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|t| !t.is_empty())
}

fn given_path(path: Option<&PathBuf>) -> Option<PathBuf> {
    path.filter(|p| !p.as_os_str().is_empty()).cloned()
}

fn wrong<T>(setting: &str, sentence: impl fmt::Display) -> Result<T, ConfigError> {
    Err(ConfigError(format!("{setting}: {sentence}")))
}

/// An address to listen on; `localhost:8080` is looked up.
pub fn listen(text: Option<&str>, default: &str) -> Result<SocketAddr, ConfigError> {
    let text = given(text).unwrap_or(default);
    match text.to_socket_addrs().ok().and_then(|mut found| found.next()) {
        Some(address) => Ok(address),
        None => wrong(
            "--listen (HOLDFAST_LISTEN)",
            format!("“{text}” is not an address with a port, such as 127.0.0.1:8080."),
        ),
    }
}

/// Text or JSON.
pub fn log_format(settings: &Settings) -> Result<LogFormat, ConfigError> {
    match given(settings.log_format.as_deref()) {
        None | Some("text") => Ok(LogFormat::Text),
        Some("json") => Ok(LogFormat::Json),
        Some(other) => wrong("--log-format (HOLDFAST_LOG_FORMAT)", format!("“{other}” is neither “text” nor “json”.")),
    }
}

fn default_data_dir(env: Environment<'_>) -> Result<PathBuf, ConfigError> {
    let set = |name: &str| env(name).filter(|v| !v.is_empty());
    // systemd's StateDirectory= may name several, separated by colons; the first is ours.
    if let Some(state) = set("STATE_DIRECTORY").and_then(|s| s.split(':').next().map(PathBuf::from)) {
        return Ok(state);
    }
    if let Some(data) = set("XDG_DATA_HOME") {
        return Ok(PathBuf::from(data).join("holdfast"));
    }
    match set("HOME") {
        Some(home) => Ok(PathBuf::from(home).join(".local/share/holdfast")),
        None => wrong("--data-dir (HOLDFAST_DATA_DIR)", "it is not set, and there is no HOME to choose a folder in."),
    }
}

/// The database in the data folder.
pub const DATABASE: &str = "holdfast.db";

fn sqlite_in(dir: &std::path::Path) -> Result<String, ConfigError> {
    let absolute = std::path::absolute(dir.join(DATABASE));
    match absolute.ok().and_then(|path| path.to_str().map(escape)) {
        Some(path) => Ok(format!("sqlite://{path}?mode=rwc")),
        None => wrong("--data-dir (HOLDFAST_DATA_DIR)", "its path is not plain text (UTF-8)."),
    }
}

/// The characters that would end the path of a URL.
fn escape(path: &str) -> String {
    path.replace('%', "%25").replace('?', "%3F").replace('#', "%23")
}

fn database(text: &str) -> Result<String, ConfigError> {
    // The text may hold a password and is never repeated.
    let scheme = text.split(':').next().unwrap_or_default();
    match scheme {
        "sqlite" | "postgres" | "postgresql" => Ok(text.to_owned()),
        _ => wrong("--database-url (HOLDFAST_DATABASE_URL)", "it must begin with postgres:// or sqlite://."),
    }
}

fn public_url(text: &str) -> Result<Url, ConfigError> {
    const NAME: &str = "--public-url (HOLDFAST_PUBLIC_URL)";
    let Ok(url) = Url::parse(text) else {
        return wrong(NAME, format!("“{text}” is not an address such as https://backups.example.com."));
    };
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return wrong(NAME, format!("“{text}” must begin with http:// or https:// and name a host."));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || !url.username().is_empty() {
        return wrong(NAME, "it must be a host alone; Holdfast can't live below a path of another site.");
    }
    Ok(url)
}

fn tls(settings: &Settings) -> Result<Option<TlsFiles>, ConfigError> {
    match (given_path(settings.tls_cert.as_ref()), given_path(settings.tls_key.as_ref())) {
        (Some(cert), Some(key)) => Ok(Some(TlsFiles { cert, key })),
        (None, None) => Ok(None),
        (Some(_), None) => wrong("--tls-key (HOLDFAST_TLS_KEY)", "it is missing, and --tls-cert is given."),
        (None, Some(_)) => wrong("--tls-cert (HOLDFAST_TLS_CERT)", "it is missing, and --tls-key is given."),
    }
}

/// A range of addresses: `10.0.0.0/8`, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    bits: u8,
}

impl Network {
    fn parse(text: &str) -> Option<Self> {
        let (address, bits) = text.split_once('/').map_or((text, None), |(a, b)| (a, Some(b)));
        let address: IpAddr = address.parse().ok()?;
        let widest = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(widest), |b| b.parse().ok())?;
        (bits <= widest).then_some(Self { address, bits })
    }

    /// Whether the address is in it. An IPv4 address that came in over an IPv6 socket is compared as IPv4.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(net), IpAddr::V4(one)) => {
                let shift = 32 - u32::from(self.bits);
                (u64::from(net.to_bits()) >> shift) == (u64::from(one.to_bits()) >> shift)
            }
            (IpAddr::V6(net), IpAddr::V6(one)) => {
                let mask = if self.bits == 0 { 0 } else { u128::MAX << (128 - u32::from(self.bits)) };
                net.to_bits() & mask == one.to_bits() & mask
            }
            _ => false,
        }
    }
}

fn proxies(text: Option<&str>) -> Result<Vec<Network>, ConfigError> {
    given(text)
        .into_iter()
        .flat_map(|t| t.split(','))
        .map(str::trim)
        .filter(|t| !t.is_empty())
        .map(|one| match Network::parse(one) {
            Some(network) => Ok(network),
            None => wrong(
                "--trusted-proxies (HOLDFAST_TRUSTED_PROXIES)",
                format!("“{one}” is not an address or a network such as 10.0.0.0/8."),
            ),
        })
        .collect()
}

#[cfg(test)]
mod tests;
