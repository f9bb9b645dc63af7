//! `action/run`: starts a definition now. It answers the definition, not the job; the job appears some seconds later.

use serde_json::{Value, json};

use super::life::Order;
use super::read::shown;
use super::resource::{self, Resource};
use super::rule::{Field, Preset, Rule, field};
use super::validate::Check;
use super::{CloudCasa, coerce, links, refusal};
use crate::json::{text, truth};
use crate::rest::{Answer, Request};

const RETENTION: &[Field] = &[
    field("retainDays", Rule::Within(1, i64::MAX)).required(),
    field("numAlwaysRetain", Rule::Within(0, 30)).or(Preset::Number(0)),
];

const BODY: &[Field] = &[
    field("retention", Rule::Dict(RETENTION)),
    field("runBackup", Rule::Boolean),
    field("backup", Rule::ObjectId),
    field("offload", Rule::ObjectId),
];

impl CloudCasa {
    pub(super) fn run_now(&mut self, resource: &'static Resource, id: &str, request: &Request) -> Answer {
        let body = match self.ordered(request) {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let place = request.path.trim_start_matches("/api/").to_owned();
        self.run(resource, id, &body, &place)
    }

    /// The older form, which names the definition in its body.
    pub(super) fn run_named(&mut self, resource: &'static Resource, request: &Request) -> Answer {
        let body = match self.ordered(request) {
            Ok(body) => body,
            Err(refused) => return refused,
        };
        let field = if resource.name == "kubeoffloads" { "/offload" } else { "/backup" };
        let id = text(&body, field).to_owned();
        if id.is_empty() {
            let issues = json!({field.trim_start_matches('/'): "required field"});
            return refusal::invalid(issues.as_object().cloned().unwrap_or_default(), true);
        }
        let place = request.path.trim_start_matches("/api/").to_owned();
        self.run(resource, &id, &body, &place)
    }

    fn ordered(&self, request: &Request) -> Result<Value, Answer> {
        let body = if request.body.is_empty() { Some(json!({})) } else { request.json() };
        let Some(Value::Object(mut body)) = body else {
            return Err(refusal::error(400, ""));
        };
        coerce::document(BODY, &mut body);
        let issues = Check { store: &self.store, stored: None, partial: false }.run(BODY, &body);
        if issues.is_empty() { Ok(Value::Object(body)) } else { Err(refusal::invalid(issues, true)) }
    }

    fn run(&mut self, resource: &'static Resource, id: &str, body: &Value, place: &str) -> Answer {
        let Some(doc) = self.store.get(resource.name, id).cloned() else {
            return refusal::error(404, "");
        };
        let mut order = Order::new(resource.name, id);
        if let Some(days) = body["retention"]["retainDays"].as_i64() {
            order.days = days;
        }
        order.always = body["retention"]["numAlwaysRetain"].as_i64().unwrap_or(0);
        order.run_backup = match resource.name {
            "kubebackups" => true,
            _ => body["runBackup"].as_bool().unwrap_or_else(|| truth(&doc, "/run_backup")),
        };
        let delay = std::time::Duration::from_millis(self.options.job_delay_ms).as_secs_f64();
        self.order(order, delay);
        let mut answer = shown(resource.name, &doc);
        answer["_links"] = links::of_item(resource, &doc, place);
        Answer::json(self.options.run_code, &answer)
    }
}

/// The resource of a word that a test gave.
pub(super) fn known(word: &str) -> Result<&'static Resource, String> {
    resource::named(word).ok_or_else(|| format!("there is no collection {word:?}"))
}
