//! When a definition runs beside its first schedule, and who keeps it from running.

use super::super::{StoreError, row::Get};
use model::{Millis, definition::Schedule, pause::Pause};
use serde::Deserialize;
use sqlx::any::AnyRow;

/// What a row needs of a [`model::definition::Definition`].
#[derive(Deserialize)]
struct Body {
    #[serde(default)]
    further: Vec<Timed>,
}

/// A tier without its retention.
#[derive(Deserialize)]
struct Timed {
    schedule: Schedule,
}

/// Who paused it.
pub(super) fn paused_by(row: &AnyRow) -> Result<Option<Pause>, StoreError> {
    let (by, at) = (row.text_or_none("paused_by")?, row.at_or_none("paused_at")?);
    let upstream = row.flag("paused_upstream")?;
    // A node of the release before leaves the name when it resumes.
    if !row.flag("paused")? {
        return Ok(None);
    }
    Ok(by.zip(at).map(|(by, at)| Pause { by, at, upstream }))
}

/// Its further schedules, each with what the upstream counts its next run from. A body that can't be read has none: a list is not
/// withheld for one row.
pub(super) fn further(row: &AnyRow) -> Result<Vec<(Schedule, Option<Millis>)>, StoreError> {
    let further = row.json("body").map_or_else(|_| Vec::new(), |Body { further }| further);
    if further.is_empty() {
        return Ok(Vec::new());
    }
    let counted: Vec<Option<Millis>> = row.json("counted_further")?;
    let counted = counted.into_iter().chain(std::iter::repeat(None));
    Ok(further.into_iter().map(|tier| tier.schedule).zip(counted).collect())
}
