//! Writing: POST, PUT that replaces everything, PATCH, each with Eve's concurrency control.

use serde_json::{Map, Value, json};

use super::read::shown;
use super::resource::Resource;
use super::validate::{Check, Issues, blame, fill};
use super::{CloudCasa, coerce, links, refusal};
use crate::cloudcasa::body::{merge, no_document, object, payload};
use crate::cloudcasa::store::is_id;
use crate::json::text;
use crate::rest::{Answer, Request};

/// Who owns what is made through the API.
pub(super) const OWNER: &str = "platform@shop.example.com";

impl CloudCasa {
    pub(super) fn create(&mut self, resource: &'static Resource, request: &Request) -> Answer {
        match payload(request) {
            Err(refused) => refused,
            // A list of one is answered as its only document.
            Ok(Value::Array(mut list)) if list.len() == 1 => self.create_one(resource, list.remove(0), request),
            Ok(Value::Array(list)) => self.create_many(resource, list, request),
            Ok(body) => self.create_one(resource, body, request),
        }
    }

    fn create_one(&mut self, resource: &'static Resource, body: Value, request: &Request) -> Answer {
        match self.checked(resource, body) {
            Err(issues) => refusal::invalid(issues, true),
            Ok(doc) => self.created(resource, doc, request),
        }
    }

    /// A new document, complete, or what is wrong with it.
    fn checked(&self, resource: &'static Resource, body: Value) -> Result<Value, Issues> {
        match body {
            Value::Object(body) => self.accept(resource, body, None, false),
            other => Err(no_document(&other)),
        }
    }

    fn created(&mut self, resource: &'static Resource, doc: Value, request: &Request) -> Answer {
        let body = self.store_new(resource, doc);
        // The version stands there twice: so the vendor's guide shows it.
        let place = format!("{}/api/v1/v1/{}/{}", request.base, resource.name, text(&body, "/_id"));
        Answer::json(201, &body).with("Location", place)
    }

    /// Eve's bulk insert: all or nothing.
    fn create_many(&mut self, resource: &'static Resource, list: Vec<Value>, request: &Request) -> Answer {
        if list.is_empty() {
            return refusal::error(400, "");
        }
        let checked: Vec<_> = list.into_iter().map(|body| self.checked(resource, body)).collect();
        let wrong = checked.iter().filter(|one| one.is_err()).count();
        if wrong > 0 {
            let items: Vec<Value> = checked
                .into_iter()
                .map(|one| match one {
                    Ok(_) => json!({"_status": "OK"}),
                    Err(issues) => json!({"_status": "ERR", "_issues": Value::Object(issues)}),
                })
                .collect();
            let message = format!("Insertion failure: {wrong} document(s) contain(s) error(s)");
            return Answer::json(
                422,
                &json!({"_status": "ERR", "_items": items, "_error": {"code": 422, "message": message}}),
            );
        }
        let items: Vec<Value> = checked.into_iter().flatten().map(|doc| self.store_new(resource, doc)).collect();
        let first = items.first().map_or("", |doc| text(doc, "/_id"));
        let place = format!("{}/api/v1/v1/{}/{first}", request.base, resource.name);
        Answer::json(201, &json!({"_status": "OK", "_items": items})).with("Location", place)
    }

    /// Stores an accepted document and answers it as it was stored: what its life adds comes later.
    fn store_new(&mut self, resource: &'static Resource, mut doc: Value) -> Value {
        let secret = (resource.name == "apikeys").then(|| self.new_key());
        if let Some(key) = &secret {
            doc["snippet"] = key[key.len() - 5..].into();
        }
        let id = self.store.insert(resource.name, doc, self.now);
        let mut body = self.written(resource, &id);
        if self.options.denies_run_backup && resource.name == "kubeoffloads" {
            body["run_backup"] = false.into();
        }
        if let Some(key) = secret {
            body["apikey"] = key.into();
        }
        self.after_write(resource.name, &id, true);
        body
    }

    /// A document as a write answers it.
    fn written(&self, resource: &'static Resource, id: &str) -> Value {
        let Some(doc) = self.store.get(resource.name, id) else {
            return json!({});
        };
        let mut body = shown(resource.name, doc);
        body["_links"] = links::of(resource, doc);
        body["_status"] = "OK".into();
        body
    }

