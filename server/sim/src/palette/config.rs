//! A backup policy's content: what to save of which clusters, where to, for how long and when.

use serde_json::{Value, json};

use super::options::Options;
use super::reader::Reader;
use super::refusal::{Outcome, Refusal};

/// Velero's own default, which holds where Palette is told no duration.
const DEFAULT_HOURS: i64 = 720;
/// A bound that keeps expiry times inside the calendar: a thousand years.
const MOST_HOURS: i64 = 8_766_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Mode {
    Always,
    #[default]
    Auto,
    Never,
}

impl Mode {
    const WORDS: [&str; 3] = ["Always", "Auto", "Never"];

    fn word(self) -> &'static str {
        match self {
            Self::Always => "Always",
            Self::Auto => "Auto",
            Self::Never => "Never",
        }
    }

    /// From the field of either generation; the newer one wins. A server before 4.6 does not see the newer one.
    pub(super) fn read(reader: &Reader<'_>, options: &Options) -> Outcome<Self> {
        if options.knows_mode()
            && let Some(word) = reader.choice("includeClusterResourceMode", &Self::WORDS)?
        {
            return Ok(match word.as_str() {
                "Always" => Self::Always,
                "Never" => Self::Never,
                _ => Self::Auto,
            });
        }
        Ok(match reader.flag("includeClusterResources")? {
            Some(true) => Self::Always,
            Some(false) => Self::Never,
            None if options.knows_mode() => Self::Auto,
            None => Self::Never,
        })
    }

    /// Writes the fields that the release knows.
    pub(super) fn write(self, to: &mut Value, options: &Options) {
        to["includeClusterResources"] = (self == Self::Always).into();
        if options.knows_mode() {
            to["includeClusterResourceMode"] = self.word().into();
        }
    }
}

/// `ClusterBackupConfig`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) prefix: String,
    pub(super) name: String,
    pub(super) location_uid: String,
    pub(super) location_name: String,
    pub(super) location_type: String,
    pub(super) hours: i64,
    pub(super) all_disks: bool,
    pub(super) mode: Mode,
    pub(super) namespaces: Vec<String>,
    /// Empty: no schedule.
    pub(super) cron: String,
}

impl Config {
    pub(super) fn read(reader: &Reader<'_>, options: &Options) -> Outcome<Self> {
        let hours = reader.whole("durationInHours")?.unwrap_or(0);
        if !(0..=MOST_HOURS).contains(&hours) {
            let path = reader.path("durationInHours");
            return Err(Refusal::invalid(format!("{path} in body should be a number of hours from 0 to {MOST_HOURS}")));
        }
        Ok(Self {
            prefix: reader.text("backupPrefix")?.unwrap_or_default(),
            name: reader.text("backupName")?.unwrap_or_default(),
            location_uid: reader.text("backupLocationUid")?.unwrap_or_default(),
            location_name: reader.text("backupLocationName")?.unwrap_or_default(),
            location_type: reader.text("locationType")?.unwrap_or_default(),
            hours,
            all_disks: reader.flag("includeAllDisks")?.unwrap_or(false),
            mode: Mode::read(reader, options)?,
            namespaces: reader.texts("namespaces")?,
            cron: reader.object("schedule")?.text("scheduledRunTime")?.unwrap_or_default(),
        })
    }

    pub(super) fn write(&self, options: &Options) -> Value {
        let mut config = json!({
            "backupPrefix": self.prefix,
            "backupLocationUid": self.location_uid,
            "backupLocationName": self.location_name,
            "locationType": self.location_type,
            "durationInHours": self.hours,
            "includeAllDisks": self.all_disks,
            "namespaces": self.namespaces,
            "schedule": {"scheduledRunTime": self.cron},
        });
        if !self.name.is_empty() {
            config["backupName"] = self.name.as_str().into();
        }
        self.mode.write(&mut config, options);
        config
    }

    /// The short form inside a request's status.
    pub(super) fn brief(&self, name: &str, options: &Options) -> Value {
        let mut config = json!({
            "backupName": name,
            "durationInHours": self.hours,
            "includeAllDisks": self.all_disks,
            "namespaces": self.namespaces,
        });
        self.mode.write(&mut config, options);
        config
    }

    /// How long a backup is kept, in hours.
    pub(super) fn lasts(&self) -> i64 {
        if self.hours > 0 { self.hours } else { DEFAULT_HOURS }
    }
}

/// `WorkspaceBackupConfigEntity`: the content and the clusters of the workspace that it is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Plan {
    pub(super) config: Config,
    pub(super) clusters: Vec<String>,
    pub(super) all_clusters: bool,
}

impl Plan {
    pub(super) fn read(reader: &Reader<'_>, options: &Options) -> Outcome<Self> {
        let plan = Self {
            config: Config::read(&reader.object("backupConfig")?, options)?,
            clusters: reader.texts("clusterUids")?,
            all_clusters: reader.flag("includeAllClusters")?.unwrap_or(false),
        };
        if plan.clusters.is_empty() && !plan.all_clusters {
            return Err(Refusal::invalid("clusterUids in body is required unless includeAllClusters is true"));
        }
        Ok(plan)
    }

    pub(super) fn write(&self, options: &Options) -> Value {
        json!({
            "backupConfig": self.config.write(options),
            "clusterUids": self.clusters,
            "includeAllClusters": self.all_clusters,
        })
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn options(version: &str) -> Options {
        Options::read(&json!({"version": version})).unwrap()
    }

    #[test]
    fn each_release_reads_and_shows_its_own_fields() {
        let both = json!({"includeClusterResourceMode": "Auto", "includeClusterResources": true});
        let old = json!({"includeClusterResources": true});
        for (version, body, resources, mode) in [
            ("4.8", &both, false, Some("Auto")),
            ("4.8", &old, true, Some("Always")),
            ("4.5", &both, true, None),
            ("4.5", &json!({}), false, None),
            ("4.8", &json!({}), false, Some("Auto")),
        ] {
            let options = options(version);
            let config = Config::read(&Reader::body(body).unwrap(), &options).unwrap();
            let shown = config.write(&options);
            assert_eq!(shown["includeClusterResources"], resources, "{version} {body}");
            assert_eq!(shown["includeClusterResourceMode"].as_str(), mode, "{version} {body}");
        }
    }

    #[test]
    fn what_is_written_reads_back_the_same() {
        let options = options("4.8");
        let body = json!({"backupConfig": {"backupPrefix": "shop", "backupLocationUid": "l", "durationInHours": 720,
            "includeAllDisks": true, "includeClusterResourceMode": "Never", "namespaces": ["shop"],
            "schedule": {"scheduledRunTime": "0 2 * * *"}}, "clusterUids": ["c"], "includeAllClusters": false});
        let plan = Plan::read(&Reader::body(&body).unwrap(), &options).unwrap();
        let again = Plan::read(&Reader::body(&plan.write(&options)).unwrap(), &options).unwrap();
        assert_eq!(plan, again);
    }
}
