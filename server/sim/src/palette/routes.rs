//! The calls that are understood: one line each, literal paths before those with a variable in the same place.

use serde_json::Value;

use super::refusal::{Outcome, Refusal};
use super::{Palette, cluster, health, location, policy, restore, session, workspace};
use crate::rest::{Answer, Request};

/// A request on its way to its handler.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    /// What stood in the place of the path's variables.
    args: Vec<&'a str>,
    /// Uid of the project that the call is scoped to; unset: the tenant.
    pub(super) scope: Option<String>,
}

impl Call<'_> {
    pub(super) fn arg(&self, index: usize) -> &str {
        self.args.get(index).copied().unwrap_or_default()
    }

    /// The JSON body, which must be there.
    pub(super) fn body(&self) -> Outcome<Value> {
        if self.request.body.is_empty() {
            return Err(Refusal::invalid("body in body is required"));
        }
        let media = self.request.header("content-type");
        if !media.is_empty() && !media.contains("json") {
            let message = format!("unsupported media type {media:?}, only [application/json] are allowed");
            return Err(Refusal::new(415, "UnsupportedMediaType", message));
        }
        self.request
            .json()
            .ok_or_else(|| Refusal::invalid("parsing body body from \"\" failed, because the body is not valid JSON"))
    }
}

type Handler = fn(&mut Palette, &Call<'_>) -> Outcome<Answer>;

pub(super) struct Route {
    method: &'static str,
    /// Below `/v1`; `{}` is a variable.
    path: &'static str,
    /// For the counter.
    name: &'static str,
    handler: Handler,
    /// Whether it is answered without a key.
    pub(super) open: bool,
}

const fn route(method: &'static str, path: &'static str, name: &'static str, handler: Handler) -> Route {
    Route { method, path, name, handler, open: false }
}

const fn open(method: &'static str, path: &'static str, name: &'static str, handler: Handler) -> Route {
    Route { method, path, name, handler, open: true }
}

const ROUTES: &[Route] = &[
    open("GET", "health", "get health", health::healthy),
    open("GET", "health/ping", "ping", health::healthy),
    open("POST", "auth/authenticate", "authenticate", session::authenticate),
    open("GET", "auth/refresh/{}", "refresh token", session::refresh),
    route("GET", "users/me", "get me", health::me),
    route("GET", "dashboard/projects/metadata", "list projects", health::projects),
    route("GET", "projects/{}", "get project", health::project),
    route("GET", "dashboard/workspaces", "list workspaces", workspace::list),
    route("POST", "workspaces", "create workspace", workspace::create),
    route("GET", "workspaces/validate/name", "validate workspace name", workspace::validate_name),
    route("GET", "workspaces/{}", "get workspace", workspace::get),
    route("DELETE", "workspaces/{}", "delete workspace", workspace::delete),
    route("PUT", "workspaces/{}/meta", "update workspace meta", workspace::update_meta),
    route("PUT", "workspaces/{}/clusterNamespaces", "update workspace namespaces", workspace::update_namespaces),
    route("GET", "workspaces/{}/backup", "get workspace backup", policy::get_of_workspace),
    route("POST", "workspaces/{}/backup", "create workspace backup", policy::create_of_workspace),
    route("PUT", "workspaces/{}/backup", "update workspace backup", policy::update_of_workspace),
    route("DELETE", "workspaces/{}/backup", "delete workspace backups", policy::delete_of_workspace),
    route("POST", "workspaces/{}/backup/onDemand", "run workspace backup", policy::run_of_workspace),
    route("GET", "workspaces/{}/restore", "get workspace restore", restore::get_of_workspace),
    route("POST", "workspaces/{}/restore/onDemand", "run workspace restore", restore::run_of_workspace),
    route("GET", "spectroclusters/features/backup/locations/{}", "list location users", location::users),
    route("GET", "spectroclusters/{}", "get cluster", cluster::get),
    route("GET", "spectroclusters/{}/features/backup", "get cluster backup", policy::get_of_cluster),
    route("POST", "spectroclusters/{}/features/backup", "create cluster backup", policy::create_of_cluster),
    route("PUT", "spectroclusters/{}/features/backup", "update cluster backup", policy::update_of_cluster),
    route("DELETE", "spectroclusters/{}/features/backup", "reset cluster schedule", policy::reset_of_cluster),
    route("POST", "spectroclusters/{}/features/backup/onDemand", "run cluster backup", policy::run_of_cluster),
    route(
        "DELETE",
        "spectroclusters/{}/features/backup/{}/request/{}",
        "delete cluster backup",
        policy::delete_of_cluster,
    ),
    route("GET", "spectroclusters/{}/features/restore", "get cluster restore", restore::get_of_cluster),
    route("POST", "spectroclusters/{}/features/restore/onDemand", "run cluster restore", restore::run_of_cluster),
    route("GET", "dashboard/spectroclusters/filters/workspace", "list eligible clusters", cluster::eligible),
    route("GET", "dashboard/spectroclusters/metadata", "list cluster metadata", cluster::metadata),
    route("POST", "dashboard/spectroclusters/search", "search clusters", cluster::search),
    route("GET", "users/assets/locations", "list locations", location::list),
    route("POST", "users/assets/locations/{}", "create location", location::create),
    route("DELETE", "users/assets/locations/{}", "delete location", location::delete),
    route("GET", "users/assets/locations/{}/{}", "get location", location::get),
    route("PUT", "users/assets/locations/{}/{}", "update location", location::update),
    route("DELETE", "users/assets/locations/{}/{}", "delete location", location::delete_typed),
    route("PATCH", "users/assets/locations/{}/{}/default", "default location", location::make_default),
    route("POST", "clouds/aws/s3/validate", "validate s3", location::validate_s3),
    route("POST", "clouds/gcp/bucketname/validate", "validate gcp", location::validate_gcp),
    route("POST", "clouds/azure/account/validate", "validate azure", location::validate_azure),
];

/// The variables of the path, if it fits the pattern.
fn fit<'a>(pattern: &str, segments: &[&'a str]) -> Option<Vec<&'a str>> {
    let (first, rest) = segments.split_first()?;
    let wanted: Vec<&str> = pattern.split('/').collect();
    if *first != "v1" || wanted.len() != rest.len() {
        return None;
    }
    let pairs = || wanted.iter().zip(rest);
    let fits = pairs().all(|(part, given)| *part == "{}" || part == given);
    fits.then(|| pairs().filter(|(part, _)| **part == "{}").map(|(_, given)| *given).collect())
}

