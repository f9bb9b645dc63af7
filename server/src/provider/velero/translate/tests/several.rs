//! Definitions that are several Schedules.

use super::{super::plan::*, *};
use crate::provider::velero::wire::Schedule as Object;
use model::{definition::Drift, tier::Tier};

const DAY: u64 = 86_400;

fn tier(cron: &str, zone: Option<&str>, days: u64) -> Tier {
    Tier {
        schedule: Schedule { cron: cron.into(), zone: zone.map(str::to_owned) },
        retention: Retention { keep_for: Some(Seconds(days * DAY)), ..Retention::default() },
    }
}

/// Each night, each Sunday, each month.
fn tiered() -> Definition {
    let zone = Some("Europe/Zurich");
    Definition { further: vec![tier("30 3 * * 0", zone, 56), tier("30 4 1 * *", zone, 365)], ..plain() }
}

fn wanted(owned: &Owned) -> Wanted {
    let all = schedules(owned, "velero", Zones::Understood);
    all.iter().enumerate().map(|(at, one)| (at + 1, serde_json::to_value(one).unwrap())).collect()
}

fn specs(definition: &Definition) -> tiers::Specs {
    wanted(&owned(definition.clone())).into_iter().map(|(tier, object)| (tier, object["spec"].clone())).collect()
}

fn object(object: &Value) -> Object {
    serde_json::from_value(object.clone()).unwrap()
}

fn live(wanted: &Wanted) -> Live {
    wanted.iter().map(|(tier, value)| (*tier, object(value))).collect()
}

fn written(owned: &Owned) -> Value {
    let mut written = tiers::write(&specs(&owned.definition));
    written["version"] = json!(owned.version);
    written
}

fn fields(drift: &[Drift]) -> Vec<(&str, bool)> {
    drift.iter().map(|one| (one.field.as_str(), one.not_adoptable.is_none())).collect()
}

#[test]
fn golden_tiers() {
    let all = schedules(&owned(tiered()), "velero", Zones::Understood);
    let text: Vec<String> = all.iter().map(render::yaml).collect();
    golden("schedule-tiers.yaml", &text.join("---\n"));
    let one = schedules(&owned(plain()), "velero", Zones::Understood);
    assert_eq!(render::yaml(&one[0]), text[0], "the first one is as it would be alone");
}

#[test]
fn names_are_told_apart() {
    assert_eq!(tiers::name("shop-0a1b2c", 1), "shop-0a1b2c");
    assert_eq!(tiers::name("shop-0a1b2c", 3), "shop-0a1b2c-t3");
    for (name, first, tier) in [
        ("shop-0a1b2c", "shop-0a1b2c", 1),
        ("shop-0a1b2c-t2", "shop-0a1b2c", 2),
        ("shop-0a1b2c-t12", "shop-0a1b2c", 12),
        ("shop-0a1b2c-t1", "shop-0a1b2c-t1", 1),
        ("shop-0a1b2c-t02", "shop-0a1b2c-t02", 1),
        ("shop-0a1b2c-t", "shop-0a1b2c-t", 1),
        ("shop-t2", "shop-t2", 1),
        ("nightly-of-shop-t2", "nightly-of-shop-t2", 1),
        ("a-t2-0a1b2c", "a-t2-0a1b2c", 1),
        ("", "", 1),
    ] {
        assert_eq!(tiers::split(name), (first, tier), "{name}");
        assert_eq!(tiers::number(first, name), Some(tier), "{name}");
    }
    assert_eq!(tiers::number("shop-0a1b2c", "shop-0a1b2c-t2-copy"), None);
    assert_eq!(tiers::number("shop-0a1b2c", "other"), None);
    let longest = format!("{}-0a1b2c", "a".repeat(model::name::DEFINITION_NAME_MAX));
    assert!(tiers::name(&longest, tiers::MOST).len() <= 63, "a label's value holds it");
}

#[test]
fn one_schedule_is_recorded_as_ever() {
    let one = specs(&plain());
    assert_eq!(tiers::write(&one), json!({"kind": "Schedule", "spec": one[&1]}));
    for set in [one, specs(&tiered()), tiers::Specs::new()] {
        assert_eq!(tiers::read(&tiers::write(&set)), set);
    }
    assert_eq!(tiers::read(&json!({"kind": "Backup", "spec": {}})), tiers::Specs::new());
}

