//! What a row of the list tells of a definition beside its standing.

use crate::bed::{Bed, audit, definition, line};
use model::{
    Millis,
    definition::{Definition, Retention, Schedule},
    pause::Pause,
    tier::Tier,
};
use serde_json::json;
use server::{
    provider::DeclaredSeen,
    store::{AuditRow, DeclaredRecord},
};

pub async fn who_paused_is_kept_until_it_is_resumed(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let id = bed.definition(&connection, "shop").await;
    let store = &bed.store;
    let told = async || store.definition_row(&id).await.unwrap().paused_by;
    let save = async |paused: bool, kind: &'static str, by: &str| {
        let version = store.definition(&id).await.unwrap().version;
        let edited = Definition { paused, ..definition(&connection, "shop") };
        let audit = AuditRow { actor: by.into(), ..audit() };
        bed.clock.advance(1_000);
        store.change_definition(&id, version, &edited, None, &line(kind), &audit).await.unwrap();
        bed.now()
    };
    assert_eq!(told().await, None);
    let at = save(true, "paused", "ada").await;
    let ada = Pause { by: "ada".into(), at, upstream: false };
    assert_eq!(told().await, Some(ada.clone()));
    save(true, "saved", "ben").await;
    assert_eq!(told().await, Some(ada), "an edit of what is paused is no pause");
    save(false, "saved", "ben").await;
    assert_eq!(told().await, None);
    let at = save(true, "adopted", "ben").await;
    assert_eq!(told().await, Some(Pause { by: "ben".into(), at, upstream: true }));
    save(false, "resumed", "ben").await;
    let at = save(true, "saved", "ada").await;
    assert_eq!(told().await, Some(Pause { by: "ada".into(), at, upstream: false }), "by an edit too");

    let born = bed.save_new(Definition { paused: true, ..definition(&connection, "born") }).await;
    let paused = store.definition_row(&born).await.unwrap().paused_by;
    assert_eq!(paused, Some(Pause { by: "admin".into(), at: bed.now(), upstream: false }));
}

pub async fn further_schedules_count_from_their_own_moments(bed: &Bed) {
    let connection = bed.connection("zrh").await;
    let schedule = |cron: &str| Schedule { cron: cron.into(), zone: None };
    let tier = |cron: &str| Tier { schedule: schedule(cron), retention: Retention::default() };
    let (weekly, monthly) = ("0 4 * * 0", "0 5 1 * *");
    let id = bed
        .save_new(Definition { further: vec![tier(weekly), tier(monthly)], ..definition(&connection, "shop") })
        .await;
    bed.apply_all().await;
    let told = async || bed.store.definition_row(&id).await.unwrap().further;
    assert_eq!(told().await, [(schedule(weekly), None), (schedule(monthly), None)], "nothing was seen yet");
    let seen = DeclaredSeen {
        name: "shop-1".into(),
        definition: Some(id.0.clone()),
        seen: json!({}),
        revision: None,
        invalid: Vec::new(),
        counted_from: Some(Millis(7)),
        counted_further: vec![Some(Millis(9))],
        paused: false,
    };
    let record = DeclaredRecord {
        id: id.clone(),
        applied_version: 1,
        seen: Some(seen),
        drift: Vec::new(),
        released: false,
        line: None,
    };
    bed.store.store_declared(&[record]).await.unwrap();
    assert_eq!(told().await, [(schedule(weekly), Some(Millis(9))), (schedule(monthly), None)]);
}
