//! Bringing a recovery point back.

use crate::{
    capability::RestoreCapabilities, id::*, invalid::Invalid, name, named::Named, phase::Phase,
    recovery::RecoveryPoint, run::RunDetail, scope::ClusterObjects, time::Millis,
};
use serde::{Deserialize, Serialize};

/// What the restore form holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RestoreDraft {
    pub point: String,
    /// `beside` makes something new, `in_place` puts back over what is there. Empty: beside where that is possible.
    pub way: String,
    /// Of the new app or instance.
    pub new_name: String,
    /// The cluster that it goes into; `None`: the one that it was taken from.
    pub place: Option<Named>,
    /// Namespaces to take; empty takes all that the point has.
    pub namespaces: Vec<String>,
    /// From, to; a row whose two sides are equal maps nothing.
    pub mapping: Vec<(String, String)>,
    /// Put before and after each namespace that is not mapped by itself.
    pub prefix: String,
    pub suffix: String,
    /// From, to.
    pub storage_classes: Vec<(String, String)>,
    /// `keep` leaves objects that exist alone, `update` changes them where they differ.
    pub existing: String,
    /// `upstream`, `yes`, `no`: whether volumes are restored.
    pub volumes: String,
    /// Keep the NodePorts of services.
    pub keep_node_ports: bool,
    pub cluster_objects: ClusterObjects,
    /// Size of the new instance.
    pub flavor: Option<Named>,
    pub networks: Vec<Named>,
    pub floating_ips: Vec<Named>,
    pub security_groups: Vec<Named>,
    /// The point's title, typed, when something that exists would be changed.
    pub confirm: String,
}

/// A valid order to restore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RestoreOrder {
    pub point: PointId,
    /// The point's upstream name.
    pub point_name: String,
    /// What the point is of, and the cluster that it was taken from, where the upstream tells.
    pub subject: Option<Named>,
    pub cluster: Option<Named>,
    pub in_place: bool,
    /// Empty: as the upstream names it.
    pub new_name: String,
    pub place: Option<Named>,
    pub namespaces: Vec<String>,
    /// Only pairs that differ.
    pub mapping: Vec<(String, String)>,
    pub prefix: String,
    pub suffix: String,
    /// Only pairs that differ.
    pub storage_classes: Vec<(String, String)>,
    pub update_existing: bool,
    /// `None`: as the upstream is set up.
    pub volumes: Option<bool>,
    pub keep_node_ports: bool,
    pub cluster_objects: ClusterObjects,
    pub flavor: Option<Named>,
    pub networks: Vec<Named>,
    pub floating_ips: Vec<Named>,
    pub security_groups: Vec<Named>,
}

/// What the restore form may offer, read live.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RestoreOffer {
    /// Clusters that it can go into, the point's own first.
    pub places: Vec<Place>,
    pub flavors: Vec<Named>,
    pub networks: Vec<Named>,
    pub floating_ips: Vec<Named>,
    pub security_groups: Vec<Named>,
    /// Why it can't be restored in place at present, where the upstream says so.
    pub not_in_place: Option<String>,
    /// What to know before, in sentences.
    pub notes: Vec<String>,
}

/// A cluster that can take a restore.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Place {
    pub cluster: Named,
    pub why_not: Option<String>,
    pub storage_classes: Vec<String>,
}

