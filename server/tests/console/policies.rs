//! The library of policies: what follows one, and how a change of it arrives upstream.

use crate::bed::{Bed, admin, draft, eventually, operator, viewer};
use app::{
    backend::{Caller, Definitions, Policies},
    error::ErrorKind,
};
use model::{
    ConnectionId, DefinitionId, PolicyId,
    definition::Standing,
    draft::DefinitionDraft,
    policy::{PolicyDraft, PolicyTierDraft},
    view::{DefinitionFilter, Outcome, PolicyView, Resume, Rollout},
};
use server::{
    console::{Console, Parts},
    events::Events,
    store::HealthRecord,
};
use std::time::Duration;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

fn nightly(name: &str) -> PolicyDraft {
    PolicyDraft {
        name: name.into(),
        zone: "Europe/Zurich".into(),
        rpo: "26".into(),
        rpo_unit: model::duration::Unit::Hours,
        tiers: vec![tier("30 2 * * *", "14")],
    }
}

fn tier(cron: &str, days: &str) -> PolicyTierDraft {
    PolicyTierDraft { cron: cron.into(), keep_for: days.into(), ..PolicyTierDraft::default() }
}

/// Follows the policy; what stands in its own fields is another rhythm, which does not count.
fn following(connection: &ConnectionId, name: &str, policy: &PolicyId) -> DefinitionDraft {
    DefinitionDraft {
        follows: policy.0.clone(),
        cron: "0 0 1 1 *".into(),
        keep_for: "365".into(),
        ..draft(connection, name)
    }
}

async fn made(bed: &Bed, draft: PolicyDraft) -> PolicyId {
    bed.console.create_policy(&operator(), draft).await.unwrap()
}

async fn follower(bed: &Bed, connection: &ConnectionId, name: &str, policy: &PolicyId) -> DefinitionId {
    bed.console.create_definition(&operator(), following(connection, name, policy)).await.unwrap()
}

async fn change(bed: &Bed, id: &PolicyId, version: i64, draft: PolicyDraft) {
    bed.console.change_policy(&operator(), id.clone(), version, draft).await.unwrap();
}

async fn view(bed: &Bed, id: &PolicyId) -> PolicyView {
    bed.console.policy(&viewer(), id.clone()).await.unwrap()
}

/// Passes of the reconciler, until one does nothing.
async fn settle(bed: &Bed) {
    while bed.step().await != server::reconcile::Done::default() {}
}

