//! What Palette's requests say, in our words. Pure. What isn't told is absent: there are no bytes, no counts and no percentages
//! anywhere in its backups.

use super::words::{self, Deletion};
use crate::provider::{
    PointSeen, RestoreSeen, RunSeen,
    palette::{
        key::{self, PointKey},
        wire::{self, ClusterBackup, Entry, RestoreEntry, Workspace, moment},
    },
};
use model::{
    Millis, Phase,
    location::{Location, LocationState},
    named::Named,
    recovery::{PointDetail, PointState},
    run::{ClusterPart, RunDetail, Trigger},
};
use std::collections::HashSet;

/// What a request of a workspace is read with.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    pub workspace: &'a Workspace,
    /// Of the workspace's policy.
    pub prefix: Option<&'a str>,
}

impl Frame<'_> {
    fn cluster(&self, uid: &str, name: &str) -> Named {
        if name.is_empty() { self.workspace.cluster(uid) } else { Named::new(uid, name) }
    }

    fn point(&self, request: &str, part: &ClusterBackup) -> String {
        let point = PointKey {
            workspace: self.workspace.uid.clone(),
            request: request.to_owned(),
            cluster: part.cluster_uid.clone(),
            backup: part.status.backup_name.clone(),
        };
        point.name()
    }
}

fn some(text: &str) -> Option<String> {
    (!text.trim().is_empty()).then(|| text.trim().to_owned())
}

/// The definition that a request belongs to: by its own name, or by its clusters' backups', which begin with the policy's prefix.
pub fn definition(entry: &Entry, prefix: Option<&str>) -> Option<String> {
    let parts = entry.backup.cluster_backup_refs.iter().map(|r| r.status.backup_name.as_str());
    [entry.backup.backup_name.as_str()].into_iter().chain(parts).find_map(|name| key::definition_of(name, prefix))
}

/// Whether a clock began it. The actor's word counts; where that says nothing, a schedule's name ends in a moment.
fn trigger(entry: &Entry, declared: Option<&str>) -> Trigger {
    let actor = &entry.actor.actor_type;
    let stamped = declared.is_some_and(|prefix| key::is_stamped(&entry.backup.backup_name, prefix));
    if words::by_schedule(actor) || (stamped && !words::by_person(actor)) {
        Trigger::Schedule
    } else {
        Trigger::Elsewhere
    }
}

/// A run, from its request; `skipped` are clusters that were meant and are not among its results.
pub fn run(entry: &Entry, frame: Frame<'_>, skipped: &[Named]) -> RunSeen {
    let (backup, name) = (&entry.backup, &entry.backup.backup_name);
    let parts: Vec<ClusterPart> = backup.cluster_backup_refs.iter().map(|part| cluster_part(part, frame)).collect();
    let phases: Vec<Phase> = parts.iter().map(|p| p.phase.clone()).collect();
    let phase = words::roll_up(&words::phase(&backup.backup_state.state), &phases, !skipped.is_empty());
    let declared = definition(entry, frame.prefix);
    let ended = backup
        .cluster_backup_refs
        .iter()
        .filter_map(|r| moment(&r.status.backup_state.backup_time))
        .chain(moment(&backup.backup_time))
        .max()
        .filter(|_| phase.is_final());
    let requested = moment(&backup.request_time);
    let title = if name.is_empty() { entry.request_uid.clone() } else { name.clone() };
    let mut detail = RunDetail {
        title: Some(title),
        expires: parts.iter().filter_map(|p| p.expires).min(),
        message: message(&parts).or_else(|| some(&backup.backup_state.msg)),
        namespaces: namespaces(&parts, &backup.config.namespaces),
        facts: facts(&parts, skipped),
        ..RunDetail::default()
    };
    detail.clusters = parts;
    detail.clusters.extend(skipped.iter().cloned().map(left_out));
    if !skipped.is_empty() && detail.message.is_none() {
        let names: Vec<&str> = skipped.iter().map(|c| c.name.as_str()).collect();
        detail.message = Some(format!("Not backed up: {}.", names.join(", ")));
    }
    RunSeen {
        name: key::request(&frame.workspace.uid, &entry.request_uid),
        order: declared.as_ref().filter(|_| !words::by_schedule(&entry.actor.actor_type)).map(|_| name.clone()),
        definition: None,
        trigger: trigger(entry, declared.as_deref()),
        declared,
        phase,
        raw_phase: backup.backup_state.state.clone(),
        created: requested,
        started: requested.filter(|_| !matches!(phases.as_slice(), [] if ended.is_none())),
        ended,
        detail,
    }
}

