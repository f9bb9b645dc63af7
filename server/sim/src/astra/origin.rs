//! Where a restored app comes from: a backup, a snapshot or a live app; and where its namespaces go.

use serde_json::{Map, Value, json};

use super::account::{Account, Deed, Run};
use super::problem::Problem;
use super::schema;
use super::shelf::Shelf;
use super::{app, news};
use crate::json::{set, text, texts};

/// Whether it can be restored from; `app` is whose it must be.
pub(super) fn restorable(a: &Account, shelf: Shelf, id: &str, app: Option<&str>) -> Result<(), Problem> {
    let missing = || Problem::new(if shelf == Shelf::Backup { 74 } else { 46 });
    let row = a.row(shelf, id).ok_or_else(missing)?;
    if app.is_some_and(|app| row.owner != app) {
        return Err(Problem::new(76));
    }
    match (text(&row.value, "/state"), shelf) {
        ("completed", _) => Ok(()),
        (_, Shelf::Snap) => Err(Problem::new(111)),
        _ => Err(missing()),
    }
}

/// Makes a new app from the field `source`.
pub(super) fn make(
    a: &mut Account,
    cluster: &str,
    source: &str,
    fields: &Map<String, Value>,
) -> Result<Value, Problem> {
    let given = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let id = given(source);
    let from = match source {
        "backupID" => {
            restorable(a, Shelf::Backup, id, None)?;
            a.row(Shelf::Backup, id).map(|row| row.owner.clone()).unwrap_or_default()
        }
        "snapshotID" => {
            restorable(a, Shelf::Snap, id, None)?;
            a.row(Shelf::Snap, id).map(|row| row.owner.clone()).unwrap_or_default()
        }
        _ => id.to_owned(),
    };
    if a.row(Shelf::App, &from).is_none() {
        return Err(Problem::new(75));
    }
    if source == "sourceAppID" {
        app::ready_for_work(a, &from)?;
    }
    if given("sourceClusterID").is_empty() {
        return Err(Problem::field("sourceClusterID", "is required for clones and restores"));
    }
    if given("sourceClusterID") != text(a.value(Shelf::App, &from), "/clusterID") {
        return Err(Problem::new(106));
    }
    if fields.contains_key("namespaceScopedResources") {
        return Err(Problem::field("namespaceScopedResources", "comes from the source of a clone or restore"));
    }
    if let Some(filter) = fields.get("restoreFilter") {
        check_filter(filter)?;
    }
    check_classes(a, cluster, fields)?;
    let resources = mapped(a, &from, cluster, given("name"), fields.get("namespaceMapping"))?;
    app::within_limit(a, resources.len())?;
    for entry in &resources {
        namespace(a, cluster, text(entry, "/namespace"));
    }
    let new = app::create(a, cluster, given("name"), &json!(resources), "provisioning");
    a.touch(Shelf::App, &new, |value| {
        for name in [source, "sourceClusterID", "namespaceMapping", "storageClassMapping", "restoreFilter"] {
            if let Some(given) = fields.get(name) {
                set(value, &format!("/{name}"), given.clone());
            }
        }
        set(value, "/sourceAppID", from.as_str());
    });
    app::label(a, &new, fields);
    begin_restore(a, &new, "provisioning");
    Ok(a.value(Shelf::App, &new).clone())
}

/// Sets it to work: about half a minute, then discovery.
pub(super) fn begin_restore(a: &mut Account, app: &str, state: &str) {
    let name = news::app_name(a, app);
    let order = a.orders.take("restore", app, &name);
    let (result, reason) = order.unwrap_or_else(|| ("ready".to_owned(), None));
    let path = format!("/k8s/v2/apps/{app}");
    let task = news::begin(a, "astra.app.restore", &format!("Restore {name}"), app, &path);
    a.set_state(Shelf::App, app, state);
    a.runs.insert(app.to_owned(), Run { result, reason, task, ..Run::default() });
    a.after(30, Deed::Step(Shelf::App, app.to_owned()));
}

