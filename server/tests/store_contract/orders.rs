//! What people order and the reconciler sends: runs, restores, deletions.

use crate::bed::{Bed, audit, definition, line, point, run};
use model::{Phase, RunId, restore::RestoreOrder, run::Trigger, view::RunFilter};
use server::provider::RunSeen;
use server::store::{Leased, NewRestore, NewRun, StoreErrorKind, new_id};
use std::collections::HashSet;

pub async fn a_run_is_ordered_and_seen(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let definition = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    bed.apply_all().await;
    let new = |name: &str| NewRun {
        id: new_id(&bed.clock).into(),
        connection: connection.clone(),
        definition: definition.clone(),
        version: 1,
        upstream_name: name.into(),
        asked_by: "ada".into(),
    };
    let order = new("shop-now");
    store.want_run(&order, &line("run"), &audit()).await.unwrap();
    let taken = store.want_run(&new("shop-now"), &line("run"), &audit()).await.unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken { what: "name" });
    let record = store.run(&order.id).await.unwrap();
    assert_eq!((record.row.run.phase, record.wanted), (Phase::Queued, true));
    assert_eq!(store.definition_row(&definition).await.unwrap().last_run.unwrap().phase, Phase::Queued);
    let gone = store.end_run_list(&connection, &HashSet::new(), bed.now().plus(9)).await.unwrap();
    assert!(gone.is_empty(), "what isn't upstream yet isn't gone");

    let claimed = store.claim_runs("a", bed.now(), 1_000, 9).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].asked_by.as_str(), &claimed[0].definition), (1, "ada", &definition));
    let later = bed.now().plus(500);
    assert!(!store.fail_run_order(&order.id, "b", "x", Some(later)).await.unwrap(), "not ours");
    assert!(store.fail_run_order(&order.id, "a", "refused", Some(later)).await.unwrap());
    let record = store.run(&order.id).await.unwrap();
    assert_eq!((record.attempts, record.last_error.as_deref()), (1, Some("refused")));
    assert!(store.claim_runs("a", bed.now(), 1_000, 9).await.unwrap().is_empty(), "not yet due");
    store.wake_work(&connection).await.unwrap();
    assert_eq!(store.claim_runs("a", bed.now(), 1_000, 9).await.unwrap().len(), 1);
    // The watch is faster than the answer.
    let mut seen = run("shop-now", bed.now().0);
    (seen.phase, seen.trigger) = (Phase::Running, Trigger::Elsewhere);
    store.store_runs(&connection, &[seen.clone()]).await.unwrap();
    assert!(store.renew_lease(Leased::Run, order.id.as_str(), "a", bed.now().plus(9_000)).await.unwrap());
    assert!(store.finish_run_order(&order.id, "a", None).await.unwrap());
    let record = store.run(&order.id).await.unwrap();
    assert_eq!((record.row.run.phase, record.wanted), (Phase::Running, false));
    assert_eq!(record.row.run.trigger, Trigger::Person("ada".into()), "who asked stays known");
    assert_eq!(record.row.run.definition, Some(definition.clone()));
    assert_eq!(store.runs(&Default::default(), 9).await.unwrap().total, 1, "one row, not two");

    // Refused for ever.
    let order = new("shop-never");
    bed.clock.advance(1);
    store.want_run(&order, &line("run"), &audit()).await.unwrap();
    store.claim_runs("a", bed.now(), 1_000, 9).await.unwrap();
    assert!(store.fail_run_order(&order.id, "a", "forbidden", None).await.unwrap());
    let record = store.run(&order.id).await.unwrap();
    assert_eq!((record.row.run.phase, record.wanted), (Phase::Failed, false));
    assert_eq!(record.row.run.detail.message.as_deref(), Some("forbidden"));
    assert_eq!(store.definition_row(&definition).await.unwrap().last_run.unwrap().phase, Phase::Failed);
}

pub async fn a_run_waits_for_the_version_that_it_was_asked_at(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    let new = |version| NewRun {
        id: new_id(&bed.clock).into(),
        connection: connection.clone(),
        definition: id.clone(),
        version,
        upstream_name: format!("shop-{version}"),
        asked_by: "ada".into(),
    };
    let claim = async || store.claim_runs("a", bed.now(), 1_000, 9).await.unwrap();
    bed.apply_all().await;
    let edited = definition(&connection, "shop");
    store.change_definition(&id, 1, &edited, None, &line("saved"), &audit()).await.unwrap();
    let order = new(2);
    store.want_run(&order, &line("run"), &audit()).await.unwrap();
    assert_eq!(claim().await, [], "version 1 is in force");
    assert_eq!(store.run(&order.id).await.unwrap().waits_for, Some(2));
    bed.apply_all().await;
    assert_eq!(store.run(&order.id).await.unwrap().waits_for, None);
    assert_eq!(claim().await.len(), 1);
    assert!(store.finish_run_order(&order.id, "a", None).await.unwrap());
    // Of a definition that is being removed nothing comes into force any more: the order is told so.
    let last = new(3);
    store.want_run(&last, &line("run"), &audit()).await.unwrap();
    assert_eq!(claim().await, []);
    store.remove_definition(&id, &line("deleted"), &audit()).await.unwrap();
    assert_eq!(claim().await.len(), 1);
}

