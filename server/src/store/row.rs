//! Reading rows: names to values, and the words of columns to the vocabulary.

use super::StoreError;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{
    Millis, Phase,
    run::{Progress, Trigger},
};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use sqlx::{Row as _, any::AnyRow};

/// Typed access to a row of either engine.
pub(super) trait Get {
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn text_or_none(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn int(&self, column: &str) -> Result<i64, StoreError>;
    fn int_or_none(&self, column: &str) -> Result<Option<i64>, StoreError>;

    fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.int(column)? != 0)
    }

    /// A number that is never negative.
    fn count(&self, column: &str) -> Result<u64, StoreError> {
        Ok(u64::try_from(self.int(column)?).unwrap_or_default())
    }

    fn count_or_none(&self, column: &str) -> Result<Option<u64>, StoreError> {
        Ok(self.int_or_none(column)?.and_then(|n| u64::try_from(n).ok()))
    }

    fn small(&self, column: &str) -> Result<u32, StoreError> {
        Ok(u32::try_from(self.int(column)?).unwrap_or_default())
    }

    fn at(&self, column: &str) -> Result<Millis, StoreError> {
        Ok(Millis(self.int(column)?))
    }

    fn at_or_none(&self, column: &str) -> Result<Option<Millis>, StoreError> {
        Ok(self.int_or_none(column)?.map(Millis))
    }

    /// 0 means none.
    fn at_not_zero(&self, column: &str) -> Result<Option<Millis>, StoreError> {
        Ok(Some(self.int(column)?).filter(|at| *at != 0).map(Millis))
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        read_json(column, &self.text(column)?)
    }

    fn json_or_none<T: DeserializeOwned>(&self, column: &str) -> Result<Option<T>, StoreError> {
        self.text_or_none(column)?.map(|text| read_json(column, &text)).transpose()
    }

    /// `phase` and `raw_phase`.
    fn phase(&self) -> Result<Phase, StoreError> {
        Ok(phase(&self.text("phase")?, &self.text("raw_phase")?))
    }

    /// `<what>_done` and `<what>_total`.
    fn progress(&self, done: &str, total: &str) -> Result<Option<Progress>, StoreError> {
        let total = self.count_or_none(total)?;
        Ok(self.count_or_none(done)?.map(|done| Progress { done, total }))
    }
}

impl Get for AnyRow {
    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn text_or_none(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn int(&self, column: &str) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn int_or_none(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }
}

fn read_json<T: DeserializeOwned>(column: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| StoreError::corrupt(column, error))
}

/// A body as JSON text.
pub(super) fn write_json<T: Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::corrupt("body", error))
}

/// The phase of a stored word; a word that this version doesn't know is unknown, as itself.
pub(super) fn phase(key: &str, raw: &str) -> Phase {
    match key {
        "queued" => Phase::Queued,
        "running" => Phase::Running,
        "succeeded" => Phase::Succeeded,
        "partial" => Phase::Partial,
        "failed" => Phase::Failed,
        "cancelled" => Phase::Cancelled,
        "unknown" => Phase::Unknown(raw.to_owned()),
        other => Phase::Unknown(other.to_owned()),
    }
}

/// The word of an unknown phase stands in `raw_phase`.
pub(super) fn raw_phase<'a>(phase: &'a Phase, raw: &'a str) -> &'a str {
    match phase {
        Phase::Unknown(word) => word,
        _ => raw,
    }
}

/// `schedule`, `elsewhere` or `person:<name>`.
pub(super) fn write_trigger(trigger: &Trigger) -> String {
    match trigger {
        Trigger::Schedule => "schedule".into(),
        Trigger::Elsewhere => "elsewhere".into(),
        Trigger::Person(name) => format!("person:{name}"),
    }
}

/// The reverse of [`write_trigger`].
pub(super) fn read_trigger(text: &str) -> Trigger {
    match text.split_once(':') {
        Some(("person", name)) => Trigger::Person(name.to_owned()),
        _ if text == "schedule" => Trigger::Schedule,
        _ => Trigger::Elsewhere,
    }
}

/// Columns are signed; counts beyond 2^63 don't occur.
pub(super) fn signed(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// 128 bits of SHA-256 over what was observed.
pub(super) fn fingerprint<T: Serialize>(observed: &T) -> Result<String, StoreError> {
    let bytes = serde_json::to_vec(observed).map_err(|error| StoreError::corrupt("observation", error))?;
    Ok(URL_SAFE_NO_PAD.encode(&Sha256::digest(&bytes)[..16]))
}
