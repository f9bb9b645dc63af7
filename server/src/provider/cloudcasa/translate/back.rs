//! From CloudCasa's documents, in normal form, back to a definition, for "adopt". Nothing is rounded: what a definition can't say
//! is named. Where our own spelling means the same as what is there, it stays.

use super::{DAY, DEFAULT_DAYS, MOST_ALWAYS, normal::Part, rhythm};
use crate::provider::Owned;
use model::{
    Invalid,
    cron::Cron,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    label::{Operator, Requirement},
    named::Named,
    scope::{ClusterObjects, Scope},
    tier::Tier,
};
use serde_json::Value;

/// The definition that the documents mean, under the name and connection that it has with us; or everything that a definition
/// can't say, by upstream path.
pub fn definition(owned: &Owned, seen: &Value) -> Result<Definition, Invalid> {
    let mut invalid = Invalid::default();
    for (path, sentence) in problems(seen) {
        invalid.push(path, "not-adoptable", sentence);
    }
    let ours = &owned.definition;
    let (backup, offload) = (&seen["kubebackup"], seen.get("kubeoffload"));
    if backup["name"] != owned.upstream_name.as_str() {
        let sentence = format!("Holdfast knows it as {}; rename it back.", owned.upstream_name);
        invalid.push("kubebackup.name", "not-adoptable", sentence);
    }
    // With a copy, its definition has the schedule.
    let leading = offload.unwrap_or(backup);
    let runs = leading["trigger_type"] == "SCHEDULED";
    let follows = named(&leading["policy"]).filter(|_| runs);
    let own = follows.as_ref().is_some_and(|policy| policy.id == Part::Policy.mark());
    let (mut retention, mut schedule, mut further) = (ours.retention.clone(), None, Vec::new());
    if own {
        (retention, schedule, further) = tiers(ours, &seen["policy"]);
    } else if follows.is_some() {
        retention = Retention::default();
    }
    let source = &backup["source"];
    let volumes = match (offload.is_some(), source["snapshotPersistentVolumes"].as_bool()) {
        (true, _) => Volumes::SnapshotMoved,
        (false, Some(false)) => Volumes::None,
        (false, _) => Volumes::Snapshot,
    };
    let selector: Vec<Requirement> = source["label_selector"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(key, value)| Requirement {
            key: key.clone(),
            operator: Operator::In,
            values: vec![value.as_str().unwrap_or_default().to_owned()],
        })
        .collect();
    let selectors = if selector.is_empty() { Vec::new() } else { vec![selector] };
    let paused = leading["pause"] == true;
    invalid.check(Definition {
        name: ours.name.clone(),
        connection: ours.connection.clone(),
        scope: Scope {
            subject: named(&backup["cluster"]).map(|cluster| kept(cluster, ours.scope.subject.as_ref())),
            clusters: Vec::new(),
            namespaces: in_our_order(&source["namespaces"], &ours.scope.namespaces),
            except_namespaces: in_our_order(&source["excluded_namespaces"], &ours.scope.except_namespaces),
            selectors: in_our_form(selectors, &ours.scope.selectors),
            resources: Vec::new(),
            except_resources: Vec::new(),
            cluster_objects: ClusterObjects::Needed,
        },
        location: offload
            .and_then(|offload| named(&offload["offload_provider"]["user_objectstore"]))
            .map(|store| store.name),
        volumes,
        retention,
        schedule,
        further,
        policy: follows.filter(|_| !own).map(|policy| kept(policy, ours.policy.as_ref())),
        paused: paused && runs,
    })
}

fn named(value: &Value) -> Option<Named> {
    let id = value["id"].as_str()?;
    Some(Named::new(id, value["name"].as_str().unwrap_or(id)))
}

/// Our own, when it is the same object: its name may be of another day.
fn kept(found: Named, ours: Option<&Named>) -> Named {
    ours.filter(|ours| ours.id == found.id).cloned().unwrap_or(found)
}

/// The names, in our order where they are the same ones.
fn in_our_order(value: &Value, ours: &[String]) -> Vec<String> {
    let found: Vec<String> =
        value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
    let mut sorted = ours.to_vec();
    sorted.sort();
    sorted.dedup();
    if sorted == found { ours.to_vec() } else { found }
}