/// Where the upstream names what it begins, the row that was ordered takes that name, whoever learns it first.
pub async fn an_order_takes_the_name_that_its_upstream_gave(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let definition = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    bed.apply_all().await;
    let order = async |name: &str| {
        let new = NewRun {
            id: new_id(&bed.clock).into(),
            connection: connection.clone(),
            definition: definition.clone(),
            version: 1,
            upstream_name: name.into(),
            asked_by: "ada".into(),
        };
        bed.clock.advance(1);
        store.want_run(&new, &line("run"), &audit()).await.unwrap();
        let claimed = store.claim_runs("a", bed.now(), 1_000, 9).await.unwrap().remove(0);
        assert_eq!((claimed.upstream_name.as_str(), claimed.repeated), (name, false));
        new.id
    };
    let only = async |id: &RunId, key: &str| {
        let rows = store.runs(&RunFilter { text: key.into(), ..Default::default() }, 9).await.unwrap().rows;
        assert_eq!(rows.len(), 1, "{key}: one row, not two");
        assert_eq!((&rows[0].run.id, rows[0].run.name.as_str()), (id, key));
        assert_eq!(rows[0].run.trigger, Trigger::Person("ada".into()));
        rows[0].run.clone()
    };

    // By the answer, nothing was seen yet.
    let first = order("shop-1").await;
    assert!(store.finish_run_order(&first, "a", Some("job-1")).await.unwrap());
    only(&first, "job-1").await;
    // Seen before the answer, without a mark: what was seen is taken over.
    let second = order("shop-2").await;
    store.store_runs(&connection, &[run("job-2", 70)]).await.unwrap();
    assert!(store.finish_run_order(&second, "a", Some("job-2")).await.unwrap());
    assert_eq!(only(&second, "job-2").await.phase, Phase::Succeeded);
    // Its definition is known now, which is written once.
    store.store_runs(&connection, &[run("job-2", 70)]).await.unwrap();
    assert!(store.store_runs(&connection, &[run("job-2", 70)]).await.unwrap().is_empty(), "nothing new");
    assert_eq!(only(&second, "job-2").await.definition, Some(definition.clone()));
    // Seen with a mark, and the answer was lost: asked again, it is the same order.
    let third = order("shop-3").await;
    let marked = RunSeen { order: Some("shop-3".into()), ..run("job-3", 90) };
    store.store_runs(&connection, std::slice::from_ref(&marked)).await.unwrap();
    only(&third, "job-3").await;
    bed.clock.advance(1_000);
    let again = store.claim_runs("b", bed.now(), 1_000, 9).await.unwrap().remove(0);
    assert_eq!((again.id.clone(), again.upstream_name.as_str(), again.repeated), (third.clone(), "shop-3", true));
    assert!(store.finish_run_order(&third, "b", Some("job-3")).await.unwrap());
    store.store_runs(&connection, &[marked]).await.unwrap();
    only(&third, "job-3").await;
    // What one order began is not another one's, whoever says so.
    let mut taken = store.taken_runs(&definition, &second).await.unwrap();
    taken.sort();
    assert_eq!(taken, ["job-1", "job-3"]);
    let fourth = order("shop-4").await;
    let marked = RunSeen { order: Some("shop-4".into()), ..run("job-1", 60) };
    store.store_runs(&connection, &[marked]).await.unwrap();
    only(&first, "job-1").await;
    only(&fourth, "shop-4").await;
    assert!(store.finish_run_order(&fourth, "a", Some("job-2")).await.unwrap());
    only(&second, "job-2").await;
    only(&fourth, "shop-4").await;
}

