//! What Astra Control can express, one answer for each decision.

use super::{BY_NUMBER, EXACTLY, UTC_ONLY};
use model::{
    capability::{Capabilities, RestoreCapabilities, Support},
    definition::Volumes,
    interval::Intervals,
};

const WHOLE: &str = "Astra Control takes an app whole; which namespaces, labels and kinds belong to it is said where the app is defined.";
const NO_INSTANCES: &str = "Astra Control restores apps of Kubernetes clusters, no instances.";

/// The same for all releases that Holdfast knows.
pub fn capabilities() -> Capabilities {
    let (yes, no) = (Support::yes, Support::no);
    Capabilities {
        clusters: no("Astra Control protects apps, not clusters; choose an app."),
        apps: yes("As they are defined in Astra Control; where it offers no backups of one, the list says so."),
        workspaces: no("Astra Control knows no workspaces; choose an app."),
        instances: no("Astra Control knows no instances; choose an app."),
        member_clusters: no("An app of Astra Control lies on one cluster."),
        namespaces: no(WHOLE),
        namespace_patterns: no(WHOLE),
        except_namespaces: no(WHOLE),
        labels: no(WHOLE),
        label_logic: no(WHOLE),
        kinds: no(WHOLE),
        cluster_objects: no(WHOLE),
        volumes: vec![
            (Volumes::Upstream, no("Astra Control has no setting of its own for this; choose copies or snapshots.")),
            (Volumes::SnapshotMoved, yes("A backup: a snapshot whose data is copied to a bucket.")),
            (Volumes::Snapshot, yes("Snapshots alone; they are lost with the app and its storage.")),
            (
                Volumes::Files,
                no("Astra Control copies volumes by its own data mover; it does not choose file by file."),
            ),
            (Volumes::None, no("Astra Control takes an app with its volumes; it can't leave them out.")),
        ],
        location: yes("A bucket; where none is chosen, the cluster's default bucket."),
        keep_for: no(BY_NUMBER),
        keep_last: yes("For each schedule by itself; what is begun by hand is not counted."),
        keep_at_least: no(EXACTLY),
        keep_snapshots: yes("Beside the backups; 0 takes each away when its backup is made."),
        intervals: Intervals::Moment(super::translate::rule::COUNTED_FROM),
        schedules: yes("Hourly, daily, weekly, monthly, or at an even interval."),
        tiers: yes("One schedule of each granularity."),
        policies: no("A protection policy of Astra Control is the set of an app's schedules; say them here."),
        time_zone: no(UTC_ONLY),
        unscheduled: yes(""),
        pause: yes("All of the definition's schedules at once."),
        resume_quietly: yes(""),
        resume_at_once: no("Astra Control waits for the next time of a schedule that is resumed."),
        cancel_run: no(
            "Astra Control stops a backup only by deleting it, and not while it waits; Holdfast lets it run to its end.",
        ),
        delete_point: yes("The data in the bucket goes too; an immutable bucket keeps it until its lock ends."),
        logs: no("Astra Control keeps no logs of backups and restores; its messages stand on the run."),
        dry_run: no(
            "Astra Control cannot try a request without carrying it out; what can be seen beforehand is checked here.",
        ),
        restore: RestoreCapabilities {
            namespaces: no(
                "Astra Control restores an app with all of its namespaces; its filters name kinds of objects.",
            ),
            map_namespaces: yes("Into a new app, to namespaces that are not there yet."),
            affixes: no("Astra Control maps namespaces one by one; it adds nothing before or after their names."),
            in_place: yes("Replaces the app's objects and volumes."),
            beside: yes("As a new app."),
            new_name: yes("Of the new app."),
            elsewhere: yes("Into another cluster that Astra Control manages."),
            update_existing: no("In place, Astra Control replaces everything; beside, nothing exists yet."),
            volumes: no("Astra Control restores an app with its volumes."),
            storage_classes: yes("For a new app."),
            node_ports: no("Astra Control decides about the NodePorts of services by itself."),
            cluster_objects: no("Astra Control brings back the cluster-scoped objects that belong to the app."),
            flavors: no(NO_INSTANCES),
            networks: no(NO_INSTANCES),
            floating_ips: no(NO_INSTANCES),
            security_groups: no(NO_INSTANCES),
        },
    }
}
