//! Query parameters of lists. `include` turns each item into an array of values, in the order asked for.

use std::cmp::Ordering;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

use super::problem::Problem;
use crate::rest::Request;

/// One comparison of `filter`.
struct Term {
    path: Vec<String>,
    operator: &'static str,
    value: String,
}

const OPERATORS: [&str; 5] = ["eq", "lt", "gt", "lte", "gte"];

/// Refuses every parameter that isn't known.
pub(super) fn only(request: &Request, known: &[&str]) -> Result<(), Problem> {
    match request.query.iter().any(|(name, _)| !known.contains(&name.as_str())) {
        true => Err(Problem::new(6)),
        false => Ok(()),
    }
}

/// Applies what the request asks for. The answer is the items and the list's `metadata`.
pub(super) fn apply(request: &Request, mut items: Vec<Value>) -> Result<(Vec<Value>, Map<String, Value>), Problem> {
    let mut metadata = Map::new();
    if let Some(filter) = request.param("filter") {
        let terms = terms(filter)?;
        items.retain(|item| terms.iter().all(|term| term.holds(item)));
    }
    if let Some(order) = request.param("orderBy") {
        sort(&mut items, order)?;
    }
    if truth(request, "count")? {
        metadata.insert("count".to_owned(), json!(items.len()));
    }
    let mut skip = number(request, "skip")?.unwrap_or(0);
    if let Some(token) = request.param("continue") {
        skip = resume(token).ok_or_else(|| Problem::param("continue", "is not a token of this list"))?;
    }
    let total = items.len();
    items.drain(..skip.min(total));
    if let Some(limit) = number(request, "limit")? {
        if limit == 0 {
            return Err(Problem::param("limit", "must be a positive integer"));
        }
        items.truncate(limit);
        let reached = skip.saturating_add(limit);
        if reached < total {
            metadata.insert("continue".to_owned(), json!(STANDARD.encode(format!("at:{reached}"))));
        }
    }
    if let Some(include) = request.param("include") {
        let fields = fields(include)?;
        items = items.iter().map(|item| fields.iter().map(|field| item[field].clone()).collect()).collect();
    }
    Ok((items, metadata))
}

fn fields(include: &str) -> Result<Vec<&str>, Problem> {
    let fields: Vec<&str> = include.split(',').collect();
    let good = |field: &&str| !field.is_empty() && field.bytes().all(|b| b.is_ascii_alphanumeric());
    match fields.iter().all(good) {
        true => Ok(fields),
        false => Err(Problem::param("include", "must be names of letters and digits, separated by commas")),
    }
}

fn number(request: &Request, name: &str) -> Result<Option<usize>, Problem> {
    let Some(text) = request.param(name) else { return Ok(None) };
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !digits {
        return Err(Problem::param(name, "must be a positive integer"));
    }
    // More than anything that could be listed.
    Ok(Some(text.parse().unwrap_or(usize::MAX)))
}

fn truth(request: &Request, name: &str) -> Result<bool, Problem> {
    match request.param(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(_) => Err(Problem::param(name, "must be true or false")),
    }
}

fn resume(token: &str) -> Option<usize> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    text.strip_prefix("at:")?.parse().ok()
}

fn sort(items: &mut [Value], order: &str) -> Result<(), Problem> {
    let (path, down) = match order.split_whitespace().collect::<Vec<_>>().as_slice() {
        [path] | [path, "asc"] => (path_of(path), false),
        [path, "desc"] => (path_of(path), true),
        _ => (None, false),
    };
    let path = path.ok_or_else(|| Problem::param("orderBy", "must be one field and asc or desc"))?;
    let word = |item: &Value| reach(item, &path).first().map(|value| plain(value)).unwrap_or_default();
    items.sort_by(|a, b| {
        let ascending = compare(&word(a), &word(b));
        if down { ascending.reverse() } else { ascending }
    });
    Ok(())
}

fn path_of(text: &str) -> Option<Vec<String>> {
    let parts: Vec<String> = text.split('.').map(str::to_owned).collect();
    let good = |part: &String| {
        let name = part.strip_suffix("[*]").unwrap_or(part);
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    parts.iter().all(good).then_some(parts)
}

fn terms(filter: &str) -> Result<Vec<Term>, Problem> {
    let refused = || Problem::param("filter", "must be: field operator 'value', several separated by commas");
    let mut terms = Vec::new();
    let mut rest = filter.trim();
    loop {
        let (path, tail) = rest.split_once(' ').ok_or_else(refused)?;
        let (word, tail) = tail.trim_start().split_once(' ').ok_or_else(refused)?;
        let operator = OPERATORS.into_iter().find(|known| *known == word).ok_or_else(refused)?;
        let tail = tail.trim_start().strip_prefix('\'').ok_or_else(refused)?;
        let (value, tail) = tail.split_once('\'').ok_or_else(refused)?;
        terms.push(Term { path: path_of(path).ok_or_else(refused)?, operator, value: value.to_owned() });
        match tail.trim_start() {
            "" => return Ok(terms),
            more => rest = more.strip_prefix(',').ok_or_else(refused)?.trim_start(),
        }
    }
}

impl Term {
    fn holds(&self, item: &Value) -> bool {
        reach(item, &self.path).into_iter().any(|value| {
            let order = compare(&plain(value), &self.value);
            match self.operator {
                "eq" => order == Ordering::Equal,
                "lt" => order == Ordering::Less,
                "gt" => order == Ordering::Greater,
                "lte" => order != Ordering::Greater,
                _ => order != Ordering::Less,
            }
        })
    }
}

/// The values at a dotted path; `[*]` goes into every element.
fn reach<'a>(item: &'a Value, path: &[String]) -> Vec<&'a Value> {
    let mut found = vec![item];
    for part in path {
        let name = part.strip_suffix("[*]");
        found = found.into_iter().filter_map(|value| value.get(name.unwrap_or(part))).collect();
        if name.is_some() {
            found = found.into_iter().filter_map(Value::as_array).flatten().collect();
        }
    }
    found
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Numbers by size, everything else as text.
fn compare(a: &str, b: &str) -> Ordering {
    match (a.parse::<f64>(), b.parse::<f64>()) {
        (Ok(a), Ok(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        _ => a.cmp(b),
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn kept(filter: &str) -> Vec<String> {
        let items = [
            json!({"name": "a", "state": "ready", "percentDone": 9, "metadata": {"labels": [{"name": "x", "value": "1"}]}}),
            json!({"name": "b", "state": "failed", "percentDone": 10, "metadata": {"labels": []}}),
        ];
        let terms = terms(filter).unwrap();
        let kept = items.iter().filter(|item| terms.iter().all(|term| term.holds(item)));
        kept.map(|item| plain(&item["name"])).collect()
    }

    #[test]
    fn filters_by_path_operator_and_value() {
        assert_eq!(kept("state eq 'ready'"), ["a"]);
        assert_eq!(kept("percentDone gt '9'"), ["b"], "by number");
        assert_eq!(kept("percentDone gte '9', state eq 'failed'"), ["b"]);
        assert_eq!(kept("metadata.labels[*].name eq 'x'"), ["a"]);
        assert_eq!(kept("missing eq 'x'"), Vec::<String>::new());
        for wrong in
            ["", "state", "state eq", "state eq ready", "state is 'x'", "state eq 'x' y", "a..b eq 'x'", "é eq 'x"]
        {
            assert!(terms(wrong).is_err(), "{wrong}");
        }
    }
}
