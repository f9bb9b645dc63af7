//! What the server checks beyond the shape of a document.

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};

use super::validate::{Issues, blame};
use super::{CloudCasa, timetable};
use crate::cloudcasa::resource::Resource;
use crate::json::{set, text, texts, truth};

/// The vendor's own sentence.
const TOO_OFTEN: &str = "Schedules more frequent than daily are not allowed for free accounts";

/// Where a SafeLock or a longer retention is refused.
const FREE_DAYS: i64 = 30;

impl CloudCasa {
    /// Adds that the name is taken, if it is.
    pub(super) fn judge_name(&self, resource: &Resource, name: &Value, stored: Option<&Value>, issues: &mut Issues) {
        let own = stored.map(|stored| text(stored, "/_id"));
        let taken = |other: &Value| other.get("name") == Some(name) && Some(text(other, "/_id")) != own;
        let word = name.as_str().unwrap_or_default();
        if resource.unique && !word.is_empty() && self.store.list(resource.name).any(taken) {
            blame(issues, "name", format!("value '{word}' is not unique"));
        }
    }

    /// Adds what is wrong with a document that has the right shape. `stored` is what it replaces.
    pub(super) fn judge(&self, resource: &Resource, doc: &Value, stored: Option<&Value>, issues: &mut Issues) {
        match resource.name {
            "policies" => self.judge_policy(doc, issues),
            "kubebackups" => self.judge_backup(doc, stored, issues),
            "kubeoffloads" => self.judge_offload(doc, stored, issues),
            "kuberestores" => self.judge_restore(doc, issues),
            "objectstores" => self.judge_store(doc, stored, issues),
            "apikeys" if stored.is_none() && self.store.list("apikeys").count() >= 10 => {
                blame(issues, "name", "An organization can have 10 API keys at most");
            }
            _ => {}
        }
    }

    fn judge_policy(&self, doc: &Value, issues: &mut Issues) {
        if TimeZone::get(text(doc, "/timezone")).is_err() {
            blame(issues, "timezone", format!("unallowed value {}", text(doc, "/timezone")));
            return;
        }
        let entries = doc["schedules"].as_array().map(Vec::as_slice).unwrap_or_default();
        if entries.is_empty() {
            blame(issues, "schedules", "min length is 1");
        }
        let mut found = Map::new();
        for (index, entry) in entries.iter().enumerate() {
            let mut inside = Issues::new();
            match timetable::read(doc, entry) {
                Err(sentence) => blame(&mut inside, "schedule", sentence),
                Ok(cron) if self.options.free_plan && timetable::within_a_day(&cron, self.now) => {
                    blame(issues, "schedules", TOO_OFTEN);
                    return;
                }
                Ok(_) => {}
            }
            if self.options.free_plan && entry["retainDays"].as_i64().is_some_and(|days| days > FREE_DAYS) {
                blame(&mut inside, "retainDays", format!("max value is {FREE_DAYS}"));
            }
            if self.options.free_plan && truth(entry, "/locked") {
                blame(&mut inside, "locked", "SafeLock is not available for free accounts");
            }
            if !inside.is_empty() {
                found.insert(index.to_string(), Value::Object(inside));
            }
        }
        if !found.is_empty() {
            blame(issues, "schedules", Value::Object(found));
        }
    }

    fn judge_backup(&self, doc: &Value, stored: Option<&Value>, issues: &mut Issues) {
        if stored.is_some_and(|stored| stored["cluster"] != doc["cluster"]) {
            blame(issues, "cluster", "field is read-only");
        }
        let scheduled = text(doc, "/trigger_type") == "SCHEDULED";
        let planned = ["/policy", "/copydef"].iter().any(|pointer| !text(doc, pointer).is_empty());
        if self.options.needs_policy && scheduled && !planned {
            blame(issues, "policy", "required field");
        }
    }

    fn judge_offload(&self, doc: &Value, stored: Option<&Value>, issues: &mut Issues) {
        if text(doc, "/backupdef").is_empty() && text(doc, "/backup_inst").is_empty() {
            blame(issues, "backupdef", "required field");
        }
        if stored.is_some_and(|stored| stored["backupdef"] != doc["backupdef"]) {
            blame(issues, "backupdef", "field is read-only");
        }
        let planned = ["/policy", "/backup_inst"].iter().any(|pointer| !text(doc, pointer).is_empty());
        if self.options.needs_policy && text(doc, "/trigger_type") == "SCHEDULED" && !planned {
            blame(issues, "policy", "required field");
        }
    }

    fn judge_restore(&self, doc: &Value, issues: &mut Issues) {
        let point = text(doc, "/backup_inst");
        if self.store.text("backupinstances", point, "/state") != "READY" {
            blame(issues, "backup_inst", format!("recovery point '{point}' is not ready"));
        }
        for map in ["namespaces_map", "storage_class_map"] {
            let wrong = doc[map].as_object().is_some_and(|map| map.values().any(|value| !value.is_string()));
            if wrong {
                blame(issues, map, "must be of string type");
            }
        }
    }

    fn judge_store(&self, doc: &Value, stored: Option<&Value>, issues: &mut Issues) {
        let clusters = texts(doc, "/proxy_cluster_list");
        if clusters.len() > 1 {
            blame(issues, "proxy_cluster_list", "max length is 1");
        }
        if truth(doc, "/private") && clusters.is_empty() {
            blame(issues, "proxy_cluster_list", "required field");
        }
        let place = |doc: &Value| ["provider_type", "region", "prefix", "bucket_name"].map(|field| doc[field].clone());
        let own = stored.map(|stored| text(stored, "/_id"));
        let twin = |other: &Value| place(other) == place(doc) && Some(text(other, "/_id")) != own;
        if self.store.list("objectstores").any(twin) {
            blame(issues, "bucket_name", format!("value '{}' is not unique", text(doc, "/bucket_name")));
        }
        // A private one is tried by its proxy's agent, later.
        if !truth(doc, "/private")
            && let Some((field, sentence)) = self.unreachable(doc)
        {
            let mut inside = json!({});
            set(&mut inside, field, sentence);
            blame(issues, "s3provider", inside);
        }
    }

    /// Why a storage can't be used, if it can't: the place of the blame and a sentence.
    pub(super) fn unreachable(&self, doc: &Value) -> Option<(&'static str, String)> {
        if text(doc, "/provider_type") == "azure" {
            let secret = text(doc, "/s3provider/client_secret");
            let wrong = secret.is_empty() || secret.starts_with("wrong");
            return wrong
                .then(|| ("/client_secret", "Authentication failed: invalid client secret provided".to_owned()));
        }
        let endpoint = text(doc, "/s3provider/endpoint");
        let host = endpoint.split("://").last().unwrap_or_default().split(['/', ':']).next().unwrap_or_default();
        if host.ends_with(".invalid") || self.options.unreachable_hosts.iter().any(|down| down == host) {
            return Some(("/endpoint", format!("Could not connect to the endpoint URL: \"{endpoint}\"")));
        }
        match text(doc, "/s3provider/credentials/secret_key") {
            "" => Some(("/credentials", "Unable to locate credentials".to_owned())),
            wrong if wrong.starts_with("wrong") => {
                let sentence = "An error occurred (SignatureDoesNotMatch) when calling the ListObjects operation: The request signature we calculated does not match the signature you provided.";
                Some(("/credentials", sentence.to_owned()))
            }
            _ => None,
        }
    }
}
