//! Structural schemas of Velero's kinds in a compact notation (`schema.json`), and what the API server does
//! with them: prune what is unknown, refuse what has the wrong shape.
//!
//! Notation: `"string" | "boolean" | "integer" | "time" | "any" | "int-or-string" | "$Definition"`, `[item]` or
//! `[item, {"min": n}]`, `{"enum": [..]}`, `{"nullable": s}`, `{"*": values of a map}`, otherwise an object's fields
//! with `"!"` naming the required ones. Field names and types are those of Velero 1.18's published CRDs.

use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::kind::Kind;
use super::status::Breach;

static SCHEMA: LazyLock<Value> =
    LazyLock::new(|| serde_json::from_str(include_str!("schema.json")).expect("schema.json is part of the source"));

/// What the schema had to say about an object (which was pruned on the way).
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// Paths of fields that were removed because nobody knows them.
    pub(crate) unknown: Vec<String>,
    pub(crate) breaches: Vec<Breach>,
}

/// Prunes unknown fields from `object` and lists them and every breach. Kinds without a schema pass.
pub(crate) fn check(kind: &Kind, object: &mut Value) -> Findings {
    let mut findings = Findings::default();
    let Some(schema) = SCHEMA["kinds"].get(kind.plural).filter(|_| kind.custom) else {
        return findings;
    };
    let Some(fields) = object.as_object_mut() else {
        return findings;
    };
    let known = schema.as_object().map(|map| map.keys()).into_iter().flatten();
    let known: Vec<&str> = known.map(String::as_str).chain(["apiVersion", "kind", "metadata"]).collect();
    let strangers: Vec<String> = fields.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect();
    for stranger in strangers {
        fields.remove(&stranger);
        findings.unknown.push(stranger);
    }
    if let Some(parts) = schema.as_object() {
        for (part, schema) in parts {
            match fields.get_mut(part) {
                Some(value) => walk(schema, value, part, &mut findings),
                None if required(parts).any(|name| name == part) => {
                    findings.breaches.push(Breach::required(part));
                }
                None => {}
            }
        }
    }
    findings
}

fn required(schema: &Map<String, Value>) -> impl Iterator<Item = &str> {
    schema.get("!").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

fn walk(schema: &Value, value: &mut Value, path: &str, findings: &mut Findings) {
    match schema {
        Value::String(word) if word.starts_with('$') => {
            walk(&SCHEMA["defs"][word], value, path, findings);
        }
        Value::String(word) => scalar(word, value, path, findings),
        Value::Array(item) => array(item, value, path, findings),
        Value::Object(map) => object(map, value, path, findings),
        _ => {}
    }
}

fn scalar(word: &str, value: &Value, path: &str, findings: &mut Findings) {
    let fits = match word {
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "int-or-string" => value.is_i64() || value.is_string(),
        "time" => {
            if let Some(text) = value.as_str() {
                if text.parse::<jiff::Timestamp>().is_err() {
                    findings.breaches.push(Breach::invalid(
                        path,
                        &format!("\"{text}\""),
                        &format!("{path} in body must be of type date-time: \"{text}\""),
                    ));
                }
                return;
            }
            false
        }
        _ => true,
    };
    if !fits {
        let wanted = if word == "time" { "string" } else { word };
        findings.breaches.push(Breach::wrong_type(path, wanted, type_name(value)));
    }
}

fn array(item: &[Value], value: &mut Value, path: &str, findings: &mut Findings) {
    let Some(list) = value.as_array_mut() else {
        findings.breaches.push(Breach::wrong_type(path, "array", type_name(value)));
        return;
    };
    if let Some(min) = item.get(1).and_then(|rule| rule["min"].as_u64())
        && (list.len() as u64) < min
    {
        findings.breaches.push(Breach::invalid(
            path,
            &list.len().to_string(),
            &format!("{path} in body should have at least {min} items"),
        ));
    }
    for (index, entry) in list.iter_mut().enumerate() {
        walk(&item[0], entry, &format!("{path}[{index}]"), findings);
    }
}

fn object(schema: &Map<String, Value>, value: &mut Value, path: &str, findings: &mut Findings) {
    if let Some(words) = schema.get("enum").and_then(Value::as_array) {
        let words: Vec<&str> = words.iter().filter_map(Value::as_str).collect();
        match value.as_str() {
            None => findings.breaches.push(Breach::wrong_type(path, "string", type_name(value))),
            Some(text) if !words.contains(&text) => {
                findings.breaches.push(Breach::unsupported(path, text, &words));
            }
            Some(_) => {}
        }
        return;
    }
    if let Some(inner) = schema.get("nullable") {
        if !value.is_null() {
            walk(inner, value, path, findings);
        }
        return;
    }
    let got = type_name(value);
    let Some(fields) = value.as_object_mut() else {
        findings.breaches.push(Breach::wrong_type(path, "object", got));
        return;
    };
    if let Some(values) = schema.get("*") {
        for (key, entry) in fields.iter_mut() {
            walk(values, entry, &format!("{path}.{key}"), findings);
        }
        return;
    }
    let strangers: Vec<String> =
        fields.keys().filter(|key| !schema.contains_key(*key) || *key == "!").cloned().collect();
    for stranger in strangers {
        fields.remove(&stranger);
        findings.unknown.push(format!("{path}.{stranger}"));
    }
    for name in required(schema) {
        if !fields.contains_key(name) {
            findings.breaches.push(Breach::required(&format!("{path}.{name}")));
        }
    }
    for (key, entry) in fields.iter_mut() {
        walk(&schema[key], entry, &format!("{path}.{key}"), findings);
    }
}

fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use super::super::kind::{BACKUP, KINDS, SCHEDULE};
    use super::*;
    use serde_json::json;

    #[test]
    fn every_custom_kind_has_a_schema() {
        for kind in KINDS.iter().filter(|kind| kind.custom) {
            assert!(SCHEMA["kinds"].get(kind.plural).is_some(), "{}", kind.plural);
        }
    }

    #[test]
    fn prunes_unknown_fields_by_path() {
        let mut object = json!({"spec": {"schedule": "@daily", "x": 1, "template": {"hooks": {"y": 2}}}, "z": 3});
        let findings = check(&SCHEDULE, &mut object);
        assert_eq!(findings.unknown, ["z", "spec.x", "spec.template.hooks.y"]);
        assert!(findings.breaches.is_empty());
        assert_eq!(object, json!({"spec": {"schedule": "@daily", "template": {"hooks": {}}}}));
    }

    #[test]
    fn names_type_enum_and_required_breaches() {
        let mut object = json!({"spec": {"includedNamespaces": "shop", "hooks": {"resources": [{"name": "a", "pre": [{"exec": {"command": []}}]}]}},
            "status": {"phase": "Odd"}});
        let findings = check(&BACKUP, &mut object);
        let lines: Vec<String> = findings.breaches.iter().map(|b| format!("{}: {}", b.field, b.message)).collect();
        assert!(lines.contains(&"spec.includedNamespaces: Invalid value: \"string\": spec.includedNamespaces in body must be of type array: \"string\"".to_owned()), "{lines:?}");
        assert!(
            lines.iter().any(|l| l.starts_with("status.phase: Unsupported value: \"Odd\": supported values: \"New\"")),
            "{lines:?}"
        );
        assert!(lines.iter().any(|l| l.contains("command in body should have at least 1 items")), "{lines:?}");
        let mut schedule = json!({"spec": {"template": {}}});
        let findings = check(&SCHEDULE, &mut schedule);
        assert_eq!(findings.breaches, [Breach::required("spec.schedule")]);
    }
}
