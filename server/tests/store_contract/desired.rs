//! Desired state: claims, leases, versions, transactions, drift; connections and nodes.

use crate::bed::{Bed, as_left, audit, definition, line, new_connection};
use model::{
    DefinitionId, Millis,
    connection::Health,
    definition::{Drift, Standing},
    location::{Location, LocationState},
    view::{DefinitionFilter, Resume},
};
use serde_json::json;
use server::{
    provider::{Applied, DeclaredSeen, Dispute, Settings},
    store::{
        ChangeCursor, ConnectionChange, DeclaredRecord, DefinitionRecord, HealthRecord, Leased, NewDefinition, Store,
        StoreErrorKind, new_id,
    },
};
use std::collections::HashSet;

fn applied(text: &str) -> Applied {
    Applied { written: json!({ "spec": text }), sentence: text.into(), revision: None }
}

pub async fn two_nodes_never_claim_one_row(bed: &Bed) {
    for c in 0..10 {
        let connection = bed.connection(&format!("c{c}")).await;
        for n in 0..4 {
            bed.definition(&connection, &format!("d{c}-{n}")).await;
        }
    }
    let other = bed.other().await;
    let claim_all = |store: Store, node: &'static str| {
        let now = bed.now();
        async move {
            let mut mine = Vec::new();
            let mut idle = 0;
            // A node that loses a race for its rows sees none and looks again.
            while idle < 3 {
                let rows = store.claim_definitions(node, now, 60_000, 3).await.unwrap();
                idle = if rows.is_empty() { idle + 1 } else { 0 };
                mine.extend(rows.into_iter().map(|row| row.id));
            }
            mine
        }
    };
    let nodes = [(bed.store.clone(), "a"), (other.clone(), "b"), (bed.store.clone(), "c"), (other, "d")];
    let tasks: Vec<_> = nodes.into_iter().map(|(store, node)| tokio::spawn(claim_all(store, node))).collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    assert_eq!(all.len(), 40, "each once");
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 40, "none twice");
}

pub async fn one_connection_holds_only_a_few_claims(bed: &Bed) {
    let (dead, well) = (bed.connection("dead").await, bed.connection("well").await);
    for n in 0..150 {
        bed.definition(&dead, &format!("dead-{n:03}")).await;
    }
    bed.clock.advance(1);
    let id = bed.definition(&well, "well").await;
    let store = &bed.store;
    let claimed = store.claim_definitions("a", bed.now(), 60_000, 128).await.unwrap();
    assert_eq!(claimed.len(), 5, "four and one");
    assert!(claimed.iter().any(|record| record.id == id), "the last in the queue, on a connection of its own");
    assert_eq!(bed.other().await.claim_definitions("b", bed.now(), 60_000, 128).await.unwrap(), [], "over all nodes");
    let first = claimed.iter().find(|record| record.id != id).unwrap();
    let later = bed.now().plus(5_000);
    assert!(store.fail_apply(&first.id, "a", 1, "no", later, None).await.unwrap());
    assert_eq!(store.claim_definitions("a", bed.now(), 60_000, 128).await.unwrap().len(), 1, "one went, one comes");
}

