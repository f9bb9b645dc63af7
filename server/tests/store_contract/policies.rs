//! Policies of the library, and the definitions that follow them.

use crate::bed::{Bed, as_left, audit, definition, line};
use model::{
    DefinitionId, PolicyId,
    connection::{Health, ProviderKind},
    definition::{Definition, Drift, Retention, Schedule},
    duration::Seconds,
    policy::Policy,
    tier::Tier,
    view::{DefinitionFilter, Rollout},
};
use server::store::{
    Behind, DeclaredRecord, Edit, Followed, Following, HealthRecord, NewDefinition, Store, StoreErrorKind, Taken,
    new_id,
};

fn policy(name: &str, cron: &str) -> Policy {
    let schedule = Schedule { cron: cron.into(), zone: Some("Europe/Zurich".into()) };
    let retention = Retention { keep_for: Some(Seconds(14 * 86_400)), ..Retention::default() };
    Policy { name: name.into(), tiers: vec![Tier { schedule, retention }], rpo: Some(Seconds(86_400)) }
}

async fn stored(bed: &Bed, policy: &Policy) -> PolicyId {
    let id = PolicyId(new_id(&bed.clock));
    bed.store.create_policy(&id, policy, &audit()).await.unwrap();
    id
}

/// A definition that follows version 1 of it.
async fn follower(bed: &Bed, policy: &PolicyId, name: &str) -> DefinitionId {
    let id = DefinitionId(new_id(&bed.clock));
    let connection = match bed.store.connections().await.unwrap().first() {
        Some(row) => row.id.clone(),
        None => bed.connection("zrh").await,
    };
    let new = NewDefinition {
        id: id.clone(),
        upstream_name: format!("{name}-1"),
        definition: definition(&connection, name),
        follows: Some((policy.clone(), 1)),
    };
    bed.store.create_definition(&new, &line("saved"), &audit()).await.unwrap();
    id
}

fn with(definition: &Definition, cron: &str) -> Box<Definition> {
    let schedule = Some(Schedule { cron: cron.into(), zone: None });
    Box::new(Definition { schedule, ..definition.clone() })
}

async fn are_behind(store: &Store, limit: usize) -> Vec<Behind> {
    let page = store.behind_policies("", limit).await.unwrap();
    assert_eq!(page.unreadable, []);
    page.behind
}

async fn take(store: &Store, behind: &Behind, taken: &Taken) -> bool {
    store.take_policy(behind, taken, Some(&line("saved"))).await.unwrap()
}

async fn followed(bed: &Bed, id: &DefinitionId) -> Option<Followed> {
    bed.store.definition(id).await.unwrap().follows
}

pub async fn names_are_unique_and_versions_optimistic(bed: &Bed) {
    let store = &bed.store;
    let gold = stored(bed, &policy("Gold", "30 2 * * *")).await;
    let silver = stored(bed, &policy("Silver", "0 3 * * *")).await;
    let taken = store.create_policy(&"other".into(), &policy("Gold", "0 4 * * *"), &audit()).await.unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken { what: "name" });
    let renamed = store.change_policy(&silver, 1, &policy("Gold", "0 3 * * *"), &audit()).await.unwrap_err();
    assert_eq!(renamed.kind, StoreErrorKind::Taken { what: "name" });

    assert_eq!(store.change_policy(&gold, 1, &policy("Gold", "0 1 * * *"), &audit()).await.unwrap(), 2);
    let stale = store.change_policy(&gold, 1, &policy("Gold", "0 5 * * *"), &audit()).await.unwrap_err();
    assert_eq!(stale.kind, StoreErrorKind::Stale);
    let gone = store.change_policy(&"nothing".into(), 1, &policy("X", "0 5 * * *"), &audit()).await.unwrap_err();
    assert_eq!(gone.kind, StoreErrorKind::NotFound);
    let record = store.policy(&gold).await.unwrap();
    assert_eq!((record.version, record.policy, record.updated_by.as_str()), (2, policy("Gold", "0 1 * * *"), "admin"));
    let names: Vec<String> = store.policies().await.unwrap().into_iter().map(|row| row.record.policy.name).collect();
    assert_eq!(names, ["Gold", "Silver"]);

    // With its audit row, or not at all.
    store.raw("ALTER TABLE audit RENAME TO audit_away").await.unwrap();
    assert!(store.change_policy(&gold, 2, &policy("Gold", "0 6 * * *"), &audit()).await.is_err());
    assert!(store.delete_policy(&silver, &audit()).await.is_err());
    assert!(store.create_policy(&"new".into(), &policy("New", "0 6 * * *"), &audit()).await.is_err());
    store.raw("ALTER TABLE audit_away RENAME TO audit").await.unwrap();
    assert_eq!(store.policy(&gold).await.unwrap().version, 2);
    assert_eq!(store.policies().await.unwrap().len(), 2);
}

