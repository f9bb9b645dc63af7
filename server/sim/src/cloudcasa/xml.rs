//! The same in XML, which Eve answers to whoever puts XML first in `Accept`.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::rest::Answer;

/// Whether XML is asked for more than JSON. No header, `*/*` and what Eve can't make mean JSON.
pub(super) fn wanted(accept: &str) -> bool {
    let weight = |word: &str| {
        let (name, rest) = word.split_once(';').unwrap_or((word, ""));
        let quality = rest.split(';').find_map(|part| part.trim().strip_prefix("q=")?.parse::<f32>().ok());
        (name.trim().to_lowercase(), quality.unwrap_or(1.0))
    };
    let mut json = 0.0_f32;
    let mut xml = 0.0_f32;
    for (name, quality) in accept.split(',').map(weight) {
        match name.as_str() {
            "application/json" | "*/*" | "application/*" => json = json.max(quality),
            "application/xml" | "text/xml" | "application/x-xml" => xml = xml.max(quality),
            _ => {}
        }
    }
    xml > json
}

/// A JSON answer as XML; any other stays.
pub(super) fn turned(mut answer: Answer) -> Answer {
    if answer.content_type != "application/json" {
        return answer;
    }
    if let Ok(Value::Object(body)) = serde_json::from_slice(&answer.body) {
        let mut text = String::new();
        resource(&body, &mut text);
        answer.body = text.into_bytes();
        "application/xml; charset=utf-8".clone_into(&mut answer.content_type);
    }
    answer
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;").replace('\'', "&#39;")
}

fn resource(map: &Map<String, Value>, out: &mut String) {
    let links = map.get("_links").and_then(Value::as_object);
    let word = |link: &Value, name: &str| escape(link.get(name).and_then(Value::as_str).unwrap_or_default());
    match links.and_then(|links| links.get("self")) {
        Some(own) => {
            let _ = write!(out, "<resource href=\"{}\"  title=\"{}\" >", word(own, "href"), word(own, "title"));
        }
        None => out.push_str("<resource>"),
    }
    for (name, link) in links.into_iter().flatten().filter(|(name, _)| *name != "self" && *name != "related") {
        for link in link.as_array().map_or(vec![link], |list| list.iter().collect()) {
            let _ = write!(
                out,
                "<link rel=\"{name}\" href=\"{}\" title=\"{}\" />",
                word(link, "href"),
                word(link, "title")
            );
        }
    }
    for (name, value) in map.iter().filter(|(name, _)| *name != "_links") {
        if name == "_items" {
            value.as_array().into_iter().flatten().filter_map(Value::as_object).for_each(|item| resource(item, out));
        } else {
            element(name, value, out);
        }
    }
    out.push_str("</resource>");
}

fn element(name: &str, value: &Value, out: &mut String) {
    let name = escape(name);
    match value {
        Value::Array(list) => list.iter().for_each(|item| element(&name, item, out)),
        Value::Object(map) => {
            let _ = write!(out, "<{name}>");
            map.iter().for_each(|(name, value)| element(name, value, out));
            let _ = write!(out, "</{name}>");
        }
        _ => {
            let text = match value {
                Value::Bool(true) => "True".to_owned(),
                Value::Bool(false) => "False".to_owned(),
                Value::Null => "None".to_owned(),
                Value::String(text) => escape(text),
                other => other.to_string(),
            };
            let _ = write!(out, "<{name}>{text}</{name}>");
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_who_prefers_it_gets_it() {
        for (accept, expected) in [
            ("", false),
            ("*/*", false),
            ("application/json", false),
            ("text/html", false),
            ("application/xml", true),
            ("application/xml,application/json;q=0.9", true),
            ("application/json, application/xml;q=0.9", false),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true),
        ] {
            assert_eq!(wanted(accept), expected, "{accept}");
        }
    }

    #[test]
    fn writes_as_eve_does() {
        let body = json!({"_links": {"self": {"href": "jobs?a=1&b=2", "title": "jobs"}, "parent": {"href": "/", "title": "home"}},
            "_meta": {"page": 1}, "_items": [{"name": "<a>", "ok": true, "list": [1, 2]}]});
        let text = String::from_utf8(turned(Answer::json(200, &body)).body).unwrap_or_default();
        assert_eq!(
            text,
            "<resource href=\"jobs?a=1&amp;b=2\"  title=\"jobs\" ><link rel=\"parent\" href=\"/\" title=\"home\" />\
             <resource><list>1</list><list>2</list><name>&lt;a&gt;</name><ok>True</ok></resource>\
             <_meta><page>1</page></_meta></resource>"
        );
    }
}
