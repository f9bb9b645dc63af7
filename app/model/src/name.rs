//! Names that Kubernetes accepts, checked before anything is sent.

use crate::invalid::Invalid;

/// The longest name of a definition. Velero names a backup `<schedule>-YYYYMMDDhhmmss` and uses it as a label
/// (63 characters); our suffix takes seven more (`reference/velero.md` section 2).
pub const DEFINITION_NAME_MAX: usize = 41;

/// Why `text` can't be a DNS label of at most `max` characters, or `None` when it can.
pub fn label_problem(text: &str, max: usize) -> Option<(&'static str, String)> {
    if text.is_empty() {
        return Some(("required", "Give it a name.".into()));
    }
    if text.len() > max {
        return Some(("too-long", format!("At most {max} characters; this has {}.", text.chars().count())));
    }
    if let Some(bad) = text.chars().find(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '-')) {
        return Some(("charset", format!("Use a-z, 0-9 and -; “{bad}” is not allowed.")));
    }
    if text.starts_with('-') || text.ends_with('-') {
        return Some(("edge", "Begin and end with a letter or a digit.".into()));
    }
    None
}

/// The longest name of a policy or a workspace, in characters. No upstream sees it: it has to fit a row.
pub const TITLE_MAX: usize = 60;

/// Why `text`, trimmed, can't be the name of something that no upstream sees, or `None` when it can.
pub fn title_problem(text: &str) -> Option<(&'static str, String)> {
    let text = text.trim();
    let length = text.chars().count();
    if text.is_empty() {
        return Some(("required", "Give it a name.".into()));
    }
    if length > TITLE_MAX {
        return Some(("too-long", format!("At most {TITLE_MAX} characters; this has {length}.")));
    }
    text.chars().any(char::is_control).then(|| ("charset", "Leave out line breaks and control characters.".into()))
}

/// Adds to `invalid` what is wrong with a namespace's name; globs (`*`, `?`) are allowed when `globs` is true.
pub fn check_namespace(text: &str, globs: bool, path: &str, invalid: &mut Invalid) {
    let plain: String = text.chars().filter(|c| !matches!(c, '*' | '?')).collect();
    let has_glob = plain.len() != text.len();
    if has_glob && !globs {
        invalid.push(path, "glob", "Patterns are not understood by this Velero; name the namespaces one by one.");
    } else if has_glob {
        if plain.chars().any(|c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')) {
            invalid.push(path, "charset", format!("“{text}” can't match a namespace: use a-z, 0-9, - and *."));
        }
    } else if let Some((code, sentence)) = label_problem(text, 63) {
        invalid.push(path, code, format!("“{text}” can't be a namespace. {sentence}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for good in ["a", "shop-1", "0x", &"a".repeat(41)] {
            assert_eq!(label_problem(good, 41), None, "{good}");
        }
        for (bad, code) in
            [("", "required"), ("-a", "edge"), ("a-", "edge"), ("A", "charset"), ("a_b", "charset"), ("a.b", "charset")]
        {
            assert_eq!(label_problem(bad, 41).map(|p| p.0), Some(code), "{bad}");
        }
        assert_eq!(label_problem(&"a".repeat(42), 41).map(|p| p.0), Some("too-long"));
    }

    #[test]
    fn namespaces() {
        let count = |text: &str, globs| {
            let mut invalid = Invalid::default();
            check_namespace(text, globs, "x", &mut invalid);
            invalid.0.len()
        };
        assert_eq!(count("checkout-*", true), 0);
        assert_eq!(count("checkout-*", false), 1);
        assert_eq!(count("Check*", true), 1);
        assert_eq!(count("Check", true), 1);
    }
}
