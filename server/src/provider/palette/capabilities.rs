//! What Palette can express, decision by decision.

use super::generation::{ALL_OR_NONE, Generation};
use model::{
    capability::{Capabilities, RestoreCapabilities, Support},
    definition::Volumes,
    interval::Intervals,
};

/// For a release; `None` when nothing that it showed told which.
pub fn capabilities(generation: Option<Generation>) -> Capabilities {
    let (yes, no) = (Support::yes, Support::no);
    let objects = match generation {
        Some(Generation::Flag) => yes(ALL_OR_NONE),
        _ => yes("Those that are needed only since Palette 4.6; before, all or none."),
    };
    let volumes = |choice: Volumes| match choice {
        Volumes::Upstream => yes("All disks, in the way that Palette is set up."),
        Volumes::None => yes(""),
        Volumes::Snapshot | Volumes::SnapshotMoved | Volumes::Files => {
            no("Palette takes all disks or none; how it takes them is not the policy's choice.")
        }
    };
    const AGE: &str = "Palette keeps by age alone; it can't count backups. Say for how long.";
    Capabilities {
        clusters: no("Palette's backups belong to a workspace; choose that, and some of its clusters."),
        apps: no("Palette's backups know no apps; they take the namespaces of a workspace."),
        workspaces: yes("A workspace has one backup policy, so one definition."),
        instances: no("Palette's backups know no instances; they take the namespaces of a workspace."),
        member_clusters: yes("None chosen takes all, those to come too."),
        namespaces: yes("Those of the workspace."),
        namespace_patterns: no("Palette takes names here; patterns belong to the workspace itself."),
        except_namespaces: no(
            "Palette cannot leave namespaces out; it takes those that are named, or all of the workspace.",
        ),
        labels: no("Palette cannot choose by label; it takes whole namespaces."),
        label_logic: no("Palette cannot choose by label; it takes whole namespaces."),
        kinds: no("Palette cannot choose kinds; it takes whole namespaces."),
        cluster_objects: objects,
        volumes: [Volumes::Upstream, Volumes::None, Volumes::SnapshotMoved, Volumes::Snapshot, Volumes::Files]
            .into_iter()
            .map(|choice| (choice, volumes(choice)))
            .collect(),
        location: yes("Every policy names one."),
        keep_for: yes("In whole hours."),
        keep_last: no(AGE),
        keep_at_least: no(AGE),
        keep_snapshots: no("Palette keeps a backup's snapshots as long as the backup."),
        intervals: Intervals::LastRun,
        schedules: yes(""),
        tiers: no("Palette has one policy for a workspace, with one schedule."),
        policies: no("Palette keeps no policies apart; schedule and retention stand with the workspace."),
        time_zone: no(
            "Palette does not tell in which zone it reads schedules, and takes none; leave it empty or choose UTC.",
        ),
        unscheduled: yes(""),
        pause: yes("Palette's schedule is emptied; Holdfast remembers the one before."),
        resume_at_once: no("Palette does not tell whether a schedule that is set again runs at once."),
        resume_quietly: no("Palette does not tell whether a schedule that is set again runs at once."),
        cancel_run: no("Palette cannot cancel a backup; it runs to its end."),
        delete_point: yes("One cluster's backup; those of the same request on other clusters stay."),
        logs: no("Palette gives no logs of backups; what it says of each cluster stands with the run."),
        dry_run: no("Palette cannot try a policy without setting it; the request is shown as it will be sent."),
        restore: restore(objects_of_restore(generation)),
    }
}

fn objects_of_restore(generation: Option<Generation>) -> Support {
    match generation {
        Some(Generation::Flag) => Support::yes(ALL_OR_NONE),
        _ => Support::yes(""),
    }
}

fn restore(cluster_objects: Support) -> RestoreCapabilities {
    let (yes, no) = (Support::yes, Support::no);
    RestoreCapabilities {
        namespaces: yes(""),
        map_namespaces: no("Palette restores namespaces under their own names."),
        affixes: no("Palette restores namespaces under their own names."),
        in_place: no("Palette leaves what exists alone; delete it first where it shall be replaced."),
        beside: yes("Into the cluster that it was taken from; what exists there is left alone."),
        new_name: no("What comes back keeps its name."),
        elsewhere: no("Palette restores a workspace's backup into the cluster that it was taken from."),
        update_existing: no("Palette leaves what exists alone; delete it first where it shall be replaced."),
        volumes: yes("Palette is asked for them unless you say no."),
        storage_classes: no("Palette restores volumes into the storage classes that they had."),
        node_ports: yes(""),
        cluster_objects,
        flavors: no("Palette restores no instances."),
        networks: no("Palette restores no instances."),
        floating_ips: no("Palette restores no instances."),
        security_groups: no("Palette restores no instances."),
    }
}
