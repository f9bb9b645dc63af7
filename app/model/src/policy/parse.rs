//! From a policy as it is typed to one that holds, and back. What a system makes of it is [`super::fit`]'s answer.

use super::{
    Policy, PolicyDraft, PolicyTierDraft,
    rhythm::{fires, meet},
};
use crate::{
    cron::{self, Cron},
    definition::{Retention, Schedule},
    draft::{age, aged, number, optional},
    invalid::Invalid,
    name::title_problem,
    tier::Tier,
};

const TIERS_MAX: usize = 12;
/// Beyond it a number is a slip of the hand: ten thousand hourly backups are more than a year's.
const NUMBER_MAX: u32 = 10_000;
/// 10 years, as of a workspace.
const RPO_MAX: u64 = 10 * 366 * 86_400;
const ZONE_MAX: usize = 64;

/// The policy that a draft means, or everything that is wrong with it. Whether its zone exists is asked of the server.
pub fn parse(draft: &PolicyDraft) -> Result<Policy, Invalid> {
    let mut invalid = Invalid::default();
    if let Some((code, sentence)) = title_problem(&draft.name) {
        invalid.push("name", code, sentence);
    }
    let zone = optional(&draft.zone);
    if zone.as_ref().is_some_and(|zone| {
        zone.len() > ZONE_MAX || zone.contains(|c: char| c.is_whitespace() || c.is_control() || c == '=')
    }) {
        invalid.push("zone", "unknown", "Choose a time zone such as Europe/Zurich or UTC, or none.");
    }
    let rpo = age(&draft.rpo, draft.rpo_unit, "rpo", &mut invalid);
    if rpo.is_some_and(|rpo| rpo.0 > RPO_MAX) {
        invalid.push("rpo", "too-long", "At most 10 years.");
    }
    if draft.tiers.is_empty() {
        invalid.push("tiers", "required", "Add a tier: when it runs, and how long what it makes is kept.");
    }
    if draft.tiers.len() > TIERS_MAX {
        let sentence = format!("At most {TIERS_MAX} tiers; no system keeps more in one definition.");
        invalid.push("tiers", "too-many", sentence);
    }
    // The rest of a list that is too long is not looked at: each is compared with each.
    let tiers: Vec<(Cron, Tier)> = draft
        .tiers
        .iter()
        .take(TIERS_MAX)
        .enumerate()
        .map(|(i, one)| tier(i, one, zone.as_deref(), &mut invalid))
        .collect::<Vec<_>>()
        .into_iter()
        .collect::<Option<_>>()
        .unwrap_or_default();
    overlaps(&tiers, &mut invalid);
    let tiers = tiers.into_iter().map(|(_, tier)| tier).collect();
    invalid.check(Policy { name: draft.name.trim().to_owned(), tiers, rpo })
}

/// `None` when its cron can't be read; its retention is looked at all the same.
fn tier(i: usize, draft: &PolicyTierDraft, zone: Option<&str>, invalid: &mut Invalid) -> Option<(Cron, Tier)> {
    let retention = retention(i, draft, invalid);
    let path = format!("tiers.{i}.cron");
    match cron::parse(&draft.cron) {
        Ok(cron) => {
            if matches!(cron, Cron::Every(_)) && zone.is_some() {
                invalid.push(path, "zone", "@every counts from the last run and knows no zone; clear the zone.");
            } else if !fires(&cron) {
                invalid.push(path, "never", "No such day ever comes; check the day and the month.");
            }
            let text = draft.cron.split_whitespace().collect::<Vec<_>>().join(" ");
            let schedule = Schedule { cron: text, zone: zone.map(str::to_owned) };
            Some((cron, Tier { schedule, retention }))
        }
        Err(sentence) => {
            invalid.push(path, "cron", sentence);
            None
        }
    }
}

fn retention(i: usize, draft: &PolicyTierDraft, invalid: &mut Invalid) -> Retention {
    let path = |field: &str| format!("tiers.{i}.{field}");
    if optional(&draft.keep_for).is_none() && optional(&draft.keep_last).is_none() {
        invalid.push(path("keep_for"), "required", "Say for how long, how many, or both.");
    }
    let keep_for = age(&draft.keep_for, draft.keep_unit, &path("keep_for"), invalid);
    let keep_last = counted(&draft.keep_last, 1, &path("keep_last"), invalid);
    let keep_at_least = counted(&draft.keep_at_least, 1, &path("keep_at_least"), invalid);
    let keep_snapshots = counted(&draft.keep_snapshots, 0, &path("keep_snapshots"), invalid);
    if let (Some(most), Some(least)) = (keep_last, keep_at_least)
        && least > most
    {
        let sentence = format!("{least} can't stay at least where at most {most} are kept.");
        invalid.push(path("keep_at_least"), "contradiction", sentence);
    }
    Retention { keep_for, keep_last, keep_at_least, keep_snapshots }
}

fn counted(text: &str, least: u32, path: &str, invalid: &mut Invalid) -> Option<u32> {
    let number = number(text, least, path, invalid)?;
    if number > NUMBER_MAX {
        invalid.push(path, "too-many", format!("At most {NUMBER_MAX}."));
    }
    Some(number)
}

/// Two tiers at the same times, or two that do the same at some of them.
fn overlaps(tiers: &[(Cron, Tier)], invalid: &mut Invalid) {
    for (i, (cron, tier)) in tiers.iter().enumerate() {
        for (j, (other, before)) in tiers.iter().enumerate().take(i) {
            let path = format!("tiers.{i}.cron");
            if cron == other {
                let sentence = format!("Tier {} runs at the same times; change one of them, or remove it.", j + 1);
                invalid.push(path, "overlap", sentence);
            } else if tier.retention == before.retention && meet(cron, other) {
                let sentence = format!(
                    "Sometimes it runs in the same minute as tier {} and keeps as long: two equal backups. Move one of them.",
                    j + 1
                );
                invalid.push(path, "overlap", sentence);
            } else {
                continue;
            }
            break;
        }
    }
}

impl From<&Policy> for PolicyDraft {
    /// The draft that [`parse`] turns back into this policy.
    fn from(policy: &Policy) -> Self {
        let (rpo, rpo_unit) = aged(policy.rpo);
        let number = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        let tier = |tier: &Tier| {
            let (keep_for, keep_unit) = aged(tier.retention.keep_for);
            PolicyTierDraft {
                cron: tier.schedule.cron.clone(),
                keep_for,
                keep_unit,
                keep_last: number(tier.retention.keep_last),
                keep_at_least: number(tier.retention.keep_at_least),
                keep_snapshots: number(tier.retention.keep_snapshots),
            }
        };
        Self {
            name: policy.name.clone(),
            zone: policy.zone().unwrap_or_default().to_owned(),
            rpo,
            rpo_unit,
            tiers: policy.tiers.iter().map(tier).collect(),
        }
    }
}
