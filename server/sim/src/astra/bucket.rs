//! Buckets: where backups go. Their secrets live in credentials, never here.

use serde_json::{Map, Value, json};

use super::account::Account;
use super::problem::Problem;
use super::schema::{self, Check, Field};
use super::shelf::Shelf;
use crate::json::{int, set, text};

const PROVIDERS: &[&str] = &["ontap-s3", "storagegrid-s3", "generic-s3", "gcp", "azure", "aws"];

const CREATE: &[Field] = &[
    ("type", true, Check::Word(&["application/astra-bucket"])),
    ("version", true, Check::Word(&["1.0", "1.1", "1.2"])),
    ("name", true, Check::Text(256)),
    ("credentialID", true, Check::Id),
    ("provider", true, Check::Word(PROVIDERS)),
    ("bucketParameters", true, Check::Object),
    ("metadata", false, Check::Metadata),
];

const UPDATE: &[Field] = &[
    ("type", true, Check::Word(&["application/astra-bucket"])),
    ("version", true, Check::Word(&["1.0", "1.1", "1.2"])),
    ("id", false, Check::Id),
    ("name", false, Check::Text(256)),
    ("credentialID", false, Check::Id),
    ("provider", false, Check::Word(PROVIDERS)),
    ("bucketParameters", false, Check::Object),
    ("metadata", false, Check::Metadata),
];

/// The bucket that an app's backups go to when none is named: its cluster's, else its cloud's.
pub(super) fn default_of(a: &Account, app: &str) -> Option<String> {
    let cluster = a.value(Shelf::Cluster, text(a.value(Shelf::App, app), "/clusterID"));
    let cloud = a.value(Shelf::Cloud, text(cluster, "/cloudID"));
    let named = [cluster, cloud].map(|value| text(value, "/defaultBucketID"));
    named.into_iter().find(|id| a.row(Shelf::Bucket, id).is_some()).map(str::to_owned)
}

/// How long it locks what is written to it, in seconds; 0 or less when it doesn't.
pub(super) fn lock_seconds(a: &Account, bucket: &str) -> u64 {
    u64::try_from(int(a.value(Shelf::Bucket, bucket), "/retentionTime")).unwrap_or(0)
}

pub(super) fn post(a: &mut Account, body: &[u8]) -> Result<Value, Problem> {
    let fields = schema::read(body, CREATE)?;
    check(a, &fields)?;
    let place = |value: &Map<String, Value>| {
        ["name", "provider", "bucketParameters"].map(|name| value.get(name).cloned().unwrap_or_default())
    };
    let same = |row: &super::account::Row| row.value.as_object().is_some_and(|value| place(value) == place(&fields));
    if a.rows(Shelf::Bucket).iter().any(same) {
        return Err(Problem::new(57));
    }
    let mut value = Value::Object(fields);
    set(&mut value, "/version", Shelf::Bucket.version());
    set(&mut value, "/state", "available");
    set(&mut value, "/stateDetails", json!([]));
    set(&mut value, "/retentionTime", 0);
    let id = a.add(Shelf::Bucket, "", value);
    Ok(a.value(Shelf::Bucket, &id).clone())
}

fn check(a: &Account, fields: &Map<String, Value>) -> Result<(), Problem> {
    if let Some(id) = fields.get("credentialID").and_then(Value::as_str)
        && a.row(Shelf::Credential, id).is_none()
    {
        return Err(Problem::field("credentialID", "there is no such credential"));
    }
    let Some(parameters) = fields.get("bucketParameters") else { return Ok(()) };
    let has = |pointer: &str| !text(parameters, pointer).is_empty();
    let good = match fields.get("provider").and_then(Value::as_str).unwrap_or_default() {
        "gcp" => has("/gcp/bucketName"),
        "azure" => has("/azure/storageAccount") && has("/azure/bucketName"),
        _ => has("/s3/serverURL") && has("/s3/bucketName"),
    };
    if good { Ok(()) } else { Err(Problem::field("bucketParameters", "does not fit the provider")) }
}

pub(super) fn put(a: &mut Account, id: &str, body: &[u8]) -> Result<(), Problem> {
    let fields = schema::read(body, UPDATE)?;
    if fields.get("id").and_then(Value::as_str).is_some_and(|given| given != id) {
        return Err(Problem::new(10));
    }
    let mut merged = a.value(Shelf::Bucket, id).as_object().cloned().unwrap_or_default();
    for name in ["name", "credentialID", "provider", "bucketParameters"] {
        if let Some(value) = fields.get(name) {
            merged.insert(name.to_owned(), value.clone());
        }
    }
    check(a, &merged)?;
    a.touch(Shelf::Bucket, id, |value| *value = Value::Object(merged));
    Ok(())
}

pub(super) fn delete(a: &mut Account, id: &str) -> Result<(), Problem> {
    let names = |shelf: Shelf, pointer: &str| a.rows(shelf).iter().any(|row| text(&row.value, pointer) == id);
    if a.row(Shelf::Bucket, id).is_none() {
        return Err(Problem::new(1));
    }
    if names(Shelf::Backup, "/bucketID") || names(Shelf::Schedule, "/bucketID") {
        return Err(Problem::new(83));
    }
    if names(Shelf::Cloud, "/defaultBucketID") {
        return Err(Problem::new(84));
    }
    if names(Shelf::Cluster, "/defaultBucketID") {
        return Err(Problem::new(175));
    }
    a.remove(Shelf::Bucket, id);
    Ok(())
}

/// The bucket comes or goes, and with it what lies in it: completed backups are `removed` while it isn't reachable.
pub(super) fn turn(a: &mut Account, id: &str, state: &str) {
    a.set_state(Shelf::Bucket, id, state);
    let (from, to) = if state == "available" { ("removed", "completed") } else { ("completed", "removed") };
    let inside: Vec<String> = a
        .rows(Shelf::Backup)
        .iter()
        .filter(|row| text(&row.value, "/bucketID") == id && text(&row.value, "/state") == from)
        .map(|row| row.id.clone())
        .collect();
    for backup in inside {
        a.set_state(Shelf::Backup, &backup, to);
    }
}
