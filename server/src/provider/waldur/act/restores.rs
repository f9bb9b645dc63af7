//! Restores: each makes a new instance. From G3 on the answer is that instance; before, it is found by its name.

use crate::provider::{
    Ask, Begun, ErrorKind, ProviderError,
    rest::Call,
    waldur::{
        Waldur,
        generation::{Generation, Resource},
        memory::Followed,
        observe::{restored, seen},
        translate, wire,
    },
};
use model::{Millis, restore::RestoreOrder};
use std::collections::HashSet;

const OPERATION: &str = "begin the restore";
/// The clocks of two machines differ at most so much: what was made earlier is not this order's.
const SKEW_MS: i64 = 5 * 60_000;

/// Begins a restore. One that the same order began is found again.
pub async fn restore(waldur: &Waldur, order: &RestoreOrder, ask: &Ask) -> Result<Begun, ProviderError> {
    let generation = waldur.generation().await?;
    let backup = waldur.api.get("read the backup", generation, Resource::Backups, &order.point_name).await?;
    let backup: wire::Backup = backup.ok_or_else(|| {
        ProviderError::new(ErrorKind::NotFound, OPERATION, "The backup is not there any more.")
            .remedy("Choose another recovery point.")
    })?;
    let name = instance_name(order, ask, generation);
    let since = ask.asked.plus(-SKEW_MS);
    if ask.repeated
        && let Some(begun) = find_again(waldur, generation, &backup, &name, since, ask).await?
    {
        return Ok(begun);
    }
    if let Some(why) = seen::not_restorable(&backup, generation) {
        // A state that passes is asked again; one that stays isn't.
        let kind = if seen::is_busy(&backup) { ErrorKind::Conflict } else { ErrorKind::Refused };
        return Err(ProviderError::new(kind, OPERATION, why));
    }
    let flavor = flavor(waldur, generation, order, &backup).await?;
    let body = translate::restore(order, generation, &name, &flavor).map_err(|invalid| {
        let sentence = invalid.0.first().map(|error| error.sentence.clone()).unwrap_or_default();
        let mut error = ProviderError::new(ErrorKind::Refused, OPERATION, sentence);
        error.fields = invalid;
        error
    })?;
    let call = Call::post(generation.action(Resource::Backups, &backup.id(), "restore"), body);
    if generation != Generation::G2 {
        let answer: wire::Instance = waldur.api.rest.json(OPERATION, call).await?;
        waldur.memory.begun.notify_one();
        return Ok(Begun { name: Some(answer.id()).filter(|id| !id.is_empty()) });
    }
    let before: HashSet<String> = named(waldur, generation, &name).await?.iter().map(wire::Instance::id).collect();
    waldur.api.rest.send(OPERATION, call).await?;
    // Its answer is a sentence. What can't be listed now is found by the observer.
    let now = named(waldur, generation, &name).await.unwrap_or_default();
    let instance = now.iter().map(wire::Instance::id).find(|id| !before.contains(id));
    follow(waldur, order, ask, name, instance.clone());
    Ok(Begun { name: instance })
}

fn follow(waldur: &Waldur, order: &RestoreOrder, ask: &Ask, name: String, instance: Option<String>) {
    let point = order.point_name.clone();
    waldur.memory.follow(Followed { order: ask.name.clone(), point, name, instance, asked: ask.asked });
    waldur.memory.begun.notify_one();
}

/// The name of the new instance: as asked for, or one that is found again. G2 tells nowhere which backup an instance came from, so
/// that its name says it.
fn instance_name(order: &RestoreOrder, ask: &Ask, generation: Generation) -> String {
    match (order.new_name.as_str(), generation) {
        ("", Generation::G2) => restored::traced_name(&ask.name, &order.point_name),
        ("", _) => ask.name.clone(),
        (name, _) => name.to_owned(),
    }
}

async fn find_again(
    waldur: &Waldur,
    generation: Generation,
    backup: &wire::Backup,
    name: &str,
    since: Millis,
    ask: &Ask,
) -> Result<Option<Begun>, ProviderError> {
    if generation != Generation::G2 {
        let mut fitting = backup.restorations.iter().filter(|r| r.name == name);
        let found = fitting.find(|r| r.created.is_none_or(|at| at.0 >= since)).map(|r| wire::id_in(&r.instance));
        return Ok(found.map(|id| Begun { name: Some(id) }));
    }
    let rows = named(waldur, generation, name).await?;
    let found = rows.iter().find(|row| row.created.is_none_or(|at| at.0 >= since)).map(wire::Instance::id);
    let Some(id) = found else { return Ok(None) };
    let order = RestoreOrder { point_name: backup.id(), ..RestoreOrder::default() };
    follow(waldur, &order, ask, name.to_owned(), Some(id.clone()));
    Ok(Some(Begun { name: Some(id) }))
}

/// The instances of exactly this name; the filter takes parts of names too.
async fn named(waldur: &Waldur, generation: Generation, name: &str) -> Result<Vec<wire::Instance>, ProviderError> {
    let path = generation.list(Resource::Instances);
    let rows: Vec<wire::Instance> = waldur.api.list("look for the new instance", &path, &[("name", name)]).await?;
    Ok(rows.into_iter().filter(|row| row.name == name).collect())
}

/// The reference of the chosen flavour, or of the one that the backup was of.
async fn flavor(
    waldur: &Waldur,
    generation: Generation,
    order: &RestoreOrder,
    backup: &wire::Backup,
) -> Result<String, ProviderError> {
    if let Some(flavor) = &order.flavor {
        return Ok(flavor.id.clone());
    }
    let wanted = |why: String| {
        let mut error = ProviderError::new(ErrorKind::Refused, OPERATION, why.clone()).remedy("Choose a flavour.");
        error.fields.push("flavor", "required", why);
        error
    };
    let Some(name) = backup.told("flavor_name") else {
        return Err(wanted("The backup does not tell the flavour of its instance.".into()));
    };
    let flavors = super::offer::flavors(waldur, generation, None).await?;
    let mut same = flavors.into_iter().filter(|flavor| flavor.name == name);
    match (same.next(), same.next()) {
        (Some(only), None) => Ok(only.url),
        (None, _) => Err(wanted(format!("There is no flavour {name} any more, which the instance had."))),
        (Some(_), Some(_)) => Err(wanted(format!("Several flavours are called {name}."))),
    }
}
