//! Pages of a list: `limit`, `offset`, `continue` in; `listmeta` out.

use serde_json::{Value, json};

use super::ids;
use super::refusal::{Outcome, Refusal};
use crate::rest::Request;

/// Default and maximum of `limit`.
const MOST: usize = 50;

fn number(request: &Request, name: &str) -> Outcome<Option<usize>> {
    let Some(text) = request.param(name).filter(|text| !text.is_empty()) else { return Ok(None) };
    let wrong = || Refusal::invalid(format!("{name} in query must be of type int64: {text:?}"));
    let number: i64 = text.parse().map_err(|_| wrong())?;
    let below = || Refusal::invalid(format!("{name} in query should be greater than or equal to 0"));
    Ok(Some(usize::try_from(number).map_err(|_| below())?))
}

fn token(start: usize) -> String {
    ids::digest(&["continue", &start.to_string()])
}

/// The asked-for page of `all`, as `{items, listmeta}`.
pub(super) fn page(request: &Request, all: &[Value]) -> Outcome<Value> {
    let limit = number(request, "limit")?.filter(|limit| *limit > 0).unwrap_or(MOST).min(MOST);
    let start = match (number(request, "offset")?, request.param("continue").unwrap_or_default()) {
        (Some(offset), _) => offset,
        (None, "") => 0,
        (None, given) => (0..=all.len())
            .find(|start| token(*start) == given)
            .ok_or_else(|| Refusal::invalid("the continue token is not valid"))?,
    };
    let start = start.min(all.len());
    let end = start.saturating_add(limit).min(all.len());
    let next = if end < all.len() { token(end) } else { String::new() };
    Ok(json!({
        "items": all[start..end],
        "listmeta": {"continue": next, "count": all.len(), "limit": limit, "offset": end},
    }))
}