fn crons(bed: &Bed, scenario: &str) -> Vec<String> {
    let text = |schedule: &serde_json::Value| schedule["spec"]["schedule"].as_str().unwrap().to_owned();
    bed.objects(scenario, "schedules").iter().map(text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_has_what_its_policy_says_and_says_so() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    let id = follower(&bed, &shop, "web-nightly", &gold).await;
    settle(&bed).await;
    assert_eq!(crons(&bed, "shop"), ["CRON_TZ=Europe/Zurich 30 2 * * *"]);
    assert_eq!(bed.objects("shop", "schedules")[0]["spec"]["template"]["ttl"], "336h0m0s");
    let follows = bed.detail(&id).await.row.follows.unwrap();
    assert_eq!((&follows.policy, follows.name.as_str(), follows.version), (&gold, "Gold", 1));
    let listed = bed.console.definitions(&viewer(), DefinitionFilter::default()).await.unwrap().page.rows.remove(0);
    assert_eq!(listed.follows, Some(follows));
    let start = bed.console.start_wizard(&operator(), Some(id.clone()), None).await.unwrap();
    assert_eq!(start.draft.follows, gold.0, "the wizard begins where it stands");

    let shown = view(&bed, &gold).await;
    assert_eq!((shown.row.used_by, shown.used_by.len()), (1, 1));
    assert_eq!(shown.row.rollout, Rollout { all: 1, applied: 1, waiting: 0, failed: 0 });
    assert_eq!((shown.changed_by.as_str(), shown.draft.clone()), ("olga", nightly("Gold")));
    let [effect] = shown.effects.as_slice() else { panic!("{:?}", shown.effects) };
    let Outcome::Gets { tiers, .. } = &effect.outcome else { panic!("{effect:?}") };
    assert!(tiers[0].contains("02:30") && tiers[0].contains("14 days"), "{tiers:?}");

    // A pause is nobody's rhythm; an own rhythm is.
    bed.console.pause_definition(&operator(), id.clone()).await.unwrap();
    bed.console.resume_definition(&operator(), id.clone(), Resume::WaitForNext).await.unwrap();
    let detail = bed.detail(&id).await;
    assert!(detail.row.follows.is_some());
    let own = DefinitionDraft { follows: String::new(), ..start.draft };
    bed.console.change_definition(&operator(), id.clone(), detail.row.version, own).await.unwrap();
    let detail = bed.detail(&id).await;
    assert_eq!(detail.row.follows, None);
    assert!(detail.timeline[0].sentence.contains("follows no policy"), "{:?}", detail.timeline[0]);
    assert_eq!(detail.definition.schedule.unwrap().cron, "30 2 * * *", "it keeps what it had");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_review_shows_what_the_policy_makes_of_it() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    let asked = following(&shop, "web-nightly", &gold);
    let preview = bed.console.preview_definition(&operator(), None, asked).await.unwrap();
    assert_eq!(preview.errors, []);
    assert!(preview.requests[0].yaml.contains("30 2 * * *"), "{}", preview.requests[0].yaml);
    assert!(preview.sentences.iter().any(|s| s.contains("policy Gold")), "{:?}", preview.sentences);
    let unknown = following(&shop, "web-nightly", &"nothing".into());
    let preview = bed.console.preview_definition(&operator(), None, unknown.clone()).await.unwrap();
    assert_eq!(preview.errors[0].path, "follows");
    let refused = bed.console.create_definition(&operator(), unknown).await.unwrap_err();
    assert_eq!((refused.kind, refused.fields[0].code.as_str()), (ErrorKind::Invalid, "unknown"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_system_that_cannot_keeps_its_version_with_the_reason_until_it_can() {
    let bed = Bed::new().await;
    bed.world.seed("old", serde_json::from_value(serde_json::json!({"velero_version": "v1.14.1"})).unwrap());
    let (new, old) = (bed.connect("new").await, bed.connect("old").await);
    let unzoned = PolicyDraft { zone: String::new(), ..nightly("Gold") };
    let gold = made(&bed, unzoned.clone()).await;
    let on_new = follower(&bed, &new, "on-new", &gold).await;
    let on_old = follower(&bed, &old, "on-old", &gold).await;
    settle(&bed).await;

    let zoned = nightly("Gold");
    let impact = bed.console.policy_impact(&operator(), Some(gold.clone()), zoned.clone()).await.unwrap();
    assert_eq!((impact.errors, impact.takes), (vec![], 1));
    let [(who, name, why)] = impact.refuses.as_slice() else { panic!("{:?}", impact.refuses) };
    assert_eq!((who, name.as_str()), (&on_old, "on-old"));
    assert!(why[0].contains("1.14.1"), "{why:?}");
    let titles: Vec<&str> = impact.effects.iter().map(|effect| effect.title.as_str()).collect();
    assert_eq!(titles, ["Velero: new", "Velero: old"], "where one sort differs, it is named");

    change(&bed, &gold, 1, zoned).await;
    let done = bed.step().await;
    assert_eq!((done.followed, done.refused, done.applied), (1, 1, 1));
    assert_eq!(crons(&bed, "new"), ["CRON_TZ=Europe/Zurich 30 2 * * *"]);
    assert_eq!(crons(&bed, "old"), ["30 2 * * *"], "as it was");
    let detail = bed.detail(&on_old).await;
    let follows = detail.row.follows.unwrap();
    assert_eq!((follows.version, &follows.refused), (1, why));
    assert_eq!(detail.row.standing, Standing::Applied, "its old version is in force");
    assert!(detail.timeline[0].sentence.starts_with("Policy Gold, version 2, cannot be taken over: "));
    let taken = bed.detail(&on_new).await;
    assert_eq!((taken.row.version, taken.row.follows.unwrap().version), (2, 2));
    let lines: Vec<&str> = taken.timeline.iter().map(|line| line.sentence.as_str()).collect();
    assert!(lines.contains(&"Policy Gold, version 2, taken over."), "{lines:?}");
    let shown = view(&bed, &gold).await;
    assert_eq!(shown.row.rollout, Rollout { all: 2, applied: 1, waiting: 0, failed: 1 });
    assert_eq!(
        (shown.used_by[0].name.as_str(), &shown.used_by[0].refused),
        ("on-old", why),
        "first what needs somebody"
    );
    assert_eq!(bed.step().await, server::reconcile::Done::default(), "it is not asked again and again");

    // What is not of the policy can still be edited; the version that it holds stays.
    let start = bed.console.start_wizard(&operator(), Some(on_old.clone()), None).await.unwrap();
    let (_, version) = start.editing.unwrap();
    let mut edited = start.draft;
    edited.scope.namespaces = vec!["web".into(), "db".into()];
    bed.console.change_definition(&operator(), on_old.clone(), version, edited).await.unwrap();
    let detail = bed.detail(&on_old).await;
    assert_eq!((detail.row.follows.unwrap().version, detail.definition.scope.namespaces.len()), (1, 2));
    // A new one has no older version to stay with.
    let refused = bed.console.create_definition(&operator(), following(&old, "late", &gold)).await.unwrap_err();
    assert_eq!((refused.kind, refused.fields[0].path.as_str()), (ErrorKind::Invalid, "follows"));

    // The observer hears of an upgrade.
    let heard = HealthRecord {
        health: model::connection::Health::Answers,
        upstream_version: Some("v1.18.3".into()),
        platform: None,
        latency_ms: None,
        last_seen: None,
    };
    bed.console.store().record_health(&old, &heard).await.unwrap();
    settle(&bed).await;
    assert_eq!(crons(&bed, "old"), ["CRON_TZ=Europe/Zurich 30 2 * * *"]);
    assert_eq!(view(&bed, &gold).await.row.rollout, Rollout { all: 2, applied: 2, waiting: 0, failed: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_changed_upstream_is_not_written_over() {
    let bed = Bed::observed().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    let (id, other) = (follower(&bed, &shop, "a", &gold).await, follower(&bed, &shop, "b", &gold).await);
    settle(&bed).await;
    let name = bed.detail(&id).await.upstream_name;
    bed.edit("shop", "schedules", &name, |object| object["spec"]["template"]["ttl"] = "24h0m0s".into());
    eventually("drift", async || matches!(bed.detail(&id).await.row.standing, Standing::Drifted { .. }).then_some(()))
        .await;
    let changed = PolicyDraft { tiers: vec![tier("0 1 * * *", "14")], ..nightly("Gold") };
    let impact = bed.console.policy_impact(&operator(), Some(gold.clone()), changed.clone()).await.unwrap();
    assert_eq!((impact.takes, impact.waits, impact.refuses), (1, 1, vec![]));
    change(&bed, &gold, 1, changed).await;
    settle(&bed).await;
    assert_eq!(bed.detail(&other).await.row.follows.unwrap().version, 2);
    let waiting = bed.detail(&id).await;
    let follows = waiting.row.follows.unwrap();
    assert_eq!((waiting.row.version, follows.version), (1, 1), "a person decides first");
    assert!(follows.refused[0].contains("changed it upstream"), "{:?}", follows.refused);
    assert_eq!(view(&bed, &gold).await.row.rollout, Rollout { all: 2, applied: 1, waiting: 1, failed: 0 });

    // Adopted: the age is its own from now on, so it follows nothing any more.
    bed.console.adopt_definition(&operator(), id.clone()).await.unwrap();
    settle(&bed).await;
    let detail = bed.detail(&id).await;
    assert_eq!(detail.row.follows, None);
    let adopted = detail.timeline.iter().find(|line| line.kind == "adopted").unwrap();
    assert!(adopted.sentence.contains("follows no policy"), "{adopted:?}");
    assert_eq!(view(&bed, &gold).await.row.rollout, Rollout { all: 1, applied: 1, waiting: 0, failed: 0 });
}

#[tokio::test(flavor = "multi_thread")]
async fn another_name_or_rpo_is_no_news_of_a_definition() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    let id = follower(&bed, &shop, "a", &gold).await;
    settle(&bed).await;
    let before = bed.detail(&id).await;
    change(&bed, &gold, 1, PolicyDraft { rpo: "30".into(), ..nightly("Aurum") }).await;
    settle(&bed).await;
    let after = bed.detail(&id).await;
    assert_eq!((after.row.version, after.row.follows.unwrap().version), (1, 2));
    assert_eq!(after.timeline, before.timeline);
}

/// A record that nobody can read stays where it is, visibly, and the others go on.
#[tokio::test(flavor = "multi_thread")]
async fn an_unreadable_follower_holds_nobody_up() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    let (torn, whole) = (follower(&bed, &shop, "a", &gold).await, follower(&bed, &shop, "b", &gold).await);
    settle(&bed).await;
    bed.console.store().raw("UPDATE definitions SET body = '{' WHERE name = 'a'").await.unwrap();
    let changed = PolicyDraft { tiers: vec![tier("0 1 * * *", "14")], ..nightly("Gold") };
    let impact = bed.console.policy_impact(&operator(), Some(gold.clone()), changed.clone()).await.unwrap();
    assert_eq!((impact.takes, impact.refuses.len()), (1, 1));
    change(&bed, &gold, 1, changed).await;
    settle(&bed).await;
    assert_eq!(bed.detail(&whole).await.row.follows.unwrap().version, 2);
    let shown = view(&bed, &gold).await;
    assert_eq!(shown.row.rollout, Rollout { all: 2, applied: 1, waiting: 1, failed: 0 });
    let stays = shown.used_by.iter().find(|one| one.definition == torn).unwrap();
    assert!(stays.refused[0].contains("can't be read"), "{stays:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picker_offers_what_fits_first_and_of_that_what_was_used_last() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let by_number = PolicyTierDraft { cron: "0 4 * * *".into(), keep_last: "7".into(), ..PolicyTierDraft::default() };
    made(&bed, PolicyDraft { tiers: vec![by_number], ..nightly("A number") }).await;
    made(&bed, nightly("Bronze")).await;
    let gold = made(&bed, nightly("Gold")).await;
    let offers = async || bed.console.policy_offers(&viewer(), shop.clone()).await.unwrap();
    let names = |offers: &[model::view::PolicyOffer]| -> Vec<String> {
        offers.iter().map(|offer| offer.policy.name.clone()).collect()
    };
    assert_eq!(names(&offers().await), ["Bronze", "Gold", "A number"]);
    follower(&bed, &shop, "web-nightly", &gold).await;
    let offered = offers().await;
    assert_eq!(names(&offered), ["Gold", "Bronze", "A number"]);
    assert_eq!(offered[0].used_by, 1);
    let Outcome::Cannot(why) = &offered[2].outcome else { panic!("{:?}", offered[2]) };
    assert!(why[0].contains("by age alone"), "the system's own sentence: {why:?}");
    let gone = bed.console.policy_offers(&viewer(), "nothing".into()).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn saving_is_refused_with_reasons_and_deleting_while_it_is_used() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    let silver = made(&bed, nightly("Silver")).await;
    let id = follower(&bed, &shop, "web-nightly", &gold).await;
    let console = &bed.console;

    let taken = console.create_policy(&operator(), nightly("Gold")).await.unwrap_err();
    assert_eq!((taken.kind, taken.fields[0].path.as_str()), (ErrorKind::Invalid, "name"));
    let renamed = console.change_policy(&operator(), silver.clone(), 1, nightly("Gold")).await.unwrap_err();
    assert_eq!(renamed.fields[0].path, "name");
    let impact = console.policy_impact(&operator(), Some(silver.clone()), nightly("Gold")).await.unwrap();
    assert_eq!(impact.errors[0].path, "name", "told before it is saved");
    let moon = PolicyDraft { zone: "Moon/Sea".into(), ..nightly("Moon") };
    let refused = console.create_policy(&operator(), moon.clone()).await.unwrap_err();
    assert_eq!(refused.fields[0].path, "zone");
    assert_eq!(console.policy_impact(&operator(), None, moon).await.unwrap().errors[0].path, "zone");

    change(&bed, &gold, 1, nightly("Gold")).await;
    assert_eq!(view(&bed, &gold).await.row.version, 1, "what is as it was is no version");
    change(&bed, &gold, 1, PolicyDraft { rpo: "12".into(), ..nightly("Gold") }).await;
    let stale = console.change_policy(&admin(), gold.clone(), 1, nightly("Gold")).await.unwrap_err();
    assert_eq!(stale.kind, ErrorKind::Conflict);
    assert!(stale.message.contains("olga") && stale.message.contains("version 2"), "{}", stale.message);
    bed.step().await;
    let detail = bed.detail(&id).await;
    assert_eq!((detail.row.version, detail.row.follows.unwrap().version), (1, 2), "nothing in it is to be applied");

    let used = console.delete_policy(&operator(), gold.clone()).await.unwrap_err();
    assert_eq!(used.kind, ErrorKind::Conflict);
    assert!(used.message.contains("web-nightly"), "{}", used.message);
    console.delete_policy(&operator(), silver.clone()).await.unwrap();
    let gone = console.delete_policy(&operator(), silver.clone()).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);
    let gone = console.change_policy(&operator(), silver, 1, nightly("Silver")).await.unwrap_err();
    assert_eq!(gone.kind, ErrorKind::NotFound);

    for refused in [
        console.create_policy(&viewer(), nightly("x")).await.map(|_| ()),
        console.change_policy(&viewer(), gold.clone(), 2, nightly("x")).await,
        console.delete_policy(&viewer(), gold.clone()).await,
    ] {
        assert_eq!(refused.unwrap_err().kind, ErrorKind::Forbidden);
    }
    let nobody = Caller::default();
    assert_eq!(console.policies(&nobody).await.unwrap_err().kind, ErrorKind::SignedOut);
    assert_eq!(console.policy(&nobody, gold.clone()).await.unwrap_err().kind, ErrorKind::SignedOut);
    let audit = bed.console.store().audit(None, 50).await.unwrap();
    let done: Vec<&str> =
        audit.iter().map(|entry| entry.row.action.as_str()).filter(|a| a.starts_with("policy.")).collect();
    assert_eq!(done, ["policy.delete", "policy.change", "policy.create", "policy.create"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_policies_ask_no_upstream() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    follower(&bed, &shop, "web-nightly", &gold).await;
    settle(&bed).await;
    bed.world.reset_calls("shop");
    let list = bed.console.policies(&viewer()).await.unwrap();
    assert_eq!((list.rows.len(), list.rows[0].used_by), (1, 1));
    view(&bed, &gold).await;
    bed.console.policy_offers(&viewer(), shop).await.unwrap();
    bed.console.policy_impact(&viewer(), Some(gold), nightly("Gold")).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(bed.world.calls("shop")["total"], 0);
}

/// The bar: a policy that 200 definitions follow reaches all of them within a minute.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_definitions_take_a_changed_policy_over_within_a_minute() {
    const ALL: u64 = 200;
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    for n in 0..ALL {
        follower(&bed, &shop, &format!("shop-{n}"), &gold).await;
    }
    let stop = CancellationToken::new();
    let running = tokio::spawn(server::reconcile::run(bed.console.clone(), stop.clone()));
    let all_at = async |version: i64| {
        let row = bed.console.store().policy_row(&gold).await.unwrap();
        row.record.version == version && row.rollout.applied == ALL
    };
    let until = async |version| {
        for _ in 0..1_200 {
            if all_at(version).await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            // What failed on a busy machine is tried again after its wait.
            bed.clock.advance(100);
        }
        panic!("version {version} never arrived: {:?}", bed.console.store().policy_row(&gold).await.unwrap().rollout);
    };
    until(1).await;
    let began = Instant::now();
    change(&bed, &gold, 1, PolicyDraft { tiers: vec![tier("15 4 * * *", "21")], ..nightly("Gold") }).await;
    until(2).await;
    let took = began.elapsed();
    stop.cancel();
    running.await.unwrap();
    println!("{ALL} definitions took the policy over in {took:.1?}");
    assert!(took < Duration::from_secs(60), "{took:?}");
    let schedules = bed.objects("shop", "schedules");
    assert_eq!(schedules.len(), 200);
    for schedule in schedules {
        assert_eq!(schedule["spec"]["schedule"], "CRON_TZ=Europe/Zurich 15 4 * * *");
        assert_eq!(schedule["spec"]["template"]["ttl"], "504h0m0s");
    }
}

/// Another node's change wakes nobody here.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_saved_is_found_at_the_next_beat() {
    let bed = Bed::new().await;
    let shop = bed.connect("shop").await;
    let gold = made(&bed, nightly("Gold")).await;
    let id = follower(&bed, &shop, "a", &gold).await;
    settle(&bed).await;
    let at = async || bed.detail(&id).await.row.follows.unwrap().version;
    let to = |hour: u8| PolicyDraft { tiers: vec![tier(&format!("0 {hour} * * *"), "14")], ..nightly("Gold") };
    let stop = CancellationToken::new();
    let running = tokio::spawn(server::reconcile::run(bed.console.clone(), stop.clone()));
    change(&bed, &gold, 1, to(1)).await;
    eventually("our own", async || (at().await == 2).then_some(())).await;

    let here = &bed.console;
    let other = Console::new(Parts {
        store: here.store().clone(),
        registry: here.registry().clone(),
        sealer: here.sealer().clone(),
        clock: bed.clock.clone(),
        events: Events::new(),
        node: "other".into(),
    });
    other.change_policy(&operator(), gold.clone(), 2, to(3)).await.unwrap();
    eventually("the other's", async || (at().await == 3).then_some(())).await;
    stop.cancel();
    running.await.unwrap();
}
