//! Definitions into Waldur's requests and back. Pure: no I/O, no clock. The golden files under `tests/golden/waldur` are its tests
//! and are what the review step shows.

pub mod back;
pub mod express;
pub mod mark;
pub mod render;
pub mod terms;

use super::generation::Generation;
use crate::provider::Owned;
use model::{Invalid, Millis, restore::RestoreOrder};
use serde_json::{Map, Value, json};
use terms::Terms;

const DAY: u64 = 86_400;

/// What the schedule of a definition says; `None` for one without a schedule. The definition passed [`express::express`].
pub fn terms(owned: &Owned, generation: Generation) -> Option<Terms> {
    let definition = &owned.definition;
    let schedule = definition.schedule.as_ref()?;
    Some(Terms {
        name: (generation != Generation::G2).then(|| owned.upstream_name.clone()),
        instance: instance(owned).to_owned(),
        schedule: Some(schedule.cron.split_whitespace().collect::<Vec<_>>().join(" ")),
        timezone: schedule.zone.clone(),
        // 0 is for ever, and no limit; G2, where no limit can't be said, is refused before.
        retention_time: Some(definition.retention.keep_for.map_or(0, |age| age.0 / DAY)),
        maximum: Some(definition.retention.keep_last.map_or(0, u64::from)),
        is_active: Some(!definition.paused),
    })
}

/// The instance of a definition, by identifier.
pub fn instance(owned: &Owned) -> &str {
    owned.definition.scope.subject.as_ref().map_or("", |subject| subject.id.as_str())
}

/// The description of a definition's schedule.
pub fn description(owned: &Owned, terms: &Terms) -> String {
    mark::of_schedule(&owned.upstream_name, owned.id.as_str(), owned.version, terms)
}

/// The body that makes a schedule. `instance` is the reference that Waldur itself gives; G2 reads it from the body, later ones
/// from the path. `is_active` is not sent: it is read-only, and a new schedule always rests.
pub fn schedule(owned: &Owned, terms: &Terms, generation: Generation, instance: &str) -> Value {
    let mut body = terms::words(terms, generation);
    body.remove("is_active");
    if generation == Generation::G2 {
        body.insert("instance".into(), instance.into());
    } else {
        body.remove("instance");
    }
    body.insert("description".into(), description(owned, terms).into());
    Value::Object(body)
}

/// The body that makes a backup.
pub fn backup(
    owned: &Owned,
    order: &str,
    asked_by: &str,
    generation: Generation,
    instance: &str,
    asked: Millis,
) -> Value {
    let description = mark::of_backup(asked_by, owned.id.as_str(), order);
    if generation == Generation::G2 {
        return json!({"instance": instance, "description": description});
    }
    let mut body = json!({"name": order, "description": description});
    if let Some(age) = owned.definition.retention.keep_for {
        let ms = i64::try_from(age.0).unwrap_or(i64::MAX).saturating_mul(1000);
        body["kept_until"] = asked.plus(ms).rfc3339().into();
    }
    body
}

/// The body that restores a backup as a new instance; field errors name the restore form's fields.
pub fn restore(order: &RestoreOrder, generation: Generation, name: &str, flavor: &str) -> Result<Value, Invalid> {
    let mut invalid = Invalid::default();
    let mut body = Map::from_iter([("flavor".to_owned(), flavor.into()), ("name".to_owned(), name.into())]);
    let Some(ports) = generation.ports() else {
        for (list, field) in [
            (&order.networks, "networks"),
            (&order.floating_ips, "floating_ips"),
            (&order.security_groups, "security_groups"),
        ] {
            if !list.is_empty() {
                invalid.push(field, "refused", super::capabilities::NO_NETWORK);
            }
        }
        return invalid.check(Value::Object(body));
    };
    let subnet = order.networks.first().map(|network| network.id.as_str());
    if subnet.is_none() && !order.floating_ips.is_empty() {
        let sentence = "A floating address needs a network that it leads to; choose one.";
        invalid.push("floating_ips", "network", sentence);
    }
    let mut put = |field: &str, items: Vec<Value>| {
        if !items.is_empty() {
            body.insert(field.to_owned(), Value::Array(items));
        }
    };
    put(ports, order.networks.iter().map(|network| json!({"subnet": network.id})).collect());
    put("security_groups", order.security_groups.iter().map(|group| json!({"url": group.id})).collect());
    put("floating_ips", order.floating_ips.iter().map(|ip| json!({"url": ip.id, "subnet": subnet})).collect());
    invalid.check(Value::Object(body))
}

#[cfg(test)]
mod tests;
