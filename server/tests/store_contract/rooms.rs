//! Workspaces, inventories, and what the status page reads at once.

use crate::bed::{Bed, DAY, START, audit, point, run};
use model::{
    ConnectionId, Millis, Named, Phase, WorkspaceId,
    connection::{Inventory, NamespaceSeen, ResourceSeen, SubjectSeen},
    duration::Seconds,
    recovery::PointState,
    run::ClusterPart,
    workspace::{LeftOut, Rule, Workspace},
};
use server::store::{StoreErrorKind, namespace_key, request_key, subject_key};

fn workspace(name: &str) -> Workspace {
    Workspace {
        name: name.into(),
        rpo: Seconds(86_400),
        rules: vec![Rule { namespaces: vec!["shop-*".into()], ..Rule::default() }],
        left_out: vec![LeftOut { pattern: "shop-test".into(), reason: "rebuilt".into(), by: "ada".into() }],
    }
}

pub async fn workspaces_are_kept(bed: &Bed) {
    let (store, id) = (&bed.store, WorkspaceId::from("w1"));
    store.create_workspace(&id, &workspace("shop"), None, &audit()).await.unwrap();
    let taken = store.create_workspace(&"w2".into(), &workspace("shop"), None, &audit()).await.unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken { what: "name" });
    store.create_workspace(&"w2".into(), &workspace("bank"), None, &audit()).await.unwrap();
    let all: Vec<String> = store.workspaces().await.unwrap().into_iter().map(|w| w.workspace.name).collect();
    assert_eq!(all, ["bank", "shop"]);

    let record = store.workspace(&id).await.unwrap();
    assert_eq!((record.workspace, record.version, record.upstream), (workspace("shop"), 1, None));
    assert_eq!(record.updated_by, "admin");
    let edited = Workspace { rpo: Seconds(3600), ..workspace("shop") };
    assert_eq!(store.change_workspace(&id, 1, &edited, &audit()).await.unwrap(), 2);
    let stale = store.change_workspace(&id, 1, &workspace("shop"), &audit()).await.unwrap_err();
    assert_eq!(stale.kind, StoreErrorKind::Stale);
    let taken = store.change_workspace(&id, 2, &workspace("bank"), &audit()).await.unwrap_err();
    assert_eq!(taken.kind, StoreErrorKind::Taken { what: "name" });
    assert_eq!(store.workspace(&id).await.unwrap().workspace, edited, "a refused change changes nothing");
    store.delete_workspace(&id, &audit()).await.unwrap();
    assert_eq!(store.delete_workspace(&id, &audit()).await.unwrap_err().kind, StoreErrorKind::NotFound);
    let gone = store.change_workspace(&id, 2, &edited, &audit()).await.unwrap_err();
    assert_eq!(gone.kind, StoreErrorKind::NotFound);
    assert_eq!(store.workspace(&id).await.unwrap_err().kind, StoreErrorKind::NotFound);
}

pub async fn an_upstreams_workspace_goes_with_its_connection(bed: &Bed) {
    let (store, connection) = (&bed.store, bed.connection("palette").await);
    store.create_workspace(&"w1".into(), &workspace("shop"), None, &audit()).await.unwrap();
    let own = |id: &'static str| (WorkspaceId::from(id), Some((&connection, id)));
    for id in ["u1", "u2"] {
        let (key, upstream) = own(id);
        store.create_workspace(&key, &workspace("shop"), upstream, &audit()).await.unwrap();
    }
    let (key, upstream) = own("u1");
    let twice = store.create_workspace(&key, &workspace("shop"), upstream, &audit()).await.unwrap_err();
    assert_eq!(twice.kind, StoreErrorKind::Stale, "somebody else set it in between");
    let nowhere = ConnectionId::from("gone");
    let orphan = store.create_workspace(&"u3".into(), &workspace("x"), Some((&nowhere, "u3")), &audit()).await;
    assert_eq!(orphan.unwrap_err().kind, StoreErrorKind::NotFound);
    let record = store.workspace(&"u2".into()).await.unwrap();
    assert_eq!(record.upstream, Some((connection.clone(), "u2".into())));
    store.remove_connection(&connection, &audit()).await.unwrap();
    let left: Vec<String> = store.workspaces().await.unwrap().into_iter().map(|w| w.id.0).collect();
    assert_eq!(left, ["w1"]);
}

