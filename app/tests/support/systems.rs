//! Capabilities of systems that are built otherwise than Velero, one for each way of choosing what is protected.

use model::{
    capability::{Capabilities, RestoreCapabilities, Support},
    definition::Volumes,
};

fn yes() -> Support {
    Support::yes("")
}

/// One cluster of several, by namespaces and simple labels; policies that the system keeps; prefixes in a restore.
pub fn of_clusters() -> Capabilities {
    Capabilities {
        clusters: yes(),
        namespaces: yes(),
        labels: yes(),
        label_logic: Support::no("It compares a label with one value."),
        kinds: Support::no("It takes every kind."),
        cluster_objects: Support::no("It takes every kind."),
        except_namespaces: Support::no("It leaves no namespace out."),
        volumes: vec![(Volumes::Snapshot, yes()), (Volumes::SnapshotMoved, Support::yes("To the object store."))],
        location: yes(),
        keep_for: yes(),
        keep_snapshots: yes(),
        policies: yes(),
        schedules: yes(),
        unscheduled: yes(),
        time_zone: yes(),
        pause: yes(),
        delete_point: yes(),
        restore: RestoreCapabilities {
            namespaces: yes(),
            map_namespaces: yes(),
            affixes: yes(),
            beside: yes(),
            elsewhere: yes(),
            storage_classes: yes(),
            in_place: Support::no("It makes what is missing."),
            ..RestoreCapabilities::none("It can't.")
        },
        ..Capabilities::none("It can't.")
    }
}

/// An app, with a tier for each granularity, in UTC.
pub fn of_apps() -> Capabilities {
    Capabilities {
        apps: yes(),
        namespaces: Support::no("An app is taken whole."),
        volumes: vec![(Volumes::Upstream, yes())],
        location: yes(),
        keep_last: yes(),
        schedules: yes(),
        tiers: yes(),
        unscheduled: yes(),
        time_zone: Support::no("It reads times in UTC."),
        pause: yes(),
        restore: RestoreCapabilities {
            in_place: yes(),
            beside: yes(),
            new_name: yes(),
            elsewhere: yes(),
            map_namespaces: yes(),
            ..RestoreCapabilities::none("It can't.")
        },
        ..Capabilities::none("It can't.")
    }
}

/// A workspace over several clusters.
pub fn of_workspaces() -> Capabilities {
    Capabilities {
        workspaces: yes(),
        member_clusters: yes(),
        namespaces: yes(),
        cluster_objects: yes(),
        volumes: vec![(Volumes::Files, yes()), (Volumes::None, yes())],
        location: yes(),
        keep_for: yes(),
        schedules: yes(),
        unscheduled: yes(),
        time_zone: Support::no("It reads times in UTC."),
        restore: RestoreCapabilities {
            beside: yes(),
            namespaces: yes(),
            cluster_objects: yes(),
            ..RestoreCapabilities::none("It can't.")
        },
        ..Capabilities::none("It can't.")
    }
}

/// A virtual machine; no schedule in this generation.
pub fn of_instances() -> Capabilities {
    Capabilities {
        instances: yes(),
        namespaces: Support::no("It protects instances."),
        volumes: vec![(Volumes::Snapshot, yes())],
        keep_for: Support::yes("Counted from each backup; the number wins."),
        keep_last: yes(),
        unscheduled: yes(),
        schedules: Support::no("This generation keeps no schedules."),
        restore: RestoreCapabilities {
            beside: yes(),
            new_name: yes(),
            flavors: yes(),
            networks: yes(),
            floating_ips: yes(),
            security_groups: yes(),
            ..RestoreCapabilities::none("It restores to a new instance.")
        },
        ..Capabilities::none("It can't.")
    }
}

/// All of them.
pub fn all() -> [(&'static str, Capabilities); 4] {
    [("cluster", of_clusters()), ("app", of_apps()), ("workspace", of_workspaces()), ("instance", of_instances())]
}
