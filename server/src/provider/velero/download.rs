//! Logs and results, which Velero hands out through pre-signed addresses of its storage.

mod refusal;

use super::{
    client::{Group, Kube, Write},
    wire::{self, Backup, DownloadRequest, List, Location, V1},
};
use crate::provider::{
    ErrorKind, LogOf, LogStream, ProviderError,
    http::{Body, Fetcher},
};
use bytes::Bytes;
use flate2::write::MultiGzDecoder;
use futures::{StreamExt, stream};
use model::{
    Phase,
    run::{Progress, ResultLine, Results, VolumeRow},
};
use refusal::storage_words;
use serde_json::{Value, json};
use std::{io::Write as _, time::Duration};

/// The most that is fetched, compressed.
const COMPRESSED: usize = 64 << 20;
/// The most that is unpacked: gzip reaches 1,000 to 1.
const UNPACKED: usize = 256 << 20;
/// The most of results, which are read whole.
const RESULTS: usize = 16 << 20;
/// How long Velero may take to answer a request.
const PROCESSED: Duration = Duration::from_secs(12);

const PUBLIC_URL: &str =
    "If the storage's address only resolves inside the cluster, set config.publicUrl in the BackupStorageLocation.";

/// The log of a backup or restore, unpacked while it comes.
pub async fn log(kube: &Kube, fetch: &Fetcher, of: LogOf, name: &str) -> Result<LogStream, ProviderError> {
    let (kind, operation) = match of {
        LogOf::Run => ("BackupLog", "get the backup's log"),
        LogOf::Restore => ("RestoreLog", "get the restore's log"),
    };
    open(kube, fetch, kind, name, operation).await
}

/// Warnings and errors of a backup or restore; of a backup also the snapshots that it left in the storage system.
pub async fn results(kube: &Kube, fetch: &Fetcher, of: LogOf, name: &str) -> Result<Results, ProviderError> {
    match of {
        LogOf::Run => {
            let (results, volumes) = tokio::join!(
                json_file(kube, fetch, "BackupResults", name, "get the backup's results"),
                json_file(kube, fetch, "BackupVolumeInfos", name, "get the backup's volumes")
            );
            let volumes = volumes.unwrap_or_else(|error| {
                // Velero records volumes since 1.13; the results are worth showing without them.
                tracing::debug!(%error, "no record of volumes");
                Value::Null
            });
            Ok(Results { volumes: read_volumes(&volumes), ..read_results(&results?) })
        }
        LogOf::Restore => {
            Ok(read_results(&json_file(kube, fetch, "RestoreResults", name, "get the restore's results").await?))
        }
    }
}

async fn json_file(
    kube: &Kube,
    fetch: &Fetcher,
    kind: &str,
    name: &str,
    operation: &str,
) -> Result<Value, ProviderError> {
    let mut stream = open(kube, fetch, kind, name, operation).await?;
    let mut whole = Vec::new();
    while let Some(chunk) = stream.next().await {
        whole.extend_from_slice(&chunk?);
        if whole.len() > RESULTS {
            return Err(ProviderError::new(ErrorKind::Garbled, operation, "The file is larger than 16 MiB."));
        }
    }
    serde_json::from_slice(&whole)
        .map_err(|_| ProviderError::new(ErrorKind::Garbled, operation, "The file in the storage is not JSON."))
}

/// Snapshots of a backup's record of its volumes (`internal/volume/volumes_information.go`). Volumes that were copied are told,
/// with their progress, by DataUploads and PodVolumeBackups.
pub fn read_volumes(json: &Value) -> Vec<VolumeRow> {
    let mut rows = Vec::new();
    for info in json.as_array().into_iter().flatten() {
        let text = |key: &str| info[key].as_str().unwrap_or_default().to_owned();
        let yes = |key: &str| info[key].as_bool().unwrap_or_default();
        let method = match text("backupMethod").as_str() {
            "CSISnapshot" if !yes("snapshotDataMoved") => "CSI snapshot",
            "NativeSnapshot" => "Snapshot",
            _ => continue,
        };
        if yes("skipped") {
            continue;
        }
        let result = text("result");
        let moment = |key: &str| wire::Time::try_from(text(key)).ok().map(|time| time.0);
        // Go leaves out a nought, and drivers that don't know the size say nought.
        let size = info["csiSnapshotInfo"]["size"].as_u64().filter(|size| *size > 0);
        rows.push(VolumeRow {
            name: format!("{}/{}", text("pvcNamespace"), text("pvcName")),
            method: method.to_owned(),
            phase: match result.as_str() {
                "succeeded" => Phase::Succeeded,
                "failed" => Phase::Failed,
                other => Phase::Unknown(other.to_owned()),
            },
            raw_phase: result,
            bytes: size.map(|size| Progress { done: size, total: Some(size) }),
            began: moment("startTimestamp"),
            ended: moment("completionTimestamp"),
            message: None,
        });
    }
    rows
}

