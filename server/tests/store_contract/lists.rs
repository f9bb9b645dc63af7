//! Lists: order, filters, counts, keyset pages.

use crate::bed::{Bed, audit, definition, line, point, run};
use model::{
    Phase,
    connection::Health,
    recovery::PointState,
    view::{DefinitionFilter, PointFilter, RunFilter},
};
use server::store::{HealthRecord, Store};

fn sorted(sort: &str, page: String) -> DefinitionFilter {
    DefinitionFilter { sort: sort.into(), page, ..DefinitionFilter::default() }
}

/// Names of all pages forward, then of all pages back again.
async fn there_and_back(store: &Store, sort: &str, limit: usize) -> (Vec<String>, Vec<String>) {
    let (mut there, mut back) = (Vec::new(), Vec::new());
    let mut page = store.definition_page(&sorted(sort, String::new()), limit).await.unwrap();
    assert_eq!(page.previous, None, "nothing is before the first page");
    loop {
        assert!(page.rows.len() <= limit && page.total == 23);
        there.extend(page.rows.iter().map(|row| row.name.clone()));
        let Some(next) = page.next.clone() else { break };
        page = store.definition_page(&sorted(sort, next), limit).await.unwrap();
    }
    loop {
        back.splice(0..0, page.rows.iter().map(|row| row.name.clone()));
        let Some(previous) = page.previous.clone() else { break };
        page = store.definition_page(&sorted(sort, previous), limit).await.unwrap();
        assert!(page.next.is_some());
    }
    (there, back)
}

pub async fn definitions_page_in_every_order(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    for n in 0..23_i64 {
        let id = bed.definition(&connection, &format!("d{:02}", n * 7 % 23)).await;
        // Many share a moment, some have none.
        let (mut seen, mut left) = (run(&format!("r{n}"), 1_000 + n % 3), point(&format!("r{n}"), 1_000 + n % 4));
        (seen.definition, left.definition) = (Some(id.0.clone()), Some(id.0.clone()));
        if n % 5 != 0 {
            bed.store.store_runs(&connection, &[seen]).await.unwrap();
            bed.store.store_points(&connection, &[left]).await.unwrap();
        }
    }
    for sort in ["", "name", "newest_good", "last_run"] {
        let (there, back) = there_and_back(&bed.store, sort, 5).await;
        assert_eq!(there.len(), 23, "{sort}: complete");
        assert_eq!(there, back, "{sort}: the same way back");
        if sort.is_empty() {
            continue;
        }
        let (mut reversed, _) = there_and_back(&bed.store, &format!("-{sort}"), 4).await;
        reversed.reverse();
        assert_eq!(there, reversed, "{sort}: the other direction is the reverse");
    }
    let exposed = bed.store.definition_page(&sorted("newest_good", String::new()), 5).await.unwrap();
    assert!(exposed.rows.iter().all(|row| row.newest_good.is_none()), "those without any come first");
    let (named, _) = there_and_back(&bed.store, "name", 100).await;
    assert!(named.is_sorted());
}

pub async fn definitions_filter_and_count(bed: &Bed) {
    let (zrh, bsl) = (bed.connection("Zurich prod").await, bed.connection("basel").await);
    let good = bed.definition(&zrh, "good").await;
    bed.definition(&zrh, "unprotected").await;
    let failing = bed.definition(&bsl, "failing").await;
    let mut paused = definition(&bsl, "paused");
    let id = bed.definition(&bsl, "paused").await;
    paused.paused = true;
    bed.store.change_definition(&id, 1, &paused, None, &line("paused"), &audit()).await.unwrap();
    bed.apply_all().await;
    for (connection, definition) in [(&zrh, &good), (&bsl, &failing), (&bsl, &id)] {
        let mut left = point(&format!("p-{definition}"), 5);
        left.definition = Some(definition.0.clone());
        bed.store.store_points(connection, &[left]).await.unwrap();
    }
    let mut failed = run("failed", 9);
    (failed.definition, failed.phase) = (Some(failing.0.clone()), Phase::Failed);
    bed.store.store_runs(&bsl, &[failed]).await.unwrap();
    let silent = HealthRecord {
        health: Health::Silent {
            reason: "x".into(),
            remedy: String::new(),
            since: bed.now(),
            tries: 1,
            next_try: None,
        },
        upstream_version: None,
        platform: None,
        latency_ms: None,
        last_seen: None,
    };
    bed.store.record_health(&bsl, &silent).await.unwrap();

    let page = bed.store.definition_page(&DefinitionFilter::default(), 200).await.unwrap();
    assert_eq!((page.all, page.attention, page.paused, page.total), (4, 2, 1, 4));
    let names: Vec<&str> = page.connections.iter().map(|(_, name)| name.as_str()).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&"basel") && names.contains(&"Zurich prod"));
    let cases = [
        ("", "", "attention", "failing unprotected"),
        ("", "", "paused", "paused"),
        ("", "", "failing", ""),
        ("", "", "applying", ""),
        ("", "", "drifted", ""),
        ("", "", "silent", "failing paused"),
        ("", bsl.as_str(), "", "failing paused"),
        ("ZURICH", "", "", "good unprotected"),
        ("checkout-db pau", "", "", "paused"),
        ("zurich", bsl.as_str(), "", ""),
        ("go", zrh.as_str(), "paused", ""),
    ];
    for (text, connection, state, expected) in cases {
        let filter = DefinitionFilter {
            text: text.into(),
            connection: connection.into(),
            state: state.into(),
            ..DefinitionFilter::default()
        };
        let page = bed.store.definition_page(&filter, 200).await.unwrap();
        let names: Vec<String> = page.rows.iter().map(|row| row.name.clone()).collect();
        assert_eq!(names.join(" "), expected, "{filter:?}");
        assert_eq!(page.total, u64::try_from(names.len()).unwrap(), "{filter:?}");
        assert_eq!(page.all, 4, "counts are of all");
    }
    let row = bed.store.definition_row(&failing).await.unwrap();
    assert_eq!(row.last_run.map(|run| run.phase), Some(Phase::Failed));
    assert_eq!((row.cron.as_deref(), row.zone.as_deref()), (Some("30 2 * * *"), Some("Europe/Zurich")));
    assert_eq!((row.scope.as_str(), row.connection_name.as_str()), ("checkout, checkout-db", "basel"));
    let counts = bed.store.frame_counts().await.unwrap();
    assert_eq!((counts.definitions, counts.attention, counts.silent), (4, 2, 1));
}

