//! A generator of definitions: deterministic, so that a failure repeats.

use model::{
    ConnectionId,
    connection::Inventory,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    label::{Operator, Requirement},
    named::Named,
    scope::{ClusterObjects, Scope},
    tier::Tier,
};

const DAY: u64 = 86_400;

/// What definitions are made of. A stage gives what its system has; the rest is taken from the inventory.
#[derive(Clone, Debug)]
pub struct Words {
    pub crons: Vec<&'static str>,
    pub zones: Vec<Option<&'static str>>,
    pub ages: Vec<Option<u64>>,
    pub counts: Vec<Option<u32>>,
    /// Namespaces of no subject.
    pub namespaces: Vec<String>,
    pub kinds: Vec<String>,
    /// With what each of them consists of.
    pub subjects: Vec<model::connection::SubjectSeen>,
    pub locations: Vec<String>,
    pub policies: Vec<Named>,
}

impl Default for Words {
    fn default() -> Self {
        Self {
            crons: vec![
                "30 2 * * *",
                "0 3 * * 1",
                "15 4 1 * *",
                "0 * * * *",
                "@daily",
                "*/15 8-18 * * 1-5",
                "0 0 1 1 *",
            ],
            zones: vec![None, Some("UTC"), Some("Asia/Kathmandu")],
            ages: vec![None, Some(3600), Some(14 * DAY), Some(90 * DAY)],
            counts: vec![None, Some(1), Some(7), Some(30)],
            namespaces: Vec::new(),
            kinds: Vec::new(),
            subjects: Vec::new(),
            locations: Vec::new(),
            policies: Vec::new(),
        }
    }
}

impl Words {
    /// Completed by what the upstream has.
    pub fn with(mut self, inventory: &Inventory) -> Self {
        self.namespaces =
            inventory.namespaces.iter().filter(|n| n.skipped_because.is_none()).map(|n| n.name.clone()).collect();
        self.kinds = inventory.resources.iter().filter(|r| r.namespaced).take(6).map(|r| r.name.clone()).collect();
        self.subjects = inventory.subjects.iter().filter(|s| s.why_not.is_none()).cloned().collect();
        self.locations = inventory.locations.iter().filter(|l| l.why_not().is_none()).map(|l| l.name.clone()).collect();
        self.policies = inventory.policies.iter().map(|p| Named::new(&p.id, &p.name)).collect();
        self
    }
}

/// Xorshift.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides.max(1) as u64).unwrap()
    }

    /// Once in so many times.
    fn once_in(&mut self, times: usize) -> bool {
        self.roll(times) == 0
    }

    fn pick<T: Clone>(&mut self, list: &[T]) -> Option<T> {
        if list.is_empty() { None } else { Some(list[self.roll(list.len())].clone()) }
    }

    /// Up to so many different ones, sorted.
    fn some<T: Clone + Ord>(&mut self, list: &[T], most: usize) -> Vec<T> {
        let mut out: Vec<T> = (0..self.roll(most + 1)).filter_map(|_| self.pick(list)).collect();
        out.sort();
        out.dedup();
        out
    }

    fn requirement(&mut self) -> Requirement {
        let operator = if self.once_in(2) { Operator::In } else { self.pick(&Operator::ALL).unwrap_or_default() };
        let mut values =
            if operator.takes_values() { self.some(&["a", "b", "c"].map(str::to_owned), 2) } else { Vec::new() };
        if operator.takes_values() && values.is_empty() {
            values.push("a".into());
        }
        Requirement { key: self.pick(&["app", "tier", "x.io/y"]).unwrap_or_default().into(), operator, values }
    }

    fn selectors(&mut self) -> Vec<Vec<Requirement>> {
        let groups = if self.once_in(4) { 1 + self.roll(2) } else { 0 };
        (0..groups)
            .map(|_| {
                let mut group: Vec<Requirement> = (0..=self.roll(2)).map(|_| self.requirement()).collect();
                group.sort_by(|a, b| a.key.cmp(&b.key));
                group.dedup_by(|a, b| a.key == b.key);
                group
            })
            .collect()
    }

    fn retention(&mut self, words: &Words) -> Retention {
        let mut number = || if self.once_in(3) { self.pick(&words.counts).flatten() } else { None };
        let (keep_last, keep_at_least, keep_snapshots) = (number(), number(), number());
        let keep_for = self.pick(&words.ages).flatten().map(Seconds);
        Retention { keep_for, keep_last, keep_at_least, keep_snapshots }
    }

    fn scope(&mut self, words: &Words) -> Scope {
        let subject = self.pick(&words.subjects);
        let inside: Vec<String> = match &subject {
            Some(subject) => {
                subject.namespaces.iter().filter(|n| n.skipped_because.is_none()).map(|n| n.name.clone()).collect()
            }
            None => words.namespaces.clone(),
        };
        let clusters = match &subject {
            Some(subject) if self.once_in(3) => self.some(&subject.clusters, 2),
            _ => Vec::new(),
        };
        let namespaces = if self.once_in(2) { self.some(&inside, 3) } else { Vec::new() };
        let except_namespaces = if self.once_in(4) { self.some(&inside, 2) } else { Vec::new() };
        let resources = if self.once_in(5) { self.some(&words.kinds, 2) } else { Vec::new() };
        let except_resources = if self.once_in(5) { self.some(&words.kinds, 2) } else { Vec::new() };
        let objects = [ClusterObjects::Needed, ClusterObjects::Needed, ClusterObjects::All, ClusterObjects::None];
        Scope {
            subject: subject.map(|s| Named::new(s.id, s.name)),
            clusters,
            namespaces,
            except_namespaces,
            selectors: self.selectors(),
            resources,
            except_resources,
            cluster_objects: self.pick(&objects).unwrap_or_default(),
        }
    }

    /// Any definition; most systems can't express many of them.
    pub fn definition(&mut self, words: &Words) -> Definition {
        let schedule = |dice: &mut Self, zone: Option<&str>| Schedule {
            cron: dice.pick(&words.crons).unwrap_or_default().to_owned(),
            zone: zone.map(str::to_owned),
        };
        let zone = self.pick(&words.zones).flatten();
        let policy = if self.once_in(3) { self.pick(&words.policies) } else { None };
        let (first, further) = match &policy {
            Some(_) => (None, Vec::new()),
            None if self.once_in(12) => (None, Vec::new()),
            None => {
                let tiers = if self.once_in(3) { 1 + self.roll(2) } else { 0 };
                let first = schedule(self, zone);
                (
                    Some(first),
                    (0..tiers)
                        .map(|_| Tier { schedule: schedule(self, zone), retention: self.retention(words) })
                        .collect(),
                )
            }
        };
        let scheduled = policy.is_some() || first.is_some();
        Definition {
            name: "survivor".into(),
            connection: ConnectionId::from("c"),
            scope: self.scope(words),
            location: if self.once_in(2) { self.pick(&words.locations) } else { None },
            volumes: self.pick(&Volumes::ALL).unwrap_or_default(),
            retention: if policy.is_some() { Retention::default() } else { self.retention(words) },
            schedule: first,
            further,
            policy,
            paused: scheduled && self.once_in(3),
        }
    }
}
