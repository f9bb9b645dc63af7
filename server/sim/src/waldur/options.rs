//! What a scenario is made of: the body of `POST /control/{S}/waldur/seed`.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// One URL, five contracts: which of them the server speaks. (The first, of 2014, is known by hearsay only.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Generation {
    /// NodeConductor of spring 2016: `openstack-backups`, actions by POST.
    G2,
    /// Waldur MasterMind 2017 to 2024: `openstacktenant-backups`.
    G3,
    /// Waldur MasterMind 2024: `openstack-backups` again, created at the instance.
    G4,
    /// From 2025: states in capitals, no schedules.
    G5,
}

impl Generation {
    pub(crate) const ALL: [Self; 4] = [Self::G2, Self::G3, Self::G4, Self::G5];

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::G2 => "G2",
            Self::G3 => "G3",
            Self::G4 => "G4",
            Self::G5 => "G5",
        }
    }

    /// What its resources' names in URLs begin with.
    pub(crate) fn prefix(self) -> &'static str {
        if self == Self::G3 { "openstacktenant" } else { "openstack" }
    }

    /// The scenario whose estate `holdfast sim` announces.
    pub(crate) fn demo(self) -> &'static str {
        match self {
            Self::G2 => "demo",
            Self::G3 => "demo-g3",
            Self::G4 => "demo-g4",
            Self::G5 => "demo-g5",
        }
    }

    pub(crate) fn version(self) -> &'static str {
        match self {
            Self::G2 => "0.102.0",
            Self::G3 => "4.0.9",
            Self::G4 => "7.0.9",
            Self::G5 => "8.1.3",
        }
    }

    /// Whether backups are NodeConductor's: Ready, Backing up, and a metadata that tells success.
    pub(crate) fn is_old(self) -> bool {
        self == Self::G2
    }

    pub(crate) fn has_schedules(self) -> bool {
        self != Self::G5
    }
}

/// How an empty `metadata` is written: all three were seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Emptiness {
    Object,
    String,
    Null,
}

/// Which success codes the newer generations send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Codes {
    /// 201 and 202, as the server's code says.
    Code,
    /// 200 and 204, as the published SDK of G5 expects.
    Documented,
}

/// Every field has a default; `{}` is a healthy installation of the scenario's generation.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Options {
    /// Unset: by the scenario's name (`...-g3`, `...-g4`, `...-g5`), else G2.
    pub(crate) generation: Option<Generation>,
    /// Days that the estate's schedules have run for; unset: 60 in `demo...`, else 0, which makes no schedules.
    pub(crate) history_days: Option<u32>,
    /// No instances at all.
    pub(crate) bare: bool,
    /// Storage quota of each project in GiB; unset: each project's own.
    pub(crate) storage_quota_gib: Option<u64>,
    /// Largest `page_size`; unset: 300 from G4 on, 100 before. A larger wish is cut, not refused.
    pub(crate) page_cap: Option<usize>,
    /// Longest cron expression; unset: 15 from G3 on, none in G2.
    pub(crate) cron_max_length: Option<usize>,
    /// G2: how the metadata of a backup without snapshots looks.
    pub(crate) empty_metadata: Emptiness,
    /// G2: a new backup is seen as Ready for a second, before its task is on.
    pub(crate) ready_first: bool,
    /// Success codes; unset: `documented` in G5, `code` before.
    pub(crate) status_codes: Option<Codes>,
    /// `http://waldur.internal:8000`: what pages link to instead of the address that the caller used.
    pub(crate) link_host: Option<String>,
    /// The same for every `url` and reference in a body: a proxy that does not rewrite.
    pub(crate) url_host: Option<String>,
    /// Identifiers with dashes, as G5's schema types them.
    pub(crate) dashed: bool,
    /// Whether the caller is staff: unlink, set_ok, set_erred and tracebacks.
    pub(crate) staff: bool,
    /// Projects that the caller may look at but not change.
    pub(crate) read_only: Vec<String>,
    /// Time zone of schedules that name none.
    pub(crate) server_timezone: String,
    /// How often the scheduler looks, in seconds.
    pub(crate) beat_seconds: u32,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            generation: None,
            history_days: None,
            bare: false,
            storage_quota_gib: None,
            page_cap: None,
            cron_max_length: None,
            empty_metadata: Emptiness::Object,
            ready_first: false,
            status_codes: None,
            link_host: None,
            url_host: None,
            dashed: false,
            staff: false,
            read_only: Vec::new(),
            server_timezone: "UTC".to_owned(),
            beat_seconds: 600,
        }
    }
}

