//! One isolated world: a cluster's objects, the controllers' agenda, the bucket, the faults, the calls.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::watch;

use crate::calls::Calls;
use crate::clock::Clock;
use crate::fault::Faults;
use crate::json::text;
use crate::kube::kind::{self, Kind};
use crate::kube::store::{Key, Store};
use crate::life;
use crate::life::bucket::Bucket;
use crate::life::run::Run;
use crate::options::Options;

/// How long a controller takes to notice a change.
const REACTION: Duration = Duration::from_millis(200);

/// When which object must be looked at again: at most one time per object.
#[derive(Debug, Default)]
struct Agenda {
    by_time: BTreeSet<(Timestamp, Key)>,
    by_key: HashMap<Key, Timestamp>,
}

impl Agenda {
    fn wake(&mut self, key: &Key, at: Timestamp) {
        match self.by_key.get(key) {
            Some(earlier) if *earlier <= at => return,
            Some(later) => {
                self.by_time.remove(&(*later, key.clone()));
            }
            None => {}
        }
        self.by_key.insert(key.clone(), at);
        self.by_time.insert((at, key.clone()));
    }

    fn due(&mut self, now: Timestamp) -> Option<(Timestamp, Key)> {
        if self.by_time.first()?.0 > now {
            return None;
        }
        let (at, key) = self.by_time.pop_first()?;
        self.by_key.remove(&key);
        Some((at, key))
    }
}

pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) options: Options,
    pub(crate) store: Store,
    /// The scenario's time: during catching up it is the time of the step, not of the clock.
    pub(crate) now: Timestamp,
    pub(crate) faults: Faults,
    pub(crate) calls: Calls,
    pub(crate) bucket: Bucket,
    /// Work in progress by the uid of its Backup or Restore; lost when the Velero server restarts.
    pub(crate) runs: HashMap<String, Run>,
    /// Host and port that the last request came to: where downloads are offered.
    pub(crate) authority: String,
    /// A past is being lived: what happens is what would have happened, without the steps on the way that nobody watches.
    pub(crate) quick: bool,
    speed: f64,
    agenda: Agenda,
}

impl Scenario {
    pub(crate) fn new(name: &str, options: Options, clock: &Clock) -> Self {
        Self::behind(name, options, clock, 0)
    }

    /// A scenario that takes the place of one whose resource versions went up to `version`.
    fn behind(name: &str, options: Options, clock: &Clock, version: u64) -> Self {
        let mut scenario = Self {
            name: name.to_owned(),
            store: Store::after(name, version),
            options,
            now: clock.now(),
            faults: Faults::default(),
            calls: Calls::default(),
            bucket: Bucket::default(),
            runs: HashMap::new(),
            authority: "127.0.0.1".to_owned(),
            quick: clock.lags(),
            speed: clock.speed(),
            agenda: Agenda::default(),
        };
        crate::estate::furnish(&mut scenario);
        scenario
    }

    /// The bearer token that this scenario's API takes.
    pub(crate) fn token(&self) -> String {
        format!("sim-{}-token", self.name)
    }

    /// The name that the API server knows the caller by.
    pub(crate) fn user(&self) -> String {
        format!("system:serviceaccount:{}:holdfast", self.options.namespace)
    }

    /// Modelled work takes that much shorter when the clock has a speed.
    pub(crate) fn pace(&self, work: Duration) -> Duration {
        work.div_f64(self.speed)
    }

    /// The time `work` from now.
    pub(crate) fn after(&self, work: Duration) -> Timestamp {
        later(self.now, self.pace(work))
    }

    /// Has the object looked at by its controller at that time, or earlier.
    pub(crate) fn wake(&mut self, key: &Key, at: Timestamp) {
        self.agenda.wake(key, at);
    }

    /// Has the object looked at after the usual reaction time.
    pub(crate) fn wake_soon(&mut self, key: &Key) {
        let at = self.after(REACTION);
        self.agenda.wake(key, at);
    }

    /// Somebody outside wrote this object: its controller will notice.
    pub(crate) fn touched(&mut self, key: &Key) {
        if key.kind.custom {
            self.wake_soon(key);
        }
    }

    /// Writes as a controller does: nobody is woken by it.
    pub(crate) fn write(&mut self, key: &Key, object: Value) -> Arc<Value> {
        self.store.put(key, object, self.now)
    }

    /// The key of an object in Velero's namespace.
    pub(crate) fn key(&self, kind: &'static Kind, name: &str) -> Key {
        Key::new(kind, &self.options.namespace, name)
    }

    /// An object in Velero's namespace.
    pub(crate) fn get(&self, kind: &'static Kind, name: &str) -> Option<Arc<Value>> {
        self.store.get(&self.key(kind, name)).cloned()
    }

