#![expect(clippy::unwrap_used, reason = "a test that can't read its own data should stop")]

use super::*;
use model::view::NextRun;

fn at(text: &str) -> Millis {
    Millis(text.parse::<Timestamp>().unwrap().as_millisecond())
}

fn counted(cron: &str, from: &str) -> Counted {
    Counted { schedule: Schedule { cron: cron.into(), zone: None }, from: at(from) }
}

fn rule(cron: &str, zone: &str) -> Rule {
    Rule::of(&Schedule { cron: cron.into(), zone: Some(zone.into()) }).unwrap()
}

/// Cases of robfig/cron's own `spec_test.go` (seconds field left out), in UTC and New York.
#[test]
fn next_times_are_those_of_robfig_cron() {
    for (zone, after, cron, expected) in [
        ("UTC", "2012-07-09T14:45:00Z", "0/15 * * * *", "2012-07-09T15:00:00Z"),
        ("UTC", "2012-07-09T14:59:59Z", "0/15 * * * *", "2012-07-09T15:00:00Z"),
        ("UTC", "2012-07-09T15:45:00Z", "20-35/15 * * * *", "2012-07-09T16:20:00Z"),
        ("UTC", "2012-07-09T23:46:00Z", "*/15 * * * *", "2012-07-10T00:00:00Z"),
        ("UTC", "2012-07-09T23:35:00Z", "0 0 9 Apr-Oct ?", "2012-08-09T00:00:00Z"),
        ("UTC", "2012-07-09T23:35:00Z", "0 0 */5 Oct Mon", "2012-10-01T00:00:00Z"),
        ("UTC", "2012-07-09T23:35:00Z", "0 0 * Feb Mon", "2013-02-04T00:00:00Z"),
        ("UTC", "2012-12-31T23:59:45Z", "* * * * *", "2013-01-01T00:00:00Z"),
        ("UTC", "2012-07-09T23:35:00Z", "0 0 29 Feb ?", "2016-02-29T00:00:00Z"),
        ("America/New_York", "2012-03-11T05:00:00Z", "30 2 11 Mar ?", "2013-03-11T06:30:00Z"),
        ("America/New_York", "2012-11-04T04:00:00Z", "30 2 04 Nov ?", "2012-11-04T07:30:00Z"),
        ("America/New_York", "2012-11-04T05:45:00Z", "30 1 04 Nov ?", "2012-11-04T06:30:00Z"),
    ] {
        assert_eq!(rule(cron, zone).next_after(at(after)), Some(at(expected)), "{cron} in {zone} after {after}");
    }
    for never in ["0 0 30 Feb ?", "0 0 31 Apr ?"] {
        assert_eq!(rule(never, "UTC").next_after(at("2012-07-09T23:35:00Z")), None, "{never}");
    }
}

#[test]
fn a_skipped_time_has_no_run_and_a_doubled_one_has_two() {
    let nightly = rule("30 2 * * *", "Europe/Zurich");
    assert_eq!(
        nightly.next_times(at("2027-03-27T12:00:00Z"), 2),
        [at("2027-03-29T00:30:00Z"), at("2027-03-30T00:30:00Z")],
        "28 March 2027 has no 02:30"
    );
    assert_eq!(
        nightly.next_times(at("2027-10-30T12:00:00Z"), 3),
        [at("2027-10-31T00:30:00Z"), at("2027-10-31T01:30:00Z"), at("2027-11-01T01:30:00Z")],
        "31 October 2027 has 02:30 twice"
    );
    let hourly = rule("5 * * * *", "Europe/Zurich");
    assert_eq!(
        hourly.next_times(at("2027-10-31T00:00:00Z"), 30).windows(2).filter(|w| w[1].0 - w[0].0 != 3_600_000).count(),
        0
    );
}

/// Every moment found by walking minute by minute is found by the jumps, and no other, over two clock changes.
#[test]
fn jumps_agree_with_a_walk_through_every_minute() {
    for (cron, zone) in [
        ("17 */5 * * *", "Europe/Zurich"),
        ("0 0 * * 0", "America/Sao_Paulo"),
        ("30 0,23 28-31 * *", "Africa/Cairo"),
        ("45 1 * 4,10 fri", "Australia/Lord_Howe"),
        ("0 12 13 * fri", "Asia/Kathmandu"),
    ] {
        let rule = rule(cron, zone);
        let Cron::Fields(fields) = &rule.cron else { unreachable!() };
        let (mut walk, end) = (at("2026-09-20T00:00:00Z"), at("2027-05-10T00:00:00Z"));
        let mut expected = Vec::new();
        while walk < end {
            walk = walk.plus(60_000);
            let wall = rule.zone.to_datetime(timestamp(walk));
            let has = |f: &Field, v: i8| f.values.contains(&u8::try_from(v).unwrap());
            if has(&fields[0], wall.minute()) && has(&fields[1], wall.hour()) && day_matches(fields, wall.date()) {
                expected.push(walk);
            }
        }
        assert!(expected.len() > 3, "{cron}");
        assert_eq!(rule.next_times(at("2026-09-20T00:00:00Z"), expected.len()), expected, "{cron} in {zone}");
    }
}