#[test]
fn drift_names_the_tier() {
    let ours = specs(&tiered());
    let mut theirs = ours.clone();
    theirs.get_mut(&2).unwrap()["template"]["ttl"] = json!("48h");
    theirs.get_mut(&3).unwrap()["schedule"] = json!("CRON_TZ=Europe/Zurich 0 5 1 * *");
    let drift = tiers::drift(&ours, &theirs);
    assert_eq!(fields(&drift), [("t2: spec.template.ttl", true), ("t3: spec.schedule", true)]);
    let adopted = tiers::definition(&owned(tiered()), &theirs).unwrap();
    assert_eq!(adopted.further[0].retention.keep_for, Some(Seconds(2 * DAY)));
    assert_eq!(adopted.further[1].schedule.cron, "0 5 1 * *");
    assert_eq!(tiers::drift(&specs(&adopted), &theirs), [], "what was adopted is no drift any more");
}

#[test]
fn a_tier_that_is_gone_or_new_is_told_whole() {
    let ours = specs(&tiered());
    let mut theirs = ours.clone();
    theirs.remove(&2);
    theirs.insert(4, json!({"schedule": "@hourly", "template": theirs[&1]["template"].clone()}));
    let drift = tiers::drift(&ours, &theirs);
    assert_eq!(fields(&drift), [("t2: spec", true), ("t4: spec", false)]);
    assert_eq!(drift[0].ours.as_deref(), Some("CRON_TZ=Europe/Zurich 30 3 * * 0, kept for 1344h0m0s"));
    assert_eq!((drift[0].theirs.as_ref(), drift[1].ours.as_ref()), (None, None));
    assert!(drift[1].not_adoptable.as_ref().unwrap().contains("time zone"), "{drift:?}");
    theirs.remove(&4);
    let adopted = tiers::definition(&owned(tiered()), &theirs).unwrap();
    assert_eq!(
        adopted,
        Definition { further: vec![tiered().further[1].clone()], ..tiered() },
        "the later one moves up"
    );
    theirs.remove(&1);
    let adopted = tiers::definition(&owned(tiered()), &theirs).unwrap();
    assert_eq!(adopted.schedule, Some(tiered().further[1].schedule.clone()));
    assert_eq!(adopted.further, []);
    assert!(tiers::definition(&owned(tiered()), &tiers::Specs::new()).is_err());
}

#[test]
fn what_tiers_do_not_have_in_common_cannot_be_adopted() {
    for (key, value, field, word) in [
        ("paused", json!(true), "paused", "pauses all"),
        ("schedule", json!("CRON_TZ=UTC 1 1 * * *"), "schedule", "time zone"),
        ("schedule", json!("1 1 * * *"), "schedule", "time zone"),
        ("template", json!({"includedNamespaces": ["other"]}), "template.includedNamespaces", "the same"),
        ("template", json!({"storageLocation": "eu"}), "template.storageLocation", "the same"),
    ] {
        let ours = specs(&tiered());
        for tier in [1, 2] {
            let mut theirs = ours.clone();
            merge(theirs.get_mut(&tier).unwrap(), &json!({key: value}));
            let drift = tiers::drift(&ours, &theirs);
            assert_eq!(drift.len(), 1, "{drift:?}");
            assert_eq!(drift[0].field, tiers::path(tier, &format!("spec.{field}")));
            assert!(drift[0].not_adoptable.as_ref().is_some_and(|why| why.contains(word)), "{drift:?}");
            let invalid = tiers::definition(&owned(tiered()), &theirs).unwrap_err();
            assert!(invalid.0.iter().any(|e| e.path == drift[0].field && e.sentence.contains(word)), "{invalid:?}");
        }
    }
    // An interval has no zone that could be another one.
    let mut theirs = specs(&tiered());
    theirs.get_mut(&2).unwrap()["schedule"] = json!("@every 12h");
    let adopted = tiers::definition(&owned(tiered()), &theirs).unwrap();
    assert_eq!(specs(&adopted)[&2]["schedule"], "@every 12h");
    assert_eq!(tiers::drift(&specs(&adopted), &theirs), []);
}

