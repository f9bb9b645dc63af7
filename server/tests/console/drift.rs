//! What somebody changes in the cluster while Holdfast writes too: nothing is overwritten that nobody decided over.

use crate::bed::{Bed, draft, eventually, operator, viewer};
use app::backend::{Definitions, Workspaces};
use model::{
    ConnectionId, DefinitionId,
    definition::{Drift, Standing},
    draft::DefinitionDraft,
    duration::Seconds,
    protection::Protection,
    view::{DefinitionFilter, NeedKind, Resume},
};
use serde_json::Value;
use sim::{Effect, Fault};

/// A definition in force on a cluster that nobody observes: what happens there is not yet seen.
async fn in_force(bed: &Bed) -> (ConnectionId, DefinitionId, String) {
    let connection = bed.connect("shop").await;
    let id = bed.define(&connection, "web-nightly").await;
    assert_eq!(bed.step().await.applied, 1);
    let name = bed.detail(&id).await.upstream_name;
    settled(bed).await;
    (connection, id, name)
}

/// Velero validates what it was given and writes that down by itself: until then its own write may come between a reading and a
/// patch, which is then refused as outdated.
async fn settled(bed: &Bed) {
    let state = || {
        let schedule = bed.objects("shop", "schedules").remove(0);
        (schedule["metadata"]["resourceVersion"].clone(), schedule["status"]["phase"].is_string())
    };
    eventually("a schedule that stays as it is", async || {
        let before = state();
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        (before.1 && state() == before).then_some(())
    })
    .await;
}

fn spec(bed: &Bed) -> Value {
    bed.objects("shop", "schedules").remove(0)["spec"].clone()
}

fn set_ttl(bed: &Bed, name: &str, ttl: &'static str) {
    bed.edit("shop", "schedules", name, |object| object["spec"]["template"]["ttl"] = ttl.into());
}

async fn drift(bed: &Bed, id: &DefinitionId) -> Vec<Drift> {
    match bed.detail(id).await.row.standing {
        Standing::Drifted { fields } => fields,
        other => panic!("not drifted: {other:?}"),
    }
}

fn sides(fields: &[Drift]) -> Vec<(&str, Option<&str>, Option<&str>)> {
    fields.iter().map(|f| (f.field.as_str(), f.ours.as_deref(), f.theirs.as_deref())).collect()
}

const TTL: &str = "spec.template.ttl";

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_does_not_overwrite_what_was_not_yet_seen() {
    let bed = Bed::new().await;
    let (_, id, name) = in_force(&bed).await;
    set_ttl(&bed, &name, "24h0m0s");
    bed.console.pause_definition(&operator(), id.clone()).await.unwrap();
    let done = bed.step().await;
    assert_eq!((done.applied, done.held, done.failed), (0, 1, 0));
    let live = spec(&bed);
    assert_eq!((live["template"]["ttl"].as_str(), &live["paused"]), (Some("24h0m0s"), &Value::Null), "untouched");
    assert_eq!(sides(&drift(&bed, &id).await), [(TTL, Some("336h0m0s"), Some("24h0m0s"))]);
    let line = bed.detail(&id).await.timeline.remove(0);
    assert_eq!(line.kind, "drifted");
    assert!(line.sentence.contains("held") && line.sentence.contains("24h0m0s"), "{}", line.sentence);
    assert_eq!(bed.step().await.held, 0, "it is not tried again and again");
    let refused = bed.console.resume_definition(&operator(), id.clone(), Resume::WaitForNext).await.unwrap_err();
    assert!(refused.message.contains("decide first"), "{refused}");

    bed.console.reapply_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.step().await.applied, 1, "ordered, it overwrites");
    let live = spec(&bed);
    assert_eq!((live["template"]["ttl"].as_str(), &live["paused"]), (Some("336h0m0s"), &true.into()));
    assert_eq!(bed.detail(&id).await.row.standing, Standing::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn adopting_keeps_the_edit_that_was_held() {
    let bed = Bed::new().await;
    let (connection, id, name) = in_force(&bed).await;
    set_ttl(&bed, &name, "24h0m0s");
    let edited = DefinitionDraft { cron: "15 4 * * *".into(), ..draft(&connection, "web-nightly") };
    bed.console.change_definition(&operator(), id.clone(), 1, edited).await.unwrap();
    assert_eq!(bed.step().await.held, 1);
    assert_eq!(sides(&drift(&bed, &id).await), [(TTL, Some("336h0m0s"), Some("24h0m0s"))], "the edit is no drift");
    bed.console.adopt_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.step().await.applied, 1);
    let detail = bed.detail(&id).await;
    assert_eq!(detail.definition.retention.keep_for, Some(Seconds(86_400)), "theirs");
    assert_eq!(detail.definition.schedule.unwrap().cron, "15 4 * * *", "ours");
    let live = spec(&bed);
    assert_eq!(live["schedule"], "CRON_TZ=Europe/Zurich 15 4 * * *");
    assert_eq!(live["template"]["ttl"], "24h0m0s");
    assert_eq!(detail.row.standing, Standing::Applied);
}