    /// Deletes as the API does: with finalizers the object stays, terminating, and is answered.
    pub(crate) fn delete(&mut self, key: &Key) -> Option<Arc<Value>> {
        let old = self.store.get(key).cloned()?;
        let held = old["metadata"]["finalizers"].as_array().is_some_and(|list| !list.is_empty());
        if held {
            if !text(&old, "/metadata/deletionTimestamp").is_empty() {
                return Some(old);
            }
            let object = crate::kube::write::terminating(&old, self.now);
            let object = self.store.put(key, object, self.now);
            self.touched(key);
            return Some(object);
        }
        self.erase(key);
        None
    }

    /// Removes a terminating object whose last finalizer went.
    pub(crate) fn finish_deletion(&mut self, key: &Key) {
        let done = self.store.get(key).is_some_and(|object| {
            !text(object, "/metadata/deletionTimestamp").is_empty()
                && object["metadata"]["finalizers"].as_array().is_none_or(Vec::is_empty)
        });
        if done {
            self.erase(key);
        }
    }

    /// Removes an object, what it owned, and, for a namespace, what was in it.
    pub(crate) fn erase(&mut self, key: &Key) {
        let Some(last) = self.store.remove(key) else {
            return;
        };
        let uid = text(&last, "/metadata/uid");
        self.runs.remove(uid);
        let inside = |other: &Key| key.kind == &kind::NAMESPACE && other.namespace == key.name;
        let owned = |object: &Value| {
            object["metadata"]["ownerReferences"]
                .as_array()
                .is_some_and(|list| list.iter().any(|owner| text(owner, "/uid") == uid))
        };
        let gone: Vec<Key> = self
            .store
            .all()
            .filter(|(other, object)| inside(other) || owned(object))
            .map(|(other, _)| other.clone())
            .collect();
        for other in gone {
            self.delete(&other);
        }
    }

    /// Lets everything happen that was due until `now`, each at its own time.
    pub(crate) fn catch_up(&mut self, now: Timestamp) {
        while !self.options.server_down && self.options.velero_installed {
            let Some((at, key)) = self.agenda.due(now) else {
                break;
            };
            self.now = self.now.max(at);
            life::reconcile(self, &key);
        }
        self.now = self.now.max(now);
    }

    /// Lives on towards `now`, quickly while that is the past; what the past put off is looked at when the present begins.
    fn hurry(&mut self, quick: bool, now: Timestamp) {
        // Nobody looks back into the past's changes, and there are many.
        if now.duration_since(self.now).as_secs() > 3600 {
            self.store.compact();
        }
        if self.quick && !quick {
            self.store.compact();
            let locations: Vec<Key> = self.store.list(&kind::LOCATION, "").map(|(key, _)| key.clone()).collect();
            for key in locations {
                self.wake_soon(&key);
            }
        }
        self.quick = quick;
    }

    /// Has every object of Velero's looked at, as after a start of its server.
    pub(crate) fn wake_all(&mut self) {
        let keys: Vec<Key> = self.store.all().filter(|(key, _)| key.kind.custom).map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.wake_soon(&key);
        }
    }

    /// Objects by kind word, for the control surface.
    pub(crate) fn dump(&self) -> Value {
        let mut by: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
        for (key, object) in self.store.all() {
            by.entry(key.kind.plural).or_default().push(object);
        }
        serde_json::json!({"now": crate::json::stamp(self.now), "objects": by})
    }
}

/// `at` plus a duration, staying within what a timestamp can hold.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// A scenario that many requests share.
pub(crate) struct Handle {
    state: Mutex<Scenario>,
    changed: watch::Sender<u64>,
    clock: Clock,
}

impl Handle {
    pub(crate) fn new(scenario: Scenario, clock: Clock) -> Self {
        let changed = watch::Sender::new(scenario.store.version());
        Self { state: Mutex::new(scenario), changed, clock }
    }

    /// Looks without letting time pass.
    pub(crate) fn lock(&self) -> MutexGuard<'_, Scenario> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets due things happen, does `work`, and tells the watches if anything changed.
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut Scenario) -> T) -> T {
        let mut scenario = self.lock();
        if self.clock.lags() || scenario.quick {
            scenario.hurry(self.clock.lags(), self.clock.now());
        }
        scenario.catch_up(self.clock.now());
        let result = work(&mut scenario);
        let version = scenario.store.version();
        drop(scenario);
        self.changed.send_if_modified(|last| {
            let moved = *last != version;
            *last = version;
            moved
        });
        result
    }

    /// Makes the scenario anew under the same roof: open watches answer 410 and their clients list again.
    pub(crate) fn reseed(&self, options: Options) {
        let clock = self.clock.clone();
        self.with(|scenario| {
            let version = scenario.store.version();
            let authority = std::mem::take(&mut scenario.authority);
            *scenario = Scenario::behind(&scenario.name, options, &clock, version);
            scenario.authority = authority;
        });
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }
}
