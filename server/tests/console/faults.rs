//! Upstreams that fail: what is saved waits, what is wrong is said, nobody else notices.

use crate::bed::{Bed, draft, eventually, operator, viewer};
use app::backend::{Activity, Connections, Definitions, Workspaces};
use model::{
    ConnectionId,
    connection::{Connection, Health},
    definition::Standing,
    draft::DefinitionDraft,
    protection::Protection,
    view::NeedKind,
};
use server::reconcile;
use sim::{Effect, Fault};
use tokio_util::sync::CancellationToken;

async fn connection(bed: &Bed, id: &ConnectionId) -> Connection {
    bed.console.connection(&viewer(), id.clone()).await.unwrap().connection
}

async fn silent(bed: &Bed, id: &ConnectionId) -> (String, String) {
    eventually("silence", async || match connection(bed, id).await.health {
        Health::Silent { reason, remedy, .. } => Some((reason, remedy)),
        _ => None,
    })
    .await
}

async fn answers(bed: &Bed, id: &ConnectionId) {
    eventually("an answer", async || (connection(bed, id).await.health == Health::Answers).then_some(())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn edits_wait_for_a_cluster_that_is_down_and_are_applied_on_its_return() {
    let bed = Bed::observed().await;
    let shop = bed.connect("shop").await;
    let id = bed.define(&shop, "web-nightly").await;
    bed.step().await;
    answers(&bed, &shop).await;

    bed.fault("shop", Effect::Drop);
    let edited = |keep: &str| DefinitionDraft { keep_for: keep.into(), ..draft(&shop, "web-nightly") };
    bed.console.change_definition(&operator(), id.clone(), 1, edited("7")).await.unwrap();
    assert_eq!(bed.step().await.failed, 1);
    let Standing::Failing { attempts: 1, next_try: Some(next), .. } = bed.detail(&id).await.row.standing else {
        panic!("{:?}", bed.detail(&id).await.row.standing)
    };
    assert!(next > bed.console.now(), "it waits");
    assert_eq!(bed.step().await, reconcile::Done::default(), "not before its time");
    bed.console.change_definition(&operator(), id.clone(), 2, edited("21")).await.unwrap();
    assert_eq!(bed.step().await.failed, 1, "an edit is tried at once");
    let failed: Vec<_> = bed.detail(&id).await.timeline.into_iter().filter(|line| line.kind == "failed").collect();
    assert_eq!(failed.len(), 2, "once for each version: {failed:?}");

    bed.world.heal("shop");
    // What was silent is asked again by itself; then its work doesn't wait out its time.
    bed.console.retry_connection(&operator(), shop.clone()).await.unwrap();
    eventually("the applied edit", async || (bed.step().await.applied == 1).then_some(())).await;
    let schedules = bed.objects("shop", "schedules");
    assert_eq!(schedules.len(), 1);
    assert_eq!(schedules[0]["spec"]["template"]["ttl"], "504h0m0s", "the last edit");
    assert_eq!(bed.detail(&id).await.applied_version, 3);
}

/// A request that was carried out, but whose answer was lost, is repeated and finds its own object.
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_makes_no_second_object() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let id = bed.define(&shop, "web-nightly").await;
    let lost = |method: &str| Fault {
        method: Some(method.into()),
        path: Some("/schedules".into()),
        skip: 0,
        times: Some(1),
        effect: Effect::LostAnswer,
    };
    bed.world.fault("shop", vec![lost("POST")]);
    for _ in 0..5 {
        bed.step().await;
        bed.clock.advance(600_000);
    }
    assert_eq!(bed.objects("shop", "schedules").len(), 1);
    assert_eq!(bed.detail(&id).await.row.standing, Standing::Applied);
}

/// Each fault is said truthfully on its own connection; the other connection goes on.
#[tokio::test(flavor = "multi_thread")]
async fn each_fault_is_shown_on_its_connection_and_nowhere_else() {
    let status = |code: u16| Effect::Status { code, reason: None, message: None, retry_after: None };
    for (effect, said) in [
        (status(500), "500"),
        (status(401), "401"),
        (status(403), "403"),
        (Effect::Html { code: 200 }, ""),
        (Effect::Truncated, ""),
        (Effect::Drop, ""),
    ] {
        let bed = Bed::observed().await;
        let (shop, well) = (bed.connect("shop").await, bed.connect("well").await);
        answers(&bed, &shop).await;
        answers(&bed, &well).await;
        bed.fault("shop", effect.clone());
        reconnect(&bed, &shop).await;
        let (reason, _) = silent(&bed, &shop).await;
        assert!(!reason.is_empty() && reason.contains(said), "{effect:?}: {reason}");
        assert!(!reason.contains('<'), "no page of HTML: {reason}");
        assert_eq!(connection(&bed, &well).await.health, Health::Answers, "{effect:?}");
        let needs = bed.console.home(&viewer()).await.unwrap().needs;
        assert!(needs.iter().any(|need| need.kind == NeedKind::Silent && need.subject == "shop"), "{needs:?}");
        let id = bed.define(&well, "well-nightly").await;
        assert_eq!(bed.step().await.applied, 1, "{effect:?}");
        assert_eq!(bed.detail(&id).await.row.standing, Standing::Applied);
        bed.world.heal("shop");
        bed.console.retry_connection(&operator(), shop.clone()).await.unwrap();
        answers(&bed, &shop).await;
    }
}

/// Has the observer begin anew, as after an edit of the connection, which closes its watches.
pub async fn reconnect(bed: &Bed, id: &ConnectionId) {
    let row = bed.console.store().connection(id).await.unwrap();
    let change = server::store::ConnectionChange { name: row.name, settings: row.settings, secret: None };
    bed.console.store().change_connection(id, row.version, &change, &server::store::AuditRow::default()).await.unwrap();
    bed.console.wake_observer();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_asks_for_patience_gets_it() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let id = bed.define(&shop, "web-nightly").await;
    bed.fault("shop", Effect::Status { code: 429, reason: None, message: None, retry_after: Some(90) });
    assert_eq!(bed.step().await.failed, 1);
    let Standing::Failing { next_try: Some(next), .. } = bed.detail(&id).await.row.standing else { panic!() };
    assert!(next.since(bed.console.now()) >= 90_000, "Retry-After counts");
    bed.world.heal("shop");
    bed.clock.advance(89_000);
    assert_eq!(bed.step().await.applied, 0);
    bed.clock.advance(2_000);
    assert_eq!(bed.step().await.applied, 1);
}

/// The name is taken by an object that isn't ours: it is left alone, and that is said.
#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_object_is_left_alone() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let id = bed.define(&shop, "web-nightly").await;
    let name = bed.detail(&id).await.upstream_name;
    let theirs = serde_json::json!({
        "apiVersion": "velero.io/v1", "kind": "Schedule", "metadata": {"name": name, "namespace": "velero"},
        "spec": {"schedule": "0 0 1 1 *", "template": {}},
    });
    bed.world.object("shop", theirs).unwrap();
    assert_eq!(bed.step().await.failed, 1);
    assert!(matches!(bed.detail(&id).await.row.standing, Standing::Failing { .. }));
    assert_eq!(bed.objects("shop", "schedules")[0]["spec"]["schedule"], "0 0 1 1 *");
}