pub async fn a_policy_that_is_followed_stays(bed: &Bed) {
    let store = &bed.store;
    let gold = stored(bed, &policy("Gold", "30 2 * * *")).await;
    assert_eq!(store.policy(&gold).await.unwrap().used_at, None);
    let id = follower(bed, &gold, "shop").await;
    assert_eq!(store.policy(&gold).await.unwrap().used_at, Some(bed.now()));
    assert_eq!(store.delete_policy(&gold, &audit()).await.unwrap_err().kind, StoreErrorKind::Stale);
    let record = store.definition(&id).await.unwrap();
    let ends = Edit { definition: &record.definition, following: Following::Ends };
    store.change_definition(&id, 1, ends, None, &line("saved"), &audit()).await.unwrap();
    store.delete_policy(&gold, &audit()).await.unwrap();
    assert_eq!(store.policy(&gold).await.unwrap_err().kind, StoreErrorKind::NotFound);
    assert_eq!(store.delete_policy(&gold, &audit()).await.unwrap_err().kind, StoreErrorKind::NotFound);

    // Nor can one that is gone be followed.
    let of = Edit { definition: &record.definition, following: Following::Of(&gold, 1) };
    let refused = store.change_definition(&id, 2, of, None, &line("saved"), &audit()).await.unwrap_err();
    assert_eq!(refused.kind, StoreErrorKind::NotFound);
    assert_eq!(store.definition(&id).await.unwrap().version, 2, "nothing was saved");
    let orphan = NewDefinition {
        id: "orphan".into(),
        upstream_name: "orphan-1".into(),
        definition: Definition { name: "orphan".into(), ..record.definition },
        follows: Some((gold, 1)),
    };
    let refused = store.create_definition(&orphan, &line("saved"), &audit()).await.unwrap_err();
    assert_eq!(refused.kind, StoreErrorKind::NotFound);
}

pub async fn a_changed_policy_reaches_everybody_once(bed: &Bed) {
    let store = &bed.store;
    let gold = stored(bed, &policy("Gold", "30 2 * * *")).await;
    for name in ["a", "b", "c"] {
        follower(bed, &gold, name).await;
    }
    bed.definition(&store.connections().await.unwrap()[0].id, "alone").await;
    assert!(are_behind(store, 9).await.is_empty());
    bed.apply_all().await;

    let newer = policy("Gold", "0 1 * * *");
    store.change_policy(&gold, 1, &newer, &audit()).await.unwrap();
    let page = store.behind_policies("", 2).await.unwrap();
    let after = page.more_after.expect("in batches");
    assert_eq!((page.behind.len(), page.behind[1].record.id.as_str()), (2, after.as_str()));
    let rest = store.behind_policies(&after, 2).await.unwrap();
    assert_eq!((rest.behind.len(), rest.more_after), (1, None));
    let behind = are_behind(store, 9).await;
    let named: Vec<&str> = behind.iter().map(|one| one.record.definition.name.as_str()).collect();
    assert_eq!(named, ["a", "b", "c"], "who follows nothing is not behind");
    assert_eq!((&behind[0].policy, behind[0].version, behind[0].changed_by.as_str()), (&newer, 2, "admin"));

    let over = Taken::Over(with(&behind[0].record.definition, "0 1 * * *"));
    let other = bed.other().await;
    let (first, second) = tokio::join!(take(store, &behind[0], &over), take(&other, &behind[0], &over));
    assert_ne!(first, second, "one of two nodes");
    let id = &behind[0].record.id;
    let record = store.definition(id).await.unwrap();
    assert_eq!((record.version, record.applied_version), (2, 1), "it is to be applied");
    let cron = record.definition.schedule.unwrap().cron;
    assert_eq!((cron.as_str(), record.follows.unwrap().version), ("0 1 * * *", 2));
    assert_eq!(store.definition_row(id).await.unwrap().cron.as_deref(), Some("0 1 * * *"));
    let lines = store.timeline(id, 9).await.unwrap().into_iter().filter(|line| line.kind == "saved").count();
    assert_eq!(lines, 2, "one of its making, one of the policy");

    // One that comes out as it is has nothing to apply.
    let same = Taken::Over(Box::new(behind[1].record.definition.clone()));
    assert!(take(store, &behind[1], &same).await);
    let record = store.definition(&behind[1].record.id).await.unwrap();
    assert_eq!((record.version, record.follows.unwrap().version), (1, 2));

    // Edited meanwhile: what was expanded before counts for nothing.
    let edited = Definition { paused: true, ..behind[2].record.definition.clone() };
    store.change_definition(&behind[2].record.id, 1, &edited, None, &line("paused"), &audit()).await.unwrap();
    let over = Taken::Over(with(&behind[2].record.definition, "0 1 * * *"));
    assert!(!take(store, &behind[2], &over).await);
    let again = are_behind(store, 9).await;
    assert_eq!((again.len(), again[0].record.definition.paused), (1, true), "it is looked at as it is now");
    assert!(take(store, &again[0], &Taken::Over(with(&edited, "0 1 * * *"))).await);
    assert!(are_behind(store, 9).await.is_empty());
}

