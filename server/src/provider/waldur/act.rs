//! Writing to Waldur. Every step may be repeated after a crash or a lost answer: what carries our mark is found again before
//! anything is made, and what already is as wanted is left alone.

pub mod offer;
pub mod restores;
pub mod runs;
mod schedules;

use super::{
    Waldur,
    client::Api,
    generation::{Generation, Resource},
    translate::{self, express, mark, terms::Record},
    wire,
};
use crate::provider::{Applied, ErrorKind, Owned, ProviderError, rest::Call};
use serde_json::json;

/// Makes Waldur match the definition.
pub async fn apply(waldur: &Waldur, owned: &Owned, previous: Option<&Applied>) -> Result<Applied, ProviderError> {
    const OPERATION: &str = "apply the backup schedule";
    let generation = waldur.generation().await?;
    let invalid = express::express(&owned.definition, Some(generation));
    if let Some(first) = invalid.0.first() {
        // It was saved for another generation than this Waldur speaks by now.
        let mut error = ProviderError::new(ErrorKind::Refused, OPERATION, first.sentence.clone())
            .remedy("Edit the definition: this Waldur can't hold it as it is.");
        error.fields = invalid;
        return Err(error);
    }
    let api = &waldur.api;
    let base = previous.and_then(|previous| Record::read(&previous.written));
    let applied = match translate::terms(owned, generation) {
        Some(wanted) => schedules::Writer { api, generation, owned, wanted, base }.apply().await?,
        None => single(waldur, generation, owned, previous, base.as_ref()).await?,
    };
    waldur.memory.begun.notify_one();
    Ok(applied)
}

/// A definition without a schedule: one backup, at its first apply.
async fn single(
    waldur: &Waldur,
    generation: Generation,
    owned: &Owned,
    previous: Option<&Applied>,
    base: Option<&Record>,
) -> Result<Applied, ProviderError> {
    let name = &owned.upstream_name;
    let Some(previous) = previous else {
        let made = runs::single(waldur, generation, owned).await?;
        let sentence = format!("Backup {name} {}.", if made { "begun" } else { "is there" });
        return Ok(Applied { written: json!({"kind": "backup"}), sentence, revision: None });
    };
    let removed = base.is_some() && take_away(&waldur.api, generation, owned).await?;
    let sentence = if removed {
        format!("Backup schedule {name} deleted; its backups stay.")
    } else {
        "Nothing to change in Waldur.".into()
    };
    let kind = if previous.written["kind"] == "backup" { "backup" } else { "none" };
    Ok(Applied { written: json!({"kind": kind}), sentence, revision: None })
}

/// Removes the schedule. Its backups stay, and belong to none.
pub async fn remove(waldur: &Waldur, owned: &Owned, applied: Option<&Applied>) -> Result<(), ProviderError> {
    let generation = waldur.generation().await?;
    if !generation.has_schedules() {
        return Ok(());
    }
    take_away(&waldur.api, generation, owned).await?;
    waldur.memory.begun.notify_one();
    // The one that was applied may stand there without our mark: its description is a field that people edit.
    let Some(uuid) = applied.and_then(|applied| applied.revision.as_ref()).map(|revision| &revision.object) else {
        return Ok(());
    };
    let live: Option<wire::Schedule> =
        waldur.api.get("look for the backup schedule", generation, Resource::Schedules, uuid).await?;
    match live.filter(|live| !is_ours(live, owned)) {
        Some(_) => Err(ProviderError::left_behind(&format!("Its backup schedule {uuid}"), "mark from its description")
            .remedy("Delete it in Waldur.")),
        None => Ok(()),
    }
}

/// Deletes our schedule; `false` when there was none of ours.
async fn take_away(api: &Api, generation: Generation, owned: &Owned) -> Result<bool, ProviderError> {
    if !generation.has_schedules() {
        return Ok(false);
    }
    let Some(live) = find_ours(api, generation, owned).await? else { return Ok(false) };
    delete_schedule(api, generation, &live.id()).await?;
    Ok(true)
}

