//! `where`: MongoDB's filter language, as far as Eve's clients use it.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::store::read_date;

/// Deeper nesting than anyone writes by hand.
const DEPTH: usize = 24;

const COMPARE: [&str; 11] = ["$eq", "$ne", "$gt", "$gte", "$lt", "$lte", "$in", "$nin", "$all", "$exists", "$size"];

/// Whether a filter can be used: an object, only known operators, and each with an operand of its kind. `$where` and
/// `$regex` are on Eve's black list.
pub(super) fn usable(filter: &Value) -> bool {
    filter.as_object().is_some_and(|map| document(map, 0))
}

fn document(map: &Map<String, Value>, depth: usize) -> bool {
    depth < DEPTH
        && map.iter().all(|(key, value)| match key.as_str() {
            "$and" | "$or" | "$nor" => value.as_array().is_some_and(|list| {
                !list.is_empty() && list.iter().all(|part| part.as_object().is_some_and(|map| document(map, depth + 1)))
            }),
            key if key.starts_with('$') => false,
            _ => condition(value, depth + 1),
        })
}

fn condition(value: &Value, depth: usize) -> bool {
    let Some(map) = operators(value) else {
        return true;
    };
    depth < DEPTH
        && map.iter().all(|(operator, operand)| match operator.as_str() {
            "$in" | "$nin" | "$all" => operand.is_array(),
            "$size" => operand.is_u64(),
            "$not" => operators(operand).is_some() && condition(operand, depth + 1),
            "$elemMatch" => {
                operand.as_object().is_some_and(|map| document(map, depth + 1) || condition(operand, depth + 1))
            }
            known => COMPARE.contains(&known),
        })
}

/// The object, if its keys are operators and not a value to compare with.
fn operators(value: &Value) -> Option<&Map<String, Value>> {
    value.as_object().filter(|map| map.keys().next().is_some_and(|key| key.starts_with('$')))
}

/// Whether a document passes a usable filter.
pub(super) fn passes(doc: &Value, filter: &Map<String, Value>) -> bool {
    let any = |list: &Value, wanted: bool| {
        list.as_array()
            .is_some_and(|list| list.iter().filter_map(Value::as_object).any(|part| passes(doc, part) == wanted))
    };
    filter.iter().all(|(key, value)| match key.as_str() {
        "$and" => !any(value, false),
        "$or" => any(value, true),
        "$nor" => !any(value, true),
        path => holds(&reach(doc, path), value),
    })
}

/// All values at a dotted path; lists on the way are looked through, and one at the end is itself and its items.
fn reach<'a>(doc: &'a Value, path: &str) -> Vec<&'a Value> {
    let mut found = vec![doc];
    for part in path.split('.') {
        found = found
            .into_iter()
            .flat_map(|value| match value {
                Value::Array(list) => {
                    let at = part.parse::<usize>().ok().and_then(|index| list.get(index));
                    at.into_iter().chain(list.iter().filter_map(|item| item.get(part))).collect::<Vec<_>>()
                }
                _ => value.get(part).into_iter().collect(),
            })
            .collect();
    }
    found
}

fn holds(values: &[&Value], wanted: &Value) -> bool {
    match operators(wanted) {
        None => equal_any(values, wanted),
        Some(map) => map.iter().all(|(operator, operand)| operate(values, operator, operand)),
    }
}

fn operate(values: &[&Value], operator: &str, operand: &Value) -> bool {
    let listed = |list: &Value| list.as_array().is_some_and(|list| list.iter().any(|one| equal_any(values, one)));
    let ordered = |fits: fn(Ordering) -> bool| spread(values).any(|value| order(value, operand).is_some_and(fits));
    match operator {
        "$eq" => equal_any(values, operand),
        "$ne" => !equal_any(values, operand),
        "$in" => listed(operand),
        "$nin" => !listed(operand),
        "$gt" => ordered(Ordering::is_gt),
        "$gte" => ordered(Ordering::is_ge),
        "$lt" => ordered(Ordering::is_lt),
        "$lte" => ordered(Ordering::is_le),
        "$exists" => values.is_empty() != truthy(operand),
        "$not" => !holds(values, operand),
        "$all" => operand.as_array().is_some_and(|list| list.iter().all(|one| equal_any(values, one))),
        "$size" => values.iter().any(|value| value.as_array().map(|list| list.len() as u64) == operand.as_u64()),
        "$elemMatch" => {
            values.iter().filter_map(|value| value.as_array()).flatten().any(|item| match operators(operand) {
                Some(_) => holds(&[item], operand),
                None => operand.as_object().is_some_and(|map| passes(item, map)),
            })
        }
        _ => false,
    }
}

fn truthy(value: &Value) -> bool {
    !matches!(value, Value::Null | Value::Bool(false)) && value.as_f64() != Some(0.0)
}

