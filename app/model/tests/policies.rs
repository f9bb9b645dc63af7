//! Policies as they are typed, and what systems get from them.
#![expect(clippy::unwrap_used, reason = "tests")]

use model::{
    Invalid,
    capability::{Capabilities, Support},
    definition::Retention,
    duration::{Seconds, Unit},
    policy::{Policy, PolicyDraft, PolicyTierDraft, fit, parse},
};

fn tier(cron: &str, keep_for: &str, keep_last: &str) -> PolicyTierDraft {
    PolicyTierDraft { cron: cron.into(), keep_for: keep_for.into(), keep_last: keep_last.into(), ..Default::default() }
}

fn draft() -> PolicyDraft {
    PolicyDraft {
        name: "Gold".into(),
        zone: "Europe/Zurich".into(),
        rpo: "24".into(),
        rpo_unit: Unit::Hours,
        tiers: vec![tier("30  2 * * *", "14", "14"), tier("0 3 * * SUN", "56", "8"), tier("0 4 1 * *", "365", "12")],
    }
}

fn gold() -> Policy {
    parse(&draft()).unwrap()
}

fn of(tiers: &[PolicyTierDraft]) -> Policy {
    parse(&PolicyDraft { zone: String::new(), tiers: tiers.to_vec(), ..draft() }).unwrap()
}

fn refused(change: impl FnOnce(&mut PolicyDraft)) -> Invalid {
    let mut draft = draft();
    change(&mut draft);
    parse(&draft).expect_err("refused")
}

#[test]
fn a_good_draft_parses_and_comes_back() {
    let gold = gold();
    assert_eq!(gold.tiers[0].schedule.cron, "30 2 * * *");
    assert!(gold.tiers.iter().all(|tier| tier.schedule.zone.as_deref() == Some("Europe/Zurich")));
    assert_eq!(gold.rpo, Some(Seconds(86_400)));
    assert_eq!(parse(&PolicyDraft::from(&gold)), Ok(gold));
}

#[test]
fn each_problem_is_told_by_its_field() {
    for (path, code, invalid) in [
        ("name", "required", refused(|d| d.name = String::new())),
        ("name", "too-long", refused(|d| d.name = "n".repeat(61))),
        ("name", "charset", refused(|d| d.name = "Go\nld".into())),
        ("zone", "unknown", refused(|d| d.zone = "TZ=UTC 0".into())),
        ("rpo", "number", refused(|d| d.rpo = "0".into())),
        ("rpo", "too-long", refused(|d| (d.rpo, d.rpo_unit) = ("4000".into(), Unit::Days))),
        ("tiers", "required", refused(|d| d.tiers.clear())),
        ("tiers", "too-many", refused(|d| d.tiers = (0..13).map(|m| tier(&format!("{m} 2 * * *"), "1", "")).collect())),
        ("tiers.1.cron", "cron", refused(|d| d.tiers[1].cron = "weekly".into())),
        ("tiers.0.cron", "cron", refused(|d| d.tiers[0].cron = String::new())),
        ("tiers.0.cron", "zone", refused(|d| d.tiers[0].cron = "@every 6h".into())),
        ("tiers.0.cron", "never", refused(|d| d.tiers[0].cron = "0 2 30 2 *".into())),
        ("tiers.2.keep_for", "required", refused(|d| (d.tiers[2].keep_for, d.tiers[2].keep_last) = Default::default())),
        ("tiers.0.keep_for", "number", refused(|d| d.tiers[0].keep_for = "0".into())),
        ("tiers.0.keep_for", "too-long", refused(|d| d.tiers[0].keep_for = "9999999".into())),
        ("tiers.0.keep_last", "number", refused(|d| d.tiers[0].keep_last = "0".into())),
        ("tiers.0.keep_last", "number", refused(|d| d.tiers[0].keep_last = "many".into())),
        ("tiers.0.keep_last", "too-many", refused(|d| d.tiers[0].keep_last = "10001".into())),
        ("tiers.0.keep_at_least", "number", refused(|d| d.tiers[0].keep_at_least = "0".into())),
        ("tiers.0.keep_at_least", "contradiction", refused(|d| d.tiers[0].keep_at_least = "15".into())),
        ("tiers.0.keep_snapshots", "number", refused(|d| d.tiers[0].keep_snapshots = "-1".into())),
    ] {
        assert_eq!(invalid.0.len(), 1, "{path} {code}: {invalid:?}");
        assert_eq!((invalid.0[0].path.as_str(), invalid.0[0].code.as_str()), (path, code), "{invalid:?}");
        assert!(invalid.0[0].sentence.ends_with('.'), "{invalid:?}");
    }
}

