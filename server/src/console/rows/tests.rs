use super::*;
use crate::{clock::Clock, console::workspaces::trying};
use model::Millis;

const NOW: Millis = Millis(1_793_259_699_000);
const HOUR: i64 = 3_600_000;

/// Applied a week ago, last run 7 h 13 min before now; `now` is 07:41:39.
fn row(kind: ProviderKind, cron: &str) -> DefinitionListRow {
    DefinitionListRow {
        connection_name: "zrh".into(),
        kind,
        cron: Some(cron.into()),
        zone: None,
        last_seen: Some(NOW),
        counted_from: Some(NOW.plus(-100)),
        updated_at: NOW.plus(-168 * HOUR),
        ..trying::watched(&[]).stored.row
    }
}

fn of(row: DefinitionListRow) -> DefinitionRow {
    definition(row, &Counting::new(&Registry::new(Clock::system())))
}

#[test]
fn an_interval_is_told_as_its_system_counts_it() {
    let after = of(row(ProviderKind::Velero, "@every 4h"));
    assert_eq!(after.schedule.as_deref(), Some("Every 4 hours, counted from the last run"));
    assert!(matches!(after.next_run, NextRun::At(at) if at.rfc3339() == "2026-10-29T11:41:38Z"), "{after:?}");
    let fixed = of(row(ProviderKind::Astra, "@every 4h"));
    assert_eq!(fixed.schedule.as_deref(), Some("Every 4 hours, counted from 2020-01-01 00:00 UTC"));
    assert!(matches!(fixed.next_run, NextRun::At(at) if at.rfc3339() == "2026-10-29T08:00:00Z"), "{fixed:?}");
}

#[test]
fn a_further_schedule_may_be_next_and_may_be_overdue() {
    let tier = |cron: &str, from: Option<Millis>| (Schedule { cron: cron.into(), zone: None }, from);
    let of = |further| of(DefinitionListRow { further, ..row(ProviderKind::Velero, "30 2 * * *") });
    let next = of(vec![tier("0 5 1 * *", None), tier("15 * * * *", Some(NOW))]);
    assert_eq!(next.schedule.as_deref(), Some("Every day at 02:30 and 2 more"));
    assert!(matches!(next.next_run, NextRun::At(at) if at.rfc3339() == "2026-10-29T08:15:00Z"), "{next:?}");
    assert_eq!(next.next_run.overdue_since(NOW), None);
    let missed = of(vec![tier("0 4 * * *", Some(NOW.plus(-24 * HOUR)))]);
    let due = missed.next_run.overdue_since(NOW).map(Millis::rfc3339);
    assert_eq!(due.as_deref(), Some("2026-10-29T04:00:00Z"), "the first one ran meanwhile");
    let fresh = of(vec![tier("0 4 * * *", None)]);
    assert!(fresh.next_run.overdue_since(NOW).is_some(), "nothing is told of it: since it was saved");
}
