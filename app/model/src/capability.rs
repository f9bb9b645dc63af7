//! What an upstream can express, as data: one field for each decision that the wizard and the restore form make.

use crate::{definition::Volumes, interval::Intervals};
use serde::{Deserialize, Serialize};

/// Yes, perhaps with a condition, or no with the sentence that a disabled control prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// It can; the note says from which version or how, and may be empty.
    Yes(String),
    /// It can't; the sentence says so in the form "Velero cannot X; it does Y."
    No(String),
}

impl Support {
    /// It can, with a note or without.
    pub fn yes(note: &str) -> Self {
        Self::Yes(note.to_owned())
    }

    /// It can't, and why.
    pub fn no(why: &str) -> Self {
        Self::No(why.to_owned())
    }

    /// True for yes.
    pub fn is_yes(&self) -> bool {
        matches!(self, Self::Yes(_))
    }

    /// The sentence of a no.
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Yes(_) => None,
            Self::No(why) => Some(why),
        }
    }

    /// The note or the sentence, whichever there is.
    pub fn text(&self) -> &str {
        match self {
            Self::Yes(text) | Self::No(text) => text,
        }
    }
}

/// What a definition belongs to, where its system has one object for that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectKind {
    Cluster,
    App,
    Workspace,
    Instance,
}

impl SubjectKind {
    /// `cluster`, `app`: in a sentence.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cluster => "cluster",
            Self::App => "app",
            Self::Workspace => "workspace",
            Self::Instance => "instance",
        }
    }
}

/// The decisions, in the order of the wizard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Choose the cluster among those that the upstream knows. Of this and the next three at most one is a yes: see
    /// [`Self::subject`].
    pub clusters: Support,
    /// Choose an app that the upstream knows.
    pub apps: Support,
    /// Choose a workspace.
    pub workspaces: Support,
    /// Choose a single instance.
    pub instances: Support,
    /// Take some of the clusters of a subject that spans several.
    pub member_clusters: Support,
    /// Choose by namespace.
    pub namespaces: Support,
    /// Namespace patterns that take in what appears later.
    pub namespace_patterns: Support,
    /// Leave namespaces out.
    pub except_namespaces: Support,
    /// Narrow by labels.
    pub labels: Support,
    /// More than equality in a label, and groups of which one is enough.
    pub label_logic: Support,
    /// Choose or leave out kinds.
    pub kinds: Support,
    /// Say whether objects without a namespace are taken.
    pub cluster_objects: Support,
    /// Ways to take volumes, each with its answer, in the order of the choices. The first yes is what a new definition has.
    pub volumes: Vec<(Volumes, Support)>,
    /// Choose where recovery points go.
    pub location: Support,
    /// Keep by age.
    pub keep_for: Support,
    /// Keep a number at most.
    pub keep_last: Support,
    /// Keep a number at least, whatever its age.
    pub keep_at_least: Support,
    /// Keep a number of snapshots beside the copies.
    pub keep_snapshots: Support,
    /// A schedule that the upstream carries out.
    pub schedules: Support,
    /// What it counts an interval from.
    #[serde(default)]
    pub intervals: Intervals,
    /// Several schedules with a retention each.
    pub tiers: Support,
    /// Follow a policy that the upstream keeps.
    pub policies: Support,
    /// Name a schedule's time zone.
    pub time_zone: Support,
    /// A definition without a schedule, run once or by hand.
    pub unscheduled: Support,
    /// Pause and resume.
    pub pause: Support,
    /// Resume so that the next run certainly waits for its moment.
    pub resume_quietly: Support,
    /// Resume so that a run which came due meanwhile may begin at once.
    pub resume_at_once: Support,
    /// Stop a run that has begun.
    pub cancel_run: Support,
    /// Delete a recovery point.
    pub delete_point: Support,
    /// Logs of runs and restores.
    pub logs: Support,
    /// Ask the upstream whether it would accept, without changing anything.
    pub dry_run: Support,
    pub restore: RestoreCapabilities,
}

/// What a restore can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreCapabilities {
    /// Take some of the point's namespaces.
    pub namespaces: Support,
    /// Restore under other namespaces.
    pub map_namespaces: Support,
    /// A prefix or suffix for every namespace.
    pub affixes: Support,
    /// Over what is there, in its own place; needs the name typed.
    pub in_place: Support,
    /// As something new beside what is there: another namespace, app or instance.
    pub beside: Support,
    /// Give the new app or instance a name.
    pub new_name: Support,
    /// Into another cluster than it was taken from.
    pub elsewhere: Support,
    /// Change objects that exist where they differ.
    pub update_existing: Support,
    /// Say whether volumes are restored.
    pub volumes: Support,
    /// Use other storage classes.
    pub storage_classes: Support,
    /// Keep the NodePorts of services.
    pub node_ports: Support,
    /// Say whether objects without a namespace are restored.
    pub cluster_objects: Support,
    /// Choose the size of the new instance.
    pub flavors: Support,
    /// Choose the networks of the new instance.
    pub networks: Support,
    /// Choose its floating addresses.
    pub floating_ips: Support,
    /// Choose its security groups.
    pub security_groups: Support,
}