#[test]
fn what_cannot_be_expressed_names_its_field() {
    let zone = Some("Europe/Zurich");
    let counted =
        Tier { retention: Retention { keep_last: Some(4), ..Retention::default() }, ..tier("0 5 * * 0", zone, 1) };
    let every = Schedule { cron: "@every 6h".into(), zone: zone.map(str::to_owned) };
    for (definition, path) in [
        (Definition { schedule: None, ..tiered() }, "cron"),
        (Definition { further: vec![tier("0 5 * * 0", zone, 1), counted], ..plain() }, "further.1.keep_last"),
        (Definition { further: vec![tier("0 5 * * 0", Some("UTC"), 1)], ..plain() }, "further.0.cron"),
        (Definition { schedule: Some(every), ..tiered() }, "zone"),
        (Definition { further: vec![tier("0 5 * * 0", zone, 1); tiers::MOST], ..plain() }, "further"),
    ] {
        let invalid = tiers::express(&definition, "By age alone.");
        assert_eq!(invalid.0.iter().map(|e| e.path.as_str()).collect::<Vec<_>>(), [path]);
        assert!(invalid.0[0].sentence.ends_with('.'));
    }
    for good in [plain(), tiered(), Definition { further: vec![tier("@every 6h", None, 1)], ..plain() }] {
        assert_eq!(tiers::express(&good, "").0, []);
    }
    assert_eq!(tiers::draft_path(1, "cron"), "cron");
    assert_eq!(tiers::draft_path(2, "cron"), "further.0.cron");
    assert_eq!(tiers::draft_path(3, "keep_for"), "further.1.keep_for");
    assert_eq!(tiers::draft_path(3, "scope.namespaces.0"), "scope.namespaces.0");
}

#[test]
fn the_first_one_is_written_last() {
    let mut one = owned(tiered());
    let first = wanted(&one);
    let nothing = plan(&one, None, &first, &Live::new());
    assert_eq!(nothing.steps, [Step::Create(2), Step::Create(3), Step::Create(1)]);
    let base = written(&one);
    assert_eq!(plan(&one, Some(&base), &first, &live(&first)), Plan::default());
    // Another version of the same needs nothing where there is one Schedule, and the version's mark where there are several.
    one.version = 2;
    assert_eq!(plan(&one, Some(&base), &wanted(&one), &live(&first)).steps, [Step::Mark(1)]);
    let mut alone = owned(plain());
    let before = live(&wanted(&alone));
    alone.version = 2;
    assert_eq!(plan(&alone, Some(&written(&owned(plain()))), &wanted(&alone), &before), Plan::default());
    // A change of another one, and one more, and one less.
    one.definition.further[0].retention.keep_for = Some(Seconds(DAY));
    one.definition.further.push(tier("0 0 1 1 *", Some("Europe/Zurich"), 3650));
    let steps = plan(&one, Some(&base), &wanted(&one), &live(&first)).steps;
    assert!(
        matches!(steps.as_slice(), [Step::Change(2, _), Step::Create(4), Step::Mark(1)]),
        "made before anything else: {steps:?}"
    );
    one.definition = Definition { paused: true, ..plain() };
    let steps = plan(&one, Some(&base), &wanted(&one), &live(&first)).steps;
    assert!(matches!(steps.as_slice(), [Step::Delete(2), Step::Delete(3), Step::Change(1, _)]), "{steps:?}");
}

#[test]
fn what_somebody_did_to_a_tier_is_a_dispute() {
    let before = owned(tiered());
    let base = written(&before);
    let mut there = live(&wanted(&before));
    there.get_mut(&2).unwrap().spec["template"]["ttl"] = json!("1h");
    let mut after = Owned { version: 2, ..before.clone() };
    after.definition.paused = true;
    let disputed = |owned: &Owned, base: &Value, live: &Live| plan(owned, Some(base), &wanted(owned), live).disputed;
    assert_eq!(fields(&disputed(&after, &base, &there)), [("t2: spec.template.ttl", true)]);
    // It would be deleted, changed as it is.
    after.definition = plain();
    assert_eq!(fields(&disputed(&after, &base, &there)), [("t2: spec", true)]);
    // Ordered over what was seen.
    let seen = tiers::write(&there.iter().map(|(tier, live)| (*tier, live.spec.clone())).collect());
    assert_eq!(disputed(&after, &seen, &there), []);
    // One more that nobody of us made; an older one that somebody put back.
    let mut more = live(&wanted(&before));
    let mut copy = more[&3].clone();
    copy.metadata.annotations.clear();
    more.insert(4, copy);
    assert_eq!(fields(&disputed(&before, &base, &more)), [("t4: spec", true)]);
    let alone = Owned { version: 2, ..owned(plain()) };
    let back = live(&wanted(&before));
    assert_eq!(fields(&disputed(&alone, &written(&alone), &back)), [("t2: spec", true), ("t3: spec", true)]);
}

