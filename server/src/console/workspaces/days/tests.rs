use super::super::trying::{DAY, HOUR, NOW, run, watched};
use super::*;
use model::{Phase, connection::Health, interval::Intervals, strip::DayMark};

fn silent() -> Health {
    Health::Silent { reason: "x".into(), remedy: String::new(), since: NOW.plus(-5 * DAY), tries: 9, next_try: None }
}

fn marks(watched: &Watched, history: &History) -> Vec<DayMark> {
    Calendar::new("Europe/Zurich", NOW).of(watched, history).iter().map(|day| day.mark).collect()
}

#[test]
fn days_begin_at_the_readers_midnight_also_where_the_clock_changes() {
    let calendar = Calendar::new("Europe/Zurich", NOW);
    assert_eq!(calendar.bounds.len(), 31);
    let lengths: Vec<i64> = calendar.bounds.windows(2).map(|day| (day[1].0 - day[0].0) / HOUR).collect();
    assert_eq!(lengths.iter().filter(|hours| **hours == 25).count(), 1, "25 October 2026 has 25 hours: {lengths:?}");
    assert_eq!(calendar.bounds[29].rfc3339(), "2026-10-28T23:00:00Z");
    assert_eq!(Calendar::new("Mars/Olympus", NOW).bounds[29].rfc3339(), "2026-10-29T00:00:00Z");
    assert_eq!(Calendar::new("Pacific/Auckland", NOW).bounds[29].rfc3339(), "2026-10-28T11:00:00Z");
}

#[test]
fn nothing_is_missed_before_a_definition_was_made() {
    let marks = marks(&watched(&[]), &History::default());
    assert!(marks[..27].iter().all(|mark| *mark == DayMark::Nothing), "{marks:?}");
    assert!(marks[27..29].iter().all(|mark| *mark == DayMark::Missed), "{marks:?}");
}

#[test]
fn a_schedule_that_ran_before_it_was_taken_over_counts_from_its_first_run() {
    let history = History::with(vec![run("r", Phase::Succeeded, NOW.plus(-10 * DAY))]);
    let marks = marks(&watched(&[]), &history);
    assert_eq!(marks[19], DayMark::Good);
    assert!(marks[20..29].iter().all(|mark| *mark == DayMark::Missed), "{marks:?}");
}

#[test]
fn how_it_was_before_its_last_change_is_not_known() {
    let mut edited = watched(&[]);
    edited.row.version = 2;
    edited.stored.updated_at = NOW.plus(-DAY);
    let history = History::with(vec![run("r", Phase::Failed, NOW.plus(-10 * DAY))]);
    let marks = marks(&edited, &history);
    assert_eq!(marks[19], DayMark::Failed, "runs are");
    assert!(marks[20..28].iter().all(|mark| *mark == DayMark::Nothing), "{marks:?}");
}

#[test]
fn a_paused_one_owes_nothing_and_a_silent_one_is_judged_until_it_was_heard() {
    let mut paused = watched(&[]);
    paused.stored.definition.paused = true;
    assert!(marks(&paused, &History::default()).iter().all(|mark| *mark == DayMark::Nothing));
    let mut gone = watched(&[]);
    (gone.row.health, gone.row.last_seen) = (silent(), Some(NOW.plus(-2 * DAY)));
    let history = History::with(vec![run("r", Phase::Succeeded, NOW.plus(-4 * DAY))]);
    let marks = marks(&gone, &history);
    assert_eq!(marks[28..], [DayMark::Nothing, DayMark::Nothing], "{marks:?}");
}

#[test]
fn an_interval_with_fixed_times_is_owed_on_their_days_alone() {
    let mut fixed = watched(&[]);
    fixed.stored.definition.schedule = Some(Schedule { cron: "@every 36h".into(), zone: None });
    fixed.intervals = Intervals::Moment(NOW.plus(-60 * HOUR));
    let marks = marks(&fixed, &History::default());
    assert_eq!(marks[26..], [DayMark::Missed, DayMark::Nothing, DayMark::Missed, DayMark::Nothing], "{marks:?}");
}
