//! Checks a document against its fields, in the words of Cerberus as Eve shows them: one sentence where there is one,
//! a list where there are more, and an object for what is inside an object or a list.

use serde_json::{Map, Value, json};

use super::rule::{Field, Preset, Rule};
use super::store::{Store, is_id};

/// What a document is checked with.
pub(super) struct Check<'a> {
    pub(super) store: &'a Store,
    /// The document as it is stored, if there is one.
    pub(super) stored: Option<&'a Value>,
    /// PATCH: what is missing stays as it is.
    pub(super) partial: bool,
}

/// Findings by field.
pub(super) type Issues = Map<String, Value>;

/// Adds a sentence to a field.
pub(super) fn blame(issues: &mut Issues, field: &str, sentence: impl Into<Value>) {
    let sentence = sentence.into();
    match issues.get_mut(field) {
        None => {
            issues.insert(field.to_owned(), sentence);
        }
        Some(Value::Array(list)) => list.push(sentence),
        Some(first) => *first = json!([first.take(), sentence]),
    }
}

impl Check<'_> {
    pub(super) fn run(&self, fields: &[Field], doc: &Map<String, Value>) -> Issues {
        let mut issues = Issues::new();
        for (name, value) in doc {
            match fields.iter().find(|field| field.name == name) {
                None => blame(&mut issues, name, "unknown field"),
                Some(field) if field.read_only => {
                    if self.stored.is_none_or(|stored| stored.get(name) != Some(value)) {
                        blame(&mut issues, name, "field is read-only");
                    }
                }
                Some(field) => self.field(field, value, &mut issues),
            }
        }
        if !self.partial {
            missing(fields, doc, &mut issues);
        }
        issues
    }

    fn field(&self, field: &Field, value: &Value, issues: &mut Issues) {
        if value.is_null() {
            if !field.nullable {
                if let Rule::Reference(resource) = field.rule {
                    // Python's None is looked for too, so there are two findings.
                    blame(
                        issues,
                        field.name,
                        format!("value 'None' must exist in resource '{resource}', field '_id'."),
                    );
                }
                blame(issues, field.name, "null value not allowed");
            }
            return;
        }
        if let Some(found) = self.value(&field.rule, value) {
            blame(issues, field.name, found);
        }
    }

    /// What is wrong with a value: a sentence, or an object of findings inside it.
    fn value(&self, rule: &Rule, value: &Value) -> Option<Value> {
        let kind = |right: bool, word: &str| (!right).then(|| json!(format!("must be of {word} type")));
        match rule {
            Rule::Text => kind(value.is_string(), "string"),
            Rule::Sized(least, most) => kind(value.is_string(), "string").or_else(|| {
                let length = value.as_str().unwrap_or_default().chars().count();
                let short = (length < *least).then(|| json!(format!("min length is {least}")));
                short.or_else(|| (length > *most).then(|| json!(format!("max length is {most}"))))
            }),
            Rule::Integer => kind(value.is_i64() || value.is_u64(), "integer"),
            Rule::Within(least, most) => kind(value.is_i64() || value.is_u64(), "integer").or_else(|| {
                let number = value.as_i64().unwrap_or(i64::MAX);
                let small = (number < *least).then(|| json!(format!("min value is {least}")));
                small.or_else(|| (number > *most).then(|| json!(format!("max value is {most}"))))
            }),
            Rule::Boolean => kind(value.is_boolean(), "boolean"),
            Rule::Map => kind(value.is_object(), "dict"),
            Rule::List(item) => match value.as_array() {
                None => kind(false, "list"),
                Some(list) => {
                    let found = list.iter().enumerate().filter_map(|(index, value)| {
                        let finding = if value.is_null() {
                            Some(json!("null value not allowed"))
                        } else {
                            self.value(item, value)
                        };
                        Some((index.to_string(), finding?))
                    });
                    some(found.collect())
                }
            },
            Rule::Dict(fields) => match value.as_object() {
                None => kind(false, "dict"),
                Some(inner) => {
                    let check = Check { store: self.store, stored: None, partial: self.partial };
                    some(check.run(fields, inner))
                }
            },
            Rule::ObjectId => kind(value.as_str().is_some_and(is_id), "objectid"),
            Rule::Reference(resource) => match value.as_str().filter(|id| is_id(id)) {
                None => kind(false, "objectid"),
                Some(id) => self
                    .store
                    .get(resource, id)
                    .is_none()
                    .then(|| json!(format!("value '{id}' must exist in resource '{resource}', field '_id'."))),
            },
            Rule::Word(words) => kind(value.is_string(), "string").or_else(|| {
                let word = value.as_str().unwrap_or_default();
                (!words.contains(&word)).then(|| json!(format!("unallowed value {word}")))
            }),
        }
    }
}

