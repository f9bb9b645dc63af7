//! A policy in words, for lists and for what a system gets.

use super::{Fitted, Policy};
use crate::{
    cron,
    definition::{Retention, Schedule},
    duration::Seconds,
};

impl Policy {
    /// The zone that its tiers share.
    pub fn zone(&self) -> Option<&str> {
        self.tiers.first().and_then(|tier| tier.schedule.zone.as_deref())
    }

    /// How often, in short: `every day, Sundays, the 1st`.
    pub fn often(&self) -> String {
        self.tiers.iter().map(|tier| short(&tier.schedule.cron)).collect::<Vec<_>>().join(", ")
    }

    /// How long, in short: `14 d, 8 w, 1 y`, `newest 7`, `newest 7 within 7 d`.
    pub fn kept(&self) -> String {
        self.tiers.iter().map(|tier| tier.retention.short()).collect::<Vec<_>>().join(", ")
    }
}

impl Fitted {
    /// One sentence a tier: `Every day at 02:30 UTC, keep 14 backups and 2 snapshots`.
    pub fn words(&self) -> Vec<String> {
        let further = self.further.iter().map(|tier| sentence(&tier.schedule, &tier.retention));
        std::iter::once(sentence(&self.schedule, &self.retention)).chain(further).collect()
    }
}

impl Retention {
    /// `14 d`, `newest 7`, `newest 7 within 7 d`; empty when the upstream's default counts.
    pub fn short(&self) -> String {
        match (self.keep_for, self.keep_last) {
            (Some(age), Some(number)) => format!("newest {number} within {}", units(age)),
            (Some(age), None) => units(age),
            (None, Some(number)) => format!("newest {number}"),
            (None, None) => String::new(),
        }
    }

    /// `keep 14 backups and 2 snapshots`, `keep for 14 days, at most 7 backups`.
    pub fn words(&self) -> String {
        let counted = |n: u32, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
        let backups = |n| counted(n, "backup", "backups");
        let mut out = match (self.keep_for, self.keep_last) {
            (Some(age), Some(number)) => format!("keep for {}, at most {}", age.words(), backups(number)),
            (Some(age), None) => format!("keep for {}", age.words()),
            (None, Some(number)) => format!("keep {}", backups(number)),
            (None, None) => "keep as the system does by default".into(),
        };
        if let Some(least) = self.keep_at_least {
            out.push_str(&format!(", at least {}", backups(least)));
        }
        if let Some(snapshots) = self.keep_snapshots {
            out.push_str(&format!(" and {}", counted(snapshots, "snapshot", "snapshots")));
        }
        out
    }
}

fn sentence(schedule: &Schedule, retention: &Retention) -> String {
    let zone = schedule.zone.as_deref().map(|zone| format!(" {zone}")).unwrap_or_default();
    format!("{}{zone}, {}", schedule.words(), retention.words())
}

/// Without the time of day: `every day`, `Sundays`, `the 1st`, `every 6 hours`.
fn short(text: &str) -> String {
    let words = cron::words(text);
    if let Some(cron) = words.strip_prefix("By cron: ") {
        return cron.to_owned();
    }
    let (days, rest) = words.split_once(" at ").unwrap_or((&words, ""));
    // Several times a day are worth their room.
    let words = if rest.contains(' ') { words.as_str() } else { days };
    let words = words.split(", counted").next().unwrap_or(words);
    let words = words.strip_prefix("On ").and_then(|days| days.strip_suffix(" of a month")).unwrap_or(words);
    match words.strip_prefix("Every ") {
        Some(rest) => format!("every {rest}"),
        None => words.to_owned(),
    }
}

/// `48 h`, `14 d`, `8 w`, `1 y`: in the largest unit that fits exactly and reads well.
fn units(age: Seconds) -> String {
    const DAY: u64 = 86_400;
    let whole = |unit: u64| age.0.is_multiple_of(unit).then(|| age.0 / unit);
    match (whole(365 * DAY), whole(7 * DAY), whole(DAY), whole(3600)) {
        (Some(years), ..) if years > 0 => format!("{years} y"),
        (_, Some(weeks), ..) if weeks > 7 => format!("{weeks} w"),
        (_, _, Some(days), _) if days > 2 => format!("{days} d"),
        (.., Some(hours)) => format!("{hours} h"),
        _ => age.words(),
    }
}
