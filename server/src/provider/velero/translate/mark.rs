//! The mark of a Schedule's spec (see [`crate::provider::mark`]): equal for specs of equal meaning, whatever Velero's own client made
//! of their form.

use super::compare;
use crate::provider::mark;
use serde_json::Value;

/// `3-9f86d081884c7d65`: the version, and what the spec means.
pub fn of(version: i64, spec: &Value) -> String {
    mark::of(version, &compare::normal(spec))
}

/// The version that wrote the spec as it is now; `None` when it was changed since, or never marked.
pub fn version(mark: Option<&String>, spec: &Value) -> Option<i64> {
    mark::version(mark.map(String::as_str), &compare::normal(spec))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_mark_fits_its_spec_in_every_form_and_no_other() {
        let ours = json!({"schedule": "0 3 * * *", "template": {"ttl": "720h", "includedNamespaces": ["b", "a"]}});
        let mark = of(7, &ours);
        let rewritten = json!({
            "template": {"includedNamespaces": ["b", "a"], "ttl": "720h0m0s", "metadata": {}, "hooks": {}},
            "paused": false, "schedule": "0 3 * * *", "skipImmediately": false,
        });
        assert_eq!(version(Some(&mark), &rewritten), Some(7));
        let mut theirs = rewritten;
        theirs["template"]["ttl"] = json!("24h");
        assert_eq!(version(Some(&mark), &theirs), None);
        for strange in ["", "7", "x-y", "-"] {
            assert_eq!(version(Some(&strange.to_owned()), &ours), None, "{strange}");
        }
        assert_eq!(version(None, &ours), None);
    }
}