pub async fn an_expired_lease_is_taken_over(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    assert_eq!(store.claim_definitions("a", bed.now(), 1_000, 9).await.unwrap().len(), 1);
    assert!(store.claim_definitions("b", bed.now(), 1_000, 9).await.unwrap().is_empty(), "leased");
    bed.clock.advance(900);
    assert!(store.renew_lease(Leased::Definition, id.as_str(), "a", bed.now().plus(1_000)).await.unwrap());
    bed.clock.advance(900);
    assert!(store.claim_definitions("b", bed.now(), 1_000, 9).await.unwrap().is_empty(), "renewed");
    bed.clock.advance(100);
    assert_eq!(store.claim_definitions("b", bed.now(), 1_000, 9).await.unwrap().len(), 1, "expired");
    assert!(!store.renew_lease(Leased::Definition, id.as_str(), "a", bed.now().plus(1_000)).await.unwrap());
    assert!(!store.finish_apply(&id, "a", 1, &applied("late"), &line("applied"), as_left).await.unwrap(), "not ours");
    assert!(!store.fail_apply(&id, "a", 1, "late", bed.now(), Some(&line("failed"))).await.unwrap());
    let record = store.definition(&id).await.unwrap();
    assert_eq!((record.applied_version, record.applied, record.last_error), (0, None, None));
    assert_eq!(store.timeline(&id, 9).await.unwrap().len(), 1, "a lost result leaves no line");
    assert!(store.finish_apply(&id, "b", 1, &applied("ours"), &line("applied"), as_left).await.unwrap());
    let record = store.definition(&id).await.unwrap();
    assert_eq!((record.applied_version, record.standing), (1, Standing::Applied));
    assert_eq!(record.applied, Some(applied("ours")));
    assert!(store.claim_definitions("a", bed.now(), 1_000, 9).await.unwrap().is_empty(), "nothing left to do");
}

pub async fn an_edit_during_apply_is_applied_next(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap();
    let mut edited = definition(&connection, "shop");
    edited.paused = true;
    let resume = Some(Resume::WaitForNext);
    assert_eq!(store.change_definition(&id, 1, &edited, resume, &line("saved"), &audit()).await.unwrap(), 2);
    assert!(store.claim_definitions("b", bed.now(), 60_000, 9).await.unwrap().is_empty(), "still being applied");
    assert!(store.finish_apply(&id, "a", 1, &applied("one"), &line("applied"), as_left).await.unwrap());
    let record = store.definition(&id).await.unwrap();
    assert_eq!((record.version, record.applied_version, record.resume), (2, 1, resume));
    assert_eq!(record.standing, Standing::Applying);
    let again = store.claim_definitions("b", bed.now(), 60_000, 9).await.unwrap();
    assert_eq!((again.len(), again[0].version, again[0].definition.paused), (1, 2, true));
    assert!(store.finish_apply(&id, "b", 2, &applied("two"), &line("applied"), as_left).await.unwrap());
    assert_eq!(store.definition(&id).await.unwrap().resume, None);
    let kinds: Vec<String> = store.timeline(&id, 9).await.unwrap().into_iter().map(|line| line.kind).collect();
    assert_eq!(kinds, ["applied", "applied", "saved", "saved"]);
}

pub async fn a_failure_waits_and_an_edit_forgets_it(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap();
    let later = bed.now().plus(5_000);
    assert!(store.fail_apply(&id, "a", 1, "403 from the cluster", later, Some(&line("failed"))).await.unwrap());
    let failing = Standing::Failing { reason: "403 from the cluster".into(), attempts: 1, next_try: Some(later) };
    assert_eq!(store.definition(&id).await.unwrap().standing, failing);
    assert_eq!(store.definition_row(&id).await.unwrap().standing, failing);
    assert!(store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap().is_empty(), "not yet due");
    store.retry_definition(&id, &audit()).await.unwrap();
    assert_eq!(store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap().len(), 1, "asked to try now");
    // An edit while it fails: the new version isn't made to wait for the old one's failure.
    let edited = definition(&connection, "shop");
    store.change_definition(&id, 1, &edited, None, &line("saved"), &audit()).await.unwrap();
    assert!(store.fail_apply(&id, "a", 1, "403 again", later, Some(&line("failed"))).await.unwrap());
    let record = store.definition(&id).await.unwrap();
    assert_eq!((record.standing, record.attempts), (Standing::Applying, 0));
    assert_eq!(store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap().len(), 1);
}

