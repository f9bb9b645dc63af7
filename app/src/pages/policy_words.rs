//! A policy in words and signs, for its page and its row.

use super::definition::declared;
use crate::ui::*;
use leptos::prelude::*;
use model::{
    definition::Standing,
    duration::Seconds,
    policy::Policy,
    tier::Tier,
    view::{Follower, Rollout},
};

/// One line for each tier.
fn lines(policy: &Policy, line: fn(&Tier) -> String) -> AnyView {
    policy.tiers.iter().map(|tier| view! { <span class="block">{line(tier)}</span> }).collect_view().into_any()
}

/// When each tier runs.
pub fn how_often(policy: &Policy) -> AnyView {
    lines(policy, |tier| tier.schedule.words())
}

/// What is kept of each tier, in the order of [`how_often`].
pub fn kept(policy: &Policy) -> AnyView {
    lines(policy, kept_of)
}

fn kept_of(tier: &Tier) -> String {
    let said = declared::kept(&tier.retention);
    if said.is_empty() { "as the system does".into() } else { said }
}

/// The zone of all tiers.
pub fn zone(policy: &Policy) -> String {
    policy.zone().unwrap_or("each system’s own, normally UTC").to_owned()
}

/// An RPO as it is compared with ages: `26 h`, `8 d`.
pub fn rpo(rpo: Option<Seconds>) -> String {
    match rpo {
        Some(Seconds(n)) => words::span(i64::try_from(n).unwrap_or(i64::MAX / 1000).saturating_mul(1000)),
        None => "each workspace’s own".into(),
    }
}

/// How far the newest version has come: trouble first.
pub fn rollout(of: Rollout) -> Sign {
    match of {
        Rollout { all: 0, .. } => Sign::new(Tone::Mute, Glyph::Active, "Nothing follows it"),
        Rollout { failed: 0, waiting: 0, .. } => Sign::new(Tone::Mute, Glyph::Active, "In force"),
        Rollout { failed: 0, waiting, .. } => {
            Sign::new(Tone::Live, Glyph::Queued, format!("{} on the way", words::count(waiting)))
        }
        Rollout { failed, .. } => Sign::new(Tone::Bad, Glyph::Failed, format!("{} failed", words::count(failed))),
    }
}

/// How many stand where, below the sign; nothing where the sign says it.
pub fn rollout_sub(of: Rollout) -> String {
    if of.waiting == 0 && of.failed == 0 {
        return String::new();
    }
    let mut said = format!("in force in {} of {}", words::count(of.applied), words::count(of.all));
    if of.failed > 0 && of.waiting > 0 {
        said.push_str(&format!(", {} on the way", words::count(of.waiting)));
    }
    said
}

/// How a follower stands to the policy's newest version, with the reason where it is not in force.
pub fn follower(of: &Follower, newest: i64) -> (Sign, String) {
    let sign = Sign::from(&of.standing);
    let behind = of.version < newest;
    // What somebody has to decide first is said with its own sign; what the system refuses has none.
    match &of.standing {
        Standing::Applied | Standing::Applying | Standing::Failing { .. } if !of.refused.is_empty() => {
            (Sign::new(Tone::Bad, Glyph::Failed, "Cannot take it over"), of.refused.join(" "))
        }
        Standing::Failing { reason, .. } => (sign, reason.clone()),
        Standing::Applied | Standing::Applying if behind => {
            (Sign::new(Tone::Live, Glyph::Queued, "On the way"), String::new())
        }
        Standing::Applied => (sign.say("In force"), String::new()),
        Standing::Invalid { reasons, .. } if of.refused.is_empty() => (sign, reasons.join(" ")),
        _ => (sign, of.refused.join(" ")),
    }
}

/// Who needs somebody first: refused and failing, then what is on the way, then the rest.
pub fn urgency(sign: &Sign) -> u8 {
    match sign.tone {
        Tone::Bad => 0,
        Tone::Warn => 1,
        Tone::Live => 2,
        Tone::Mute | Tone::Good => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_comes_before_progress() {
        let of = |applied, waiting, failed| Rollout { all: applied + waiting + failed, applied, waiting, failed };
        for (rollout_of, word, sub) in [
            (of(0, 0, 0), "Nothing follows it", ""),
            (of(3, 0, 0), "In force", ""),
            (of(1, 2, 0), "2 on the way", "in force in 1 of 3"),
            (of(1, 1, 1), "1 failed", "in force in 1 of 3, 1 on the way"),
        ] {
            assert_eq!((rollout(rollout_of).word.as_str(), rollout_sub(rollout_of).as_str()), (word, sub));
            assert_ne!(rollout(rollout_of).tone, Tone::Good, "a schedule is no backup");
        }
    }

    #[test]
    fn a_follower_that_waits_for_a_decision_is_no_refusal() {
        let of = |standing, version, refused: &[&str]| Follower {
            definition: "d1".into(),
            name: "d1".into(),
            connection_name: "c1".into(),
            kind: model::connection::ProviderKind::Velero,
            standing,
            version,
            refused: refused.iter().map(|s| (*s).to_owned()).collect(),
            points: 0,
        };
        let waits = ["Version 4 waits: somebody changed it upstream."];
        for (standing, version, refused, word, why) in [
            (Standing::Applied, 4, &[][..], "In force", ""),
            (Standing::Applied, 3, &[][..], "On the way", ""),
            (Standing::Applied, 3, &["No."][..], "Cannot take it over", "No."),
            (Standing::Drifted { fields: Vec::new() }, 3, &waits[..], "Drifted", waits[0]),
            (Standing::Missing, 3, &waits[..], "Gone upstream", waits[0]),
            (
                Standing::Invalid { reasons: vec!["Bad.".into()], drift: Vec::new() },
                4,
                &[][..],
                "Refused upstream",
                "Bad.",
            ),
            (Standing::Applying, 4, &[][..], "Applying", ""),
        ] {
            let (sign, said) = follower(&of(standing, version, refused), 4);
            assert_eq!((sign.word.as_str(), said.as_str()), (word, why));
            assert_ne!(sign.tone, Tone::Good);
        }
    }

    #[test]
    fn an_rpo_is_said_in_hours_first() {
        assert_eq!(rpo(Some(Seconds(26 * 3600))), "26 h");
        assert_eq!(rpo(Some(Seconds(8 * 86_400))), "8 d");
        assert_eq!(rpo(None), "each workspace’s own");
        assert!(!rpo(Some(Seconds(u64::MAX))).is_empty());
    }
}
