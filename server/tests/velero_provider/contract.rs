//! What holds on every cluster.

use crate::{
    on_both,
    stage::{Stage, ask},
};
use futures::StreamExt;
use model::{
    Phase, connection::CheckOutcome, definition::Schedule, duration::Seconds, recovery::PointState,
    restore::RestoreOrder, run::Trigger, view::Resume,
};
use serde_json::json;
use server::provider::{Applied, ErrorKind, LogOf, Observed, Owned, Sort};

on_both!(
    applies_once,
    changes_only_what_differs,
    pauses_and_resumes,
    leaves_foreign_objects_alone,
    removes_the_schedule_and_keeps_backups,
    a_run_from_its_beginning_to_its_deletion,
    a_definition_without_a_schedule_is_one_backup,
    previews_without_changing_anything,
    checks_out,
    offers_what_is_there,
    refuses_what_the_schema_refuses,
    a_run_that_cannot_be,
);

/// What somebody wrote. Velero writes too: into the status, and its default of `skipImmediately` into the spec of a
/// schedule that names none, at a moment of its own.
async fn written(stage: &Stage, owned: &Owned) -> serde_json::Value {
    let mut live = stage.get("schedules", &owned.upstream_name).await.unwrap();
    live["spec"].as_object_mut().unwrap().remove("skipImmediately");
    json!([live["metadata"]["uid"], live["metadata"]["labels"], live["spec"]])
}

async fn clean(stage: &Stage, owned: &Owned) {
    stage.ask("DELETE", "schedules", &owned.upstream_name, None).await;
}

async fn applies_once(stage: &Stage) {
    let owned = stage.owned("once");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    assert!(first.sentence.contains("created"), "{}", first.sentence);
    let live = stage.get("schedules", &owned.upstream_name).await.unwrap();
    assert_eq!(live["spec"]["schedule"], "CRON_TZ=Europe/Zurich 0 0 1 1 *");
    assert_eq!(live["metadata"]["labels"]["holdfast.io/definition"], owned.id.as_str());
    assert_eq!(live["spec"]["template"]["metadata"]["labels"]["holdfast.io/definition"], owned.id.as_str());
    let before = live["metadata"]["uid"].clone();
    let again = stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(first.written, again.written);
    assert!(again.sentence.contains("as saved"), "{}", again.sentence);
    assert_eq!(stage.get("schedules", &owned.upstream_name).await.unwrap()["metadata"]["uid"], before);
    // Two at once, of which one finds the name taken.
    let other = stage.owned("race");
    let (a, b) = tokio::join!(stage.provider.apply(&other, None, None), stage.provider.apply(&other, None, None));
    assert_eq!(a.unwrap().written, b.unwrap().written);
    clean(stage, &owned).await;
    clean(stage, &other).await;
}

async fn changes_only_what_differs(stage: &Stage) {
    let mut owned = stage.owned("edit");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let mut watcher = stage.watch();
    stage
        .edit(
            "schedules",
            &owned.upstream_name,
            json!({"spec": {"template": {"ttl": "48h", "hooks": {"resources": [{"name": "h"}]}}}}),
        )
        .await;
    let name = owned.upstream_name.clone();
    let seen = watcher
        .find("the edited schedule", |o| match o {
            Observed::Declared(d) if d.name == name && d.seen["spec"]["template"]["ttl"] == "48h" => {
                Some((**d).clone())
            }
            _ => None,
        })
        .await;
    assert_eq!(seen.definition.as_deref(), Some(owned.id.as_str()));
    let drift = stage.provider.drift(&first, &seen);
    let fields: Vec<&str> = drift.iter().map(|d| d.field.as_str()).collect();
    assert_eq!(fields, ["spec.template.hooks.resources", "spec.template.ttl"]);
    assert!(stage.provider.adopt(&owned, &seen).is_err(), "hooks can't be adopted");
    // An edit of other fields doesn't overwrite that.
    owned.version = 2;
    owned.definition.scope.except_resources = vec!["secrets".into()];
    let at = written(stage, &owned).await;
    let held = stage.provider.apply(&owned, Some(&first), None).await.unwrap_err();
    assert_eq!(held.kind, ErrorKind::Disputed, "{held}");
    let dispute = held.dispute.unwrap();
    let fields: Vec<&str> = dispute.drift.iter().map(|d| d.field.as_str()).collect();
    assert_eq!(
        fields,
        ["spec.template.hooks.resources", "spec.template.ttl"],
        "what was saved meanwhile is no dispute"
    );
    assert_eq!(dispute.seen.seen, seen.seen);
    assert_eq!(written(stage, &owned).await, at, "nothing was written");
    // Ordered over what was seen, the cluster is as saved.
    owned.definition.retention.keep_for = Some(Seconds(7200));
    let agreed = Applied { written: seen.seen.clone(), ..first };
    let second = stage.provider.apply(&owned, Some(&agreed), None).await.unwrap();
    let live = stage.get("schedules", &owned.upstream_name).await.unwrap();
    assert_eq!(live["spec"]["template"]["ttl"], "2h0m0s");
    assert_eq!(live["spec"]["template"]["excludedResources"], json!(["secrets"]));
    assert!(live["spec"]["template"].get("hooks").is_none(), "{live}");
    let mut back = seen;
    back.seen = json!({"kind": "Schedule", "spec": live["spec"]});
    assert_eq!(stage.provider.drift(&second, &back), []);
    assert_eq!(stage.provider.adopt(&owned, &back).unwrap(), owned.definition);
    let at = written(stage, &owned).await;
    let third = stage.provider.apply(&owned, Some(&second), None).await.unwrap();
    assert!(third.sentence.contains("as saved"), "nothing is written when nothing differs: {}", third.sentence);
    assert_eq!(written(stage, &owned).await, at);
    clean(stage, &owned).await;
}

