//! The files of a backup or restore, made when they are asked for: logs, results, lists, volume information, contents.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::bucket::Stored;
use super::filter;
use crate::json::{int, stamp, text, time};
use crate::kube::kind;
use crate::scenario::later;

/// The gzipped bytes of a file, if the store has it.
pub(crate) fn file(stored: &Stored, name: &str, file: &str, namespace: &str) -> Option<Vec<u8>> {
    let tail = file.strip_prefix(&format!("restore-{name}-")).or_else(|| file.strip_prefix(&format!("{name}-")));
    let plain = match tail {
        Some("logs.gz") => log(stored, name, namespace).into_bytes(),
        Some("results.gz") => results(stored).to_string().into_bytes(),
        Some("resource-list.json.gz") => resources(stored).to_string().into_bytes(),
        Some("volumeinfo.json.gz") => json!(stored.volumes).to_string().into_bytes(),
        Some("itemoperations.json.gz") => operations(stored, name).to_string().into_bytes(),
        Some("volumesnapshots.json.gz" | "csi-volumesnapshots.json.gz" | "csi-volumesnapshotcontents.json.gz") => {
            b"[]".to_vec()
        }
        _ if file == format!("{name}.tar.gz") => contents(stored),
        _ => return None,
    };
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(&plain).ok()?;
    encoder.finish().ok()
}

fn results(stored: &Stored) -> Value {
    stored.problems.as_json().clone()
}

/// One line of logrus's text format.
struct Line<'a> {
    at: Timestamp,
    level: &'a str,
    message: String,
    source: &'a str,
    fields: Vec<(&'a str, String)>,
}

impl<'a> Line<'a> {
    fn write(mut self, subject: &(&'a str, String), out: &mut String) {
        let quoted = |text: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || "-._/@^+".contains(c);
            if !text.is_empty() && text.chars().all(plain) { text.to_owned() } else { format!("{text:?}") }
        };
        out.push_str(&format!("time=\"{}\" level={} msg={}", stamp(self.at), self.level, quoted(&self.message)));
        self.fields.push((subject.0, subject.1.clone()));
        self.fields.push(("logSource", self.source.to_owned()));
        self.fields.sort();
        for (key, value) in self.fields {
            out.push_str(&format!(" {key}={}", quoted(&value)));
        }
        out.push('\n');
    }
}

fn log(stored: &Stored, name: &str, namespace: &str) -> String {
    let restore = text(&stored.object, "/kind") == "Restore";
    let subject = (if restore { "restore" } else { "backup" }, format!("{namespace}/{name}"));
    let start = time(&stored.object, "/status/startTimestamp").unwrap_or(Timestamp::UNIX_EPOCH);
    let end = time(&stored.object, "/status/completionTimestamp").unwrap_or(start);
    let total = stored.items.len();
    let span = end.duration_since(start).as_secs_f64().max(0.0);
    let (word, source) = if restore {
        ("Restoring item", "pkg/restore/restore.go:1342")
    } else {
        ("Processing item", "pkg/backup/backup.go:739")
    };
    let mut out = String::new();
    let mut say = |at, level, message: String, source, fields| {
        Line { at, level, message, source, fields }.write(&subject, &mut out);
    };
    if restore {
        say(start, "info", "starting restore".into(), "pkg/controller/restore_controller.go:612", vec![]);
    } else {
        say(start, "info", "Setting up backup temp file".into(), "pkg/controller/backup_controller.go:741", vec![]);
        say(start, "info", "Setting up plugin manager".into(), "pkg/controller/backup_controller.go:748", vec![]);
        say(start, "info", "Starting backup".into(), "pkg/controller/backup_controller.go:784", vec![]);
        say(
            start,
            "info",
            format!(
                "Collected {total} items matching the backup spec from the Kubernetes API (actual number of items backed up may be more or less depending on velero.io/exclude-from-backup annotation, plugins returning additional related items to back up, etc.)"
            ),
            "pkg/backup/backup.go:493",
            vec![],
        );
    }
    for (index, item) in stored.items.iter().enumerate() {
        let (plural, place, item_name) = filter::shown(item);
        let share = span * 0.8 * f64::from(u32::try_from(index).unwrap_or(0))
            / f64::from(u32::try_from(total.max(1)).unwrap_or(1));
        let at = later(start, Duration::from_secs_f64(share));
        let fields = vec![("name", item_name), ("namespace", place), ("progress", String::new()), ("resource", plural)];
        say(at, "info", word.to_owned(), source, fields);
    }
    for (level, list) in [("warning", "warnings"), ("error", "errors")] {
        for (place, sentence) in stored.problems.list(list) {
            let mut fields = vec![];
            if !place.is_empty() {
                fields.push(("namespace", place));
            }
            say(end, level, sentence, "pkg/backup/item_backupper.go:331", fields);
        }
    }
    let last = if restore {
        "restore completed".to_owned()
    } else {
        format!("Backed up a total of {} items", int(&stored.object, "/status/progress/itemsBackedUp"))
    };
    say(end, "info", last, "pkg/backup/backup.go:712", vec![]);
    out
}

