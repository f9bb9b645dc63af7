//! What became of each day, case by case.
#![expect(clippy::unwrap_used, reason = "tests")]

use model::{
    Millis, Phase,
    strip::{Day, DayMark, RunOnDay, merge, spoken, strip, summary},
};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
/// 2026-10-24T00:00:00Z.
const FIRST: i64 = 1_792_800_000_000;
/// Noon of the fifth day.
const NOW: Millis = Millis(FIRST + 4 * DAY + 12 * HOUR);

fn bounds() -> Vec<Millis> {
    (0..=5).map(|n| Millis(FIRST + n * DAY)).collect()
}

/// Hour of a day, counted from 0.
fn at(day: i64, hour: i64) -> Millis {
    Millis(FIRST + day * DAY + hour * HOUR)
}

fn run(at: Millis, phase: Phase) -> RunOnDay {
    RunOnDay { at, phase, lacking: false, skipped: false }
}

fn good(day: i64, hour: i64) -> RunOnDay {
    run(at(day, hour), Phase::Succeeded)
}

fn nightly() -> Vec<Millis> {
    (0..5).map(|day| at(day, 2)).collect()
}

/// One letter a day: `-` nothing, G good, R running, O overdue, U unknown, P partial, M missed, F failed.
fn letters(days: &[Day]) -> String {
    days.iter()
        .map(|day| match day.mark {
            DayMark::Nothing => '-',
            DayMark::Good => 'G',
            DayMark::Running => 'R',
            DayMark::Overdue => 'O',
            DayMark::Unknown => 'U',
            DayMark::Partial => 'P',
            DayMark::Missed => 'M',
            DayMark::Failed => 'F',
        })
        .collect()
}

