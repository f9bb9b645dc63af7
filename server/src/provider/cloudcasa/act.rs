//! Writing to CloudCasa. A definition is up to three documents, so every apply reads what is there, plans the writes that are
//! missing, and does them in an order that may stop after any of them: the next apply goes on from there.

pub mod live;
pub mod order;
pub mod plan;
pub mod run;

use super::{
    client::Client,
    translate::{self, Wanted, compare, normal::Part},
    wire::{DEFINITION, Doc, Store, read},
};
use crate::{
    clock::Clock,
    provider::{Applied, Dispute, ErrorKind, Owned, ProviderError, Revision, paths::overlap},
};
use live::Live;
use model::{Invalid, definition::Drift, definition::Volumes};
use plan::Step;
use serde_json::{Value, json};

const OPERATION: &str = "apply the definition";

/// Makes CloudCasa match the definition.
pub async fn apply(
    client: &Client,
    clock: &Clock,
    owned: &Owned,
    previous: Option<&Applied>,
) -> Result<Applied, ProviderError> {
    let invalid = translate::express(&owned.definition);
    if !invalid.0.is_empty() {
        return Err(refused("CloudCasa can't express this definition.", invalid));
    }
    match once(client, clock, owned, previous).await {
        // Somebody was faster, or the server wrote into the document: read again, once.
        Err(e) if e.kind == ErrorKind::Conflict => once(client, clock, owned, previous).await,
        other => other,
    }
}

async fn once(
    client: &Client,
    clock: &Clock,
    owned: &Owned,
    previous: Option<&Applied>,
) -> Result<Applied, ProviderError> {
    let store = store(client, owned).await?;
    let wanted = translate::wanted(owned, store.as_ref());
    let mut live = Live::read(client, owned, store.as_ref()).await?;
    live.refuse_taken(owned, &wanted)?;
    live.refuse_moved(owned)?;
    let base = previous.map(|previous| &previous.written).filter(|written| written["kubebackup"].is_object());
    let undone = disputed(owned, base, &wanted, &live);
    if !undone.is_empty() {
        live.learn(client).await?;
        let Some(seen) = live.declared() else {
            return Err(ProviderError::new(ErrorKind::Broken, OPERATION, "What is there can't be told."));
        };
        let undone = disputed(owned, base, &wanted, &live);
        return Err(ProviderError::disputed(OPERATION, Dispute { seen, drift: undone }));
    }
    let began = live.part(Part::Backup).is_none();
    let mut done = Vec::new();
    for step in plan::steps(&wanted, &live) {
        if let Err(error) = take(client, owned, &step, &mut live, &mut done).await {
            if previous.is_none() && !matches!(error.kind, ErrorKind::Unreachable | ErrorKind::Garbled) {
                undo(client, &live, &done).await;
            }
            return Err(error);
        }
    }
    let single = !owned.definition.is_scheduled() && previous.is_none();
    if single {
        done.push(run::first(client, clock, owned, &live, began).await?);
    }
    let mut written = wanted.composite(&live.refs);
    written.insert("version".into(), json!(owned.version));
    Ok(Applied { written: Value::Object(written), sentence: sentence(owned, &done), revision: revision(live.docs()) })
}

/// The object store that the definition's location names.
async fn store(client: &Client, owned: &Owned) -> Result<Option<Store>, ProviderError> {
    let Some(name) = owned.definition.location.as_ref().filter(|_| owned.definition.volumes == Volumes::SnapshotMoved)
    else {
        return Ok(None);
    };
    let found: Vec<Store> = read(
        client.all("read the object store", &super::client::Query::of("objectstores", json!({"name": name}))).await?,
    );
    let found = found.into_iter().find(|store| store.name == *name);
    found.map(Some).ok_or_else(|| {
        let sentence = format!("CloudCasa has no object store {name}.");
        refused(&sentence, Invalid::one("location", "gone", format!("{sentence} Choose another one.")))
    })
}

pub(super) fn refused(sentence: &str, fields: Invalid) -> ProviderError {
    let mut error = ProviderError::new(ErrorKind::Refused, OPERATION, sentence);
    if let Some(first) = fields.0.first() {
        error.remedy = first.sentence.clone();
    }
    error.fields = fields;
    error
}

/// What somebody changed and an apply would undo. `base`: what was written last.
fn disputed(owned: &Owned, base: Option<&Value>, wanted: &Wanted, live: &Live) -> Vec<Drift> {
    let there = live.composite();
    if !there["kubebackup"].is_object() {
        // The definition as such is gone: it is made again.
        return Vec::new();
    }
    let recorded = base.and_then(|base| base["version"].as_i64()).unwrap_or_default();
    let wanted = Value::Object(wanted.composite(&live.refs));
    let mut out = match base {
        Some(base) => compare::disputed(base, &wanted, &there),
        None => compare::drift(&wanted, &there),
    };
    out.retain(|field| {
        let Some(part) = Part::ALL.into_iter().find(|part| overlap(part.key(), &field.field)) else {
            return true;
        };
        let Some(doc) = live.part(part) else {
            // Not there: somebody took it away, unless we had not come to make it.
            return base.is_some_and(|base| base[part.key()].is_object()) && wanted[part.key()].is_object();
        };
        let mark = doc.tag(super::wire::WRITTEN);
        match translate::mark::version(mark, &there[part.key()]) {
            // As Holdfast itself left it, by an apply that was not recorded.
            Some(version) if recorded < version && version <= owned.version => false,
            // Handed over by its tag, by hand, and never written by us.
            None if base.is_none() && mark.is_empty() => false,
            _ => true,
        }
    });
    out
}

