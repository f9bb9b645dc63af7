//! A library of policies in use: one that rolls out with trouble, one that nothing follows, one that a system keeps.

use super::support::{NOW, Stub};
use model::{
    connection::ProviderKind,
    definition::{Retention, Schedule, Standing},
    duration::{Seconds, Unit},
    policy::{Policy, PolicyDraft, PolicyTierDraft},
    tier::Tier,
    view::*,
};

const DAY: u64 = 86_400;

fn tier(cron: &str, keep_for: Option<u64>, keep_last: Option<u32>) -> Tier {
    Tier {
        schedule: Schedule { cron: cron.into(), zone: Some("Europe/Zurich".into()) },
        retention: Retention { keep_for: keep_for.map(|days| Seconds(days * DAY)), keep_last, ..Retention::default() },
    }
}

/// Nightly and weekly.
pub fn gold() -> PolicyRow {
    PolicyRow {
        id: "p1".into(),
        policy: Policy {
            name: "Gold".into(),
            tiers: vec![tier("30 2 * * *", Some(14), Some(14)), tier("30 3 * * 0", Some(56), None)],
            rpo: Some(Seconds(26 * 3600)),
        },
        version: 4,
        used_by: 4,
        systems: vec![ProviderKind::Velero, ProviderKind::Astra],
        rollout: Rollout { all: 4, applied: 1, waiting: 1, failed: 2 },
    }
}

pub fn gold_draft() -> PolicyDraft {
    let typed = |cron: &str, keep_for: &str, keep_last: &str| PolicyTierDraft {
        cron: cron.into(),
        keep_for: keep_for.into(),
        keep_unit: Unit::Days,
        keep_last: keep_last.into(),
        ..PolicyTierDraft::default()
    };
    PolicyDraft {
        name: "Gold".into(),
        zone: "Europe/Zurich".into(),
        rpo: "26".into(),
        rpo_unit: Unit::Hours,
        tiers: vec![typed("30 2 * * *", "14", "14"), typed("30 3 * * 0", "56", "")],
    }
}

pub fn follower(id: &str, standing: Standing, version: i64, refused: &[&str]) -> Follower {
    Follower {
        definition: id.into(),
        name: format!("def-{id}"),
        connection_name: "velero-zrh".into(),
        kind: ProviderKind::Velero,
        standing,
        version,
        refused: refused.iter().map(|s| (*s).to_owned()).collect(),
        points: 1_034,
    }
}

pub fn effects() -> Vec<Effect> {
    vec![
        Effect {
            kind: ProviderKind::Velero,
            title: String::new(),
            outcome: Outcome::Gets {
                tiers: vec!["every day at 02:30, ttl 336h".into(), "Sundays at 03:30, ttl 1344h".into()],
                mind: vec!["Velero keeps by age alone: the number 14 is not sent.".into()],
            },
        },
        Effect {
            kind: ProviderKind::Waldur,
            title: "Waldur G2".into(),
            outcome: Outcome::Cannot(vec!["Waldur cannot keep tiers; it keeps one schedule.".into()]),
        },
    ]
}

pub fn view() -> PolicyView {
    PolicyView {
        row: gold(),
        draft: gold_draft(),
        changed_by: "ines".into(),
        changed_at: NOW.plus(-3_600_000),
        effects: effects(),
        used_by: vec![
            follower("d1", Standing::Applied, 4, &[]),
            follower("d2", Standing::Applied, 3, &[]),
            follower("d3", Standing::Applied, 3, &["Astra cannot keep by age; it keeps a number."]),
            follower(
                "d4",
                Standing::Failing { reason: "the API server refused it (403).".into(), attempts: 3, next_try: None },
                4,
                &[],
            ),
        ],
    }
}

/// What the wizard is offered on one connection.
pub fn offers() -> Vec<PolicyOffer> {
    let offer = |id: &str, name: &str, used_by, outcome| PolicyOffer {
        id: id.into(),
        policy: Policy { name: name.into(), ..gold().policy },
        used_by,
        outcome,
    };
    effects()
        .into_iter()
        .zip([("p1", "Gold", 4), ("p3", "Instance daily", 0)])
        .map(|(effect, (id, name, used_by))| offer(id, name, used_by, effect.outcome))
        .collect()
}

/// Puts the library into an installation.
pub fn filled(stub: Stub) -> Stub {
    let unused = PolicyRow {
        id: "p2".into(),
        policy: Policy { name: "Archive".into(), tiers: vec![tier("0 1 1 * *", None, None)], rpo: None },
        version: 1,
        used_by: 0,
        systems: Vec::new(),
        rollout: Rollout::default(),
    };
    let theirs = UpstreamPolicyRow {
        connection: "c1".into(),
        connection_name: "casa-ber".into(),
        kind: ProviderKind::CloudCasa,
        name: "casa-daily".into(),
        words: "Every day at 01:00, kept for 7 days".into(),
        used_by: 2,
        as_of: Some(NOW.plus(-60_000)),
    };
    Stub {
        policies: PolicyList { rows: vec![gold(), unused], upstream: vec![theirs] },
        policy: Some(view()),
        policy_offers: offers(),
        ..stub
    }
}