fn cluster_part(part: &ClusterBackup, frame: Frame<'_>) -> ClusterPart {
    let state = &part.status.backup_state;
    ClusterPart {
        cluster: frame.cluster(&part.cluster_uid, &part.cluster_name),
        phase: words::phase(&state.state),
        raw_phase: state.state.clone(),
        message: some(&state.msg),
        expires: moment(&part.status.expiry_date),
        namespaces: part.status.backuped_namespaces.clone(),
        skipped: None,
    }
}

fn left_out(cluster: Named) -> ClusterPart {
    ClusterPart {
        cluster,
        phase: Phase::Unknown("skipped".into()),
        raw_phase: String::new(),
        message: None,
        expires: None,
        namespaces: Vec::new(),
        skipped: Some(
            "It is named in the policy and not among the results: Palette leaves out what it can't reach, and forgets what \
             was deleted."
                .into(),
        ),
    }
}

/// The first cluster's that did not end well, with its name.
fn message(parts: &[ClusterPart]) -> Option<String> {
    let bad: Vec<&ClusterPart> = parts.iter().filter(|p| !p.phase.is_good() && p.message.is_some()).collect();
    let first = bad.first()?;
    let said = format!("{}: {}", first.cluster.name, first.message.as_deref().unwrap_or_default());
    Some(match bad.len() {
        1 => said,
        n => format!("{said} (and {} more clusters)", n - 1),
    })
}

fn namespaces(parts: &[ClusterPart], asked: &[String]) -> Vec<String> {
    let mut all: Vec<String> =
        parts.iter().flat_map(|p| p.namespaces.iter().cloned()).chain(asked.iter().cloned()).collect();
    all.sort();
    all.dedup();
    all
}

fn facts(parts: &[ClusterPart], skipped: &[Named]) -> Vec<(String, String)> {
    let good = parts.iter().filter(|p| p.phase.is_good()).count();
    match parts.len() + skipped.len() {
        0 => Vec::new(),
        all => vec![("Clusters backed up".into(), format!("{good} of {all}"))],
    }
}

/// The recovery points of a request, one for each cluster whose backup can be restored.
pub fn points(entry: &Entry, frame: Frame<'_>) -> Vec<PointSeen> {
    let declared = definition(entry, frame.prefix);
    let requested = moment(&entry.backup.request_time);
    entry
        .backup
        .cluster_backup_refs
        .iter()
        .filter_map(|part| {
            let status = &part.status;
            let state = point_state(part)?;
            let cluster = frame.cluster(&part.cluster_uid, &part.cluster_name);
            Some(PointSeen {
                name: frame.point(&entry.request_uid, part),
                run: Some(key::request(&frame.workspace.uid, &entry.request_uid)),
                definition: None,
                declared: declared.clone(),
                state,
                // The data is at least as new as the request; the other moment that is told is that of the end.
                taken: requested.or_else(|| moment(&status.backup_state.backup_time)),
                expires: moment(&status.expiry_date),
                location: None,
                namespaces: status.backuped_namespaces.clone(),
                items: None,
                detail: PointDetail {
                    title: Some(status.backup_name.clone()),
                    subject: Some(Named::new(&frame.workspace.uid, &frame.workspace.name)),
                    cluster: Some(cluster),
                    message: some(&status.backup_state.msg),
                    ..PointDetail::default()
                },
            })
        })
        .collect()
}

/// What a cluster's backup is as a recovery point, if it is one.
fn point_state(part: &ClusterBackup) -> Option<PointState> {
    let state = &part.status.backup_state;
    if part.status.backup_name.is_empty() {
        return None;
    }
    match (words::deletion(state), words::phase(&state.state)) {
        (Deletion::Done, _) => None,
        (Deletion::Asked, Phase::Failed) => None,
        (Deletion::Asked, _) => Some(PointState::Deleting),
        (_, Phase::Succeeded) => Some(PointState::Whole),
        (_, Phase::Partial) => Some(PointState::Partial),
        // Something that ended under a word of another release: there, but nobody may count on it.
        (_, Phase::Unknown(word)) if moment(&state.backup_time).is_some() => Some(PointState::Unknown(word)),
        _ => None,
    }
}

