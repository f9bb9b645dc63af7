//! A past that was lived, not written: the schedules ran by the simulator's own clock from the first day to now, with the
//! troubles of a real company on the way. G5 has no schedules; there a job of somebody's makes the backups.

use std::time::Duration;

use axum::http::{HeaderMap, HeaderValue, Method};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::{Map, json};

use crate::rest::Request;
use crate::scenario::later;
use crate::waldur::cloud::Cloud;
use crate::waldur::cron;
use crate::waldur::model::{Fate, GIB, Plan, Schedule, Task};
use crate::waldur::route::Resource;
use crate::waldur::work::Wish;

const DAY: u64 = 86_400;

struct Habit {
    name: &'static str,
    instance: &'static str,
    expression: &'static str,
    timezone: &'static str,
    days: u32,
    maximum: u32,
}

const fn habit(
    name: &'static str,
    instance: &'static str,
    expression: &'static str,
    timezone: &'static str,
    days: u32,
    maximum: u32,
) -> Habit {
    Habit { name, instance, expression, timezone, days, maximum }
}

/// No expression is longer than fifteen characters: so upstream wants it.
const HABITS: [Habit; 9] = [
    habit("checkout-db nightly", "checkout-db-1", "0 2 * * *", "Europe/Zurich", 14, 30),
    habit("orders every six hours", "orders-db-1", "15 */6 * * *", "UTC", 7, 40),
    habit("payments-db daily", "payments-db-1", "30 1 * * *", "Europe/Zurich", 30, 40),
    habit("ledger weekly", "ledger-db-1", "0 5 * * 0", "UTC", 90, 12),
    habit("identity weekdays", "identity-keycloak-1", "45 22 * * 1-5", "Europe/Zurich", 30, 30),
    habit("analytics nightly", "analytics-clickhouse-1", "30 3 * * *", "UTC", 3, 6),
    habit("storefront weekly", "storefront-1", "0 4 * * 6", "UTC", 60, 8),
    habit("build-runner weekly", "build-runner-1", "0 6 * * 1", "UTC", 14, 4),
    habit("mail-relay monthly (managed by terraform)", "mail-relay-1", "0 3 1 * *", "UTC", 0, 12),
];

/// What happened, and how many hours before now.
const EVENTS: [(u64, Event); 10] = [
    (40 * 24, Event::Outcome("identity-keycloak-1", Fate::Erred)),
    (11 * 24, Event::Outcome("payments-db-1", Fate::Erred)),
    (9 * 24, Event::Quota("data", 1_800)),
    (9 * 24 - 1, Event::Switch("storefront weekly", false)),
    (5 * 24, Event::Outcome("orders-db-1", Fate::Refused)),
    (4 * 24, Event::Switch("orders every six hours", true)),
    (3 * 24 + 5, Event::Backup("checkout-db-1", "before upgrade")),
    (2 * 24, Event::Restore("payments-db-1", "payments-db-1-drill")),
    (1, Event::Outcome("checkout-api-1", Fate::Refused)),
    (1, Event::Backup("checkout-api-1", "before rollout 1.8.2")),
];

