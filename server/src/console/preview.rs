//! What the review step says beside the objects: the definition in words, and what is worth knowing though it stops nobody.
//! Pure.

use crate::schedule::Rule;
use model::{
    FieldError, Millis,
    capability::Capabilities,
    connection::{Inventory, NamespaceSeen},
    definition::{Definition, Retention, Schedule, Volumes},
    interval::Intervals,
    location::Location,
};

/// The definition, one decision a sentence; `can` is what its system can express.
pub(crate) fn sentences(definition: &Definition, connection: &str, can: &Capabilities) -> Vec<String> {
    let mut said = vec![format!("Protects {} in {connection}.", definition.scope.words())];
    if !definition.scope.resources.is_empty() {
        said.push(format!("Takes only these kinds: {}.", definition.scope.resources.join(", ")));
    }
    if !definition.scope.except_resources.is_empty() {
        said.push(format!("Leaves out these kinds: {}.", definition.scope.except_resources.join(", ")));
    }
    match &definition.policy {
        Some(policy) => {
            said.push(format!("Runs and is kept as the policy {} says, also when that changes.", policy.name))
        }
        None => {
            said.push(rhythm(definition, can.intervals));
            said.extend(kept(&definition.retention, "each recovery point"));
            for tier in &definition.further {
                said.push(timed(&tier.schedule, can.intervals));
                said.extend(kept(&tier.retention, "what is made then"));
            }
        }
    }
    if let Some(location) = &definition.location {
        said.push(format!("Stores them in {location}."));
    } else if can.location.is_yes() {
        said.push("Stores them in the system's default location.".into());
    }
    said.push(match definition.volumes {
        Volumes::None => "Takes no volumes, only objects.".into(),
        other => format!("Takes volumes: {}.", lower_first(other.words())),
    });
    if definition.paused {
        said.push("Starts paused: nothing runs until somebody resumes it.".into());
    }
    said
}

fn rhythm(definition: &Definition, intervals: Intervals) -> String {
    match &definition.schedule {
        Some(schedule) => timed(schedule, intervals),
        None => "Runs once, as soon as it is saved; later runs are started by hand.".into(),
    }
}

fn timed(schedule: &Schedule, intervals: Intervals) -> String {
    format!("{}, in {}.", intervals.words(schedule), schedule.zone_words())
}

/// `what` is kept so long, in so many.
fn kept(retention: &Retention, what: &str) -> Vec<String> {
    let age = match retention.keep_for {
        Some(keep) => Some(format!("Keeps {what} for {}.", keep.words())),
        None if retention.keep_last.is_some() => None,
        None => Some(format!("Keeps {what} as long as the system is set up to.")),
    };
    let numbers = [
        retention.keep_last.map(|n| format!("Keeps at most the last {n}; older ones go first.")),
        retention.keep_at_least.map(|n| format!("Always keeps the last {n}, whatever their age.")),
        retention.keep_snapshots.map(|n| format!("Keeps {n} snapshots beside the copies.")),
    ];
    age.into_iter().chain(numbers.into_iter().flatten()).collect()
}

/// What is worth knowing. `inventory` is the live list, when it could be had; `locations` those last seen.
pub(crate) fn notes(
    definition: &Definition,
    inventory: Option<&Inventory>,
    locations: &[Location],
    now: Millis,
) -> Vec<FieldError> {
    let mut notes = Vec::new();
    let mut note = |path: String, code: &str, sentence: String| {
        notes.push(FieldError { path, code: code.into(), sentence });
    };
    // Of a subject everything is what people mean; of a whole system it may be more than they think.
    if definition.scope.namespaces.is_empty() && definition.scope.subject.is_none() {
        note(
            "scope.namespaces".into(),
            "whole-cluster",
            "Every namespace is taken, those to come too. That can be large, and a restore of it touches everything."
                .into(),
        );
    }
    for (i, name) in definition.scope.namespaces.iter().enumerate() {
        let Some(inventory) = inventory.filter(|_| !name.contains(['*', '?'])) else {
            continue;
        };
        match namespaces_of(definition, inventory).iter().find(|seen| seen.name == *name) {
            None => note(
                format!("scope.namespaces.{i}"),
                "absent",
                format!("There is no namespace {name} at present: a run takes nothing there."),
            ),
            Some(seen) => {
                if let Some(why) = &seen.skipped_because {
                    note(format!("scope.namespaces.{i}"), "skipped", format!("{name} is skipped: {why}"));
                }
            }
        }
    }
    if let Some(sentence) = location_note(definition.location.as_deref(), locations) {
        note("location".into(), "unavailable", sentence);
    }
    if let Some(sentence) = retention_note(definition, now) {
        note("keep_for".into(), "short", sentence);
    }
    notes
}

