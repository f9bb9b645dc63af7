//! The S3-like host that download URLs point to: by signature only, and never with a bearer token.

use jiff::Timestamp;
use sha2::{Digest, Sha256};

use crate::json::annotation;
use crate::kube::http::{Ask, Reply};
use crate::kube::kind;
use crate::kube::store::hex;
use crate::life::artefact;
use crate::scenario::Scenario;

/// The file of a download target, as Velero's object store layout names it.
pub(crate) fn file_name(target: &str, name: &str) -> Option<String> {
    let tail = match target {
        "BackupContents" => return Some(format!("{name}.tar.gz")),
        "BackupLog" => "logs.gz",
        "BackupVolumeSnapshots" => "volumesnapshots.json.gz",
        "BackupItemOperations" | "RestoreItemOperations" => "itemoperations.json.gz",
        "BackupResourceList" | "RestoreResourceList" => "resource-list.json.gz",
        "BackupResults" | "RestoreResults" => "results.gz",
        "BackupVolumeInfos" | "RestoreVolumeInfo" => "volumeinfo.json.gz",
        "CSIBackupVolumeSnapshots" => "csi-volumesnapshots.json.gz",
        "CSIBackupVolumeSnapshotContents" => "csi-volumesnapshotcontents.json.gz",
        "RestoreLog" => "logs.gz",
        _ => return None,
    };
    Some(if target.starts_with("Restore") { format!("restore-{name}-{tail}") } else { format!("{name}-{tail}") })
}

/// A URL that is good until `end`.
pub(crate) fn signed_url(s: &Scenario, key: &str, end: Timestamp) -> String {
    let base = s.options.download_base.clone().unwrap_or_else(|| format!("http://{}", s.authority));
    let expires = end.as_second();
    format!(
        "{}/objects/{}/{key}?expires={expires}&sig={}",
        base.trim_end_matches('/'),
        s.name,
        signature(&s.name, key, expires)
    )
}

fn signature(scenario: &str, key: &str, expires: i64) -> String {
    hex(&Sha256::digest(format!("object-store/{scenario}/{key}/{expires}")))
}

fn refuse(code: u16, word: &str, sentence: &str) -> Reply {
    Reply::Bytes {
        code,
        content_type: "application/xml",
        body: format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{word}</Code><Message>{sentence}</Message><RequestId>1842A7B3C9D0E1F2</RequestId></Error>"
        )
        .into_bytes(),
    }
}

/// Answers one GET of an object; `ask.path` is its key.
pub(crate) fn serve(s: &mut Scenario, ask: &Ask) -> Reply {
    if !ask.header("authorization").is_empty() {
        return refuse(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified",
        );
    }
    if !matches!(ask.method.as_str(), "GET" | "HEAD") {
        return refuse(405, "MethodNotAllowed", "The specified method is not allowed against this resource.");
    }
    let expires: i64 = ask.param("expires").parse().unwrap_or(0);
    if ask.param("sig") != signature(&s.name, &ask.path, expires) {
        return refuse(
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        );
    }
    if s.now.as_second() > expires {
        return refuse(403, "AccessDenied", "Request has expired");
    }
    let parts: Vec<&str> = ask.path.rsplitn(4, '/').collect();
    let [file, name, folder, ..] = parts.as_slice() else {
        return missing();
    };
    let stored = match *folder {
        "restores" => s.bucket.restore(name),
        _ => s.bucket.backup(name),
    };
    let mode =
        s.get(&kind::BACKUP, name).map(|backup| annotation(&backup, "sim/download").to_owned()).unwrap_or_default();
    match (stored, mode.as_str()) {
        (_, "missing") => missing(),
        (_, "xml") => Reply::Bytes {
            code: 200,
            content_type: "application/xml",
            body: b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>InternalError</Code><Message>We encountered an internal error. Please try again.</Message></Error>".to_vec(),
        },
        (Some(stored), _) => match artefact::file(&stored, name, file, &s.options.namespace) {
            Some(body) => Reply::Bytes {
                code: 200,
                content_type: "application/octet-stream",
                body,
            },
            None => missing(),
        },
        (None, _) => missing(),
    }
}

fn missing() -> Reply {
    refuse(404, "NoSuchKey", "The specified key does not exist.")
}