#[derive(Debug, Clone, Copy)]
enum Event {
    Outcome(&'static str, Fate),
    Quota(&'static str, u64),
    Switch(&'static str, bool),
    Backup(&'static str, &'static str),
    Restore(&'static str, &'static str),
}

/// Lives the days from the installation's own time until `now`.
pub(crate) fn live(cloud: &mut Cloud, now: Timestamp) {
    let begin = cloud.now;
    let ago = |hours: u64| now.checked_sub(Duration::from_secs(hours * 3600)).unwrap_or(begin);
    let mut jobs: Vec<(Timestamp, usize)> = Vec::new();
    for (index, habit) in HABITS.iter().enumerate() {
        if cloud.generation().has_schedules() {
            schedule(cloud, habit);
        } else {
            jobs.extend(firings(habit, begin, now).into_iter().map(|at| (at, index)));
        }
    }
    let mut steps: Vec<(Timestamp, Option<Event>, usize)> = jobs.into_iter().map(|(at, job)| (at, None, job)).collect();
    let events = EVENTS.into_iter().map(|(hours, event)| (ago(hours), Some(event), 0));
    steps.extend(events.filter(|(at, ..)| *at >= begin));
    steps.sort_by_key(|(at, ..)| *at);
    for (at, event, job) in steps {
        cloud.catch_up(at);
        match event {
            Some(event) => happen(cloud, event),
            None => external(cloud, &HABITS[job]),
        }
    }
    // One is under way when somebody looks.
    let start = now.checked_sub(Duration::from_secs(20)).unwrap_or(now);
    cloud.catch_up(start);
    backup(cloud, "payments-db-1", "before month end", None);
    cloud.catch_up(now);
}

fn uuid_of(cloud: &Cloud, instance: &str) -> Option<String> {
    cloud.instances.iter().find(|other| other.name == instance).map(|other| other.uuid.clone())
}

fn schedule(cloud: &mut Cloud, habit: &Habit) {
    let Some(instance) = uuid_of(cloud, habit.instance) else {
        return;
    };
    let old = cloud.generation().is_old();
    let mut made = Schedule {
        uuid: cloud.draw(),
        name: if old { String::new() } else { habit.name.to_owned() },
        description: habit.name.to_owned(),
        instance,
        retention_days: habit.days,
        maximum: habit.maximum,
        expression: habit.expression.to_owned(),
        timezone: habit.timezone.to_owned(),
        active: true,
        next_trigger: None,
        calls: 0,
        error: String::new(),
        created: cloud.now,
        modified: cloud.now,
        extra: Map::new(),
    };
    made.recompute(cloud.now);
    cloud.schedules.push(made);
}

fn firings(habit: &Habit, begin: Timestamp, now: Timestamp) -> Vec<Timestamp> {
    let zone = TimeZone::get(habit.timezone).unwrap_or(TimeZone::UTC);
    let Ok(cron) = cron::parse(habit.expression) else {
        return Vec::new();
    };
    std::iter::successors(cron.next(begin, &zone), |at| cron.next(*at, &zone)).take_while(|at| *at < now).collect()
}

/// What the job does for G5: a dated backup that is kept for some days.
fn external(cloud: &mut Cloud, habit: &Habit) {
    let name = format!("{} {}", habit.instance, cloud.now.strftime("%Y-%m-%d %H:%M"));
    let days = Duration::from_secs(u64::from(habit.days) * DAY);
    let kept_until = (habit.days > 0).then(|| later(cloud.now, days));
    backup(cloud, habit.instance, &name, kept_until);
}

fn backup(cloud: &mut Cloud, instance: &str, name: &str, kept_until: Option<Timestamp>) {
    let Some(uuid) = uuid_of(cloud, instance) else {
        return;
    };
    let old = cloud.generation().is_old();
    let wish = Wish {
        name: if old { String::new() } else { name.to_owned() },
        description: if old { name.to_owned() } else { String::new() },
        kept_until,
        schedule: None,
    };
    if let Err(sentence) = cloud.start_backup(&uuid, wish) {
        cloud.log("resource_backup_creation_failed", sentence);
    }
}

fn happen(cloud: &mut Cloud, event: Event) {
    match event {
        Event::Outcome(instance, fate) => {
            cloud.plans.push(Plan { fate, on: Task::Backup, instance: Some(instance.to_owned()), times: 1 });
        }
        Event::Quota(project, gib) => {
            if let Some(project) = cloud.projects.iter_mut().find(|other| other.name == project) {
                project.storage_quota = gib * GIB;
            }
        }
        Event::Switch(name, on) => {
            let now = cloud.now;
            if let Some(schedule) = cloud.schedules.iter_mut().find(|schedule| schedule.description == name) {
                schedule.active = on;
                schedule.error.clear();
                schedule.recompute(now);
            }
        }
        Event::Backup(instance, name) => backup(cloud, instance, name, None),
        Event::Restore(instance, name) => restore(cloud, instance, name),
    }
}

/// Restores the newest good backup, through the API like anyone else.
fn restore(cloud: &mut Cloud, instance: &str, name: &str) {
    let Some(uuid) = uuid_of(cloud, instance) else {
        return;
    };
    let good = |backup: &&crate::waldur::model::Backup| {
        backup.instance == uuid && backup.due.is_none() && backup.stored > 0 && backup.error.is_empty()
    };
    let Some(backup) = cloud.backups.iter().rev().find(good).map(|backup| backup.uuid.clone()) else {
        return;
    };
    let generation = cloud.generation();
    let flavor = cloud.flavors.last().map(|flavor| flavor.uuid.clone()).unwrap_or_default();
    let body = json!({"name": name, "flavor": format!("/api/{}/{flavor}/", Resource::Flavors.word(generation))});
    let mut headers = HeaderMap::new();
    let token = format!("Token sim-{}-token", cloud.scenario);
    if let Ok(token) = HeaderValue::try_from(token) {
        headers.insert("authorization", token);
    }
    headers.insert("content-type", HeaderValue::from_static("application/json"));
    cloud.serve(&Request {
        method: Method::POST,
        path: format!("/api/{}/{backup}/restore/", Resource::Backups.word(generation)),
        raw_query: String::new(),
        query: Vec::new(),
        headers,
        body: body.to_string().into(),
        base: String::new(),
    });
}
