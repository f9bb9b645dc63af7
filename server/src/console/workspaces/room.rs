//! A workspace over the places that are there: what belongs to it, what is left out, what nothing protects. Pure.

use super::{
    estate::Estate,
    places::{Spot, Upstream},
};
use crate::store::{StoredInventory, WorkspaceRecord};
use app::paths;
use model::{
    ConnectionId, Named, WorkspaceId,
    capability::SubjectKind,
    connection::SubjectSeen,
    duration::Seconds,
    judgement::{Covered, Evidence, Judgement, Reason, Uncovered, judge_covered},
    protection::Protection,
    view::{Need, NeedKind},
    workspace::{LeftOut, Rule, Workspace},
};
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Of an upstream's own workspace until somebody sets another.
pub(super) const USUAL_RPO: Seconds = Seconds(24 * 3600);

/// One workspace.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    pub id: WorkspaceId,
    pub workspace: Workspace,
    /// 0: nothing was set for this workspace of an upstream.
    pub version: i64,
    /// Where an upstream keeps it: the connection, and its id there.
    pub upstream: Option<(ConnectionId, String)>,
    /// What is watched, by index.
    pub spots: Vec<usize>,
    /// Definitions that take some of it in, by index.
    pub members: Vec<usize>,
    /// What is left out, with how many things that takes out now.
    pub left_out: Vec<(LeftOut, u32)>,
    /// Places that are left out, with the reason.
    pub omitted: Vec<(usize, String)>,
    /// Rules whose connection is no more, by number.
    pub orphans: Vec<usize>,
}

/// The id of an upstream's own workspace: the same for as long as that exists.
pub(super) fn derived_id(connection: &ConnectionId, upstream_id: &str) -> WorkspaceId {
    let digest = Sha256::digest(format!("workspace\n{connection}\n{upstream_id}").as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    WorkspaceId(uuid::Builder::from_custom_bytes(bytes).into_uuid().to_string())
}

/// What an upstream's own workspace takes in, in the form of a rule.
pub(super) fn own_rule(connection: &ConnectionId, name: &str) -> Rule {
    Rule { connection: Some(connection.clone()), subjects: vec![name.to_owned()], ..Rule::default() }
}

/// Ours by name, then the upstreams' own.
pub(super) fn rooms(
    records: &[WorkspaceRecord],
    upstreams: &[Upstream],
    inventories: &[StoredInventory],
    spots: &[Spot],
) -> Vec<Room> {
    let ours = records.iter().filter(|record| record.upstream.is_none()).map(|record| {
        let taken = |spot: &Spot| taken(&record.workspace.rules, spot);
        let room = furnish(record.id.clone(), record.workspace.clone(), None, record.version, spots, &taken);
        let is_orphan = |rule: &Rule| {
            rule.connection.as_ref().is_some_and(|wanted| upstreams.iter().all(|upstream| upstream.id != *wanted))
        };
        let orphans = record.workspace.rules.iter().enumerate().filter(|(_, rule)| is_orphan(rule));
        Room { orphans: orphans.map(|(index, _)| index).collect(), ..room }
    });
    let keepers = upstreams.iter().filter(|upstream| upstream.sort == Some(SubjectKind::Workspace));
    let theirs = keepers.flat_map(|upstream| {
        let inventory = inventories.iter().find(|inventory| inventory.connection == upstream.id);
        let subjects = inventory.map(|inventory| inventory.inventory.subjects.as_slice()).unwrap_or_default();
        subjects.iter().map(|subject| kept_upstream(records, upstream, subject, spots))
    });
    ours.chain(theirs).collect()
}

fn kept_upstream(records: &[WorkspaceRecord], upstream: &Upstream, subject: &SubjectSeen, spots: &[Spot]) -> Room {
    let id = derived_id(&upstream.id, &subject.id);
    let set = records.iter().find(|record| record.id == id);
    let workspace = Workspace {
        name: subject.name.clone(),
        rpo: set.map_or(USUAL_RPO, |record| record.workspace.rpo),
        rules: vec![own_rule(&upstream.id, &subject.name)],
        left_out: set.map(|record| record.workspace.left_out.clone()).unwrap_or_default(),
    };
    let taken = |spot: &Spot| {
        let inside = spot.connection == upstream.id && spot.subject.as_ref().is_some_and(|own| own.id == subject.id);
        if inside { Taken::ByName } else { Taken::No }
    };
    let kept = Some((upstream.id.clone(), subject.id.clone()));
    furnish(id, workspace, kept, set.map_or(0, |record| record.version), spots, &taken)
}

/// How a place belongs to a workspace.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taken {
    No,
    /// By a rule that names no namespaces.
    Whole,
    /// By a rule that names namespaces.
    ByName,
}