/// The headline counts what the rows below it say.
#[tokio::test(flavor = "multi_thread")]
async fn the_headline_counts_only_what_is_protected_now() {
    let bed = Bed::observed().await;
    let shop = bed.connect("shop").await;
    let id = bed.define(&shop, "web-nightly").await;
    bed.step().await;
    bed.console.run_now(&operator(), id.clone()).await.unwrap();
    bed.step().await;
    let counts = async || {
        let protected = bed.detail(&id).await.row.protection() == Protection::Protected;
        (u64::from(protected), bed.console.home(&viewer()).await.unwrap().definitions)
    };
    eventually("protection", async || (counts().await == (1, 1)).then_some(())).await;
    bed.fault("shop", Effect::Status { code: 401, reason: None, message: None, retry_after: None });
    reconnect(&bed, &shop).await;
    silent(&bed, &shop).await;
    assert_eq!(counts().await, (0, 1), "a silent cluster proves nothing");
    bed.world.heal("shop");
    bed.console.retry_connection(&operator(), shop.clone()).await.unwrap();
    answers(&bed, &shop).await;
    assert_eq!(counts().await, (1, 1));
    bed.clock.advance(15 * 86_400_000);
    eventually("the expiry", async || (counts().await == (0, 1)).then_some(())).await;
    let needs = bed.console.home(&viewer()).await.unwrap().needs;
    assert!(needs.iter().any(|need| need.kind == NeedKind::Unprotected), "{needs:?}");
}

/// “Run now” after an edit is a run of the edit, also when the cluster was away for both.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_asked_for_after_an_edit_is_one_of_the_edit() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let id = bed.define(&shop, "web-nightly").await;
    bed.step().await;
    bed.fault("shop", Effect::Drop);
    let edited = DefinitionDraft { keep_for: "7".into(), ..draft(&shop, "web-nightly") };
    bed.console.change_definition(&operator(), id.clone(), 1, edited).await.unwrap();
    let run = bed.console.run_now(&operator(), id.clone()).await.unwrap();
    let done = bed.step().await;
    assert_eq!((done.failed, done.started), (1, 0), "the apply alone is tried");
    let waiting = bed.console.run(&viewer(), run).await.unwrap().waiting.unwrap();
    assert!(waiting.contains("version 2"), "{waiting}");
    bed.world.heal("shop");
    bed.world.server("shop", false);
    bed.clock.advance(600_000);
    let done = bed.step().await;
    assert_eq!((done.applied, done.started), (1, 0));
    assert_eq!(bed.step().await.started, 1);
    assert_eq!(bed.objects("shop", "backups")[0]["spec"]["ttl"], "168h0m0s");
}

