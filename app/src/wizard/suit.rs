//! What a connection that is chosen makes of the draft. Nothing may stay chosen that its system can't do: the control that
//! could take it back is off there, or not shown.

use model::{
    capability::{Capabilities, Support},
    draft::DefinitionDraft,
    scope::ClusterObjects,
};

/// Puts the draft on a connection. What is addressed by ids of another one means nothing there.
pub fn connect(draft: &mut DefinitionDraft, connection: &str, can: Option<&Capabilities>) {
    if draft.connection != connection {
        connection.clone_into(&mut draft.connection);
        draft.scope.subject = None;
        draft.scope.clusters.clear();
        draft.policy = None;
    }
    if let Some(can) = can {
        suit(draft, can);
    }
}

/// Takes out of the draft what the system refuses, and sets what it leaves no choice about.
pub fn suit(draft: &mut DefinitionDraft, can: &Capabilities) {
    let no = |support: &Support| !support.is_yes();
    if can.takes(draft.volumes).is_none_or(no) {
        draft.volumes = can.first_volumes();
    }
    if no(&can.time_zone) {
        draft.zone = "UTC".into();
    }
    match (can.schedules.is_yes(), can.policies.is_yes()) {
        (true, _) if no(&can.unscheduled) => draft.scheduled = true,
        (true, _) => {}
        (false, true) => {
            draft.scheduled |= no(&can.unscheduled);
            draft.policy.get_or_insert_default();
        }
        (false, false) => draft.scheduled = false,
    }
    if no(&can.schedules) {
        draft.follows.clear();
    }
    if no(&can.policies) {
        draft.policy = None;
    }
    if no(&can.tiers) {
        draft.further.clear();
    }
    if no(&can.pause) || !draft.scheduled {
        draft.paused = false;
    }
    for (support, text) in [
        (&can.location, &mut draft.location),
        (&can.keep_for, &mut draft.keep_for),
        (&can.keep_last, &mut draft.keep_last),
        (&can.keep_at_least, &mut draft.keep_at_least),
        (&can.keep_snapshots, &mut draft.keep_snapshots),
    ] {
        if no(support) {
            text.clear();
        }
    }
    let scope = &mut draft.scope;
    for (support, list) in [
        (&can.except_namespaces, &mut scope.except_namespaces),
        (&can.kinds, &mut scope.resources),
        (&can.kinds, &mut scope.except_resources),
    ] {
        if no(support) {
            list.clear();
        }
    }
    if no(&can.labels) {
        scope.selectors.clear();
    }
    if no(&can.member_clusters) {
        scope.clusters.clear();
    }
    if no(&can.cluster_objects) {
        scope.cluster_objects = ClusterObjects::Needed;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{
        Named,
        definition::Volumes,
        draft::{ScopeDraft, TierDraft, parse},
    };

    fn full() -> DefinitionDraft {
        DefinitionDraft {
            name: "shop".into(),
            connection: "c1".into(),
            scope: ScopeDraft {
                subject: Some(Named::new("k1", "zrh")),
                clusters: vec![Named::new("k1", "zrh")],
                everything: true,
                except_namespaces: vec!["a".into()],
                selectors: vec![vec![Default::default()]],
                resources: vec!["pods".into()],
                except_resources: vec!["events".into()],
                cluster_objects: ClusterObjects::All,
                ..ScopeDraft::default()
            },
            location: "l".into(),
            volumes: Volumes::Files,
            keep_for: "3".into(),
            keep_last: "3".into(),
            keep_at_least: "3".into(),
            keep_snapshots: "3".into(),
            further: vec![TierDraft { cron: "@daily".into(), ..TierDraft::default() }],
            policy: Some(Named::new("p", "gold")),
            follows: "own".into(),
            scheduled: true,
            cron: "@daily".into(),
            zone: "Europe/Zurich".into(),
            paused: true,
            ..DefinitionDraft::default()
        }
    }

    fn no() -> Capabilities {
        Capabilities {
            volumes: vec![(Volumes::Snapshot, Support::yes("")), (Volumes::Files, Support::no("no"))],
            unscheduled: Support::yes(""),
            ..Capabilities::none("no")
        }
    }

    #[test]
    fn what_a_system_refuses_does_not_stay_in_the_draft() {
        let mut draft = full();
        connect(&mut draft, "c2", Some(&no()));
        assert_eq!(parse(&draft, &no()).err(), None, "{draft:#?}");
        assert_eq!((draft.volumes, draft.zone.as_str(), draft.scheduled), (Volumes::Snapshot, "UTC", false));
        assert_eq!(draft.follows, "");
        assert_eq!(draft.name, "shop");
    }

    #[test]
    fn the_same_connection_keeps_what_it_can_do() {
        let yes = Support::yes("");
        let can = Capabilities {
            clusters: yes.clone(),
            member_clusters: yes.clone(),
            policies: yes.clone(),
            schedules: yes.clone(),
            pause: yes.clone(),
            keep_for: yes,
            ..no()
        };
        let mut draft = full();
        connect(&mut draft, "c1", Some(&can));
        assert!(draft.scope.subject.is_some() && draft.scope.clusters.len() == 1 && draft.policy.is_some());
        assert!(draft.paused && draft.scheduled && draft.keep_for == "3");
        assert_eq!(draft.follows, "own", "a policy of the library is no connection's");
        connect(&mut draft, "c2", None);
        assert!(draft.scope.subject.is_none() && draft.scope.clusters.is_empty() && draft.policy.is_none());
    }

    #[test]
    fn where_only_policies_are_kept_one_is_to_be_chosen() {
        let can = Capabilities { policies: Support::yes(""), unscheduled: Support::no("no"), ..no() };
        let mut draft = DefinitionDraft::default();
        suit(&mut draft, &can);
        assert!(draft.scheduled && draft.policy == Some(Named::default()));
    }
}