#[test]
fn every_counts_from_the_last_run() {
    let rule = rule("@every 90m", "UTC");
    assert_eq!(rule.next_after(Millis(1_500)), Some(Millis(1_000 + 5_400_000)));
}

#[test]
fn the_next_run_follows_what_its_upstream_counts_from() {
    let now = "2026-10-21T08:00:00Z";
    let daily = |from: &str| [counted("30 2 * * *", from)];
    let next = |from: &str| next_run(&daily(from), Intervals::LastRun, false);
    assert_eq!(next("2026-10-01T10:00:00Z"), NextRun::At(at("2026-10-02T02:30:00Z")), "one run is due, not twenty");
    assert_eq!(next("2026-10-21T02:30:10Z"), NextRun::At(at("2026-10-22T02:30:00Z")));
    let (never, nonsense) = ([counted("0 0 30 2 *", now)], [counted("x", now)]);
    assert_eq!(next_run(&daily(now), Intervals::LastRun, true), NextRun::None("paused".into()));
    assert_eq!(next_run(&[], Intervals::LastRun, false), NextRun::None("by hand".into()));
    assert!(matches!(next_run(&never, Intervals::LastRun, false), NextRun::None(why) if why.starts_with("never")));
    assert!(matches!(next_run(&nonsense, Intervals::LastRun, false), NextRun::None(why) if !why.starts_with("never")));
}

#[test]
fn of_several_schedules_the_earliest_counts_each_from_its_own_moment() {
    // A Sunday: both ran at their times, and the nightly one is next.
    let (nightly, weekly) = (|from| counted("30 2 * * *", from), |from| counted("0 4 * * 0", from));
    let next = |all: &[Counted]| next_run(all, Intervals::LastRun, false);
    let ran = [nightly("2026-10-25T02:30:01Z"), weekly("2026-10-25T04:00:01Z")];
    assert_eq!(next(&ran), NextRun::At(at("2026-10-26T02:30:00Z")));
    assert_eq!(next(&[ran[1].clone(), ran[0].clone()]), next(&ran), "whichever stands first");
    let missed = [ran[0].clone(), weekly("2026-10-18T04:00:01Z")];
    assert_eq!(next(&missed), NextRun::At(at("2026-10-25T04:00:00Z")), "the weekly one was due and did not come");
    let never = [counted("0 0 30 2 *", "2026-10-25T00:00:00Z"), ran[1].clone()];
    assert_eq!(next(&never), NextRun::At(at("2026-11-01T04:00:00Z")), "one that never comes hides no other");

    let now = at("2026-10-25T05:00:00Z");
    let times = |all: &[Counted]| -> Vec<String> {
        next_runs(all, Intervals::LastRun, now, 4).into_iter().map(|at| at.rfc3339()[5..16].to_owned()).collect()
    };
    assert_eq!(
        times(&missed),
        ["10-25T04:00", "10-26T02:30", "10-27T02:30", "10-28T02:30"],
        "the late one, then by time"
    );
    let both =
        [counted("30 2 * * *", "2026-10-30T02:30:01Z"), ran[1].clone(), counted("0 4 1 * *", "2026-10-25T05:00:00Z")];
    assert_eq!(times(&both), ["10-31T02:30", "11-01T02:30", "11-01T04:00", "11-02T02:30"], "one moment of two is one");
    assert_eq!(times(&[]), Vec::<String>::new());
}

#[test]
fn an_interval_is_counted_as_its_system_does() {
    let from = "2026-10-21T07:13:20.700Z";
    let every = [counted("@every 90m", from)];
    let next = |intervals| next_run(&every, intervals, false);
    assert_eq!(next(Intervals::LastRun), NextRun::At(at("2026-10-21T08:43:20Z")));
    let fixed = Intervals::Moment(at("2020-01-01T00:00:00Z"));
    assert_eq!(next(fixed), NextRun::At(at("2026-10-21T07:30:00Z")), "whenever the last run was");
    let then = [counted("@every 90m", "2026-10-21T07:30:00Z")];
    assert_eq!(next_run(&then, fixed, false), NextRun::At(at("2026-10-21T09:00:00Z")), "strictly after");
    let before = Rule::of(&every[0].schedule).unwrap().counting(Intervals::Moment(at("2026-10-22T00:30:00Z")));
    assert_eq!(before.next_after(at("2026-10-21T07:13:20Z")), Some(at("2026-10-21T08:00:00Z")), "a beginning to come");
    let cron = [counted("0 */4 * * *", from)];
    assert_eq!(next_run(&cron, fixed, false), next_run(&cron, Intervals::LastRun, false), "only intervals are counted");
    let up = upcoming("@every 4h", "", fixed, "UTC", at("2026-10-21T07:13:20Z"));
    assert_eq!(up.times[0].0, at("2026-10-21T08:00:00Z"));
    assert_eq!(up.words, "Every 4 hours, counted from 2020-01-01 00:00 UTC");
}

