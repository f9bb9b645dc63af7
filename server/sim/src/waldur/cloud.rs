//! One installation: everything it holds, its time, and what is due when.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::auth::Access;
use super::model::{Backup, Fate, Flavor, Image, Instance, Piece, Plan, Project, Schedule, State, Task};
use super::options::{Generation, Options};
use crate::kube::store::hex;
use crate::scenario::later;

/// The scheduler looks some seconds after the full minute, like any process that was started at some time.
const BEAT_OFFSET: Duration = Duration::from_micros(7_318_204);
const EVENTS_KEPT: usize = 500;

pub(crate) struct Cloud {
    pub(crate) scenario: String,
    pub(crate) options: Options,
    /// During catching up the time of the step, not of the clock.
    pub(crate) now: Timestamp,
    pub(crate) access: Access,
    pub(crate) projects: Vec<Project>,
    pub(crate) flavors: Vec<Flavor>,
    pub(crate) images: Vec<Image>,
    pub(crate) subnets: Vec<Piece>,
    pub(crate) groups: Vec<Piece>,
    pub(crate) floating: Vec<Piece>,
    pub(crate) instances: Vec<Instance>,
    pub(crate) backups: Vec<Backup>,
    pub(crate) schedules: Vec<Schedule>,
    pub(crate) plans: Vec<Plan>,
    /// OpenStack behind it does not answer.
    pub(crate) backend_down: bool,
    scheduler_down: bool,
    events: Vec<Value>,
    last_beat: Timestamp,
    drawn: u64,
    speed: f64,
}

/// What is due.
enum Step {
    Backup(usize),
    Instance(usize),
    Beat,
}

impl Cloud {
    pub(crate) fn new(scenario: &str, options: Options, now: Timestamp, speed: f64) -> Self {
        Self {
            scenario: scenario.to_owned(),
            options,
            now,
            access: Access::new(scenario),
            projects: Vec::new(),
            flavors: Vec::new(),
            images: Vec::new(),
            subnets: Vec::new(),
            groups: Vec::new(),
            floating: Vec::new(),
            instances: Vec::new(),
            backups: Vec::new(),
            schedules: Vec::new(),
            plans: Vec::new(),
            backend_down: false,
            scheduler_down: false,
            events: Vec::new(),
            last_beat: now,
            drawn: 0,
            speed,
        }
    }

    pub(crate) fn generation(&self) -> Generation {
        self.options.generation()
    }

    /// A new identifier: 32 hex digits, the same in each run of a scenario.
    pub(crate) fn draw(&mut self) -> String {
        self.drawn += 1;
        let mut drawn = hex(&Sha256::digest(format!("waldur/{}/{}", self.scenario, self.drawn)));
        drawn.truncate(32);
        drawn
    }

    /// The time `work` from now; a clock with a speed shortens it.
    pub(crate) fn after(&self, work: Duration) -> Timestamp {
        later(self.now, work.div_f64(self.speed))
    }

    /// Writes to the event log, the only place that tells of some failures.
    pub(crate) fn log(&mut self, kind: &str, message: String) {
        tracing::debug!(scenario = self.scenario, kind, message, "waldur event");
        self.events.push(json!({"@timestamp": self.now.to_string(), "event_type": kind, "message": message}));
        if self.events.len() > EVENTS_KEPT {
            self.events.remove(0);
        }
    }

    pub(crate) fn events(&self) -> &[Value] {
        &self.events
    }

    pub(crate) fn project(&self, uuid: &str) -> Option<&Project> {
        self.projects.iter().find(|project| project.uuid == uuid)
    }

    pub(crate) fn instance(&self, uuid: &str) -> Option<&Instance> {
        self.instances.iter().find(|instance| instance.uuid == uuid)
    }

    pub(crate) fn flavor(&self, uuid: &str) -> Option<&Flavor> {
        self.flavors.iter().find(|flavor| flavor.uuid == uuid)
    }

    pub(crate) fn backup_at(&self, uuid: &str) -> Option<usize> {
        self.backups.iter().position(|backup| backup.uuid == uuid)
    }

    pub(crate) fn schedule_at(&self, uuid: &str) -> Option<usize> {
        self.schedules.iter().position(|schedule| schedule.uuid == uuid)
    }

    /// Whether the caller sees what belongs to that instance.
    pub(crate) fn sees(&self, instance: &str) -> bool {
        self.instance(instance).is_some_and(|instance| self.sees_project(&instance.project))
    }

    pub(crate) fn sees_project(&self, project: &str) -> bool {
        self.project(project).is_some_and(|project| !project.hidden)
    }