/// A re-apply is an order to write over what was shown, not over what came after it.
#[tokio::test(flavor = "multi_thread")]
async fn a_reapply_overwrites_what_was_shown_and_nothing_newer() {
    let bed = Bed::new().await;
    let (_, id, name) = in_force(&bed).await;
    set_ttl(&bed, &name, "24h0m0s");
    bed.console.pause_definition(&operator(), id.clone()).await.unwrap();
    bed.step().await;
    bed.console.reapply_definition(&operator(), id.clone()).await.unwrap();
    bed.edit("shop", "schedules", &name, |object| object["spec"]["schedule"] = "5 5 * * *".into());
    assert_eq!(bed.step().await.held, 1);
    let fields = drift(&bed, &id).await;
    assert_eq!(fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["spec.schedule"]);
    assert_eq!(spec(&bed)["schedule"], "5 5 * * *");
    bed.console.reapply_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.step().await.applied, 1);
    assert_eq!(spec(&bed)["schedule"], "CRON_TZ=Europe/Zurich 30 2 * * *");
}

/// Our own write whose answer was lost, or whose record a crash prevented, is nobody else's change.
#[tokio::test(flavor = "multi_thread")]
async fn an_edit_after_a_lost_answer_is_not_held() {
    let bed = Bed::new().await;
    let (connection, id, name) = in_force(&bed).await;
    let edited = |keep: &str| DefinitionDraft { keep_for: keep.into(), ..draft(&connection, "web-nightly") };
    let lost = Fault {
        method: Some("PATCH".into()),
        path: Some("/schedules".into()),
        skip: 0,
        times: Some(1),
        effect: Effect::LostAnswer,
    };
    bed.world.fault("shop", vec![lost]);
    bed.console.change_definition(&operator(), id.clone(), 1, edited("7")).await.unwrap();
    assert_eq!(bed.step().await.failed, 1);
    assert_eq!(spec(&bed)["template"]["ttl"], "168h0m0s", "it was carried out");
    bed.console.change_definition(&operator(), id.clone(), 2, edited("30")).await.unwrap();
    let done = bed.step().await;
    assert_eq!((done.applied, done.held), (1, 0));
    assert_eq!(spec(&bed)["template"]["ttl"], "720h0m0s");

    // Lost again, and then somebody changes it: that is held.
    settled(&bed).await;
    let lost = Fault { method: Some("PATCH".into()), path: None, skip: 0, times: Some(1), effect: Effect::LostAnswer };
    bed.world.fault("shop", vec![lost]);
    bed.console.change_definition(&operator(), id.clone(), 3, edited("60")).await.unwrap();
    assert_eq!(bed.step().await.failed, 1);
    set_ttl(&bed, &name, "5h0m0s");
    bed.console.retry_definition(&operator(), id.clone()).await.unwrap();
    assert_eq!(bed.step().await.held, 1);
    assert_eq!(sides(&drift(&bed, &id).await), [(TTL, Some("1440h0m0s"), Some("5h0m0s"))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pause_that_is_taken_over_is_known_as_somebody_elses() {
    let bed = Bed::observed().await;
    let (_, id, name) = in_force(&bed).await;
    bed.edit("shop", "schedules", &name, |object| object["spec"]["paused"] = true.into());
    eventually("the pause", async || bed.detail(&id).await.row.standing.is_off_upstream().then_some(())).await;
    assert_eq!(bed.detail(&id).await.row.paused_by, None, "it is not ours yet");
    bed.console.adopt_definition(&operator(), id.clone()).await.unwrap();
    let pause = bed.detail(&id).await.row.paused_by.unwrap();
    assert_eq!((pause.by.as_str(), pause.at, pause.upstream), ("olga", bed.clock.now(), true));
}

/// Velero validates a Schedule by itself, after the API server took it.
#[tokio::test(flavor = "multi_thread")]
async fn what_velero_refuses_to_run_is_said_and_is_not_protected() {
    let bed = Bed::observed().await;
    let (_, id, name) = in_force(&bed).await;
    bed.console.run_now(&operator(), id.clone()).await.unwrap();
    bed.step().await;
    eventually("protection", async || (bed.detail(&id).await.row.protection() == Protection::Protected).then_some(()))
        .await;
    bed.edit("shop", "schedules", &name, |object| object["spec"]["schedule"] = "every now and then".into());
    let (reasons, fields) = eventually("the refusal", async || match bed.detail(&id).await.row.standing {
        Standing::Invalid { reasons, drift } => Some((reasons, drift)),
        _ => None,
    })
    .await;
    assert!(reasons[0].contains("invalid schedule"), "{reasons:?}");
    assert_eq!(fields.iter().map(|f| f.field.as_str()).collect::<Vec<_>>(), ["spec.schedule"]);
    assert_eq!(bed.detail(&id).await.row.protection(), Protection::AtRisk);
    let overview = bed.console.home(&viewer()).await.unwrap();
    let need = overview.needs.iter().find(|need| need.kind == NeedKind::Invalid).unwrap();
    assert!(need.detail.contains("invalid schedule") && need.subject == "web-nightly", "{need:?}");
    let attention = DefinitionFilter { state: "attention".into(), ..DefinitionFilter::default() };
    assert_eq!(bed.console.definitions(&viewer(), attention).await.unwrap().page.rows.len(), 1);
    bed.console.reapply_definition(&operator(), id.clone()).await.unwrap();
    eventually("the cure", async || {
        bed.step().await;
        (bed.detail(&id).await.row.standing == Standing::Applied).then_some(())
    })
    .await;
}

/// The change is what is wanted: there is nothing to decide.
#[tokio::test(flavor = "multi_thread")]
async fn the_same_change_on_both_sides_is_no_dispute() {
    let bed = Bed::new().await;
    let (connection, id, name) = in_force(&bed).await;
    set_ttl(&bed, &name, "168h");
    let edited = DefinitionDraft { keep_for: "7".into(), ..draft(&connection, "web-nightly") };
    bed.console.change_definition(&operator(), id.clone(), 1, edited).await.unwrap();
    let done = bed.step().await;
    assert_eq!((done.applied, done.held), (1, 0));
    assert_eq!(bed.detail(&id).await.row.standing, Standing::Applied);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_is_taken_back_lets_the_apply_go_on() {
    let bed = Bed::observed().await;
    let (_, id, name) = in_force(&bed).await;
    eventually("the first sight", async || bed.console.store().definition(&id).await.unwrap().seen.map(|_| ())).await;
    let record = bed.console.store().definition(&id).await.unwrap();
    bed.console.pause_definition(&operator(), id.clone()).await.unwrap();
    let claimed = bed.console.store().claim_definitions("test", bed.console.now(), 60_000, 9).await.unwrap().remove(0);
    let mut seen = record.seen.unwrap();
    seen.seen["spec"]["template"]["ttl"] = "24h0m0s".into();
    let fields = vec![Drift { field: TTL.into(), ours: None, theirs: Some("24h0m0s".into()), not_adoptable: None }];
    let dispute = server::provider::Dispute { seen, drift: fields };
    let line = server::store::Line { kind: "drifted", sentence: "Held.".into(), actor: None };
    assert!(bed.console.store().hold_apply(&claimed, "test", &dispute, &line).await.unwrap());
    assert_eq!(bed.step().await.applied, 0);
    // Any word of the object as it is tells that the change is no longer there.
    bed.edit("shop", "schedules", &name, |object| object["status"]["lastSkipped"] = "2026-10-03T02:30:00Z".into());
    eventually("the apply", async || (bed.step().await.applied == 1).then_some(())).await;
    assert_eq!(spec(&bed)["paused"], true);
    assert_eq!(bed.detail(&id).await.row.standing, Standing::Applied);
}
