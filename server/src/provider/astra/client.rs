//! Calls below one account: paths, media types, lists that are read whole, tags.

use super::{explain::explain, wire::ListMeta};
use crate::provider::{
    Endpoint, ErrorKind, ProviderError,
    rest::{
        Call, Dialect, Reply, Rest,
        budget::{Budget, too_long},
        segment,
    },
};
use ::http::{HeaderName, header};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

const DIALECT: Dialect = Dialect {
    system: "Astra Control",
    explain,
    accept: "application/json",
    unauthorised: "Make a new API token in Astra Control (API access) and enter it here; tokens never expire, but can be revoked.",
    forbidden: "Give the token's user the role member or higher, for the namespaces that are protected.",
};

/// Pages of one list; no account has more.
const PAGES: usize = 1_000;

/// Collections below an account, by release 24.02 of the API.
pub const APPS: &str = "/k8s/v2/apps";
pub const ALL_BACKUPS: &str = "/topology/v1/appBackups";
pub const BUCKETS: &str = "/topology/v1/buckets";
pub const CLUSTERS: &str = "/topology/v1/managedClusters";
pub const NOTIFICATIONS: &str = "/core/v1/notifications";

/// One app.
pub fn app(id: &str) -> String {
    format!("{APPS}/{}", segment(id))
}

/// A collection of an app: `appBackups`, `appSnaps`, `schedules`.
pub fn of_app(id: &str, what: &str) -> String {
    format!("/k8s/v1/apps/{}/{what}", segment(id))
}

/// A resource of a collection.
pub fn one(collection: &str, id: &str) -> String {
    format!("{collection}/{}", segment(id))
}

/// One account of one Astra Control.
#[derive(Clone, Debug)]
pub struct Api {
    pub rest: Rest,
    account: String,
}

impl Api {
    /// Must be called inside a Tokio runtime.
    pub fn new(endpoint: &Endpoint) -> Result<Self, ProviderError> {
        let bearer = format!("Bearer {}", endpoint.secret.token);
        Ok(Self {
            rest: Rest::new(endpoint, DIALECT, &[("authorization", bearer)], None)?,
            account: endpoint.settings.account.clone(),
        })
    }

    /// A path below the account; the account itself for an empty one.
    pub fn path(&self, below: &str) -> String {
        format!("/accounts/{}{below}", segment(&self.account))
    }

    /// A whole list. Most have no pages; where a token says that there is more, it is followed.
    pub async fn list<T: DeserializeOwned>(&self, operation: &str, below: &str) -> Result<Vec<T>, ProviderError> {
        self.filtered(operation, below, "").await
    }

    /// As [`Self::list`], of what a filter lets through; empty filters nothing.
    pub async fn filtered<T: DeserializeOwned>(
        &self,
        operation: &str,
        below: &str,
        filter: &str,
    ) -> Result<Vec<T>, ProviderError> {
        let garbled = |sentence: &str| {
            ProviderError::new(ErrorKind::Garbled, operation, sentence)
                .remedy("It is tried again; if it stays, look for a proxy between Holdfast and the system.")
        };
        let (mut out, mut more, mut budget) = (Vec::new(), String::new(), Budget::of_a_list());
        for _ in 0..PAGES {
            let mut call = Call::get(self.path(below));
            if !filter.is_empty() {
                call = call.query("filter", filter);
            }
            if !more.is_empty() {
                call = call.query("continue", more.as_str());
            }
            let reply = self.rest.send(operation, call).await?;
            let mut page: Value = self.rest.read(operation, &reply)?;
            let Value::Array(items) = page["items"].take() else {
                return Err(garbled("The answer is no list of Astra Control's."));
            };
            budget.take(operation, reply.body.len(), items.len())?;
            for item in items {
                // Every field is optional, so that only something that is no object gets here.
                match serde_json::from_value(item) {
                    Ok(item) => out.push(item),
                    Err(_) => return Err(garbled("An item of the list can't be read.")),
                }
            }
            let meta: ListMeta = serde_json::from_value(page["metadata"].take()).unwrap_or_default();
            if meta.more.is_empty() {
                return Ok(out);
            }
            if meta.more == more {
                return Err(garbled("The list begins again and again."));
            }
            more = meta.more;
        }
        Err(too_long(operation))
    }

    pub async fn get<T: DeserializeOwned>(&self, operation: &str, below: &str) -> Result<T, ProviderError> {
        self.rest.json(operation, Call::get(self.path(below))).await
    }

    /// The resource, and the tag that a PUT can be made to depend on.
    pub async fn tagged<T: DeserializeOwned>(
        &self,
        operation: &str,
        below: &str,
    ) -> Result<(T, String), ProviderError> {
        let reply = self.rest.send(operation, Call::get(self.path(below))).await?;
        Ok((self.rest.read(operation, &reply)?, reply.header("etag").to_owned()))
    }

    /// What was made, as it is answered.
    pub async fn post<T: DeserializeOwned>(
        &self,
        operation: &str,
        below: &str,
        media: &'static str,
        body: &impl Serialize,
    ) -> Result<T, ProviderError> {
        let call = Call::post(self.path(below), json(operation, body)?).media(media);
        self.rest.json(operation, call).await
    }

    /// A PUT is answered without a body. A tag that does not fit any more makes it fail (412).
    pub async fn put(
        &self,
        operation: &str,
        below: &str,
        media: &'static str,
        body: &impl Serialize,
        more: (HeaderName, &str),
    ) -> Result<Reply, ProviderError> {
        let mut call = Call::put(self.path(below), json(operation, body)?).media(media);
        if !more.1.is_empty() {
            call = call.header(more.0, more.1);
        }
        self.rest.send(operation, call).await
    }

    /// `forced`: with the header that a failed backup needs (the vendor's page “Delete a backup”).
    pub async fn delete(&self, operation: &str, below: &str, forced: bool) -> Result<(), ProviderError> {
        let mut call = Call::delete(self.path(below));
        if forced {
            call = call.header(HeaderName::from_static("force-delete"), "true");
        }
        self.rest.send(operation, call).await.map(|_| ())
    }
}

/// The header that a tag is sent in.
pub const IF_MATCH: HeaderName = header::IF_MATCH;

/// The header without which an app is not restored in place (problem 79).
pub fn force_update() -> HeaderName {
    HeaderName::from_static("forceupdate")
}

fn json(operation: &str, body: &impl Serialize) -> Result<Value, ProviderError> {
    serde_json::to_value(body)
        .map_err(|_| ProviderError::new(ErrorKind::Refused, operation, "The request can't be written as JSON."))
}