fn in_our_form(found: Vec<Vec<Requirement>>, ours: &[Vec<Requirement>]) -> Vec<Vec<Requirement>> {
    let sorted = |groups: &[Vec<Requirement>]| {
        let mut all: Vec<(String, Vec<String>)> =
            groups.iter().flatten().map(|r| (r.key.clone(), r.values.clone())).collect();
        all.sort();
        all
    };
    if sorted(&found) == sorted(ours) { ours.to_vec() } else { found }
}

/// Retention and schedules of the definition's own policy.
fn tiers(ours: &Definition, policy: &Value) -> (Retention, Option<Schedule>, Vec<Tier>) {
    let old_first = ours.schedule.as_ref().map(|schedule| (schedule, &ours.retention));
    let old = |i: usize| match i {
        0 => old_first,
        i => ours.further.get(i - 1).map(|tier| (&tier.schedule, &tier.retention)),
    };
    let zone = policy["timezone"].as_str().unwrap_or("UTC");
    let mut all = policy["schedules"].as_array().into_iter().flatten().enumerate().map(|(i, entry)| {
        let old = old(i);
        let cron = entry["schedule"].as_str().unwrap_or_default();
        let schedule = Schedule {
            cron: old
                .filter(|(schedule, _)| rhythm::same(&schedule.cron, cron))
                .map_or_else(|| cron.to_owned(), |(schedule, _)| schedule.cron.clone()),
            // No zone means UTC there; whoever left it out sees it left out.
            zone: match old_first.map(|(schedule, _)| &schedule.zone) {
                Some(None) if zone == "UTC" => None,
                _ => Some(zone.to_owned()),
            },
        };
        let days = entry["retainDays"].as_u64().unwrap_or(DEFAULT_DAYS);
        let always = entry["numAlwaysRetain"].as_u64().and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        let retention = Retention {
            keep_for: match old.map(|(_, retention)| retention.keep_for) {
                Some(None) if days == DEFAULT_DAYS => None,
                _ => Some(Seconds(days.saturating_mul(DAY))),
            },
            keep_at_least: match old.map(|(_, retention)| retention.keep_at_least) {
                Some(Some(0)) if always == 0 => Some(0),
                _ => (always > 0).then_some(always),
            },
            ..Retention::default()
        };
        Tier { schedule, retention }
    });
    match all.next() {
        Some(first) => (first.retention, Some(first.schedule), all.collect()),
        None => (Retention::default(), None, Vec::new()),
    }
}

/// What a definition can't say of documents in normal form: upstream path and why.
pub fn problems(seen: &Value) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    let mut add = |path: &str, sentence: &str| out.push((path.to_owned(), sentence.to_owned()));
    let (backup, offload) = (&seen["kubebackup"], seen.get("kubeoffload"));
    if !backup.is_object() {
        add("kubebackup", "The definition itself is gone.");
        return out;
    }
    for (path, value, sentence) in [
        ("kubebackup.pre_hooks", &backup["pre_hooks"], "Holdfast's definitions of CloudCasa have no hooks."),
        ("kubebackup.post_hooks", &backup["post_hooks"], "Holdfast's definitions of CloudCasa have no hooks."),
        (
            "kubebackup.source.included_resources",
            &backup["source"]["included_resources"],
            "Holdfast takes every kind and can't keep a choice of them.",
        ),
        (
            "kubebackup.source.include_unattached_pvcs",
            &backup["source"]["include_unattached_pvcs"],
            "Holdfast does not choose volumes that no pod uses.",
        ),
    ] {
        if !value.is_null() {
            add(path, sentence);
        }
    }
    let named = backup["source"]["namespaces"].as_array();
    if named.is_some_and(Vec::is_empty) {
        add("kubebackup.source.namespaces", "It takes no namespace at all.");
    }
    if named.is_some() && !backup["source"]["excluded_namespaces"].is_null() {
        add(
            "kubebackup.source.excluded_namespaces",
            "It names namespaces and leaves some out; Holdfast does one of both.",
        );
    }
    let labels = backup["source"]["label_selector"].as_object();
    if labels.is_some_and(|map| map.values().any(|value| !value.is_string())) {
        add("kubebackup.source.label_selector", "Holdfast compares a label with one text.");
    }
    copies(backup, offload, &mut add);
    let leading = offload.map_or(("kubebackup", backup), |offload| ("kubeoffload", offload));
    rhythm_of(leading, &seen["policy"], &mut add);
    out
}