/// Sorts `{"errors": {"velero": [], "cluster": [], "namespaces": {"ns": []}}, "warnings": …}` by place.
pub fn read_results(json: &Value) -> Results {
    let lines = |part: &Value| -> Vec<ResultLine> {
        let mut out = Vec::new();
        let mut take = |place: &str, list: &Value| {
            for text in list.as_array().into_iter().flatten() {
                let text = text.as_str().map_or_else(|| text.to_string(), str::to_owned);
                out.push(ResultLine { place: place.to_owned(), text });
            }
        };
        for (key, value) in part.as_object().into_iter().flatten() {
            match key.as_str() {
                "velero" => take("Velero", value),
                "cluster" => take("the cluster", value),
                "namespaces" => {
                    for (namespace, list) in value.as_object().into_iter().flatten() {
                        take(&format!("namespace {namespace}"), list);
                    }
                }
                other => take(other, value),
            }
        }
        out
    };
    Results { errors: lines(&json["errors"]), warnings: lines(&json["warnings"]), ..Results::default() }
}

async fn open(
    kube: &Kube,
    fetch: &Fetcher,
    kind: &str,
    name: &str,
    operation: &str,
) -> Result<LogStream, ProviderError> {
    // For something that isn't there Velero never answers the request: it would only be waited for.
    let (plural, word) = if kind.starts_with("Restore") { ("restores", "restore") } else { ("backups", "backup") };
    let object = kube.get(operation, &kube.object(plural, name)).await.map_err(|e| {
        if e.kind != ErrorKind::NotFound {
            return e;
        }
        ProviderError::new(ErrorKind::NotFound, operation, format!("The {word} {name} is no longer in the cluster."))
            .remedy("Its log went with it.")
    })?;
    let address = signed(kube, kind, name, operation).await?;
    let private = match authority(kube, &object, operation).await {
        Some(authority) => Some(Fetcher::trusting(&authority)?),
        None => None,
    };
    let (status, body) = private
        .as_ref()
        .unwrap_or(fetch)
        .get(operation, &address, COMPRESSED)
        .await
        .map_err(|e| if e.kind == ErrorKind::Unreachable { e.remedy(PUBLIC_URL) } else { e })?;
    match status.as_u16() {
        200 => unpack(operation, body).await,
        300..=399 => Err(ProviderError::new(
            ErrorKind::Refused,
            operation,
            format!("The storage answers with a redirect ({status}), which is never followed."),
        )
        .remedy(PUBLIC_URL)),
        404 => Err(ProviderError::new(
            ErrorKind::NotFound,
            operation,
            "Velero says that it is ready, but the storage doesn't have it (404).",
        )
        .remedy(format!(
            "It may have been removed from the bucket, or the address leads to another storage. {PUBLIC_URL}"
        ))),
        _ => {
            let said = beginning(body).await;
            Err(ProviderError::new(
                ErrorKind::Broken,
                operation,
                format!("The storage answers {status}{}.", storage_words(&said)),
            )
            .remedy(PUBLIC_URL))
        }
    }
}

/// The authority that the storage location of a Backup, or of a Restore's Backup, names (`objectStorage.caCert`). One in a
/// Secret (`caCertRef`) isn't read. What can't be found out is none: then the well-known authorities have to do.
async fn authority(kube: &Kube, object: &Value, operation: &str) -> Option<Vec<u8>> {
    use base64::{Engine, engine::general_purpose::STANDARD};
    let place = match object["spec"]["backupName"].as_str().filter(|name| !name.is_empty()) {
        Some(backup) => {
            let backup: Backup = kube.read(operation, &kube.object("backups", backup)).await.ok()?;
            backup.spec.storage_location
        }
        None => object["spec"]["storageLocation"].as_str().unwrap_or_default().to_owned(),
    };
    // Listed, because that is the right which the connection has.
    let list: List = kube.read(operation, &kube.path(Group::Velero, "backupstoragelocations")).await.ok()?;
    let found = list.items.into_iter().find(|item| item["metadata"]["name"] == *place)?;
    let location: Location = serde_json::from_value(found).ok()?;
    let encoded = location.spec.object_storage.ca_cert;
    STANDARD.decode(encoded.trim()).ok().filter(|pem| !pem.is_empty())
}

