//! From what was typed to what is meant: every problem is named at once, by its field and in a sentence.

use super::{DefinitionDraft, RequirementDraft, ScopeDraft, TierDraft};
use crate::{
    capability::{Capabilities, Support},
    cron,
    definition::{Definition, Retention, Schedule},
    duration::{Seconds, Unit},
    id::ConnectionId,
    invalid::Invalid,
    label::{self, Requirement},
    name,
    scope::{ClusterObjects, Scope},
    tier::Tier,
};

/// The definition that a draft means on an upstream with these capabilities, or everything that is wrong with it. Of a draft that
/// follows a policy of our library schedule and retention stay empty: [`crate::policy`] says them, and only the server has it.
pub fn parse(draft: &DefinitionDraft, capabilities: &Capabilities) -> Result<Definition, Invalid> {
    let mut invalid = Invalid::default();
    if let Some((code, sentence)) = name::label_problem(draft.name.trim(), name::DEFINITION_NAME_MAX) {
        invalid.push("name", code, sentence);
    }
    if draft.connection.trim().is_empty() {
        invalid.push("connection", "required", "Choose the connection whose objects are protected.");
    }
    let scope = scope(&draft.scope, capabilities, &mut invalid);
    let location = optional(&draft.location);
    if let (Some(_), Some(why)) = (&location, capabilities.location.why_not()) {
        invalid.push("location", "refused", why);
    }
    if let Some(why) = capabilities.takes(draft.volumes).and_then(Support::why_not) {
        invalid.push("volumes", "refused", why);
    }
    let follows = !draft.follows.trim().is_empty();
    let policy = draft.policy.clone().filter(|_| draft.scheduled && !follows);
    let (retention, schedule, further) = match &policy {
        None if follows => {
            refuse(true, "follows", &capabilities.schedules, &mut invalid);
            (Retention::default(), None, Vec::new())
        }
        Some(policy) => {
            refuse(true, "policy", &capabilities.policies, &mut invalid);
            if policy.id.is_empty() {
                invalid.push("policy", "required", "Choose the policy that it follows.");
            }
            (Retention::default(), None, Vec::new())
        }
        None => (
            retention(draft, capabilities, &mut invalid),
            schedule(draft, capabilities, &mut invalid),
            further(draft, capabilities, &mut invalid),
        ),
    };
    if draft.paused && (draft.scheduled || follows) {
        // The cron's own error says what to do first.
    } else if draft.paused && schedule.is_none() {
        invalid.push("paused", "unscheduled", "Only a schedule can be paused; this definition has none.");
    }
    if draft.paused
        && let Some(why) = capabilities.pause.why_not()
    {
        invalid.push("paused", "refused", why);
    }
    invalid.check(Definition {
        name: draft.name.trim().to_owned(),
        connection: ConnectionId(draft.connection.trim().to_owned()),
        scope,
        location,
        volumes: draft.volumes,
        retention,
        schedule,
        further,
        policy,
        paused: draft.paused,
    })
}

/// Adds the upstream's own sentence when something is wanted that it can't do.
fn refuse(wanted: bool, path: &str, support: &Support, invalid: &mut Invalid) {
    if let (true, Some(why)) = (wanted, support.why_not()) {
        invalid.push(path, "refused", why);
    }
}