fn copies(backup: &Value, offload: Option<&Value>, add: &mut impl FnMut(&str, &str)) {
    let own = Part::Offload.mark();
    match (backup["copydef"]["id"].as_str(), offload) {
        (None, None) => {}
        (Some(id), Some(offload)) if id == own => {
            if offload["delete_snapshots"] == false {
                add("kubeoffload.delete_snapshots", "Holdfast lets a snapshot go when it is copied.");
            }
            if backup["source"]["snapshotPersistentVolumes"] == false {
                add("kubebackup.source.snapshotPersistentVolumes", "What is copied are snapshots of volumes.");
            }
            if backup["pause"] != offload["pause"] {
                add("kubebackup.pause", "Holdfast pauses definition and copy together.");
                add("kubeoffload.pause", "Holdfast pauses definition and copy together.");
            }
            if backup["trigger_type"] != offload["trigger_type"] {
                add("kubebackup.trigger_type", "Holdfast schedules definition and copy together.");
                add("kubeoffload.trigger_type", "Holdfast schedules definition and copy together.");
            }
            if !backup["policy"].is_null() {
                add("kubebackup.policy", "Of a definition with a copy only the copy follows a policy.");
            }
        }
        (_, Some(_)) => add("kubebackup.copydef", "The definition does not belong to its copy any more."),
        (Some(_), None) => add("kubebackup.copydef", "It is copied by a definition that is not Holdfast's."),
    }
}

/// Trigger and policy of the document that has the schedule.
fn rhythm_of((key, leading): (&str, &Value), policy: &Value, add: &mut impl FnMut(&str, &str)) {
    let follows = leading["policy"]["id"].as_str();
    match leading["trigger_type"].as_str() {
        Some("SCHEDULED") => {}
        Some("ADHOC") => {
            if leading["pause"] == true {
                add(&format!("{key}.pause"), "Only a schedule can be paused.");
            }
            if follows.is_some() {
                add(&format!("{key}.policy"), "It is run by hand and has a policy all the same.");
            }
            return;
        }
        _ => {
            add(&format!("{key}.trigger_type"), "Holdfast does not know this way to start it.");
            return;
        }
    }
    match follows {
        None => add(&format!("{key}.policy"), "It is to run by a schedule and follows no policy."),
        Some(id) if id == Part::Policy.mark() => {
            let entries = policy["schedules"].as_array().map(Vec::as_slice).unwrap_or_default();
            if entries.is_empty() {
                add("policy.schedules", "Its policy has no schedule.");
            }
            for (i, entry) in entries.iter().enumerate() {
                tier(i, entry, add);
            }
        }
        Some(_) => {}
    }
}

fn tier(i: usize, entry: &Value, add: &mut impl FnMut(&str, &str)) {
    let path = |field: &str| format!("policy.schedules.{i}.{field}");
    if entry["locked"] == true {
        add(&path("locked"), "Holdfast has no SafeLock: what it locks can't be undone.");
    }
    let cron = entry["schedule"].as_str().unwrap_or_default();
    match model::cron::parse(cron) {
        Ok(Cron::Fields([_, _, day, _, weekday])) => {
            if !rhythm::free(&day, 1, 31) && !rhythm::free(&weekday, 0, 6) {
                add(&path("schedule"), "A day of the month and a weekday together have no certain meaning.");
            }
        }
        _ => add(&path("schedule"), "Holdfast can't read this time."),
    }
    let always = entry["numAlwaysRetain"].as_u64().unwrap_or(0);
    if always > u64::from(MOST_ALWAYS) || (i > 0 && always > 0) {
        add(&path("numAlwaysRetain"), "Holdfast keeps a least number by the first schedule only.");
    }
    let days = entry["retainDays"].as_u64().unwrap_or(0);
    if days == 0 || days > 36_600 {
        add(&path("retainDays"), "Holdfast keeps for one day to a hundred years.");
    }
}
