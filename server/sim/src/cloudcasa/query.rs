//! The query string of a read: `where`, `sort`, `page`, `max_results`, `projection`, `embedded`.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use super::filter;
use super::refusal::error;
use crate::rest::{Answer, Request};

pub(super) const DEFAULT_SIZE: usize = 25;

#[derive(Debug, Default)]
pub(super) struct Query {
    pub(super) filter: Map<String, Value>,
    /// Path and whether it descends.
    sort: Vec<(String, bool)>,
    pub(super) page: usize,
    pub(super) size: usize,
    projection: Option<Map<String, Value>>,
    pub(super) embedded: Vec<String>,
}

impl Query {
    /// Reads it; what Eve can't parse is 400, but page numbers it can't use are ignored.
    pub(super) fn read(request: &Request, limit: usize) -> Result<Self, Answer> {
        let bad = || error(400, "");
        let filter = match request.param("where").filter(|text| !text.trim().is_empty()) {
            None => Map::new(),
            Some(text) => match serde_json::from_str::<Value>(text) {
                Ok(filter) if filter::usable(&filter) => filter.as_object().cloned().unwrap_or_default(),
                _ => return Err(bad()),
            },
        };
        let projection = match request.param("projection").filter(|text| !text.trim().is_empty()) {
            None => None,
            Some(text) => Some(serde_json::from_str::<Map<String, Value>>(text).map_err(|_| bad())?),
        };
        let embedded = match request.param("embedded").filter(|text| !text.trim().is_empty()) {
            None => Vec::new(),
            Some(text) => {
                let map = serde_json::from_str::<Map<String, Value>>(text)
                    .map_err(|_| error(400, "Unable to parse `embedded` clause"))?;
                map.into_iter()
                    .filter(|(_, on)| on.as_i64() == Some(1) || on.as_bool() == Some(true))
                    .map(|(field, _)| field)
                    .collect()
            }
        };
        let page = request.param("page").and_then(|text| text.trim().parse::<i64>().ok()).unwrap_or(1);
        let size = request.param("max_results").and_then(|text| text.trim().parse::<f64>().ok()).unwrap_or(0.0);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
        let size = size.clamp(0.0, 1e9) as usize;
        Ok(Self {
            filter,
            sort: sort(request.param("sort").unwrap_or_default()).ok_or_else(bad)?,
            page: usize::try_from(page.unsigned_abs()).unwrap_or(usize::MAX).max(1),
            size: if size == 0 { DEFAULT_SIZE } else { size }.min(limit),
            projection,
            embedded,
        })
    }

    /// Documents that pass, in their order.
    pub(super) fn choose<'a>(&self, docs: impl Iterator<Item = &'a Value>) -> Vec<&'a Value> {
        let found: Vec<&Value> = docs.filter(|doc| filter::passes(doc, &self.filter)).collect();
        if self.sort.is_empty() {
            return found;
        }
        let ranks = |doc: &Value| self.sort.iter().map(|(path, _)| filter::rank(doc, path)).collect::<Vec<_>>();
        let mut ranked: Vec<_> = found.into_iter().map(|doc| (ranks(doc), doc)).collect();
        ranked.sort_by(|(a, _), (b, _)| self.compare(a, b));
        ranked.into_iter().map(|(_, doc)| doc).collect()
    }

    /// The order of two documents by their ranks, one for each path of the sorting.
    fn compare(&self, a: &[filter::Rank], b: &[filter::Rank]) -> Ordering {
        let each = self.sort.iter().zip(a.iter().zip(b)).map(|((_, descending), (a, b))| {
            let order = a.partial_cmp(b).unwrap_or(Ordering::Equal);
            if *descending { order.reverse() } else { order }
        });
        each.fold(Ordering::Equal, Ordering::then)
    }

    /// Leaves of a document what was asked for; what Eve itself adds is always kept.
    pub(super) fn project(&self, doc: &mut Value) {
        const KEPT: [&str; 4] = ["_id", "_created", "_updated", "_etag"];
        let Some(projection) = self.projection.as_ref().filter(|map| !map.is_empty()) else {
            return;
        };
        let wanted = |value: &Value| !matches!(value, Value::Bool(false) | Value::Null) && value.as_f64() != Some(0.0);
        if projection.values().any(wanted) {
            let mut kept = Value::Object(Map::new());
            let paths = projection.iter().filter(|(_, value)| wanted(value)).map(|(path, _)| path.as_str());
            for path in paths.chain(KEPT) {
                let pointer = format!("/{}", path.replace('.', "/"));
                if let Some(value) = doc.pointer(&pointer) {
                    crate::json::set(&mut kept, &pointer, value.clone());
                }
            }
            *doc = kept;
        } else {
            for path in projection.keys().filter(|path| !KEPT.contains(&path.as_str())) {
                crate::json::unset(doc, &format!("/{}", path.replace('.', "/")));
            }
        }
    }
}

/// `-start_time,name`, or MongoDB's own `[("start_time", -1)]`; nothing when it can't be parsed.
fn sort(text: &str) -> Option<Vec<(String, bool)>> {
    let text = text.trim();
    if text.is_empty() {
        return Some(Vec::new());
    }
    if text.starts_with('[') || text.starts_with('(') {
        // The Python form differs from JSON in its brackets and quotes only.
        let json = text.replace('(', "[").replace(')', "]").replace('\'', "\"");
        let pairs: Vec<(String, i64)> = serde_json::from_str(&json).ok()?;
        return Some(pairs.into_iter().map(|(path, way)| (path, way < 0)).collect());
    }
    text.split(',')
        .map(|part| {
            let part = part.trim();
            let (path, descending) = part.strip_prefix('-').map_or((part, false), |path| (path, true));
            (!path.is_empty()).then(|| (path.to_owned(), descending))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms_of_sorting() {
        let down = |name: &str| (name.to_owned(), true);
        let up = |name: &str| (name.to_owned(), false);
        assert_eq!(sort(""), Some(vec![]));
        assert_eq!(sort("-start_time"), Some(vec![down("start_time")]));
        assert_eq!(sort("name, -_updated"), Some(vec![up("name"), down("_updated")]));
        assert_eq!(sort("[(\"name\", -1), ('n', 1)]"), Some(vec![down("name"), up("n")]));
        assert_eq!(sort("[(\"name\""), None);
        assert_eq!(sort("-"), None);
        assert_eq!(sort("name,"), None);
    }
}