fn some(issues: Issues) -> Option<Value> {
    (!issues.is_empty()).then_some(Value::Object(issues))
}

/// What is required and has no value of its own.
fn missing(fields: &[Field], doc: &Map<String, Value>, issues: &mut Issues) {
    for field in fields.iter().filter(|field| field.required) {
        if !doc.contains_key(field.name) && matches!(field.preset, Preset::None) {
            blame(issues, field.name, "required field");
        }
    }
}

/// Fills in what was left out, at every depth that is there.
pub(super) fn fill(fields: &[Field], doc: &mut Map<String, Value>) {
    for field in fields {
        let preset = match field.preset {
            Preset::None => None,
            Preset::Truth(truth) => Some(json!(truth)),
            Preset::Number(number) => Some(json!(number)),
            Preset::Text(text) => Some(json!(text)),
            Preset::Empty => Some(json!([])),
        };
        if let Some(preset) = preset {
            doc.entry(field.name).or_insert(preset);
        }
        match (&field.rule, doc.get_mut(field.name)) {
            (Rule::Dict(inner), Some(Value::Object(map))) => fill(inner, map),
            (Rule::List(Rule::Dict(inner)), Some(Value::Array(list))) => {
                for item in list {
                    if let Value::Object(map) = item {
                        fill(inner, map);
                    }
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::cloudcasa::resource;

    fn issues(name: &str, doc: Value) -> Value {
        let store = Store::new("t");
        let check = Check { store: &store, stored: None, partial: false };
        Value::Object(check.run(resource::named(name).unwrap().fields, doc.as_object().unwrap()))
    }

    #[test]
    fn speaks_cerberus() {
        let found = issues(
            "policies",
            json!({"name": "", "timezone": 3, "colour": 1, "status": {}, "schedules": [
                {"retainDays": 0, "schedule": {}}, {"retainDays": "7", "numAlwaysRetain": 31, "schedule": {"hour": 2}}, 5]}),
        );
        assert_eq!(
            found,
            json!({"name": "min length is 1", "timezone": "must be of string type", "colour": "unknown field",
                "status": "field is read-only", "schedules": {
                    "0": {"retainDays": "min value is 1"},
                    "1": {"retainDays": "must be of integer type", "numAlwaysRetain": "max value is 30",
                        "schedule": {"hour": "must be of string type"}},
                    "2": "must be of dict type"}})
        );
        assert_eq!(
            issues(
                "kubebackups",
                json!({"policy": null, "cluster": "640a4c7933c355a6ec8ab5e1", "trigger_type": "HOURLY"})
            ),
            json!({"policy": ["value 'None' must exist in resource 'policies', field '_id'.", "null value not allowed"], "name": "required field", "source": "required field",
                "cluster": "value '640a4c7933c355a6ec8ab5e1' must exist in resource 'kubeclusters', field '_id'.",
                "trigger_type": "unallowed value HOURLY"})
        );
    }

    #[test]
    fn fills_in_at_every_depth() {
        let mut doc = json!({"source": {"namespaces": ["web"]}, "pre_hooks": [{}]});
        fill(resource::named("kubebackups").unwrap().fields, doc.as_object_mut().unwrap());
        assert_eq!(
            doc,
            json!({"source": {"namespaces": ["web"], "all_namespaces": false, "snapshotPersistentVolumes": true,
                "snapshot_longhorn": true}, "pre_hooks": [{"hooks": [], "template": false}],
                "trigger_type": "SCHEDULED", "pause": false})
        );
    }

    #[test]
    fn many_findings_become_a_list() {
        let mut issues = Issues::new();
        for sentence in ["a", "b", "c"] {
            blame(&mut issues, "x", sentence);
        }
        assert_eq!(issues["x"], json!(["a", "b", "c"]));
    }
}
