#![expect(clippy::unwrap_used, reason = "a test that can't read its own data should stop")]

use super::*;

fn at(text: &str) -> Millis {
    Millis(text.parse::<Timestamp>().unwrap().as_millisecond())
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
    let now = at("2026-10-21T08:00:00Z");
    let daily = Schedule { cron: "30 2 * * *".into(), zone: None };
    let next = |from: &str| next_run(Some(&daily), false, Some(at(from)), now);
    assert_eq!(next("2026-10-01T10:00:00Z"), NextRun::At(at("2026-10-02T02:30:00Z")), "one run is due, not twenty");
    assert_eq!(next("2026-10-21T02:30:10Z"), NextRun::At(at("2026-10-22T02:30:00Z")));
    assert_eq!(next_run(Some(&daily), true, Some(now), now), NextRun::None("paused".into()));
    assert_eq!(next_run(None, false, None, now), NextRun::None("by hand".into()));
    assert_eq!(next_run(Some(&daily), false, None, now), NextRun::At(at("2026-10-22T02:30:00Z")), "not seen: from now");
}

#[test]
fn without_a_word_of_the_upstream_it_counts_since_it_was_saved_and_after_the_newest_run() {
    let (saved, now) = (at("2026-10-01T10:00:00Z"), at("2026-10-21T08:00:00Z"));
    let daily = Schedule { cron: "30 2 * * *".into(), zone: None };
    let next =
        |saved: Millis, run: Option<&str>| next_run(Some(&daily), false, Some(counted_since(saved, run.map(at))), now);
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
    let up = upcoming("30 2 * * *", "Europe/Zurich", "America/New_York", at("2026-10-21T08:00:00Z"));
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
        assert_eq!(upcoming(cron, zone, "UTC", at("2026-10-21T08:00:00Z")).warning, None, "{cron} {zone}");
    }
    let doubled = upcoming("30 0 * * *", "Atlantic/Azores", "UTC", at("2026-10-01T08:00:00Z")).warning.unwrap();
    assert!(doubled.contains("the clock in Atlantic/Azores"), "{doubled}");
}

#[test]
fn what_is_wrong_names_its_field() {
    let now = Millis(0);
    assert_eq!(upcoming("30 2 * *", "UTC", "UTC", now).error.unwrap().path, "cron");
    assert_eq!(upcoming("30 2 * * *", "Europe/Zuerich", "UTC", now).error.unwrap().path, "zone");
    assert_eq!(
        upcoming("30 2 * * *", "europe/zurich", "UTC", now).error.unwrap().path,
        "zone",
        "Go is strict about case"
    );
    assert_eq!(upcoming("0 0 30 2 *", "UTC", "UTC", now).error.unwrap().code, "never");
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