#[test]
fn days() {
    let all_good = || (0..5).map(|day| good(day, 2)).collect::<Vec<_>>();
    let but = |day: usize, phase: Phase| {
        let mut runs = all_good();
        runs[day].phase = phase;
        runs
    };
    let without = |day: usize| {
        let mut runs = all_good();
        runs.remove(day);
        runs
    };
    let mut lacking = all_good();
    lacking[3].lacking = true;
    let mut skipped = all_good();
    skipped[4].skipped = true;
    let with = |mut runs: Vec<RunOnDay>, more: RunOnDay| {
        runs.push(more);
        runs
    };
    let unknown = || Phase::Unknown("Finishing".into());
    let cases: Vec<(&str, Vec<RunOnDay>, Vec<Millis>, Option<Millis>, &str)> = vec![
        ("nothing at all", vec![], vec![], None, "-----"),
        ("every night good", all_good(), nightly(), None, "GGGGG"),
        ("good without a plan", all_good(), vec![], None, "GGGGG"),
        ("failed", but(3, Phase::Failed), nightly(), None, "GGGFG"),
        ("partial", but(1, Phase::Partial), nightly(), None, "GPGGG"),
        ("called good, and nothing is left of it", lacking, nightly(), None, "GGGPG"),
        ("an unknown word is not good", but(2, unknown()), nightly(), None, "GGUGG"),
        ("left out", skipped, nightly(), None, "GGGGM"),
        ("running today", but(4, Phase::Running), nightly(), None, "GGGGR"),
        ("queued today", but(4, Phase::Queued), nightly(), None, "GGGGR"),
        ("queued for days", but(2, Phase::Queued), nightly(), None, "GGMGG"),
        ("cancelled, and nothing beside it", but(2, Phase::Cancelled), nightly(), None, "GGMGG"),
        ("cancelled, and good afterwards", with(but(2, Phase::Cancelled), good(2, 9)), nightly(), None, "GGGGG"),
        (
            "failed, and good afterwards: the worst wins",
            with(but(2, Phase::Failed), good(2, 9)),
            nightly(),
            None,
            "GGFGG",
        ),
        (
            "running, and failed before",
            with(but(4, Phase::Failed), run(at(4, 11), Phase::Running)),
            nightly(),
            None,
            "GGGGF",
        ),
        ("missed", without(1), nightly(), None, "GMGGG"),
        ("missed, and by hand the same day", with(without(1), good(1, 20)), nightly(), None, "GGGGG"),
        ("late over midnight", with(without(1), good(2, 1)), vec![at(1, 23)], None, "G-GGG"),
        ("overdue today", without(4), nightly(), Some(at(4, 2)), "GGGGO"),
        ("due today and not begun, nobody says overdue", without(4), nightly(), None, "GGGGO"),
        ("due a minute ago", without(4), vec![at(3, 2), NOW.plus(-60_000)], None, "GGGG-"),
        ("due this evening", without(4), vec![at(3, 2), at(4, 20)], None, "GGGG-"),
        ("switched off for days", without(3).into_iter().take(2).collect(), nightly(), Some(at(2, 2)), "GGMMO"),
        (
            "paused for days: nothing was due",
            all_good().into_iter().take(2).collect(),
            nightly()[..2].to_vec(),
            None,
            "GG---",
        ),
        ("overdue by the system's own word alone", without(4), vec![], Some(at(4, 6)), "GGGGO"),
        (
            "overdue since days ago by its own word",
            all_good().into_iter().take(2).collect(),
            vec![],
            Some(at(2, 2)),
            "GGM--",
        ),
        (
            "every six hours, one missing",
            vec![good(0, 0), good(0, 6), good(0, 18)],
            vec![at(0, 0), at(0, 6), at(0, 12), at(0, 18)],
            None,
            "M----",
        ),
        ("today's first missed, the second ran", with(without(4), good(4, 8)), vec![at(4, 2), at(4, 8)], None, "GGGGM"),
        (
            "seen to begin a minute early",
            vec![run(at(1, 2).plus(-60_000), Phase::Succeeded)],
            vec![at(1, 2)],
            None,
            "-G---",
        ),
        ("the same moment told twice", all_good(), [nightly(), nightly()].concat(), None, "GGGGG"),
        ("before and after the days shown", vec![good(-1, 2), good(7, 2)], vec![at(-1, 2), at(9, 2)], None, "-----"),
        (
            "two tiers, the first held by a queue until the second was due",
            vec![good(1, 4), run(at(1, 4).plus(60_000), Phase::Succeeded)],
            vec![at(1, 2), at(1, 3)],
            None,
            "-G---",
        ),
        ("two tiers, one of them missing", vec![good(1, 4)], vec![at(1, 2), at(1, 3)], None, "-M---"),
        (
            "a run is not moved to make up for an earlier one",
            vec![good(0, 20), good(1, 0), good(1, 2)],
            vec![at(0, 20), at(0, 22), at(1, 0), at(1, 2)],
            None,
            "MG---",
        ),
        ("at midnight: of the day that begins", vec![good(2, 0)], vec![at(2, 0)], None, "--G--"),
        (
            "only on weekdays",
            vec![good(2, 2), good(3, 2), good(4, 2)],
            vec![at(2, 2), at(3, 2), at(4, 2)],
            None,
            "--GGG",
        ),
    ];
    for (name, runs, due, overdue, wanted) in cases {
        let days = strip(&bounds(), &runs, &due, overdue, NOW);
        assert_eq!(letters(&days), wanted, "{name}");
    }
}

#[test]
fn what_came_due_since_a_silent_connection_was_heard_is_not_judged() {
    let runs: Vec<_> = (0..3).map(|day| good(day, 2)).collect();
    assert_eq!(letters(&strip(&bounds(), &runs, &nightly(), None, at(2, 9))), "GGG--");
    assert_eq!(letters(&strip(&bounds(), &runs, &nightly(), None, NOW)), "GGGMO", "the same of one that answers");
}

#[test]
fn runs_are_counted_and_good_ones_apart() {
    let runs = [good(0, 2), run(at(0, 8), Phase::Failed), RunOnDay { skipped: true, ..good(1, 2) }];
    let days = strip(&bounds(), &runs, &[], None, NOW);
    assert_eq!((days[0].runs, days[0].good), (2, 1));
    assert_eq!((days[1].runs, days[1].good), (0, 0), "left out is no run");
}

