//! Calls to one cluster's Kubernetes API. kube's client does the transport (TLS, base path, credential); requests and answers are
//! ours, so that every answer is bounded in size and time and every failure becomes a sentence.

use super::error;
use crate::provider::{
    Endpoint, ErrorKind, ProviderError,
    answer::{self, Redaction},
};
use axum::body::BodyDataStream;
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http::{Method, Request, header};
use kube::client::Body;
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;

/// The largest answer that is read: a page of 500 backups with managed fields stays well below.
const LARGEST: usize = 64 << 20;
/// How long a call may take, its body included.
pub const CALL: Duration = Duration::from_secs(20);
/// How long a connection may take to be made.
pub const CONNECT: Duration = Duration::from_secs(5);

/// The groups that we call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Velero,
    /// Data movers.
    VeleroAlpha,
}

impl Group {
    fn path(self) -> &'static str {
        match self {
            Self::Velero => "apis/velero.io/v1",
            Self::VeleroAlpha => "apis/velero.io/v2alpha1",
        }
    }
}

/// One cluster, reached with one credential, and the namespace that Velero lives in.
#[derive(Clone)]
pub struct Kube {
    client: kube::Client,
    pub namespace: String,
    pub address: String,
    pub redact: Redaction,
}

impl std::fmt::Debug for Kube {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kube")
            .field("address", &self.address)
            .field("namespace", &self.namespace)
            .finish_non_exhaustive()
    }
}

/// What a write should look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    Real,
    /// `dryRun=All`: everything is checked, nothing is kept.
    Dry,
}

impl Write {
    /// The query. Unknown fields are refused instead of dropped.
    pub fn query(self) -> &'static str {
        match self {
            Self::Real => "?fieldValidation=Strict",
            Self::Dry => "?fieldValidation=Strict&dryRun=All",
        }
    }
}

impl Kube {
    /// A client for an endpoint. Nothing is looked up: no kubeconfig of this machine, no in-cluster account, no proxy from the
    /// environment. Must be called inside a Tokio runtime.
    pub fn new(endpoint: &Endpoint) -> Result<Self, ProviderError> {
        use base64::{Engine, engine::general_purpose::STANDARD};
        crate::provider::http::install_crypto();
        let wrong = |sentence: String| ProviderError::new(ErrorKind::Refused, "open the connection", sentence);
        let settings = &endpoint.settings;
        let uri = settings.address.parse().map_err(|_| wrong("The stored address can't be read.".into()))?;
        let mut config = kube::Config::new(uri);
        config.default_namespace.clone_from(&settings.namespace);
        config.connect_timeout = Some(CONNECT);
        // Watches are quiet for long; each call has its own limit instead.
        config.read_timeout = None;
        // 429 and its Retry-After are for the reconciler to see.
        config.default_retry = false;
        if !settings.ca.is_empty() {
            let certificates = crate::provider::form::certificates(&settings.ca).map_err(wrong)?;
            config.root_cert = Some(certificates);
        }
        if !settings.server_name.is_empty() {
            config.tls_server_name = Some(settings.server_name.clone());
        }
        let secret = &endpoint.secret;
        if !secret.token.is_empty() {
            config.auth_info.token = Some(secret.token.clone().into());
        }
        if !secret.client_certificate.is_empty() {
            config.auth_info.client_certificate_data = Some(STANDARD.encode(&secret.client_certificate));
            config.auth_info.client_key_data = Some(STANDARD.encode(&secret.client_key).into());
        }
        let client = kube::Client::try_from(config)
            .map_err(|e| wrong(format!("The stored credential or authority can't be used: {e}")))?;
        Ok(Self {
            client,
            namespace: settings.namespace.clone(),
            address: settings.address.clone(),
            redact: Redaction::new([secret.token.clone(), secret.client_key.clone()]),
        })
    }

    /// Path of a kind in Velero's namespace.
    pub fn path(&self, group: Group, plural: &str) -> String {
        format!("/{}/namespaces/{}/{plural}", group.path(), self.namespace)
    }

    /// Path of one of Velero's objects.
    pub fn object(&self, plural: &str, name: &str) -> String {
        format!("{}/{}", self.path(Group::Velero, plural), segment(name))
    }

    /// GET.
    pub async fn get(&self, operation: &str, path: &str) -> Result<Value, ProviderError> {
        self.call(operation, Method::GET, path, "", None, CALL).await
    }

    /// GET into a wire struct.
    pub async fn read<T: serde::de::DeserializeOwned>(&self, operation: &str, path: &str) -> Result<T, ProviderError> {
        let value = self.get(operation, path).await?;
        serde_json::from_value(value).map_err(|_| garbled(operation))
    }

    /// POST of an object to its kind's path.
    pub async fn create<T: Serialize>(
        &self,
        operation: &str,
        plural: &str,
        object: &T,
        write: Write,
    ) -> Result<Value, ProviderError> {
        let path = format!("{}{}", self.path(Group::Velero, plural), write.query());
        self.post(operation, &path, object, CALL).await
    }

    /// POST to any path.
    pub async fn post<T: Serialize>(
        &self,
        operation: &str,
        path: &str,
        body: &T,
        within: Duration,
    ) -> Result<Value, ProviderError> {
        let body = serde_json::to_vec(body).map_err(|_| garbled(operation))?;
        self.call(operation, Method::POST, path, "application/json", Some(body), within).await
    }