/// Deletions that Palette refused: the point, and what it says.
pub fn refusals(entry: &Entry, frame: Frame<'_>) -> Vec<(String, String)> {
    let refused = |part: &&ClusterBackup| words::deletion(&part.status.backup_state) == Deletion::Refused;
    let parts = entry.backup.cluster_backup_refs.iter().filter(refused);
    parts
        .map(|part| {
            let said = some(&part.status.backup_state.msg);
            let reason = said.unwrap_or_else(|| "Palette could not delete it and does not say why.".into());
            (frame.point(&entry.request_uid, part), reason)
        })
        .collect()
}

/// A restore. It names the backup and the cluster, not the request that made the backup: `point` finds that.
pub fn restore(entry: &RestoreEntry, frame: Frame<'_>, point: impl Fn(&str, &str) -> Option<String>) -> RestoreSeen {
    let restore = &entry.restore;
    let refs = &restore.cluster_restore_refs;
    let parts: Vec<ClusterPart> = refs
        .iter()
        .map(|part| ClusterPart {
            cluster: frame.cluster(&part.cluster_uid, &part.cluster_name),
            phase: words::phase(&part.status.state),
            raw_phase: part.status.state.clone(),
            message: some(&part.status.msg),
            expires: None,
            namespaces: Vec::new(),
            skipped: None,
        })
        .collect();
    let phases: Vec<Phase> = parts.iter().map(|p| p.phase.clone()).collect();
    let phase = words::roll_up(&words::phase(&restore.restore_state.state), &phases, false);
    let ended = refs.iter().filter_map(|r| moment(&r.status.restore_time)).chain(moment(&restore.restore_time)).max();
    let first = refs.first();
    let backup = first.map_or(restore.backup_name.as_str(), |r| r.backup_name.as_str());
    let found = first.and_then(|r| point(&r.cluster_uid, &r.backup_name));
    RestoreSeen {
        name: key::request(&frame.workspace.uid, &entry.request_uid),
        order: None,
        point: found.unwrap_or_else(|| backup.to_owned()),
        ended: ended.filter(|_| phase.is_final()),
        phase,
        raw_phase: restore.restore_state.state.clone(),
        created: None,
        started: None,
        mapping: Vec::new(),
        detail: RunDetail {
            title: some(backup),
            message: message(&parts).or_else(|| some(&restore.restore_state.msg)),
            clusters: parts,
            ..RunDetail::default()
        },
    }
}

/// Clusters that a finished request was for and that are not among its results.
///
/// A request doesn't keep which clusters it was for; the policy says it for those that came after its last change. For an older
/// one a cluster counts that the policy names and that `before` had already: one that was added later was not left out.
pub fn skipped(
    entry: &Entry,
    asked: Option<&[String]>,
    named: &[Named],
    since: Option<Millis>,
    before: &HashSet<String>,
) -> Vec<Named> {
    let refs = &entry.backup.cluster_backup_refs;
    let requested = moment(&entry.backup.request_time);
    let fresh = requested.is_some() && since.is_some_and(|since| requested >= Some(since));
    named
        .iter()
        .filter(|c| match asked {
            Some(asked) => asked.contains(&c.id),
            None => fresh || before.contains(&c.id),
        })
        .filter(|c| !refs.iter().any(|r| r.cluster_uid == c.id))
        .cloned()
        .collect()
}

/// A backup location. Palette doesn't tell whether it can be written.
pub fn location(location: &wire::Location) -> Location {
    let kind = match location.kind.as_deref().unwrap_or(&location.storage) {
        "s3" => "S3",
        "minio" => "MinIO",
        "gcp" => "Google Cloud Storage",
        "azure" => "Azure",
        "" => "unknown storage",
        other => other,
    };
    let place = match (&location.place, kind) {
        (Some(place), "Azure") => format!("container {place} at {kind}"),
        (Some(place), _) => format!("bucket {place} at {kind}"),
        (None, _) => kind.to_owned(),
    };
    Location {
        name: location.name.clone(),
        is_default: location.is_default,
        read_only: false,
        state: LocationState::Available,
        message: Some("Palette does not tell whether it can be written; a run shows it.".into()),
        place,
    }
}

#[cfg(test)]
mod tests;