/// The source's scope in its new namespaces. Without a mapping, one namespace is named after the new app.
fn mapped(a: &Account, from: &str, cluster: &str, name: &str, mapping: Option<&Value>) -> Result<Vec<Value>, Problem> {
    let source = a.value(Shelf::App, from);
    let list = mapping.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let wrong = |reason: &str| Problem::field("namespaceMapping", reason);
    let known = texts(source, "/namespaces");
    for pair in list {
        let (old, new) = (text(pair, "/source"), text(pair, "/destination"));
        let extra = pair.as_object().is_none_or(|map| map.len() != 2);
        if extra || old.is_empty() || new.is_empty() {
            return Err(Problem::schema("namespaceMapping: source and destination are required"));
        }
        if !schema::is_label(new) {
            return Err(wrong("a destination is not the name of a namespace"));
        }
        if !known.iter().any(|namespace| namespace == old) {
            return Err(wrong("a source is not a namespace of the application"));
        }
    }
    let mut found: Vec<Value> = Vec::new();
    for entry in source["namespaceScopedResources"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let old = text(entry, "/namespace");
        let pair = list.iter().find(|pair| text(pair, "/source") == old);
        let new = match (pair, known.len()) {
            (Some(pair), _) => text(pair, "/destination"),
            (None, 1) if list.is_empty() => name,
            (None, _) => old,
        };
        let taken = a
            .of(Shelf::Namespace, cluster)
            .any(|row| text(&row.value, "/name") == new && text(&row.value, "/namespaceState") != "removed");
        if taken {
            return Err(Problem::new(123));
        }
        found.push(json!({"namespace": new, "labelSelectors": entry["labelSelectors"]}));
    }
    Ok(found)
}

fn check_classes(a: &Account, cluster: &str, fields: &Map<String, Value>) -> Result<(), Problem> {
    let list = fields.get("storageClassMapping").and_then(Value::as_array).cloned().unwrap_or_default();
    let known = |name: &str| a.of(Shelf::StorageClass, cluster).any(|row| text(&row.value, "/name") == name);
    for pair in &list {
        if text(pair, "/source").is_empty() || text(pair, "/destination").is_empty() {
            return Err(Problem::schema("storageClassMapping: source and destination are required"));
        }
        if !known(text(pair, "/destination")) {
            return Err(Problem::new(156));
        }
    }
    Ok(())
}

/// `{resourceSelectionCriteria, GVKN: [{group, version, kind, namespaces, names, labelSelectors}]}`.
pub(super) fn check_filter(filter: &Value) -> Result<(), Problem> {
    const KNOWN: [&str; 6] = ["group", "version", "kind", "namespaces", "names", "labelSelectors"];
    if !matches!(text(filter, "/resourceSelectionCriteria"), "include" | "exclude") {
        return Err(Problem::schema("restoreFilter: resourceSelectionCriteria must be one of: include, exclude"));
    }
    let list = filter["GVKN"].as_array().map(Vec::as_slice).unwrap_or_default();
    let good = |entry: &Value| {
        entry.as_object().is_some_and(|map| !map.is_empty() && map.keys().all(|key| KNOWN.contains(&key.as_str())))
    };
    match !list.is_empty() && list.iter().all(good) {
        true => Ok(()),
        false => Err(Problem::new(147)),
    }
}

/// The namespace of that name, made when it isn't there.
pub(super) fn namespace(a: &mut Account, cluster: &str, name: &str) -> String {
    let found = a.of(Shelf::Namespace, cluster).find(|row| text(&row.value, "/name") == name);
    if let Some(id) = found.map(|row| row.id.clone()) {
        a.touch(Shelf::Namespace, &id, |value| set(value, "/namespaceState", "discovered"));
        return id;
    }
    let label = json!([{"name": "kubernetes.io/metadata.name", "value": name}]);
    let value = json!({"name": name, "namespaceState": "discovered", "namespaceStateDetails": [],
        "clusterID": cluster, "kubernetesLabels": label});
    a.add(Shelf::Namespace, cluster, value)
}