pub(crate) fn optional(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn scope(draft: &ScopeDraft, capabilities: &Capabilities, invalid: &mut Invalid) -> Scope {
    let globs = capabilities.namespace_patterns.is_yes();
    let subject = draft.subject.clone().filter(|subject| !subject.id.is_empty());
    match capabilities.subject() {
        Some(kind) if subject.is_none() => {
            invalid.push("scope.subject", "required", format!("Choose the {} that is protected.", kind.word()));
        }
        None if subject.is_some() => {
            invalid.push("scope.subject", "refused", "This system takes namespaces; choose those.");
        }
        _ => {}
    }
    refuse(!draft.clusters.is_empty(), "scope.clusters", &capabilities.member_clusters, invalid);
    let by_namespace = capabilities.namespaces.is_yes();
    let namespaces = if draft.everything || !by_namespace { Vec::new() } else { words(&draft.namespaces) };
    if by_namespace && !draft.everything && namespaces.is_empty() {
        invalid.push("scope.namespaces", "required", "Choose at least one namespace, or all of them.");
    }
    for (i, ns) in namespaces.iter().enumerate() {
        name::check_namespace(ns, globs, &format!("scope.namespaces.{i}"), invalid);
    }
    let except_namespaces = words(&draft.except_namespaces);
    for (i, ns) in except_namespaces.iter().enumerate() {
        name::check_namespace(ns, globs, &format!("scope.except_namespaces.{i}"), invalid);
        if namespaces.contains(ns) {
            invalid.push(
                format!("scope.except_namespaces.{i}"),
                "both",
                format!("{ns} is both chosen and left out; remove it from one of the lists."),
            );
        }
    }
    let (resources, except_resources) = (words(&draft.resources), words(&draft.except_resources));
    refuse(!except_namespaces.is_empty(), "scope.except_namespaces", &capabilities.except_namespaces, invalid);
    refuse(!resources.is_empty(), "scope.resources", &capabilities.kinds, invalid);
    refuse(!except_resources.is_empty(), "scope.except_resources", &capabilities.kinds, invalid);
    let objects = draft.cluster_objects != ClusterObjects::Needed;
    refuse(objects, "scope.cluster_objects", &capabilities.cluster_objects, invalid);
    for (list, field) in [(&resources, "resources"), (&except_resources, "except_resources")] {
        for (i, kind) in list.iter().enumerate() {
            let fits = kind.split('.').all(|part| name::label_problem(part, 63).is_none());
            if !fits {
                invalid.push(
                    format!("scope.{field}.{i}"),
                    "charset",
                    format!("“{kind}” can't be a kind; write its plural, such as deployments.apps or secrets."),
                );
            }
        }
    }
    for (i, kind) in except_resources.iter().enumerate() {
        if resources.contains(kind) {
            invalid.push(
                format!("scope.except_resources.{i}"),
                "both",
                format!("{kind} is both chosen and left out; remove it from one of the lists."),
            );
        }
    }
    let selectors: Vec<Vec<Requirement>> = draft
        .selectors
        .iter()
        .enumerate()
        .filter(|(_, group)| group.iter().any(|r| !r.key.trim().is_empty() || !r.values.trim().is_empty()))
        .map(|(g, group)| {
            group
                .iter()
                .enumerate()
                .map(|(r, row)| requirement(row, &format!("scope.selectors.{g}.{r}"), invalid))
                .collect()
        })
        .collect();
    refuse(!selectors.is_empty(), "scope.selectors", &capabilities.labels, invalid);
    if capabilities.labels.is_yes() && !simple(&selectors) {
        refuse(true, "scope.selectors", &capabilities.label_logic, invalid);
    }
    Scope {
        subject,
        clusters: draft.clusters.clone(),
        namespaces,
        except_namespaces,
        selectors,
        resources,
        except_resources,
        cluster_objects: draft.cluster_objects,
    }
}

/// One group in which each key equals one value.
fn simple(groups: &[Vec<Requirement>]) -> bool {
    groups.len() < 2
        && groups.iter().flatten().all(|r| r.operator == label::Operator::In && r.values.len() == 1)
        && groups.iter().all(|group| group.iter().enumerate().all(|(i, r)| group[..i].iter().all(|o| o.key != r.key)))
}

fn requirement(draft: &RequirementDraft, path: &str, invalid: &mut Invalid) -> Requirement {
    let key = draft.key.trim().to_owned();
    label::check_key(&key, &format!("{path}.key"), invalid);
    let mut values: Vec<String> = Vec::new();
    if draft.operator.takes_values() {
        for value in draft.values.split(',').map(str::trim).filter(|v| !v.is_empty()) {
            // In order as they come: the few values of a label are not worth the browser's copy of a sort.
            let at = values.iter().position(|v| v.as_str() >= value).unwrap_or(values.len());
            if values.get(at).is_none_or(|v| v != value) {
                values.insert(at, value.to_owned());
            }
        }
    }
    if draft.operator.takes_values() && values.is_empty() {
        invalid.push(format!("{path}.values"), "required", "Name at least one value, or compare with “exists”.");
    }
    for value in &values {
        label::check_value(value, &format!("{path}.values"), invalid);
    }
    Requirement { key, operator: draft.operator, values }
}

fn retention(draft: &DefinitionDraft, capabilities: &Capabilities, invalid: &mut Invalid) -> Retention {
    let keep_for = age(&draft.keep_for, draft.keep_unit, "keep_for", invalid);
    let keep_last = number(&draft.keep_last, 1, "keep_last", invalid);
    let keep_at_least = number(&draft.keep_at_least, 0, "keep_at_least", invalid);
    let keep_snapshots = number(&draft.keep_snapshots, 0, "keep_snapshots", invalid);
    refuse(keep_for.is_some(), "keep_for", &capabilities.keep_for, invalid);
    refuse(keep_last.is_some(), "keep_last", &capabilities.keep_last, invalid);
    refuse(keep_at_least.is_some(), "keep_at_least", &capabilities.keep_at_least, invalid);
    refuse(keep_snapshots.is_some(), "keep_snapshots", &capabilities.keep_snapshots, invalid);
    Retention { keep_for, keep_last, keep_at_least, keep_snapshots }
}

pub(crate) fn age(text: &str, unit: Unit, path: &str, invalid: &mut Invalid) -> Option<Seconds> {
    let text = optional(text)?;
    let Some(number) = text.parse::<u64>().ok().filter(|n| *n > 0) else {
        invalid.push(path, "number", format!("“{text}” is no whole number above 0."));
        return None;
    };
    // Go's time.Duration ends at 292 years; a century is beyond any plan and within it.
    let seconds = number.checked_mul(unit.seconds()).filter(|s| *s <= 100 * 366 * 86_400);
    if seconds.is_none() {
        invalid.push(path, "too-long", "At most 100 years.");
    }
    seconds.map(Seconds)
}

pub(crate) fn number(text: &str, least: u32, path: &str, invalid: &mut Invalid) -> Option<u32> {
    let text = optional(text)?;
    let number = text.parse::<u32>().ok().filter(|n| *n >= least);
    if number.is_none() {
        invalid.push(path, "number", format!("“{text}” is no whole number of at least {least}."));
    }
    number
}

/// The further schedules: each with a time, and with what is kept of it.
fn further(draft: &DefinitionDraft, capabilities: &Capabilities, invalid: &mut Invalid) -> Vec<Tier> {
    if !draft.scheduled {
        return Vec::new();
    }
    refuse(!draft.further.is_empty(), "further", &capabilities.tiers, invalid);
    draft.further.iter().enumerate().filter_map(|(i, tier)| one_tier(i, tier, draft, invalid)).collect()
}

fn one_tier(i: usize, tier: &TierDraft, draft: &DefinitionDraft, invalid: &mut Invalid) -> Option<Tier> {
    let retention = Retention {
        keep_for: age(&tier.keep_for, tier.keep_unit, &format!("further.{i}.keep_for"), invalid),
        keep_last: number(&tier.keep_last, 1, &format!("further.{i}.keep_last"), invalid),
        ..Retention::default()
    };
    match cron::parse(&tier.cron) {
        Ok(_) => {
            let cron = tier.cron.split_whitespace().collect::<Vec<_>>().join(" ");
            Some(Tier { schedule: Schedule { cron, zone: optional(&draft.zone) }, retention })
        }
        Err(sentence) => {
            invalid.push(format!("further.{i}.cron"), "cron", sentence);
            None
        }
    }
}

fn schedule(draft: &DefinitionDraft, capabilities: &Capabilities, invalid: &mut Invalid) -> Option<Schedule> {
    if !draft.scheduled {
        refuse(true, "scheduled", &capabilities.unscheduled, invalid);
        return None;
    }
    refuse(true, "scheduled", &capabilities.schedules, invalid);
    let zone = optional(&draft.zone);
    if let (Some(zone), Some(why)) = (&zone, capabilities.time_zone.why_not())
        && zone != "UTC"
    {
        invalid.push("zone", "refused", why);
    }
    match cron::parse(&draft.cron) {
        Ok(cron) => {
            if let (cron::Cron::Every(_), Some(_)) = (&cron, &zone) {
                invalid.push("zone", "useless", "@every counts from the last run and knows no zone; clear the zone.");
            }
            Some(Schedule { cron: draft.cron.split_whitespace().collect::<Vec<_>>().join(" "), zone })
        }
        Err(sentence) => {
            invalid.push("cron", "cron", sentence);
            None
        }
    }
}

/// Trimmed, without empty ones and repeats, in the order typed.
fn words(list: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in list.iter().map(|w| w.trim()).filter(|w| !w.is_empty()) {
        if !out.iter().any(|w| w == word) {
            out.push(word.to_owned());
        }
    }
    out
}