pub async fn versions_are_optimistic(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let (store, other, audit) = (bed.store.clone(), bed.other().await, audit());
    let (draft, saved) = (definition(&connection, "shop"), line("saved"));
    let (one, two) = tokio::join!(
        store.change_definition(&id, 1, &draft, None, &saved, &audit),
        other.change_definition(&id, 1, &draft, None, &saved, &audit)
    );
    let stale = match (one, two) {
        (Ok(2), Err(error)) | (Err(error), Ok(2)) => error,
        both => panic!("one of two: {both:?}"),
    };
    assert_eq!(stale.kind, StoreErrorKind::Stale);
    assert_eq!(store.timeline(&id, 9).await.unwrap().len(), 2, "the refused edit left no line");
    let gone = store.change_definition(&"nothing".into(), 1, &draft, None, &saved, &audit).await.unwrap_err();
    assert_eq!(gone.kind, StoreErrorKind::NotFound);
    store.remove_definition(&id, &line("deleted"), &audit).await.unwrap();
    let removing = store.change_definition(&id, 3, &draft, None, &saved, &audit).await.unwrap_err();
    assert_eq!(removing.kind, StoreErrorKind::Stale);
    let orphan = NewDefinition {
        id: new_id(&bed.clock).into(),
        upstream_name: "x".into(),
        definition: definition(&"nothing".into(), "orphan"),
        follows: None,
    };
    assert_eq!(store.create_definition(&orphan, &saved, &audit).await.unwrap_err().kind, StoreErrorKind::NotFound);
}

pub async fn audit_and_change_are_one(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    let before = store.audit(None, 99).await.unwrap().len();
    store.raw("ALTER TABLE audit RENAME TO audit_away").await.unwrap();
    let new = NewDefinition {
        id: new_id(&bed.clock).into(),
        upstream_name: "x".into(),
        definition: definition(&connection, "new"),
        follows: None,
    };
    let writes = store.writes();
    assert!(store.create_definition(&new, &line("saved"), &audit()).await.is_err());
    let edited = definition(&connection, "renamed");
    assert!(store.change_definition(&id, 1, &edited, None, &line("saved"), &audit()).await.is_err());
    assert!(store.remove_definition(&id, &line("deleted"), &audit()).await.is_err());
    assert!(store.create_connection(&new_connection(&"c".into(), "bsl"), &audit()).await.is_err());
    assert_eq!(store.writes(), writes);
    store.raw("ALTER TABLE audit_away RENAME TO audit").await.unwrap();
    assert_eq!(store.definition(&new.id).await.unwrap_err().kind, StoreErrorKind::NotFound);
    assert!(store.timeline(&new.id, 9).await.unwrap().is_empty());
    let record = store.definition(&id).await.unwrap();
    assert_eq!((record.version, record.removing, record.definition.name.as_str()), (1, false, "shop"));
    assert_eq!(store.connections().await.unwrap().len(), 1);
    assert_eq!(store.audit(None, 99).await.unwrap().len(), before);
    store.create_definition(&new, &line("saved"), &audit()).await.unwrap();
    assert_eq!(store.audit(None, 99).await.unwrap().len(), before + 1);
}

pub async fn removal_ends_with_the_row(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap();
    store.remove_definition(&id, &line("deleted"), &audit()).await.unwrap();
    assert!(store.finish_apply(&id, "a", 1, &applied("one"), &line("applied"), as_left).await.unwrap());
    assert_eq!(store.definition(&id).await.unwrap().standing, Standing::Removing { stuck: None });
    assert_eq!(store.remove_connection(&connection, &audit()).await.unwrap_err().kind, StoreErrorKind::Stale);
    assert_eq!(store.claim_definitions("b", bed.now(), 60_000, 9).await.unwrap().len(), 1);
    assert!(!store.finish_removal(&id, "a").await.unwrap(), "not ours");
    assert!(store.finish_removal(&id, "b").await.unwrap());
    assert_eq!(store.definition(&id).await.unwrap_err().kind, StoreErrorKind::NotFound);
    assert!(store.timeline(&id, 9).await.unwrap().is_empty());
    store.remove_connection(&connection, &audit()).await.unwrap();
    assert_eq!(store.connection(&connection).await.unwrap_err().kind, StoreErrorKind::NotFound);
    assert_eq!(store.remove_connection(&connection, &audit()).await.unwrap_err().kind, StoreErrorKind::NotFound);
}

