//! NetApp Astra Control, release 24.02: accounts, apps, their snapshots, backups and schedules, buckets, tasks and
//! events. Base path `/s/{S}/astra`, below it `/accounts/{account_id}/...` as on the real host.

mod account;
mod app;
mod backup;
mod bucket;
mod command;
mod door;
mod estate;
mod history;
mod hook;
mod ident;
mod life;
mod links;
mod news;
mod options;
mod order;
mod origin;
mod place;
mod problem;
mod query;
mod retention;
mod schedule;
mod schema;
mod shelf;
mod snapshot;
mod timing;
mod write;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::rest::{Answer, Kind, Request, System};
use account::Account;
use options::Options;
use problem::Problem;

pub(crate) const ASTRA: Kind = Kind { name: "astra", make, announce };

fn make(scenario: &str, options: &Value, clock: &Clock) -> Result<Box<dyn System>, String> {
    let mut account = Account::new(scenario, Options::read(scenario, options)?, clock);
    estate::furnish(&mut account);
    Ok(Box::new(Astra(account)))
}

fn announce(base: &str) -> Vec<Value> {
    vec![json!({
        "system": "astra",
        "base_url": format!("{base}/s/demo/astra"),
        "credential": "sim-demo-token",
        "account_id": account::account_id("demo"),
    })]
}

struct Astra(Account);

impl System for Astra {
    fn catch_up(&mut self, now: Timestamp) {
        self.0.catch_up(now);
    }

    fn serve(&mut self, request: &Request) -> Answer {
        door::serve(&mut self.0, request)
    }

    fn refusal(&self, code: u16, message: &str) -> Answer {
        let (code, problem) = Problem::of_code(code, message);
        problem.answer_as(code, &self.0.id)
    }

    fn class(&self, request: &Request) -> String {
        let parts = request.segments();
        let place = parts.get(2..).and_then(place::of);
        let Some(place) = place else { return format!("{} {}", request.method, request.path) };
        let verb = match (request.method.as_str(), place.id.is_some()) {
            ("GET", false) => "list",
            ("GET", true) => "get",
            ("POST", _) => "create",
            ("PUT", _) => "update",
            ("DELETE", _) => "delete",
            (other, _) => other,
        };
        format!("{verb} {}s", place.shelf.word())
    }

    fn dump(&self) -> Value {
        self.0.dump()
    }

    fn command(&mut self, verb: &str, body: &Value) -> Result<Value, String> {
        command::perform(&mut self.0, verb, body)
    }
}
