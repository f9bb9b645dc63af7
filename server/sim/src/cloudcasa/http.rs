//! The way in: which resource a path names, who may use it, and how.

use axum::http::Method;
use serde_json::{Value, json};

use super::resource::{self, RESOURCES, Resource};
use super::store::is_id;
use super::{CloudCasa, PREFIX, refusal, xml};
use crate::rest::{Answer, Request};

/// What a path names.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    Home,
    Collection(&'static Resource),
    Item(&'static Resource, &'a str),
    /// `{resource}/{id}/action/run`
    Run(&'static Resource, &'a str),
    /// `runkubebackup` and `runkubeoffload`: the older form.
    RunNamed(&'static Resource),
    ProviderInfo,
}

/// Doubled slashes name nothing: a base address that ends in one must be cut by the client.
pub(super) fn target(path: &str) -> Option<Target<'_>> {
    let path = path.strip_prefix(PREFIX)?;
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Target::Home);
    }
    let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
    match parts.as_slice() {
        ["runkubebackup"] => resource::named("kubebackups").map(Target::RunNamed),
        ["runkubeoffload"] => resource::named("kubeoffloads").map(Target::RunNamed),
        ["objectstores", "provider-info"] => Some(Target::ProviderInfo),
        [name] => resource::named(name).map(Target::Collection),
        [name, id] if is_id(id) => resource::named(name).map(|resource| Target::Item(resource, id)),
        [name @ ("kubebackups" | "kubeoffloads"), id, "action", "run"] if is_id(id) => {
            resource::named(name).map(|resource| Target::Run(resource, id))
        }
        _ => None,
    }
}

impl Target<'_> {
    fn methods(&self) -> &'static [&'static str] {
        match self {
            Self::Home | Self::ProviderInfo => &["GET", "HEAD", "OPTIONS"],
            Self::Collection(resource) => resource.methods.0,
            Self::Item(resource, _) => resource.methods.1,
            Self::Run(..) | Self::RunNamed(_) => &["POST", "OPTIONS"],
        }
    }

    fn resource(&self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::ProviderInfo => "objectstores",
            Self::Collection(resource)
            | Self::Item(resource, _)
            | Self::Run(resource, _)
            | Self::RunNamed(resource) => resource.name,
        }
    }
}

/// Name of a call for the counter.
pub(super) fn class(request: &Request) -> String {
    let method = request.method.as_str();
    match target(&request.path) {
        Some(Target::Collection(resource)) => match method {
            "GET" => format!("list {}", resource.name),
            "POST" => format!("create {}", resource.name),
            _ => format!("{method} {}", resource.name),
        },
        Some(Target::Item(resource, _)) => {
            let verb = match method {
                "PUT" => "replace",
                "PATCH" => "update",
                "DELETE" => "delete",
                _ => "get",
            };
            format!("{verb} {}", resource.name)
        }
        Some(Target::Run(resource, _) | Target::RunNamed(resource)) => format!("run {}", resource.name),
        Some(Target::ProviderInfo) => "get provider-info".to_owned(),
        _ => format!("{method} {}", request.path),
    }
}

impl CloudCasa {
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let mut answer = self.route(request);
        if xml::wanted(request.header("accept")) {
            answer = xml::turned(answer);
        }
        if request.method == Method::HEAD {
            answer.body.clear();
        }
        answer
    }

    fn route(&mut self, request: &Request) -> Answer {
        let Some(target) = target(&request.path) else {
            return refusal::error(404, "");
        };
        let method = request.method.as_str();
        if !target.methods().contains(&method) {
            return refusal::error(405, "");
        }
        if request.method == Method::OPTIONS {
            return Answer::text(200, "text/html; charset=utf-8", "").with("Allow", target.methods().join(", "));
        }
        if let Some(refused) = self.bar(request, &target) {
            return refused;
        }
        match (method, target) {
            (_, Target::Home) => home(),
            (_, Target::ProviderInfo) => Answer::json(200, &provider_info()),
            ("GET" | "HEAD", Target::Collection(resource)) => self.list(resource, request),
            ("GET" | "HEAD", Target::Item(resource, id)) => self.item(resource, id, request),
            ("POST", Target::Collection(resource)) => self.create(resource, request),
            ("PUT", Target::Item(resource, id)) => self.replace(resource, id, request),
            ("PATCH", Target::Item(resource, id)) => self.update(resource, id, request),
            ("DELETE", Target::Item(resource, id)) => self.delete(resource, id, request),
            ("DELETE", Target::Collection(resource)) => self.delete_all(resource),
            ("POST", Target::Run(resource, id)) => self.run_now(resource, id, request),
            ("POST", Target::RunNamed(resource)) => self.run_named(resource, request),
            _ => refusal::error(405, ""),
        }
    }

    /// Who may not come in: no key, a plan without keys, a role without the right, work that only agents do.
    fn bar(&self, request: &Request, target: &Target<'_>) -> Option<Answer> {
        if !request.bearer().is_some_and(|token| self.knows(token)) {
            return Some(refusal::error(401, ""));
        }
        if !self.options.api_keys {
            return Some(refusal::error(403, "API keys are not included in the plan of this organization."));
        }
        let method = request.method.as_str();
        let name = target.resource();
        let agents_only = match name {
            "jobs" => !matches!(method, "GET" | "HEAD"),
            "backupinstances" => matches!(method, "POST" | "PUT"),
            _ => false,
        };
        if agents_only || !self.options.allows(method, name) {
            return Some(refusal::error(403, ""));
        }
        None
    }
}

fn home() -> Answer {
    let links: Vec<Value> = RESOURCES
        .iter()
        .map(|resource| json!({"title": format!("/v1/{}", resource.name), "href": format!("v1/{}", resource.name)}))
        .collect();
    Answer::json(200, &json!({"_links": {"child": links}}))
}

/// What the form for a storage asks the server for: vendors and their regions.
fn provider_info() -> Value {
    json!({"_status": "OK", "providers": [
        {"type": "aws", "name": "Amazon S3", "regions": ["eu-central-1", "eu-central-2", "eu-west-1", "us-east-1", "us-east-2"]},
        {"type": "aws", "name": "MinIO", "regions": []},
        {"type": "aws", "name": "Ceph", "regions": []},
        {"type": "aws", "name": "Wasabi", "regions": ["eu-central-1", "us-east-1"]},
        {"type": "azure", "name": "Azure Blob Storage", "regions": ["switzerlandnorth", "westeurope"]},
    ]})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_name_what_they_name() {
        let id = "640f71339c9cf6648dc169e1";
        let name = |path: &str| target(path).map(|target| format!("{} {}", target.resource(), target.methods().len()));
        assert_eq!(name("/api/v1/jobs").as_deref(), Some("jobs 4"));
        assert_eq!(name("/api/v1/jobs/").as_deref(), Some("jobs 4"));
        assert_eq!(name(&format!("/api/v1/kubebackups/{id}/action/run")).as_deref(), Some("kubebackups 2"));
        assert_eq!(name("/api/v1/objectstores/provider-info").as_deref(), Some("objectstores 3"));
        for nothing in
            ["/v1/jobs", "/api/v1//jobs", "/api/v1/nothing", "/api/v1/jobs/x", "/api/v1/jobs/640F71339c9cf6648dc169e1"]
        {
            assert!(target(nothing).is_none(), "{nothing}");
        }
    }
}
