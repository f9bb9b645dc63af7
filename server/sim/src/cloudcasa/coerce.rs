//! Eve turns values into a field's type before it validates: `"7"` and 7.9 are taken for the integer 7, 1 for `true`.

use serde_json::{Map, Value};

use super::rule::{Field, Rule};

pub(super) fn document(fields: &[Field], doc: &mut Map<String, Value>) {
    for (name, value) in doc {
        if let Some(field) = fields.iter().find(|field| field.name == name) {
            apply(&field.rule, value);
        }
    }
}

fn apply(rule: &Rule, value: &mut Value) {
    match rule {
        Rule::Integer | Rule::Within(..) => {
            if let Some(whole) = integer(value) {
                *value = whole.into();
            }
        }
        Rule::Boolean => match value {
            Value::Number(number) if number.as_u64().is_some_and(|n| n < 2) => {
                *value = (number.as_u64() == Some(1)).into()
            }
            Value::String(word) if matches!(word.as_str(), "true" | "True" | "1") => *value = true.into(),
            Value::String(word) if matches!(word.as_str(), "false" | "False" | "0") => *value = false.into(),
            _ => {}
        },
        Rule::List(item) => value.as_array_mut().into_iter().flatten().for_each(|value| apply(item, value)),
        Rule::Dict(fields) => {
            if let Value::Object(map) = value {
                document(fields, map);
            }
        }
        _ => {}
    }
}

fn integer(value: &Value) -> Option<i64> {
    match value {
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::String(digits) => digits.trim().parse().ok(),
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64()?.trunc();
            // Beyond this a float holds no exact integer, and Eve's own would not fit Mongo's either.
            #[expect(clippy::cast_possible_truncation, reason = "checked to be in range")]
            (whole.abs() < 9e15).then_some(whole as i64)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;
    use crate::cloudcasa::resource;

    #[test]
    fn takes_what_eve_takes() {
        let mut doc = json!({"pause": 1, "source": {"all_namespaces": "true", "csi_snapshot_timeout": 1e300}, "tags": {"n": "7"}});
        document(resource::named("kubebackups").unwrap().fields, doc.as_object_mut().unwrap());
        assert_eq!(
            doc,
            json!({"pause": true, "source": {"all_namespaces": true, "csi_snapshot_timeout": 1e300}, "tags": {"n": "7"}})
        );
        let mut doc = json!({"schedules": [{"retainDays": "7", "numAlwaysRetain": 1.5}, {"retainDays": "soon"}]});
        document(resource::named("policies").unwrap().fields, doc.as_object_mut().unwrap());
        assert_eq!(doc["schedules"], json!([{"retainDays": 7, "numAlwaysRetain": 1}, {"retainDays": "soon"}]));
    }
}