impl RestoreCapabilities {
    /// Nothing at all, for one reason.
    pub fn none(why: &str) -> Self {
        let no = || Support::no(why);
        Self {
            namespaces: no(),
            map_namespaces: no(),
            affixes: no(),
            in_place: no(),
            beside: no(),
            new_name: no(),
            elsewhere: no(),
            update_existing: no(),
            volumes: no(),
            storage_classes: no(),
            node_ports: no(),
            cluster_objects: no(),
            flavors: no(),
            networks: no(),
            floating_ips: no(),
            security_groups: no(),
        }
    }
}

impl Capabilities {
    /// Nothing at all, for one reason: where nothing is known yet, and what the answers of a test are put into.
    pub fn none(why: &str) -> Self {
        let no = || Support::no(why);
        Self {
            clusters: no(),
            apps: no(),
            workspaces: no(),
            instances: no(),
            member_clusters: no(),
            namespaces: no(),
            namespace_patterns: no(),
            except_namespaces: no(),
            labels: no(),
            label_logic: no(),
            kinds: no(),
            cluster_objects: no(),
            volumes: Volumes::ALL.into_iter().map(|choice| (choice, no())).collect(),
            location: no(),
            keep_for: no(),
            keep_last: no(),
            keep_at_least: no(),
            keep_snapshots: no(),
            schedules: no(),
            intervals: Intervals::LastRun,
            tiers: no(),
            policies: no(),
            time_zone: no(),
            unscheduled: no(),
            pause: no(),
            resume_quietly: no(),
            resume_at_once: no(),
            cancel_run: no(),
            delete_point: no(),
            logs: no(),
            dry_run: no(),
            restore: RestoreCapabilities::none(why),
        }
    }

    /// What a definition belongs to, if its system has one object for that.
    pub fn subject(&self) -> Option<SubjectKind> {
        [
            (&self.clusters, SubjectKind::Cluster),
            (&self.apps, SubjectKind::App),
            (&self.workspaces, SubjectKind::Workspace),
            (&self.instances, SubjectKind::Instance),
        ]
        .into_iter()
        .find(|(support, _)| support.is_yes())
        .map(|(_, kind)| kind)
    }

    /// Whether volumes can be taken in this way.
    pub fn takes(&self, volumes: Volumes) -> Option<&Support> {
        self.volumes.iter().find(|(choice, _)| *choice == volumes).map(|(_, support)| support)
    }

    /// What a new definition has.
    pub fn first_volumes(&self) -> Volumes {
        self.volumes.iter().find(|(_, support)| support.is_yes()).map(|(choice, _)| *choice).unwrap_or_default()
    }

    /// Name of the decision and its answer, for the table on the connections page.
    pub fn rows(&self) -> Vec<(&'static str, &Support)> {
        let mut rows = vec![
            ("Choose a cluster", &self.clusters),
            ("Choose an app", &self.apps),
            ("Choose a workspace", &self.workspaces),
            ("Choose an instance", &self.instances),
            ("Some clusters of several", &self.member_clusters),
            ("Choose by namespaces", &self.namespaces),
            ("Namespace patterns", &self.namespace_patterns),
            ("Leave namespaces out", &self.except_namespaces),
            ("Narrow by labels", &self.labels),
            ("Label operators and groups", &self.label_logic),
            ("Choose kinds", &self.kinds),
            ("Cluster-scoped objects", &self.cluster_objects),
        ];
        rows.extend(self.volumes.iter().map(|(choice, support)| (choice.row(), support)));
        rows.extend([
            ("Storage location", &self.location),
            ("Keep by age", &self.keep_for),
            ("Keep a number", &self.keep_last),
            ("Keep at least a number", &self.keep_at_least),
            ("Keep snapshots apart", &self.keep_snapshots),
            ("Schedules", &self.schedules),
            ("Several schedules in one definition", &self.tiers),
            ("Follow a policy kept there", &self.policies),
            ("Time zone of a schedule", &self.time_zone),
            ("Single backup without a schedule", &self.unscheduled),
            ("Pause", &self.pause),
            ("Resume without an immediate run", &self.resume_quietly),
            ("Resume with an immediate run", &self.resume_at_once),
            ("Cancel a run", &self.cancel_run),
            ("Delete a recovery point", &self.delete_point),
            ("Logs", &self.logs),
            ("Dry run", &self.dry_run),
            ("Restore some namespaces", &self.restore.namespaces),
            ("Restore into other namespaces", &self.restore.map_namespaces),
            ("Restore in place", &self.restore.in_place),
            ("Restore beside what is there", &self.restore.beside),
            ("Restore into another cluster", &self.restore.elsewhere),
            ("Restore with other storage classes", &self.restore.storage_classes),
        ]);
        rows
    }
}