/// Asks Velero for an address, and cleans the request up. The address is a credential: it is fetched and forgotten.
async fn signed(kube: &Kube, kind: &str, name: &str, operation: &str) -> Result<String, ProviderError> {
    let short: String = name.chars().take(200).collect();
    let request = json!({
        "apiVersion": V1,
        "kind": "DownloadRequest",
        "metadata": {"name": format!("{short}-{}", uuid::Uuid::now_v7()), "namespace": kube.namespace},
        "spec": {"target": {"kind": kind, "name": name}},
    });
    let made: DownloadRequest =
        serde_json::from_value(kube.create(operation, "downloadrequests", &request, Write::Real).await?)
            .map_err(|_| super::client::garbled(operation))?;
    let path = kube.object("downloadrequests", &made.metadata.name);
    let poll = async {
        let mut wait = Duration::from_millis(100);
        loop {
            let now: DownloadRequest = kube.read(operation, &path).await?;
            if now.status.phase == "Processed" {
                return Ok(now.status.download_url);
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 3 / 2).min(Duration::from_secs(1));
        }
    };
    let found = tokio::time::timeout(PROCESSED, poll).await;
    // Velero collects it after its expiry anyhow, so a failure here is nobody's trouble.
    let _ = kube.delete(operation, "downloadrequests", &made.metadata.name, &made.metadata.uid).await;
    match found {
        Ok(Ok(address)) if !address.is_empty() => Ok(address),
        Ok(Ok(_)) => Err(ProviderError::new(ErrorKind::Broken, operation, "Velero gave no address for it.")
            .remedy("Look at the Velero server's log.")),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(ProviderError::new(
            ErrorKind::Broken,
            operation,
            format!("Velero did not prepare it within {} s.", PROCESSED.as_secs()),
        )
        .remedy(
            "Check that Velero's Deployment is running, and that the backup and its storage location still exist.",
        )),
    }
}

/// The first bytes of a body that isn't what was wanted.
async fn beginning(mut body: Body) -> Vec<u8> {
    let mut head = Vec::new();
    while let Some(Ok(chunk)) = body.next().await {
        head.extend_from_slice(&chunk);
        if head.len() > 4096 {
            break;
        }
    }
    head.truncate(4096);
    head
}

/// Unpacks gzip while it comes. What isn't gzip is refused with what it says.
async fn unpack(operation: &str, mut body: Body) -> Result<LogStream, ProviderError> {
    let mut head = Vec::new();
    while head.len() < 2 {
        match body.next().await {
            Some(chunk) => head.extend_from_slice(&chunk?),
            None => break,
        }
    }
    if head.is_empty() {
        return Ok(stream::empty().boxed());
    }
    if !head.starts_with(&[0x1f, 0x8b]) {
        let rest = beginning(body).await;
        head.extend_from_slice(&rest);
        let said = storage_words(&head);
        let sentence = if said.is_empty() {
            "What the storage sends is not a packed log.".to_owned()
        } else {
            format!("The storage sends an error instead of the file{said}.")
        };
        return Err(ProviderError::new(ErrorKind::Garbled, operation, sentence).remedy(PUBLIC_URL));
    }
    let state = Unpacking {
        body,
        gzip: Some(MultiGzDecoder::new(Vec::new())),
        pending: Bytes::from(head),
        unpacked: 0,
        operation: operation.to_owned(),
    };
    Ok(stream::unfold(state, Unpacking::step).boxed())
}

struct Unpacking {
    body: Body,
    /// `None` once the end or an error was told.
    gzip: Option<MultiGzDecoder<Vec<u8>>>,
    pending: Bytes,
    unpacked: usize,
    operation: String,
}

impl Unpacking {
    /// So much is put into the decoder at once: at 1,000 to 1 that makes 8 MiB.
    const BITE: usize = 8 * 1024;

    async fn step(mut self) -> Option<(Result<Bytes, ProviderError>, Self)> {
        loop {
            let gzip = self.gzip.as_mut()?;
            if self.pending.is_empty() {
                match self.body.next().await {
                    Some(Ok(chunk)) => self.pending = chunk,
                    Some(Err(error)) => {
                        self.gzip = None;
                        return Some((Err(error), self));
                    }
                    None => {
                        let rest = self.gzip.take().map(MultiGzDecoder::finish);
                        return match rest {
                            Some(Ok(rest)) if rest.is_empty() => None,
                            Some(Ok(rest)) => self.emit(rest),
                            _ => self.fail("The packed file ends in its middle."),
                        };
                    }
                }
                continue;
            }
            let bite = self.pending.split_to(self.pending.len().min(Self::BITE));
            if gzip.write_all(&bite).is_err() {
                return self.fail("The packed file is damaged.");
            }
            let out = std::mem::take(gzip.get_mut());
            if !out.is_empty() {
                return self.emit(out);
            }
        }
    }

    fn emit(mut self, out: Vec<u8>) -> Option<(Result<Bytes, ProviderError>, Self)> {
        self.unpacked = self.unpacked.saturating_add(out.len());
        if self.unpacked > UNPACKED {
            return self.fail("Unpacked, it is larger than 256 MiB; the rest is not shown.");
        }
        Some((Ok(Bytes::from(out)), self))
    }