    /// Checks a body and completes it to the document that will be stored.
    fn accept(
        &self,
        resource: &'static Resource,
        mut body: Map<String, Value>,
        stored: Option<&Value>,
        partial: bool,
    ) -> Result<Value, Issues> {
        coerce::document(resource.fields, &mut body);
        let given = body.remove("_id");
        let mut issues = Check { store: &self.store, stored, partial }.run(resource.fields, &body);
        if let Some(name) = body.get("name") {
            self.judge_name(resource, name, stored, &mut issues);
        }
        if let Some(id) = &given {
            let free = |id: &str| is_id(id) && self.store.get(resource.name, id).is_none();
            let fits = match stored {
                Some(stored) => stored.get("_id") == Some(id),
                None => id.as_str().is_some_and(free),
            };
            if !fits {
                blame(&mut issues, "_id", "field is read-only");
            }
        }
        if !issues.is_empty() {
            return Err(issues);
        }
        if partial {
            // Eve fills in nested presets on PATCH too: a patch of one field in `source` resets its neighbours.
            for field in resource.fields {
                if let Some(Value::Object(_)) = body.get(field.name) {
                    let mut part = Map::from_iter([(field.name.to_owned(), body[field.name].clone())]);
                    fill(std::slice::from_ref(field), &mut part);
                    body.extend(part);
                }
            }
            let mut whole = stored.and_then(Value::as_object).cloned().unwrap_or_default();
            merge(&mut whole, body);
            body = whole;
        } else {
            fill(resource.fields, &mut body);
            let kept = resource.fields.iter().filter(|field| field.read_only).map(|field| field.name);
            for name in kept.chain(["_id", "_created"]) {
                if let Some(value) = stored.and_then(|stored| stored.get(name)) {
                    body.insert(name.to_owned(), value.clone());
                }
            }
            if let Some(id) = given {
                body.insert("_id".to_owned(), id);
            }
        }
        body.entry("cc_user_email").or_insert_with(|| OWNER.into());
        let mut doc = Value::Object(body);
        self.complete(resource, &mut doc, stored.is_none());
        self.judge(resource, &doc, stored, &mut issues);
        if issues.is_empty() { Ok(doc) } else { Err(issues) }
    }

    /// What the server itself knows about a document.
    fn complete(&self, resource: &Resource, doc: &mut Value, new: bool) {
        match resource.name {
            "kubeoffloads" => {
                let cluster = match text(doc, "/backupdef") {
                    "" => self.store.text("backupinstances", text(doc, "/backup_inst"), "/cluster"),
                    definition => self.store.text("kubebackups", definition, "/cluster"),
                };
                if !cluster.is_empty() {
                    doc["cluster"] = cluster.into();
                }
            }
            "kubebackups" => {
                let policy = self.store.text("kubeoffloads", text(doc, "/copydef"), "/policy");
                if !policy.is_empty() {
                    doc["copy_policy"] = policy.into();
                }
            }
            "kuberestores" => {
                let source = self.store.text("backupinstances", text(doc, "/backup_inst"), "/cluster");
                for field in ["source_cluster", "cluster"] {
                    if doc.get(field).is_none() && !source.is_empty() {
                        doc[field] = source.into();
                    }
                }
            }
            "objectstores" if new => doc["validate_state"] = "VALIDATING".into(),
            _ => {}
        }
    }

    /// If-Match: nothing when it names the stored version.
    pub(super) fn outdated(&self, stored: &Value, request: &Request, optional: bool) -> Option<Answer> {
        let given = request.header("if-match");
        if given.is_empty() {
            return (!optional).then(|| refusal::error(428, ""));
        }
        let given = given.trim_start_matches("W/").replace('"', "");
        (given != text(stored, "/_etag")).then(|| refusal::error(412, ""))
    }

    pub(super) fn replace(&mut self, resource: &'static Resource, id: &str, request: &Request) -> Answer {
        let body = match object(request) {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let Some(stored) = self.store.get(resource.name, id).cloned() else {
            return self.upsert(resource, id, body, request);
        };
        if let Some(refused) = self.outdated(&stored, request, false) {
            return refused;
        }
        self.change(resource, &stored, body, false)
    }

    /// PUT to an id that nobody has.
    fn upsert(
        &mut self,
        resource: &'static Resource,
        id: &str,
        mut body: Map<String, Value>,
        request: &Request,
    ) -> Answer {
        if !self.options.put_upserts {
            return refusal::error(404, "");
        }
        body.insert("_id".to_owned(), id.into());
        match self.accept(resource, body, None, false) {
            Err(issues) => refusal::invalid(issues, true),
            Ok(doc) => self.created(resource, doc, request),
        }
    }

    pub(super) fn update(&mut self, resource: &'static Resource, id: &str, request: &Request) -> Answer {
        let body = match object(request) {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let Some(stored) = self.store.get(resource.name, id).cloned() else {
            return refusal::error(404, "");
        };
        if let Some(refused) = self.outdated(&stored, request, false) {
            return refused;
        }
        self.change(resource, &stored, body, true)
    }

    fn change(
        &mut self,
        resource: &'static Resource,
        stored: &Value,
        body: Map<String, Value>,
        partial: bool,
    ) -> Answer {
        let id = text(stored, "/_id").to_owned();
        match self.accept(resource, body, Some(stored), partial) {
            Err(issues) => refusal::invalid(issues, false),
            Ok(doc) => {
                self.store.change(resource.name, &id, self.now, true, |old| *old = doc);
                let body = self.written(resource, &id);
                self.after_write(resource.name, &id, false);
                let answer = Answer::json(200, &body).with("ETag", format!("\"{}\"", text(&body, "/_etag")));
                if partial { answer } else { answer.with("Last-Modified", text(&body, "/_updated")) }
            }
        }
    }
}