/// One write. `done` says in words what was done.
async fn take(
    client: &Client,
    owned: &Owned,
    step: &Step,
    live: &mut Live,
    done: &mut Vec<String>,
) -> Result<(), ProviderError> {
    let (part, key) = (step.part(), step.part().key());
    match step {
        Step::Write(_, wanted) => {
            let body = live.filled(wanted);
            let doc = match live.part(part) {
                None => {
                    let doc = client.create(&format!("create the {key}"), part.collection(), body).await?;
                    done.push(format!("{key} created"));
                    doc
                }
                Some(there) => {
                    let operation = format!("change the {key}");
                    let doc = match plan::change(part, there, &body) {
                        plan::Change::Pause(body) => client.patch(&operation, part.collection(), there, body).await?,
                        plan::Change::Whole(body) => client.replace(&operation, part.collection(), there, body).await?,
                    };
                    if !done.contains(&format!("{key} created")) {
                        done.push(format!("{key} changed"));
                    }
                    doc
                }
            };
            live.set(part, Some(doc));
        }
        Step::Delete(_) => {
            if let Some(doc) = live.part(part) {
                client.delete(&format!("delete the {key}"), part.collection(), doc).await?;
                live.set(part, None);
                done.push(format!("{key} deleted"));
            }
        }
        Step::DeleteUnused => {
            if let Some(doc) = live.part(Part::Policy) {
                if used(client, doc.id(), live).await? {
                    done.push("its policy left, because others follow it".into());
                } else {
                    client.delete("delete the policy", "policies", doc).await?;
                    live.set(Part::Policy, None);
                    done.push("policy deleted".into());
                }
            }
        }
    }
    tracing::debug!(definition = %owned.id, part = key, "a step of an apply is done");
    Ok(())
}

/// Whether a definition that is not this one follows the policy.
async fn used(client: &Client, policy: &str, live: &Live) -> Result<bool, ProviderError> {
    for part in [Part::Backup, Part::Offload] {
        let mut filter = json!({"policy": policy});
        if let Some(own) = live.part(part) {
            filter["_id"] = json!({"$ne": own.id()});
        }
        if client.any("look who follows the policy", part.collection(), filter).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Takes away what the first apply of a definition made before it was refused: a kubebackup without its copy would look like a
/// definition and protect nothing. What fails here is found and finished by the next apply.
async fn undo(client: &Client, live: &Live, done: &[String]) {
    let Some(backup) = live.part(Part::Backup).filter(|doc| is_unfinished(doc, live)) else {
        if live.part(Part::Backup).is_none() {
            undo_policy(client, live, done).await;
        }
        return;
    };
    // The refusal may have been the answer to something that was done all the same.
    let copied = client.any("look for copies", "kubeoffloads", json!({"backupdef": backup.id()})).await;
    if matches!(copied, Ok(false)) && client.delete("take the kubebackup back", "kubebackups", backup).await.is_ok() {
        undo_policy(client, live, done).await;
    }
}

async fn undo_policy(client: &Client, live: &Live, done: &[String]) {
    if let Some(policy) = live.part(Part::Policy).filter(|_| done.iter().any(|what| what == "policy created")) {
        let _ = client.delete("take the policy back", "policies", policy).await;
    }
}

/// A kubebackup as [`Wanted::interim`] left it: ours, and waiting for a copy definition that isn't there.
fn is_unfinished(backup: &Doc, live: &Live) -> bool {
    !backup.tag(super::wire::WRITTEN).is_empty()
        && backup.text("/trigger_type") == "ADHOC"
        && backup.reference("policy").is_empty()
        && backup.reference("copydef").is_empty()
        && live.part(Part::Offload).is_none()
}

fn sentence(owned: &Owned, done: &[String]) -> String {
    let name = &owned.upstream_name;
    match done {
        [] => format!("{name} is as saved."),
        done => format!("{name}: {}.", done.join(", ")),
    }
}

/// Documents count no states; the second of the last write is the next best, and never ahead of the truth.
pub fn revision<'a>(docs: impl Iterator<Item = (Part, &'a Doc)>) -> Option<Revision> {
    let (mut object, mut number) = (None, None);
    for (part, doc) in docs {
        if part == Part::Backup {
            object = Some(doc.id().to_owned());
        }
        number = number.max(doc.updated().map(|at| at.0 / 1_000));
    }
    Some(Revision { object: object?, number: number? })
}

/// Removes what [`apply`] made: the copy first, then the definition, then its policy unless somebody else follows it. Recovery
/// points stay.
pub async fn remove(client: &Client, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
    let mut live = Live::read(client, owned, None).await?;
    let mut done = Vec::new();
    for step in [Step::Delete(Part::Offload), Step::Delete(Part::Backup), Step::DeleteUnused] {
        take(client, owned, &step, &mut live, &mut done).await?;
    }
    // The definition that was applied may stand there without our tag.
    let Some(revision) = applied.and_then(|applied| applied.revision.as_ref()) else { return Ok(()) };
    let there = client.there("look for the definition", Part::Backup.collection(), &revision.object).await?;
    match there.filter(|doc| doc.tag(DEFINITION) != owned.id.as_str()) {
        Some(doc) => Err(ProviderError::left_behind(&format!("The definition {}", doc.text("/name")), "tag from it")
            .remedy(format!("Delete it in CloudCasa, or set its tag {DEFINITION} to {} again.", owned.id))),
        None => Ok(()),
    }
}
