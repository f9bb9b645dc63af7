//! What runs, points and restores are addressed by, and which definition a backup's name belongs to.

use crate::provider::{ErrorKind, ProviderError};

/// Of the end of an upstream name: the last digits of the definition's id.
const DIGITS: usize = 6;

/// `workspace/request`: a run, or a restore.
pub fn request(workspace: &str, request: &str) -> String {
    format!("{workspace}/{request}")
}

/// Workspace and request of a run's or restore's name.
pub fn parts(name: &str) -> Result<(&str, &str), ProviderError> {
    name.split_once('/').ok_or_else(|| unknown(name))
}

/// A recovery point: one cluster's backup of a request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct PointKey {
    pub workspace: String,
    pub request: String,
    pub cluster: String,
    pub backup: String,
}

impl PointKey {
    /// Reads `workspace/request/cluster/backup`. The first three are uids, which hold no slash.
    pub fn read(name: &str) -> Result<Self, ProviderError> {
        let mut parts = name.splitn(4, '/').map(str::to_owned);
        let mut next = || parts.next().filter(|part| !part.is_empty()).ok_or_else(|| unknown(name));
        Ok(Self { workspace: next()?, request: next()?, cluster: next()?, backup: next()? })
    }

    /// The name that [`Self::read`] reads.
    pub fn name(&self) -> String {
        format!("{}/{}/{}/{}", self.workspace, self.request, self.cluster, self.backup)
    }
}

fn unknown(name: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Refused, "read the name", format!("“{name}” names nothing of Palette's."))
}

/// Whether a backup prefix is one that Holdfast gives: `<name>-<six hex digits>`.
pub fn is_ours(prefix: &str) -> bool {
    let Some((stem, end)) = prefix.rsplit_once('-') else { return false };
    !stem.is_empty() && is_mark(end)
}

fn is_mark(text: &str) -> bool {
    text.len() == DIGITS && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// The upstream name that a backup's name begins with: the policy's prefix where it fits, else the shortest beginning that looks
/// like one of Holdfast's. Policies come and go, their backups keep the name.
pub fn definition_of(backup: &str, prefix: Option<&str>) -> Option<String> {
    let begins = |with: &str| backup.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    if let Some(prefix) = prefix.filter(|prefix| is_ours(prefix) && begins(prefix)) {
        return Some(prefix.to_owned());
    }
    let ends = backup.match_indices('-').map(|(at, _)| at).chain([backup.len()]);
    ends.map(|end| &backup[..end]).find(|beginning| is_ours(beginning)).map(str::to_owned)
}

/// Whether it is the prefix with a moment behind it, as a schedule's backups are named.
pub fn is_stamped(backup: &str, prefix: &str) -> bool {
    backup
        .strip_prefix(prefix)
        .and_then(|rest| rest.strip_prefix('-'))
        .is_some_and(|stamp| stamp.len() >= 8 && stamp.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn points_are_read_as_they_are_written() {
        let key = PointKey::read("w/r/c/shop-7b1a9c-edge/1").unwrap();
        assert_eq!((key.backup.as_str(), key.name().as_str()), ("shop-7b1a9c-edge/1", "w/r/c/shop-7b1a9c-edge/1"));
        for bad in ["", "w/r", "w/r/c/", "w//c/b"] {
            assert!(PointKey::read(bad).is_err(), "{bad}");
        }
        assert_eq!(parts("w/r").unwrap(), ("w", "r"));
        assert!(parts("w").is_err());
    }

    #[test]
    fn backups_find_their_definition_by_name() {
        for (backup, prefix, wanted) in [
            ("shop-7b1a9c-20261003020000", None, Some("shop-7b1a9c")),
            ("shop-7b1a9c", None, Some("shop-7b1a9c")),
            ("shop-7b1a9c-20261003020000", Some("other-0a0a0a"), Some("shop-7b1a9c")),
            ("a-b0b0b0-7b1a9c-2026", Some("a-b0b0b0-7b1a9c"), Some("a-b0b0b0-7b1a9c")),
            ("shop-20261003", Some("shop"), None),
            ("shop-7B1A9C-1", None, None),
            ("-7b1a9c", None, None),
            ("", None, None),
        ] {
            assert_eq!(definition_of(backup, prefix).as_deref(), wanted, "{backup} {prefix:?}");
        }
        assert!(is_stamped("shop-7b1a9c-20261003", "shop-7b1a9c"));
        assert!(!is_stamped("shop-7b1a9c", "shop-7b1a9c") && !is_stamped("shop-7b1a9c-20x61003", "shop-7b1a9c"));
    }
}