/// The namespaces that it can take: its subject's, or those of the whole system.
fn namespaces_of<'i>(definition: &Definition, inventory: &'i Inventory) -> &'i [NamespaceSeen] {
    match &definition.scope.subject {
        None => &inventory.namespaces,
        Some(of) => {
            inventory.subjects.iter().find(|s| s.id == of.id).map(|s| s.namespaces.as_slice()).unwrap_or_default()
        }
    }
}

/// The field error when the location is not among those that the upstream told of. Nothing known refuses nothing.
pub(crate) fn unknown_location(location: Option<&str>, locations: &[Location]) -> Option<FieldError> {
    let name = location?;
    let known = locations.is_empty() || locations.iter().any(|l| l.name == name);
    (!known).then(|| FieldError {
        path: "location".into(),
        code: "unknown".into(),
        sentence: format!("The system has no storage location “{name}”; choose one of its own."),
    })
}

fn location_note(location: Option<&str>, locations: &[Location]) -> Option<String> {
    if let Some(error) = unknown_location(location, locations) {
        return Some(error.sentence);
    }
    if locations.is_empty() {
        return None;
    }
    let Some(name) = location else {
        let Some(default) = locations.iter().find(|l| l.is_default) else {
            return Some("The system has no default storage location: choose one, or runs fail.".into());
        };
        return default
            .why_not()
            .map(|why| format!("Runs would fail now: the default location {}: {why}", default.name));
    };
    let why = locations.iter().find(|l| l.name == name)?.why_not()?;
    Some(format!("Runs would fail now: the location {name}: {why}"))
}