#[test]
fn a_day_has_25_hours_where_the_clock_goes_back() {
    // Zürich, 24 to 27 October 2026: midnights at 22:00 and, from the 26th on, 23:00 UTC.
    let midnight = |day: i64, hour: i64| Millis(FIRST - DAY + day * DAY + hour * HOUR);
    let bounds = [midnight(0, 22), midnight(1, 22), midnight(2, 23), midnight(3, 23)];
    // 02:30 comes twice on the 25th.
    let half = HOUR / 2;
    let due =
        [midnight(1, 0).plus(half), midnight(2, 0).plus(half), midnight(2, 1).plus(half), midnight(3, 1).plus(half)];
    let now = midnight(3, 12);
    let ran = |moments: &[Millis]| moments.iter().map(|at| run(*at, Phase::Succeeded)).collect::<Vec<_>>();
    let days = strip(&bounds, &ran(&due), &due, None, now);
    assert_eq!(letters(&days), "GGG");
    assert_eq!(days.iter().map(|day| day.runs).collect::<Vec<_>>(), [1, 2, 1]);
    // The last hour of the long day is still that day's.
    let late = midnight(2, 22).plus(half);
    assert_eq!(letters(&strip(&bounds, &ran(&[late]), &[], None, now)), "-G-");
    // The second of the two did not come.
    let some = [due[0], due[1], due[3]];
    assert_eq!(letters(&strip(&bounds, &ran(&some), &due, None, now)), "GMG");
}

#[test]
fn a_day_has_23_hours_where_the_clock_goes_forward() {
    // Zürich, 28 to 30 March 2026: 02:30 does not come on the 29th, so nothing was due.
    let base = 1_774_652_400_000; // 2026-03-27T23:00:00Z
    let bounds = [Millis(base), Millis(base + DAY), Millis(base + DAY + 23 * HOUR), Millis(base + 2 * DAY + 23 * HOUR)];
    let due = [Millis(base + 5 * HOUR / 2), Millis(base + DAY + 23 * HOUR + 5 * HOUR / 2)];
    let runs: Vec<_> = due.iter().map(|at| run(*at, Phase::Succeeded)).collect();
    let now = Millis(base + 2 * DAY + 20 * HOUR);
    let days = strip(&bounds, &runs, &due, None, now);
    assert_eq!(letters(&days), "G-G");
    assert_eq!(summary(&days), "2 of 2 due days good");
}

#[test]
fn no_days_no_strip() {
    for bounds in [&[][..], &[Millis(0)]] {
        assert!(strip(bounds, &[good(0, 0)], &nightly(), Some(NOW), NOW).is_empty());
    }
    assert!(merge(&[]).is_empty());
}

fn marked(letters: &str) -> Vec<Day> {
    let mark = |c| match c {
        'G' => DayMark::Good,
        'R' => DayMark::Running,
        'O' => DayMark::Overdue,
        'U' => DayMark::Unknown,
        'P' => DayMark::Partial,
        'M' => DayMark::Missed,
        'F' => DayMark::Failed,
        _ => DayMark::Nothing,
    };
    letters.chars().zip(0..).map(|(c, n)| Day { begins: at(n, 0), mark: mark(c), runs: 1, good: 0 }).collect()
}

#[test]
fn sentences() {
    for (days, said) in [
        ("GGGGG", "5 of 5 days good"),
        ("GGFPG", "3 of 5 days good"),
        ("GGGG-", "4 of 4 days good"),
        ("GG--G", "3 of 3 due days good"),
        ("GGGGR", "4 of 4 days good"),
        ("GGGUO", "3 of 5 days good"),
        ("----G", "1 of 1 due day good"),
        ("-----", "nothing was due"),
        ("----R", "the first run is under way"),
        ("", "nothing was due"),
    ] {
        assert_eq!(summary(&marked(days)), said, "{days}");
    }
}

#[test]
fn the_label_names_the_days_that_were_not_good() {
    let name = |at: Millis| format!("{} Oct", 24 + (at.0 - FIRST) / DAY);
    assert_eq!(spoken(&marked("GGG"), name), "3 of 3 days good");
    assert_eq!(
        spoken(&marked("GFFP-MR"), name),
        "1 of 5 due days good; failed from 25 Oct to 26 Oct; partial on 27 Oct; missed on 29 Oct; running on 30 Oct"
    );
}

#[test]
fn the_worst_part_makes_the_day() {
    let whole = merge(&[marked("GGG-R"), marked("GFM-G"), marked("G-PG-")]);
    assert_eq!(letters(&whole), "GFMGR");
    assert_eq!(whole.first().unwrap().runs, 3);
}
