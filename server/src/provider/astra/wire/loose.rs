//! Reading leniently: a number as text or as a number, nothing where a list should be. No item is lost because of one field.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// Any scalar as text; empty for anything else.
pub fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    Ok(scalar(&Value::deserialize(from)?))
}

fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        _ => String::new(),
    }
}

/// Scalars as texts; empty ones are left out.
pub fn texts<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_array().into_iter().flatten().map(scalar).filter(|text| !text.is_empty()).collect())
}

/// A whole number that is not negative, written either way.
pub fn number<'de, D: Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    let value = Value::deserialize(from)?;
    Ok(value.as_u64().or_else(|| scalar(&value).split('.').next().and_then(|whole| whole.parse().ok())))
}

/// The elements that can be read.
pub fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(from: D) -> Result<Vec<T>, D::Error> {
    let value = Value::deserialize(from)?;
    let Value::Array(all) = value else { return Ok(Vec::new()) };
    Ok(all.into_iter().filter_map(|one| serde_json::from_value(one).ok()).collect())
}

/// The object, or an empty one.
pub fn object<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(from: D) -> Result<T, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(from)?).unwrap_or_default())
}
