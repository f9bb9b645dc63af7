//! What the description of an object says of who made it: `shop-nightly-7b1a9c (Holdfast <id> 3-9f86d081884c7d65)`. It is the
//! only field with room that every generation has; people read it too, so that it begins with words.
//!
//! A schedule's mark holds the version of the definition and a digest of what was written in the same request: it tells a change of
//! somebody else from a write of our own whose answer was lost. A backup's mark holds the name that it was ordered by.

use super::terms::Terms;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

const OPENS: &str = "(Holdfast ";
/// Of the digest: enough to notice a change, which is not made to deceive.
const DIGITS: usize = 16;
/// Said in the mark of a schedule that shall not be active.
const PAUSED: &str = "paused";
/// The oldest generation takes 500 characters; an account's name is given a part of them.
const NAME_MAX: usize = 100;

/// A mark as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The text before it.
    pub before: String,
    /// The definition's id.
    pub definition: String,
    words: Vec<String>,
}

/// The mark in a description, if there is one.
pub fn read(description: &str) -> Option<Mark> {
    let at = description.rfind(OPENS)?;
    let (inner, _) = description[at + OPENS.len()..].split_once(')')?;
    let mut words = inner.split_whitespace().map(str::to_owned);
    let definition = words.next()?;
    Some(Mark { before: description[..at].trim().to_owned(), definition, words: words.collect() })
}

/// What finds the objects of a definition: lists are filtered by a part of the description.
pub fn search(definition: &str) -> String {
    format!("{OPENS}{definition} ").trim_start_matches('(').trim_end().to_owned()
}

impl Mark {
    /// The name that a schedule was given: the last word before the mark, also where somebody wrote something before it.
    pub fn name(&self) -> Option<&str> {
        self.before.split_whitespace().next_back()
    }

    /// The version that wrote these terms; `None` when they were changed since.
    pub fn version(&self, terms: &Terms) -> Option<i64> {
        let (version, written) = self.words.first()?.split_once('-')?;
        (written == digest(terms)).then(|| version.parse().ok())?
    }

    /// The version that wrote last, whatever became of it.
    pub fn last_version(&self) -> Option<i64> {
        self.words.first()?.split_once('-')?.0.parse().ok()
    }

    /// Whether the schedule was meant to rest.
    pub fn is_paused(&self) -> bool {
        self.words.get(1).is_some_and(|word| word == PAUSED)
    }

    /// The name that a backup was ordered by.
    pub fn order(&self) -> Option<&str> {
        self.words.first().map(String::as_str)
    }

    /// Who ordered a backup.
    pub fn asked_by(&self) -> Option<&str> {
        self.before.strip_prefix("Asked for by ").filter(|who| !who.is_empty())
    }
}

/// The description of a schedule.
pub fn of_schedule(name: &str, definition: &str, version: i64, terms: &Terms) -> String {
    let paused = if terms.is_active == Some(true) { "" } else { " paused" };
    format!("{name} {OPENS}{definition} {version}-{}{paused})", digest(terms))
}

/// The description of a backup.
pub fn of_backup(asked_by: &str, definition: &str, order: &str) -> String {
    let who: String = asked_by.chars().take(NAME_MAX).collect();
    format!("Asked for by {who} {OPENS}{definition} {order})")
}

/// Of everything that is written in one request with the mark. The switch has a request of its own.
fn digest(terms: &Terms) -> String {
    let text = format!(
        "{:?}",
        (&terms.name, &terms.instance, &terms.schedule, &terms.timezone, terms.retention_time, terms.maximum)
    );
    let hex: String = Sha256::digest(text).iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    hex[..DIGITS].to_owned()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    const ID: &str = "0193c0de-0000-7000-8000-0000007b1a9c";

    fn terms() -> Terms {
        Terms {
            name: None,
            instance: "0f0e1d2c3b4a59687786959493929190".into(),
            schedule: Some("0 2 * * *".into()),
            timezone: Some("UTC".into()),
            retention_time: Some(14),
            maximum: Some(30),
            is_active: Some(true),
        }
    }

    #[test]
    fn a_schedules_mark_fits_what_was_written_with_it() {
        let text = of_schedule("shop-7b1a9c", ID, 7, &terms());
        assert!(text.contains(&search(ID)), "{text}");
        let mark = read(&text).unwrap();
        assert_eq!((mark.name(), mark.definition.as_str()), (Some("shop-7b1a9c"), ID));
        assert_eq!((mark.version(&terms()), mark.is_paused()), (Some(7), false));
        let off = Terms { is_active: Some(false), ..terms() };
        assert_eq!(mark.version(&off), Some(7), "the switch is not part of the request");
        assert!(read(&of_schedule("shop-7b1a9c", ID, 7, &off)).unwrap().is_paused());
        let edited = Terms { retention_time: Some(1), ..terms() };
        assert_eq!((mark.version(&edited), mark.last_version()), (None, Some(7)));
        let prefixed = read(&format!("owner: ops. {text} see wiki")).unwrap();
        assert_eq!((prefixed.name(), prefixed.version(&terms())), (Some("shop-7b1a9c"), Some(7)));
    }

    #[test]
    fn a_backups_mark_names_its_order() {
        let mark = read(&of_backup("ada (Holdfast x) b", ID, "shop-1")).unwrap();
        assert_eq!((mark.definition.as_str(), mark.order()), (ID, Some("shop-1")));
        assert_eq!(mark.asked_by(), Some("ada (Holdfast x) b"));
        assert!(of_backup(&"é".repeat(900), ID, "shop-1").chars().count() < 300);
    }

    #[test]
    fn other_descriptions_have_none() {
        for text in ["", "scheduled backup", "(Holdfast", "(Holdfast )", "before upgrade (Holdfast x"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("a (Holdfast b)").unwrap().version(&terms()), None);
    }
}
