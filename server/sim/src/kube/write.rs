//! Writing: create, update, patch and delete, with everything the API server checks on the way.

use std::sync::Arc;

use serde_json::{Value, json};

use super::http::{Ask, Reply};
use super::kind::Kind;
use super::list::Selection;
use super::status::{Breach, Refusal};
use super::store::Key;
use super::{patch as patches, schema};
use crate::json::{int, set, stamp, text};
use crate::scenario::Scenario;

/// Which verb a body came with: an unknown field is refused differently for each.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    Body,
    Patch,
}

pub(crate) fn create(
    scenario: &mut Scenario,
    ask: &Ask,
    kind: &'static Kind,
    namespace: &str,
) -> Result<Reply, Refusal> {
    let dry = ask.is_dry()?;
    let mut object = body(ask, kind, namespace)?;
    if kind.namespaced && namespace.is_empty() {
        return Err(Refusal::method_not_allowed());
    }
    let mut name = text(&object, "/metadata/name").to_owned();
    let prefix = text(&object, "/metadata/generateName").to_owned();
    if name.is_empty() && !prefix.is_empty() {
        let cut: String = prefix.chars().take(58).collect();
        name = format!("{cut}{}", scenario.store.suffix());
        set(&mut object, "/metadata/name", name.as_str());
    }
    let warnings = validate(ask, kind, &name, &mut object, Origin::Body)?;
    if name.is_empty() {
        return Err(Refusal::invalid(
            kind,
            "",
            &[Breach {
                reason: "FieldValueRequired",
                message: "Required value: name or generateName is required".to_owned(),
                field: "metadata.name".to_owned(),
            }],
        ));
    }
    if !text(&object, "/metadata/resourceVersion").is_empty() {
        return Err(Refusal::new(500, "", "resourceVersion should not be set on objects to be created", json!({})));
    }
    if kind.namespaced && !scenario.store.has_namespace(namespace) {
        return Err(Refusal::not_found(&super::kind::NAMESPACE, namespace));
    }
    let key = Key::new(kind, namespace, &name);
    if scenario.store.get(&key).is_some() {
        return Err(Refusal::already_exists(kind, &name));
    }
    for field in ["uid", "creationTimestamp", "deletionTimestamp", "generation", "selfLink"] {
        crate::json::unset(&mut object, &format!("/metadata/{field}"));
    }
    if kind.custom {
        let entry = managed(ask, kind, &object, scenario.now);
        set(&mut object, "/metadata/managedFields", json!([entry]));
    }
    let stored = if dry {
        scenario.store.rehearse(&key, object, scenario.now)
    } else {
        let stored = scenario.store.put(&key, object, scenario.now);
        scenario.touched(&key);
        stored
    };
    Ok(Reply::Json { code: 201, body: (*stored).clone(), warnings })
}

/// The bookkeeping that every real object carries: clients must not take it for content.
fn managed(ask: &Ask, kind: &Kind, object: &Value, now: jiff::Timestamp) -> Value {
    let agent = ask.header("user-agent").split('/').next().unwrap_or_default();
    let manager = match (ask.param("fieldManager"), agent) {
        ("", "") => "unknown",
        ("", agent) => agent,
        (given, _) => given,
    };
    let mut fields = json!({});
    for (name, _) in object["spec"].as_object().into_iter().flatten() {
        fields["f:spec"][format!("f:{name}")] = json!({});
    }
    json!({"manager": manager, "operation": "Update", "apiVersion": kind.api_version(),
        "time": stamp(now), "fieldsType": "FieldsV1", "fieldsV1": fields})
}

