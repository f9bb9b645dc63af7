//! What a test does past the API.
//!
//! | verb | body |
//! |---|---|
//! | `put` | `{collection, document}`: stores it as it is; without `_id` it gets one |
//! | `edit` | `{collection, id, set}`: merges into a document as another client's write would: new etag |
//! | `remove` | `{collection, id}`: gone without a trace |
//! | `outcome` | `{result, of?, type?, times?}`: how runs to come end: `good`, `partial`, `failed`, `skipped`, `stuck`, or any state's word |
//! | `cancel` | `{job, spelling?}`: somebody cancels a job; `CANCELED` unless spelt otherwise |
//! | `agent` | `{cluster, do}`: `install`, `silence`, `return` |
//! | `options` | any options: changes them in place |
//!
//! `id`, `of` and `cluster` take a name as well as an id.

use serde_json::{Value, json};

use super::life::{Fate, Plan};
use super::options::Options;
use super::store::is_id;
use super::{CloudCasa, run};
use crate::json::text;

fn need<'a>(body: &'a Value, field: &str) -> Result<&'a str, String> {
    match text(body, &format!("/{field}")) {
        "" => Err(format!("{field} is missing")),
        value => Ok(value),
    }
}

impl CloudCasa {
    /// The id of a document that a test named by id or by name.
    fn found(&self, collection: &str, word: &str) -> Result<String, String> {
        if self.store.get(collection, word).is_some() {
            return Ok(word.to_owned());
        }
        let named = self.store.named(collection, word).map(|doc| text(doc, "/_id").to_owned());
        named.ok_or_else(|| format!("there is no {word:?} in {collection}"))
    }

    pub(super) fn commanded(&mut self, verb: &str, body: &Value) -> Result<Value, String> {
        match verb {
            "put" => self.put(body),
            "edit" => {
                let resource = run::known(need(body, "collection")?)?;
                let id = self.found(resource.name, need(body, "id")?)?;
                let change = body["set"].as_object().ok_or("set is missing")?.clone();
                self.store.change(resource.name, &id, self.now, true, |doc| {
                    crate::kube::patch::merge(doc, &Value::Object(change));
                });
                self.after_edit(resource.name, &id);
                Ok(self.store.get(resource.name, &id).cloned().unwrap_or_default())
            }
            "remove" => {
                let resource = run::known(need(body, "collection")?)?;
                let id = self.found(resource.name, need(body, "id")?)?;
                self.store.remove(resource.name, &id);
                Ok(json!({"removed": id}))
            }
            "outcome" => {
                let times = body["times"].as_u64().unwrap_or(1);
                let fate = Fate::of(need(body, "result")?);
                let plan = Plan { of: text(body, "/of").to_owned(), kind: text(body, "/type").to_owned(), fate, times };
                self.plans.push(plan);
                Ok(json!({"ok": true}))
            }
            "cancel" => {
                let word = text(body, "/spelling");
                let word = if word.is_empty() { "CANCELED" } else { word };
                self.cancel(need(body, "job")?, word)
            }
            "agent" => {
                let cluster = self.found("kubeclusters", need(body, "cluster")?)?;
                self.agent(&cluster, need(body, "do")?)
            }
            "options" => {
                self.options = Options::changed(&self.given, body)?;
                crate::kube::patch::merge(&mut self.given, body);
                Ok(json!({"ok": true}))
            }
            other => Err(format!("unknown verb {other:?}")),
        }
    }

    fn put(&mut self, body: &Value) -> Result<Value, String> {
        let resource = run::known(need(body, "collection")?)?;
        let mut document = body["document"].clone();
        if !document.is_object() {
            return Err("document is missing".to_owned());
        }
        let mut id = text(&document, "/_id").to_owned();
        if id.is_empty() {
            id = self.store.new_id(self.now);
            document["_id"] = id.as_str().into();
        }
        if !is_id(&id) {
            return Err("_id must be 24 hex digits".to_owned());
        }
        if document.get("_etag").is_none() {
            // Only what the test left open is filled in.
            for field in ["_created", "_updated"] {
                if document.get(field).is_none() {
                    document[field] = super::store::date(self.now).into();
                }
            }
            super::store::seal(&mut document);
        }
        self.store.put(resource.name, &id, document);
        self.after_edit(resource.name, &id);
        Ok(self.store.get(resource.name, &id).cloned().unwrap_or_default())
    }

    /// A test's write of a definition or policy counts for its schedules, as anybody's does.
    fn after_edit(&mut self, resource: &'static str, id: &str) {
        if matches!(resource, "kubebackups" | "kubeoffloads" | "policies" | "backupinstances") {
            self.after_write(resource, id, false);
        }
    }
}