pub async fn a_restore_is_ordered(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let store = &bed.store;
    store.store_points(&connection, &[point("p", 7)]).await.unwrap();
    let point = store.points(&Default::default(), 1).await.unwrap().rows.remove(0).point;
    let new = NewRestore {
        id: new_id(&bed.clock).into(),
        connection: connection.clone(),
        upstream_name: "p-back".into(),
        order: RestoreOrder {
            point: point.id.clone(),
            point_name: "p".into(),
            namespaces: vec!["checkout".into()],
            mapping: vec![("checkout".into(), "checkout-2".into())],
            volumes: Some(true),
            ..RestoreOrder::default()
        },
        asked_by: "ada".into(),
    };
    store.want_restore(&new, &audit()).await.unwrap();
    assert_eq!(store.want_restore(&new, &audit()).await.unwrap_err().kind, StoreErrorKind::Taken { what: "name" });
    let view = store.restore(&new.id).await.unwrap();
    assert_eq!((view.restore.point, view.restore.phase), (Some(point.id), Phase::Queued));
    assert!(view.restore.waiting.is_some());
    let claimed = store.claim_restores("a", bed.now(), 1_000, 9).await.unwrap();
    assert_eq!((claimed.len(), &claimed[0].order), (1, &new.order));
    bed.clock.advance(1_000);
    assert_eq!(store.claim_restores("b", bed.now(), 1_000, 9).await.unwrap().len(), 1, "taken over");
    assert!(!store.finish_restore_order(&new.id, "a", None).await.unwrap());
    assert!(store.fail_restore_order(&new.id, "b", "slow down", Some(bed.now())).await.unwrap());
    assert_eq!(store.restore(&new.id).await.unwrap().restore.waiting.as_deref(), Some("slow down"));
    assert_eq!(store.claim_restores("b", bed.now(), 1_000, 9).await.unwrap()[0].attempts, 1);
    assert!(store.finish_restore_order(&new.id, "b", None).await.unwrap());
    assert_eq!(store.restore(&new.id).await.unwrap().restore.waiting, None);
    assert!(store.claim_restores("b", bed.now(), 1_000, 9).await.unwrap().is_empty());
    let second = NewRestore { id: new_id(&bed.clock).into(), upstream_name: "p-back-2".into(), ..new };
    store.want_restore(&second, &audit()).await.unwrap();
    store.claim_restores("a", bed.now(), 1_000, 9).await.unwrap();
    assert!(store.fail_restore_order(&second.id, "a", "no such backup", None).await.unwrap());
    let view = store.restore(&second.id).await.unwrap().restore;
    assert_eq!((view.phase, view.detail.message.as_deref()), (Phase::Failed, Some("no such backup")));
}

pub async fn a_deletion_is_ordered_and_refused(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let store = &bed.store;
    store.store_points(&connection, &[point("p", 7), point("q", 8)]).await.unwrap();
    let id = store.points(&Default::default(), 9).await.unwrap().rows.pop().unwrap().point.id;
    assert_eq!(store.want_deletion(&"no".into(), "ada", &audit()).await.unwrap_err().kind, StoreErrorKind::NotFound);
    store.want_deletion(&id, "ada", &audit()).await.unwrap();
    let deletion = store.point(&id).await.unwrap().point.deletion.unwrap();
    assert_eq!((deletion.asked_by.as_str(), deletion.error), ("ada", None));
    let claimed = store.claim_deletions("a", bed.now(), 1_000, 9).await.unwrap();
    assert_eq!((claimed.len(), claimed[0].name.as_str()), (1, "p"));
    assert!(!store.finish_deletion(&id, "b").await.unwrap(), "not ours");
    assert!(store.fail_deletion(&id, "a", "try later", Some(bed.now())).await.unwrap());
    let order = claimed[0].order.clone();
    store.want_deletion(&id, "ada", &audit()).await.unwrap();
    let again = store.claim_deletions("a", bed.now().plus(1_000), 1_000, 9).await.unwrap();
    assert_eq!(again[0].order, order, "not yet sent, it is one order");
    assert!(store.fail_deletion(&id, "a", "try later", Some(bed.now())).await.unwrap());
    assert_eq!(store.claim_deletions("a", bed.now(), 1_000, 9).await.unwrap()[0].attempts, 1);
    assert!(store.finish_deletion(&id, "a").await.unwrap());
    assert!(store.claim_deletions("a", bed.now(), 1_000, 9).await.unwrap().is_empty());
    // Seen again, unchanged: the order stays on the row.
    store.store_points(&connection, &[point("p", 7)]).await.unwrap();
    assert!(store.point(&id).await.unwrap().point.deletion.is_some());
    assert!(store.deletion_refused(&connection, "p", "locked").await.unwrap().is_some());
    assert!(store.deletion_refused(&connection, "p", "locked").await.unwrap().is_none(), "known");
    assert!(store.deletion_refused(&connection, "nothing", "locked").await.unwrap().is_none());
    let refused = store.refused_deletions(9).await.unwrap();
    assert_eq!((refused.len(), refused[0].point.deletion.as_ref().unwrap().error.as_deref()), (1, Some("locked")));
    // Somebody else's request outside is shown too; asking again clears the refusal.
    store.deletion_refused(&connection, "q", "locked").await.unwrap().unwrap();
    assert_eq!(store.refused_deletions(9).await.unwrap().len(), 2);
    store.want_deletion(&id, "bob", &audit()).await.unwrap();
    assert_eq!(store.refused_deletions(9).await.unwrap().len(), 1);
    let claimed = store.claim_deletions("a", bed.now(), 1_000, 9).await.unwrap();
    assert!(!claimed[0].order.is_empty() && claimed[0].order != order, "another order after a refusal");
    assert!(store.fail_deletion(&id, "a", "403", None).await.unwrap());
    let deletion = store.point(&id).await.unwrap().point.deletion.unwrap();
    assert_eq!((deletion.asked_by.as_str(), deletion.error.as_deref()), ("bob", Some("403")));
}