fn lists(namespaces: &[&str], subjects: &[(&str, &[&str])]) -> Inventory {
    let seen = |names: &[&str]| {
        names.iter().map(|name| NamespaceSeen { name: (*name).into(), skipped_because: None }).collect()
    };
    Inventory {
        namespaces: seen(namespaces),
        subjects: subjects
            .iter()
            .map(|(id, names)| SubjectSeen {
                id: (*id).into(),
                name: (*id).into(),
                namespaces: seen(names),
                ..SubjectSeen::default()
            })
            .collect(),
        resources: vec![ResourceSeen { name: "pods".into(), namespaced: true }],
        at: Some(Millis(1)),
        ..Inventory::default()
    }
}

pub async fn a_place_is_dated_from_the_second_reading_on(bed: &Bed) {
    let (store, connection) = (&bed.store, bed.connection("zrh").await);
    assert_eq!(store.inventory_of(&connection).await.unwrap(), None);
    assert!(store.record_inventory(&connection, 1, &lists(&["shop"], &[("w", &["a"])])).await.unwrap());
    assert!(!store.record_inventory(&connection, 1, &lists(&["shop"], &[("w", &["a"])])).await.unwrap(), "no news");
    let first = store.inventory_of(&connection).await.unwrap().unwrap();
    assert_eq!((first.read_at, first.connection_version, first.first_seen.len()), (Millis(START), 1, 0));
    assert!(first.inventory.resources.is_empty(), "kinds are not kept");

    bed.clock.advance(DAY);
    let more = lists(&["shop", "web"], &[("w", &["a", "b"]), ("v", &["a"])]);
    assert!(store.record_inventory(&connection, 2, &more).await.unwrap());
    bed.clock.advance(DAY);
    store.record_inventory(&connection, 2, &more).await.unwrap();
    let read = store.inventory_of(&connection).await.unwrap().unwrap();
    assert_eq!((read.read_at, read.connection_version), (Millis(START + 2 * DAY), 2));
    let since = |key: String| read.since(&key);
    assert_eq!(since(namespace_key(None, "shop")), None);
    for key in
        [namespace_key(None, "web"), namespace_key(Some("w"), "b"), namespace_key(Some("v"), "a"), subject_key("v")]
    {
        assert_eq!(since(key.clone()), Some(Millis(START + DAY)), "{key}");
    }
    // Away and back again, it is new.
    store.record_inventory(&connection, 2, &lists(&["shop"], &[])).await.unwrap();
    bed.clock.advance(DAY);
    store.record_inventory(&connection, 2, &lists(&["shop", "web"], &[])).await.unwrap();
    let read = store.inventories().await.unwrap().remove(0);
    assert_eq!(read.since(&namespace_key(None, "web")), Some(Millis(START + 3 * DAY)));

    let gone = store.record_inventory(&"nowhere".into(), 1, &lists(&[], &[])).await.unwrap_err();
    assert_eq!(gone.kind, StoreErrorKind::NotFound);
    store.remove_connection(&connection, &audit()).await.unwrap();
    assert!(store.inventories().await.unwrap().is_empty());
}

