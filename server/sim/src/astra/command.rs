//! What a test does past the API.
//!
//! | verb | body |
//! |---|---|
//! | `put` | `{resource, owner?, object}`: writes it as it is, unknown words included |
//! | `patch` | `{resource, id, with}`: merges `with` into it |
//! | `remove` | `{resource, id}`: gone at once |
//! | `outcome` | `{app?, of?, result, detail?, times?}`: how the next work ends, see `order.rs` |
//! | `bucket` | `{bucket, state}`: comes or goes with what lies in it |
//! | `token` | `{state}`: `valid`, `revoked` or `disabled` |
//! | `license` | `{state}`: `valid`, `expired`, `missing` or `exceeded` |
//! | `backups` | `{app, kind}`: its backups are `nonDisruptive`, `disruptive` or `none` |
//!
//! `resource` is the word in the media type, such as `appBackup`; `id`, `owner`, `app` and `bucket` take names too.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::account::{Access, Account};
use super::shelf::Shelf;
use super::{bucket, schedule};
use crate::json::{set, text};
use crate::kube::patch;

pub(super) fn perform(a: &mut Account, verb: &str, body: &Value) -> Result<Value, String> {
    match verb {
        "put" => put(a, body),
        "patch" => {
            let (shelf, id) = target(a, body)?;
            a.touch(shelf, &id, |value| patch::merge(value, &body["with"]));
            if shelf == Shelf::Schedule {
                schedule::plan(a, &id);
            }
            Ok(a.value(shelf, &id).clone())
        }
        "remove" => {
            let (shelf, id) = target(a, body)?;
            a.remove(shelf, &id);
            Ok(json!({"ok": true}))
        }
        "outcome" => a.orders.give(read(body)?).map(|()| json!({"ok": true})),
        "bucket" => {
            let id = known(a, Shelf::Bucket, text(body, "/bucket"))?;
            bucket::turn(a, &id, word(body, "/state")?);
            Ok(a.value(Shelf::Bucket, &id).clone())
        }
        "token" => {
            a.access = match word(body, "/state")? {
                "valid" => Access::Valid,
                "revoked" => Access::Revoked,
                "disabled" => Access::Disabled,
                other => return Err(format!("a token can't be {other:?}")),
            };
            Ok(json!({"ok": true}))
        }
        "license" => {
            a.license = match word(body, "/state")? {
                "valid" => 0,
                "expired" => 25,
                "missing" => 26,
                "exceeded" => 43,
                other => return Err(format!("a licence can't be {other:?}")),
            };
            Ok(json!({"ok": true}))
        }
        "backups" => {
            let id = known(a, Shelf::App, text(body, "/app"))?;
            let kind = word(body, "/kind")?;
            if !["nonDisruptive", "disruptive", "none"].contains(&kind) {
                return Err(format!("backups can't be {kind:?}"));
            }
            a.touch(Shelf::App, &id, |value| set(value, "/sim/backups", kind));
            Ok(json!({"ok": true}))
        }
        other => Err(format!("there is no verb {other:?}")),
    }
}

fn read<T: DeserializeOwned>(body: &Value) -> Result<T, String> {
    serde_json::from_value(body.clone()).map_err(|error| error.to_string())
}

fn word<'a>(body: &'a Value, pointer: &str) -> Result<&'a str, String> {
    Some(text(body, pointer)).filter(|word| !word.is_empty()).ok_or_else(|| format!("{} is missing", &pointer[1..]))
}

fn shelf(body: &Value) -> Result<Shelf, String> {
    let word = text(body, "/resource");
    Shelf::of_word(word).ok_or_else(|| format!("there is no resource {word:?}"))
}

fn known(a: &Account, shelf: Shelf, name: &str) -> Result<String, String> {
    let row = a.named(shelf, name).ok_or_else(|| format!("there is no {} {name:?}", shelf.word()))?;
    Ok(row.id.clone())
}

fn target(a: &Account, body: &Value) -> Result<(Shelf, String), String> {
    let shelf = shelf(body)?;
    Ok((shelf, known(a, shelf, text(body, "/id"))?))
}

fn put(a: &mut Account, body: &Value) -> Result<Value, String> {
    let shelf = shelf(body)?;
    let owners = match shelf {
        Shelf::Backup | Shelf::Snap | Shelf::Schedule | Shelf::Hook => Some(Shelf::App),
        Shelf::App | Shelf::Namespace | Shelf::StorageClass => Some(Shelf::Cluster),
        Shelf::Cluster => Some(Shelf::Cloud),
        _ => None,
    };
    let owner = match owners {
        Some(owners) => known(a, owners, text(body, "/owner"))?,
        None => String::new(),
    };
    if !body["object"].is_object() {
        return Err("object is missing".to_owned());
    }
    let id = a.add(shelf, &owner, body["object"].clone());
    if shelf == Shelf::Schedule {
        schedule::plan(a, &id);
    }
    Ok(a.value(shelf, &id).clone())
}
