//! What Django REST framework does for every resource: error documents, reading of bodies, pages as bare arrays with
//! headers, trimming by `field`, sorting by `o`.

use serde_json::{Map, Value, json};

use crate::rest::{Answer, Request};

pub(crate) const PAGE_SIZE: usize = 10;

/// The common error document.
pub(crate) fn detail(code: u16, sentence: &str) -> Answer {
    Answer::json(code, &json!({"detail": sentence}))
}

pub(crate) fn not_found() -> Answer {
    detail(404, "Not found.")
}

pub(crate) fn forbidden() -> Answer {
    detail(403, "You do not have permission to perform this action.")
}

/// A path that no route knows never reaches the framework: Django's own page answers.
pub(crate) fn no_route() -> Answer {
    let page = "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n";
    Answer::text(404, "text/html", page)
}

pub(crate) fn method_not_allowed(request: &Request, allow: &str) -> Answer {
    detail(405, &format!("Method \"{}\" not allowed.", request.method)).with("Allow", allow)
}

/// Whether the caller takes JSON.
pub(crate) fn accepts_json(request: &Request) -> bool {
    let accept = request.header("accept");
    accept.is_empty()
        || accept.split(',').any(|range| {
            let range = range.split(';').next().unwrap_or_default().trim();
            matches!(range, "*/*" | "application/*" | "application/json")
        })
}

/// The body as a JSON object; an empty one is `{}`.
///
/// # Errors
/// 415 for another media type, 400 for what is no JSON or no object.
pub(crate) fn object(request: &Request) -> Result<Map<String, Value>, Answer> {
    if request.body.is_empty() {
        return Ok(Map::new());
    }
    let media = request.header("content-type");
    if media.split(';').next().unwrap_or_default().trim() != "application/json" {
        return Err(detail(415, &format!("Unsupported media type \"{media}\" in request.")));
    }
    let value: Value = serde_json::from_slice(&request.body).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        detail(400, &format!("JSON parse error - Expecting value: line {line} column {column}"))
    })?;
    match value {
        Value::Object(map) => Ok(map),
        other => Err(not_a_dictionary(&other)),
    }
}

fn not_a_dictionary(value: &Value) -> Answer {
    let sentence = format!("Invalid data. Expected a dictionary, but got {}.", python_type(value));
    Answer::json(400, &json!({"non_field_errors": [sentence]}))
}

/// What Python calls the type.
pub(crate) fn python_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NoneType",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float",
        Value::Number(_) => "int",
        Value::String(_) => "str",
        Value::Array(_) => "list",
        Value::Object(_) => "dict",
    }
}

/// One page of a list: a bare array; number and neighbours are in the headers.
pub(crate) fn page(request: &Request, mut rows: Vec<Value>, cap: usize, link_base: &str) -> Answer {
    sort(request, &mut rows);
    let size = match request.param("page_size").map(str::parse::<usize>) {
        Some(Ok(size)) if size > 0 => size.min(cap),
        _ => PAGE_SIZE.min(cap),
    };
    let last = rows.len().div_ceil(size).max(1);
    let number = match request.param("page") {
        None => 1,
        Some("last") => last,
        Some(text) => match text.parse::<usize>() {
            Ok(number) if (1..=last).contains(&number) => number,
            _ => return detail(404, "Invalid page."),
        },
    };
    let total = rows.len();
    let rows: Vec<Value> =
        rows.into_iter().skip((number - 1) * size).take(size).map(|row| trim(request, row)).collect();
    let mut links = Vec::new();
    let mut link = |rel: &str, to: usize| links.push(format!("<{}>; rel=\"{rel}\"", page_url(request, link_base, to)));
    link("first", 1);
    if number > 1 {
        link("prev", number - 1);
    }
    if number < last {
        link("next", number + 1);
    }
    link("last", last);
    let body = if request.method == "HEAD" { String::new() } else { Value::Array(rows).to_string() };
    Answer::text(200, "application/json", body).with("X-Result-Count", total.to_string()).with("Link", links.join(", "))
}

fn page_url(request: &Request, link_base: &str, number: usize) -> String {
    let others = request.raw_query.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some("page"));
    let query: Vec<String> = others.map(str::to_owned).chain([format!("page={number}")]).collect();
    format!("{link_base}{}?{}", request.path, query.join("&"))
}

/// `?o=name`, `?o=-created`: by what the field shows; rows without it come first.
fn sort(request: &Request, rows: &mut [Value]) {
    let Some(order) = request.param("o").filter(|order| !order.is_empty()) else {
        return;
    };
    let (down, field) = order.strip_prefix('-').map_or((false, order), |field| (true, field));
    let key = |row: &Value| match row.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => format!("{:020}", number.as_i64().unwrap_or_default()),
        Some(Value::Bool(truth)) => truth.to_string(),
        _ => String::new(),
    };
    rows.sort_by_key(key);
    if down {
        rows.reverse();
    }
}

/// `?field=uuid&field=state` leaves the others out; unknown names are ignored.
pub(crate) fn trim(request: &Request, row: Value) -> Value {
    let wanted: Vec<&str> = request.query.iter().filter(|(key, _)| key == "field").map(|(_, v)| v.as_str()).collect();
    match row {
        Value::Object(map) if !wanted.is_empty() => {
            Value::Object(map.into_iter().filter(|(key, _)| wanted.contains(&key.as_str())).collect())
        }
        row => row,
    }
}
