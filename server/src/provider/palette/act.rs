//! Setting and releasing policies. Every step may be repeated after a crash or a lost answer: the policy carries the definition's
//! name as its prefix, and what already is as wanted is left alone.

mod remove;

pub use remove::remove;

use super::{
    Palette,
    client::json,
    generation::{ALL_OR_NONE, Generation},
    key, order,
    translate::{self, compare},
    wire::{Document, Location, Workspace},
};
use crate::provider::{Applied, DeclaredSeen, Dispute, ErrorKind, Owned, ProviderError, Revision};
use model::{Invalid, named::Named};
use remove::release;
use serde_json::{Value, json};

const OPERATION: &str = "apply the backup policy";

/// What a definition needs to be written: its workspace as it is, and its location.
pub struct Place {
    pub workspace: Workspace,
    pub location: Location,
    pub locations: Vec<Location>,
}

/// The workspace that a definition says.
pub fn subject(owned: &Owned) -> Result<&Named, ProviderError> {
    owned
        .definition
        .scope
        .subject
        .as_ref()
        .ok_or_else(|| refused("scope.subject", "required", "Choose the workspace that is protected.".into()))
}

fn refused(field: &str, code: &str, sentence: String) -> ProviderError {
    let mut error = ProviderError::new(ErrorKind::Refused, OPERATION, sentence.clone());
    error.fields = Invalid::one(field, code, sentence);
    error
}

impl Place {
    /// Reads both. `previous` is what was written last: a location that was renamed since is still found.
    pub async fn of(palette: &Palette, owned: &Owned, previous: Option<&Value>) -> Result<Self, ProviderError> {
        let subject = subject(owned)?;
        let (workspace, locations) = tokio::join!(palette.client.workspace(&subject.id), palette.client.locations());
        let workspace = match workspace {
            Err(e) if e.kind == ErrorKind::NotFound => {
                let sentence = format!("The project has no workspace {} any more.", subject.name);
                let error = refused("scope.subject", "absent", sentence).remedy("Choose another workspace.");
                return Err(ProviderError { kind: ErrorKind::NotFound, ..error });
            }
            answer => answer?,
        };
        let locations = locations?;
        let Some(name) = &owned.definition.location else {
            return Err(refused(
                "location",
                "required",
                "Choose a backup location: a policy of Palette's names one.".into(),
            ));
        };
        let before = previous.map(|written| &written["config"]["backupConfig"]);
        let renamed = || {
            let before = before.filter(|config| config["backupLocationName"] == name.as_str())?;
            locations.iter().find(|l| before["backupLocationUid"] == l.uid.as_str())
        };
        let Some(location) = locations.iter().find(|l| l.name == *name).or_else(renamed).cloned() else {
            let sentence = format!("The project sees no backup location “{name}”.");
            return Err(refused("location", "unknown", sentence).remedy("Choose one of those that Palette has."));
        };
        Ok(Self { workspace, location, locations })
    }
}

/// The policy as it was seen, in the form that is compared and stored.
pub fn declared(config: &Value, document: &Document, workspace: &Workspace, locations: &[Location]) -> DeclaredSeen {
    DeclaredSeen {
        name: translate::prefix(config).to_owned(),
        definition: None,
        seen: translate::recorded(config, workspace, locations),
        revision: revision(document, workspace),
        invalid: Vec::new(),
        counted_from: None,
        counted_further: Vec::new(),
        paused: translate::cron(config).is_empty(),
    }
}

/// Palette has no version of a policy; the moment of its last change orders its states.
fn revision(document: &Document, workspace: &Workspace) -> Option<Revision> {
    Some(Revision { object: workspace.uid.clone(), number: document.modified?.0 })
}

/// Makes the workspace match the definition.
pub async fn apply(palette: &Palette, owned: &Owned, previous: Option<&Applied>) -> Result<Applied, ProviderError> {
    let written = previous.map(|previous| &previous.written);
    let base = written.filter(|written| written["kind"] == "Policy");
    if owned.definition.schedule.is_none() {
        return single(palette, owned, written).await;
    }
    let place = Place::of(palette, owned, base).await?;
    let uid = place.workspace.uid.clone();
    let elsewhere = base.and_then(|base| base["workspace"].as_str()).filter(|before| *before != uid);
    let applied = policy(palette, owned, &place, base.filter(|_| elsewhere.is_none())).await?;
    // Only now: until the new one stands, the old one protects.
    if let Some(before) = elsewhere {
        release(palette, before, &owned.upstream_name).await?;
    }
    Ok(applied)
}

