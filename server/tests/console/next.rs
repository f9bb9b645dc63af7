//! Next runs: of several schedules, and by what a system counts from.

use crate::bed::{Bed, admin, draft, operator, viewer};
use app::backend::{Connections, Definitions};
use model::{
    ConnectionId,
    connection::ConnectionDraft,
    draft::{DefinitionDraft, TierDraft},
    view::NextRun,
};

const HOUR: i64 = 3_600_000;

#[tokio::test(flavor = "multi_thread")]
async fn the_wizard_counts_an_interval_as_the_connections_system_does() {
    let bed = Bed::new().await;
    bed.world.seed_system("ctrl", "astra", &serde_json::json!({})).unwrap();
    let state = bed.world.system_state("ctrl", "astra").unwrap();
    let form = ConnectionDraft {
        system: "astra".into(),
        name: "ctrl".into(),
        address: format!("{}/s/ctrl/astra", bed.base),
        account: state["account_id"].as_str().unwrap().to_owned(),
        credential: "sim-ctrl-token".into(),
        ..ConnectionDraft::default()
    };
    let astra = bed.console.add_connection(&admin(), form).await.unwrap();
    let velero = bed.connect("shop").await;
    bed.clock.advance(HOUR + 1_234_567);
    let first = async |connection: ConnectionId| {
        let told = bed.console.upcoming(&viewer(), connection, "@every 4h".into(), String::new()).await.unwrap();
        told.times[0].0
    };
    let now = bed.clock.now();
    let from_now = (now.0.div_euclid(1_000) * 1_000) + 4 * HOUR;
    assert_eq!(first(velero).await.0, from_now);
    assert_eq!(first("none yet".into()).await.0, from_now, "before a connection is chosen");
    // 2020 began a whole number of four hours after 1970.
    assert_eq!(first(astra).await.0, (now.0.div_euclid(4 * HOUR) + 1) * 4 * HOUR);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_earliest_of_all_schedules_is_next() {
    let bed = Bed::new().await;
    let connection = bed.connect("shop").await;
    let often = TierDraft { cron: "*/10 * * * *".into(), keep_for: "7".into(), ..TierDraft::default() };
    let of = DefinitionDraft { further: vec![often], ..draft(&connection, "web-nightly") };
    let id = bed.console.create_definition(&operator(), of).await.unwrap();
    let detail = bed.detail(&id).await;
    assert_eq!(detail.row.next_run, NextRun::At(detail.next_runs[0]));
    assert!(detail.next_runs[4].since(bed.clock.now()) <= HOUR, "{:?}", detail.next_runs);
    let listed = bed.console.definitions(&viewer(), Default::default()).await.unwrap().page.rows;
    assert_eq!(listed[0].next_run, detail.row.next_run, "in the list as well");
}