impl RestoreDraft {
    /// The order, or everything that is wrong with the draft. `point` is the stored one; what it does not tell restricts nothing.
    pub fn parse(&self, point: &RecoveryPoint, can: &RestoreCapabilities) -> Result<RestoreOrder, Invalid> {
        let mut invalid = Invalid::default();
        let known = &point.namespaces;
        let listed = !known.is_empty() && !known.iter().any(|k| k.contains('*'));
        for (i, ns) in self.namespaces.iter().enumerate() {
            if listed && !known.contains(ns) {
                invalid.push(format!("namespaces.{i}"), "unknown", format!("The point has no namespace “{ns}”."));
            }
        }
        let in_place = match self.way.as_str() {
            "" => !can.beside.is_yes(),
            "beside" => false,
            "in_place" => true,
            other => {
                invalid.push("way", "unknown", format!("“{other}” is not a choice: beside or in_place."));
                false
            }
        };
        let mapping = pairs(&self.mapping, "mapping", &mut invalid);
        for (i, (_, to)) in mapping.iter().enumerate() {
            if let Some((code, sentence)) = name::label_problem(to, 63) {
                invalid.push(format!("mapping.{i}"), code, format!("“{to}” can't be a namespace. {sentence}"));
            }
            if mapping[..i].iter().any(|(_, other)| other == to) {
                let sentence = format!("Two namespaces would be merged into {to}; give each a place of its own.");
                invalid.push(format!("mapping.{i}"), "merged", sentence);
            }
        }
        let storage_classes = pairs(&self.storage_classes, "storage_classes", &mut invalid);
        let update_existing = match self.existing.as_str() {
            "" | "keep" => false,
            "update" => true,
            other => {
                invalid.push("existing", "unknown", format!("“{other}” is not a choice: keep or update."));
                false
            }
        };
        let volumes = match self.volumes.as_str() {
            "" | "upstream" => None,
            "yes" => Some(true),
            "no" => Some(false),
            other => {
                invalid.push("volumes", "unknown", format!("“{other}” is not a choice: upstream, yes or no."));
                None
            }
        };
        let affixes = [("prefix", self.prefix.trim()), ("suffix", self.suffix.trim())];
        for (field, text) in affixes {
            // Before and after a name any of its characters may stand, also a hyphen.
            if let Some((code, sentence)) = name::label_problem(&format!("a{text}a"), 63) {
                invalid.push(field, code, format!("“{text}” can't be a part of a namespace. {sentence}"));
            }
        }
        let new_name = self.new_name.trim();
        if can.new_name.is_yes() && !in_place && new_name.is_empty() {
            invalid.push("new_name", "required", "Give what is made a name.");
        }
        if can.flavors.is_yes() && self.flavor.is_none() {
            invalid.push("flavor", "required", "Choose the size of the new instance.");
        }
        let objects = self.cluster_objects != ClusterObjects::Needed;
        for (wanted, path, support) in [
            (in_place, "way", &can.in_place),
            (!in_place, "way", &can.beside),
            (!self.namespaces.is_empty(), "namespaces", &can.namespaces),
            (!mapping.is_empty(), "mapping", &can.map_namespaces),
            (!affixes[0].1.is_empty(), "prefix", &can.affixes),
            (!affixes[1].1.is_empty(), "suffix", &can.affixes),
            (!storage_classes.is_empty(), "storage_classes", &can.storage_classes),
            (self.place.is_some(), "place", &can.elsewhere),
            (!in_place && !new_name.is_empty(), "new_name", &can.new_name),
            (update_existing, "existing", &can.update_existing),
            (volumes.is_some(), "volumes", &can.volumes),
            (self.keep_node_ports, "keep_node_ports", &can.node_ports),
            (objects, "cluster_objects", &can.cluster_objects),
            (self.flavor.is_some(), "flavor", &can.flavors),
            (!self.networks.is_empty(), "networks", &can.networks),
            (!self.floating_ips.is_empty(), "floating_ips", &can.floating_ips),
            (!self.security_groups.is_empty(), "security_groups", &can.security_groups),
        ] {
            if let (true, Some(why)) = (wanted, support.why_not()) {
                invalid.push(path, "refused", why);
            }
        }
        if let Some(why) = &point.detail.not_restorable {
            invalid.push("point", "refused", why);
        }
        let title = point.title();
        if (update_existing || in_place) && self.confirm.trim() != title {
            invalid.push("confirm", "confirm", format!("Type {title}: what exists will be changed."));
        }
        invalid.check(RestoreOrder {
            point: point.id.clone(),
            point_name: point.name.clone(),
            subject: point.detail.subject.clone(),
            cluster: point.detail.cluster.clone(),
            in_place,
            new_name: new_name.to_owned(),
            place: self.place.clone(),
            namespaces: self.namespaces.clone(),
            mapping,
            prefix: affixes[0].1.to_owned(),
            suffix: affixes[1].1.to_owned(),
            storage_classes,
            update_existing,
            volumes,
            keep_node_ports: self.keep_node_ports,
            cluster_objects: self.cluster_objects,
            flavor: self.flavor.clone(),
            networks: self.networks.clone(),
            floating_ips: self.floating_ips.clone(),
            security_groups: self.security_groups.clone(),
        })
    }
}

/// Pairs whose two sides differ, trimmed; each left side once.
fn pairs(typed: &[(String, String)], path: &str, invalid: &mut Invalid) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for (i, (from, to)) in typed.iter().enumerate() {
        let (from, to) = (from.trim().to_owned(), to.trim().to_owned());
        if to.is_empty() || from == to {
            continue;
        }
        if out.iter().any(|(f, _)| *f == from) {
            invalid.push(format!("{path}.{i}"), "twice", format!("{from} is mapped twice; keep one."));
        }
        out.push((from, to));
    }
    out
}

/// A restore, ours or somebody else's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restore {
    pub id: RestoreId,
    pub connection: ConnectionId,
    pub point: Option<PointId>,
    /// The point's upstream name.
    pub point_name: String,
    pub name: String,
    pub phase: Phase,
    pub raw_phase: String,
    /// Who asked through Holdfast; `None` when it was made elsewhere.
    pub asked_by: Option<String>,
    pub created: Option<Millis>,
    pub started: Option<Millis>,
    pub ended: Option<Millis>,
    pub mapping: Vec<(String, String)>,
    pub detail: RunDetail,
    pub observed: Millis,
    pub gone: bool,
    /// Why it is not yet upstream, when it isn't: the reconciler's last error.
    pub waiting: Option<String>,
}

impl Restore {
    /// What people call it.
    pub fn title(&self) -> &str {
        self.detail.title.as_deref().unwrap_or(&self.name)
    }
}

#[cfg(test)]
mod tests;
