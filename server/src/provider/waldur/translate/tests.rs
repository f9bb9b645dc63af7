#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
use super::*;
use crate::provider::trying::{self, Dice, owned};
use crate::provider::{Applied, DeclaredSeen, Settings, waldur::wire};
use model::{
    ConnectionId,
    definition::{Definition, Retention, Schedule, Volumes},
    duration::Seconds,
    named::Named,
    scope::Scope,
};
use terms::Record;

const INSTANCE: &str = "430abd492a384f9bbce5f6b999ac766c";
const WITH_SCHEDULES: [Generation; 3] = [Generation::G2, Generation::G3, Generation::G4];

fn plain() -> Definition {
    Definition {
        name: "shop-nightly".into(),
        connection: ConnectionId::from("c"),
        scope: Scope { subject: Some(Named::new(INSTANCE, "shop-db-1")), ..Scope::default() },
        location: None,
        volumes: Volumes::Snapshot,
        retention: Retention { keep_for: Some(Seconds(14 * DAY)), keep_last: Some(30), ..Retention::default() },
        schedule: Some(Schedule { cron: "30 2 * * *".into(), zone: Some("Europe/Zurich".into()) }),
        further: Vec::new(),
        policy: None,
        paused: false,
    }
}

fn reference(generation: Generation) -> String {
    let path = generation.item(crate::provider::waldur::generation::Resource::Instances, INSTANCE);
    format!("https://waldur.example{path}")
}

fn golden(name: &str, text: &str) {
    trying::golden("waldur", name, text);
}

#[test]
fn golden_schedules_and_backups() {
    let owned = owned(plain());
    for generation in WITH_SCHEDULES {
        let terms = terms(&owned, generation).unwrap();
        let body = schedule(&owned, &terms, generation, &reference(generation));
        golden(&format!("schedule-{}.yaml", generation.word()), &render::yaml(Some(&body)));
    }
    let forever = Definition {
        retention: Retention::default(),
        schedule: Some(Schedule { cron: "0 3 * * MON".into(), zone: Some("UTC".into()) }),
        paused: true,
        ..plain()
    };
    let forever = self::owned(forever);
    let terms = terms(&forever, Generation::G4).unwrap();
    let body = schedule(&forever, &terms, Generation::G4, &reference(Generation::G4));
    golden("schedule-forever-paused-G4.yaml", &render::yaml(Some(&body)));
    for generation in [Generation::G2, Generation::G5] {
        let asked = Millis(1_793_259_699_000);
        let body = backup(&owned, "shop-nightly-7b1a9c-1", "ada", generation, &reference(generation), asked);
        golden(&format!("backup-{}.yaml", generation.word()), &render::yaml(Some(&body)));
    }
}

#[test]
fn golden_restores_and_command() {
    let named = |list: &str, n: u32| {
        Named::new(format!("https://waldur.example/api/openstack-{list}/{n}/"), format!("{list} {n}"))
    };
    let order = RestoreOrder {
        networks: vec![named("subnets", 1), named("subnets", 2)],
        floating_ips: vec![named("floating-ips", 3)],
        security_groups: vec![named("security-groups", 4)],
        ..RestoreOrder::default()
    };
    let flavor = "https://waldur.example/api/openstack-flavors/5/";
    for (generation, order) in
        [(Generation::G2, &RestoreOrder::default()), (Generation::G3, &order), (Generation::G4, &order)]
    {
        let body = restore(order, generation, "shop-db-1-copy", flavor).unwrap();
        golden(&format!("restore-{}.yaml", generation.word()), &render::yaml(Some(&body)));
    }
    let refused = restore(&order, Generation::G2, "x", flavor).unwrap_err();
    let fields: Vec<&str> = refused.0.iter().map(|e| e.path.as_str()).collect();
    assert_eq!(fields, ["networks", "floating_ips", "security_groups"]);
    let unconnected = RestoreOrder { networks: Vec::new(), ..order };
    assert!(restore(&unconnected, Generation::G4, "x", flavor).unwrap_err().about("floating_ips").is_some());
    let settings = Settings { address: "https://waldur.example/o'ne".into(), ca: "PEM".into(), ..Settings::default() };
    let shop = owned(plain());
    let body = schedule(&shop, &terms(&shop, Generation::G4).unwrap(), Generation::G4, "");
    let path = "/api/openstack-instances/430abd492a384f9bbce5f6b999ac766c/create_backup_schedule/";
    let mut text = render::curl(&settings, "POST", path, Some(&body));
    text.push_str(&render::curl(&settings, "DELETE", "/api/openstack-backup-schedules/1/", None));
    golden("curl.txt", &text);
}