    /// PATCH with merge semantics; Velero's kinds know no strategic merge.
    pub async fn patch(
        &self,
        operation: &str,
        plural: &str,
        name: &str,
        patch: &Value,
        write: Write,
    ) -> Result<Value, ProviderError> {
        let path = format!("{}{}", self.object(plural, name), write.query());
        self.call(
            operation,
            Method::PATCH,
            &path,
            "application/merge-patch+json",
            Some(patch.to_string().into_bytes()),
            CALL,
        )
        .await
    }

    /// DELETE, only if the object is still the one with this uid. Gone already is success.
    pub async fn delete(&self, operation: &str, plural: &str, name: &str, uid: &str) -> Result<(), ProviderError> {
        let path = self.object(plural, name);
        let body = serde_json::json!({"kind": "DeleteOptions", "apiVersion": "v1", "preconditions": {"uid": uid}});
        match self
            .call(operation, Method::DELETE, &path, "application/json", Some(body.to_string().into_bytes()), CALL)
            .await
        {
            Err(e) if e.kind == ErrorKind::NotFound => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// One call, bounded in size and time.
    pub async fn call(
        &self,
        operation: &str,
        method: Method,
        path: &str,
        media: &str,
        body: Option<Vec<u8>>,
        within: Duration,
    ) -> Result<Value, ProviderError> {
        let work = async {
            let (status, headers, mut stream) =
                self.open(operation, method, path, media, body, "application/json").await?;
            let mut whole = BytesMut::new();
            while let Some(chunk) = stream.next().await {
                let chunk = chunk.map_err(|_| {
                    ProviderError::new(ErrorKind::Garbled, operation, "The answer was cut off in its middle.")
                        .remedy("It is tried again; if it stays, look for a proxy between Holdfast and the API server.")
                })?;
                if whole.len() + chunk.len() > LARGEST {
                    return Err(ProviderError::new(
                        ErrorKind::Garbled,
                        operation,
                        format!("The answer is larger than {} MiB and was not read.", LARGEST >> 20),
                    ));
                }
                whole.extend_from_slice(&chunk);
            }
            if !status.is_success() {
                return Err(error::refused(operation, status, &headers, &whole, &self.redact));
            }
            serde_json::from_slice::<Value>(&whole)
                .ok()
                .filter(Value::is_object)
                .ok_or_else(|| error::unreadable(operation, &headers, &whole, &self.redact))
        };
        match tokio::time::timeout(within, work).await {
            Ok(done) => done,
            Err(_) => Err(answer::timed_out(operation, &self.address, within)),
        }
    }

    /// A watch: the stream of its lines' bytes, once it was accepted.
    pub async fn watch(&self, operation: &str, path: &str) -> Result<BodyDataStream, ProviderError> {
        let work = async {
            let (status, headers, mut stream) =
                self.open(operation, Method::GET, path, "", None, "application/json").await?;
            if status.is_success() {
                return Ok(stream);
            }
            let mut whole = BytesMut::new();
            while let Some(Ok(chunk)) = stream.next().await {
                if whole.len() > 1 << 20 {
                    break;
                }
                whole.extend_from_slice(&chunk);
            }
            Err(error::refused(operation, status, &headers, &whole, &self.redact))
        };
        match tokio::time::timeout(CALL, work).await {
            Ok(done) => done,
            Err(_) => Err(answer::timed_out(operation, &self.address, CALL)),
        }
    }

    async fn open(
        &self,
        operation: &str,
        method: Method,
        path: &str,
        media: &str,
        body: Option<Vec<u8>>,
        accept: &str,
    ) -> Result<(http::StatusCode, http::HeaderMap, BodyDataStream), ProviderError> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::ACCEPT, accept)
            .header(header::USER_AGENT, concat!("holdfast/", env!("CARGO_PKG_VERSION")));
        if !media.is_empty() {
            request = request.header(header::CONTENT_TYPE, media);
        }
        let request = request.body(Body::from(body.unwrap_or_default())).map_err(|_| {
            ProviderError::new(ErrorKind::Refused, operation, "The request's address can't be written.")
        })?;
        let response = self
            .client
            .send(request)
            .await
            .map_err(|e| answer::unanswered(operation, &self.address, &e, &self.redact))?;
        let (parts, body) = response.into_parts();
        Ok((parts.status, parts.headers, axum::body::Body::new(body).into_data_stream()))
    }
}

/// A part of a path, with everything escaped that could be more than a name.
pub fn segment(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// The answer is JSON, but not of the form that the kind has.
pub fn garbled(operation: &str) -> ProviderError {
    ProviderError::new(
        ErrorKind::Garbled,
        operation,
        "The answer is JSON, but not of the form that Kubernetes uses here.",
    )
}

/// Splits a body into lines; a line that is longer than an object can be is an error.
#[derive(Default)]
pub struct Lines(BytesMut);

impl Lines {
    /// Adds bytes; `false` when a line grows beyond reason.
    pub fn push(&mut self, chunk: &Bytes) -> bool {
        self.0.extend_from_slice(chunk);
        self.0.len() <= LARGEST
    }

    /// The next whole line.
    pub fn next_line(&mut self) -> Option<Bytes> {
        let end = self.0.iter().position(|b| *b == b'\n')?;
        let line = self.0.split_to(end + 1).freeze();
        Some(line.slice(..end))
    }
}
