//! From a request to the operation it means: paths, verbs, content types, and who may do what.

use std::collections::BTreeMap;

use axum::http::{HeaderMap, Method};
use bytes::Bytes;
use serde_json::{Value, json};

use super::kind::{self, Kind};
use super::status::Refusal;
use super::{discovery, list, watch, write};
use crate::scenario::Scenario;

/// One request below the scenario's base path, decoded.
#[derive(Debug, Clone)]
pub(crate) struct Ask {
    pub(crate) method: Method,
    /// Path with a leading slash, percent-decoded.
    pub(crate) path: String,
    pub(crate) query: BTreeMap<String, String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Ask {
    pub(crate) fn param(&self, name: &str) -> &str {
        self.query.get(name).map(String::as_str).unwrap_or_default()
    }

    pub(crate) fn flag(&self, name: &str) -> bool {
        matches!(self.param(name), "true" | "1")
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The body as JSON, refused as the API server refuses what isn't.
    pub(crate) fn json(&self) -> Result<Value, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Refusal::bad_request(format!(
                "the object provided is unrecognized (must be of type {{}}): couldn't get version/kind; json parse error: {error}"
            ))
        })
    }

    pub(crate) fn is_dry(&self) -> Result<bool, Refusal> {
        match self.param("dryRun") {
            "" => Ok(false),
            "All" => Ok(true),
            other => Err(Refusal::new(
                422,
                "Invalid",
                format!(" \"\" is invalid: dryRun: Unsupported value: \"{other}\": supported values: \"All\""),
                Value::Null,
            )),
        }
    }
}

/// What to send back.
pub(crate) enum Reply {
    Json {
        code: u16,
        body: Value,
        /// Texts of `Warning: 299 - "..."` headers.
        warnings: Vec<String>,
    },
    Bytes {
        code: u16,
        content_type: &'static str,
        body: Vec<u8>,
    },
    Watch(watch::Watch),
}

impl Reply {
    pub(crate) fn ok(body: Value) -> Self {
        Self::Json { code: 200, body, warnings: Vec::new() }
    }

    fn plain(code: u16, body: &str) -> Self {
        Self::Bytes { code, content_type: "text/plain; charset=utf-8", body: body.as_bytes().to_vec() }
    }
}

impl From<Refusal> for Reply {
    fn from(refusal: Refusal) -> Self {
        Self::Json { code: refusal.code, body: refusal.body, warnings: Vec::new() }
    }
}

/// What a path names.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Resource {
        kind: &'static Kind,
        namespace: String,
        name: String,
        sub: String,
    },
    Document(String),
    AccessReview,
    Nowhere,
    /// Below a group that the server serves, but no such resource.
    NoResource,
}

/// Reads a path; `installed` is whether Velero's kinds exist.
pub(crate) fn target(path: &str, installed: bool) -> Target {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let (group, version, rest) = match parts.as_slice() {
        ["api", version, rest @ ..] if !rest.is_empty() => ("", *version, rest),
        ["apis", group, version, rest @ ..] if !rest.is_empty() => (*group, *version, rest),
        _ => return Target::Document(format!("/{}", parts.join("/"))),
    };
    if group == "velero.io" && !installed {
        return Target::Nowhere;
    }
    if group == "authorization.k8s.io" && rest == ["selfsubjectaccessreviews"] {
        return Target::AccessReview;
    }
    let (namespace, rest) = match rest {
        ["namespaces", namespace, plural, ..]
            if kind::find(group, version, plural).is_some_and(|kind| kind.namespaced) =>
        {
            (*namespace, &rest[2..])
        }
        _ => ("", rest),
    };
    let Some(kind) = kind::find(group, version, rest[0]) else {
        return if matches!(group, "" | "apps" | "storage.k8s.io") { Target::NoResource } else { Target::Nowhere };
    };
    Target::Resource {
        kind,
        namespace: namespace.to_owned(),
        name: rest.get(1).copied().unwrap_or_default().to_owned(),
        sub: rest.get(2..).unwrap_or_default().join("/"),
    }
}

/// The Kubernetes verb of a request on a resource.
pub(crate) fn verb(ask: &Ask, name: &str) -> &'static str {
    match (ask.method.as_str(), name.is_empty()) {
        ("GET", _) if ask.flag("watch") => "watch",
        ("GET", true) => "list",
        ("GET", false) => "get",
        ("POST", true) => "create",
        ("PUT", false) => "update",
        ("PATCH", false) => "patch",
        ("DELETE", false) => "delete",
        ("DELETE", true) => "deletecollection",
        _ => "",
    }
}

