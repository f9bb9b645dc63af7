//! The backup policy of a workspace or a cluster: reading it with what came of it, writing it, running it at once, and
//! deleting what it made.

use serde_json::{Value, json};

use super::Palette;
use super::agenda::Event;
use super::config::{Config, Plan};
use super::options::NoPolicy;
use super::reader::Reader;
use super::refusal::{Outcome, Refusal};
use super::routes::Call;
use super::state::{Owner, Policy};
use super::work::Actor;
use crate::life::cron::{self, Cron};
use crate::rest::Answer;

/// The workspace of the path, if the call's project has it.
pub(super) fn workspace(palette: &Palette, call: &Call<'_>) -> Outcome<Owner> {
    let found = palette.tenant.workspaces.get(call.arg(0));
    let found = found.filter(|workspace| Some(&workspace.project) == call.scope.as_ref());
    found.map(|workspace| Owner::Workspace(workspace.uid.clone())).ok_or_else(Refusal::missing)
}

/// The cluster of the path, if the call's project has it.
pub(super) fn cluster(palette: &Palette, call: &Call<'_>) -> Outcome<Owner> {
    let found = palette.tenant.clusters.get(call.arg(0));
    let found = found.filter(|cluster| Some(&cluster.project) == call.scope.as_ref());
    found.map(|cluster| Owner::Cluster(cluster.uid.clone())).ok_or_else(Refusal::missing)
}

pub(super) fn get_of_workspace(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = workspace(palette, call)?;
    palette.read_policy(&owner, call.request.param("backupRequestUid"))
}

pub(super) fn get_of_cluster(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = cluster(palette, call)?;
    palette.read_policy(&owner, call.request.param("backupRequestUid"))
}

pub(super) fn create_of_workspace(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = workspace(palette, call)?;
    palette.create_policy(&owner, call)
}

pub(super) fn create_of_cluster(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = cluster(palette, call)?;
    palette.create_policy(&owner, call)
}

pub(super) fn update_of_workspace(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = workspace(palette, call)?;
    palette.update_policy(&owner, call)
}

pub(super) fn update_of_cluster(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = cluster(palette, call)?;
    palette.update_policy(&owner, call)
}

pub(super) fn run_of_workspace(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = workspace(palette, call)?;
    palette.run_policy(&owner, call)
}

pub(super) fn run_of_cluster(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = cluster(palette, call)?;
    palette.run_policy(&owner, call)
}

/// Takes the schedule away; the rest of the policy stays.
pub(super) fn reset_of_cluster(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = cluster(palette, call)?;
    let mut plan = palette.plan_of(&owner)?;
    plan.config.cron.clear();
    palette.set_policy(&owner, plan)?;
    Ok(Answer::empty(204))
}

/// Deletes backups of one request: the body says which.
pub(super) fn delete_of_workspace(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = workspace(palette, call)?;
    let body = call.body()?;
    let reader = Reader::body(&body)?;
    let request = reader.required("requestUid")?;
    let mut rows = Vec::new();
    for row in reader.objects("clusterConfigs")? {
        rows.push((row.required("clusterUid")?, row.required("backupName")?));
    }
    if rows.is_empty() {
        return Err(Refusal::invalid("clusterConfigs in body is required"));
    }
    palette.delete_backups(&owner, &request, &rows)?;
    Ok(Answer::empty(204))
}

pub(super) fn delete_of_cluster(palette: &mut Palette, call: &Call<'_>) -> Outcome<Answer> {
    let owner = cluster(palette, call)?;
    let rows = [(call.arg(0).to_owned(), call.arg(1).to_owned())];
    palette.delete_backups(&owner, call.arg(2), &rows)?;
    Ok(Answer::empty(204))
}

impl Palette {
    fn not_configured(&self) -> Refusal {
        match self.options.no_policy {
            NoPolicy::NotFound => Refusal::missing(),
            NoPolicy::NotConfigured | NoPolicy::Empty => {
                Refusal::new(self.options.no_policy_status, "BackupNotConfigured", "Backup not configured")
            }
        }
    }

    fn plan_of(&self, owner: &Owner) -> Outcome<Plan> {
        let policy = self.tenant.guard(owner).and_then(|guard| guard.policy.as_ref());
        policy.map(|policy| policy.plan.clone()).ok_or_else(|| self.not_configured())
    }

    fn read_policy(&self, owner: &Owner, only: Option<&str>) -> Outcome<Answer> {
        let guard = self.tenant.guard(owner).ok_or_else(Refusal::missing)?;
        let only = only.filter(|uid| !uid.is_empty());
        let known = self.ordered(&guard.backups, only);
        let known = known.iter().filter_map(|uid| self.tenant.backups.get(uid));
        let (of_workspace, mut statuses): (bool, Vec<Value>) = match owner {
            Owner::Workspace(_) => (true, known.map(|backup| self.show_backup(backup)).collect()),
            Owner::Cluster(_) => (false, known.map(|backup| self.show_cluster_backup(backup)).collect()),
        };
        let key = if of_workspace { "/requestUid" } else { "/backupRequestUid" };
        let asked = |entry: &&Value| only.is_none_or(|only| crate::json::text(entry, key) == only);
        statuses.extend(guard.foreign_backups.iter().filter(asked).cloned());
        let nothing = guard.policy.is_none() && guard.backups.is_empty() && guard.foreign_backups.is_empty();
        if nothing && self.options.no_policy != NoPolicy::Empty {
            return Err(self.not_configured());
        }
        let mut spec = json!({});
        if let Some(policy) = &guard.policy {
            match owner {
                Owner::Workspace(uid) => {
                    spec = json!({"workspaceUid": uid, "config": policy.plan.write(&self.options)});
                }
                Owner::Cluster(uid) => {
                    spec = json!({"clusterUid": uid, "config": policy.plan.config.write(&self.options)});
                }
            }
        }
        let status = match (nothing, of_workspace) {
            (true, _) => json!({}),
            (false, true) => json!({"workspaceBackupStatuses": statuses}),
            (false, false) => json!({"clusterBackupStatuses": statuses}),
        };
        Ok(self.tell(200, json!({"metadata": self.policy_metadata(owner), "spec": spec, "status": status})))
    }

