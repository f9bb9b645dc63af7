//! Waldur, once NodeConductor: backups of OpenStack instances. One URL and five contracts; this speaks the one of spring
//! 2016 (G2, what the order's document describes), 2017 to 2024 (G3), 2024 (G4) and from 2025 on (G5).
//!
//! The API is below `/s/{S}/waldur/api/`, with `Authorization: Token sim-{S}-token`. `options` says what a seed may
//! choose, `command` what a test may do past the API.

mod auth;
mod beat;
mod cloud;
mod command;
mod cron;
mod drf;
mod estate;
mod field;
mod model;
mod options;
mod route;
mod show;
mod views;
mod work;

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use self::cloud::Cloud;
use self::model::GIB;
use self::options::{Generation, Options};
use self::route::{Resource, Target};
use self::show::Look;
use crate::clock::Clock;
use crate::rest::{Answer, Kind, Request, System};

pub(crate) const WALDUR: Kind = Kind { name: "waldur", make, announce };

struct Waldur(Cloud);

fn make(scenario: &str, options: &Value, clock: &Clock) -> Result<Box<dyn System>, String> {
    let options = Options::read(scenario, options)?;
    let now = clock.now();
    let days = u64::from(options.history_days.unwrap_or_default());
    let begin = now.checked_sub(Duration::from_secs(days * 86_400)).unwrap_or(now);
    let quota = options.storage_quota_gib;
    let mut cloud = Cloud::new(scenario, options, begin, clock.speed());
    estate::furnish(&mut cloud);
    if days > 0 {
        estate::history::live(&mut cloud, now);
    }
    // Only now: a small quota would have stopped the past.
    if let Some(gib) = quota {
        for project in &mut cloud.projects {
            project.storage_quota = gib * GIB;
        }
    }
    Ok(Box::new(Waldur(cloud)))
}

/// One line per generation, the contract's first. The scenario's name chooses the generation.
fn announce(base: &str) -> Vec<Value> {
    let line = |generation: Generation| {
        let scenario = generation.demo();
        json!({"system": "waldur", "generation": generation.word(), "base_url": format!("{base}/s/{scenario}/waldur"),
            "credential": format!("sim-{scenario}-token")})
    };
    Generation::ALL.into_iter().map(line).collect()
}

impl System for Waldur {
    fn catch_up(&mut self, now: Timestamp) {
        self.0.catch_up(now);
    }

    fn serve(&mut self, request: &Request) -> Answer {
        self.0.serve(request)
    }

    fn refusal(&self, code: u16, message: &str) -> Answer {
        drf::detail(code, message)
    }

    fn class(&self, request: &Request) -> String {
        // The counter's words are the same in all generations.
        let word = |resource: Resource| resource.word(Generation::G2).trim_start_matches("openstack-").to_owned();
        match (route::find(&request.path, self.0.generation()), request.method.as_str()) {
            (Target::List(resource), "GET") => format!("list {}", word(resource)),
            (Target::List(resource), "HEAD") => format!("count {}", word(resource)),
            (Target::List(resource), "POST") => format!("create {}", word(resource)),
            (Target::Item(resource, _), method) => format!("{} {}", method.to_lowercase(), word(resource)),
            (Target::Action(resource, _, action), _) => format!("{action} {}", word(resource)),
            (Target::Login, _) => "login".to_owned(),
            (_, method) => format!("{method} {}", request.path),
        }
    }

    fn dump(&self) -> Value {
        let cloud = &self.0;
        let look = Look::new(cloud, "");
        let triggers: Map<String, Value> = cloud
            .schedules
            .iter()
            .map(|schedule| (schedule.uuid.clone(), json!(schedule.next_trigger.map(|at| look.time(at)))))
            .collect();
        json!({
            "now": cloud.now.to_string(), "generation": cloud.generation().word(),
            "projects": cloud.projects.iter().map(|project| look.project(project)).collect::<Vec<_>>(),
            "instances": cloud.instances.iter().map(|instance| look.instance(instance)).collect::<Vec<_>>(),
            "schedules": cloud.schedules.iter().map(|schedule| look.schedule(schedule)).collect::<Vec<_>>(),
            "backups": cloud.backups.iter().map(|backup| look.backup(backup)).collect::<Vec<_>>(),
            "next_triggers": triggers, "events": cloud.events(),
        })
    }

    fn command(&mut self, verb: &str, body: &Value) -> Result<Value, String> {
        self.0.command(verb, body)
    }

    fn credential(&self, request: &Request) -> String {
        match request.header("authorization") {
            "" => request.param("x-auth-token").unwrap_or_default().to_owned(),
            header => header.to_owned(),
        }
    }
}