pub async fn what_was_changed_upstream_waits(bed: &Bed) {
    let store = &bed.store;
    let gold = stored(bed, &policy("Gold", "30 2 * * *")).await;
    let (changed, deleted, removed) =
        (follower(bed, &gold, "a").await, follower(bed, &gold, "b").await, follower(bed, &gold, "c").await);
    bed.apply_all().await;
    store.change_policy(&gold, 1, &policy("Gold", "0 1 * * *"), &audit()).await.unwrap();
    let before = are_behind(store, 9).await;
    let drift = Drift { field: "spec.ttl".into(), ours: None, theirs: Some("1h0m0s".into()), not_adoptable: None };
    let seen = |id: &DefinitionId, drift: &[Drift]| DeclaredRecord {
        id: id.clone(),
        applied_version: 1,
        seen: (!drift.is_empty()).then(|| server::provider::DeclaredSeen {
            name: "a-1".into(),
            definition: Some(id.0.clone()),
            seen: serde_json::json!({}),
            revision: None,
            invalid: vec![],
            counted_from: None,
            counted_further: Vec::new(),
            paused: false,
        }),
        drift: drift.to_vec(),
        released: false,
        line: None,
    };
    store.store_declared(&[seen(&changed, &[drift]), seen(&deleted, &[])]).await.unwrap();
    store.remove_definition(&removed, &line("deleted"), &audit()).await.unwrap();
    assert!(are_behind(store, 9).await.is_empty(), "a person decides first");
    for behind in &before {
        let over = Taken::Over(with(&behind.record.definition, "0 1 * * *"));
        assert!(!take(store, behind, &over).await, "{}", behind.record.definition.name);
    }
    store.reapply_definition(&changed, None, &line("reapplied"), &audit()).await.unwrap();
    let behind = are_behind(store, 9).await;
    assert_eq!(behind.iter().map(|one| &one.record.id).collect::<Vec<_>>(), [&changed], "decided");
}

pub async fn a_refusal_is_kept_with_its_version(bed: &Bed) {
    let store = &bed.store;
    let gold = stored(bed, &policy("Gold", "30 2 * * *")).await;
    let id = follower(bed, &gold, "shop").await;
    bed.apply_all().await;
    store.change_policy(&gold, 1, &policy("Gold", "0 1 * * *"), &audit()).await.unwrap();
    let behind = are_behind(store, 9).await.remove(0);
    let why = vec!["It keeps no tiers.".to_owned()];
    assert!(take(store, &behind, &Taken::Refused(why.clone())).await);
    assert_eq!(
        followed(bed, &id).await,
        Some(Followed { policy: gold.clone(), version: 1, tried: 2, refused: why.clone() })
    );
    let record = store.definition(&id).await.unwrap();
    assert_eq!((record.version, record.definition), (1, behind.record.definition), "it stays what it is");
    assert!(are_behind(store, 9).await.is_empty(), "not asked again and again");

    // Asked again: by a person, when the system has another version, and for the next version of the policy.
    store.retry_definition(&id, &audit()).await.unwrap();
    assert_eq!(are_behind(store, 9).await.len(), 1);
    let refuse = async || {
        let behind = are_behind(store, 9).await.remove(0);
        assert!(take(store, &behind, &Taken::Refused(vec!["No.".into()])).await);
        assert!(are_behind(store, 9).await.is_empty());
    };
    refuse().await;
    let heard = |version: &str| HealthRecord {
        health: Health::Answers,
        upstream_version: Some(version.into()),
        platform: None,
        latency_ms: None,
        last_seen: Some(bed.now()),
    };
    let connection = store.connections().await.unwrap().remove(0).id;
    store.record_health(&connection, &heard("v1.18.0")).await.unwrap();
    refuse().await;
    bed.clock.advance(1_000);
    store.record_health(&connection, &heard("v1.18.0")).await.unwrap();
    assert!(are_behind(store, 9).await.is_empty(), "the same version says nothing new");
    store.change_policy(&gold, 2, &policy("Gold", "30 2 * * *"), &audit()).await.unwrap();
    let behind = are_behind(store, 9).await.remove(0);
    let same = Taken::Over(Box::new(behind.record.definition.clone()));
    assert!(take(store, &behind, &same).await);
    assert_eq!(followed(bed, &id).await, Some(Followed { policy: gold, version: 3, tried: 3, refused: vec![] }));
}