    /// The plan in the body, checked.
    fn read_plan(&self, owner: &Owner, body: &Value) -> Outcome<Plan> {
        let reader = Reader::body(body)?;
        let plan = match owner {
            Owner::Workspace(_) => Plan::read(&reader, &self.options)?,
            Owner::Cluster(uid) => {
                Plan { config: Config::read(&reader, &self.options)?, clusters: vec![uid.clone()], all_clusters: false }
            }
        };
        self.checked(owner, plan)
    }

    /// Whether the plan can be carried out; fills in what its location's uid stands for.
    pub(super) fn checked(&self, owner: &Owner, mut plan: Plan) -> Outcome<Plan> {
        let (project, members) = match owner {
            Owner::Workspace(uid) => {
                let workspace = self.tenant.workspaces.get(uid).ok_or_else(Refusal::missing)?;
                (&workspace.project, workspace.clusters.clone())
            }
            Owner::Cluster(uid) => {
                let cluster = self.tenant.clusters.get(uid).ok_or_else(Refusal::missing)?;
                (&cluster.project, vec![uid.clone()])
            }
        };
        if let Some(stranger) = plan.clusters.iter().find(|uid| !members.contains(uid)) {
            return Err(Refusal::invalid(format!(
                "clusterUids in body: cluster {stranger} is not part of the workspace"
            )));
        }
        let uid = plan.config.location_uid.clone();
        let location = self.tenant.locations.get(&uid).filter(|location| location.visible(Some(project)));
        let location = location
            .ok_or_else(|| Refusal::invalid(format!("backupConfig.backupLocationUid in body: no location {uid:?}")))?;
        plan.config.location_name.clone_from(&location.name);
        plan.config.location_type = location.storage.word().to_owned();
        self.cron(&plan.config.cron)?;
        Ok(plan)
    }

    /// The schedule; an empty one is none.
    fn cron(&self, text: &str) -> Outcome<Option<Cron>> {
        if text.trim().is_empty() {
            return Ok(None);
        }
        let refuse =
            |sentence: String| Refusal::invalid(format!("backupConfig.schedule.scheduledRunTime in body: {sentence}"));
        // The text may bring no zone of its own, so the prefix is ours alone.
        cron::parse(text, false).map_err(refuse)?;
        cron::parse(&format!("CRON_TZ={} {text}", self.options.time_zone), true).map(Some).map_err(refuse)
    }

    fn create_policy(&mut self, owner: &Owner, call: &Call<'_>) -> Outcome<Answer> {
        let plan = self.read_plan(owner, &call.body()?)?;
        if self.tenant.guard(owner).is_some_and(|guard| guard.policy.is_some()) {
            return Err(Refusal::new(409, "ResourceAlreadyExists", "Backup is already configured"));
        }
        self.set_policy(owner, plan)?;
        let uid = self.draw("policy");
        Ok(self.created(&uid))
    }

    fn update_policy(&mut self, owner: &Owner, call: &Call<'_>) -> Outcome<Answer> {
        let plan = self.read_plan(owner, &call.body()?)?;
        self.plan_of(owner)?;
        self.set_policy(owner, plan)?;
        Ok(Answer::empty(204))
    }

    fn run_policy(&mut self, owner: &Owner, call: &Call<'_>) -> Outcome<Answer> {
        let plan = self.read_plan(owner, &call.body()?)?;
        if self.options.on_demand_sets_policy {
            self.set_policy(owner, plan.clone())?;
        }
        let uid = self.start_backup(owner, &plan, Actor::User);
        Ok(self.created(&uid))
    }

    /// Stores a plan as the owner's policy and sets its clock.
    pub(super) fn set_policy(&mut self, owner: &Owner, plan: Plan) -> Outcome<()> {
        let next = self.cron(&plan.config.cron)?.and_then(|cron| cron.next(self.now));
        let modified = self.now;
        let guard = self.tenant.guard_mut(owner).ok_or_else(Refusal::missing)?;
        guard.policy = Some(Policy { plan, modified, next });
        if let Some(at) = next {
            self.agenda.add(at, Event::Fire(owner.clone()));
        }
        Ok(())
    }

    /// The schedule's time has come, unless it was changed since.
    pub(super) fn fire(&mut self, owner: &Owner) {
        let Some(policy) = self.tenant.guard(owner).and_then(|guard| guard.policy.as_ref()) else { return };
        if policy.next.is_none_or(|next| next > self.now) {
            return;
        }
        let plan = policy.plan.clone();
        let next = self.cron(&plan.config.cron).ok().flatten().and_then(|cron| cron.next(self.now));
        if let Some(policy) = self.tenant.guard_mut(owner).and_then(|guard| guard.policy.as_mut()) {
            policy.next = next;
        }
        if let Some(at) = next {
            self.agenda.add(at, Event::Fire(owner.clone()));
        }
        self.start_backup(owner, &plan, Actor::Schedule);
    }
}