pub(crate) fn update(
    scenario: &mut Scenario,
    ask: &Ask,
    kind: &'static Kind,
    namespace: &str,
    name: &str,
) -> Result<Reply, Refusal> {
    let mut object = body(ask, kind, namespace)?;
    let given = text(&object, "/metadata/name");
    if given != name {
        return Err(Refusal::bad_request(format!(
            "the name of the object ({given}) does not match the name on the URL ({name})"
        )));
    }
    let warnings = validate(ask, kind, name, &mut object, Origin::Body)?;
    let key = Key::new(kind, namespace, name);
    let old = scenario.store.get(&key).cloned().ok_or_else(|| Refusal::not_found(kind, name))?;
    match text(&object, "/metadata/resourceVersion") {
        "" | "0" if kind.custom => {
            return Err(Refusal::invalid(
                kind,
                name,
                &[Breach::invalid("metadata.resourceVersion", "0x0", "must be specified for an update")],
            ));
        }
        "" | "0" => {}
        version if version != text(&old, "/metadata/resourceVersion") => {
            return Err(Refusal::conflict(kind, name));
        }
        _ => {}
    }
    store(scenario, ask, &key, &old, object, warnings)
}

pub(crate) fn patch(
    scenario: &mut Scenario,
    ask: &Ask,
    kind: &'static Kind,
    namespace: &str,
    name: &str,
) -> Result<Reply, Refusal> {
    let content_type = ask.header("content-type");
    let media = content_type.split(';').next().unwrap_or_default().trim();
    let merge = match media {
        "application/merge-patch+json" => true,
        "application/json-patch+json" => false,
        "application/strategic-merge-patch+json" if !kind.custom => true,
        _ => {
            let accepted = if kind.custom {
                "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml"
            } else {
                "application/json-patch+json, application/merge-patch+json, application/strategic-merge-patch+json, application/apply-patch+yaml"
            };
            return Err(Refusal::unsupported_media_type(accepted));
        }
    };
    let patch: Value = serde_json::from_slice(&ask.body)
        .map_err(|error| Refusal::bad_request(format!("error decoding patch: {error}")))?;
    let key = Key::new(kind, namespace, name);
    let old = scenario.store.get(&key).cloned().ok_or_else(|| Refusal::not_found(kind, name))?;
    let mut object = (*old).clone();
    if merge {
        if !patch.is_object() {
            return Err(Refusal::bad_request("error decoding patch: expected an object"));
        }
        patches::merge(&mut object, &patch);
    } else {
        patches::operations(&mut object, &patch)
            .map_err(|sentence| Refusal::new(422, "Invalid", sentence, Value::Null))?;
    }
    if text(&object, "/metadata/resourceVersion") != text(&old, "/metadata/resourceVersion") {
        return Err(Refusal::conflict(kind, name));
    }
    if text(&object, "/metadata/name") != name {
        return Err(Refusal::bad_request(format!(
            "the name of the object ({}) does not match the name on the URL ({name})",
            text(&object, "/metadata/name")
        )));
    }
    let warnings = validate(ask, kind, name, &mut object, Origin::Patch)?;
    store(scenario, ask, &key, &old, object, warnings)
}

fn store(
    scenario: &mut Scenario,
    ask: &Ask,
    key: &Key,
    old: &Arc<Value>,
    mut object: Value,
    warnings: Vec<String>,
) -> Result<Reply, Refusal> {
    let uid = text(&object, "/metadata/uid");
    if !uid.is_empty() && uid != text(old, "/metadata/uid") {
        return Err(Refusal::new(
            409,
            "Conflict",
            format!(
                "Operation cannot be fulfilled on {} \"{}\": Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                key.kind.qualified_plural(),
                key.name,
                text(old, "/metadata/uid")
            ),
            json!({"name": key.name, "group": key.kind.group, "kind": key.kind.plural}),
        ));
    }
    match old["metadata"].get("deletionTimestamp") {
        Some(at) => object["metadata"]["deletionTimestamp"] = at.clone(),
        None => crate::json::unset(&mut object, "/metadata/deletionTimestamp"),
    }
    let stored = if ask.is_dry()? {
        scenario.store.rehearse(key, object, scenario.now)
    } else {
        let stored = scenario.store.put(key, object, scenario.now);
        scenario.touched(key);
        scenario.finish_deletion(key);
        stored
    };
    Ok(Reply::Json { code: 200, body: (*stored).clone(), warnings })
}