/// Serves one request of an authenticated caller.
pub(crate) fn serve(scenario: &mut Scenario, ask: &Ask) -> Reply {
    match target(&ask.path, scenario.options.velero_installed) {
        Target::Nowhere => Reply::plain(404, "404 page not found\n"),
        Target::NoResource => Refusal::no_such_path().into(),
        Target::Document(path) => {
            if ask.method != Method::GET {
                return Refusal::method_not_allowed().into();
            }
            if matches!(path.as_str(), "/healthz" | "/readyz" | "/livez") {
                return Reply::plain(200, "ok");
            }
            match discovery::document(&path, &scenario.options) {
                Some(body) => Reply::ok(body),
                None => Reply::plain(404, "404 page not found\n"),
            }
        }
        Target::AccessReview => review(scenario, ask).unwrap_or_else(Reply::from),
        Target::Resource { kind, namespace, name, sub } => {
            resource(scenario, ask, kind, &namespace, &name, &sub).unwrap_or_else(Reply::from)
        }
    }
}

fn resource(
    scenario: &mut Scenario,
    ask: &Ask,
    kind: &'static Kind,
    namespace: &str,
    name: &str,
    sub: &str,
) -> Result<Reply, Refusal> {
    let verb = verb(ask, name);
    if !verb.is_empty() && !scenario.options.allows(verb, kind.group, kind.plural) {
        let user = scenario.user();
        return Err(Refusal::forbidden(kind, verb, namespace, name, &user));
    }
    // No Velero kind has a status subresource (dropped in v1.9).
    if !sub.is_empty() {
        return Err(if kind.custom { Refusal::not_found(kind, name) } else { Refusal::no_such_path() });
    }
    match verb {
        "list" => list::list(scenario, ask, kind, namespace),
        "get" => list::get(scenario, kind, namespace, name),
        "watch" => watch::prepare(scenario, ask, kind, namespace, name).map(Reply::Watch),
        "create" => write::create(scenario, ask, kind, namespace),
        "update" => write::update(scenario, ask, kind, namespace, name),
        "patch" => write::patch(scenario, ask, kind, namespace, name),
        "delete" => write::delete(scenario, ask, kind, namespace, name),
        "deletecollection" => write::delete_all(scenario, ask, kind, namespace),
        _ => Err(Refusal::method_not_allowed()),
    }
}

fn review(scenario: &Scenario, ask: &Ask) -> Result<Reply, Refusal> {
    if ask.method != Method::POST {
        return Err(Refusal::method_not_allowed());
    }
    let mut review = ask.json()?;
    let asked = &review["spec"]["resourceAttributes"];
    let allowed = asked.is_null()
        || scenario.options.allows(
            crate::json::text(asked, "/verb"),
            crate::json::text(asked, "/group"),
            crate::json::text(asked, "/resource"),
        );
    review["kind"] = "SelfSubjectAccessReview".into();
    review["apiVersion"] = "authorization.k8s.io/v1".into();
    review["status"] = if allowed {
        json!({"allowed": true, "reason": "RBAC: allowed by RoleBinding \"holdfast/velero\""})
    } else {
        json!({"allowed": false})
    };
    if !review["metadata"].is_object() {
        review["metadata"] = json!({"creationTimestamp": null});
    }
    Ok(Reply::Json { code: 201, body: review, warnings: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_paths() {
        let Target::Resource { kind, namespace, name, sub } =
            target("/apis/velero.io/v1/namespaces/velero/backups/a/status", true)
        else {
            panic!("a resource")
        };
        assert_eq!((kind.kind, namespace.as_str(), name.as_str(), sub.as_str()), ("Backup", "velero", "a", "status"));
        let Target::Resource { kind, name, .. } = target("/api/v1/namespaces/shop", true) else { panic!("a resource") };
        assert_eq!((kind.kind, name.as_str()), ("Namespace", "shop"));
        assert!(matches!(target("/apis/velero.io/v1/backups", true), Target::Resource { .. }));
        assert_eq!(target("/apis/velero.io/v1/backups", false), Target::Nowhere);
        assert_eq!(target("/apis/velero.io/v1/nothings", true), Target::Nowhere);
        assert_eq!(target("/api/v1/nothings", true), Target::NoResource);
        assert_eq!(target("/version", true), Target::Document("/version".to_owned()));
    }
}