async fn policy(
    palette: &Palette,
    owned: &Owned,
    place: &Place,
    base: Option<&Value>,
) -> Result<Applied, ProviderError> {
    let (client, uid, name) = (&palette.client, place.workspace.uid.as_str(), &place.workspace.name);
    let (mut done, mut last) = (None, None);
    // Each turn reads first. A second one follows our own write, or one of somebody else's in between.
    for _ in 0..4 {
        let live = client.backup(uid, None).await?;
        palette.shared.learn(Generation::shown(&live));
        let generation = palette.generation().unwrap_or(Generation::Mode);
        if generation.say(owned.definition.scope.cluster_objects).is_none() {
            if done.is_some() {
                // Written before anything told the release: it is not what was meant, so it shall not run.
                release(palette, uid, &owned.upstream_name).await?;
            }
            return Err(refused("scope.cluster_objects", "refused", ALL_OR_NONE.into()));
        }
        let wanted = json(&translate::policy(owned, &place.location, generation));
        let result = match &live.config {
            None => {
                palette.shared.send(uid, &wanted);
                let gone = if base.is_some() { "was gone; set again" } else { "set" };
                match client.create_policy(uid, wanted).await {
                    // Another one came in between: it is read, and judged.
                    Err(e) if e.kind == ErrorKind::Conflict && done.is_none() => {
                        last = Some(e);
                        continue;
                    }
                    answer => answer.map(|()| format!("The backup policy of {name} {gone}.")),
                }
            }
            Some(config) => {
                if done.is_none() {
                    may_write(palette, owned, place, base, &live, config, &wanted)?;
                }
                let body = translate::overlay(config, &wanted);
                let changed = compare::drift(&body, config);
                if changed.is_empty() {
                    let sentence = done.unwrap_or_else(|| format!("The backup policy of {name} is as saved."));
                    let mut written = translate::recorded(&body, &place.workspace, &place.locations);
                    written["version"] = json!(owned.version);
                    palette.shared.settle(uid);
                    palette.shared.touch(uid);
                    return Ok(Applied { written, sentence, revision: revision(&live, &place.workspace) });
                }
                palette.shared.send(uid, &body);
                let fields: Vec<&str> = changed.iter().map(|d| d.field.as_str()).collect();
                let sentence = format!("The backup policy of {name} changed: {}.", fields.join(", "));
                client.update_policy(uid, body).await.map(|()| sentence)
            }
        };
        // Read again: what the server made of it is what later changes are told from.
        done.get_or_insert(result?);
    }
    Err(last.unwrap_or_else(|| unsteady(name)))
}

fn unsteady(name: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Conflict,
        OPERATION,
        format!("The backup policy of {name} does not stay as it is written: somebody else writes it too."),
    )
    .remedy("Look who else sets it, such as infrastructure code; a workspace has one policy.")
}

/// Whether a policy that is there may be written over.
fn may_write(
    palette: &Palette,
    owned: &Owned,
    place: &Place,
    base: Option<&Value>,
    live: &Document,
    config: &Value,
    wanted: &Value,
) -> Result<(), ProviderError> {
    let workspace = &place.workspace;
    // As this process left it, by a write whose answer was lost.
    if palette.shared.sent(&workspace.uid).iter().any(|sent| compare::drift(sent, config).is_empty()) {
        return Ok(());
    }
    if let Some(base) = base {
        let undone = compare::disputed(&base["config"], wanted, config);
        if undone.is_empty() {
            return Ok(());
        }
        let mut seen = declared(config, live, workspace, &place.locations);
        // Under the name that it has with us, whatever its prefix is by now.
        seen.name.clone_from(&owned.upstream_name);
        return Err(ProviderError::disputed(OPERATION, Dispute { seen, drift: undone }));
    }
    match foreign(config, owned) {
        Some(sentence) => Err(taken(&sentence, workspace, owned)),
        None => Ok(()),
    }
}

/// Why a policy that nothing of ours was written over yet is left alone, if it is: somebody else's with a schedule, or one of
/// another definition, which may be paused.
pub fn foreign(config: &Value, owned: &Owned) -> Option<String> {
    let (prefix, cron) = (translate::prefix(config), translate::cron(config));
    if prefix == owned.upstream_name {
        return None;
    }
    if key::is_ours(prefix) {
        return Some(format!("has the backup policy of another definition of Holdfast's, {prefix}"));
    }
    let called = if prefix.is_empty() { String::new() } else { format!(" “{prefix}”") };
    (!cron.is_empty())
        .then(|| format!("has a backup policy{called} with the schedule {cron} that Holdfast did not set"))
}

fn taken(sentence: &str, workspace: &Workspace, owned: &Owned) -> ProviderError {
    ProviderError::new(
        ErrorKind::Conflict,
        OPERATION,
        format!("The workspace {} {sentence}; it was left alone. A workspace has one policy.", workspace.name),
    )
    .remedy(format!(
        "Empty its schedule in Palette, or, if this definition shall take it over, set its backup prefix to {}.",
        owned.upstream_name
    ))
}

/// A definition without a schedule: one backup, at its first apply.
async fn single(palette: &Palette, owned: &Owned, written: Option<&Value>) -> Result<Applied, ProviderError> {
    if let Some(written) = written {
        let before = written["workspace"].as_str().filter(|_| written["kind"] == "Policy");
        let removed = match before {
            Some(uid) => release(palette, uid, &owned.upstream_name).await?,
            None => false,
        };
        let sentence = if removed {
            "The workspace's schedule switched off; its backups stay."
        } else {
            "Nothing to change in Palette."
        };
        let kind = if written["kind"] == "Backup" { "Backup" } else { "none" };
        return Ok(Applied { written: json!({"kind": kind}), sentence: sentence.into(), revision: None });
    }
    let made = order::single(palette, owned).await?;
    let sentence = format!("Backup {} {}.", owned.upstream_name, if made { "started" } else { "is there" });
    Ok(Applied { written: json!({"kind": "Backup"}), sentence, revision: None })
}