/// What a step leaves.
fn take(step: &Step, wanted: &Wanted, live: &mut Live) {
    match step {
        Step::Create(tier) => drop(live.insert(*tier, object(&wanted[tier]))),
        Step::Delete(tier) => drop(live.remove(tier)),
        Step::Change(tier, _) | Step::Mark(tier) => {
            let there = live.get_mut(tier).unwrap();
            if let Step::Change(_, patch) = step {
                merge(&mut there.spec, patch);
            }
            there.metadata.annotations.clone_from(&object(&wanted[tier]).metadata.annotations);
        }
    }
}

fn drawn_tiers(dice: &mut Dice) -> Definition {
    let mut definition = drawn(dice);
    let zone = definition.schedule.as_ref().unwrap().zone.clone();
    definition.further = (0..dice.roll(4))
        .map(|_| {
            let cron = dice.pick(&["0 3 * * 0", "@weekly", "@every 12h", "15 4 1 * *", "0 0 1 1 *"]);
            let mut tier = tier(cron, zone.as_deref(), 1);
            tier.retention.keep_for = dice.pick(&[None, Some(Seconds(DAY)), Some(Seconds(365 * DAY))]);
            tier
        })
        .collect();
    definition
}

#[test]
fn tiers_survive_to_velero_and_back() {
    let mut dice = Dice::new();
    for turn in 0..200 {
        let owned = owned(drawn_tiers(&mut dice));
        let there = specs(&owned.definition);
        let back = tiers::definition(&owned, &there).unwrap_or_else(|e| panic!("turn {turn}: {e:?} of {there:?}"));
        assert_eq!(sorted(back), sorted(owned.definition.clone()), "turn {turn}");
        assert_eq!(tiers::drift(&there, &there), [], "turn {turn}");
        assert_eq!(tiers::express(&owned.definition, "").0, [], "turn {turn}");
    }
}

/// Stopped after any number of steps, an apply goes on from there; so does that of the next version.
#[test]
fn each_plan_leads_there_however_often_it_is_stopped() {
    let mut dice = Dice::new();
    for turn in 0..30 {
        let before = owned(drawn_tiers(&mut dice));
        let after = Owned { version: 2, ..owned(drawn_tiers(&mut dice)) };
        let next = Owned { version: 3, ..owned(drawn_tiers(&mut dice)) };
        let (base, goal) = (written(&before), wanted(&after));
        let whole = plan(&after, Some(&base), &goal, &live(&wanted(&before)));
        assert_eq!(whole.disputed, [], "turn {turn}");
        for stop in 0..=whole.steps.len() {
            let mut stopped = live(&wanted(&before));
            whole.steps[..stop].iter().for_each(|step| take(step, &goal, &mut stopped));
            for owned in [&after, &next] {
                let (mut now, goal) = (stopped.clone(), wanted(owned));
                let rest = plan(owned, Some(&base), &goal, &now);
                assert_eq!(rest.disputed, [], "turn {turn}, stopped after {stop} of {:?}", whole.steps);
                rest.steps.iter().for_each(|step| take(step, &goal, &mut now));
                assert_eq!(plan(owned, Some(&base), &goal, &now), Plan::default(), "turn {turn}, {stop}");
                let left = now.iter().map(|(tier, live)| (*tier, live.spec.clone())).collect();
                assert_eq!(tiers::drift(&specs(&owned.definition), &left), [], "turn {turn}, {stop}");
            }
        }
    }
}