#[test]
fn everything_wrong_is_told_at_once() {
    let invalid = refused(|d| {
        (d.name, d.rpo) = (String::new(), "x".into());
        d.tiers = vec![tier("nope", "0", "x"), tier("@often", "", "")];
    });
    let paths: Vec<&str> = invalid.0.iter().map(|error| error.path.as_str()).collect();
    let all =
        ["name", "rpo", "tiers.0.keep_for", "tiers.0.keep_last", "tiers.0.cron", "tiers.1.keep_for", "tiers.1.cron"];
    assert_eq!(paths, all);
}

#[test]
fn overlapping_tiers() {
    let overlap = |a: &str, b: &str, same: bool| {
        let tiers = vec![tier(a, "14", ""), tier(b, if same { "14" } else { "60" }, "")];
        let draft = PolicyDraft { zone: String::new(), tiers, ..draft() };
        parse(&draft).err().map(|invalid| invalid.0.into_iter().map(|e| (e.path, e.code)).collect::<Vec<_>>())
    };
    let told = Some(vec![("tiers.1.cron".to_owned(), "overlap".to_owned())]);
    for (name, a, b, same, overlaps) in [
        ("the same text", "0 2 * * *", "0 2 * * *", false, true),
        ("the same text but for blanks", "0 2 * * *", " 0  2 * * * ", false, true),
        ("the same times in other words", "0 0 * * SUN", "@weekly", false, true),
        ("the same times by a list", "0,30 * * * *", "*/30 * * * *", false, true),
        ("daily and weekly at one time, kept as long", "0 2 * * *", "0 2 * * 0", true, true),
        ("daily and weekly at one time, kept longer", "0 2 * * *", "0 2 * * 0", false, false),
        ("weekly and monthly meet now and then", "0 2 * * 0", "0 2 1 * *", true, true),
        ("at other hours", "0 2 * * *", "0 3 * * *", true, false),
        ("at other minutes", "0 * * * *", "30 * * * *", true, false),
        ("on other weekdays", "0 2 * * 1-5", "0 2 * * 0,6", true, false),
        ("on other days", "0 2 1 * *", "0 2 15 * *", true, false),
        ("in other months", "0 2 * 1 *", "0 2 * 2 *", true, false),
        ("a day that both have, in months that both have", "0 2 31 1,2 *", "0 2 31 2,3 *", true, false),
        ("the day or the weekday", "0 2 1 * 1", "0 2 * * 1", true, true),
        ("equal distances", "@every 6h", "@every 360m", true, true),
        ("a distance and a time", "@every 6h", "0 2 * * *", true, false),
    ] {
        assert_eq!(overlap(a, b, same), told.clone().filter(|_| overlaps), "{name}");
    }
}

fn can(ages: Result<&str, &str>, numbers: Result<&str, &str>) -> Capabilities {
    let support = |answer: Result<&str, &str>| match answer {
        Ok(note) => Support::yes(note),
        Err(why) => Support::no(why),
    };
    Capabilities {
        keep_for: support(ages),
        keep_last: support(numbers),
        schedules: Support::yes(""),
        tiers: Support::yes(""),
        time_zone: Support::yes(""),
        ..Capabilities::none("It can't.")
    }
}

const BY_AGE: &str = "Velero keeps by age alone; v1.18.3 can't count backups. Say for how long.";
const BY_NUMBER: &str = "Astra Control keeps by number, not by age; say how many.";