pub async fn an_edit_keeps_changes_or_ends_the_following(bed: &Bed) {
    let store = &bed.store;
    let gold = stored(bed, &policy("Gold", "30 2 * * *")).await;
    let silver = stored(bed, &policy("Silver", "0 3 * * *")).await;
    let id = follower(bed, &gold, "shop").await;
    let mut record = store.definition(&id).await.unwrap();
    record.definition.paused = true;
    store.change_definition(&id, 1, &record.definition, None, &line("paused"), &audit()).await.unwrap();
    assert_eq!(followed(bed, &id).await.unwrap().policy, gold, "a pause is no decision about the policy");
    let of = Edit { definition: &record.definition, following: Following::Of(&silver, 1) };
    store.change_definition(&id, 2, of, None, &line("saved"), &audit()).await.unwrap();
    assert_eq!(followed(bed, &id).await.unwrap().policy, silver);
    let row = store.definition_row(&id).await.unwrap().follows.unwrap();
    assert_eq!((row.name.as_str(), row.newest), ("Silver", 1));
    let listed = store.definition_page(&DefinitionFilter::default(), 9).await.unwrap().rows.remove(0);
    assert_eq!(listed.follows, Some(row));
    let ends = Edit { definition: &record.definition, following: Following::Ends };
    store.change_definition(&id, 3, ends, None, &line("saved"), &audit()).await.unwrap();
    assert_eq!(followed(bed, &id).await, None);
    assert_eq!(store.definition_row(&id).await.unwrap().follows, None);
    store.change_policy(&silver, 1, &policy("Silver", "0 4 * * *"), &audit()).await.unwrap();
    assert!(are_behind(store, 9).await.is_empty());
}

pub async fn who_follows_is_counted(bed: &Bed) {
    let store = &bed.store;
    let gold = stored(bed, &policy("Gold", "30 2 * * *")).await;
    let empty = store.policy_row(&gold).await.unwrap();
    assert_eq!((empty.rollout, empty.systems), (Rollout::default(), vec![]));
    let mut ids = Vec::new();
    for name in ["a", "b", "c", "d"] {
        ids.push(follower(bed, &gold, name).await);
    }
    let rollout = async || store.policy_row(&gold).await.unwrap().rollout;
    assert_eq!(rollout().await, Rollout { all: 4, applied: 0, waiting: 4, failed: 0 });
    bed.apply_all().await;
    assert_eq!(rollout().await, Rollout { all: 4, applied: 4, waiting: 0, failed: 0 });

    store.change_policy(&gold, 1, &policy("Gold", "0 1 * * *"), &audit()).await.unwrap();
    assert_eq!(rollout().await, Rollout { all: 4, applied: 0, waiting: 4, failed: 0 });
    let behind = are_behind(store, 9).await;
    let over = |n: usize| Taken::Over(with(&behind[n].record.definition, "0 1 * * *"));
    assert!(take(store, &behind[0], &over(0)).await);
    assert!(take(store, &behind[1], &over(1)).await);
    assert!(take(store, &behind[2], &Taken::Refused(vec!["No.".into()])).await);
    let claimed = store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap();
    assert_eq!(claimed.len(), 2);
    let applied = Default::default();
    store.finish_apply(&ids[0], "a", 2, &applied, &line("applied"), as_left).await.unwrap();
    store.fail_apply(&ids[1], "a", 2, "Refused.", bed.now().plus(5_000), None).await.unwrap();
    assert_eq!(rollout().await, Rollout { all: 4, applied: 1, waiting: 1, failed: 2 });
    let row = store.policies().await.unwrap().remove(0);
    assert_eq!((row.rollout, row.systems), (rollout().await, vec![ProviderKind::Velero]));
    let followers = store.followers(&gold, 9).await.unwrap();
    let names: Vec<&str> = followers.iter().map(|row| row.name.as_str()).collect();
    assert_eq!(names, ["b", "c", "a", "d"], "those that need somebody come first");
    assert_eq!(followers[1].followed.refused, ["No."]);
    assert_eq!((followers[2].followed.version, followers[3].followed.version), (2, 1));
    assert_eq!(store.followers(&gold, 1).await.unwrap().len(), 1);
    assert_eq!(store.following(&gold).await.unwrap().0.len(), 4);
}
