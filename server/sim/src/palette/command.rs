//! What a test does past the API.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Palette;
use super::agenda::Event;
use super::config::{Config, Plan};
use super::ids::dice;
use super::options::Options;
use super::reader::Reader;
use super::state::{Cluster, Owner, Protection};
use super::work::{COMPLETED, FAILED, Fate, PARTIALLY_FAILED, STUCK, Stage};

/// What an order is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Work {
    #[default]
    Backup,
    Restore,
    Delete,
}

/// How coming work is to end.
#[derive(Debug)]
pub(super) struct Order {
    of: Work,
    /// Uid; unset: any cluster.
    cluster: Option<String>,
    fate: Fate,
    /// Unset: until it is replaced.
    times: Option<u32>,
}

pub(super) fn obey(palette: &mut Palette, verb: &str, body: &Value) -> Result<Value, String> {
    match verb {
        "outcome" => palette.order(&read(body)?)?,
        "cluster" => palette.change_cluster(&read(body)?)?,
        "location" => palette.change_location(&read(body)?)?,
        "policy" => palette.overwrite_policy(&read(body)?)?,
        "entry" => palette.add_entry(read(body)?)?,
        "options" => palette.change_options(body)?,
        _ => return Err(format!("palette has no command {verb:?}")),
    }
    Ok(json!({"ok": true}))
}

