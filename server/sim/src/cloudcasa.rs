//! CloudCasa: an organisation on Catalogic's service, as its public API shows it. The service is built with Python-Eve, so
//! envelope, etags, paging, filters and errors are Eve's.
//!
//! The API stands at `/s/{S}/cloudcasa/api/v1`, the token is `sim-{S}-token`. What a test can seed is in `options.rs`,
//! what it can command in `command.rs`. A tag `sim/outcome` on a kubebackup, kubeoffload or kuberestore decides how its
//! runs end; object stores with a host `*.invalid` or a secret that begins with `wrong` can't be used.

mod agenda;
mod body;
mod coerce;
mod command;
mod estate;
mod filter;
mod http;
mod life;
mod links;
mod options;
mod query;
mod read;
mod refusal;
mod remove;
mod resource;
mod rule;
mod rules;
mod run;
mod store;
mod timetable;
mod validate;
mod write;
mod xml;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::json::stamp;
use crate::rest::{Answer, Kind, Request, System};
use agenda::Agenda;
use life::{Order, Plan, Run};
use options::Options;
use store::Store;

/// Where the API begins, below the system's own address.
const PREFIX: &str = "/api/v1";

pub(crate) const KIND: Kind = Kind { name: "cloudcasa", make, announce };

fn make(scenario: &str, options: &Value, clock: &Clock) -> Result<Box<dyn System>, String> {
    Ok(Box::new(CloudCasa::new(scenario, options, clock)?))
}

fn announce(base: &str) -> Vec<Value> {
    vec![json!({
        "system": "cloudcasa",
        "base_url": format!("{base}/s/demo/cloudcasa{PREFIX}"),
        "credential": "sim-demo-token",
    })]
}

/// One organisation.
struct CloudCasa {
    token: String,
    options: Options,
    /// The options as they were given, to be changed by a test.
    given: Value,
    store: Store,
    agenda: Agenda,
    orders: BTreeMap<u64, Order>,
    serial: u64,
    runs: BTreeMap<String, Run>,
    plans: Vec<Plan>,
    /// API keys that were made through the API.
    keys: BTreeSet<String>,
    /// The time of the step that is being made; between steps that of the clock.
    now: Timestamp,
    speed: f64,
    /// While the past of the estate is lived through: no steps on the way, and outcomes by chance.
    quick: bool,
    past: bool,
}

impl CloudCasa {
    fn new(scenario: &str, given: &Value, clock: &Clock) -> Result<Self, String> {
        let options = Options::read(scenario, given)?;
        let now = clock.now();
        let mut made = Self {
            token: format!("sim-{scenario}-token"),
            given: options::defaulted(scenario, given),
            options,
            store: Store::new(scenario),
            agenda: Agenda::default(),
            orders: BTreeMap::new(),
            serial: 0,
            runs: BTreeMap::new(),
            plans: Vec::new(),
            keys: BTreeSet::new(),
            now,
            // The past took its time, however fast the present is.
            speed: 1.0,
            quick: false,
            past: false,
        };
        estate::furnish(&mut made);
        if made.options.history_days > 0 {
            estate::furnish_past(&mut made, now);
        }
        if made.options.extra_jobs > 0 {
            estate::pile_up(&mut made, now);
        }
        made.now = now;
        made.speed = clock.speed();
        Ok(made)
    }

    /// Whether that is the scenario's token or a key that was made.
    fn knows(&self, token: &str) -> bool {
        token == self.token || self.keys.contains(token)
    }

    fn new_key(&mut self) -> String {
        let key = format!("cc-{}", self.store.new_id(self.now));
        self.keys.insert(key.clone());
        key
    }
}

impl System for CloudCasa {
    fn catch_up(&mut self, now: Timestamp) {
        self.live(now);
    }

    fn serve(&mut self, request: &Request) -> Answer {
        self.answer(request)
    }

    fn refusal(&self, code: u16, message: &str) -> Answer {
        refusal::error(code, message)
    }

    fn class(&self, request: &Request) -> String {
        http::class(request)
    }

    fn dump(&self) -> Value {
        let objects: BTreeMap<&str, Vec<&Value>> = self.store.all().collect();
        json!({"now": stamp(self.now), "objects": objects})
    }

    fn command(&mut self, verb: &str, body: &Value) -> Result<Value, String> {
        self.commanded(verb, body)
    }
}
