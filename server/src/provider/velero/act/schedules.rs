//! A definition's Schedules in the cluster: one for each tier, brought together to what is saved.

use super::{is_ours, taken};
use crate::provider::{
    Applied, Dispute, ErrorKind, Owned, ProviderError, Revision,
    velero::{
        client::{Group, Kube, Write, garbled, segment},
        observe::{schedules::joined, seen},
        translate::{
            plan::{Live, Step, Wanted, plan},
            tiers,
        },
        wire::{DEFINITION, List, ObjectOut, Schedule, ScheduleOut},
    },
};
use model::view::Resume;
use serde_json::{Value, json};

const APPLY: &str = "apply the schedule";

/// The wanted objects by tier.
pub fn wanted(schedules: &[ObjectOut<ScheduleOut>]) -> Result<Wanted, ProviderError> {
    let object = |schedule| serde_json::to_value(schedule).map_err(|_| garbled("write the schedule"));
    schedules.iter().enumerate().map(|(at, schedule)| Ok((at + 1, object(schedule)?))).collect()
}

/// The definition's Schedules that are there: those with its label and the name of one of its tiers. A copy of another name that
/// carries the label is none of them.
pub async fn live(kube: &Kube, owned: &Owned) -> Result<Live, ProviderError> {
    const OPERATION: &str = "read the schedules";
    let path = format!(
        "{}?labelSelector={}%3D{}",
        kube.path(Group::Velero, "schedules"),
        segment(DEFINITION),
        segment(owned.id.as_str()),
    );
    let list: List = kube.read(OPERATION, &path).await?;
    if !list.kind.ends_with("List") {
        return Err(garbled(OPERATION));
    }
    let all = list.items.into_iter().filter_map(|item| serde_json::from_value::<Schedule>(item).ok());
    let ours = all.filter(|schedule| is_ours(&schedule.metadata, owned));
    Ok(ours
        .filter_map(|schedule| Some((tiers::number(&owned.upstream_name, &schedule.metadata.name)?, schedule)))
        .collect())
}