    /// Whether the caller may change what belongs to that instance.
    pub(crate) fn may_change(&self, instance: &str) -> bool {
        let project = self.instance(instance).and_then(|instance| self.project(&instance.project));
        project.is_some_and(|project| !self.options.read_only.contains(&project.name))
    }

    /// Storage that volumes and snapshots of a project take, in MiB.
    pub(crate) fn used(&self, project: &str) -> u64 {
        let of = |uuid: &str| self.instance(uuid).is_some_and(|instance| instance.project == project);
        let volumes: u64 = self.instances.iter().filter(|i| i.project == project).map(Instance::size).sum();
        let snapshots: u64 = self.backups.iter().filter(|b| b.stored > 0 && of(&b.instance)).map(|b| b.stored).sum();
        volumes + snapshots + self.project(project).map_or(0, |project| project.leaked)
    }

    /// The sentence of the quota check when `more` MiB do not fit.
    pub(crate) fn over_quota(&self, project: &str, more: u64) -> Option<String> {
        let project = self.project(project)?;
        let wanted = self.used(&project.uuid) + more;
        let limit = project.storage_quota;
        (wanted > limit).then(|| format!("storage quota limit: {limit}, requires {wanted} ({})", project.name))
    }

    /// How the next piece of work on an instance ends; a chosen end is used up.
    pub(crate) fn fate(&mut self, task: Task, instance: &str) -> Fate {
        let name = self.instance(instance).map(|instance| instance.name.clone()).unwrap_or_default();
        let fits = |plan: &Plan| plan.on == task && plan.instance.as_ref().is_none_or(|i| *i == name || i == instance);
        let Some(at) = self.plans.iter().position(fits) else {
            return if self.backend_down { Fate::Refused } else { Fate::Good };
        };
        let fate = self.plans[at].fate;
        match self.plans[at].times {
            0 => {}
            1 => {
                self.plans.remove(at);
            }
            _ => self.plans[at].times -= 1,
        }
        fate
    }

    /// Lets everything happen that is due until `now`, each at its own time.
    pub(crate) fn catch_up(&mut self, now: Timestamp) {
        while let Some((at, step)) = self.next_step().filter(|(at, _)| *at <= now) {
            self.now = self.now.max(at);
            match step {
                Step::Backup(at) => self.step_backup(at),
                Step::Instance(at) => self.step_instance(at),
                Step::Beat => self.beat(),
            }
        }
        self.now = self.now.max(now);
    }

    fn next_step(&self) -> Option<(Timestamp, Step)> {
        let earliest = |dues: &mut dyn Iterator<Item = (usize, Option<Timestamp>)>| {
            dues.filter_map(|(at, due)| Some((due?, at))).min()
        };
        let backup = earliest(&mut self.backups.iter().map(|b| b.due).enumerate());
        let instance = earliest(&mut self.instances.iter().map(|i| i.due).enumerate());
        let steps = [
            backup.map(|(due, at)| (due, Step::Backup(at))),
            instance.map(|(due, at)| (due, Step::Instance(at))),
            self.next_beat().map(|due| (due, Step::Beat)),
        ];
        steps.into_iter().flatten().min_by_key(|(due, _)| *due)
    }

    /// The first beat that finds something to do.
    fn next_beat(&self) -> Option<Timestamp> {
        if self.scheduler_down {
            return None;
        }
        let triggers = self.schedules.iter().filter(|s| s.active).filter_map(|s| s.next_trigger);
        let expiries = self.backups.iter().filter(|b| b.state == State::Ok).filter_map(|b| b.kept_until);
        Some(self.beat_after(triggers.chain(expiries).min()?.max(self.last_beat)))
    }

    fn beat_after(&self, at: Timestamp) -> Timestamp {
        let every = i64::from(self.options.beat_seconds);
        let since = at.as_microsecond() - i64::try_from(BEAT_OFFSET.as_micros()).unwrap_or(0);
        let beats = since.div_euclid(every * 1_000_000) + 1;
        let base = Timestamp::from_second(beats.saturating_mul(every)).unwrap_or(Timestamp::MAX);
        later(base, BEAT_OFFSET)
    }

    /// Stops or starts the scheduler; once started it looks at its next beat, not before.
    pub(crate) fn run_scheduler(&mut self, running: bool) {
        self.scheduler_down = !running;
        self.last_beat = self.last_beat.max(self.now);
    }

    /// One look of the scheduler, now: what has come due starts, what has expired goes.
    pub(crate) fn beat(&mut self) {
        self.last_beat = self.now;
        self.trigger_due();
        self.expire_due();
    }
}