async fn pauses_and_resumes(stage: &Stage) {
    let mut owned = stage.owned("pause");
    stage.provider.apply(&owned, None, None).await.unwrap();
    for (resume, skipped) in [(Some(Resume::WaitForNext), true), (Some(Resume::MayRunAtOnce), false), (None, true)] {
        owned.definition.paused = true;
        stage.provider.apply(&owned, None, None).await.unwrap();
        assert_eq!(stage.get("schedules", &owned.upstream_name).await.unwrap()["spec"]["paused"], true);
        let before = stage.get("schedules", &owned.upstream_name).await.unwrap()["status"]["lastSkipped"].clone();
        owned.definition.paused = false;
        stage.provider.apply(&owned, None, resume).await.unwrap();
        // The server takes the word back and notes that it skipped.
        let mut live = stage.get("schedules", &owned.upstream_name).await.unwrap();
        for _ in 0..100 {
            if live["spec"]["skipImmediately"] != true {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            live = stage.get("schedules", &owned.upstream_name).await.unwrap();
        }
        assert_ne!(live["spec"]["paused"], true);
        assert_eq!(live["status"]["lastSkipped"] != before, skipped, "{resume:?}: {live}");
        // Timestamps have whole seconds.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    }
    clean(stage, &owned).await;
}

async fn leaves_foreign_objects_alone(stage: &Stage) {
    let owned = stage.owned("foreign");
    let object = |kind: &str, spec| json!({"apiVersion": "velero.io/v1", "kind": kind, "metadata": {"name": owned.upstream_name, "namespace": stage.namespace}, "spec": spec});
    stage
        .ask("POST", "schedules", "", Some(object("Schedule", json!({"schedule": "0 0 1 1 *", "template": {}}))))
        .await;
    let at = written(stage, &owned).await;
    let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Conflict);
    assert!(error.sentence.contains("did not make"), "{error}");
    stage.provider.remove(&owned, None).await.unwrap();
    assert_eq!(written(stage, &owned).await, at);
    let mut single = owned.clone();
    single.definition.schedule = None;
    stage
        .ask("POST", "backups", "", Some(object("Backup", json!({"includedNamespaces": ["nothing-of-this-name"]}))))
        .await;
    let error = stage.provider.apply(&single, None, None).await.unwrap_err();
    assert!(error.sentence.contains("did not make"), "{error}");
    clean(stage, &owned).await;
}

async fn removes_the_schedule_and_keeps_backups(stage: &Stage) {
    let mut owned = stage.owned("remove");
    let applied = stage.provider.apply(&owned, None, None).await.unwrap();
    let run = format!("{}-r1", owned.upstream_name);
    stage.provider.start_run(&owned, &ask(&run)).await.unwrap();
    owned.definition.schedule = None;
    owned.version = 2;
    let now = stage.provider.apply(&owned, Some(&applied), None).await.unwrap();
    assert!(now.sentence.contains("deleted"), "{}", now.sentence);
    assert!(stage.get("schedules", &owned.upstream_name).await.is_none());
    assert!(stage.get("backups", &owned.upstream_name).await.is_none(), "a later version makes no backup");
    assert!(stage.get("backups", &run).await.is_some());
    owned.definition.schedule = Some(Schedule { cron: "0 0 1 1 *".into(), zone: None });
    stage.provider.apply(&owned, Some(&now), None).await.unwrap();
    stage.provider.remove(&owned, None).await.unwrap();
    stage.provider.remove(&owned, None).await.unwrap();
    assert!(stage.get("schedules", &owned.upstream_name).await.is_none());
}

async fn a_run_from_its_beginning_to_its_deletion(stage: &Stage) {
    let owned = stage.owned("life");
    let provider = &stage.provider;
    provider.apply(&owned, None, None).await.unwrap();
    stage.edit("schedules", &owned.upstream_name, json!({"metadata": {"annotations": {"team": "blue"}}})).await;
    let mut watcher = stage.watch();
    watcher.find("the list's end", |o| matches!(o, Observed::ListEnds(Sort::Restore)).then_some(())).await;
    let run = format!("{}-r1", owned.upstream_name);
    provider.start_run(&owned, &ask(&run)).await.unwrap();
    provider.start_run(&owned, &ask(&run)).await.unwrap();
    let live = stage.get("backups", &run).await.unwrap();
    assert_eq!(live["metadata"]["labels"]["velero.io/schedule-name"], owned.upstream_name.as_str());
    assert_eq!(live["metadata"]["annotations"]["team"], "blue", "annotations are copied, as the CLI does");
    let mut phases: Vec<Phase> = Vec::new();
    let seen = watcher
        .find("the finished run", |o| match o {
            Observed::Run(r) if r.name == run => {
                if phases.last() != Some(&r.phase) {
                    phases.push(r.phase.clone());
                }
                r.phase.is_final().then(|| (**r).clone())
            }
            _ => None,
        })
        .await;
    assert_eq!(seen.phase, Phase::Succeeded, "{seen:?}");
    assert!(phases.contains(&Phase::Queued) || phases.contains(&Phase::Running), "{phases:?}");
    assert_eq!(seen.trigger, Trigger::Person("ada".into()));
    assert_eq!(seen.definition.as_deref(), Some(owned.id.as_str()));
    assert_eq!(seen.declared.as_deref(), Some(owned.upstream_name.as_str()));
    assert!(seen.started.is_some() && seen.ended.is_some());
    assert!(seen.detail.items.is_some_and(|i| i.done > 0));
    let point = watcher
        .find("the recovery point", |o| match o {
            Observed::Point(p) if p.name == run => Some((**p).clone()),
            _ => None,
        })
        .await;
    assert_eq!(point.state, PointState::Whole);
    assert!(point.expires.is_some());

    let mut log = provider.log(LogOf::Run, &run).await.unwrap();
    let mut text = Vec::new();
    while let Some(chunk) = log.next().await {
        text.extend_from_slice(&chunk.unwrap());
    }
    assert!(String::from_utf8(text).unwrap().contains("level=info"));
    let results = provider.results(LogOf::Run, &run).await.unwrap();
    assert!(results.errors.is_empty(), "{results:?}");
    let requests = stage.get("downloadrequests", "").await.unwrap();
    let left =
        requests["items"].as_array().unwrap().iter().filter(|r| r["spec"]["target"]["name"] == run.as_str()).count();
    assert_eq!(left, 0, "requests are cleaned up");

    let order = RestoreOrder {
        point: "p".into(),
        point_name: run.clone(),
        mapping: vec![(stage.protected.clone(), format!("{}-copy", owned.upstream_name))],
        ..RestoreOrder::default()
    };
    let restore = format!("{run}-back");
    provider.restore(&order, &ask(&restore)).await.unwrap();
    provider.restore(&order, &ask(&restore)).await.unwrap();
    let restored = watcher
        .find("the finished restore", |o| match o {
            Observed::Restore(r) if r.name == restore && r.phase.is_final() => Some((**r).clone()),
            _ => None,
        })
        .await;
    assert!(matches!(restored.phase, Phase::Succeeded | Phase::Partial), "{restored:?}");
    assert_eq!(restored.mapping, order.mapping);
    assert_eq!(restored.point, run);
    provider.results(LogOf::Restore, &restore).await.unwrap();
    assert!(provider.log(LogOf::Restore, &restore).await.is_ok());

    provider.delete_point(&run, "order-1").await.unwrap();
    provider.delete_point(&run, "order-1").await.unwrap();
    let requests = stage.get("deletebackuprequests", "").await.unwrap();
    let mine = requests["items"].as_array().unwrap().iter().filter(|r| r["spec"]["backupName"] == run.as_str()).count();
    assert!(mine <= 1, "one request: {mine}");
    watcher
        .find("the point gone", |o| matches!(o, Observed::Gone(Sort::Point, name) if *name == run).then_some(()))
        .await;
    provider.delete_point(&run, "order-1").await.unwrap();
    provider.remove(&owned, None).await.unwrap();
}

async fn a_definition_without_a_schedule_is_one_backup(stage: &Stage) {
    let mut owned = stage.owned("single");
    owned.definition.schedule = None;
    let applied = stage.provider.apply(&owned, None, None).await.unwrap();
    let made = stage.get("backups", &owned.upstream_name).await.unwrap();
    // A crash before the result was recorded repeats the step.
    stage.provider.apply(&owned, None, None).await.unwrap();
    assert_eq!(stage.get("backups", &owned.upstream_name).await.unwrap()["metadata"]["uid"], made["metadata"]["uid"]);
    owned.version = 2;
    let again = stage.provider.apply(&owned, Some(&applied), None).await.unwrap();
    assert_eq!(again.written, applied.written);
    assert!(stage.get("schedules", &owned.upstream_name).await.is_none());
}

async fn previews_without_changing_anything(stage: &Stage) {
    let mut owned = stage.owned("look");
    let shown = stage.provider.preview(&owned).await.unwrap();
    let dry = shown.dry_run.unwrap();
    assert!(dry.accepted, "{dry:?}");
    assert!(dry.points.iter().all(|(good, _)| *good), "{dry:?}");
    assert!(shown.requests[0].yaml.contains(&owned.upstream_name));
    assert!(shown.requests[0].curl.contains("$TOKEN") && !shown.requests[0].curl.contains(&stage.draft.credential));
    assert!(stage.get("schedules", &owned.upstream_name).await.is_none());
    stage.provider.apply(&owned, None, None).await.unwrap();
    let at = written(stage, &owned).await;
    owned.definition.location = Some("no-such-place".into());
    let shown = stage.provider.preview(&owned).await.unwrap();
    assert!(shown.requests[0].curl.contains("PATCH"));
    assert!(shown.dry_run.unwrap().points.iter().any(|(good, text)| !good && text.contains("no-such-place")));
    assert_eq!(written(stage, &owned).await, at);
    clean(stage, &owned).await;
}

async fn checks_out(stage: &Stage) {
    let report = stage.provider.check().await;
    for step in &report.steps {
        assert_eq!(step.outcome, CheckOutcome::Good, "{step:?}");
    }
    assert!(report.passed());
    assert_eq!(report.version.as_deref(), Some("v1.18.3"));
    assert!(report.platform.is_some_and(|p| p.starts_with("Kubernetes v1.")));
    assert!(report.locations.iter().any(|l| l.is_default && l.why_not().is_none()));
    assert_eq!(report.missing_rights, [] as [String; 0]);
    assert!(stage.provider.capabilities().namespace_patterns.is_yes(), "the version was learnt");
}

async fn offers_what_is_there(stage: &Stage) {
    let inventory = stage.provider.inventory().await.unwrap();
    assert!(inventory.namespaces.iter().any(|n| n.name == stage.protected));
    assert!(!inventory.locations.is_empty());
    assert!(inventory.resources.iter().any(|r| r.name == "deployments.apps" && r.namespaced));
    assert!(inventory.resources.iter().any(|r| r.name == "namespaces" && !r.namespaced));
    assert!(!inventory.resources.iter().any(|r| r.name.contains('/')));
}

async fn refuses_what_the_schema_refuses(stage: &Stage) {
    let mut owned = stage.owned("refused");
    owned.upstream_name = "Not A Name".into();
    let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused, "{error}");
    assert!(error.fields.about("name").is_some(), "{error:?}");
    let shown = stage.provider.preview(&owned).await.unwrap();
    assert!(!shown.dry_run.unwrap().accepted);
    assert!(shown.errors.about("name").is_some(), "{:?}", shown.errors);
}

async fn a_run_that_cannot_be(stage: &Stage) {
    let mut owned = stage.owned("nowhere");
    owned.definition.schedule = None;
    owned.definition.location = Some("no-such-place".into());
    let mut watcher = stage.watch();
    stage.provider.apply(&owned, None, None).await.unwrap();
    let name = owned.upstream_name.clone();
    let seen = watcher
        .find("the refused run", |o| match o {
            Observed::Run(r) if r.name == name && r.phase.is_final() => Some((**r).clone()),
            _ => None,
        })
        .await;
    assert_eq!((seen.phase.clone(), seen.raw_phase.as_str()), (Phase::Failed, "FailedValidation"), "{seen:?}");
    assert!(seen.detail.validation_errors.iter().any(|e| e.contains("no-such-place")), "{seen:?}");
    // An absent log is an answer, not a wait for ever.
    let error = stage.provider.log(LogOf::Run, "no-such-backup").await.err().unwrap();
    assert_eq!(error.kind, ErrorKind::NotFound, "{error}");
}