#[test]
fn a_system_gets_the_measure_that_it_knows() {
    let fitted = fit(&gold(), &can(Ok(""), Err(BY_AGE))).unwrap();
    let days = |n: u64| Retention { keep_for: Some(Seconds(n * 86_400)), ..Retention::default() };
    assert_eq!(fitted.retention, days(14));
    assert_eq!(fitted.further.iter().map(|tier| tier.retention.clone()).collect::<Vec<_>>(), [days(56), days(365)]);
    assert_eq!(fitted.mind, ["Velero keeps by age alone: the numbers 14, 8 and 12 are not sent."]);

    let fitted = fit(&of(&[tier("0 2 * * *", "14", "7")]), &can(Err(BY_NUMBER), Ok(""))).unwrap();
    assert_eq!(fitted.retention, Retention { keep_last: Some(7), ..Retention::default() });
    assert_eq!(fitted.mind, ["Astra Control keeps by number, not by age: the age 14 days is not sent."]);
}

#[test]
fn where_both_are_known_both_are_given_and_the_system_says_which_wins() {
    let both = can(Ok("The number wins."), Ok("At the limit it deletes first."));
    let fitted = fit(&of(&[tier("0 2 * * *", "14", "7")]), &both).unwrap();
    let wanted = Retention { keep_for: Some(Seconds(14 * 86_400)), keep_last: Some(7), ..Retention::default() };
    assert_eq!(fitted.retention, wanted);
    assert_eq!(fitted.mind, ["The number wins.", "At the limit it deletes first."]);
    let fitted = fit(&of(&[tier("0 2 * * *", "14", "")]), &both).unwrap();
    assert_eq!(fitted.mind, Vec::<String>::new(), "only one is given, so none wins");
}

#[test]
fn what_a_system_cannot_is_refused_in_its_own_words() {
    let all = || can(Ok(""), Ok(""));
    let no = Support::no;
    let one = || of(&[tier("0 2 * * *", "14", "7")]);
    let zoned = |zone: &str| Policy {
        tiers: parse(&PolicyDraft { zone: zone.into(), tiers: vec![tier("0 2 * * *", "14", "7")], ..draft() })
            .unwrap()
            .tiers,
        ..one()
    };
    for (name, policy, can, why) in [
        (
            "only an age, where numbers are known",
            of(&[tier("0 2 * * *", "14", "")]),
            can(Err(BY_NUMBER), Ok("")),
            BY_NUMBER,
        ),
        ("only a number, where ages are known", of(&[tier("0 2 * * *", "", "7")]), can(Ok(""), Err(BY_AGE)), BY_AGE),
        (
            "one tier of two with only a number",
            of(&[tier("0 2 * * *", "14", "7"), tier("0 3 * * 0", "", "8")]),
            can(Ok(""), Err(BY_AGE)),
            BY_AGE,
        ),
        ("several tiers", gold(), Capabilities { tiers: no("One rhythm."), ..all() }, "One rhythm."),
        ("a zone", zoned("Europe/Zurich"), Capabilities { time_zone: no("UTC alone."), ..all() }, "UTC alone."),
        ("no schedules", one(), Capabilities { schedules: no("None."), ..all() }, "None."),
    ] {
        assert_eq!(fit(&policy, &can), Err(vec![why.to_owned()]), "{name}");
    }
    let utc = Capabilities { time_zone: no("UTC alone."), ..all() };
    assert!(fit(&one(), &utc).is_ok(), "no zone is named");
    assert!(fit(&zoned("UTC"), &utc).is_ok(), "UTC is what it counts in");
    let nothing = Capabilities::none("No.");
    assert_eq!(fit(&gold(), &nothing), Err(vec!["No.".to_owned()]), "each sentence once");
    let every = Capabilities {
        schedules: no("a."),
        tiers: no("b."),
        time_zone: no("c."),
        keep_for: no("d."),
        keep_last: no("e."),
        ..all()
    };
    assert_eq!(fit(&gold(), &every), Err(["a.", "b.", "c.", "d.", "e."].map(str::to_owned).to_vec()));
}

#[test]
fn numbers_that_only_widen_are_told_when_they_are_not_sent() {
    let wide = PolicyTierDraft { keep_at_least: "3".into(), keep_snapshots: "2".into(), ..tier("0 2 * * *", "14", "") };
    let fitted = fit(&of(std::slice::from_ref(&wide)), &can(Ok(""), Err(BY_AGE))).unwrap();
    assert_eq!((fitted.retention.keep_at_least, fitted.retention.keep_snapshots), (None, None));
    let said = ["It can't: the least number 3 is not sent.", "It can't: the number of snapshots 2 is not sent."];
    assert_eq!(fitted.mind, said);
    let more =
        Capabilities { keep_at_least: Support::yes(""), keep_snapshots: Support::yes(""), ..can(Ok(""), Ok("")) };
    let fitted = fit(&of(&[wide]), &more).unwrap();
    assert_eq!((fitted.retention.keep_at_least, fitted.retention.keep_snapshots), (Some(3), Some(2)));
    assert!(fitted.mind.is_empty());
}