fn taken(rules: &[Rule], spot: &Spot) -> Taken {
    let place = spot.place();
    rules.iter().filter(|rule| rule.takes(&place)).fold(Taken::No, |best, rule| {
        match (best, rule.namespaces.is_empty()) {
            (Taken::ByName, _) | (_, false) => Taken::ByName,
            (Taken::No | Taken::Whole, true) => Taken::Whole,
        }
    })
}

/// Whether these rules take a place in.
pub(super) fn belongs(rules: &[Rule], spot: &Spot) -> bool {
    taken(rules, spot) != Taken::No
}

const KEPT_FOR_ITSELF: &str =
    "Kubernetes and the backup system keep these for themselves; name one in a rule to have it watched.";

fn furnish(
    id: WorkspaceId,
    workspace: Workspace,
    upstream: Option<(ConnectionId, String)>,
    version: i64,
    spots: &[Spot],
    take: &dyn Fn(&Spot) -> Taken,
) -> Room {
    let mut room = Room {
        id,
        version,
        upstream,
        spots: Vec::new(),
        members: Vec::new(),
        left_out: Vec::new(),
        omitted: Vec::new(),
        orphans: Vec::new(),
        workspace,
    };
    let mut counts = vec![BTreeSet::new(); room.workspace.left_out.len()];
    // Names of what the system or Kubernetes leaves out, by reason and by whom.
    let mut others: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut members = BTreeSet::new();
    for (index, spot) in spots.iter().enumerate() {
        let how = take(spot);
        if how == Taken::No {
            continue;
        }
        let left = room.workspace.left_out.iter().position(|left| left.takes(&spot.place()));
        if let Some(left) = left {
            counts[left].insert((spot.connection.clone(), spot.name().to_owned()));
            room.omitted.push((index, room.workspace.left_out[left].reason.clone()));
        } else if let Some(why) = &spot.skipped {
            others.entry((why.clone(), spot.kind.word().to_owned())).or_default().insert(spot.name().to_owned());
            room.omitted.push((index, why.clone()));
        } else if spot.own && how == Taken::Whole && spot.covered.is_empty() {
            let by = (KEPT_FOR_ITSELF.to_owned(), "Holdfast".to_owned());
            others.entry(by).or_default().insert(spot.name().to_owned());
            room.omitted.push((index, KEPT_FOR_ITSELF.to_owned()));
        } else {
            room.spots.push(index);
            members.extend(spot.covered.iter().copied());
        }
    }
    room.members = members.into_iter().collect();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    room.left_out =
        room.workspace.left_out.iter().cloned().zip(counts.iter().map(|names| count(names.len()))).collect();
    room.left_out.extend(others.into_iter().map(|((reason, by), names)| {
        let n = names.len();
        (LeftOut { pattern: listed(names), reason, by }, count(n))
    }));
    room
}

/// `a, b, c and 4 more`.
fn listed(names: BTreeSet<String>) -> String {
    const SHOWN: usize = 4;
    let more = names.len().saturating_sub(SHOWN);
    let shown: Vec<String> = names.into_iter().take(SHOWN).collect();
    match more {
        0 => shown.join(", "),
        n => format!("{} and {n} more", shown.join(", ")),
    }
}

impl Room {
    /// What is watched and in no definition, each once: an app or an instance is one thing however many namespaces it has.
    pub(super) fn uncovered(&self, spots: &[Spot], is_silent: &dyn Fn(&ConnectionId) -> bool) -> Vec<Uncovered> {
        let mut all: Vec<Uncovered> = Vec::new();
        for spot in self.spots.iter().map(|index| &spots[*index]).filter(|spot| spot.covered.is_empty()) {
            let one = Uncovered {
                connection_name: spot.connection_name.clone(),
                cluster: spot.cluster.as_ref().map(|cluster| cluster.name.clone()),
                name: spot.name().to_owned(),
                since: spot.since,
                silent: is_silent(&spot.connection),
            };
            all.push(one);
        }
        // By all that is said of one, so that repeats stand together.
        let key = |one: &Uncovered| (one.since, one.silent);
        all.sort_by(|a, b| {
            (&a.name, &a.connection_name, &a.cluster, key(a)).cmp(&(&b.name, &b.connection_name, &b.cluster, key(b)))
        });
        all.dedup();
        all
    }

