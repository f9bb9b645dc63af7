//! Palette's API: which call has which path and header, what a refusal means, and one bucket of calls for everything that goes
//! through a connection.
//!
//! Limits are per source address and path prefix, ten calls a second with a reserve of five for the prefixes that are used here
//! (“API introduction” of the vendor's documentation). The bucket is a little smaller, because calls that leave evenly arrive less
//! evenly.

mod refusal;

use super::wire::{self, Document, Location, RestoreEntry, Workspace};
use crate::clock::Clock;
use crate::provider::{
    Endpoint, ErrorKind, ProviderError, Settings,
    rest::{Call, Dialect, Rest, pace::Pace, segment},
};
use http::HeaderName;
use model::named::Named;
use serde::Serialize;
use serde_json::Value;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Calls a second, and how many may go at once.
const PACE: (u32, u32) = (9, 3);
/// The wait after a 429, which says none: the vendor's own client waits so long.
const SLOWED: Duration = Duration::from_secs(2);
/// How often a slowed read is tried again.
const PATIENCE: usize = 2;
const API_KEY: &str = "apikey";
const PROJECT: HeaderName = HeaderName::from_static("projectuid");

/// The project that a connection is confined to, if it names one.
pub fn project(settings: &Settings) -> Option<&str> {
    Some(settings.account.as_str()).filter(|uid| !uid.is_empty())
}

/// One project of a Palette.
#[derive(Clone, Debug)]
pub struct Client {
    pub rest: Rest,
    project: Option<String>,
    /// Kind and place of locations that were looked at, by uid and last change.
    looked_at: Arc<Mutex<HashMap<(String, String), (Option<String>, Option<String>)>>>,
}

impl Client {
    pub fn new(endpoint: &Endpoint, clock: &Clock) -> Result<Self, ProviderError> {
        let dialect = Dialect {
            system: "Palette",
            explain: refusal::explain,
            accept: "application/json",
            unauthorised: "Make a new API key in Palette (user menu, My API Keys) and enter it here; keys have an end.",
            forbidden: "Give the key's user the rights of a project editor in this project; docs/providers/palette.md names them.",
        };
        let headers = [(API_KEY, endpoint.secret.token.clone())];
        Ok(Self {
            rest: Rest::new(endpoint, dialect, &headers, Some(Pace::new(PACE.0, PACE.1, clock.clone())))?,
            project: project(&endpoint.settings).map(str::to_owned),
            looked_at: Arc::default(),
        })
    }

    /// Within the project. Without the header a call is the tenant's, where a project's objects are not found.
    fn here(&self, call: Call) -> Call {
        match &self.project {
            Some(uid) => call.header(PROJECT, uid.clone()),
            None => call,
        }
    }

    /// A read, patient with a limiter that says no time.
    async fn read(&self, operation: &str, call: Call) -> Result<Value, ProviderError> {
        let mut tries = PATIENCE;
        loop {
            match self.rest.json::<Value>(operation, call.clone()).await {
                Err(e) if e.kind == ErrorKind::Slow && e.retry_after.is_none() && tries > 0 => {
                    tries -= 1;
                    tokio::time::sleep(SLOWED).await;
                }
                // Every answer of Palette's is an object; what isn't must not be read as an empty one.
                Ok(answer) if !answer.is_object() => {
                    return Err(ProviderError::new(ErrorKind::NotThat, operation, "The answer is not Palette's.")
                        .remedy("Give the address of Palette's API itself."));
                }
                answer => return answer,
            }
        }
    }

    /// A change: sent once, whatever becomes of its answer.
    async fn write(&self, operation: &str, call: Call) -> Result<Value, ProviderError> {
        let reply = self.rest.send(operation, self.here(call)).await?;
        Ok(serde_json::from_slice(&reply.body).unwrap_or_default())
    }

    /// The person whose key it is.
    pub async fn me(&self) -> Result<Value, ProviderError> {
        self.read("ask who it is", Call::get("/v1/users/me")).await
    }

    /// The projects that the key sees.
    pub async fn projects(&self) -> Result<Vec<Named>, ProviderError> {
        const OPERATION: &str = "list projects";
        let answer = self.read(OPERATION, Call::get("/v1/dashboard/projects/metadata")).await?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let items = answer["items"].as_array().into_iter().flatten();
        Ok(items.map(|item| Named::new(text(&item["metadata"]["uid"]), text(&item["metadata"]["name"]))).collect())
    }

    /// The project's workspaces; this list has no pages.
    pub async fn workspaces(&self) -> Result<Vec<Workspace>, ProviderError> {
        const OPERATION: &str = "list workspaces";
        let answer = self.read(OPERATION, self.here(Call::get("/v1/dashboard/workspaces"))).await?;
        if answer.as_object().is_none_or(serde_json::Map::is_empty) {
            return Err(ProviderError::new(ErrorKind::Garbled, OPERATION, "The answer is no list: it has no items."));
        }
        Ok(answer["items"].as_array().into_iter().flatten().filter_map(Workspace::read).collect())
    }