    fn fail(mut self, sentence: &str) -> Option<(Result<Bytes, ProviderError>, Self)> {
        self.gzip = None;
        let error = ProviderError::new(ErrorKind::Garbled, self.operation.as_str(), sentence);
        Some((Err(error), self))
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
    use super::*;

    fn body(chunks: Vec<Vec<u8>>) -> Body {
        Box::pin(stream::iter(chunks.into_iter().map(|c| Ok(Bytes::from(c)))))
    }

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all(text).unwrap();
        gzip.finish().unwrap()
    }

    async fn whole(stream: Result<LogStream, ProviderError>) -> Result<Vec<u8>, ProviderError> {
        let mut out = Vec::new();
        let mut stream = stream?;
        while let Some(chunk) = stream.next().await {
            out.extend_from_slice(&chunk?);
        }
        Ok(out)
    }

    #[tokio::test]
    async fn unpacks_in_any_pieces_and_several_members() {
        let mut file = packed(b"one\n");
        file.extend(packed(b"two\n"));
        let pieces = file.iter().map(|b| vec![*b]).collect();
        assert_eq!(whole(unpack("get", body(pieces)).await).await.unwrap(), b"one\ntwo\n");
        assert_eq!(whole(unpack("get", body(vec![])).await).await.unwrap(), b"");
    }

    #[tokio::test]
    async fn cut_off_damaged_and_foreign_bodies_say_so() {
        let text: Vec<u8> = (0..20_000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let file = packed(&text);
        let cut = whole(unpack("get", body(vec![file[..file.len() / 2].to_vec()])).await).await.unwrap_err();
        assert!(cut.sentence.contains("ends in its middle"), "{cut}");
        let xml = b"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>gone</Message></Error>".to_vec();
        let xml = whole(unpack("get", body(vec![xml])).await).await.unwrap_err();
        assert!(xml.sentence.contains("NoSuchKey: gone"), "{xml}");
        let plain = whole(unpack("get", body(vec![b"hello".to_vec()])).await).await.unwrap_err();
        assert!(plain.sentence.contains("not a packed log"), "{plain}");
    }

    #[tokio::test]
    async fn a_bomb_is_stopped() {
        let file = packed(&vec![0u8; UNPACKED + 1]);
        assert!(file.len() < 2 << 20);
        let mut stream = unpack("get", body(vec![file])).await.unwrap();
        let (mut most, mut error) = (0, None);
        while let Some(chunk) = stream.next().await {
            match chunk {
                Ok(chunk) => most = most.max(chunk.len()),
                Err(e) => error = Some(e),
            }
        }
        assert!(error.unwrap().sentence.contains("256 MiB"));
        assert!(most <= 16 << 20, "{most} bytes at once");
    }

    #[test]
    fn snapshots_are_read_with_the_size_that_is_told() {
        let info = |name: &str, method: &str, more: Value| {
            let mut row =
                json!({"pvcNamespace": "shop", "pvcName": name, "backupMethod": method, "result": "succeeded"});
            row.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            row
        };
        let rows = read_volumes(&json!([
            info(
                "db",
                "CSISnapshot",
                json!({"csiSnapshotInfo": {"size": 7}, "startTimestamp": "2026-10-03T02:30:00Z"})
            ),
            info("mute", "CSISnapshot", json!({"csiSnapshotInfo": {"size": 0}, "result": "failed"})),
            info("odd", "NativeSnapshot", json!({"result": "perhaps"})),
            info("moved", "CSISnapshot", json!({"snapshotDataMoved": true})),
            info("files", "PodVolumeBackup", json!({})),
            info("left", "CSISnapshot", json!({"skipped": true})),
            "nothing",
        ]));
        let told: Vec<_> = rows.iter().map(|r| (r.name.as_str(), &r.phase, r.bytes.map(|b| b.done))).collect();
        let odd = Phase::Unknown("perhaps".into());
        assert_eq!(
            told,
            [("shop/db", &Phase::Succeeded, Some(7)), ("shop/mute", &Phase::Failed, None), ("shop/odd", &odd, None)]
        );
        assert_eq!(rows[0].began.map(|at| at.rfc3339()).as_deref(), Some("2026-10-03T02:30:00Z"));
        assert_eq!(read_volumes(&Value::Null), []);
    }

    #[test]
    fn results_are_sorted_by_place() {
        let results = read_results(&json!({
            "errors": {"velero": ["v"], "namespaces": {"shop": ["a", "b"]}},
            "warnings": {"cluster": ["c"]},
        }));
        let places: Vec<&str> = results.errors.iter().map(|l| l.place.as_str()).collect();
        assert_eq!(places.len(), 3);
        assert!(places.contains(&"Velero") && places.contains(&"namespace shop"));
        assert_eq!(results.warnings[0].place, "the cluster");
    }
}