impl Route {
    /// Finds the route of a request.
    ///
    /// # Errors
    /// 404 for an unknown path, 405 for a known one with another method.
    pub(super) fn of(request: &Request) -> Outcome<(&'static Self, Vec<&str>)> {
        let segments = request.segments();
        let mut methods = Vec::new();
        for route in ROUTES {
            let Some(args) = fit(route.path, &segments) else { continue };
            if request.method.as_str() == route.method {
                return Ok((route, args));
            }
            methods.push(route.method);
        }
        if methods.is_empty() {
            return Err(Refusal::new(404, "PathNotFound", format!("path {} was not found", request.path)));
        }
        let allowed = methods.join(",");
        let message = format!("method {} is not allowed, but [{allowed}] are", request.method);
        Err(Refusal::new(405, "MethodNotAllowed", message))
    }

    pub(super) fn run(
        &self,
        palette: &mut Palette,
        request: &Request,
        args: Vec<&str>,
        scope: Option<String>,
    ) -> Outcome<Answer> {
        (self.handler)(palette, &Call { request, args, scope })
    }
}

/// The counter's name of a request.
pub(super) fn class(request: &Request) -> String {
    Route::of(request)
        .map_or_else(|_| format!("{} {}", request.method, request.path), |(route, _)| route.name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literal_paths_come_before_variables() {
        for (index, route) in ROUTES.iter().enumerate() {
            let segments: Vec<&str> = ["v1"].into_iter().chain(route.path.split('/')).collect();
            let first = ROUTES.iter().position(|r| r.method == route.method && fit(r.path, &segments).is_some());
            assert_eq!(first, Some(index), "{} {}", route.method, route.path);
        }
    }
}