    /// One workspace with what is wrong with its clusters.
    pub async fn workspace(&self, uid: &str) -> Result<Workspace, ProviderError> {
        const OPERATION: &str = "read the workspace";
        let answer = self.read(OPERATION, self.here(Call::get(format!("/v1/workspaces/{}", segment(uid))))).await?;
        Workspace::read(&answer).ok_or_else(|| {
            ProviderError::new(ErrorKind::Garbled, OPERATION, "The answer is no workspace: it has no uid.")
        })
    }

    /// A workspace's policy and requests, or one request alone. No policy is told in three ways: 404, the code
    /// `BackupNotConfigured` with any status, and an empty spec; each is an empty document.
    pub async fn backup(&self, workspace: &str, request: Option<&str>) -> Result<Document, ProviderError> {
        let mut call = Call::get(path(workspace, "backup"));
        if let Some(request) = request {
            call = call.query("backupRequestUid", request);
        }
        match self.read("read the workspace's backups", self.here(call)).await {
            Ok(answer) => Ok(Document::read(answer)),
            Err(e) if e.kind == ErrorKind::NotFound => Ok(Document::default()),
            Err(e) => Err(e),
        }
    }

    /// A workspace's restores.
    pub async fn restores(&self, workspace: &str) -> Result<Vec<RestoreEntry>, ProviderError> {
        match self.read("read the workspace's restores", self.here(Call::get(path(workspace, "restore")))).await {
            Ok(answer) => Ok(wire::restores(answer)),
            Err(e) if e.kind == ErrorKind::NotFound => Ok(Vec::new()),
            Err(e) => Err(e),
        }
    }

    /// The first policy of a workspace.
    pub async fn create_policy(&self, workspace: &str, body: Value) -> Result<(), ProviderError> {
        self.write("set the workspace's backup policy", Call::post(path(workspace, "backup"), body)).await.map(|_| ())
    }

    /// Replaces a workspace's policy.
    pub async fn update_policy(&self, workspace: &str, body: Value) -> Result<(), ProviderError> {
        self.write("change the workspace's backup policy", Call::put(path(workspace, "backup"), body)).await.map(|_| ())
    }

    /// Begins a backup; the request's uid, where the answer says it.
    pub async fn run(&self, workspace: &str, body: Value) -> Result<Option<String>, ProviderError> {
        let call = Call::post(path(workspace, "backup/onDemand"), body);
        Ok(wire::created(&self.write("start a backup", call).await?))
    }

    /// Begins a restore; as [`Self::run`].
    pub async fn restore(&self, workspace: &str, body: &impl Serialize) -> Result<Option<String>, ProviderError> {
        let call = Call::post(path(workspace, "restore/onDemand"), json(body));
        Ok(wire::created(&self.write("start a restore", call).await?))
    }

    /// Deletes backups of one request: a DELETE whose body says which. The policy stays.
    pub async fn delete(&self, workspace: &str, body: &impl Serialize) -> Result<(), ProviderError> {
        let call = Call::delete(path(workspace, "backup")).body(json(body));
        self.write("delete a backup", call).await.map(|_| ())
    }

    /// The backup locations that the project sees, with kind and bucket. Each is looked at once; what can't be looked at keeps what
    /// the list says.
    pub async fn locations(&self) -> Result<Vec<Location>, ProviderError> {
        let answer = self.read("list backup locations", self.here(Call::get("/v1/users/assets/locations"))).await?;
        let mut all = wire::locations(&answer);
        for location in &mut all {
            let key = (location.uid.clone(), location.modified.clone());
            let known = self.looked_at().get(&key).cloned();
            let (kind, place) = match known {
                Some(known) => known,
                None => {
                    let found = self.look_at(location).await;
                    self.looked_at().insert(key, found.clone());
                    found
                }
            };
            location.kind = kind.or(location.kind.take());
            location.place = place;
        }
        Ok(all)
    }

    fn looked_at(&self) -> std::sync::MutexGuard<'_, HashMap<(String, String), (Option<String>, Option<String>)>> {
        self.looked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kind and bucket. The list's `storage` has no word for Azure, so that where `type` is missing the location is asked for as
    /// one of Azure's first. The answer's credentials are masked upstream, and not read here.
    async fn look_at(&self, location: &Location) -> (Option<String>, Option<String>) {
        let kinds = match &location.kind {
            Some(kind) => vec![kind.as_str()],
            None if location.storage.is_empty() => vec!["azure", "s3", "minio", "gcp"],
            None => vec!["azure", location.storage.as_str()],
        };
        for kind in kinds {
            let path = format!("/v1/users/assets/locations/{}/{}", segment(kind), segment(&location.uid));
            match self.read("read the backup location", self.here(Call::get(path))).await {
                Ok(answer) => {
                    let config = &answer["spec"]["config"];
                    let names = ["bucketName", "containerName"].map(|key| config[key].as_str());
                    let place = names.into_iter().flatten().find(|n| !n.is_empty()).map(str::to_owned);
                    return (Some(kind.to_owned()), place);
                }
                Err(e) if e.kind == ErrorKind::NotFound => {}
                Err(_) => break,
            }
        }
        (None, None)
    }
}

fn path(workspace: &str, rest: &str) -> String {
    format!("/v1/workspaces/{}/{rest}", segment(workspace))
}

/// A body; our own structs have text keys alone, so that they are always JSON.
pub fn json(body: &impl Serialize) -> Value {
    serde_json::to_value(body).unwrap_or_default()
}