async fn delete_schedule(api: &Api, generation: Generation, uuid: &str) -> Result<(), ProviderError> {
    let call = Call::delete(generation.item(Resource::Schedules, uuid));
    match api.rest.send("delete the backup schedule", call).await {
        Ok(_) => Ok(()),
        Err(error) if error.kind == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
    }
}

/// The schedule that carries our mark; of several (somebody copied one) that of our name, the oldest.
pub async fn find_ours(
    api: &Api,
    generation: Generation,
    owned: &Owned,
) -> Result<Option<wire::Schedule>, ProviderError> {
    let part = mark::search(owned.id.as_str());
    let path = generation.list(Resource::Schedules);
    let rows: Vec<wire::Schedule> = api.list("look for the backup schedule", &path, &[("description", &part)]).await?;
    let mut ours: Vec<wire::Schedule> = rows.into_iter().filter(|row| is_ours(row, owned)).collect();
    ours.sort_by_key(|row| {
        let named = mark::read(&row.description).is_some_and(|mark| mark.name() == Some(&owned.upstream_name));
        (!named, row.created, row.id())
    });
    Ok(ours.into_iter().next())
}

fn is_ours(live: &wire::Schedule, owned: &Owned) -> bool {
    mark::read(&live.description).is_some_and(|mark| mark.definition == owned.id.as_str())
}

/// Whether a schedule that isn't ours has our name. G2 has no names: there the description begins with it.
pub async fn is_taken(api: &Api, generation: Generation, owned: &Owned) -> Result<bool, ProviderError> {
    let name = &owned.upstream_name;
    let field = if generation == Generation::G2 { "description" } else { "name" };
    let path = generation.list(Resource::Schedules);
    let rows: Vec<wire::Schedule> = api.list("look for the name", &path, &[(field, name)]).await?;
    Ok(rows.iter().any(|row| {
        let its = match &row.name {
            Some(its) if generation != Generation::G2 => its.as_str(),
            _ => row.description.split(" (Holdfast ").next().unwrap_or_default().trim(),
        };
        its == name && !is_ours(row, owned)
    }))
}

/// The instance as Waldur tells it: its own reference goes into requests.
pub async fn instance(api: &Api, generation: Generation, owned: &Owned) -> Result<wire::Instance, ProviderError> {
    const OPERATION: &str = "read the instance";
    let uuid = translate::instance(owned);
    if let Some(instance) = api.get(OPERATION, generation, Resource::Instances, uuid).await? {
        return Ok(instance);
    }
    let name = owned.definition.scope.subject.as_ref().map_or(uuid, |subject| subject.name.as_str());
    let sentence = format!("The instance {name} is not there: it was deleted, or the token's account does not see it.");
    let mut error = ProviderError::new(ErrorKind::NotFound, OPERATION, sentence.clone())
        .remedy("Choose another instance, or give the account a role in its project.");
    error.fields.push("scope.subject", "absent", sentence);
    Err(error)
}

/// Operation and last part of the path.
pub fn switch(on: bool) -> (&'static str, &'static str) {
    if on { ("activate the backup schedule", "activate") } else { ("deactivate the backup schedule", "deactivate") }
}

/// Where a schedule is made.
pub fn create_path(generation: Generation, instance: &str) -> String {
    if generation == Generation::G2 {
        generation.list(Resource::Schedules)
    } else {
        generation.action(Resource::Instances, instance, "create_backup_schedule")
    }
}

/// The name belongs to somebody else.
pub fn taken(operation: &str, owned: &Owned) -> ProviderError {
    let name = &owned.upstream_name;
    let sentence = format!(
        "The name {name} is taken in Waldur by a backup schedule that this definition did not make; it was left alone."
    );
    ProviderError::new(ErrorKind::Conflict, operation, sentence).remedy(format!(
        "Delete or rename it, or, if it belongs here, end its description with “{}”.",
        format_args!("(Holdfast {})", owned.id)
    ))
}
