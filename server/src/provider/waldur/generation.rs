//! One name, five contracts: which of them a Waldur speaks, what its addresses are called, and how that is found out.
//!
//! G2 is NodeConductor of spring 2016 (opennode/waldur-openstack), G3 Waldur MasterMind of 2017 to 2024, G4 that of 2024, G5 what
//! came after. G1 and the summer of 2016 (restorations as a list of their own) are not spoken, and are named when they are met.

use super::client::Api;
use crate::provider::{ErrorKind, ProviderError, rest::Call};
use serde_json::{Map, Value};
use std::fmt;

/// A contract that is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    G2,
    G3,
    G4,
    G5,
}

impl Generation {
    pub const ALL: [Self; 4] = [Self::G2, Self::G3, Self::G4, Self::G5];

    /// The value in forms and the beginning of a version.
    pub fn word(self) -> &'static str {
        match self {
            Self::G2 => "G2",
            Self::G3 => "G3",
            Self::G4 => "G4",
            Self::G5 => "G5",
        }
    }

    /// The reverse of [`Self::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|g| g.word() == word)
    }

    /// Whether Waldur itself makes backups by a clock.
    pub fn has_schedules(self) -> bool {
        self != Self::G5
    }

    /// What the field is called that limits the number of backups.
    pub fn maximum(self) -> &'static str {
        if self == Self::G2 { "maximal_number_of_backups" } else { "maximal_number_of_resources" }
    }

    /// What the list of network attachments is called in the body of a restore; `None` where there is none.
    pub fn ports(self) -> Option<&'static str> {
        match self {
            Self::G2 => None,
            Self::G3 => Some("internal_ips_set"),
            Self::G4 | Self::G5 => Some("ports"),
        }
    }

    /// The path of a list. Every path ends with a slash: without it, Django answers a redirect and loses the body of a POST.
    pub fn list(self, resource: Resource) -> String {
        let prefix = if self == Self::G3 { "openstacktenant" } else { "openstack" };
        format!("/api/{prefix}-{}/", resource.word())
    }

    /// The path of one object.
    pub fn item(self, resource: Resource, uuid: &str) -> String {
        format!("{}{}/", self.list(resource), crate::provider::rest::segment(uuid))
    }

    /// The path of something that is done with one object.
    pub fn action(self, resource: Resource, uuid: &str, action: &str) -> String {
        format!("{}{action}/", self.item(resource, uuid))
    }
}

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resource {
    Instances,
    Backups,
    Schedules,
    Flavors,
    Subnets,
    SecurityGroups,
    FloatingIps,
}

impl Resource {
    fn word(self) -> &'static str {
        match self {
            Self::Instances => "instances",
            Self::Backups => "backups",
            Self::Schedules => "backup-schedules",
            Self::Flavors => "flavors",
            Self::Subnets => "subnets",
            Self::SecurityGroups => "security-groups",
            Self::FloatingIps => "floating-ips",
        }
    }
}

/// What is stored as the connection's version: the contract, and the release where the server tells it. `G4 7.0.9`, `G2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    pub generation: Generation,
    pub release: String,
}

impl Version {
    /// Reads what [`fmt::Display`] wrote.
    pub fn read(text: &str) -> Option<Self> {
        let (word, release) = text.split_once(' ').unwrap_or((text, ""));
        Some(Self { generation: Generation::from_word(word)?, release: release.to_owned() })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.generation.word())?;
        if self.release.is_empty() { Ok(()) } else { write!(f, " {}", self.release) }
    }
}

/// The routes of an installation: what `/api/` lists.
pub async fn routes(api: &Api) -> Result<Map<String, Value>, ProviderError> {
    const OPERATION: &str = "read the list of routes";
    let answer: Value = api.rest.json(OPERATION, Call::get("/api/")).await?;
    let is_waldur = |routes: &Map<String, Value>| {
        let known = |name: &String| matches!(name.as_str(), "projects" | "customers") || name.starts_with("openstack");
        routes.keys().any(known) && routes.values().all(Value::is_string)
    };
    match answer {
        Value::Object(routes) if is_waldur(&routes) => Ok(routes),
        _ => Err(ProviderError::new(ErrorKind::NotThat, OPERATION, "Something else answers where Waldur should.")
            .remedy("Give the address of Waldur's API, without /api at its end.")),
    }
}

/// The contract that an installation with these routes speaks.
pub async fn detect(api: &Api, routes: &Map<String, Value>) -> Result<Generation, ProviderError> {
    const OPERATION: &str = "find out the generation";
    let has = |name: &str| routes.contains_key(name);
    let absent = |sentence: &str, remedy: &str| {
        Err(ProviderError::new(ErrorKind::NotInstalled, OPERATION, sentence).remedy(remedy))
    };
    if has("openstacktenant-backups") {
        return Ok(Generation::G3);
    }
    if has("openstack-backup-restorations") {
        return absent(
            "This Waldur is of the second half of 2016: its restorations are a list of their own, which Holdfast does not speak.",
            "Upgrade Waldur; Holdfast speaks the contracts of spring 2016 and of 2017 and later.",
        );
    }
    if !has("openstack-backups") {
        return absent(
            "Waldur answers, but has no OpenStack backups.",
            "Check that its OpenStack plugin is installed, and that this is the right Waldur.",
        );
    }
    if !has("openstack-backup-schedules") {
        return Ok(Generation::G5);
    }
    // Only the oldest one makes backups by POST to the list; later ones do it at the instance.
    let reply = api.rest.send(OPERATION, Call::options(Generation::G4.list(Resource::Backups))).await?;
    let posts = reply.header("allow").split(',').any(|method| method.trim() == "POST");
    Ok(if posts { Generation::G2 } else { Generation::G4 })
}

/// The release; empty where the server doesn't tell it.
pub async fn release(api: &Api) -> String {
    let answer: Result<Value, _> = api.rest.json("read the version", Call::get("/api/version/")).await;
    let release = answer.ok().and_then(|body| body["version"].as_str().map(str::to_owned)).unwrap_or_default();
    // It becomes part of a stored word.
    let fits = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+' | '_');
    release.chars().filter(fits).take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_survives_the_store() {
        for (generation, release, text) in
            [(Generation::G4, "7.0.9", "G4 7.0.9"), (Generation::G2, "", "G2"), (Generation::G5, "8.1-rc", "G5 8.1-rc")]
        {
            let version = Version { generation, release: release.to_owned() };
            assert_eq!(version.to_string(), text);
            assert_eq!(Version::read(text), Some(version));
        }
        for strange in ["", "7.0.9", "G1", "G9 1", "v1.18.3"] {
            assert_eq!(Version::read(strange), None, "{strange}");
        }
    }

    #[test]
    fn addresses_follow_the_generation() {
        assert_eq!(Generation::G3.list(Resource::Schedules), "/api/openstacktenant-backup-schedules/");
        assert_eq!(Generation::G2.item(Resource::Backups, "a/b"), "/api/openstack-backups/a%2Fb/");
        let path = Generation::G4.action(Resource::Instances, "0f0e", "create_backup_schedule");
        assert_eq!(path, "/api/openstack-instances/0f0e/create_backup_schedule/");
    }
}