pub async fn a_month_is_read_at_once(bed: &Bed) {
    let (store, connection) = (&bed.store, bed.connection("zrh").await);
    let (web, db) = (bed.definition(&connection, "web").await, bed.definition(&connection, "db").await);
    let of = |name: &str, at: i64, definition: &str| {
        let mut seen = run(name, at);
        seen.definition = Some(definition.to_owned());
        seen
    };
    let mut spanning = of("wide", START, &db.0);
    spanning.detail.clusters = vec![ClusterPart {
        cluster: Named::new("k1", "one"),
        phase: Phase::Failed,
        raw_phase: "Error".into(),
        message: None,
        expires: None,
        namespaces: vec![],
        skipped: None,
    }];
    let mut vanished = of("vanished", START - 5, &web.0);
    (vanished.phase, vanished.ended) = (Phase::Running, None);
    let seen =
        [of("old", START - 40 * DAY, &web.0), of("new", START - DAY, &web.0), spanning, vanished, run("stray", START)];
    store.store_runs(&connection, &seen).await.unwrap();
    store.run_gone(&connection, "vanished").await.unwrap();
    let month = store.narrow_runs(Millis(START - 30 * DAY)).await.unwrap();
    let told: Vec<(i64, &str)> = month.iter().map(|run| (run.at.0, run.definition.as_str())).collect();
    assert_eq!(told, [(START, db.as_str()), (START - DAY, web.as_str())]);
    assert_eq!((month[1].phase.clone(), month[1].ended), (Phase::Succeeded, Some(Millis(START - DAY + 60_000))));

    let parts = store.runs_with_parts(std::slice::from_ref(&db), Millis(START - DAY)).await.unwrap();
    assert_eq!((parts.len(), parts[0].1.clusters.len()), (1, 1));
    assert!(store.runs_with_parts(&[], Millis(0)).await.unwrap().is_empty());
    let details = store.run_details(&[month[0].id.clone(), "none".into()]).await.unwrap();
    assert_eq!(details[&month[0].id].clusters[0].cluster.name, "one");

    let mut made = Vec::new();
    for (name, at, state) in
        [("p1", 10, PointState::Whole), ("p2", 20, PointState::Whole), ("p3", 30, PointState::Partial)]
    {
        let mut one = point(name, at);
        (one.definition, one.state) = (Some(web.0.clone()), state);
        made.push(one);
    }
    let mut expired = point("p4", 40);
    (expired.definition, expired.expires) = (Some(web.0.clone()), Some(Millis(START)));
    made.push(expired);
    store.store_points(&connection, &made).await.unwrap();
    let moments = |points: Vec<server::store::WholePoint>| points.iter().map(|point| point.at.0).collect::<Vec<_>>();
    assert_eq!(moments(store.whole_points(&[web.clone(), db.clone()]).await.unwrap()), [20, 10]);
    assert_eq!(moments(store.newest_whole_points(&[web.clone(), db.clone()]).await.unwrap()), [20]);
    let watched = store.watched_definitions().await.unwrap();
    let names: Vec<&str> = watched.iter().map(|one| one.definition.name.as_str()).collect();
    assert_eq!(names, ["db", "web"], "those without a good point come first");
    assert_eq!(watched[1].good_until, Some(Millis(START + DAY + 20)));
}

pub async fn requests_are_read_page_by_page(bed: &Bed) {
    let (store, connection) = (&bed.store, bed.connection("zrh").await);
    let (web, other) = (bed.definition(&connection, "web").await, bed.definition(&connection, "other").await);
    let mut seen = Vec::new();
    for n in 0..11_i64 {
        // Several share a moment.
        let mut one = run(&format!("r{n:02}"), 1_000 + n / 3);
        one.definition = Some(if n == 5 { other.0.clone() } else { web.0.clone() });
        seen.push(one);
    }
    store.store_runs(&connection, &seen).await.unwrap();
    let (mut key, mut names) = (String::new(), Vec::new());
    loop {
        let page = store.runs_among(std::slice::from_ref(&web), &key, 4).await.unwrap();
        assert!(page.len() <= 4);
        let Some(last) = page.last() else { break };
        assert_eq!(last.row.run.detail.namespaces, ["checkout"], "with the body");
        key = request_key(last.sort_at, &last.row.run.id);
        names.extend(page.iter().map(|one| one.row.run.name.clone()));
    }
    names.sort();
    let expected: Vec<String> = (0..11).filter(|n| *n != 5).map(|n| format!("r{n:02}")).collect();
    assert_eq!(names, expected);
    assert_eq!(
        store.runs_among(std::slice::from_ref(&web), "strange", 4).await.unwrap().len(),
        4,
        "an unreadable key is the first page"
    );
}
