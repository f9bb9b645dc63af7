//! Writing to Astra Control. Every step may be repeated after a crash or a lost answer: what carries our label and already is as
//! wanted is left alone, and what was begun is looked for before it is begun again. An app itself is never deleted.

pub mod delete;
pub mod remove;
pub mod restore;
pub mod run;

use super::{
    Astra,
    client::{BUCKETS, IF_MATCH, of_app, one},
    explain::in_draft,
    observe::seen,
    translate::{
        self, Declared, Rhythm, Set, compare, express,
        plan::{Plan, Step, plan},
    },
    wire::{Bucket, Metadata, Schedule, out::SCHEDULE},
};
use crate::provider::{Applied, Dispute, ErrorKind, Owned, ProviderError};
use serde_json::Value;
use std::collections::BTreeMap;

const APPLY: &str = "apply the schedules";

/// Makes the app's schedules match the definition.
pub async fn apply(astra: &Astra, owned: &Owned, previous: Option<&Applied>) -> Result<Applied, ProviderError> {
    let base = previous.and_then(|previous| Declared::read(&previous.written));
    let app = translate::app(&owned.definition).id;
    let moved = base.as_ref().filter(|base| base.app != app);
    if !owned.definition.is_scheduled() {
        return single(astra, owned, previous, base.as_ref()).await;
    }
    let (bucket, names) = bucket(astra, owned.definition.location.as_deref()).await?;
    let wanted = translate::wanted(owned, &bucket);
    let here = base.as_ref().filter(|base| base.app == app);
    // What would be undone elsewhere is found before anything is written here.
    if let Some(moved) = moved {
        bring(astra, owned, &moved.app, Some(moved), &Set::new(), &names, Mode::Look).await?;
    }
    let (mut said, live) = bring(astra, owned, &app, here, &wanted, &names, Mode::Write).await?;
    if let Some(moved) = moved {
        said.extend(bring(astra, owned, &moved.app, Some(moved), &Set::new(), &names, Mode::Write).await?.0);
    }
    astra.wake.nudge(&app);
    let sentence = match said.is_empty() {
        true => format!("The schedules of {} are as saved.", owned.upstream_name),
        false => format!("{}.", said.join("; ")),
    };
    let written = Declared::new(owned.version, &app, wanted, &names);
    Ok(Applied { written: written.value(), sentence, revision: seen::revision(&live) })
}

/// Whether to do it or only to see whether it may be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Look,
    Write,
}

/// Brings the schedules of one app to what is wanted: what was done, in words, and the schedules as they are then.
async fn bring(
    astra: &Astra,
    owned: &Owned,
    app: &str,
    base: Option<&Declared>,
    wanted: &Set,
    names: &BTreeMap<String, String>,
    mode: Mode,
) -> Result<(Vec<String>, Vec<Schedule>), ProviderError> {
    let mut said = Vec::new();
    let mut last = None;
    // Each turn reads first. A second one follows a schedule that was changed, or made, in between.
    for _ in 0..4 {
        let all = match schedules(astra, app).await {
            Ok(all) => all,
            // Without the app there is nothing to take away.
            Err(error) if error.kind == ErrorKind::NotFound && wanted.is_empty() => return Ok((said, Vec::new())),
            Err(error) if error.kind == ErrorKind::NotFound => return Err(app_gone(owned, error)),
            Err(error) => return Err(error),
        };
        if !wanted.is_empty() {
            not_taken(owned, &all)?;
        }
        let ours: Vec<Schedule> = all.into_iter().filter(|one| translate::is_ours(one, owned)).collect();
        let live = compare::set(&ours);
        let Plan { steps, disputed } = plan(owned, base, wanted, &live, names);
        if !disputed.is_empty() {
            let dispute = Dispute { seen: seen::declared(&owned.upstream_name, app, &ours, names), drift: disputed };
            return Err(ProviderError::disputed(APPLY, dispute));
        }
        if steps.is_empty() || mode == Mode::Look {
            return Ok((said, ours));
        }
        let mut again = false;
        for step in &steps {
            match take(astra, owned, app, wanted, step).await {
                Ok(Some(words)) => said.push(words),
                // It is not any more what the plan was made for.
                Ok(None) => again = true,
                Err(error) if matches!(error.kind, ErrorKind::Conflict | ErrorKind::NotFound) => {
                    last = Some(error);
                    again = true;
                }
                Err(error) => return Err(error),
            }
            if again {
                break;
            }
        }
    }
    Err(last.unwrap_or_else(|| ProviderError::new(ErrorKind::Conflict, APPLY, "They change all the time.")))
}

