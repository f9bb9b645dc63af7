//! Schedules: one granularity each. A protection policy is the set of an app's schedules.

use serde_json::{Map, Value, json};

use super::account::{Account, Deed};
use super::problem::Problem;
use super::schema::{self, Check, Field};
use super::shelf::Shelf;
use super::{app, backup, bucket, news, snapshot, timing};
use crate::json::{set, text};

const GRANULARITIES: &[&str] = &["hourly", "daily", "weekly", "monthly", "custom"];
const VERSIONS: &[&str] = &["1.0", "1.1", "1.2", "1.3"];
/// No bound is published beyond digits; this keeps out what isn't meant.
const KEEP: u32 = 100_000;

macro_rules! fields {
    ($named:literal) => {
        &[
            ("type", true, Check::Word(&["application/astra-schedule"])),
            ("version", true, Check::Word(VERSIONS)),
            ("id", false, Check::Id),
            ("name", $named, Check::Text(63)),
            ("enabled", false, Check::Word(&["true", "false"])),
            ("granularity", $named, Check::Word(GRANULARITIES)),
            ("minute", false, Check::String),
            ("hour", false, Check::String),
            ("dayOfWeek", false, Check::String),
            ("dayOfMonth", false, Check::String),
            ("recurrenceRule", false, Check::String),
            ("snapshotRetention", true, Check::Count(KEEP)),
            ("backupRetention", true, Check::Count(KEEP)),
            ("bucketID", false, Check::Id),
            ("replicate", false, Check::Word(&["true", "false"])),
            ("metadata", false, Check::Metadata),
        ]
    };
}

const CREATE: &[Field] = fields!(true);
const UPDATE: &[Field] = fields!(false);

/// Field of the time, its largest and smallest number, and the granularities that have it.
const TIMES: [(&str, i8, i8, &[&str]); 4] = [
    ("minute", 0, 59, &["hourly", "daily", "weekly", "monthly"]),
    ("hour", 0, 23, &["daily", "weekly", "monthly"]),
    ("dayOfWeek", 0, 7, &["weekly"]),
    ("dayOfMonth", 1, 31, &["monthly"]),
];

pub(super) fn post(a: &mut Account, app: &str, body: &[u8]) -> Result<Value, Problem> {
    let mut fields = schema::read(body, CREATE)?;
    if fields.contains_key("id") {
        return Err(Problem::schema("(root): Additional property id is not allowed"));
    }
    settle(a, &mut fields)?;
    let key = identity(&fields);
    if a.of(Shelf::Schedule, app).any(|row| row.value.as_object().is_some_and(|other| identity(other) == key)) {
        return Err(Problem::new(132));
    }
    fields.entry("enabled").or_insert_with(|| json!("true"));
    fields.insert("version".to_owned(), json!(Shelf::Schedule.version()));
    let id = a.add(Shelf::Schedule, app, Value::Object(fields));
    plan(a, &id);
    Ok(a.value(Shelf::Schedule, &id).clone())
}

/// What may not be there twice for an app.
fn identity(fields: &Map<String, Value>) -> Vec<Value> {
    let names = ["granularity", "minute", "hour", "dayOfWeek", "dayOfMonth", "recurrenceRule"];
    names.map(|name| fields.get(name).cloned().unwrap_or_default()).to_vec()
}

pub(super) fn put(a: &mut Account, id: &str, body: &[u8]) -> Result<(), Problem> {
    let given = schema::read(body, UPDATE)?;
    if given.get("id").and_then(Value::as_str).is_some_and(|said| said != id) {
        return Err(Problem::new(10));
    }
    let mut merged = a.value(Shelf::Schedule, id).as_object().cloned().unwrap_or_default();
    if given.get("granularity").is_some_and(|new| merged.get("granularity") != Some(new)) {
        for name in TIMES.iter().map(|time| time.0).chain(["recurrenceRule"]) {
            merged.remove(name);
        }
    }
    let labels = given.get("metadata").map(|metadata| metadata["labels"].clone());
    merged.extend(given.into_iter().filter(|(name, _)| !matches!(name.as_str(), "metadata" | "version")));
    settle(a, &mut merged)?;
    a.touch(Shelf::Schedule, id, |value| {
        *value = Value::Object(merged);
        if let Some(labels) = labels.filter(Value::is_array) {
            set(value, "/metadata/labels", labels);
        }
    });
    plan(a, id);
    Ok(())
}

