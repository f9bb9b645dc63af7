//! Restores. Astra Control keeps no record of one: it tells the app's state, and which order last restored it stands on the app as
//! our label. So a restore is followed by the state of its app, its end is remembered here, and what was begun more than a day
//! before and did not end before this observer's eyes is history: the app's state is by then about something else.

use crate::provider::{
    RestoreSeen,
    astra::{
        act,
        key::{Key, Sort},
        wire::{App, Detail, RESTORE, RESTORE_POINT, RESTORE_SENT, moment},
    },
};
use model::{Millis, Phase, run::RunDetail};
use std::collections::HashMap;

/// So long an app's state is about its restore.
const RECENT_MS: i64 = 86_400_000;
/// A restore in place is accepted before the app's state changes; an end that comes sooner is that of what was before.
const SETTLES_MS: i64 = 15_000;

/// An app's state as that of its restore (OA's list of states; a restore goes from restoring or provisioning over discovering
/// to ready or failed).
pub fn phase(state: &str) -> Phase {
    match state {
        "pending" => Phase::Queued,
        "provisioning" | "restoring" | "discovering" => Phase::Running,
        "ready" => Phase::Succeeded,
        "failed" => Phase::Failed,
        other => Phase::Unknown(other.to_owned()),
    }
}

/// What was seen of restores so far, by what they are known by.
#[derive(Debug, Default)]
pub struct Restores {
    followed: HashMap<String, Followed>,
}

#[derive(Debug)]
struct Followed {
    /// It was seen at work, so that the end which follows is its own.
    at_work: bool,
    ended: Option<RestoreSeen>,
}

impl Restores {
    /// All that is to be told.
    pub fn seen<'a>(&mut self, apps: impl Iterator<Item = &'a App>, now: Millis) -> Vec<RestoreSeen> {
        let found: Vec<RestoreSeen> = apps.filter_map(|app| self.one(app, now)).collect();
        self.followed.retain(|name, _| found.iter().any(|seen| seen.name == *name));
        found
    }

    fn one(&mut self, app: &App, now: Millis) -> Option<RestoreSeen> {
        let seen = restore(app)?;
        let followed = self.followed.entry(seen.name.clone()).or_insert(Followed { at_work: false, ended: None });
        if let Some(ended) = &followed.ended {
            return Some(ended.clone());
        }
        let begun = seen.created?;
        if now.since(begun) > RECENT_MS && !followed.at_work {
            return None;
        }
        followed.at_work |= matches!(seen.phase, Phase::Queued | Phase::Running);
        // A new app can't be ready before it was made.
        let own = followed.at_work || app.id != source(app) || now.since(begun) > SETTLES_MS;
        let seen = if seen.phase.is_final() && !own {
            RestoreSeen { phase: Phase::Running, ended: None, ..seen }
        } else {
            seen
        };
        if seen.phase.is_final() {
            followed.ended = Some(seen.clone());
        }
        Some(seen)
    }
}

/// The app that a restore's point is of.
fn source(app: &App) -> String {
    let point = app.metadata.label(RESTORE_POINT).and_then(|key| Key::read(key).ok());
    point.map_or_else(|| app.source_app.clone(), |key| key.app)
}

/// The last restore of an app: ours by its label, or somebody else's that made the app.
fn restore(app: &App) -> Option<RestoreSeen> {
    let ours = app.metadata.label(RESTORE);
    let (name, point, created) = match ours {
        Some(order) => {
            let sent = app.metadata.label(RESTORE_SENT).and_then(moment);
            (order, app.metadata.label(RESTORE_POINT)?.to_owned(), sent.or_else(|| app.metadata.created()))
        }
        None => (made_from(app)?.1, made_from(app)?.0.to_string(), app.metadata.created()),
    };
    let phase = phase(&app.state);
    let words: Vec<String> = app.state_details.iter().map(Detail::words).filter(|text| !text.is_empty()).collect();
    Some(RestoreSeen {
        name: act::restore::name(&app.id, name),
        order: ours.map(str::to_owned),
        point,
        raw_phase: app.state.clone(),
        created,
        started: created,
        ended: app.metadata.modified().filter(|_| phase.is_final()),
        mapping: Vec::new(),
        detail: RunDetail {
            title: Some(match ours {
                Some(order) => order.to_owned(),
                None => format!("{} from a recovery point", app.name),
            }),
            message: (!words.is_empty() && phase != Phase::Succeeded).then(|| words.join(" ")),
            namespaces: app.namespaces.clone(),
            facts: [("App", &app.name), ("Cluster", &app.cluster_name)]
                .into_iter()
                .filter(|(_, text)| !text.is_empty())
                .map(|(name, text)| (name.to_owned(), text.clone()))
                .collect(),
            ..RunDetail::default()
        },
        phase,
    })
}

/// What an app was made from by somebody else, and its id there; a clone of a live app has neither.
fn made_from(app: &App) -> Option<(Key, &str)> {
    if app.source_app.is_empty() || app.source_app == app.id {
        return None;
    }
    match (app.backup.as_str(), app.snapshot.as_str()) {
        ("", "") => None,
        ("", snapshot) => Some((Key::new(Sort::Snapshot, &app.source_app, snapshot), snapshot)),
        (backup, _) => Some((Key::new(Sort::Backup, &app.source_app, backup), backup)),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;
    use serde_json::json;

    fn app(state: &str, sent: i64) -> App {
        serde_json::from_value(json!({"id": "a", "name": "web", "state": state, "metadata": {"labels": [
            {"name": RESTORE, "value": "r1"}, {"name": RESTORE_POINT, "value": "a/b"},
            {"name": RESTORE_SENT, "value": Millis(sent).rfc3339()},
        ]}}))
        .unwrap()
    }

    #[test]
    fn every_state_of_an_app_has_its_phase() {
        for (state, wanted) in [
            ("pending", Phase::Queued),
            ("provisioning", Phase::Running),
            ("restoring", Phase::Running),
            ("discovering", Phase::Running),
            ("ready", Phase::Succeeded),
            ("failed", Phase::Failed),
            ("unavailable", Phase::Unknown("unavailable".into())),
            ("unknown", Phase::Unknown("unknown".into())),
            ("deleting", Phase::Unknown("deleting".into())),
            ("sublime", Phase::Unknown("sublime".into())),
            ("", Phase::Unknown(String::new())),
        ] {
            assert_eq!(phase(state), wanted, "{state}");
        }
    }

    #[test]
    fn what_was_before_is_no_end_and_an_end_stays() {
        let began = 1_790_000_000_000;
        let mut restores = Restores::default();
        let mut look = |state: &str, after: i64| {
            restores.seen([app(state, began)].iter(), Millis(began + after)).pop().map(|seen| seen.phase)
        };
        assert_eq!(look("ready", 1_000), Some(Phase::Running), "accepted, and the app is still as it was");
        assert_eq!(look("restoring", 2_000), Some(Phase::Running));
        assert_eq!(look("ready", 3_000), Some(Phase::Succeeded));
        assert_eq!(
            look("unavailable", 400_000_000),
            Some(Phase::Succeeded),
            "the app's later life is not the restore's"
        );
        // Somebody who begins to look later.
        let mut later = Restores::default();
        let seen = later.seen([app("failed", began)].iter(), Millis(began + 60_000));
        assert_eq!(
            (seen[0].phase.clone(), seen[0].name.as_str(), seen[0].point.as_str()),
            (Phase::Failed, "a/r1", "a/b")
        );
        assert!(Restores::default().seen([app("failed", began)].iter(), Millis(began + 90_000_000)).is_empty());
    }
}
