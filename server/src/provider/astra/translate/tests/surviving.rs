//! Whatever is expressed comes back as it was.

use super::*;
use crate::provider::trying::Dice;

fn number(dice: &mut Dice, sides: usize) -> u32 {
    u32::try_from(dice.place(sides)).unwrap()
}

fn cron(dice: &mut Dice) -> String {
    let (m, h) = (dice.place(60), dice.place(24));
    let step = [2, 3, 4, 6, 8, 12][dice.place(6)];
    match dice.place(12) {
        0 => format!("{m} * * * *"),
        1 => format!("{m} {h} * * *"),
        2 => format!("{m} {h} * * {}", dice.place(7)),
        3 => format!("{m} {h} {} * *", 1 + dice.place(31)),
        4 => format!("{m} */{step} * * *"),
        5 => format!("{m} {}-23/{step} * * *", dice.place(step)),
        6 => "*/15 * * * *".into(),
        7 => format!("{}-59/20 * * * *", dice.place(20)),
        8 => format!("@every {}h", 1 + dice.place(200)),
        9 => format!("@every {}m", 1 + dice.place(9_000)),
        10 => ["@daily", "@weekly", "@monthly", "@hourly", "0 4 * * SUN"][dice.place(5)].into(),
        // What mostly can't be said.
        _ => format!("{m} {h},{} 1,15 * {}", dice.place(24), dice.place(7)),
    }
}

fn definition(dice: &mut Dice) -> Definition {
    let zone = [None, Some("UTC".to_owned()), Some("Asia/Kathmandu".to_owned())][dice.place(8).min(2)].clone();
    let zone = if dice.place(4) == 0 { zone } else { None };
    let schedule = |cron: String| Schedule { zone: zone.clone().filter(|_| !cron.starts_with('@')), cron };
    let volumes = [Volumes::SnapshotMoved, Volumes::Snapshot, Volumes::None][dice.place(12).min(2) % 3];
    let copies = volumes != Volumes::Snapshot;
    Definition {
        location: if copies && dice.place(2) == 0 { Some("main".into()) } else { None },
        volumes,
        retention: Retention {
            keep_last: Some(1 + number(dice, 60)),
            keep_snapshots: copies.then(|| number(dice, 10)),
            keep_for: if dice.place(20) == 0 { Some(Seconds(3600)) } else { None },
            ..Retention::default()
        },
        schedule: Some(schedule(cron(dice))),
        further: (0..dice.place(4))
            .map(|_| {
                let (cron, keep) = (cron(dice), 1 + number(dice, 60));
                Tier { schedule: schedule(cron), ..tier("", keep) }
            })
            .collect(),
        paused: dice.place(2) == 0,
        ..plain()
    }
}

/// A definition has one zone; where the first schedule knows none, none is said.
fn one_zone(mut definition: Definition) -> Definition {
    let first = definition.schedule.clone();
    let zone = first.filter(|s| !s.cron.starts_with("@every")).and_then(|s| s.zone);
    for schedule in definition.schedule.iter_mut().chain(definition.further.iter_mut().map(|t| &mut t.schedule)) {
        schedule.zone.clone_from(&zone);
    }
    definition
}

#[test]
fn definitions_survive_to_astra_and_back() {
    let mut dice = Dice::new();
    let (mut expressed, mut refused) = (0, 0);
    for turn in 0..10_000 {
        let definition = one_zone(definition(&mut dice));
        let invalid = express::express(&definition);
        if !invalid.0.is_empty() {
            refused += 1;
            for error in &invalid.0 {
                let known =
                    ["cron", "keep_for", "zone", "volumes", "further.", "keep_last", "keep_snapshots", "location"];
                assert!(known.iter().any(|field| error.path.starts_with(field)), "turn {turn}: {error:?}");
            }
            continue;
        }
        expressed += 1;
        let owned = owned(definition.clone());
        let there = live(&owned);
        assert_eq!(there.len(), 1 + definition.further.len(), "turn {turn}");
        let seen = declared(&owned, &there);
        assert_eq!(compare::drift(&written(&owned), &seen), [], "turn {turn}");
        let back = back::definition(&owned, &seen).unwrap_or_else(|e| panic!("turn {turn}: {e:?} of {seen:?}"));
        assert_eq!(back, definition, "turn {turn}");
        assert_eq!(planned(&owned, None, &there), (Vec::new(), Vec::new()), "turn {turn}");
        // Somebody who has no definition of it yet reads the same times.
        let stranger = Owned {
            definition: Definition { schedule: None, further: Vec::new(), ..definition.clone() },
            ..owned.clone()
        };
        let anew = back::definition(&stranger, &seen).unwrap();
        let again = Owned { definition: anew, ..owned.clone() };
        assert_eq!(wanted(&again, bucket(&definition)), wanted(&owned, bucket(&definition)), "turn {turn}");
    }
    assert!(expressed > 300 && refused > 300, "{expressed} {refused}");
}