/// Fails when a name that is needed is somebody else's.
pub async fn not_taken(kube: &Kube, owned: &Owned, wanted: &Wanted, live: &Live) -> Result<(), ProviderError> {
    for tier in wanted.keys().filter(|tier| !live.contains_key(tier)) {
        let name = tiers::name(&owned.upstream_name, *tier);
        match kube.read::<Schedule>("read the schedule", &kube.object("schedules", &name)).await {
            Ok(there) if !is_ours(&there.metadata, owned) => return Err(taken(APPLY, "Schedule", owned, &name)),
            // Ours since a moment ago: making it will be a conflict, and the next turn finds it.
            Ok(_) => {}
            Err(error) if error.kind == ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Brings them to what is wanted.
pub async fn apply(
    kube: &Kube,
    owned: &Owned,
    previous: Option<&Applied>,
    wanted: &Wanted,
    resume: Option<Resume>,
) -> Result<Applied, ProviderError> {
    let base = previous.map(|previous| &previous.written).filter(|written| written["kind"] == json!("Schedule"));
    let recorded = base.map(tiers::read).unwrap_or_default();
    let (mut said, mut revision, mut last) = (Vec::new(), None, None);
    // Each turn reads first. A further one follows a name that was taken, or an object that was changed, in between; Velero itself
    // writes into each of them.
    'turns: for _ in 0..2 + wanted.len() {
        let live = live(kube, owned).await?;
        not_taken(kube, owned, wanted, &live).await?;
        let todo = plan(owned, base, wanted, &live);
        if !todo.disputed.is_empty() {
            return Err(ProviderError::disputed(APPLY, Dispute { seen: seen_of(owned, &live), drift: todo.disputed }));
        }
        revision = revision.or_else(|| live.get(&1).and_then(|first| first.metadata.revision()));
        for step in &todo.steps {
            match take(kube, owned, wanted, &live, step, resume).await {
                Ok(Done { words, left }) => {
                    said.extend(words.map(|words| match step {
                        Step::Create(tier) if recorded.contains_key(tier) => {
                            words.replace(" created", " was gone from the cluster; created again")
                        }
                        _ => words,
                    }));
                    revision = left.or(revision);
                }
                Err(error) if matches!(error.kind, ErrorKind::Conflict | ErrorKind::NotFound) => {
                    (last, revision) = (Some(error), None);
                    continue 'turns;
                }
                Err(error) => return Err(error),
            }
        }
        let sentence = match said.is_empty() {
            true => format!("{} as saved.", subject(owned, wanted.keys())),
            false => format!("{}.", said.join("; ")),
        };
        let specs = wanted.iter().map(|(tier, object)| (*tier, object["spec"].clone())).collect();
        let mut written = tiers::write(&specs);
        written["version"] = json!(owned.version);
        return Ok(Applied { written, sentence, revision });
    }
    Err(last.unwrap_or_else(|| ProviderError::new(ErrorKind::Conflict, APPLY, "It changes all the time.")))
}

/// What is there, as an observer would tell it.
fn seen_of(owned: &Owned, live: &Live) -> crate::provider::DeclaredSeen {
    let parts = live.iter().map(|(tier, schedule)| (*tier, seen::declared(schedule))).collect();
    joined(&owned.upstream_name, &parts)
}

/// `Schedule a is`, `Schedules a, a-t2 are`.
fn subject<'a>(owned: &Owned, tiers: impl Iterator<Item = &'a usize>) -> String {
    let names: Vec<String> = tiers.map(|tier| tiers::name(&owned.upstream_name, *tier)).collect();
    match names.as_slice() {
        [one] => format!("Schedule {one} is"),
        all => format!("Schedules {} are", all.join(", ")),
    }
}

/// What a step did.
#[derive(Default)]
struct Done {
    /// `None`: nothing that anybody would ask for.
    words: Option<String>,
    /// The state of the first Schedule after it, when it wrote that one.
    left: Option<Revision>,
}

async fn take(
    kube: &Kube,
    owned: &Owned,
    wanted: &Wanted,
    live: &Live,
    step: &Step,
    resume: Option<Resume>,
) -> Result<Done, ProviderError> {
    let (Step::Create(tier) | Step::Change(tier, _) | Step::Mark(tier) | Step::Delete(tier)) = step;
    let (tier, name) = (*tier, tiers::name(&owned.upstream_name, *tier));
    let left = |answer: Value| {
        let object: Schedule = serde_json::from_value(answer).unwrap_or_default();
        object.metadata.revision().filter(|_| tier == 1)
    };
    match step {
        Step::Create(_) => {
            let object = wanted.get(&tier).unwrap_or(&Value::Null);
            let made = kube.create("create the schedule", "schedules", object, Write::Real).await;
            let made = made.map_err(|error| in_tier(tier, error))?;
            Ok(Done { words: Some(format!("Schedule {name} created")), left: left(made) })
        }
        Step::Change(..) | Step::Mark(_) => {
            let (Some(mut patch), Some(live)) = (patch(wanted, step, resume), live.get(&tier)) else {
                return Ok(Done::default());
            };
            patch["metadata"]["resourceVersion"] = json!(live.metadata.resource_version);
            let now = kube.patch("change the schedule", "schedules", &name, &patch, Write::Real).await;
            let now = now.map_err(|error| in_tier(tier, error))?;
            let words = patch.get("spec").map(|spec| format!("Schedule {name} changed: {}", changed(spec)));
            Ok(Done { words, left: left(now) })
        }
        Step::Delete(_) => {
            let uid = live.get(&tier).map(|live| live.metadata.uid.as_str()).unwrap_or_default();
            kube.delete("delete the schedule", "schedules", &name, uid).await?;
            Ok(Done { words: Some(format!("Schedule {name} deleted; its backups stay")), left: None })
        }
    }
}

/// The merge patch of a change or a mark.
pub fn patch(wanted: &Wanted, step: &Step, resume: Option<Resume>) -> Option<Value> {
    let (Step::Change(tier, _) | Step::Mark(tier)) = step else { return None };
    let mut patch = json!({"metadata": {"annotations": wanted.get(tier)?["metadata"]["annotations"]}});
    if let Step::Change(_, spec) = step {
        let mut spec = spec.clone();
        if spec["paused"] == json!(false) {
            // Unpausing may fire at once for a moment that passed meanwhile (velero#6517).
            spec["skipImmediately"] = json!(resume != Some(Resume::MayRunAtOnce));
        }
        patch["spec"] = spec;
    }
    Some(patch)
}

/// A refusal of one Schedule, with the fields of its tier.
pub fn in_tier(tier: usize, mut error: ProviderError) -> ProviderError {
    for field in &mut error.fields.0 {
        field.path = tiers::draft_path(tier, &field.path);
    }
    error
}

/// `schedule, template.ttl`: what a patch touches.
fn changed(spec: &Value) -> String {
    let mut words = Vec::new();
    for (key, value) in spec.as_object().into_iter().flatten() {
        match (key.as_str(), value.as_object()) {
            ("template", Some(template)) => words.extend(template.keys().map(|k| format!("template.{k}"))),
            ("skipImmediately", _) => {}
            ("paused", _) => words.push(if value == &json!(true) { "paused".into() } else { "resumed".to_owned() }),
            _ => words.push(key.clone()),
        }
    }
    words.join(", ")
}

/// Deletes our Schedules, the first one last; their names. Backups stay, because no Schedule owns them.
pub async fn remove(kube: &Kube, owned: &Owned) -> Result<Vec<String>, ProviderError> {
    let live = match live(kube, owned).await {
        Ok(live) => live,
        // No Velero, no Schedule.
        Err(e) if matches!(e.kind, ErrorKind::NotFound | ErrorKind::NotInstalled) => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut gone = Vec::new();
    for schedule in live.values().rev() {
        let meta = &schedule.metadata;
        kube.delete("delete the schedule", "schedules", &meta.name, &meta.uid).await?;
        gone.push(meta.name.clone());
    }
    gone.reverse();
    Ok(gone)
}