fn read<'a, T: Deserialize<'a>>(body: &'a Value) -> Result<T, String> {
    T::deserialize(body).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ordered {
    outcome: String,
    #[serde(default)]
    of: Work,
    cluster: Option<String>,
    message: Option<String>,
    times: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClusterChange {
    cluster: String,
    healthy: Option<bool>,
    state: Option<String>,
    project: Option<String>,
    #[serde(default)]
    gone: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LocationChange {
    location: String,
    trouble: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyChange {
    workspace: Option<String>,
    cluster: Option<String>,
    config: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    workspace: String,
    backup: Option<Value>,
    restore: Option<Value>,
}

impl Palette {
    fn order(&mut self, ordered: &Ordered) -> Result<(), String> {
        let cluster = ordered.cluster.as_deref().map(|word| self.cluster_uid(word)).transpose()?;
        let (word, message) = match ordered.outcome.as_str() {
            "completed" => (COMPLETED, ""),
            "partial" => (PARTIALLY_FAILED, "1 of 14 volumes could not be saved: timed out waiting for the snapshot"),
            "failed" => (FAILED, "backup storage location default is unavailable: SlowDown"),
            "stuck" => (STUCK, ""),
            other => (other, ""),
        };
        let message = ordered.message.as_deref().unwrap_or(message).to_owned();
        let fate = Fate { word: word.to_owned(), message };
        self.orders.retain(|order| order.times.is_some() || (order.of, &order.cluster) != (ordered.of, &cluster));
        self.orders.push(Order { of: ordered.of, cluster, fate, times: ordered.times });
        Ok(())
    }

    /// Orders the end of the next work on a cluster.
    pub(super) fn order_once(&mut self, of: Work, cluster: &str, word: &str, message: &str) {
        let fate = Fate { word: word.to_owned(), message: message.to_owned() };
        self.orders.push(Order { of, cluster: Some(cluster.to_owned()), fate, times: Some(1) });
    }

    /// What was ordered for work on that cluster, counting it down.
    pub(super) fn ordered_fate(&mut self, of: Work, cluster: &str) -> Option<Fate> {
        self.orders.retain(|order| order.times != Some(0));
        let fits = |order: &Order| order.of == of && order.cluster.as_deref().is_none_or(|uid| uid == cluster);
        // Those that are counted go first, in order; then what holds until further notice, for the one cluster or all.
        let counted = self.orders.iter().position(|order| fits(order) && order.times.is_some());
        let own = || self.orders.iter().position(|order| fits(order) && order.cluster.is_some());
        let index = counted.or_else(own).or_else(|| self.orders.iter().position(fits))?;
        let order = &mut self.orders[index];
        if let Some(times) = &mut order.times {
            *times -= 1;
        }
        Some(order.fate.clone())
    }

    /// How work called `name` ends: as ordered, else by chance while a past is made, else well.
    pub(super) fn fate(&mut self, of: Work, cluster: &str, name: &str, namespaces: &[String]) -> Fate {
        if let Some(fate) = self.ordered_fate(of, cluster) {
            return fate;
        }
        let first = namespaces.first().map_or("default", String::as_str);
        let (word, message) = match dice(name, 24) {
            _ if !self.unlucky => return Fate::good(),
            0 => (FAILED, "backup storage location is unavailable: operation error S3: PutObject, SlowDown".to_owned()),
            1 | 2 => (
                PARTIALLY_FAILED,
                format!("pod volume backup in namespace {first} was cancelled: the node agent restarted"),
            ),
            _ => return Fate::good(),
        };
        Fate { word: word.to_owned(), message }
    }

    fn cluster_uid(&self, word: &str) -> Result<String, String> {
        let cluster = self.tenant.cluster_called(word);
        cluster.map(|cluster| cluster.uid.clone()).ok_or_else(|| format!("there is no cluster {word:?}"))
    }

    fn workspace_uid(&self, word: &str) -> Result<String, String> {
        let workspace = self.tenant.workspace_called(word);
        workspace.map(|workspace| workspace.uid.clone()).ok_or_else(|| format!("there is no workspace {word:?}"))
    }

    fn change_cluster(&mut self, change: &ClusterChange) -> Result<(), String> {
        if self.tenant.cluster_called(&change.cluster).is_none() && !change.gone {
            let project = self.project_uid(change.project.as_deref())?;
            let uid = super::ids::uid(&[&self.scenario, "cluster", &change.cluster]);
            let cluster = Cluster {
                uid: uid.clone(),
                name: change.cluster.clone(),
                project,
                cloud: "edge-native".to_owned(),
                created: self.now,
                state: "Running".to_owned(),
                healthy: true,
                own_rbac: false,
                guard: Protection::default(),
            };
            self.tenant.clusters.insert(uid, cluster);
        }
        let uid = self.cluster_uid(&change.cluster)?;
        if let Some(cluster) = self.tenant.clusters.get_mut(&uid) {
            cluster.healthy = change.healthy.unwrap_or(cluster.healthy);
            if let Some(state) = &change.state {
                cluster.state.clone_from(state);
            }
        }
        if change.gone {
            self.tenant.clusters.remove(&uid);
            for workspace in self.tenant.workspaces.values_mut() {
                workspace.clusters.retain(|member| *member != uid);
            }
        }
        if self.tenant.clusters.get(&uid).is_none_or(|cluster| !cluster.reachable()) {
            self.interrupt(&uid);
        }
        Ok(())
    }

    /// Work on a cluster that can't be reached any more ends now.
    fn interrupt(&mut self, cluster: &str) {
        let now = self.now;
        for backup in self.tenant.backups.values_mut() {
            for part in backup.parts.iter_mut().filter(|part| part.cluster == cluster) {
                if matches!(part.stage, Stage::Running { .. }) {
                    part.stage = Stage::Running { ends: Some(now) };
                    self.agenda.add(now, Event::Backup(backup.uid.clone()));
                }
            }
        }
        for restore in self.tenant.restores.values_mut() {
            for part in restore.parts.iter_mut().filter(|part| part.cluster == cluster) {
                if matches!(part.stage, Stage::Running { .. }) {
                    part.stage = Stage::Running { ends: Some(now) };
                    self.agenda.add(now, Event::Restore(restore.uid.clone()));
                }
            }
        }
        // Without this the change would only show at the next request.
        while let Some((_, event)) = self.agenda.due(now) {
            self.happen(&event);
        }
    }

    /// The uid of a project by uid or name; the main one by default.
    pub(super) fn project_uid(&self, word: Option<&str>) -> Result<String, String> {
        let mut projects = self.tenant.projects.iter();
        let found = projects.find(|project| word.is_none_or(|word| word == project.uid || word == project.name));
        found.map(|project| project.uid.clone()).ok_or_else(|| format!("there is no project {word:?}"))
    }

    fn change_location(&mut self, change: &LocationChange) -> Result<(), String> {
        let uid = self.tenant.location_called(&change.location).map(|location| location.uid.clone());
        let uid = uid.ok_or_else(|| format!("there is no location {:?}", change.location))?;
        if let Some(location) = self.tenant.locations.get_mut(&uid) {
            location.trouble.clone_from(&change.trouble);
        }
        Ok(())
    }

    fn overwrite_policy(&mut self, change: &PolicyChange) -> Result<(), String> {
        let owner = match (&change.workspace, &change.cluster) {
            (Some(word), None) => Owner::Workspace(self.workspace_uid(word)?),
            (None, Some(word)) => Owner::Cluster(self.cluster_uid(word)?),
            _ => return Err("say either workspace or cluster".to_owned()),
        };
        if change.config.is_null() {
            if let Some(guard) = self.tenant.guard_mut(&owner) {
                guard.policy = None;
            }
            return Ok(());
        }
        let plan = Reader::body(&change.config).and_then(|reader| match &owner {
            Owner::Workspace(_) => Plan::read(&reader, &self.options),
            Owner::Cluster(uid) => {
                let config = Config::read(&reader, &self.options)?;
                Ok(Plan { config, clusters: vec![uid.clone()], all_clusters: false })
            }
        });
        plan.and_then(|plan| self.set_policy(&owner, plan)).map_err(|refusal| refusal.message)
    }

    fn add_entry(&mut self, entry: Entry) -> Result<(), String> {
        if entry.backup.is_none() && entry.restore.is_none() {
            return Err("say backup or restore".to_owned());
        }
        let uid = self.workspace_uid(&entry.workspace)?;
        if let Some(workspace) = self.tenant.workspaces.get_mut(&uid) {
            workspace.guard.foreign_backups.extend(entry.backup);
            workspace.guard.foreign_restores.extend(entry.restore);
        }
        Ok(())
    }

    fn change_options(&mut self, by: &Value) -> Result<(), String> {
        let changed: Options = self.options.changed(by)?;
        self.limited = changed.rate_limit.unwrap_or(self.limited);
        self.options = changed;
        Ok(())
    }
}