/// Velero's server is down, its API isn't: the Backup is made and nobody looks at it.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nobody_picks_up_is_said() {
    let bed = Bed::observed().await;
    let shop = bed.connect("shop").await;
    let id = bed.define(&shop, "web-nightly").await;
    bed.step().await;
    bed.world.server("shop", false);
    let run = bed.console.run_now(&operator(), id.clone()).await.unwrap();
    bed.step().await;
    eventually("the sight of it", async || {
        bed.console.run(&viewer(), run.clone()).await.unwrap().run.created.map(|_| ())
    })
    .await;
    let said = async || {
        let needs = bed.console.home(&viewer()).await.unwrap().needs;
        let need = needs.into_iter().find(|need| need.kind == NeedKind::NotPickedUp).map(|need| need.detail);
        (need, bed.console.run(&viewer(), run.clone()).await.unwrap().run.detail.note)
    };
    assert_eq!(said().await, (None, None));
    bed.clock.advance(11 * 60_000);
    let (need, note) = said().await;
    assert!(need.unwrap().contains("is Velero's server running?"));
    assert!(note.unwrap().contains("is Velero's server running?"));
}

/// One upstream that never answers holds up nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_upstream_slows_nobody() {
    let bed = Bed::new().await;
    let (dead, well) = (bed.connect("dead").await, bed.connect("well").await);
    for n in 0..12 {
        bed.define(&dead, &format!("dead-{n}")).await;
    }
    let id = bed.define(&well, "well-nightly").await;
    bed.fault("dead", Effect::Hang);
    let stop = CancellationToken::new();
    tokio::spawn(reconcile::run(bed.console.clone(), stop.clone()));
    eventually("the well one", async || (bed.detail(&id).await.row.standing == Standing::Applied).then_some(())).await;
    stop.cancel();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_that_asks_to_slow_down_is_slowed_not_silent() {
    let bed = Bed::observed().await;
    let shop = bed.connect("shop").await;
    answers(&bed, &shop).await;
    bed.fault("shop", Effect::Status { code: 429, reason: None, message: None, retry_after: Some(1) });
    reconnect(&bed, &shop).await;
    eventually("slowed", async || matches!(connection(&bed, &shop).await.health, Health::Slowed { .. }).then_some(()))
        .await;
    bed.world.heal("shop");
    bed.console.retry_connection(&operator(), shop.clone()).await.unwrap();
    answers(&bed, &shop).await;
}

/// A watch that is dropped again and again is resumed; nothing is missed and nobody is called silent.
#[tokio::test(flavor = "multi_thread")]
async fn dropped_watches_are_no_silence() {
    let bed = Bed::observed().await;
    let shop = bed.connect("shop").await;
    answers(&bed, &shop).await;
    let id = bed.define(&shop, "web-nightly").await;
    bed.step().await;
    bed.fault("shop", Effect::WatchDropped { after_ms: 200 });
    reconnect(&bed, &shop).await;
    let name = bed.detail(&id).await.upstream_name;
    for ttl in ["1h0m0s", "2h0m0s", "3h0m0s"] {
        bed.edit("shop", "schedules", &name, |object| object["spec"]["template"]["ttl"] = ttl.into());
        eventually("the drift", async || match bed.detail(&id).await.row.standing {
            Standing::Drifted { fields } => (fields[0].theirs.as_deref() == Some(ttl)).then_some(()),
            _ => None,
        })
        .await;
        assert_eq!(connection(&bed, &shop).await.health, Health::Answers);
    }
}

/// A clock that is set back by a day makes nobody wait for a day.
#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_is_set_back_holds_up_nothing() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let id = bed.define(&shop, "web-nightly").await;
    bed.fault("shop", Effect::Drop);
    let stop = CancellationToken::new();
    tokio::spawn(reconcile::run(bed.console.clone(), stop.clone()));
    let standing = async || bed.detail(&id).await.row.standing;
    eventually("a failure", async || matches!(standing().await, Standing::Failing { .. }).then_some(())).await;
    bed.world.heal("shop");
    bed.clock.advance(-86_400_000);
    eventually("in force", async || (standing().await == Standing::Applied).then_some(())).await;
    stop.cancel();
}
