//! PUT replaces everything, etags go stale, policies are shared, refusals are about a field.

use crate::stage::{DAY, Stage, next, once};
use model::{
    definition::{Retention, Schedule},
    duration::Seconds,
    named::Named,
    tier::Tier,
};
use serde_json::json;
use server::provider::ErrorKind;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_put_keeps_what_holdfast_does_not_manage() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.copied("shop");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let name = &owned.upstream_name;
    let theirs = json!({"source": {"csi_snapshot_timeout": 600}, "tags": {"team": "shop"}});
    stage.command("edit", json!({"collection": "kubebackups", "id": name, "set": theirs}));
    let theirs = json!({"options": {"pvc_parallelism": 4}, "skip_live_copy": true});
    stage.command("edit", json!({"collection": "kubeoffloads", "id": name, "set": theirs}));
    let edited = next(&owned, |d| {
        d.scope.namespaces = vec!["web".into()];
        d.location = Some("archive-zrh".into());
    });
    stage.provider.apply(&edited, Some(&first), None).await.unwrap();
    let (backup, copy) = (stage.named("kubebackups", name).unwrap(), stage.named("kubeoffloads", name).unwrap());
    assert_eq!((&backup["source"]["csi_snapshot_timeout"], &backup["tags"]["team"]), (&json!(600), &json!("shop")));
    assert_eq!(backup["source"]["namespaces"], json!(["web"]));
    assert_eq!((&copy["options"]["pvc_parallelism"], &copy["skip_live_copy"]), (&json!(4), &json!(true)));
    assert_eq!(copy["offload_provider"]["user_objectstore"], stage.id("objectstores", "archive-zrh").as_str());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stale_etag_is_read_again_once() {
    for code in [412, 428] {
        let stage = Stage::open(json!({})).await;
        let owned = stage.owned("shop");
        let first = stage.provider.apply(&owned, None, None).await.unwrap();
        let edited = next(&owned, |d| d.scope.namespaces = vec!["web".into()]);
        stage.fault(once("PUT", "/kubebackups", json!({"kind": "status", "code": code})));
        stage.provider.apply(&edited, Some(&first), None).await.unwrap();
        // Twice is not "once": the reconciler tries again later.
        let again = next(&edited, |d| d.scope.namespaces = vec!["orders".into()]);
        let fault =
            json!([{"method": "PUT", "path": "/kubebackups", "times": 2, "effect": {"kind": "status", "code": code}}]);
        stage.fault(fault);
        let error = stage.provider.apply(&again, Some(&first), None).await.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Conflict, "{error}");
        stage.fault(once("DELETE", "/kubebackups", json!({"kind": "status", "code": code})));
        stage.heal();
        stage.provider.remove(&owned, None).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pausing_alone_is_a_patch() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.copied("shop");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    stage.forget();
    stage.provider.apply(&next(&owned, |d| d.paused = true), Some(&first), None).await.unwrap();
    // Whether a paused definition holds its copy's schedule is not documented: both are paused.
    assert_eq!(stage.writes(), ["PATCH /kubeoffloads", "PATCH /kubebackups"]);
    for collection in ["kubebackups", "kubeoffloads"] {
        assert_eq!(stage.named(collection, &owned.upstream_name).unwrap()["pause"], true, "{collection}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_own_policy_goes_when_nobody_else_follows_it() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.owned("shop");
    let name = owned.upstream_name.clone();
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    // Shared policies are offered, the definition's own is not.
    let offered = stage.provider.inventory().await.unwrap().policies;
    assert!(offered.iter().any(|p| p.name == "gold-daily") && !offered.iter().any(|p| p.name == name), "{offered:?}");
    let gold = stage.id("policies", "gold-daily");
    let follows = next(&owned, |d| {
        d.schedule = None;
        d.retention = Retention::default();
        d.policy = Some(Named::new(gold.clone(), "gold-daily"));
    });
    let second = stage.provider.apply(&follows, Some(&first), None).await.unwrap();
    assert_eq!(stage.named("kubebackups", &name).unwrap()["policy"], gold.as_str());
    assert_eq!(stage.named("policies", &name), None);
    let used = stage.provider.inventory().await.unwrap().policies;
    assert_eq!(used.iter().find(|p| p.id == gold).unwrap().used_by, 1);
    // And back; meanwhile somebody lets another definition follow it.
    let own = next(&follows, |d| *d = owned.definition.clone());
    stage.provider.apply(&own, Some(&second), None).await.unwrap();
    let cluster = stage.id("kubeclusters", "staging");
    let other = json!({"name": "theirs", "cluster": cluster, "policy": stage.id("policies", &name), "source": {"all_namespaces": true}});
    stage.command("put", json!({"collection": "kubebackups", "document": other}));
    stage.provider.remove(&own, None).await.unwrap();
    assert_eq!(stage.named("kubebackups", &name), None);
    assert!(stage.named("policies", &name).is_some(), "others follow it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn several_schedules_are_one_policy() {
    let stage = Stage::open(json!({})).await;
    let mut owned = stage.owned("shop");
    let zone = Some("Europe/Zurich".to_owned());
    owned.definition.retention.keep_at_least = Some(2);
    owned.definition.further = vec![Tier {
        schedule: Schedule { cron: "0 3 * * 0".into(), zone },
        retention: Retention { keep_for: Some(Seconds(90 * DAY)), ..Retention::default() },
    }];
    stage.provider.apply(&owned, None, None).await.unwrap();
    let policy = stage.named("policies", &owned.upstream_name).unwrap();
    assert_eq!((&policy["timezone"], policy["schedules"].as_array().unwrap().len()), (&json!("Europe/Zurich"), 2));
    assert_eq!(
        (&policy["schedules"][0]["retainDays"], &policy["schedules"][0]["numAlwaysRetain"]),
        (&json!(14), &json!(2))
    );
    assert_eq!(
        (&policy["schedules"][1]["retainDays"], &policy["schedules"][1]["schedule"]["dayOfWeek"]),
        (&json!(90), &json!("SUN"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_about_a_field() {
    let stage = Stage::open(json!({"free_plan": true})).await;
    let mut owned = stage.owned("shop");
    owned.definition.schedule = Some(Schedule { cron: "0 * * * *".into(), zone: None });
    let error = stage.provider.apply(&owned, None, None).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Refused, "{error}");
    assert!(error.fields.about("cron").unwrap().contains("more frequent than daily"), "{error:?}");
    let moved = |cluster: &str| Some(Named::new(stage.id("kubeclusters", cluster), cluster));
    let owned = stage.owned("fixed");
    let first = stage.provider.apply(&owned, None, None).await.unwrap();
    let error = stage
        .provider
        .apply(&next(&owned, |d| d.scope.subject = moved("staging")), Some(&first), None)
        .await
        .unwrap_err();
    assert!(error.kind == ErrorKind::Refused && error.fields.about("scope.subject").is_some(), "{error:?}");
    let mut nowhere = stage.copied("nowhere");
    nowhere.definition.location = Some("no-such-store".into());
    let error = stage.provider.apply(&nowhere, None, None).await.unwrap_err();
    assert!(error.fields.about("location").is_some(), "{error:?}");
    let mut unready = stage.copied("unready");
    unready.definition.scope.subject = moved("dr-ams");
    unready.definition.location = Some("old-nas".into());
    let shown = stage.provider.preview(&unready).await.unwrap();
    assert!(shown.errors.about("scope.subject").is_some() && shown.errors.about("location").is_some(), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_preview_shows_each_request_with_placeholders() {
    let stage = Stage::open(json!({})).await;
    let owned = stage.copied("shop");
    let shown = stage.provider.preview(&owned).await.unwrap();
    let requests: Vec<&str> = shown.requests.iter().map(|r| r.curl.split_whitespace().nth(3).unwrap()).collect();
    assert_eq!(requests, ["POST", "POST", "POST", "PUT"]);
    let all = format!("{:?}", shown.requests);
    assert!(all.contains("$API_KEY") && all.contains("$ETAG") && all.contains("<id of policy "), "{all}");
    assert!(!all.contains(&stage.draft.credential) && !all.contains("@kube") && !all.contains("@policy"), "{all}");
}