pub(crate) fn delete(
    scenario: &mut Scenario,
    ask: &Ask,
    kind: &'static Kind,
    namespace: &str,
    name: &str,
) -> Result<Reply, Refusal> {
    let key = Key::new(kind, namespace, name);
    let old = scenario.store.get(&key).cloned().ok_or_else(|| Refusal::not_found(kind, name))?;
    if !ask.body.is_empty() {
        let options = ask.json()?;
        for (field, shown) in [("uid", "UID"), ("resourceVersion", "ResourceVersion")] {
            let wanted = text(&options["preconditions"], &format!("/{field}"));
            let has = text(&old["metadata"], &format!("/{field}"));
            if !wanted.is_empty() && wanted != has {
                return Err(Refusal::new(
                    409,
                    "Conflict",
                    format!(
                        "Operation cannot be fulfilled on {} \"{name}\": Precondition failed: {shown} in precondition: {wanted}, {shown} in object meta: {has}",
                        kind.qualified_plural()
                    ),
                    json!({"name": name, "group": kind.group, "kind": kind.plural}),
                ));
            }
        }
    }
    if ask.is_dry()? {
        return Ok(gone(kind, name, &old));
    }
    match scenario.delete(&key) {
        Some(terminating) => Ok(Reply::ok((*terminating).clone())),
        None => Ok(gone(kind, name, &old)),
    }
}

fn gone(kind: &Kind, name: &str, old: &Value) -> Reply {
    Reply::ok(json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"name": name, "group": kind.group, "kind": kind.plural, "uid": text(old, "/metadata/uid")},
    }))
}

pub(crate) fn delete_all(
    scenario: &mut Scenario,
    ask: &Ask,
    kind: &'static Kind,
    namespace: &str,
) -> Result<Reply, Refusal> {
    let selection = Selection::of(ask)?;
    let keys: Vec<Key> = scenario
        .store
        .list(kind, namespace)
        .filter(|(_, object)| selection.matches(object))
        .map(|(key, _)| key.clone())
        .collect();
    if !ask.is_dry()? {
        for key in &keys {
            scenario.delete(key);
        }
    }
    Ok(Reply::ok(json!({
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success",
        "details": {"group": kind.group, "kind": kind.plural},
    })))
}

/// Reads the body and checks that it is of the kind and namespace that the path names.
fn body(ask: &Ask, kind: &'static Kind, namespace: &str) -> Result<Value, Refusal> {
    let media = ask.header("content-type").split(';').next().unwrap_or_default().trim();
    if !matches!(media, "" | "application/json") {
        return Err(Refusal::unsupported_media_type(
            "application/json, application/yaml, application/vnd.kubernetes.protobuf",
        ));
    }
    let object = ask.json()?;
    if !object.is_object() {
        return Err(Refusal::bad_request("the object provided is unrecognized"));
    }
    let (version, word) = (text(&object, "/apiVersion"), text(&object, "/kind"));
    // Built-in kinds are decoded with defaults; a custom resource must name its type.
    if word.is_empty() && kind.custom {
        return Err(Refusal::bad_request("Object 'Kind' is missing in the request body"));
    }
    if !word.is_empty() && (word != kind.kind || version != kind.api_version()) {
        let sentence = if word == kind.kind {
            format!(
                "the API version in the data ({version}) does not match the expected API version ({})",
                kind.api_version()
            )
        } else {
            format!(
                "{word} in version \"{}\" cannot be handled as a {}: no kind \"{word}\" is registered",
                kind.version, kind.kind
            )
        };
        return Err(Refusal::bad_request(sentence));
    }
    let given = text(&object, "/metadata/namespace");
    if kind.namespaced && !given.is_empty() && given != namespace {
        return Err(Refusal::bad_request(
            "the namespace of the provided object does not match the namespace sent on the request",
        ));
    }
    Ok(object)
}

