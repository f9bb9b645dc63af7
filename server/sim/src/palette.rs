//! Spectro Cloud Palette as a tenant's API: projects, clusters, workspaces, backup locations, policies, and the backups and
//! restores that come of them. Written from the published API definition (4.8 and 4.9), the vendor's SDK, Terraform
//! provider and documentation; what those leave open is an option (see `palette/options.rs`).
//!
//! Header `ApiKey: sim-{S}-token`, or `Authorization: <JWT>` from `/v1/auth/authenticate` with the password
//! `sim-{S}-token`; header `ProjectUid` for everything that belongs to a project.
//!
//! | command | body | what |
//! |---|---|---|
//! | `outcome` | `{outcome, of?, cluster?, message?, times?}` | how the next work ends: `completed`, `partial`, `failed`, `stuck` or any state word; `of` is `backup`, `restore` or `delete` |
//! | `cluster` | `{cluster, healthy?, state?, gone?, project?}` | changes a cluster, or makes a new one of that name |
//! | `location` | `{location, trouble}` | backups to it fail with that message; `""` mends it |
//! | `policy` | `{workspace \| cluster, config \| null}` | somebody else writes or drops the policy |
//! | `entry` | `{workspace, backup \| restore}` | a status entry exactly as given |
//! | `options` | fields of the seed | changes how the server speaks, keeping what it holds |

mod agenda;
mod cluster;
mod command;
mod config;
mod deletion;
mod door;
mod estate;
mod health;
mod ids;
mod life;
mod limit;
mod location;
mod options;
mod paging;
mod policy;
mod reader;
mod refusal;
mod restore;
mod routes;
mod session;
mod show;
mod state;
mod work;
mod workspace;

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::rest::{Answer, Kind, Request, System};
use crate::scenario::later;

use agenda::{Agenda, Event};
use command::Order;
use limit::Limiter;
use options::Options;
use refusal::Refusal;
use session::Sessions;
use state::Tenant;

pub(crate) const KIND: Kind = Kind { name: "palette", make, announce };

/// One tenant in one scenario.
struct Palette {
    scenario: String,
    options: Options,
    /// During catching up it is the time of the step, not of the clock.
    now: Timestamp,
    speed: f64,
    limited: bool,
    tenant: Tenant,
    agenda: Agenda,
    /// Requests that want a cluster, in order; the first one has it.
    lanes: BTreeMap<String, VecDeque<String>>,
    limiter: Limiter,
    /// Requests that the limit refused.
    slowed: u64,
    sessions: Sessions,
    /// What a test ordered for coming work.
    orders: Vec<Order>,
    /// Whether backups fail now and then by themselves: only while a past is made.
    unlucky: bool,
    made: u64,
}

fn make(scenario: &str, options: &Value, clock: &Clock) -> Result<Box<dyn System>, String> {
    let options = Options::read(options)?;
    // Only a manual clock can be moved, by nothing at all too.
    let manual = clock.advance(Duration::ZERO);
    let mut palette = Palette {
        scenario: scenario.to_owned(),
        limited: options.rate_limit.unwrap_or(!manual),
        options,
        now: clock.now(),
        speed: clock.speed(),
        tenant: Tenant::default(),
        agenda: Agenda::default(),
        lanes: BTreeMap::new(),
        limiter: Limiter::default(),
        slowed: 0,
        sessions: Sessions::default(),
        orders: Vec::new(),
        unlucky: false,
        made: 0,
    };
    estate::furnish(&mut palette);
    Ok(Box::new(palette))
}

fn announce(base: &str) -> Vec<Value> {
    vec![json!({
        "system": KIND.name,
        "base_url": format!("{base}/s/demo/{}", KIND.name),
        "credential": "sim-demo-token",
        "project_uid": estate::main_project("demo"),
    })]
}

impl Palette {
    fn token(&self) -> String {
        format!("sim-{}-token", self.scenario)
    }

    /// Uid of the person that the API key belongs to.
    fn user(&self) -> String {
        ids::uid(&[&self.scenario, "user"])
    }

    /// A uid that no other object has.
    fn draw(&mut self, kind: &str) -> String {
        self.made += 1;
        ids::uid(&[&self.scenario, kind, &self.made.to_string()])
    }

    /// The time that `seconds` of modelled work end.
    fn after(&self, seconds: f64) -> Timestamp {
        later(self.now, Duration::from_secs_f64((seconds / self.speed).max(0.0)))
    }

    fn happen(&mut self, event: &Event) {
        match event {
            Event::Fire(owner) => self.fire(owner),
            Event::Backup(uid) => self.step_backup(uid),
            Event::Restore(uid) => self.step_restore(uid),
        }
    }
}

impl System for Palette {
    fn catch_up(&mut self, now: Timestamp) {
        while let Some((at, event)) = self.agenda.due(now) {
            self.now = self.now.max(at);
            self.happen(&event);
        }
        self.now = self.now.max(now);
    }

    fn serve(&mut self, request: &Request) -> Answer {
        door::serve(self, request)
    }

    fn refusal(&self, code: u16, message: &str) -> Answer {
        Refusal::injected(code, message).answer()
    }

    fn class(&self, request: &Request) -> String {
        routes::class(request)
    }

    fn dump(&self) -> Value {
        self.show_everything()
    }

    fn command(&mut self, verb: &str, body: &Value) -> Result<Value, String> {
        command::obey(self, verb, body)
    }
}
