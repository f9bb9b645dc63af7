//! DownloadRequests: answered with a signed URL of the object store, or never.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::json::{annotation, set, stamp, text, time};
use crate::kube::kind;
use crate::kube::store::Key;
use crate::objects;
use crate::scenario::{Scenario, later};

/// How long a URL is good, and how long a request is kept.
const VALID: Duration = Duration::from_secs(600);

pub(crate) fn reconcile(s: &mut Scenario, key: &Key) {
    let Some(request) = s.store.get(key).cloned() else {
        return;
    };
    if let Some(end) = time(&request, "/status/expiration") {
        if end < s.now {
            s.erase(key);
        } else {
            s.wake(key, later(end, Duration::from_secs(1)));
        }
        return;
    }
    let made = time(&request, "/metadata/creationTimestamp").unwrap_or(s.now);
    let delay = s.pace(Duration::from_millis(s.options.download_delay_ms));
    let due = later(made, delay);
    if due > s.now {
        s.wake(key, due);
        return;
    }
    let mut object = (*request).clone();
    let end = later(s.now, VALID);
    // Set whether or not the target is found: a request that can't be served goes away by it.
    set(&mut object, "/status/expiration", stamp(end));
    if let Some(url) = url(s, &request, end) {
        set(&mut object, "/status/phase", "Processed");
        set(&mut object, "/status/downloadURL", url);
    }
    s.write(key, object);
    s.wake(key, later(end, Duration::from_secs(1)));
}

fn url(s: &Scenario, request: &Arc<Value>, end: jiff::Timestamp) -> Option<String> {
    let kind_word = text(request, "/spec/target/kind");
    let name = text(request, "/spec/target/name");
    let backup = if kind_word.starts_with("Restore") {
        let restore = s.get(&kind::RESTORE, name)?;
        text(&restore, "/spec/backupName").to_owned()
    } else {
        name.to_owned()
    };
    let backup = s.get(&kind::BACKUP, &backup)?;
    if annotation(&backup, "sim/download") == "never" {
        return None;
    }
    let location = s.get(&kind::LOCATION, text(&backup, "/spec/storageLocation"))?;
    let bucket = text(&location, "/spec/objectStorage/bucket");
    let prefix = text(&location, "/spec/objectStorage/prefix");
    let file = objects::file_name(kind_word, name)?;
    let folder = if kind_word.starts_with("Restore") { "restores" } else { "backups" };
    let parts = [bucket, prefix, folder, name, file.as_str()];
    let key: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    Some(objects::signed_url(s, &key.join("/"), end))
}