pub async fn drift_is_recorded_once(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    let (seen, drift) = (declared(&id, "0 1 * * *"), drift());
    let record = |version, seen: Option<&DeclaredSeen>, drift: &[Drift]| DeclaredRecord {
        id: id.clone(),
        applied_version: version,
        seen: seen.cloned(),
        drift: drift.to_vec(),
        released: false,
        line: Some(line("drifted")),
    };
    bed.apply_all().await;
    let stale = record(0, Some(&seen), std::slice::from_ref(&drift));
    let stored = store.store_declared(&[stale]).await.unwrap();
    assert_eq!((stored.changed.len(), stored.outdated), (0, true), "compared with another version, and said so");
    let drifted = record(1, Some(&seen), std::slice::from_ref(&drift));
    let stored = store.store_declared(std::slice::from_ref(&drifted)).await.unwrap();
    assert_eq!((stored.changed.as_slice(), stored.outdated), (std::slice::from_ref(&id), false));
    let writes = store.writes();
    assert!(store.store_declared(&[drifted]).await.unwrap().changed.is_empty(), "the same again");
    assert_eq!(store.writes(), writes);
    let row = store.definition_row(&id).await.unwrap();
    assert_eq!(row.standing, Standing::Drifted { fields: vec![drift] });
    assert_eq!(row.counted_from, Some(Millis(7)));
    assert_eq!(store.definition(&id).await.unwrap().seen, Some(seen.clone()));
    store.store_declared(&[record(1, None, &[])]).await.unwrap();
    assert_eq!(store.definition(&id).await.unwrap().standing, Standing::Missing);
    store.reapply_definition(&id, None, &line("reapplied"), &audit()).await.unwrap();
    assert_eq!(store.definition(&id).await.unwrap().version, 1, "nobody's open edit is stale");
    bed.apply_all().await;
    assert_eq!(store.definition(&id).await.unwrap().standing, Standing::Applied);
}

fn declared(id: &DefinitionId, schedule: &str) -> DeclaredSeen {
    DeclaredSeen {
        name: "shop-1".into(),
        definition: Some(id.0.clone()),
        seen: json!({ "schedule": schedule }),
        revision: None,
        invalid: vec![],
        counted_from: Some(Millis(7)),
        counted_further: Vec::new(),
        paused: false,
    }
}

fn drift() -> Drift {
    Drift {
        field: "spec.schedule".into(),
        ours: Some("30 2 * * *".into()),
        theirs: Some("0 1 * * *".into()),
        not_adoptable: None,
    }
}

pub async fn a_disputed_apply_is_held_until_somebody_decides(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    bed.apply_all().await;
    let edited = definition(&connection, "shop");
    let edit = async |version| {
        store.change_definition(&id, version, &edited, None, &line("saved"), &audit()).await.unwrap();
        store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap().remove(0)
    };
    let dispute = Dispute { seen: declared(&id, "0 1 * * *"), drift: vec![drift()] };
    let drifted = Standing::Drifted { fields: vec![drift()] };

    let claimed = edit(1).await;
    assert!(!store.hold_apply(&claimed, "b", &dispute, &line("drifted")).await.unwrap(), "not ours");
    assert!(store.hold_apply(&claimed, "a", &dispute, &line("drifted")).await.unwrap());
    let record = store.definition(&id).await.unwrap();
    assert_eq!((&record.standing, record.is_held(), record.version, record.applied_version), (&drifted, true, 2, 1));
    assert_eq!(record.seen.as_ref(), Some(&dispute.seen));
    assert_eq!(store.definition_row(&id).await.unwrap().standing, drifted);
    store.wake_work(&connection).await.unwrap();
    assert!(store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap().is_empty(), "it waits");
    let applying = DefinitionFilter { state: "applying".into(), ..DefinitionFilter::default() };
    assert_eq!(store.definition_page(&applying, 9).await.unwrap().rows, [], "nothing is on its way");

    let agreed = applied("theirs");
    store.reapply_definition(&id, Some(&agreed), &line("reapplied"), &audit()).await.unwrap();
    let claimed = store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap().remove(0);
    assert_eq!((&claimed.standing, &claimed.applied), (&Standing::Applying, &Some(agreed)));
    // Decided, or edited, while it was under way: what was found before counts for nothing.
    store.reapply_definition(&id, None, &line("reapplied"), &audit()).await.unwrap();
    let claimed = DefinitionRecord { applied_version: 1, ..claimed };
    assert!(store.hold_apply(&claimed, "a", &dispute, &line("drifted")).await.unwrap());
    assert_eq!(store.definition(&id).await.unwrap().standing, Standing::Applying);
    let claimed = store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap().remove(0);
    store.change_definition(&id, 2, &edited, None, &line("saved"), &audit()).await.unwrap();
    assert!(store.hold_apply(&claimed, "a", &dispute, &line("drifted")).await.unwrap());
    assert_eq!(store.definition(&id).await.unwrap().standing, Standing::Applying);
    bed.apply_all().await;
    assert_eq!(store.definition(&id).await.unwrap().standing, Standing::Applied);
}

