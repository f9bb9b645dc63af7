//! What the definition wizard holds, and how it becomes a definition. The same code runs in the browser and on the
//! server; the server's answer counts.

mod parse;

use crate::{
    capability::Capabilities,
    definition::{Definition, Volumes},
    duration::{Seconds, Unit},
    label::Operator,
    named::Named,
    scope::ClusterObjects,
};
pub use parse::parse;
pub(crate) use parse::{age, number, optional};
use serde::{Deserialize, Serialize};

/// The wizard's state: it mirrors the screens, so that nothing typed is ever lost to a rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct DefinitionDraft {
    pub name: String,
    pub connection: String,
    pub scope: ScopeDraft,
    /// Empty: the upstream's default.
    pub location: String,
    pub volumes: Volumes,
    /// Empty: the upstream's default.
    pub keep_for: String,
    pub keep_unit: Unit,
    /// Empty: not limited by number.
    pub keep_last: String,
    /// Empty: none stays because of its number.
    pub keep_at_least: String,
    /// Snapshots beside the copies; empty: the upstream's default.
    pub keep_snapshots: String,
    /// The upstream's own policy, instead of schedule and retention.
    pub policy: Option<Named>,
    /// Id of the policy of our library that it follows; empty: its own rhythm. While it follows one, what stands in the fields of
    /// schedule and retention does not count.
    pub follows: String,
    /// Further schedules in the same zone, each with its own retention.
    pub further: Vec<TierDraft>,
    pub scheduled: bool,
    pub cron: String,
    /// IANA name; empty: the upstream's own zone.
    pub zone: String,
    pub paused: bool,
    /// The id that the review showed a new definition under ([`crate::view::Preview::reserved`]); empty: any.
    pub reserved: String,
}

/// The scope step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ScopeDraft {
    /// What the definition belongs to, where its system has one object for that.
    pub subject: Option<Named>,
    /// Clusters of a subject that spans several; empty: all.
    pub clusters: Vec<Named>,
    /// True: every namespace, those to come too; the list is then ignored.
    pub everything: bool,
    pub namespaces: Vec<String>,
    pub except_namespaces: Vec<String>,
    pub selectors: Vec<Vec<RequirementDraft>>,
    pub resources: Vec<String>,
    pub except_resources: Vec<String>,
    pub cluster_objects: ClusterObjects,
}

/// One row of the label editor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RequirementDraft {
    pub key: String,
    pub operator: Operator,
    /// Separated by commas.
    pub values: String,
}

/// One further schedule.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TierDraft {
    pub cron: String,
    pub keep_for: String,
    pub keep_unit: Unit,
    pub keep_last: String,
}

/// A step of the wizard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    Source,
    Scope,
    Storage,
    Schedule,
    Review,
}

impl Step {
    /// The value in the URL's query.
    pub fn key(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Scope => "scope",
            Self::Storage => "storage",
            Self::Schedule => "schedule",
            Self::Review => "review",
        }
    }

    /// The step with this key.
    pub fn from_key(key: &str) -> Option<Self> {
        [Self::Source, Self::Scope, Self::Storage, Self::Schedule, Self::Review].into_iter().find(|s| s.key() == key)
    }

    /// The title in the step rail.
    pub fn title(self) -> &'static str {
        match self {
            Self::Source => "Source",
            Self::Scope => "Scope",
            Self::Storage => "Storage and volumes",
            Self::Schedule => "Schedule",
            Self::Review => "Review",
        }
    }

    /// The step that owns a field's path.
    pub fn of(path: &str) -> Self {
        match path.split('.').next().unwrap_or_default() {
            "name" | "connection" => Self::Source,
            "scope" => Self::Scope,
            "location" | "volumes" | "keep_for" | "keep_unit" | "keep_last" | "keep_at_least" | "keep_snapshots" => {
                Self::Storage
            }
            "cron" | "zone" | "paused" | "scheduled" | "policy" | "follows" | "further" => Self::Schedule,
            _ => Self::Review,
        }
    }
}

/// The steps that this draft needs on this upstream, in order. A step whose every decision the upstream refuses is left out.
pub fn steps(capabilities: Option<&Capabilities>) -> Vec<Step> {
    let Some(c) = capabilities else {
        return vec![Step::Source];
    };
    let mut steps = vec![Step::Source];
    if c.namespaces.is_yes() || c.subject().is_some() {
        steps.push(Step::Scope);
    }
    let choices = c.volumes.iter().filter(|(_, support)| support.is_yes()).count();
    if c.location.is_yes() || choices > 1 || c.keep_for.is_yes() || c.keep_last.is_yes() {
        steps.push(Step::Storage);
    }
    steps.extend([Step::Schedule, Step::Review]);
    steps
}

impl From<&Definition> for DefinitionDraft {
    /// The draft that [`parse`] turns back into this definition.
    fn from(d: &Definition) -> Self {
        let (keep_for, keep_unit) = aged(d.retention.keep_for);
        let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        Self {
            name: d.name.clone(),
            connection: d.connection.0.clone(),
            scope: ScopeDraft {
                subject: d.scope.subject.clone(),
                clusters: d.scope.clusters.clone(),
                everything: d.scope.namespaces.is_empty(),
                namespaces: d.scope.namespaces.clone(),
                except_namespaces: d.scope.except_namespaces.clone(),
                selectors: d
                    .scope
                    .selectors
                    .iter()
                    .map(|group| {
                        group
                            .iter()
                            .map(|r| RequirementDraft {
                                key: r.key.clone(),
                                operator: r.operator,
                                values: r.values.join(", "),
                            })
                            .collect()
                    })
                    .collect(),
                resources: d.scope.resources.clone(),
                except_resources: d.scope.except_resources.clone(),
                cluster_objects: d.scope.cluster_objects,
            },
            location: d.location.clone().unwrap_or_default(),
            volumes: d.volumes,
            keep_for,
            keep_unit,
            keep_last: number(d.retention.keep_last),
            keep_at_least: number(d.retention.keep_at_least),
            keep_snapshots: number(d.retention.keep_snapshots),
            policy: d.policy.clone(),
            follows: String::new(),
            further: d
                .further
                .iter()
                .map(|tier| {
                    let (keep_for, keep_unit) = aged(tier.retention.keep_for);
                    let keep_last = number(tier.retention.keep_last);
                    TierDraft { cron: tier.schedule.cron.clone(), keep_for, keep_unit, keep_last }
                })
                .collect(),
            scheduled: d.is_scheduled(),
            cron: d.schedule.as_ref().map(|s| s.cron.clone()).unwrap_or_default(),
            zone: d.schedule.as_ref().and_then(|s| s.zone.clone()).unwrap_or_default(),
            paused: d.paused,
            reserved: String::new(),
        }
    }
}

/// Number and unit of an age, as they are typed.
pub(crate) fn aged(keep_for: Option<Seconds>) -> (String, Unit) {
    keep_for.map(Seconds::in_units).map_or_else(|| (String::new(), Unit::Days), |(n, unit)| (n.to_string(), unit))
}

#[cfg(test)]
mod tests;