/// The schedule as Waldur would show it.
fn live(owned: &Owned, generation: Generation) -> wire::Schedule {
    let terms = terms(owned, generation).unwrap();
    let mut shown = schedule(owned, &terms, generation, &reference(generation));
    shown["uuid"] = "075c3525-b9af-42e0-8f54-c3ccf87e998a".into();
    shown["instance"] = reference(generation).into();
    shown["instance_name"] = "shop-db-1".into();
    shown["is_active"] = json!(!owned.definition.paused);
    serde_json::from_value(shown).unwrap()
}

fn seen(live: &wire::Schedule, generation: Generation) -> DeclaredSeen {
    terms::declared(live, generation).unwrap()
}

fn applied(owned: &Owned, generation: Generation) -> Applied {
    let written = Record {
        uuid: "075c3525b9af42e08f54c3ccf87e998a".into(),
        version: owned.version,
        terms: terms(owned, generation).unwrap(),
        instance_name: String::new(),
    };
    Applied { written: written.write(), ..Applied::default() }
}

#[test]
fn edits_are_drift_field_by_field() {
    for generation in WITH_SCHEDULES {
        let owned = owned(plain());
        let applied = applied(&owned, generation);
        let mut live = live(&owned, generation);
        assert_eq!(back::drift(&applied, &seen(&live, generation), generation), []);
        live.retention_time = Some(3);
        live.schedule = Some("0  4 * * *".into());
        live.is_active = Some(false);
        live.timezone = None;
        let drift = back::drift(&applied, &seen(&live, generation), generation);
        let fields: Vec<(&str, Option<&str>, Option<&str>, bool)> = drift
            .iter()
            .map(|d| (d.field.as_str(), d.ours.as_deref(), d.theirs.as_deref(), d.not_adoptable.is_none()))
            .collect();
        assert_eq!(
            fields,
            [
                ("is_active", Some("true"), Some("false"), true),
                ("retention_time", Some("14"), Some("3"), true),
                ("schedule", Some("30 2 * * *"), Some("0 4 * * *"), true),
                ("timezone", Some("Europe/Zurich"), None, false),
            ],
            "{generation:?}"
        );
        assert!(back::definition(&owned, &seen(&live, generation), generation).is_err());
        live.timezone = Some("UTC".into());
        let adopted = back::definition(&owned, &seen(&live, generation), generation).unwrap();
        assert!(adopted.paused);
        assert_eq!(adopted.retention.keep_for, Some(Seconds(3 * DAY)));
        assert_eq!(adopted.schedule, Some(Schedule { cron: "0 4 * * *".into(), zone: Some("UTC".into()) }));
    }
}

#[test]
fn what_a_definition_cannot_say_is_named() {
    for (generation, change, field) in [
        (Generation::G4, json!({"name": "renamed"}), "name"),
        (Generation::G4, json!({"schedule": "0 2 * * 7"}), "schedule"),
        (Generation::G4, json!({"schedule": "0,30 9 * * 1"}), "schedule"),
        (Generation::G4, json!({"retention_time": null}), "retention_time"),
        (Generation::G4, json!({"maximal_number_of_resources": "many"}), "maximal_number_of_resources"),
        (Generation::G2, json!({"maximal_number_of_backups": 0}), "maximal_number_of_backups"),
    ] {
        let owned = owned(plain());
        let mut shown = schedule(&owned, &terms(&owned, generation).unwrap(), generation, &reference(generation));
        shown["instance"] = reference(generation).into();
        shown["is_active"] = json!(true);
        shown.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        let live: wire::Schedule = serde_json::from_value(shown).unwrap();
        let seen = seen(&live, generation);
        let invalid = back::definition(&owned, &seen, generation).expect_err(field);
        assert!(invalid.0.iter().any(|e| e.path == field), "{change}: {invalid:?}");
        let drift = back::drift(&applied(&owned, generation), &seen, generation);
        let one = drift.iter().find(|d| d.field == field).unwrap_or_else(|| panic!("{change}: {drift:?}"));
        assert!(one.not_adoptable.is_some(), "{one:?}");
    }
}

