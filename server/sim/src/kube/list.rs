//! Reading: one object, or a list with selectors and pages.

use std::sync::Arc;

use serde_json::{Value, json};

use super::http::{Ask, Reply};
use super::kind::Kind;
use super::selector::{FieldSelector, LabelSelector};
use super::status::Refusal;
use super::store::{Key, hex};
use crate::scenario::Scenario;

/// Both selectors of a list or watch.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selection {
    pub(crate) labels: LabelSelector,
    pub(crate) fields: FieldSelector,
}

impl Selection {
    pub(crate) fn of(ask: &Ask) -> Result<Self, Refusal> {
        let labels = LabelSelector::parse(ask.param("labelSelector"))
            .map_err(|sentence| Refusal::bad_request(format!("unable to parse requirement: {sentence}")))?;
        let fields = FieldSelector::parse(ask.param("fieldSelector")).map_err(Refusal::bad_request)?;
        Ok(Self { labels, fields })
    }

    pub(crate) fn matches(&self, object: &Value) -> bool {
        self.labels.matches(object) && self.fields.matches(object)
    }

    fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }
}

pub(crate) fn get(scenario: &Scenario, kind: &'static Kind, namespace: &str, name: &str) -> Result<Reply, Refusal> {
    let object = scenario.store.get(&Key::new(kind, namespace, name)).ok_or_else(|| Refusal::not_found(kind, name))?;
    Ok(Reply::ok((**object).clone()))
}

/// A page of objects. The pages are cut from the live objects, not from a snapshot: what is created behind the
/// cursor meanwhile is missed, as after the API server's own "inconsistent continue".
pub(crate) fn list(scenario: &Scenario, ask: &Ask, kind: &'static Kind, namespace: &str) -> Result<Reply, Refusal> {
    let selection = Selection::of(ask)?;
    let limit: usize = match ask.param("limit") {
        "" => 0,
        text => text
            .parse()
            .map_err(|_| Refusal::bad_request(format!("strconv.ParseInt: parsing \"{text}\": invalid syntax")))?,
    };
    let (version, start) = match ask.param("continue") {
        "" => (scenario.store.version(), None),
        token => {
            let (version, start) =
                open(token).ok_or_else(|| Refusal::bad_request("continue key is not valid: illegal base64 data"))?;
            if version < scenario.store.oldest() {
                return Err(Refusal::expired_continue());
            }
            (version, Some(start))
        }
    };
    let rows = scenario
        .store
        .list(kind, namespace)
        .filter(|(key, _)| start.as_ref().is_none_or(|(ns, name)| (&key.namespace, &key.name) > (ns, name)))
        .filter(|(_, object)| selection.matches(object));
    let mut rows: Vec<(&Key, &Arc<Value>)> = rows.collect();
    let mut meta = json!({"resourceVersion": version.to_string()});
    if limit > 0 && rows.len() > limit {
        let left = rows.len() - limit;
        rows.truncate(limit);
        if let Some((key, _)) = rows.last() {
            meta["continue"] = seal(version, key).into();
            if selection.is_empty() {
                meta["remainingItemCount"] = left.into();
            }
        }
    }
    let head = json!({
        "apiVersion": kind.api_version(), "kind": format!("{}List", kind.kind), "metadata": meta,
    });
    Ok(Reply::Bytes { code: 200, content_type: "application/json", body: encode(&head, &rows, kind.custom) })
}

/// Writes the items one by one: a list of thousands is never copied as one JSON value.
fn encode(head: &Value, rows: &[(&Key, &Arc<Value>)], custom: bool) -> Vec<u8> {
    let mut body = head.to_string().into_bytes();
    body.pop();
    body.extend_from_slice(b",\"items\":[");
    for (index, (_, object)) in rows.iter().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        if custom {
            body.extend_from_slice(object.to_string().as_bytes());
        } else {
            // Built-in kinds are listed without their type.
            let mut bare = (***object).clone();
            if let Some(map) = bare.as_object_mut() {
                map.remove("kind");
                map.remove("apiVersion");
            }
            body.extend_from_slice(bare.to_string().as_bytes());
        }
    }
    body.extend_from_slice(b"]}");
    body
}

fn seal(version: u64, last: &Key) -> String {
    hex(format!("{version}\n{}\n{}", last.namespace, last.name).as_bytes())
}

fn open(token: &str) -> Option<(u64, (String, String))> {
    let bytes: Option<Vec<u8>> =
        (0..token.len() / 2).map(|at| u8::from_str_radix(token.get(at * 2..at * 2 + 2)?, 16).ok()).collect();
    let text = String::from_utf8(bytes?).ok()?;
    let mut parts = text.split('\n');
    let version = parts.next()?.parse().ok()?;
    Some((version, (parts.next()?.to_owned(), parts.next()?.to_owned())))
}