/// A point that is gone before the next one is made leaves a time with none.
fn retention_note(definition: &Definition, now: Millis) -> Option<String> {
    let keep = definition.retention.keep_for?;
    let times = Rule::of(definition.schedule.as_ref()?).ok()?.next_times(now, 30);
    let longest = times.windows(2).map(|pair| pair[1].since(pair[0])).max()?;
    let keep_ms = i64::try_from(keep.0).ok()?.saturating_mul(1000);
    (keep_ms <= longest).then(|| {
        format!(
            "Up to {} lie between two runs, but a recovery point is kept for {} only: at times there would be none.",
            model::duration::Seconds(u64::try_from(longest / 1000).unwrap_or(0)).words(),
            keep.words()
        )
    })
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_lowercase().collect::<String>() + chars.as_str()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        Named, capability::Support, connection::SubjectSeen, duration::Seconds, location::LocationState, scope::Scope,
        tier::Tier,
    };

    fn definition() -> Definition {
        Definition {
            name: "shop".into(),
            connection: "c".into(),
            scope: Scope { namespaces: vec!["shop".into(), "db-*".into()], ..Scope::default() },
            location: Some("minio".into()),
            volumes: Volumes::SnapshotMoved,
            retention: Retention { keep_for: Some(Seconds(14 * 86_400)), ..Retention::default() },
            schedule: Some(Schedule { cron: "30 2 * * *".into(), zone: Some("Europe/Zurich".into()) }),
            further: Vec::new(),
            policy: None,
            paused: false,
        }
    }

    fn can(located: bool) -> Capabilities {
        let location = if located { Support::yes("") } else { Support::no("No.") };
        Capabilities { location, ..Capabilities::none("Not known.") }
    }

    fn location(name: &str, state: LocationState) -> Location {
        Location { name: name.into(), is_default: false, read_only: false, state, message: None, place: String::new() }
    }

    fn codes(definition: &Definition, inventory: Option<&Inventory>, locations: &[Location]) -> Vec<String> {
        notes(definition, inventory, locations, Millis(0))
            .into_iter()
            .map(|n| format!("{} {}", n.path, n.code))
            .collect()
    }

    #[test]
    fn a_definition_in_words() {
        assert_eq!(
            sentences(&definition(), "zrh", &can(true)),
            [
                "Protects shop, db-* in zrh.",
                "Every day at 02:30, in Europe/Zurich.",
                "Keeps each recovery point for 14 days.",
                "Stores them in minio.",
                "Takes volumes: snapshots, copied to the location.",
            ]
        );
        let bare = Definition {
            schedule: None,
            location: None,
            retention: Retention::default(),
            volumes: Volumes::None,
            scope: Scope { resources: vec!["pods".into()], ..Scope::default() },
            ..definition()
        };
        let said = sentences(&bare, "zrh", &can(true)).join(" ");
        for part in [
            "every namespace",
            "only these kinds: pods",
            "Runs once",
            "as long as the system",
            "default location",
            "no volumes",
        ] {
            assert!(said.contains(part), "{part} in {said}");
        }
        assert!(
            !sentences(&bare, "zrh", &can(false)).join(" ").contains("default location"),
            "nobody could choose one"
        );
    }

    #[test]
    fn what_other_systems_keep_is_said_too() {
        let tiers = Definition {
            scope: Scope { subject: Some(Named::new("a1", "shop")), ..Scope::default() },
            retention: Retention { keep_last: Some(7), ..Retention::default() },
            further: vec![Tier {
                schedule: Schedule { cron: "0 3 * * 0".into(), zone: Some("UTC".into()) },
                retention: Retention { keep_last: Some(4), keep_snapshots: Some(2), ..Retention::default() },
            }],
            ..definition()
        };
        assert_eq!(
            sentences(&tiers, "astra", &can(true))[..6],
            [
                "Protects shop in astra.",
                "Every day at 02:30, in Europe/Zurich.",
                "Keeps at most the last 7; older ones go first.",
                "Sundays at 03:00, in UTC.",
                "Keeps at most the last 4; older ones go first.",
                "Keeps 2 snapshots beside the copies.",
            ]
        );
        let policy = Definition { schedule: None, policy: Some(Named::new("p1", "gold")), ..tiers };
        let said = sentences(&policy, "casa", &can(true));
        assert!(said.contains(&"Runs and is kept as the policy gold says, also when that changes.".to_owned()));
        assert!(!said.join(" ").contains("Runs once"), "{said:?}");
        assert_eq!(codes(&policy, None, &[]), Vec::<String>::new(), "everything of a subject is what is meant");
    }

    #[test]
    fn an_interval_is_told_as_its_system_counts_it() {
        let every = |cron: &str| Some(Schedule { cron: cron.into(), zone: None });
        let of = Definition { schedule: every("@every 4h"), ..definition() };
        let zone = "in the system's zone, normally UTC.";
        assert_eq!(sentences(&of, "zrh", &can(true))[1], format!("Every 4 hours, counted from the last run, {zone}"));
        let fixed = Capabilities { intervals: Intervals::Moment(Millis(0)), ..can(true) };
        assert_eq!(
            sentences(&of, "astra", &fixed)[1],
            format!("Every 4 hours, counted from 1970-01-01 00:00 UTC, {zone}")
        );
    }

    #[test]
    fn namespaces_are_looked_for_in_the_subject() {
        let inside = |names: &[&str]| Inventory {
            subjects: vec![SubjectSeen {
                id: "k1".into(),
                namespaces: names.iter().map(|n| NamespaceSeen { name: (*n).into(), skipped_because: None }).collect(),
                ..SubjectSeen::default()
            }],
            ..Inventory::default()
        };
        let scope =
            Scope { subject: Some(Named::new("k1", "zrh")), namespaces: vec!["shop".into()], ..Scope::default() };
        let of = Definition { scope, ..definition() };
        assert_eq!(codes(&of, Some(&inside(&["shop"])), &[]), Vec::<String>::new());
        assert_eq!(codes(&of, Some(&inside(&["other"])), &[]), ["scope.namespaces.0 absent"]);
    }

    #[test]
    fn notes_say_what_would_surprise() {
        let good = [location("minio", LocationState::Available)];
        let live = |names: &[(&str, Option<&str>)]| Inventory {
            namespaces: names
                .iter()
                .map(|(name, why)| NamespaceSeen { name: (*name).into(), skipped_because: why.map(Into::into) })
                .collect(),
            ..Inventory::default()
        };
        assert_eq!(codes(&definition(), Some(&live(&[("shop", None)])), &good), Vec::<String>::new());
        assert_eq!(codes(&definition(), Some(&live(&[])), &good), ["scope.namespaces.0 absent"]);
        assert_eq!(
            codes(&definition(), Some(&live(&[("shop", Some("label"))])), &good),
            ["scope.namespaces.0 skipped"]
        );
        assert_eq!(
            codes(&definition(), None, &[location("other", LocationState::Available)]),
            ["location unavailable"]
        );
        assert_eq!(
            codes(&definition(), None, &[location("minio", LocationState::NotChecked)]),
            ["location unavailable"]
        );
        assert_eq!(codes(&definition(), None, &[]), Vec::<String>::new(), "nothing known, nothing said");
        let defaulted = Definition { location: None, ..definition() };
        assert_eq!(codes(&defaulted, None, &good), ["location unavailable"], "no default there");
        let all = Definition { scope: Scope::default(), ..definition() };
        assert_eq!(codes(&all, None, &good), ["scope.namespaces whole-cluster"]);
        let short = Definition {
            retention: Retention { keep_for: Some(Seconds(86_400)), ..Retention::default() },
            ..definition()
        };
        assert_eq!(codes(&short, None, &good), ["keep_for short"]);
    }

    #[test]
    fn only_a_location_that_is_surely_unknown_is_refused() {
        assert!(unknown_location(Some("x"), &[location("minio", LocationState::Available)]).is_some());
        assert!(unknown_location(Some("x"), &[]).is_none());
        assert!(unknown_location(None, &[location("minio", LocationState::Available)]).is_none());
    }
}