/// One step: what was done, or `None` when the schedule is another one by now.
async fn take(
    astra: &Astra,
    owned: &Owned,
    app: &str,
    wanted: &Set,
    step: &Step<'_>,
) -> Result<Option<String>, ProviderError> {
    let api = &astra.api;
    let collection = of_app(app, "schedules");
    let rhythm = |key: &String| wanted.get(key).cloned().unwrap_or_default();
    let fields = |key: &str, error| in_draft(error, |name| draft_field(owned, key, name));
    match step {
        Step::Create(key) => {
            let body = translate::schedule(owned, key, &rhythm(key), &Metadata::default());
            api.post::<Value>("create the schedule", &collection, SCHEDULE, &body).await.map_err(|e| fields(key, e))?;
            Ok(Some(format!("{key} schedule created")))
        }
        Step::Change(key, live) => {
            let path = one(&collection, &live.id);
            let (now, tag) = api.tagged::<Schedule>("read the schedule", &path).await?;
            if compare::normal(&now) != compare::normal(live) {
                return Ok(None);
            }
            let wanted = rhythm(key);
            let body = translate::schedule(owned, key, &wanted, &now.metadata);
            api.put("change the schedule", &path, SCHEDULE, &body, (IF_MATCH, &tag))
                .await
                .map_err(|e| fields(key, e))?;
            Ok(Some(format!("{key} schedule changed: {}", changed(&compare::normal(&now), &wanted))))
        }
        Step::Replace(key, live) => {
            remove_one(astra, app, live).await?;
            let body = translate::schedule(owned, key, &rhythm(key), &live.metadata);
            api.post::<Value>("create the schedule", &collection, SCHEDULE, &body).await.map_err(|e| fields(key, e))?;
            Ok(Some(format!("{key} schedule made anew without a bucket of its own")))
        }
        Step::Drop(key, live) => {
            remove_one(astra, app, live).await?;
            Ok(Some(format!("{key} schedule deleted; its backups stay")))
        }
    }
}

/// `hour, backupRetention`: what a PUT touches.
fn changed(now: &Rhythm, wanted: &Rhythm) -> String {
    let words: Vec<&str> = compare::fields(now, wanted)
        .into_iter()
        .map(|(name, _, to)| match (name, to) {
            ("enabled", "false") => "paused",
            ("enabled", _) => "resumed",
            _ => name,
        })
        .collect();
    words.join(", ")
}

/// The draft's field of one of a schedule's.
fn draft_field(owned: &Owned, granularity: &str, upstream: &str) -> Option<String> {
    let tier = translate::tiers(&owned.definition).into_iter().find(|(_, schedule, _)| {
        translate::timing::timing(&schedule.cron).is_ok_and(|timing| timing.granularity == granularity)
    });
    express::draft_field(&owned.definition, &tier.map(|(prefix, ..)| prefix).unwrap_or_default(), upstream)
}

/// Deletes one schedule; gone already is success.
async fn remove_one(astra: &Astra, app: &str, live: &Schedule) -> Result<(), ProviderError> {
    match astra.api.delete("delete the schedule", &one(&of_app(app, "schedules"), &live.id), false).await {
        Err(error) if error.kind != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// An app's schedules, whoever made them.
pub async fn schedules(astra: &Astra, app: &str) -> Result<Vec<Schedule>, ProviderError> {
    astra.api.list("list the schedules", &of_app(app, "schedules")).await
}

/// A schedule of our name that is not ours is not touched, and none is put beside it.
pub fn not_taken(owned: &Owned, all: &[Schedule]) -> Result<(), ProviderError> {
    let name = &owned.upstream_name;
    match all.iter().any(|one| one.name == *name && !translate::is_ours(one, owned)) {
        true => Err(taken(owned, "schedule")),
        false => Ok(()),
    }
}

/// The name is somebody else's.
pub fn taken(owned: &Owned, what: &str) -> ProviderError {
    let name = &owned.upstream_name;
    let sentence = format!(
        "The name {name} is taken by a {what} of the app that this definition did not make; it was left alone."
    );
    let mut error = ProviderError::new(ErrorKind::Conflict, APPLY, sentence.clone())
        .remedy("Delete or rename it in Astra Control.");
    error.fields.push("name", "taken", sentence);
    error
}

/// The app that a definition belongs to is not there.
pub fn app_gone(owned: &Owned, mut error: ProviderError) -> ProviderError {
    let sentence =
        format!("The app {} is not there, or not for this account's token.", translate::app(&owned.definition).name);
    error.fields.push("scope.subject", "absent", sentence.clone());
    ProviderError { sentence, ..error }.remedy("Choose another app, or define it in Astra Control again.")
}

/// The id of a location, and the names of all buckets by id; an empty id for none.
pub async fn bucket(
    astra: &Astra,
    location: Option<&str>,
) -> Result<(String, BTreeMap<String, String>), ProviderError> {
    let all: Vec<Bucket> = astra.api.list("list the buckets", BUCKETS).await?;
    let names = seen::bucket_names(&all);
    let Some(wanted) = location else { return Ok((String::new(), names)) };
    match names.iter().find(|(id, name)| *name == wanted || *id == wanted) {
        Some((id, _)) => Ok((id.clone(), names.clone())),
        None => {
            let sentence = format!("There is no bucket {wanted}.");
            let mut error = ProviderError::new(ErrorKind::Refused, "look for the bucket", sentence.clone())
                .remedy("Choose another bucket, or leave it to the cluster's default.");
            error.fields.push("location", "absent", sentence);
            Err(error)
        }
    }
}

/// A definition without a schedule: one backup, at its first apply.
async fn single(
    astra: &Astra,
    owned: &Owned,
    previous: Option<&Applied>,
    base: Option<&Declared>,
) -> Result<Applied, ProviderError> {
    let app = translate::app(&owned.definition).id;
    if previous.is_some() {
        let mut said = Vec::new();
        if let Some(base) = base {
            said = bring(astra, owned, &base.app, Some(base), &Set::new(), &base.buckets, Mode::Write).await?.0;
        }
        let sentence =
            if said.is_empty() { "Nothing to change there.".into() } else { format!("{}.", said.join("; ")) };
        return Ok(Applied { written: translate::single(&app), sentence, revision: None });
    }
    let made = run::once(astra, owned).await?;
    let word = run::sort(owned).word();
    let sentence = format!("The {word} {} {}.", owned.upstream_name, if made { "has begun" } else { "is there" });
    Ok(Applied { written: translate::single(&app), sentence, revision: None })
}
