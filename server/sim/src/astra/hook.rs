//! Execution hooks and the scripts that they run.

use serde_json::{Value, json};

use super::account::Account;
use super::problem::Problem;
use super::schema::{self, Check, Field};
use super::shelf::Shelf;
use crate::json::{set, text};

const FLAG: Check = Check::Word(&["true", "false"]);

const HOOK: &[Field] = &[
    ("type", true, Check::Word(&["application/astra-executionHook"])),
    ("version", true, Check::Word(&["1.0", "1.1", "1.2", "1.3"])),
    ("name", true, Check::Text(63)),
    ("hookType", true, Check::Word(&["custom"])),
    ("action", true, Check::Word(&["snapshot", "backup", "restore", "failover"])),
    ("stage", true, Check::Word(&["pre", "post"])),
    ("hookSourceID", true, Check::Id),
    ("arguments", false, Check::List),
    ("matchingCriteria", false, Check::List),
    ("appID", false, Check::Id),
    ("enabled", false, FLAG),
    ("description", false, Check::String),
    ("metadata", false, Check::Metadata),
];

const SOURCE: &[Field] = &[
    ("type", true, Check::Word(&["application/astra-hookSource"])),
    ("version", true, Check::Word(&["1.0"])),
    ("name", true, Check::Text(63)),
    ("source", true, Check::String),
    ("sourceType", true, Check::Word(&["script"])),
    ("private", false, FLAG),
    ("description", false, Check::String),
    ("metadata", false, Check::Metadata),
];

pub(super) fn post(a: &mut Account, app: &str, body: &[u8]) -> Result<Value, Problem> {
    let fields = schema::read(body, HOOK)?;
    let given = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    if a.row(Shelf::HookSource, given("hookSourceID")).is_none() {
        return Err(Problem::field("hookSourceID", "there is no such hook source"));
    }
    if !matches!(given("appID"), "" | "00000000-0000-0000-0000-000000000000") && given("appID") != app {
        return Err(Problem::new(10));
    }
    let mut value = Value::Object(fields);
    set(&mut value, "/appID", app);
    set(&mut value, "/version", Shelf::Hook.version());
    for (name, usual) in [("enabled", json!("true")), ("arguments", json!([])), ("matchingCriteria", json!([]))] {
        if value.get(name).is_none() {
            value[name] = usual;
        }
    }
    let id = a.add(Shelf::Hook, app, value);
    Ok(a.value(Shelf::Hook, &id).clone())
}

pub(super) fn post_source(a: &mut Account, body: &[u8]) -> Result<Value, Problem> {
    let mut value = Value::Object(schema::read(body, SOURCE)?);
    set(&mut value, "/preloaded", "false");
    if value.get("private").is_none() {
        set(&mut value, "/private", "false");
    }
    let id = a.add(Shelf::HookSource, "", value);
    Ok(a.value(Shelf::HookSource, &id).clone())
}

/// A script that a hook runs stays.
pub(super) fn delete_source(a: &mut Account, id: &str) -> Result<(), Problem> {
    if a.rows(Shelf::Hook).iter().any(|hook| text(&hook.value, "/hookSourceID") == id) {
        return Err(Problem::new(72));
    }
    a.remove(Shelf::HookSource, id);
    Ok(())
}
