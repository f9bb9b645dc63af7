//! What each generation of Waldur can express, and why it can't do the rest.

use super::generation::{Generation, Version};
use model::{
    capability::{Capabilities, RestoreCapabilities, Support},
    definition::Volumes,
    interval::Intervals,
};

const UNKNOWN: &str = "This Waldur's generation is not known yet, and not all of them can do this. Test the connection, or choose the \
                       generation in its form.";
const INSTANCE: &str =
    "Waldur backs up one OpenStack instance with all its volumes; it knows nothing of what runs inside.";
const NO_SCHEDULES: &str =
    "This Waldur has no backup schedules (they ended in 2025); it makes single backups. Start them by hand.";
/// Also what an order is refused with.
pub const NO_NETWORK: &str =
    "This Waldur asks for no network; the new instance gets what the old one's project has by default.";

/// By a stored version, such as `G4 7.0.9`.
pub fn by_version(version: Option<&str>) -> Capabilities {
    capabilities(version.and_then(Version::read).map(|version| version.generation))
}

/// Before the generation is known: what all of them can do.
pub fn capabilities(generation: Option<Generation>) -> Capabilities {
    let (yes, no) = (Support::yes, Support::no);
    let scheduled = || match generation {
        None => no(UNKNOWN),
        Some(g) if g.has_schedules() => yes(""),
        Some(_) => no(NO_SCHEDULES),
    };
    Capabilities {
        clusters: no("Waldur knows no Kubernetes clusters; choose an instance."),
        apps: no("Waldur knows no apps; choose an instance."),
        workspaces: no("Waldur knows no workspaces; choose an instance."),
        instances: yes(""),
        member_clusters: no(INSTANCE),
        namespaces: no(INSTANCE),
        namespace_patterns: no(INSTANCE),
        except_namespaces: no(INSTANCE),
        labels: no(INSTANCE),
        label_logic: no(INSTANCE),
        kinds: no(INSTANCE),
        cluster_objects: no(INSTANCE),
        volumes: volumes(),
        location: no("Waldur leaves snapshots in the instance's own OpenStack; there is no place to choose."),
        keep_for: keep_for(generation),
        keep_last: keep_last(generation),
        keep_at_least: no(
            "Waldur keeps no number whatever its age; age and the largest number are all that it counts.",
        ),
        keep_snapshots: no("A backup of Waldur is its snapshots; they go with it."),
        intervals: Intervals::LastRun,
        schedules: scheduled(),
        tiers: no("A schedule of Waldur has one rhythm; make a definition for each."),
        policies: no("Waldur keeps no policies; rhythm and retention stand in each schedule."),
        time_zone: match scheduled() {
            Support::Yes(_) => yes("Waldur takes any name of the time-zone database."),
            refused => refused,
        },
        unscheduled: yes(""),
        pause: scheduled(),
        resume_quietly: match scheduled() {
            Support::Yes(_) => yes("Waldur always waits for the next moment of the schedule."),
            refused => refused,
        },
        resume_at_once: no("Waldur waits for the next time of a schedule that is activated again."),
        cancel_run: no("Waldur cannot stop a backup that has begun; it runs to its end."),
        delete_point: match generation {
            Some(Generation::G2) => yes("Waldur tells no failure of a deletion: snapshots may stay in OpenStack."),
            _ => yes(""),
        },
        logs: no("Waldur's API has no logs of backups; its event log stands in its own pages."),
        dry_run: no("Waldur cannot try a request without doing it; it refuses what is wrong when it is sent."),
        restore: restore(generation),
    }
}

fn volumes() -> Vec<(Volumes, Support)> {
    Volumes::ALL
        .into_iter()
        .map(|choice| {
            let support = match choice {
                Volumes::Snapshot => Support::yes("Snapshots of all volumes, in the instance's own OpenStack."),
                Volumes::Upstream => {
                    Support::no("Waldur has one way, snapshots; there is nothing that it could be set up to.")
                }
                Volumes::SnapshotMoved => {
                    Support::no("Waldur copies no snapshots to another place; they stay in OpenStack.")
                }
                Volumes::Files => Support::no("Waldur cannot look into volumes; it takes snapshots of them."),
                Volumes::None => {
                    Support::no("A backup of Waldur is the snapshots of the instance's volumes; it can't be without.")
                }
            };
            (choice, support)
        })
        .collect()
}

