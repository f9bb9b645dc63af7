//! One account: its collections, the work in progress, and the agenda of what happens when.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::ident;
use super::options::Options;
use super::order::Orders;
use super::shelf::Shelf;
use crate::clock::Clock;
use crate::json::{set, text};
use crate::scenario::later;

/// One resource: its wire form, and what it belongs to (an app, a cluster or a cloud).
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: String,
    pub(super) owner: String,
    pub(super) value: Value,
}

/// Work in progress on a backup, a snapshot or an app; what the wire form does not tell.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    /// The word that it ends with, or where it gets stuck.
    pub(super) result: String,
    pub(super) reason: Option<String>,
    pub(super) started: Option<Timestamp>,
    pub(super) ends: Option<Timestamp>,
    pub(super) bytes: u64,
    /// The snapshot that a backup waits for.
    pub(super) snapshot: String,
    pub(super) task: String,
}

/// What is to be done at a time.
#[derive(Debug, Clone)]
pub(super) enum Deed {
    /// Looks at a backup, a snapshot or an app, and makes its next step.
    Step(Shelf, String),
    /// A schedule is due.
    Fire(String),
    /// A resource that was being deleted, or has been kept long enough, disappears.
    Gone(Shelf, String),
}

/// Whether the token is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Valid,
    Revoked,
    Disabled,
}

pub(super) struct Account {
    pub(super) scenario: String,
    pub(super) id: String,
    pub(super) user: String,
    pub(super) options: Options,
    /// The account's time: while catching up it is the time of the step, not of the clock.
    pub(super) now: Timestamp,
    /// Whether the estate's past is being lived through.
    pub(super) past: bool,
    pub(super) access: Access,
    /// Number of the problem that new work is refused with, or 0.
    pub(super) license: u16,
    pub(super) orders: Orders,
    pub(super) runs: HashMap<String, Run>,
    /// When each schedule fires next.
    pub(super) next: HashMap<String, Timestamp>,
    shelves: BTreeMap<Shelf, Vec<Row>>,
    agenda: BTreeMap<(Timestamp, u64), Deed>,
    drawn: u64,
    speed: f64,
}

impl Account {
    pub(super) fn new(scenario: &str, options: Options, clock: &Clock) -> Self {
        let id = options.account_id.clone().unwrap_or_else(|| account_id(scenario));
        Self {
            scenario: scenario.to_owned(),
            user: ident::uuid(&[scenario, "user", "holdfast"]),
            id,
            options,
            now: clock.now(),
            past: false,
            access: Access::Valid,
            license: 0,
            orders: Orders::default(),
            runs: HashMap::new(),
            next: HashMap::new(),
            shelves: BTreeMap::new(),
            agenda: BTreeMap::new(),
            drawn: 0,
            speed: clock.speed(),
        }
    }

    pub(super) fn rows(&self, shelf: Shelf) -> &[Row] {
        self.shelves.get(&shelf).map(Vec::as_slice).unwrap_or_default()
    }

    pub(super) fn row(&self, shelf: Shelf, id: &str) -> Option<&Row> {
        self.rows(shelf).iter().find(|row| row.id == id)
    }

    /// The wire form, or null.
    pub(super) fn value(&self, shelf: Shelf, id: &str) -> &Value {
        self.row(shelf, id).map_or(&Value::Null, |row| &row.value)
    }

    pub(super) fn state(&self, shelf: Shelf, id: &str) -> &str {
        text(self.value(shelf, id), "/state")
    }

    /// What belongs to an app, a cluster or a cloud, oldest first.
    pub(super) fn of<'a>(&'a self, shelf: Shelf, owner: &'a str) -> impl DoubleEndedIterator<Item = &'a Row> {
        self.rows(shelf).iter().filter(move |row| row.owner == owner)
    }

    /// The row of that name, or of that identifier.
    pub(super) fn named(&self, shelf: Shelf, name: &str) -> Option<&Row> {
        self.rows(shelf).iter().find(|row| row.id == name || text(&row.value, "/name") == name)
    }

