//! Which objects a spec's namespaces, resources and selectors mean.

use std::sync::Arc;

use serde_json::Value;

use crate::json::{label, text, texts};
use crate::kube::kind::{self, KINDS, Kind};
use crate::kube::selector::LabelSelector;
use crate::kube::store::Store;

const EXCLUDE: &str = "velero.io/exclude-from-backup";

/// Namespaces of the cluster that the spec's lists mean; empty includes mean all, `*` and `?` are globs.
pub(crate) fn namespaces(spec: &Value, store: &Store) -> Vec<String> {
    let included = texts(spec, "/includedNamespaces");
    let excluded = texts(spec, "/excludedNamespaces");
    store
        .list(&kind::NAMESPACE, "")
        .map(|(key, _)| key.name.clone())
        .filter(|name| included.is_empty() || included.iter().any(|glob| matches(glob, name)))
        .filter(|name| !excluded.iter().any(|glob| matches(glob, name)))
        .collect()
}

/// A glob with `*` (anything) and `?` (one character).
pub(crate) fn matches(glob: &str, name: &str) -> bool {
    match (glob.chars().next(), name.chars().next()) {
        (None, None) => true,
        (Some('*'), _) => {
            matches(&glob[1..], name)
                || name.chars().next().is_some_and(|first| matches(glob, &name[first.len_utf8()..]))
        }
        (Some('?'), Some(n)) => matches(&glob[1..], &name[n.len_utf8()..]),
        (Some(g), Some(n)) if g == n => matches(&glob[g.len_utf8()..], &name[n.len_utf8()..]),
        _ => false,
    }
}

fn names(list: &[String], kind: &Kind) -> bool {
    list.iter().any(|item| {
        let item = item.trim_end_matches('.').to_lowercase();
        item == "*" || item == kind.plural || item == kind.qualified_plural() || item == kind.kind.to_lowercase()
    })
}

/// The objects that a backup by that spec takes, in the order that it takes them.
pub(crate) fn select(spec: &Value, store: &Store) -> Vec<Arc<Value>> {
    let namespaces = namespaces(spec, store);
    let labels = selectors(spec);
    let all_namespaces = texts(spec, "/includedNamespaces").iter().all(|name| name == "*");
    let mut items = Vec::new();
    for kind in KINDS.iter().copied().filter(|kind| !kind.custom) {
        if !takes(spec, kind, all_namespaces) {
            continue;
        }
        for (key, object) in store.list(kind, "") {
            let place = if kind == &kind::NAMESPACE {
                namespaces.contains(&key.name)
            } else {
                !kind.namespaced || namespaces.contains(&key.namespace)
            };
            let wanted = labels.is_empty() || labels.iter().any(|l| l.matches(object));
            if place && wanted && label(object, EXCLUDE) != "true" {
                items.push(object.clone());
            }
        }
    }
    items
}

fn selectors(spec: &Value) -> Vec<LabelSelector> {
    let one = spec.get("labelSelector").filter(|s| !s.is_null());
    let many = spec["orLabelSelectors"].as_array().into_iter().flatten();
    one.into_iter().chain(many).map(LabelSelector::from_object).collect()
}

fn takes(spec: &Value, kind: &Kind, all_namespaces: bool) -> bool {
    let (old_in, old_ex) = (texts(spec, "/includedResources"), texts(spec, "/excludedResources"));
    if names(&old_ex, kind) || !(old_in.is_empty() || names(&old_in, kind)) {
        return false;
    }
    let scope = if kind.namespaced { "Namespace" } else { "Cluster" };
    let new_in = texts(spec, &format!("/included{scope}ScopedResources"));
    let new_ex = texts(spec, &format!("/excluded{scope}ScopedResources"));
    if names(&new_ex, kind) || !(new_in.is_empty() || names(&new_in, kind)) {
        return false;
    }
    if kind.namespaced || kind == &kind::NAMESPACE {
        return true;
    }
    match spec.get("includeClusterResources").and_then(Value::as_bool) {
        Some(choice) => choice,
        // Unset: everything of the cluster only with a backup of all namespaces.
        None => all_namespaces || !new_in.is_empty() || !old_in.is_empty(),
    }
}

/// `<kind>` and place of an item as results and logs write it.
pub(crate) fn shown(item: &Value) -> (String, String, String) {
    let word = text(item, "/kind");
    let plural = kind::by_word(word).map_or_else(|| word.to_lowercase(), Kind::qualified_plural);
    (plural, text(item, "/metadata/namespace").to_owned(), text(item, "/metadata/name").to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        assert!(matches("*", "shop"));
        assert!(matches("shop-*", "shop-db"));
        assert!(matches("s?op", "shop"));
        assert!(!matches("shop-*", "shop"));
        assert!(matches("*-db", "a-b-db"));
    }
}