pub async fn what_was_seen_during_an_apply_is_kept(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap();
    let seen = declared(&id, "0 1 * * *");
    let early = DeclaredRecord {
        id: id.clone(),
        applied_version: 0,
        seen: Some(seen.clone()),
        drift: vec![],
        released: false,
        line: None,
    };
    store.store_declared(&[early]).await.unwrap();
    let since = |there: &DeclaredSeen| (*there == seen).then(|| (vec![drift()], line("drifted")));
    assert!(store.finish_apply(&id, "a", 1, &applied("one"), &line("applied"), since).await.unwrap());
    assert_eq!(store.definition(&id).await.unwrap().standing, Standing::Drifted { fields: vec![drift()] });
    let kinds: Vec<String> = store.timeline(&id, 9).await.unwrap().into_iter().map(|line| line.kind).collect();
    assert_eq!(kinds, ["drifted", "applied", "saved"]);
    assert!(store.claim_definitions("a", bed.now(), 60_000, 9).await.unwrap().is_empty());
}

pub async fn connections_are_leased_and_edited(bed: &Bed) {
    let id = bed.connection("zrh").await;
    let (store, other) = (bed.store.clone(), bed.other().await);
    let now = bed.now();
    let (a, b) =
        tokio::join!(store.lease_connection(&id, "a", now, 1_000), other.lease_connection(&id, "b", now, 1_000));
    let (a, b) = (a.unwrap(), b.unwrap());
    assert_ne!(a, b, "one of two");
    let (winner, loser) = if a { ("a", "b") } else { ("b", "a") };
    assert!(store.lease_connection(&id, winner, now, 1_000).await.unwrap(), "prolonged");
    bed.clock.advance(1_000);
    assert!(store.lease_connection(&id, loser, bed.now(), 1_000).await.unwrap(), "taken over");
    assert!(!store.lease_connection(&id, winner, bed.now(), 1_000).await.unwrap());
    store.release_connection(&id, winner).await.unwrap();
    assert!(!store.lease_connection(&id, winner, bed.now(), 1_000).await.unwrap(), "was not theirs to release");
    store.release_connection(&id, loser).await.unwrap();
    assert!(store.lease_connection(&id, winner, bed.now(), 1_000).await.unwrap());

    let change = ConnectionChange { name: "ZRH prod".into(), settings: Settings::default(), secret: None };
    assert_eq!(store.change_connection(&id, 1, &change, &audit()).await.unwrap(), 2);
    assert_eq!(store.connection(&id).await.unwrap().secret, "v1.sealed", "kept");
    let stale = store.change_connection(&id, 1, &change, &audit()).await.unwrap_err();
    assert_eq!(stale.kind, StoreErrorKind::Stale);
    store.nudge_connection(&id).await.unwrap();
    assert_eq!(store.connection(&id).await.unwrap().nudge, 1);

    let silent =
        Health::Silent { reason: "refused".into(), remedy: String::new(), since: bed.now(), tries: 2, next_try: None };
    let record = |health: &Health| HealthRecord {
        health: health.clone(),
        upstream_version: Some("v1.18.3".into()),
        platform: None,
        latency_ms: Some(3),
        last_seen: Some(bed.now()),
    };
    assert!(store.record_health(&id, &record(&silent)).await.unwrap());
    assert!(!store.record_health(&id, &record(&silent)).await.unwrap(), "the same again");
    let nothing =
        HealthRecord { upstream_version: None, latency_ms: None, last_seen: None, ..record(&Health::Answers) };
    assert!(store.record_health(&id, &nothing).await.unwrap());
    let row = store.connection(&id).await.unwrap();
    assert_eq!(
        (row.upstream_version.as_deref(), row.latency_ms, row.last_seen),
        (Some("v1.18.3"), Some(3), Some(bed.now()))
    );
    let location = Location {
        name: "default".into(),
        is_default: true,
        read_only: false,
        state: LocationState::Unknown("Odd".into()),
        message: None,
        place: "bucket x".into(),
    };
    assert!(store.record_locations(&id, std::slice::from_ref(&location)).await.unwrap());
    assert!(!store.record_locations(&id, std::slice::from_ref(&location)).await.unwrap());
    assert_eq!(store.connection(&id).await.unwrap().locations, [location]);
}