    /// Puts a resource on its shelf; type, version, identifier and metadata are made where they are missing.
    pub(super) fn add(&mut self, shelf: Shelf, owner: &str, mut value: Value) -> String {
        if text(&value, "/type").is_empty() {
            set(&mut value, "/type", format!("application/astra-{}", shelf.word()));
        }
        if text(&value, "/version").is_empty() {
            set(&mut value, "/version", shelf.version());
        }
        if text(&value, "/id").is_empty() {
            let id = self.draw(shelf.word());
            set(&mut value, "/id", id);
        }
        let labels = value.pointer("/metadata/labels").cloned().unwrap_or_else(|| json!([]));
        if text(&value, "/metadata/creationTimestamp").is_empty() {
            let metadata = self.metadata(labels);
            set(&mut value, "/metadata", metadata);
        }
        let id = text(&value, "/id").to_owned();
        self.remove(shelf, &id);
        let row = Row { id: id.clone(), owner: owner.to_owned(), value };
        self.shelves.entry(shelf).or_default().push(row);
        id
    }

    fn metadata(&self, labels: Value) -> Value {
        let now = self.stamp();
        json!({"labels": labels, "creationTimestamp": now, "modificationTimestamp": now, "createdBy": self.user})
    }

    /// Changes a resource and its modification time; false when it isn't there.
    pub(super) fn touch(&mut self, shelf: Shelf, id: &str, change: impl FnOnce(&mut Value)) -> bool {
        let stamp = self.stamp();
        let Some(row) = self.shelves.get_mut(&shelf).and_then(|rows| rows.iter_mut().find(|row| row.id == id)) else {
            return false;
        };
        change(&mut row.value);
        set(&mut row.value, "/metadata/modificationTimestamp", stamp);
        true
    }

    pub(super) fn set_state(&mut self, shelf: Shelf, id: &str, state: &str) {
        self.touch(shelf, id, |value| set(value, "/state", state));
    }

    pub(super) fn remove(&mut self, shelf: Shelf, id: &str) -> Option<Row> {
        let rows = self.shelves.get_mut(&shelf)?;
        let at = rows.iter().position(|row| row.id == id)?;
        self.runs.remove(id);
        Some(rows.remove(at))
    }

    /// Keeps the newest `count` of a shelf.
    pub(super) fn trim(&mut self, shelf: Shelf, count: usize) {
        if let Some(rows) = self.shelves.get_mut(&shelf) {
            let surplus = rows.len().saturating_sub(count);
            rows.drain(..surplus);
        }
    }

    /// A new identifier.
    pub(super) fn draw(&mut self, word: &str) -> String {
        self.drawn += 1;
        ident::uuid(&[&self.scenario, word, &self.drawn.to_string()])
    }

    /// The time as this account writes it.
    pub(super) fn stamp(&self) -> String {
        self.stamp_of(self.now)
    }

    pub(super) fn stamp_of(&self, at: Timestamp) -> String {
        if self.options.fractional_times {
            return at.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string();
        }
        crate::json::stamp(at)
    }

    pub(super) fn at(&mut self, time: Timestamp, deed: Deed) {
        self.drawn += 1;
        self.agenda.insert((time, self.drawn), deed);
    }

    /// Work of that many seconds from now, shortened by the clock's speed.
    pub(super) fn after(&mut self, seconds: u64, deed: Deed) {
        let time = later(self.now, self.pace(Duration::from_secs(seconds)));
        self.at(time, deed);
    }

    pub(super) fn pace(&self, work: Duration) -> Duration {
        work.div_f64(self.speed)
    }

    /// Lets everything happen that was due until `now`, each at its own time.
    pub(super) fn catch_up(&mut self, now: Timestamp) {
        while let Some(entry) = self.agenda.first_entry().filter(|entry| entry.key().0 <= now) {
            let ((time, _), deed) = entry.remove_entry();
            self.now = self.now.max(time);
            super::life::perform(self, deed);
        }
        self.now = self.now.max(now);
        super::life::show_progress(self);
    }

    /// Everything, by the resource's word.
    pub(super) fn dump(&self) -> Value {
        let mut all = Map::new();
        for shelf in Shelf::ALL {
            let rows = self.rows(shelf).iter().map(|row| {
                let mut value = row.value.clone();
                if matches!(shelf, Shelf::Backup | Shelf::Snap | Shelf::Schedule) {
                    set(&mut value, "/appID", row.owner.as_str());
                }
                value
            });
            all.insert(shelf.word().to_owned(), rows.collect());
        }
        json!({"now": self.stamp(), "account_id": self.id, "resources": all})
    }
}

/// The account of a scenario that was not told another.
pub(super) fn account_id(scenario: &str) -> String {
    ident::uuid(&[scenario, "account"])
}