fn keep_for(generation: Option<Generation>) -> Support {
    match generation {
        None => Support::no(UNKNOWN),
        // NodeConductor's scheduler deletes by each limit on its own.
        Some(Generation::G2) => Support::yes(
            "Of a schedule, in whole days; empty keeps for ever. The number counts too: whichever limit comes first deletes.",
        ),
        // BaseScheduleTask: those with an end go first, the ones kept for ever last, but they go as well.
        Some(Generation::G3 | Generation::G4) => Support::yes(
            "Of a schedule in whole days; empty keeps for ever. The number wins: what is over it goes, the next to expire first, \
             even what is kept for ever.",
        ),
        Some(Generation::G5) => Support::yes("Counted from each backup."),
    }
}

fn keep_last(generation: Option<Generation>) -> Support {
    match generation {
        None => Support::no(UNKNOWN),
        Some(Generation::G2) => {
            Support::yes("Needed for a schedule. What is over the number goes at once, the oldest first.")
        }
        Some(Generation::G3 | Generation::G4) => Support::yes(
            "Of a schedule. At the limit Waldur first deletes and makes the new backup ten minutes later or more.",
        ),
        Some(Generation::G5) => {
            Support::no("Waldur counts the backups of a schedule, and this one has no schedules. Say for how long.")
        }
    }
}

fn restore(generation: Option<Generation>) -> RestoreCapabilities {
    let (yes, no) = (Support::yes, Support::no);
    let network = || match generation {
        None => no(UNKNOWN),
        Some(Generation::G2) => no(NO_NETWORK),
        Some(_) => yes(""),
    };
    RestoreCapabilities {
        beside: yes("A restore makes a new instance; the old one stays as it is."),
        new_name: yes("Left empty, it is named after the recovery point and the moment."),
        flavors: yes("Left empty, it has the flavour that the backup tells."),
        networks: network(),
        floating_ips: network(),
        security_groups: network(),
        in_place: no("Waldur puts nothing back over an instance; it makes a new one."),
        elsewhere: no("Waldur restores into the project of the instance; it can't be sent elsewhere."),
        ..RestoreCapabilities::none("Waldur restores a whole instance with all its volumes.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::capability::SubjectKind;

    #[test]
    fn before_it_is_known_nothing_is_promised_that_one_of_them_lacks() {
        let unknown = capabilities(None);
        let all = Generation::ALL.map(|generation| capabilities(Some(generation)));
        for (row, (name, support)) in unknown.rows().into_iter().enumerate() {
            if support.is_yes() {
                assert!(all.iter().all(|one| one.rows()[row].1.is_yes()), "{name}");
            }
        }
        for can in all.iter().chain([&unknown]) {
            assert_eq!(can.subject(), Some(SubjectKind::Instance));
            assert_eq!(can.first_volumes(), Volumes::Snapshot);
            assert_eq!(can.volumes.len(), Volumes::ALL.len());
            assert!(can.rows().iter().all(|(_, s)| s.why_not().is_none_or(|why| why.ends_with('.'))));
        }
    }

    #[test]
    fn capabilities_follow_the_stored_version() {
        assert!(by_version(Some("G4 7.0.9")).schedules.is_yes());
        assert!(by_version(Some("G2")).schedules.is_yes());
        assert!(
            by_version(Some("G5 8.1.3")).schedules.why_not().is_some_and(|why| why.contains("no backup schedules"))
        );
        assert!(!by_version(None).schedules.is_yes());
        assert!(!by_version(Some("v1.18.3")).schedules.is_yes());
        assert!(!by_version(Some("G2")).restore.networks.is_yes());
        assert!(by_version(Some("G3 4.0.9")).restore.networks.is_yes());
    }
}