/// Whatever a system can: each value that comes out is one that went in, and each that went in is sent or told.
#[test]
fn nothing_is_rounded_or_lost_silently() {
    let values = ["", "7", "10"];
    for mask in 0..32_u8 {
        let support = |bit: u8| if mask & (1 << bit) == 0 { Support::no("No.") } else { Support::yes("") };
        let can = Capabilities {
            keep_for: support(0),
            keep_last: support(1),
            keep_at_least: support(2),
            keep_snapshots: support(3),
            tiers: support(4),
            ..can(Ok(""), Ok(""))
        };
        for (a, b) in values.iter().flat_map(|a| values.iter().map(move |b| (*a, *b))).filter(|pair| *pair != ("", ""))
        {
            let first = PolicyTierDraft { keep_at_least: "5".into(), ..tier("0 2 * * *", a, b) };
            let policy = of(&[first, tier("0 3 * * 0", b, a)]);
            let Ok(fitted) = fit(&policy, &can) else { continue };
            let out = [&fitted.retention, &fitted.further[0].retention];
            for (tier, got) in policy.tiers.iter().zip(out) {
                let was = &tier.retention;
                for (lost, got, was) in [
                    (can.keep_for.is_yes(), got.keep_for.map(|s| s.0), was.keep_for.map(|s| s.0)),
                    (can.keep_last.is_yes(), got.keep_last.map(u64::from), was.keep_last.map(u64::from)),
                    (can.keep_at_least.is_yes(), got.keep_at_least.map(u64::from), was.keep_at_least.map(u64::from)),
                ] {
                    assert_eq!(got, was.filter(|_| lost));
                    assert!(got == was || fitted.mind.iter().any(|said| said.contains("not sent")), "{fitted:?}");
                }
                assert!(got.keep_for.is_some() || got.keep_last.is_some(), "it keeps by something: {fitted:?}");
            }
        }
    }
}

#[test]
fn in_words() {
    let gold = gold();
    assert_eq!(gold.often(), "every day, Sundays, the 1st");
    assert_eq!(gold.kept(), "newest 14 within 14 d, newest 8 within 8 w, newest 12 within 1 y");
    let fitted = fit(&gold, &can(Ok(""), Err(BY_AGE))).unwrap();
    assert_eq!(fitted.words()[0], "Every day at 02:30 Europe/Zurich, keep for 14 days");
    for (cron, often) in [
        ("0 */6 * * *", "every 6 hours"),
        ("10 * * * *", "every hour"),
        ("0 6,18 * * *", "every day at 06:00 and 18:00"),
        ("0 8 * * 1-5", "Weekdays"),
        ("0 3 1,15 * *", "the 1st and 15th"),
        ("@every 90m", "every 1 h 30 min"),
        ("0 0 1 1 *", "0 0 1 1 *"),
    ] {
        assert_eq!(of(&[tier(cron, "1", "")]).often(), often, "{cron}");
    }
    for (days, unit, kept) in [
        ("48", Unit::Hours, "48 h"),
        ("7", Unit::Days, "7 d"),
        ("35", Unit::Days, "35 d"),
        ("8", Unit::Weeks, "8 w"),
        ("730", Unit::Days, "2 y"),
        ("73", Unit::Hours, "73 h"),
    ] {
        assert_eq!(of(&[PolicyTierDraft { keep_unit: unit, ..tier("0 2 * * *", days, "") }]).kept(), kept);
    }
    let snapshots = PolicyTierDraft { keep_snapshots: "2".into(), ..tier("30 2 * * *", "", "14") };
    let astra = Capabilities { keep_snapshots: Support::yes(""), ..can(Err(BY_NUMBER), Ok("")) };
    let policy = Policy { tiers: of(&[snapshots]).tiers, ..gold };
    assert_eq!(fit(&policy, &astra).unwrap().words(), ["Every day at 02:30, keep 14 backups and 2 snapshots"]);
}