#[test]
fn without_a_word_of_the_upstream_it_counts_since_it_was_saved_and_after_the_newest_run() {
    let saved = at("2026-10-01T10:00:00Z");
    let next = |saved: Millis, run: Option<&str>| {
        let daily =
            Counted { from: counted_since(saved, run.map(at)), ..counted("30 2 * * *", "2026-10-01T10:00:00Z") };
        next_run(&[daily], Intervals::LastRun, false)
    };
    assert_eq!(
        next(saved, Some("2026-10-21T02:30:04Z")),
        NextRun::At(at("2026-10-22T02:30:00Z")),
        "weeks later, daily runs"
    );
    assert_eq!(
        next(saved, Some("2026-10-21T02:29:50Z")),
        NextRun::At(at("2026-10-22T02:30:00Z")),
        "a clock behind ours"
    );
    assert_eq!(
        next(saved, Some("2026-10-19T02:30:04Z")),
        NextRun::At(at("2026-10-20T02:30:00Z")),
        "it was due and did not come"
    );
    assert_eq!(next(saved, None), NextRun::At(at("2026-10-02T02:30:00Z")), "none ever came");
    let resumed = at("2026-10-21T07:00:00Z");
    assert_eq!(
        next(resumed, Some("2026-10-11T02:30:04Z")),
        NextRun::At(at("2026-10-22T02:30:00Z")),
        "paused meanwhile"
    );
}

#[test]
fn upcoming_says_both_zones_and_the_clock_changes() {
    let up =
        upcoming("30 2 * * *", "Europe/Zurich", Intervals::LastRun, "America/New_York", at("2026-10-21T08:00:00Z"));
    assert_eq!(up.error, None);
    assert_eq!(up.words, "Every day at 02:30");
    assert_eq!(up.times.len(), 5);
    assert_eq!(up.times[0].1, "Thu 22 Oct 2026, 02:30 CEST");
    assert_eq!(up.times[0].2, "Wed 21 Oct 2026, 20:30 EDT");
    let warning = up.warning.unwrap();
    assert_eq!(
        warning,
        "On 25 October 2026 the clock in Europe/Zurich shows 02:30 twice: that day has two runs. On 28 March 2027 it skips \
         02:30: that day has no run."
    );
    for (cron, zone) in [("30 4 * * *", "Europe/Zurich"), ("30 2 * * *", "UTC"), ("5 * * * *", "Europe/Zurich")] {
        assert_eq!(
            upcoming(cron, zone, Intervals::LastRun, "UTC", at("2026-10-21T08:00:00Z")).warning,
            None,
            "{cron} {zone}"
        );
    }
    let doubled = upcoming("30 0 * * *", "Atlantic/Azores", Intervals::LastRun, "UTC", at("2026-10-01T08:00:00Z"))
        .warning
        .unwrap();
    assert!(doubled.contains("the clock in Atlantic/Azores"), "{doubled}");
}

#[test]
fn what_is_wrong_names_its_field() {
    let now = Millis(0);
    assert_eq!(upcoming("30 2 * *", "UTC", Intervals::LastRun, "UTC", now).error.unwrap().path, "cron");
    assert_eq!(upcoming("30 2 * * *", "Europe/Zuerich", Intervals::LastRun, "UTC", now).error.unwrap().path, "zone");
    assert_eq!(
        upcoming("30 2 * * *", "europe/zurich", Intervals::LastRun, "UTC", now).error.unwrap().path,
        "zone",
        "Go is strict about case"
    );
    assert_eq!(upcoming("0 0 30 2 *", "UTC", Intervals::LastRun, "UTC", now).error.unwrap().code, "never");
}

#[test]
fn zones_are_places_and_utc() {
    let zones = zones();
    assert!(zones.len() > 300, "{}", zones.len());
    for name in ["Europe/Zurich", "America/New_York", "UTC"] {
        assert!(zones.contains(&name.to_owned()), "{name}");
        assert!(zone(name).is_ok());
    }
    assert!(zones.iter().all(|z| zone(z).is_ok()), "every name offered can be used");
    assert!(!zones.iter().any(|z| z.starts_with("Etc/") || z.starts_with("posix")));
}