/// Each value, and the items of those that are lists.
fn spread<'a>(values: &'a [&'a Value]) -> impl Iterator<Item = &'a Value> {
    values.iter().flat_map(|value| std::iter::once(*value).chain(value.as_array().into_iter().flatten()))
}

/// Equality with null is also true of what isn't there.
fn equal_any(values: &[&Value], wanted: &Value) -> bool {
    (wanted.is_null() && values.is_empty()) || spread(values).any(|value| equal(value, wanted))
}

fn equal(left: &Value, right: &Value) -> bool {
    left == right || order(left, right) == Some(Ordering::Equal)
}

/// Only values of one kind can be compared. Dates are texts here, but not for the database: a date never equals
/// another text, nor a number of seconds.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.as_f64()?.partial_cmp(&b.as_f64()?),
        (Value::String(a), Value::String(b)) => match (read_date(a), read_date(b)) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            (None, None) => Some(a.cmp(b)),
            _ => None,
        },
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

/// Kind, number, text.
pub(super) type Rank = (u8, Option<f64>, String);

/// MongoDB's order over all kinds, for sorting: what is missing comes first.
pub(super) fn rank(doc: &Value, path: &str) -> Rank {
    let pointer = format!("/{}", path.replace('.', "/"));
    match doc.pointer(&pointer) {
        None | Some(Value::Null) => (0, None, String::new()),
        Some(Value::Number(number)) => (1, number.as_f64(), String::new()),
        Some(Value::String(text)) => match read_date(text) {
            #[expect(clippy::cast_precision_loss, reason = "seconds of our age are exact in a float")]
            Some(date) => (6, Some(date.as_second() as f64), String::new()),
            None => (2, None, text.clone()),
        },
        Some(Value::Object(_)) => (3, None, String::new()),
        Some(Value::Array(_)) => (4, None, String::new()),
        Some(Value::Bool(truth)) => (5, Some(f64::from(u8::from(*truth))), String::new()),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_as_the_database_does() {
        let doc = json!({"name": "a", "n": 5, "when": "Mon, 13 Mar 2023 18:53:39 GMT", "tags": ["x", "y"],
            "source": {"all": true, "hooks": [{"id": 1}, {"id": 2}]}, "none": null});
        for (filter, expected) in [
            (json!({}), true),
            (json!({"name": "a", "n": 5}), true),
            (json!({"name": "b"}), false),
            (json!({"n": 5.0}), true),
            (json!({"n": "5"}), false),
            (json!({"n": {"$gt": 4, "$lte": 5}}), true),
            (json!({"n": {"$gt": "4"}}), false),
            (json!({"name": {"$in": ["x", "a"]}}), true),
            (json!({"name": {"$nin": ["x", "a"]}}), false),
            (json!({"gone": {"$nin": ["x"]}}), true),
            (json!({"gone": {"$ne": 1}}), true),
            (json!({"gone": {"$exists": false}}), true),
            (json!({"none": {"$exists": false}}), false),
            (json!({"gone": null, "none": null}), true),
            (json!({"tags": "x"}), true),
            (json!({"tags": {"$size": 2}, "source.all": true}), true),
            (json!({"tags": {"$all": ["x", "z"]}}), false),
            (json!({"source.hooks.id": 2}), true),
            (json!({"source.hooks.1.id": 1}), false),
            (json!({"source.hooks": {"$elemMatch": {"id": {"$gt": 1}}}}), true),
            (json!({"when": {"$gt": "Sun, 12 Mar 2023 23:00:00 GMT"}}), true),
            (json!({"when": {"$gt": "Tue, 14 Mar 2023 00:00:00 GMT"}}), false),
            (json!({"when": {"$gt": 1_678_000_000}}), false),
            (json!({"when": {"$gt": "2023-03-12T00:00:00Z"}}), false),
            (json!({"$or": [{"name": "b"}, {"n": 5}], "$nor": [{"n": 6}]}), true),
            (json!({"$and": [{"name": "a"}, {"n": 6}]}), false),
            (json!({"n": {"$not": {"$gt": 9}}}), true),
        ] {
            assert!(usable(&filter), "{filter}");
            assert_eq!(passes(&doc, filter.as_object().unwrap()), expected, "{filter}");
        }
    }

    #[test]
    fn refuses_what_eve_refuses() {
        for filter in [
            json!([]),
            json!("x"),
            json!({"$where": "1"}),
            json!({"name": {"$regex": "a"}}),
            json!({"name": {"$near": 1}}),
            json!({"name": {"$in": 5}}),
            json!({"$or": 5}),
            json!({"$or": [5]}),
            json!({"$comment": "x"}),
        ] {
            assert!(!usable(&filter), "{filter}");
        }
        let mut deep = json!({"a": 1});
        for _ in 0..200 {
            deep = json!({"$and": [deep]});
        }
        assert!(!usable(&deep));
    }
}