#[test]
fn a_schedule_that_was_switched_off_says_why() {
    let on = owned(plain());
    let off = owned(Definition { paused: true, ..plain() });
    for (owned, generation, error, reason) in [
        (
            &on,
            Generation::G4,
            "Failed to schedule creation: quota.",
            Some("Waldur switched it off after an error: Failed"),
        ),
        // Somebody did it: that is drift alone.
        (&on, Generation::G4, "", None),
        (&on, Generation::G2, "", Some("It is switched off.")),
        // It shall rest; what it says of an older error is old.
        (&off, Generation::G4, "Failed to schedule creation: quota.", None),
        (&off, Generation::G2, "", None),
    ] {
        let mut live = live(owned, generation);
        live.is_active = Some(false);
        live.error_message = error.into();
        let seen = seen(&live, generation);
        assert!(seen.paused);
        assert_eq!(seen.invalid.len(), usize::from(reason.is_some()), "{generation:?} {error}: {:?}", seen.invalid);
        assert!(reason.is_none_or(|reason| seen.invalid[0].starts_with(reason)), "{:?}", seen.invalid);
    }
    let mut running = live(&on, Generation::G4);
    running.error_message = "An error of long ago.".into();
    assert!(seen(&running, Generation::G4).invalid.is_empty());
}

#[test]
fn what_it_cannot_hold_names_its_field() {
    use Generation::{G2, G3, G4, G5};
    let cron =
        |cron: &str| Definition { schedule: Some(Schedule { cron: cron.into(), zone: Some("UTC".into()) }), ..plain() };
    let keep = |keep_for: Option<u64>, keep_last: Option<u32>| Definition {
        retention: Retention { keep_for: keep_for.map(Seconds), keep_last, ..Retention::default() },
        ..plain()
    };
    let single = |definition: Definition| Definition { schedule: None, ..definition };
    let zone = |zone: Option<&str>| Definition {
        schedule: Some(Schedule { cron: "0 2 * * *".into(), zone: zone.map(str::to_owned) }),
        ..plain()
    };
    for (definition, generation, field) in [
        (plain(), Some(G2), None),
        (plain(), Some(G3), None),
        (plain(), Some(G4), None),
        (plain(), Some(G5), Some("cron")),
        (plain(), None, Some("cron")),
        (cron("*/5 * * * *"), Some(G2), None),
        (cron("*/5 * * * *"), Some(G3), Some("cron")),
        (cron("0 2 1,15 * 1-5,0"), Some(G2), None),
        (cron("0 2 1,15 * 1-5,0"), Some(G4), Some("cron")),
        (cron("15 */6 * * 1-5"), Some(G4), None),
        (cron("0 * * * *"), Some(G4), None),
        // The upstream's own check takes this by the time of day.
        (cron("0,30 9 * * 1"), Some(G4), Some("cron")),
        (cron("30 0,23 * * *"), Some(G4), None),
        (cron("0 0 * * *"), Some(G4), None),
        (cron("1 0,23 * * 1"), Some(G4), None),
        (cron("@daily"), Some(G2), Some("cron")),
        (cron("@every 12h"), Some(G4), Some("cron")),
        (cron("0 2 ? * *"), Some(G4), Some("cron")),
        (zone(None), Some(G4), Some("zone")),
        (zone(Some("")), Some(G4), Some("zone")),
        (keep(Some(36 * 3600), Some(3)), Some(G4), Some("keep_for")),
        (keep(None, None), Some(G4), None),
        (keep(None, None), Some(G2), Some("keep_last")),
        (keep(None, Some(0)), Some(G2), Some("keep_last")),
        (keep(None, Some(0)), Some(G4), Some("keep_last")),
        (keep(None, Some(40_000)), Some(G4), Some("keep_last")),
        (single(keep(None, None)), Some(G2), None),
        (single(keep(Some(DAY), None)), Some(G2), Some("keep_for")),
        (single(keep(Some(3600), None)), Some(G5), None),
        (single(keep(None, Some(3))), Some(G5), Some("keep_last")),
        (single(keep(None, None)), None, None),
        (Definition { location: Some("x".into()), ..plain() }, Some(G4), Some("location")),
        (Definition { policy: Some(Named::new("p", "p")), ..plain() }, Some(G4), Some("policy")),
        (Definition { volumes: Volumes::Upstream, ..plain() }, Some(G4), Some("volumes")),
        (Definition { scope: Scope::default(), ..plain() }, Some(G4), Some("scope.subject")),
    ] {
        let invalid = express::express(&definition, generation);
        match field {
            None => assert_eq!(invalid.0, [], "{generation:?} {definition:?}"),
            Some(field) => assert!(
                invalid.about(field).is_some_and(|sentence| sentence.ends_with('.')),
                "{field} {generation:?}: {invalid:?}"
            ),
        }
    }
}

