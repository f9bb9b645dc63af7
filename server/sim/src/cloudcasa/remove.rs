//! DELETE, and what keeps a document from going.

use super::resource::{self, Resource};
use super::{CloudCasa, refusal};
use crate::json::{text, truth};
use crate::rest::{Answer, Request};

/// 204 has no body, but Eve says its type all the same.
fn gone() -> Answer {
    Answer::text(204, "application/json", "")
}

impl CloudCasa {
    pub(super) fn delete(&mut self, resource: &'static Resource, id: &str, request: &Request) -> Answer {
        let Some(stored) = self.store.get(resource.name, id).cloned() else {
            return refusal::error(404, "");
        };
        if let Some(refused) = self.outdated(&stored, request, !self.options.delete_needs_etag) {
            return refused;
        }
        if resource.name == "backupinstances" {
            if truth(&stored, "/status/locked") {
                return refusal::error(
                    403,
                    "The recovery point is locked by SafeLock and cannot be deleted before it expires.",
                );
            }
            self.remove_point(id);
            return gone();
        }
        if self.options.guards_references
            && let Some(user) = self.user_of(resource.name, id)
        {
            return refusal::error(409, &format!("{} is used by {user}", resource.title));
        }
        self.store.remove(resource.name, id);
        self.after_delete(resource.name, id);
        gone()
    }

    /// Eve's DELETE of a whole collection; only alerts have it.
    pub(super) fn delete_all(&mut self, resource: &'static Resource) -> Answer {
        self.store.sweep(resource.name, |_| true);
        gone()
    }

    /// The first definition that would be broken without the document.
    fn user_of(&self, resource: &str, id: &str) -> Option<String> {
        let users: &[(&str, &str)] = match resource {
            "policies" => &[("kubebackups", "/policy"), ("kubeoffloads", "/policy")],
            "kubeclusters" => &[("kubebackups", "/cluster")],
            "kubebackups" => &[("kubeoffloads", "/backupdef")],
            "objectstores" => &[
                ("kubeoffloads", "/offload_provider/user_objectstore"),
                ("kubeclusters", "/backup_provider/user_objectstore"),
            ],
            _ => &[],
        };
        users.iter().find_map(|(other, pointer)| {
            let user = self.store.list(other).find(|doc| text(doc, pointer) == id)?;
            Some(format!("{} '{}'", resource::named(other)?.title, text(user, "/name")))
        })
    }
}
