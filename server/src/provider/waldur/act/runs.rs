//! Single backups: begun, deleted, and what they say of themselves.

use super::instance;
use crate::provider::{
    Ask, Begun, ErrorKind, LogOf, Owned, ProviderError,
    rest::Call,
    waldur::{
        Waldur,
        generation::{Generation, Resource},
        observe::seen,
        translate::{self, mark},
        wire,
    },
};
use model::{
    Millis, Phase,
    run::{ResultLine, Results},
};

/// Who asked, where Holdfast itself did, for a definition without a schedule.
const HOLDFAST: &str = "Holdfast";

/// Begins a backup. One that was ordered by the same name is found again.
pub async fn start(waldur: &Waldur, owned: &Owned, ask: &Ask) -> Result<Begun, ProviderError> {
    let generation = waldur.generation().await?;
    if ask.repeated
        && let Some(there) = find(waldur, generation, owned, &ask.name).await?
    {
        return Ok(Begun { name: Some(there.id()) });
    }
    let made = begin(waldur, generation, owned, &ask.name, &ask.asked_by, ask.asked).await?;
    Ok(Begun { name: Some(made.id()).filter(|id| !id.is_empty()) })
}

/// The one backup of a definition without a schedule, under the definition's own name; `false` when it is there already.
pub async fn single(waldur: &Waldur, generation: Generation, owned: &Owned) -> Result<bool, ProviderError> {
    let name = &owned.upstream_name;
    if find(waldur, generation, owned, name).await?.is_some() {
        return Ok(false);
    }
    begin(waldur, generation, owned, name, HOLDFAST, waldur.clock.now()).await.map(|_| true)
}

/// The backup that was ordered by this name.
async fn find(
    waldur: &Waldur,
    generation: Generation,
    owned: &Owned,
    order: &str,
) -> Result<Option<wire::Backup>, ProviderError> {
    let part = mark::search(owned.id.as_str());
    let path = generation.list(Resource::Backups);
    let rows: Vec<wire::Backup> = waldur.api.list("look for the backup", &path, &[("description", &part)]).await?;
    Ok(rows.into_iter().find(|row| {
        mark::read(&row.description)
            .is_some_and(|mark| mark.definition == owned.id.as_str() && mark.order() == Some(order))
    }))
}

async fn begin(
    waldur: &Waldur,
    generation: Generation,
    owned: &Owned,
    order: &str,
    asked_by: &str,
    asked: Millis,
) -> Result<wire::Backup, ProviderError> {
    let instance = instance(&waldur.api, generation, owned).await?;
    let body = translate::backup(owned, order, asked_by, generation, &instance.url, asked);
    let call = Call::post(path(generation, translate::instance(owned)), body);
    let made = waldur.api.rest.json("begin the backup", call).await?;
    waldur.memory.begun.notify_one();
    Ok(made)
}

/// Where a backup is made.
pub fn path(generation: Generation, instance: &str) -> String {
    if generation == Generation::G2 {
        generation.list(Resource::Backups)
    } else {
        generation.action(Resource::Instances, instance, "backup")
    }
}

/// Asks for a backup and its snapshots to be deleted.
pub async fn delete(waldur: &Waldur, point: &str) -> Result<(), ProviderError> {
    const OPERATION: &str = "delete the backup";
    let generation = waldur.generation().await?;
    let backup: Option<wire::Backup> = waldur.api.get("read the backup", generation, Resource::Backups, point).await?;
    let Some(backup) = backup else { return Ok(()) };
    if seen::is_going(&backup) {
        return Ok(());
    }
    // A refusal for good: asked again it would be refused again.
    if let Some(why) = seen::kept_because(&backup, generation) {
        return Err(ProviderError::new(ErrorKind::Refused, OPERATION, why));
    }
    let call = match generation {
        Generation::G2 => Call::post(generation.action(Resource::Backups, point, "delete"), serde_json::json!({})),
        _ => Call::delete(generation.item(Resource::Backups, point)),
    };
    match waldur.api.rest.send(OPERATION, call).await {
        Ok(_) => waldur.memory.deleting(&backup.id()),
        Err(error) if error.kind == ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    waldur.memory.begun.notify_one();
    Ok(())
}

/// What a backup or a new instance says of its end.
pub async fn results(waldur: &Waldur, of: LogOf, name: &str) -> Result<Results, ProviderError> {
    let generation = waldur.generation().await?;
    let gone = || Results { unavailable: Some("Waldur has it no more.".to_owned()), ..Results::default() };
    let line = |text: String| ResultLine { place: "Waldur".to_owned(), text };
    match of {
        LogOf::Run => {
            let backup: Option<wire::Backup> =
                waldur.api.get("read the backup", generation, Resource::Backups, name).await?;
            let Some(backup) = backup else { return Ok(gone()) };
            let run = seen::run(&backup, generation, None, waldur.clock.now());
            let mut results = Results { volumes: run.detail.volumes, ..Results::default() };
            if run.phase == Phase::Failed {
                results.errors.extend(run.detail.message.map(line));
            }
            results.warnings.extend(run.detail.note.map(line));
            Ok(results)
        }
        LogOf::Restore => {
            let instance: Option<wire::Instance> =
                waldur.api.get("read the new instance", generation, Resource::Instances, name).await?;
            let Some(instance) = instance else { return Ok(gone()) };
            let errors = Some(instance.error_message).filter(|text| !text.trim().is_empty()).map(line);
            Ok(Results { errors: errors.into_iter().collect(), ..Results::default() })
        }
    }
}