    /// The parts of its definitions that are about it, each with its definition's index.
    fn evidence(&self, estate: &Estate, evidence: &[Vec<Evidence>]) -> Vec<(usize, Evidence)> {
        let of_room = |part: &&Evidence| part.cluster.as_ref().is_none_or(|cluster| self.has_cluster(estate, cluster));
        let parts = |index: &usize| {
            let index = *index;
            evidence[index].iter().filter(of_room).map(move |part| (index, part.clone())).collect::<Vec<_>>()
        };
        self.members.iter().flat_map(parts).collect()
    }

    /// Its places with the parts that take each in: where definitions overlap, the newest point of a place counts.
    fn covered(&self, estate: &Estate, parts: &[(usize, Evidence)]) -> Vec<Covered> {
        let place = |spot: &usize| {
            let spot = &estate.spots[*spot];
            let about = |(index, part): &(usize, Evidence)| {
                let here = match (&part.cluster, &spot.cluster) {
                    (Some(cluster), Some(own)) => cluster.id == own.id,
                    _ => true,
                };
                here && spot.covered.contains(index)
            };
            let by: Vec<usize> = (0..parts.len()).filter(|n| about(&parts[*n])).collect();
            let is_whole = |n: &usize| estate.definitions[parts[*n].0].stored.definition.takes_all();
            Covered { whole: by.iter().copied().filter(is_whole).collect(), by }
        };
        self.spots.iter().map(place).filter(|place| !place.by.is_empty()).collect()
    }

    fn has_cluster(&self, estate: &Estate, cluster: &Named) -> bool {
        self.spots.iter().any(|spot| estate.spots[*spot].cluster.as_ref().is_none_or(|own| own.id == cluster.id))
    }

    pub(super) fn judge(&self, estate: &Estate, evidence: &[Vec<Evidence>]) -> Judgement {
        let is_silent = |id: &ConnectionId| estate.connections.iter().any(|c| c.id == *id && c.health.is_silent());
        let uncovered = self.uncovered(&estate.spots, &is_silent);
        let parts = self.evidence(estate, evidence);
        let covered = self.covered(estate, &parts);
        let parts: Vec<Evidence> = parts.into_iter().map(|(_, part)| part).collect();
        let mut judgement = judge_covered(&parts, &covered, &uncovered, self.workspace.rpo, estate.at);
        for rule in &self.orphans {
            // What it took in is not watched any more: nothing proves that all is well.
            if judgement.protection == Protection::Protected {
                judgement.protection = Protection::Unknown;
            }
            let sentence = format!("rule {} takes nothing in: its connection was removed", rule + 1);
            let reason = Reason {
                protection: Protection::Unknown,
                subject: String::new(),
                definition: None,
                sentence,
                since: None,
            };
            let place = judgement.reasons.iter().position(|r| r.protection.rank() > Protection::Unknown.rank());
            judgement.reasons.insert(place.unwrap_or(judgement.reasons.len()), reason);
        }
        judgement
    }

    /// On the needs list: what nothing protects.
    pub(super) fn need(&self, spots: &[Spot]) -> Option<Need> {
        let uncovered = self.uncovered(spots, &|_| false);
        let names: BTreeSet<String> = uncovered.iter().map(|one| one.name.clone()).collect();
        let places: BTreeSet<String> =
            uncovered.iter().map(|one| one.cluster.clone().unwrap_or_else(|| one.connection_name.clone())).collect();
        let what = match names.len() {
            0 => return None,
            1 => format!("{} is in no definition", listed(names)),
            n => format!("{n} things are in no definition: {}", listed(names)),
        };
        Some(Need {
            kind: NeedKind::Unprotected,
            subject: self.workspace.name.clone(),
            what,
            detail: format!("On {}.", listed(places)),
            since: uncovered.iter().filter_map(|one| one.since).min(),
            link: paths::workspace(&self.id),
            action: "Look".into(),
        })
    }
}

#[cfg(test)]
mod tests;