pub async fn two_nodes_open_at_once(bed: &Bed) {
    if bed.is_memory() {
        return;
    }
    // The bed's own store is there already; these meet on a new database.
    let folder = tempfile::tempdir().unwrap();
    let fresh = if bed.store.shared() {
        crate::postgres_server::database().await.unwrap()
    } else {
        format!("sqlite://{}?mode=rwc", folder.path().join("two.db").display())
    };
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let (url, clock) = (fresh.clone(), bed.clock.clone());
            tokio::spawn(async move { Store::open(&url, clock).await })
        })
        .collect();
    let mut stores = Vec::new();
    for task in tasks {
        stores.push(task.await.unwrap().unwrap());
    }
    stores[0].set_setting("a", "b", &audit()).await.unwrap();
    assert_eq!(stores[3].setting("a").await.unwrap().as_deref(), Some("b"));
    for store in &stores {
        store.ping().await.unwrap();
        store.close().await;
    }
    if bed.store.shared() {
        crate::postgres_server::drop_database(&fresh).await;
    }
}

pub async fn changes_reach_the_other_node(bed: &Bed) {
    let (a, b) = (bed.store.clone(), bed.other().await);
    let mut cursor = ChangeCursor::default();
    a.add_changes("a", &["runs:0".into()]).await.unwrap();
    assert!(b.other_changes("b", &mut cursor).await.unwrap().is_empty(), "the first look only begins");
    a.add_changes("a", &["runs:1".into(), "points:2".into()]).await.unwrap();
    b.add_changes("b", &["own".into()]).await.unwrap();
    let writes = b.writes();
    let mut news = b.other_changes("b", &mut cursor).await.unwrap();
    news.sort();
    assert_eq!(news, ["points:2", "runs:1"]);
    assert_ne!(b.writes(), writes, "what was read before may be out of date");
    assert!(b.other_changes("b", &mut cursor).await.unwrap().is_empty(), "each once");
    // A node whose clock is behind is not lost.
    bed.clock.advance(-20_000);
    a.add_changes("a", &["late".into()]).await.unwrap();
    bed.clock.advance(20_000);
    assert_eq!(b.other_changes("b", &mut cursor).await.unwrap(), ["late"]);
    bed.clock.advance(70_000);
    assert_eq!(a.drop_old_changes().await.unwrap(), 5);
    a.add_changes("a", &["new".into()]).await.unwrap();
    assert_eq!(b.other_changes("b", &mut cursor).await.unwrap(), ["new"]);
}
