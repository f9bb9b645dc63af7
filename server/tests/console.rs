//! The whole console with the Velero simulator behind it: what a person does, and what comes of it upstream.

#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop")]

#[path = "console/bed.rs"]
mod bed;
#[path = "console/drift.rs"]
mod drift;
#[path = "console/faults.rs"]
mod faults;
#[path = "console/next.rs"]
mod next;
#[path = "console/policies.rs"]
mod policies;
#[path = "console/rooms.rs"]
mod rooms;
#[path = "console/tiers.rs"]
mod tiers;

use app::{
    backend::{Activity, Caller, Connections, Definitions, Workspaces},
    error::ErrorKind,
};
use bed::{Bed, admin, draft, eventually, operator, viewer};
use model::{
    Phase,
    definition::Standing,
    draft::DefinitionDraft,
    recovery::PointState,
    restore::RestoreDraft,
    view::{DefinitionFilter, NeedKind, NextRun, PointFilter, Resume, RunFilter},
};
use std::time::Duration;

/// The journey of an administrator, step by step.
#[tokio::test(flavor = "multi_thread")]
async fn a_definition_is_applied_run_restored_and_its_point_deleted() {
    let bed = Bed::observed().await;
    let console = &bed.console;
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    assert_eq!(bed.detail(&id).await.row.standing, Standing::Applying);

    let done = bed.step().await;
    assert_eq!((done.applied, done.failed), (1, 0));
    let detail = bed.detail(&id).await;
    assert_eq!(detail.row.standing, Standing::Applied);
    assert_eq!(detail.applied_version, 1);
    let schedules = bed.objects("shop", "schedules");
    assert_eq!(schedules.len(), 1);
    assert_eq!(schedules[0]["metadata"]["name"], detail.upstream_name);
    assert_eq!(schedules[0]["spec"]["schedule"], "CRON_TZ=Europe/Zurich 30 2 * * *");
    let kinds: Vec<_> = detail.timeline.iter().map(|line| line.kind.as_str()).collect();
    assert_eq!(kinds, ["applied", "saved"]);
    assert!(matches!(detail.row.next_run, NextRun::At(_)));
    assert_eq!(detail.next_runs.len(), 5);

    let run = console.run_now(&operator(), id.clone()).await.unwrap();
    assert_eq!(console.run_now(&operator(), id.clone()).await.unwrap(), run, "a double press is one run");
    let view = console.run(&viewer(), run.clone()).await.unwrap();
    assert_eq!((view.run.phase, view.waiting.is_some()), (Phase::Queued, true));
    assert_eq!(bed.step().await.started, 1);
    let view = eventually("the run's end", async || {
        let view = console.run(&viewer(), run.clone()).await.unwrap();
        view.run.phase.is_final().then_some(view)
    })
    .await;
    assert_eq!(view.run.phase, Phase::Succeeded, "{view:?}");
    assert_eq!(view.run.definition.as_ref(), Some(&id), "found by its label");
    assert_eq!(view.definition_name.as_deref(), Some("web-nightly"));
    let point = eventually("the recovery point", async || {
        console.points(&viewer(), PointFilter::default()).await.unwrap().rows.pop().map(|row| row.point)
    })
    .await;
    assert_eq!(point.state, PointState::Whole);
    let detail = eventually("the newest good point", async || {
        Some(bed.detail(&id).await).filter(|d| d.row.newest_good.is_some())
    })
    .await;
    assert_eq!((detail.runs.len(), detail.points.len(), detail.points_left), (1, 1, 1));

    let log = console.run_log(&viewer(), run.clone(), String::new(), String::new()).await.unwrap();
    assert!(log.total > 0 && log.unavailable.is_none(), "{log:?}");
    assert!(log.lines.iter().any(|line| line.level == "info" && !line.time.is_empty()), "{:?}", log.lines.first());

    let results = console.run_results(&viewer(), run.clone()).await.unwrap();
    assert_eq!(results.unavailable, None);
    bed.fault("shop", sim::Effect::Status { code: 500, reason: None, message: None, retry_after: None });
    assert_eq!(console.run_results(&viewer(), run.clone()).await.unwrap(), results, "what has ended is read once");
    bed.world.heal("shop");

    let order = RestoreDraft {
        point: point.id.0.clone(),
        mapping: vec![("web".into(), "web-again".into())],
        ..RestoreDraft::default()
    };
    let restore = console.create_restore(&operator(), order.clone()).await.unwrap();
    assert_eq!(console.create_restore(&operator(), order).await.unwrap(), restore, "a double press is one restore");
    assert_eq!(bed.step().await.restored, 1);
    let view = eventually("the restore's end", async || {
        let view = console.restore(&viewer(), restore.clone()).await.unwrap();
        view.restore.phase.is_final().then_some(view)
    })
    .await;
    assert_eq!(view.restore.phase, Phase::Succeeded, "{view:?}");
    assert_eq!(bed.objects("shop", "restores").len(), 1);

    let refused = console.delete_point(&operator(), point.id.clone(), "wrong".into()).await.unwrap_err();
    assert_eq!((refused.kind, refused.fields[0].path.as_str()), (ErrorKind::Invalid, "confirm"));
    console.delete_point(&operator(), point.id.clone(), point.name.clone()).await.unwrap();
    assert_eq!(bed.step().await.deleted, 1);
    eventually("the point's end", async || {
        console.points(&viewer(), PointFilter::default()).await.unwrap().rows.is_empty().then_some(())
    })
    .await;
    assert!(bed.objects("shop", "backups").is_empty(), "deleted upstream too");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_editors_gets_the_conflict_with_both_versions() {
    let bed = Bed::new().await;
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    let edited = |keep: &str| DefinitionDraft { keep_for: keep.into(), ..draft(&connection, "web-nightly") };
    bed.console.change_definition(&operator(), id.clone(), 1, edited("7")).await.unwrap();
    let refused = bed.console.change_definition(&admin(), id.clone(), 1, edited("30")).await.unwrap_err();
    assert_eq!((refused.kind, refused.request_id.as_str()), (ErrorKind::Conflict, "request-1"));
    let conflict = refused.conflict.unwrap();
    assert_eq!((conflict.theirs.keep_for.as_str(), conflict.version), ("7", 2));
    assert_eq!(conflict.changed_by, "olga");
    bed.console.change_definition(&admin(), id.clone(), conflict.version, edited("30")).await.unwrap();
    assert_eq!(bed.detail(&id).await.row.version, 3);

    let taken = bed.console.create_definition(&operator(), draft(&connection, "web-nightly")).await.unwrap_err();
    assert_eq!((taken.kind, taken.fields[0].path.as_str()), (ErrorKind::Invalid, "name"));
    let moved = DefinitionDraft { zone: "Europe/Zuerich".into(), ..edited("30") };
    let wrong = bed.console.change_definition(&admin(), id, 3, moved).await.unwrap_err();
    assert!(wrong.about("zone").is_some(), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn pause_and_both_ways_to_resume() {
    let bed = Bed::new().await;
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    bed.step().await;
    let spec = || bed.objects("shop", "schedules").remove(0)["spec"].clone();

    bed.console.pause_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.step().await.applied, 1);
    assert_eq!(spec()["paused"], true);
    let row = bed.detail(&id).await.row;
    assert_eq!(row.next_run, NextRun::None("paused".into()));
    assert_eq!(row.paused_by.map(|pause| pause.words()).as_deref(), Some("paused by olga"));

    bed.console.resume_definition(&operator(), id.clone(), Resume::WaitForNext).await.unwrap();
    bed.world.server("shop", false);
    assert_eq!(bed.step().await.applied, 1);
    assert_ne!(spec()["paused"], true);
    assert_eq!(spec()["skipImmediately"], true, "Velero is told to wait for the next moment");
    bed.world.server("shop", true);

    bed.console.pause_definition(&operator(), id.clone()).await.unwrap();
    bed.step().await;
    bed.console.resume_definition(&operator(), id.clone(), Resume::MayRunAtOnce).await.unwrap();
    assert_eq!(bed.step().await.applied, 1);
    assert_ne!(spec()["paused"], true);
    assert_ne!(spec()["skipImmediately"], true);
    let said: Vec<_> = bed.detail(&id).await.timeline.into_iter().map(|line| line.kind).collect();
    assert_eq!(said.iter().filter(|kind| *kind == "paused").count(), 2);
    assert_eq!(said.iter().filter(|kind| *kind == "resumed").count(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changes_upstream_is_shown_and_reapplied_or_adopted() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    bed.step().await;
    let name = bed.detail(&id).await.upstream_name;
    let drifted = async || {
        eventually("the drift", async || match bed.detail(&id).await.row.standing {
            Standing::Drifted { fields } => Some(fields),
            _ => None,
        })
        .await
    };
    let ttl = |ttl: &'static str| {
        bed.edit("shop", "schedules", &name, |object| object["spec"]["template"]["ttl"] = ttl.into());
    };

    ttl("24h0m0s");
    let fields = drifted().await;
    assert_eq!(fields.len(), 1, "{fields:?}");
    assert_eq!(fields[0].theirs.as_deref(), Some("24h0m0s"));
    assert_eq!(bed.step().await.applied, 0, "nothing is overwritten by itself");
    bed.console.reapply_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.step().await.applied, 1);
    assert_eq!(bed.objects("shop", "schedules")[0]["spec"]["template"]["ttl"], "336h0m0s");
    eventually("no drift", async || (bed.detail(&id).await.row.standing == Standing::Applied).then_some(())).await;

    ttl("48h0m0s");
    drifted().await;
    bed.console.adopt_definition(&operator(), id.clone()).await.unwrap();
    bed.step().await;
    let detail = bed.detail(&id).await;
    assert_eq!(detail.definition.retention.keep_for.map(|keep| keep.0), Some(48 * 3600));
    eventually("in force", async || (bed.detail(&id).await.row.standing == Standing::Applied).then_some(())).await;
    assert_eq!(bed.objects("shop", "schedules")[0]["spec"]["template"]["ttl"], "48h0m0s");

    // Gone altogether.
    let client = format!("{}/control/shop/object", bed.base);
    delete(&client, &serde_json::json!({"kind": "Schedule", "metadata": {"name": name}})).await;
    eventually("missing", async || (bed.detail(&id).await.row.standing == Standing::Missing).then_some(())).await;
    let needs = bed.console.home(&viewer()).await.unwrap().needs;
    assert!(needs.iter().any(|need| need.kind == NeedKind::Missing), "{needs:?}");
    bed.console.reapply_definition(&operator(), id.clone()).await.unwrap();
    bed.step().await;
    assert_eq!(bed.objects("shop", "schedules").len(), 1);
}

/// A DELETE with a body, by hand: the simulator's control surface is plain HTTP.
async fn delete(url: &str, body: &serde_json::Value) {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap();
    let body = body.to_string();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let head = format!(
        "DELETE /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_removes_upstream_and_leaves_the_points() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    bed.step().await;
    bed.console.run_now(&operator(), id.clone()).await.unwrap();
    bed.step().await;
    eventually("the point", async || (bed.detail(&id).await.points_left == 1).then_some(())).await;
    let refused = bed.console.remove_connection(&admin(), connection.clone()).await.unwrap_err();
    assert!(refused.message.contains("web-nightly"), "{refused}");

    bed.console.delete_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.detail(&id).await.row.standing, Standing::Removing { stuck: None });
    assert_eq!(bed.step().await.removed, 1);
    assert!(bed.objects("shop", "schedules").is_empty());
    assert_eq!(bed.objects("shop", "backups").len(), 1, "the backup stays");
    let gone = bed.console.definition(&viewer(), id).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    bed.console.remove_connection(&admin(), connection).await.unwrap();
    assert!(bed.console.connections(&viewer()).await.unwrap().is_empty());
}

/// Somebody took our label away: the Schedule goes on, so it is not forgotten before somebody has seen to it.
#[tokio::test(flavor = "multi_thread")]
async fn what_lost_its_mark_is_not_called_deleted() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    bed.step().await;
    let name = bed.detail(&id).await.upstream_name;
    bed.edit("shop", "schedules", &name, |object| object["metadata"]["labels"] = serde_json::json!({}));
    bed.console.delete_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.step().await.failed, 1);
    assert_eq!(bed.objects("shop", "schedules").len(), 1, "it is left alone");
    let timeline = bed.detail(&id).await.timeline;
    assert!(timeline.iter().any(|line| line.sentence.contains("took Holdfast's label from it")), "{timeline:?}");
    let standing = bed.detail(&id).await.row.standing;
    let Standing::Removing { stuck: Some(stuck) } = standing else { panic!("{standing:?}") };
    assert!(stuck.reason.contains("took Holdfast's label from it") && stuck.next_try.is_some(), "{stuck:?}");
    let needs = bed.console.home(&viewer()).await.unwrap().needs;
    let said: Vec<_> = needs.iter().map(|need| (need.kind, &need.detail)).collect();
    assert_eq!(said, [(NeedKind::NotRemoved, &stuck.reason)], "and nothing else of what is to go");
    let attention = DefinitionFilter { state: "attention".into(), ..DefinitionFilter::default() };
    assert_eq!(bed.console.definitions(&viewer(), attention).await.unwrap().page.rows.len(), 1);
    bed.edit("shop", "schedules", &name, |object| {
        object["metadata"]["labels"] = serde_json::json!({"holdfast.io/definition": id.as_str()});
    });
    bed.console.retry_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.step().await.removed, 1);
    assert!(bed.objects("shop", "schedules").is_empty());
    assert_eq!(bed.console.home(&viewer()).await.unwrap().needs, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_review_shows_what_would_be_sent_and_creates_under_that_name() {
    let bed = Bed::observed().await;
    let connection = bed.connect("shop").await;
    eventually("locations", async || {
        let detail = bed.console.connection(&viewer(), connection.clone()).await.unwrap();
        (!detail.locations.is_empty()).then_some(())
    })
    .await;
    let preview = bed.console.preview_definition(&operator(), None, draft(&connection, "web-nightly")).await.unwrap();
    assert!(preview.errors.is_empty(), "{:?}", preview.errors);
    assert!(preview.dry_run.as_ref().is_some_and(|run| run.accepted), "{preview:?}");
    assert!(bed.objects("shop", "schedules").is_empty(), "a dry run changes nothing");
    let reviewed = DefinitionDraft { reserved: preview.reserved.clone(), ..draft(&connection, "web-nightly") };
    let again = bed.console.preview_definition(&operator(), None, reviewed.clone()).await.unwrap();
    assert_eq!(again.reserved, preview.reserved, "looking twice changes no name");
    let id = bed.console.create_definition(&operator(), reviewed.clone()).await.unwrap();
    assert_eq!(id.as_str(), preview.reserved);
    let name = bed.detail(&id).await.upstream_name;
    assert!(preview.requests[0].yaml.contains(&name), "{name} in {}", preview.requests[0].yaml);
    for taken_or_odd in [preview.reserved.as_str(), "../../x", "01A1FFD5-065D-74B6-BEBA-23D0C4224EEE"] {
        let other = DefinitionDraft {
            name: format!("web-{}", taken_or_odd.len()),
            reserved: taken_or_odd.into(),
            ..draft(&connection, "")
        };
        let preview = bed.console.preview_definition(&operator(), None, other).await.unwrap();
        assert!(uuid::Uuid::parse_str(&preview.reserved).is_ok());
        assert_ne!(preview.reserved, taken_or_odd, "only a free id of ours is taken");
    }

    let bad = DefinitionDraft { cron: "often".into(), location: "nowhere".into(), ..draft(&connection, "web-2") };
    let preview = bed.console.preview_definition(&operator(), None, bad).await.unwrap();
    assert_eq!(preview.errors.iter().map(|e| e.path.as_str()).collect::<Vec<_>>(), ["cron"]);
    let nowhere = DefinitionDraft { location: "nowhere".into(), ..draft(&connection, "web-2") };
    let preview = bed.console.preview_definition(&operator(), None, nowhere.clone()).await.unwrap();
    assert!(preview.notes.iter().any(|note| note.path == "location"), "{:?}", preview.notes);
    let refused = bed.console.create_definition(&operator(), nowhere).await.unwrap_err();
    assert_eq!(refused.fields[0].path, "location");
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_reach_as_far_as_they_should() {
    let bed = Bed::new().await;
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    let console = &bed.console;
    let nobody = Caller::default();
    assert_eq!(console.connections(&nobody).await.unwrap_err().kind, ErrorKind::SignedOut);
    assert_eq!(console.home(&nobody).await.unwrap_err().kind, ErrorKind::SignedOut);
    assert_eq!(console.runs(&nobody, RunFilter::default()).await.unwrap_err().kind, ErrorKind::SignedOut);
    for refused in [
        console.create_definition(&viewer(), draft(&connection, "x")).await.map(|_| ()),
        console.change_definition(&viewer(), id.clone(), 1, draft(&connection, "x")).await,
        console.pause_definition(&viewer(), id.clone()).await,
        console.resume_definition(&viewer(), id.clone(), Resume::WaitForNext).await,
        console.delete_definition(&viewer(), id.clone()).await,
        console.run_now(&viewer(), id.clone()).await.map(|_| ()),
        console.reapply_definition(&viewer(), id.clone()).await,
        console.adopt_definition(&viewer(), id.clone()).await,
        console.retry_definition(&viewer(), id.clone()).await,
        console.preview_definition(&viewer(), None, draft(&connection, "x")).await.map(|_| ()),
        console.start_wizard(&viewer(), None, None).await.map(|_| ()),
        console.inventory(&viewer(), connection.clone()).await.map(|_| ()),
        console.delete_point(&viewer(), "p".into(), String::new()).await,
        console.start_restore(&viewer(), "p".into()).await.map(|_| ()),
        console.create_restore(&viewer(), RestoreDraft::default()).await.map(|_| ()),
        console.retry_connection(&viewer(), connection.clone()).await,
        console.add_connection(&operator(), bed.form("other")).await.map(|_| ()),
        console.change_connection(&operator(), connection.clone(), 1, bed.form("shop")).await,
        console.remove_connection(&operator(), connection.clone()).await,
        console.test_connection(&operator(), None, bed.form("other")).await.map(|_| ()),
    ] {
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Forbidden);
    }
    let list = console.definitions(&viewer(), DefinitionFilter::default()).await.unwrap();
    assert_eq!((list.all, list.page.rows.len()), (1, 1));
    assert_eq!(console.start_wizard(&operator(), Some(id), None).await.unwrap().editing.unwrap().1, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_is_stored_only_after_a_passing_test_and_its_secret_never_comes_out() {
    let bed = Bed::new().await;
    let wrong = model::connection::ConnectionDraft { credential: "wrong".into(), ..bed.form("shop") };
    let refused = bed.console.add_connection(&admin(), wrong).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid);
    assert_eq!(refused.fields[0].path, "credential", "{refused:?}");
    assert!(bed.console.connections(&viewer()).await.unwrap().is_empty());

    let id = bed.connect("shop").await;
    let kept =
        model::connection::ConnectionDraft { name: "renamed".into(), credential: String::new(), ..bed.form("shop") };
    bed.console.change_connection(&admin(), id.clone(), 1, kept.clone()).await.unwrap();
    let stale = bed.console.change_connection(&admin(), id.clone(), 1, kept.clone()).await.unwrap_err();
    assert_eq!(stale.kind, ErrorKind::Conflict);
    let elsewhere = model::connection::ConnectionDraft { address: "https://192.0.2.1".into(), ..kept };
    let refused = bed.console.test_connection(&admin(), Some(id.clone()), elsewhere).await.unwrap_err();
    assert_eq!(refused.fields[0].path, "credential", "the stored credential goes to no other host");

    let shown = serde_json::to_string(&bed.console.connection(&admin(), id).await.unwrap()).unwrap();
    let audit = format!("{:?}", bed.console.store().audit(None, 50).await.unwrap());
    for text in [shown, audit] {
        assert!(!text.contains("sim-shop-token"), "{text}");
    }
}

/// What the upstream understands doesn't depend on which node asks, nor on whether it answers right now.
#[tokio::test(flavor = "multi_thread")]
async fn every_node_knows_the_version_that_was_last_heard() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", folder.path().join("holdfast.db").display());
    let bed = Bed::on(&url).await;
    bed.world.seed("old", serde_json::from_value(serde_json::json!({"velero_version": "v1.14.1"})).unwrap());
    let (new, old) = (bed.connect("new").await, bed.connect("old").await);
    let capable = async |console: &server::console::Console| {
        let mut both = Vec::new();
        for id in [&new, &old] {
            let c = console.connection(&viewer(), id.clone()).await.unwrap().capabilities;
            both.push((c.namespace_patterns.is_yes(), c.time_zone.is_yes()));
        }
        both
    };
    bed.fault("new", sim::Effect::Drop);
    bed.fault("old", sim::Effect::Drop);
    let other = bed::console(&url, &bed.clock, "node-2").await;
    assert_eq!(capable(&other).await, [(true, true), (false, false)], "after a restart with dead clusters");
    let zoned = other.create_definition(&operator(), draft(&old, "web-nightly")).await.unwrap_err();
    assert!(zoned.about("zone").is_some(), "{zoned:?}");
    // The observing node hears of an upgrade.
    let heard = server::store::HealthRecord {
        health: model::connection::Health::Answers,
        upstream_version: Some("v1.18.3".into()),
        platform: None,
        latency_ms: None,
        last_seen: None,
    };
    bed.console.store().record_health(&old, &heard).await.unwrap();
    assert_eq!(capable(&other).await, [(true, true), (true, true)]);
    other.create_definition(&operator(), draft(&old, "web-nightly")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn opening_pages_asks_no_upstream() {
    let bed = Bed::new().await;
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    bed.step().await;
    bed.world.reset_calls("shop");
    let viewer = viewer();
    bed.console.home(&viewer).await.unwrap();
    bed.console.tally().await.unwrap();
    bed.console.definitions(&viewer, DefinitionFilter::default()).await.unwrap();
    bed.console.definition(&viewer, id).await.unwrap();
    bed.console.connections(&viewer).await.unwrap();
    bed.console.connection(&viewer, connection).await.unwrap();
    bed.console.runs(&viewer, RunFilter::default()).await.unwrap();
    bed.console.points(&viewer, PointFilter::default()).await.unwrap();
    bed.console.restores(&viewer, String::new()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bed.world.calls("shop")["total"], 0);
}