fn drawn(dice: &mut Dice) -> Definition {
    let cron = dice.pick(&[
        "30 2 * * *",
        "0 */6 * * *",
        "*/5 * * * *",
        "@daily",
        "0 4 1 * *",
        "0 2 1,15 * 1-5,0",
        "5 5 * * SUN",
    ]);
    let zone = dice.pick(&[None, Some("UTC"), Some("Asia/Kathmandu")]);
    Definition {
        scope: Scope { subject: Some(Named::new(INSTANCE, dice.pick(&["shop-db-1", "renamed"]))), ..Scope::default() },
        retention: Retention {
            keep_for: dice.pick(&[None, Some(3600), Some(DAY), Some(90 * DAY)]).map(Seconds),
            keep_last: dice.pick(&[None, Some(1), Some(30)]),
            ..Retention::default()
        },
        schedule: Some(Schedule { cron: cron.into(), zone: zone.map(str::to_owned) }),
        paused: dice.roll(2) == 1,
        ..plain()
    }
}

#[test]
fn definitions_survive_to_waldur_and_back() {
    let mut dice = Dice::new();
    for generation in WITH_SCHEDULES {
        let mut survived = 0;
        for turn in 0..600 {
            let definition = drawn(&mut dice);
            if !express::express(&definition, Some(generation)).0.is_empty() {
                continue;
            }
            survived += 1;
            let ours = owned(definition.clone());
            let there = live(&ours, generation);
            let seen = seen(&there, generation);
            assert_eq!(seen.name, ours.upstream_name);
            let back = back::definition(&ours, &seen, generation).unwrap_or_else(|e| panic!("{turn}: {e:?}"));
            assert_eq!(back, definition, "{turn} {generation:?}");
            assert_eq!(back::drift(&applied(&ours, generation), &seen, generation), [], "{turn}");
            assert_eq!(Record::read(&seen.seen).unwrap().version, 1, "its own mark fits: {turn}");

            // From any live state the patch leads to what is wanted, and says nothing twice.
            let mut other = drawn(&mut dice);
            other.scope = definition.scope.clone();
            let other = terms(&owned(other), generation).unwrap();
            let wanted = terms(&ours, generation).unwrap();
            let patch = terms::patch(&other, &wanted, generation);
            let mut body = terms::words(&other, generation);
            body.extend(patch.clone());
            body.insert("is_active".into(), json!(wanted.is_active));
            assert_eq!(body, terms::words(&wanted, generation), "{turn}: {patch:?}");
            assert!(terms::patch(&wanted, &wanted, generation).is_empty());
        }
        assert!(survived > 60, "{generation:?}: {survived}");
    }
}