pub async fn pages_are_stable_under_inserts(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let store = &bed.store;
    let many: Vec<_> = (0..25).map(|n| run(&format!("r{n:02}"), 1_000 + n / 2)).collect();
    store.store_runs(&connection, &many).await.unwrap();
    let points: Vec<_> = (0..25).map(|n| point(&format!("r{n:02}"), 1_000 + n / 2)).collect();
    store.store_points(&connection, &points).await.unwrap();
    let (mut names, mut key) = (Vec::new(), String::new());
    for round in 0.. {
        let page = store.runs(&RunFilter { page: key, ..RunFilter::default() }, 4).await.unwrap();
        names.extend(page.rows.iter().map(|row| row.run.name.clone()));
        // While somebody reads, newer ones come.
        store.store_runs(&connection, &[run(&format!("new{round}"), 9_000 + round)]).await.unwrap();
        match page.next {
            Some(next) => key = next,
            None => break,
        }
    }
    let mut expected: Vec<String> = many.iter().map(|run| run.name.clone()).collect();
    names.sort();
    expected.sort();
    assert_eq!(names, expected, "each once, none left out");

    let first = store.points(&PointFilter::default(), 10).await.unwrap();
    let next = PointFilter { page: first.next.unwrap(), ..PointFilter::default() };
    let second = store.points(&next, 10).await.unwrap();
    let back = PointFilter { page: second.previous.unwrap(), ..PointFilter::default() };
    let again = store.points(&back, 10).await.unwrap();
    assert_eq!(first.rows, again.rows);
    assert_eq!((first.total, again.previous), (25, None));
    assert!(store.restores("", 10).await.unwrap().rows.is_empty());

    let filter = RunFilter { phase: "running".into(), ..RunFilter::default() };
    assert_eq!(store.runs(&filter, 4).await.unwrap().total, 0);
    let filter = RunFilter { text: "R07 zrh".into(), connection: connection.0.clone(), ..RunFilter::default() };
    assert_eq!(store.runs(&filter, 4).await.unwrap().total, 1);
    let mut partial = point("odd", 7);
    partial.state = PointState::Unknown("Odd".into());
    store.store_points(&connection, &[partial]).await.unwrap();
    let filter = PointFilter { state: "unknown".into(), ..PointFilter::default() };
    assert_eq!(store.points(&filter, 4).await.unwrap().rows[0].point.state, PointState::Unknown("Odd".into()));
}

pub async fn strange_input_is_harmless(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    bed.definition(&connection, "shop").await;
    for strange in ["%", "_", "\\", "'; DROP TABLE runs; --", "a\0b", "“ü”", "$1", "?"] {
        let filter = DefinitionFilter {
            text: strange.into(),
            connection: strange.into(),
            state: strange.into(),
            sort: strange.into(),
            page: strange.into(),
        };
        assert_eq!(bed.store.definition_page(&filter, 5).await.unwrap().total, 0, "{strange:?}");
        let text = DefinitionFilter { text: strange.into(), ..DefinitionFilter::default() };
        assert_eq!(bed.store.definition_page(&text, 5).await.unwrap().total, 0, "{strange:?} is no wildcard");
        let runs = RunFilter {
            text: strange.into(),
            connection: strange.into(),
            definition: strange.into(),
            phase: strange.into(),
            page: strange.into(),
        };
        assert_eq!(bed.store.runs(&runs, 5).await.unwrap().total, 0);
    }
    // The key of one order on a page of another.
    bed.definition(&connection, "shop-2").await;
    let key = bed.store.definition_page(&sorted("name", String::new()), 1).await.unwrap().next.unwrap();
    assert_eq!(bed.store.definition_page(&sorted("newest_good", key), 5).await.unwrap().rows.len(), 2);
}
