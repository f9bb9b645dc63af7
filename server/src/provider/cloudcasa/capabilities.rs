//! What CloudCasa can express.

use model::{
    capability::{Capabilities, RestoreCapabilities, Support},
    definition::Volumes,
    interval::Intervals,
};

/// The same for every version: its API tells none.
pub fn capabilities() -> Capabilities {
    let (yes, no) = (Support::yes, Support::no);
    Capabilities {
        clusters: yes(""),
        apps: no("CloudCasa knows no apps; it takes a cluster's namespaces and labels."),
        workspaces: no("CloudCasa knows no workspaces; it takes a cluster's namespaces and labels."),
        instances: no("CloudCasa protects Kubernetes clusters; it knows no instances here."),
        member_clusters: no("A definition of CloudCasa belongs to one cluster."),
        namespaces: yes(""),
        namespace_patterns: no(
            "CloudCasa takes namespaces by name; it knows no patterns. Choose all of them, or use labels.",
        ),
        except_namespaces: yes("Of all namespaces; older servers do not know exceptions."),
        labels: yes(""),
        label_logic: no("CloudCasa compares labels for equality, and all of them must fit."),
        kinds: no("CloudCasa takes every kind of object; Holdfast does not choose among them."),
        cluster_objects: no("CloudCasa takes the cluster-scoped objects that the chosen ones need."),
        volumes: vec![
            (Volumes::Snapshot, yes("A snapshot is lost with the cluster's storage.")),
            (Volumes::SnapshotMoved, yes("The snapshot goes when its copy is made.")),
            (Volumes::None, yes("")),
            (Volumes::Upstream, no("CloudCasa has no setting of its own for volumes; each definition says how.")),
            (Volumes::Files, no("CloudCasa copies volumes from their snapshots, not through the pods.")),
        ],
        location: yes("An object store for the copies; without one they go where the cluster or CloudCasa has them."),
        keep_for: yes("Whole days; without an age CloudCasa keeps for 7."),
        keep_last: no("CloudCasa keeps by age; it has no greatest number. Say for how long."),
        keep_at_least: yes("30 at most."),
        keep_snapshots: no("CloudCasa does not count snapshots apart; a snapshot goes when its copy is made."),
        intervals: Intervals::LastRun,
        schedules: yes("In a policy of CloudCasa's that belongs to the definition."),
        tiers: yes(""),
        policies: yes(""),
        time_zone: yes(""),
        unscheduled: yes(""),
        pause: yes(""),
        resume_at_once: no("CloudCasa has no such choice when a schedule is resumed."),
        resume_quietly: no("CloudCasa has no such choice when a schedule is resumed."),
        cancel_run: no("CloudCasa's public API cannot cancel a job; its own pages can."),
        delete_point: yes("CloudCasa takes its data away with a job of its own."),
        logs: yes("CloudCasa tells the steps of a job, not its agent's log."),
        dry_run: no("CloudCasa cannot try a request; it checks what it is sent."),
        restore: RestoreCapabilities {
            namespaces: yes(""),
            map_namespaces: yes(""),
            affixes: yes(""),
            in_place: no("CloudCasa leaves what exists alone; delete it first, or restore into another namespace."),
            beside: yes(""),
            new_name: no("What comes back keeps its name; its namespace can be another."),
            elsewhere: yes(""),
            update_existing: no("CloudCasa leaves objects that exist as they are."),
            volumes: yes(""),
            storage_classes: yes(""),
            node_ports: yes("Newer servers keep them."),
            cluster_objects: no("CloudCasa brings back the cluster-scoped objects that the chosen ones need."),
            flavors: no("CloudCasa restores no instances."),
            networks: no("CloudCasa restores no instances."),
            floating_ips: no("CloudCasa restores no instances."),
            security_groups: no("CloudCasa restores no instances."),
        },
    }
}