/// Prunes and validates; returns the warnings that unknown fields produce by default.
fn validate(
    ask: &Ask,
    kind: &'static Kind,
    name: &str,
    object: &mut Value,
    origin: Origin,
) -> Result<Vec<String>, Refusal> {
    if let Some(wrong) = ["labels", "annotations"].iter().find(|map| {
        object["metadata"][**map].as_object().is_some_and(|map| map.values().any(|value| !value.is_string()))
    }) {
        return Err(Refusal::bad_request(format!(
            "{} in version \"{}\" cannot be handled as a {}: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.{wrong} of type string",
            kind.kind, kind.version, kind.kind
        )));
    }
    let shown = object.to_string();
    let findings = schema::check(kind, object);
    let unknown: Vec<String> = findings.unknown.iter().map(|path| format!("unknown field \"{path}\"")).collect();
    let warnings = match ask.param("fieldValidation") {
        "Strict" if !unknown.is_empty() => {
            let strict = format!("strict decoding error: {}", unknown.join(", "));
            return Err(match origin {
                Origin::Body => Refusal::bad_request(format!(
                    "{} in version \"{}\" cannot be handled as a {}: {strict}",
                    kind.kind, kind.version, kind.kind
                )),
                Origin::Patch => Refusal::new(
                    422,
                    "Invalid",
                    format!(" \"\" is invalid: patch: Invalid value: {shown:?}: {strict}"),
                    json!({"causes": [{"reason": "FieldValueInvalid", "field": "patch",
                        "message": format!("Invalid value: {shown:?}: {strict}")}]}),
                ),
            });
        }
        "Ignore" => Vec::new(),
        "" | "Warn" | "Strict" => unknown,
        other => {
            return Err(Refusal::new(
                422,
                "Invalid",
                format!(
                    " \"\" is invalid: fieldValidation: Unsupported value: \"{other}\": supported values: \"\", \"Ignore\", \"Strict\", \"Warn\""
                ),
                Value::Null,
            ));
        }
    };
    let mut breaches = Vec::new();
    if !name.is_empty() && !is_subdomain(name) {
        breaches.push(Breach::invalid(
            "metadata.name",
            &format!("\"{name}\""),
            "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        ));
    }
    for (_, value) in object["metadata"]["labels"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if value.len() > 63 {
            breaches.push(Breach::invalid("metadata.labels", &format!("\"{value}\""), "must be no more than 63 bytes"));
        } else if !is_label_value(value) {
            breaches.push(Breach::invalid(
                "metadata.labels",
                &format!("\"{value}\""),
                "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
            ));
        }
    }
    breaches.extend(findings.breaches);
    if breaches.is_empty() { Ok(warnings) } else { Err(Refusal::invalid(kind, name, &breaches)) }
}

fn is_subdomain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.len() <= 253
        && name
            .split('.')
            .all(|part| part.starts_with(plain) && part.ends_with(plain) && part.chars().all(|c| plain(c) || c == '-'))
}

fn is_label_value(value: &str) -> bool {
    let edge = |c: char| c.is_ascii_alphanumeric();
    value.is_empty()
        || (value.starts_with(edge) && value.ends_with(edge) && value.chars().all(|c| edge(c) || "-_.".contains(c)))
}

/// Marks an object as terminating.
pub(crate) fn terminating(object: &Value, now: jiff::Timestamp) -> Value {
    let mut object = object.clone();
    set(&mut object, "/metadata/deletionTimestamp", stamp(now));
    set(&mut object, "/metadata/deletionGracePeriodSeconds", 0);
    let generation = int(&object, "/metadata/generation") + 1;
    set(&mut object, "/metadata/generation", generation);
    object
}