impl Options {
    /// Reads the body of a seed.
    ///
    /// # Errors
    /// A sentence that names the field.
    pub(crate) fn read(scenario: &str, body: &Value) -> Result<Self, String> {
        let body = if body.is_null() { serde_json::json!({}) } else { body.clone() };
        // An array would be read as the fields in their order.
        if !body.is_object() {
            return Err("the options must be an object".to_owned());
        }
        let mut options: Self = serde_json::from_value(body).map_err(|error| error.to_string())?;
        if options.beat_seconds == 0 {
            return Err("beat_seconds must be positive".to_owned());
        }
        if jiff::tz::TimeZone::get(&options.server_timezone).is_err() {
            return Err(format!("server_timezone: unknown time zone {:?}", options.server_timezone));
        }
        for host in [&mut options.link_host, &mut options.url_host].into_iter().flatten() {
            *host = host.trim_end_matches('/').to_owned();
        }
        let generation = options.generation.unwrap_or_else(|| {
            let named = |g: &Generation| scenario.to_lowercase().ends_with(&format!("-{}", g.word().to_lowercase()));
            Generation::ALL.into_iter().find(named).unwrap_or(Generation::G2)
        });
        options.generation = Some(generation);
        let demo = scenario == "demo" || scenario.starts_with("demo-");
        options.history_days.get_or_insert(if demo { 60 } else { 0 });
        Ok(options)
    }

    pub(crate) fn generation(&self) -> Generation {
        self.generation.unwrap_or(Generation::G2)
    }

    pub(crate) fn page_cap(&self) -> usize {
        self.page_cap.unwrap_or(if self.generation() >= Generation::G4 { 300 } else { 100 }).max(1)
    }

    pub(crate) fn cron_max_length(&self) -> Option<usize> {
        self.cron_max_length.or((!self.generation().is_old()).then_some(15))
    }

    pub(crate) fn documented_codes(&self) -> bool {
        let usual = if self.generation() == Generation::G5 { Codes::Documented } else { Codes::Code };
        self.status_codes.unwrap_or(usual) == Codes::Documented
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn the_scenarios_name_chooses_the_generation_unless_told() {
        let read = |name, body: Value| Options::read(name, &body).unwrap();
        assert_eq!(read("t", json!({})).generation(), Generation::G2);
        assert_eq!(read("demo-g4", json!({})).generation(), Generation::G4);
        assert_eq!(read("demo-g4", json!({})).history_days, Some(60));
        assert_eq!(read("demo-g4", json!({"generation": "G3"})).generation(), Generation::G3);
        assert_eq!(read("t", Value::Null).history_days, Some(0));
        assert_eq!(read("t", json!({"link_host": "http://inner/"})).link_host.unwrap(), "http://inner");
    }

    #[test]
    fn refuses_with_the_fields_name() {
        for (body, piece) in [
            (json!({"generatoin": "G4"}), "generatoin"),
            (json!({"generation": "G1"}), "G1"),
            (json!({"server_timezone": "Mars/X"}), "Mars/X"),
            (json!({"beat_seconds": 0}), "beat_seconds"),
            (json!([]), "object"),
        ] {
            let sentence = Options::read("t", &body).unwrap_err();
            assert!(sentence.contains(piece), "{sentence}");
        }
    }
}