/// `{"v1/Pod": ["ns/name", ...]}`; a restore says for each what it did.
fn resources(stored: &Stored) -> Value {
    let mut by: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in &stored.items {
        let (_, place, name) = filter::shown(item);
        let group = format!("{}/{}", text(item, "/apiVersion"), text(item, "/kind"));
        let shown = if place.is_empty() { name } else { format!("{place}/{name}") };
        by.entry(group).or_default().push(shown);
    }
    json!(by)
}

fn operations(stored: &Stored, name: &str) -> Value {
    let rows = stored
        .volumes
        .iter()
        .filter(|row| crate::json::truth(row, "/snapshotDataMoved"))
        .map(|row| {
            json!({"spec": {"backupName": name, "backupItemAction": "velero.io/csi-pvc-backupper",
                "resourceIdentifier": {"group": "", "resource": "persistentvolumeclaims", "namespace": row["pvcNamespace"], "name": row["pvcName"]},
                "operationID": row["snapshotDataMovementInfo"]["operationID"]},
                "status": {"operationPhase": if text(row, "/result") == "succeeded" { "Completed" } else { "Failed" },
                    "nCompleted": row["snapshotDataMovementInfo"]["size"], "nTotal": row["snapshotDataMovementInfo"]["size"], "operationUnits": "Byte"}})
        })
        .collect::<Vec<_>>();
    json!(rows)
}

/// A tar archive in Velero's layout.
fn contents(stored: &Stored) -> Vec<u8> {
    let mut tar = Vec::new();
    entry(&mut tar, "metadata/version", b"1.1.0");
    for item in &stored.items {
        let (plural, place, name) = filter::shown(item);
        let scope = if place.is_empty() { "cluster".to_owned() } else { format!("namespaces/{place}") };
        let path = format!("resources/{plural}/{scope}/{name}.json");
        entry(&mut tar, &path, item.to_string().as_bytes());
    }
    tar.extend_from_slice(&[0; 1024]);
    tar
}

/// One file in ustar form; a path over 100 bytes is split into prefix and name.
fn entry(tar: &mut Vec<u8>, path: &str, body: &[u8]) {
    let mut head = [0_u8; 512];
    let (prefix, name) = if path.len() <= 100 { ("", path) } else { path.rsplit_once('/').unwrap_or(("", path)) };
    let mut put = |at: usize, bytes: &[u8], room: usize| {
        let bytes = &bytes[..bytes.len().min(room)];
        head[at..at + bytes.len()].copy_from_slice(bytes);
    };
    put(0, name.as_bytes(), 100);
    put(100, b"0000644\0", 8);
    put(108, b"0000000\0", 8);
    put(116, b"0000000\0", 8);
    put(124, format!("{:011o}\0", body.len()).as_bytes(), 12);
    put(136, b"00000000000\0", 12);
    put(148, b"        ", 8);
    put(156, b"0", 1);
    put(257, b"ustar\x0000", 8);
    put(345, prefix.as_bytes(), 155);
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar.extend_from_slice(&head);
    tar.extend_from_slice(body);
    tar.resize(tar.len().next_multiple_of(512), 0);
}

/// Whether a stored item is a claim.
pub(crate) fn is_claim(item: &Value) -> bool {
    text(item, "/kind") == kind::CLAIM.kind
}
