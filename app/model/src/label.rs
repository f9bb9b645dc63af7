//! Label requirements, as Kubernetes understands them.

use crate::invalid::Invalid;
use serde::{Deserialize, Serialize};

/// One condition on one label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Requirement {
    pub key: String,
    pub operator: Operator,
    /// Sorted, without repeats; empty for `Exists` and `DoesNotExist`.
    pub values: Vec<String>,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operator {
    #[default]
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl Operator {
    /// All of them, in the order of the select.
    pub const ALL: [Self; 4] = [Self::In, Self::NotIn, Self::Exists, Self::DoesNotExist];

    /// Kubernetes' own word.
    pub fn upstream(self) -> &'static str {
        match self {
            Self::In => "In",
            Self::NotIn => "NotIn",
            Self::Exists => "Exists",
            Self::DoesNotExist => "DoesNotExist",
        }
    }

    /// The reverse of [`Self::upstream`].
    pub fn from_upstream(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|o| o.upstream() == word)
    }

    /// The words in the select.
    pub fn words(self) -> &'static str {
        match self {
            Self::In => "is one of",
            Self::NotIn => "is none of",
            Self::Exists => "exists",
            Self::DoesNotExist => "does not exist",
        }
    }

    /// True when values belong to it.
    pub fn takes_values(self) -> bool {
        matches!(self, Self::In | Self::NotIn)
    }
}

/// Adds what is wrong with a label key (`prefix/name`) to `invalid`.
pub fn check_key(key: &str, path: &str, invalid: &mut Invalid) {
    let (prefix, name) = match key.split_once('/') {
        Some((prefix, name)) => (Some(prefix), name),
        None => (None, key),
    };
    if key.is_empty() {
        invalid.push(path, "required", "Name the label, for example app.kubernetes.io/part-of.");
    } else if let Some(prefix) = prefix
        && (prefix.is_empty()
            || prefix.len() > 253
            || prefix.split('.').any(|part| crate::name::label_problem(part, 63).is_some()))
    {
        invalid.push(path, "prefix", format!("“{prefix}” can't stand before the slash: it must be a domain name."));
    } else if let Some(sentence) = word_problem(name) {
        invalid.push(path, "charset", format!("The label “{key}” can't exist: {sentence}"));
    }
}

/// Adds what is wrong with a label value to `invalid`.
pub fn check_value(value: &str, path: &str, invalid: &mut Invalid) {
    if !value.is_empty()
        && let Some(sentence) = word_problem(value)
    {
        invalid.push(path, "charset", format!("“{value}” can't be a label's value: {sentence}"));
    }
}

fn word_problem(word: &str) -> Option<&'static str> {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    if word.is_empty() {
        Some("something must stand after the slash.")
    } else if word.len() > 63 {
        Some("at most 63 characters.")
    } else if !word.chars().all(inner) {
        Some("use letters, digits, -, _ and a dot.")
    } else if !(word.starts_with(|c: char| c.is_ascii_alphanumeric())
        && word.ends_with(|c: char| c.is_ascii_alphanumeric()))
    {
        Some("begin and end with a letter or a digit.")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys() {
        let problems = |key: &str| {
            let mut invalid = Invalid::default();
            check_key(key, "k", &mut invalid);
            invalid.0.len()
        };
        for good in ["app", "app.kubernetes.io/part-of", "a/B_c.d"] {
            assert_eq!(problems(good), 0, "{good}");
        }
        for bad in ["", "/x", "a/", "a/b/c", "-a", "a b", "UPPER.io/x", "über"] {
            assert_eq!(problems(bad), 1, "{bad}");
        }
    }
}