/// Checks the times against the granularity. `*` stands for a time that doesn't apply, and is dropped.
fn settle(a: &Account, fields: &mut Map<String, Value>) -> Result<(), Problem> {
    let granularity = fields.get("granularity").and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut wrong = Vec::new();
    for (name, least, most, used_by) in TIMES {
        let applies = used_by.contains(&granularity.as_str());
        let given = fields.get(name).and_then(Value::as_str).map(str::to_owned);
        let number = given.as_deref().filter(|word| word.len() < 3).and_then(|word| word.parse::<i8>().ok());
        match (applies, given.as_deref()) {
            (true, None) => wrong.push((name.to_owned(), format!("is required for granularity {granularity}"))),
            (true, Some(_)) if number.is_none_or(|n| n < least || n > most) => {
                wrong.push((name.to_owned(), format!("must be a number from {least} to {most}")));
            }
            (false, Some("*")) => {
                fields.remove(name);
            }
            (false, Some("0")) if name == "minute" => {}
            (false, Some(_)) => wrong.push((name.to_owned(), format!("does not apply to granularity {granularity}"))),
            _ => {}
        }
    }
    let rule = fields.get("recurrenceRule").and_then(Value::as_str);
    match (granularity.as_str(), rule.map(timing::recurrence)) {
        ("custom", None) => wrong.push(("recurrenceRule".to_owned(), "is required for granularity custom".to_owned())),
        ("custom", Some(Err(reason))) => wrong.push(("recurrenceRule".to_owned(), reason.to_owned())),
        ("custom", Some(Ok(rule))) if !rule.starts_by(a.now) => {
            wrong.push(("recurrenceRule".to_owned(), "DTSTART must be in the past".to_owned()));
        }
        ("custom", Some(Ok(_))) => {
            fields.insert("minute".to_owned(), json!("0"));
        }
        (_, Some(_)) => wrong.push(("recurrenceRule".to_owned(), "applies to granularity custom only".to_owned())),
        (_, None) => {}
    }
    if !wrong.is_empty() {
        return Err(Problem::fields(&wrong));
    }
    match fields.get("bucketID").and_then(Value::as_str) {
        Some(bucket) if a.row(Shelf::Bucket, bucket).is_none() => Err(Problem::new(108)),
        _ => Ok(()),
    }
}

pub(super) fn delete(a: &mut Account, id: &str) -> Result<(), Problem> {
    a.next.remove(id);
    a.remove(Shelf::Schedule, id).map(|_| ()).ok_or_else(|| Problem::new(1))
}

/// Sets when it fires next; what was planned before no longer counts.
pub(super) fn plan(a: &mut Account, id: &str) {
    a.next.remove(id);
    let value = a.value(Shelf::Schedule, id);
    if text(value, "/enabled") != "false"
        && let Some(at) = timing::next(value, a.now)
    {
        a.next.insert(id.to_owned(), at);
        a.at(at, Deed::Fire(id.to_owned()));
    }
}

/// A schedule's time has come, unless it was changed meanwhile.
pub(super) fn fire(a: &mut Account, id: &str) {
    if a.next.get(id).is_none_or(|at| *at > a.now) {
        return;
    }
    let Some(row) = a.row(Shelf::Schedule, id).cloned() else { return };
    plan(a, id);
    if let Err(reason) = begin(a, id, &row.owner, &row.value) {
        let summary = format!("Scheduled protection of {} skipped", news::app_name(a, &row.owner));
        news::tell(a, "warning", "schedule.skipped", &summary, reason, id);
    }
}

fn begin(a: &mut Account, id: &str, app: &str, schedule: &Value) -> Result<(), &'static str> {
    if app::ready_for_work(a, app).is_err() {
        return Err("The application was not ready.");
    }
    if snapshot::in_progress(a, app) {
        return Err("A snapshot of the application was in progress.");
    }
    let name = backup::automatic_name(a, text(schedule, "/granularity"), "run");
    let snapshots_only = text(schedule, "/backupRetention") == "0" || text(schedule, "/replicate") == "true";
    if snapshots_only {
        snapshot::start(a, app, Some(&name), Some(id), json!([]));
        return Ok(());
    }
    if app::eligible(a, app).is_err() {
        return Err("The application can't be backed up.");
    }
    let given = Some(text(schedule, "/bucketID").to_owned()).filter(|bucket| a.row(Shelf::Bucket, bucket).is_some());
    let bucket = given.or_else(|| bucket::default_of(a, app)).ok_or("There is no bucket for the backup.")?;
    let wish = backup::Wish { name: Some(name), bucket, schedule: Some(id.to_owned()), ..backup::Wish::default() };
    backup::start(a, app, wish);
    Ok(())
}
