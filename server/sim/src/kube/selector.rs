//! Label selectors as text (`a=b,c in (d,e),!f`) and as an object (`matchLabels`), and field selectors.

use serde_json::Value;

use crate::json::texts;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Rule {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Absent(String),
}

/// All rules must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LabelSelector(Vec<Rule>);

impl LabelSelector {
    /// Reads the query parameter's form; the error is the sentence after "unable to parse requirement:".
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut rules = Vec::new();
        for part in split(text) {
            let part = part.trim();
            if !part.is_empty() {
                rules.push(rule(part)?);
            }
        }
        Ok(Self(rules))
    }

    /// Reads `{matchLabels, matchExpressions}`; unknown operators match nothing.
    pub(crate) fn from_object(selector: &Value) -> Self {
        let mut rules = Vec::new();
        if let Some(labels) = selector["matchLabels"].as_object() {
            for (key, value) in labels {
                let value = value.as_str().unwrap_or_default().to_owned();
                rules.push(Rule::In(key.clone(), vec![value]));
            }
        }
        for expression in selector["matchExpressions"].as_array().into_iter().flatten() {
            let key = crate::json::text(expression, "/key").to_owned();
            let values = texts(expression, "/values");
            rules.push(match crate::json::text(expression, "/operator") {
                "In" => Rule::In(key, values),
                "NotIn" => Rule::NotIn(key, values),
                "Exists" => Rule::Exists(key),
                "DoesNotExist" => Rule::Absent(key),
                _ => Rule::In(key, Vec::new()),
            });
        }
        Self(rules)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        let labels = &object["metadata"]["labels"];
        let value = |key: &str| labels.get(key).and_then(Value::as_str);
        self.0.iter().all(|rule| match rule {
            Rule::In(key, wanted) => value(key).is_some_and(|v| wanted.iter().any(|w| w == v)),
            Rule::NotIn(key, banned) => !value(key).is_some_and(|v| banned.iter().any(|b| b == v)),
            Rule::Exists(key) => value(key).is_some(),
            Rule::Absent(key) => value(key).is_none(),
        })
    }
}

/// Splits at commas outside parentheses.
fn split(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut depth = 0_usize;
    let mut from = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[from..]);
    parts
}

fn rule(part: &str) -> Result<Rule, String> {
    if let Some(key) = part.strip_prefix('!') {
        return Ok(Rule::Absent(label_key(key)?));
    }
    for (operator, negative) in [("!=", true), ("==", false), ("=", false)] {
        if let Some((key, value)) = part.split_once(operator) {
            let (key, values) = (label_key(key)?, vec![value.trim().to_owned()]);
            return Ok(if negative { Rule::NotIn(key, values) } else { Rule::In(key, values) });
        }
    }
    if let Some((head, list)) = part.split_once('(') {
        let list = list.strip_suffix(')').ok_or_else(|| format!("found '{part}', expected: ')'"))?;
        let values: Vec<String> = list.split(',').map(|v| v.trim().to_owned()).collect();
        let mut words = head.split_whitespace();
        return match (words.next(), words.next(), words.next()) {
            (Some(key), Some("in"), None) => Ok(Rule::In(label_key(key)?, values)),
            (Some(key), Some("notin"), None) => Ok(Rule::NotIn(label_key(key)?, values)),
            _ => Err(format!("found '{head}', expected: in, notin, =, ==, !=, gt, lt")),
        };
    }
    Ok(Rule::Exists(label_key(part)?))
}

fn label_key(text: &str) -> Result<String, String> {
    let text = text.trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if text.is_empty() || !text.chars().all(plain) {
        return Err(format!("found '{text}', expected: identifier"));
    }
    Ok(text.to_owned())
}

/// `metadata.name` and `metadata.namespace` only, as for any custom resource.
#[derive(Debug, Clone, Default)]
pub(crate) struct FieldSelector(Vec<(&'static str, bool, String)>);

impl FieldSelector {
    /// The error is the API server's own sentence.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut rules = Vec::new();
        for part in text.split(',').filter(|part| !part.is_empty()) {
            let (field, equal, value) = if let Some((field, value)) = part.split_once("!=") {
                (field, false, value)
            } else if let Some((field, value)) = part.split_once("==") {
                (field, true, value)
            } else if let Some((field, value)) = part.split_once('=') {
                (field, true, value)
            } else {
                return Err(format!("invalid selector: '{text}'; can't understand '{part}'"));
            };
            let pointer = match field.trim() {
                "metadata.name" => "/metadata/name",
                "metadata.namespace" => "/metadata/namespace",
                other => return Err(format!("field label not supported: {other}")),
            };
            rules.push((pointer, equal, value.trim().to_owned()));
        }
        Ok(Self(rules))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        self.0.iter().all(|(pointer, equal, value)| (crate::json::text(object, pointer) == value) == *equal)
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_every_operator() {
        let object = json!({"metadata": {"name": "x", "labels": {"a": "1", "velero.io/b": "2"}}});
        for (text, expected) in [
            ("a=1", true),
            ("a==1,velero.io/b=2", true),
            ("a!=1", false),
            ("c!=1", true),
            ("a in (0, 1)", true),
            ("a notin (0,1)", false),
            ("c notin (0)", true),
            ("velero.io/b", true),
            ("!velero.io/b", false),
            ("!c", true),
            ("", true),
        ] {
            let selector = LabelSelector::parse(text).unwrap();
            assert_eq!(selector.matches(&object), expected, "{text}");
        }
        assert!(LabelSelector::parse("a in 1)").is_err());
        assert!(LabelSelector::parse("a b").is_err());
        let selector = json!({"matchExpressions": [{"key": "a", "operator": "In", "values": ["1"]}], "matchLabels": {"velero.io/b": "2"}});
        assert!(LabelSelector::from_object(&selector).matches(&object));
        assert!(FieldSelector::parse("metadata.name=x").unwrap().matches(&object));
        assert!(FieldSelector::parse("spec.phase=x").is_err());
    }
}
