//! Workspaces and the status page: what teams watch as a whole.

use super::{Caller, Reply};
use async_trait::async_trait;
use model::{
    WorkspaceId,
    view::{Home, Taken, WorkspaceStart, WorkspaceView},
    workspace::WorkspaceDraft,
};

/// Workspaces, ours by rules and those that upstreams keep.
#[async_trait]
pub trait Workspaces: Send + Sync {
    /// The status page.
    async fn home(&self, caller: &Caller) -> Reply<Home>;
    /// `older`: key of the page of requests, empty for the newest.
    async fn workspace(&self, caller: &Caller, id: WorkspaceId, older: String) -> Reply<WorkspaceView>;
    /// What the form begins with; `editing`: the workspace that is changed.
    async fn start_workspace(&self, caller: &Caller, editing: Option<WorkspaceId>) -> Reply<WorkspaceStart>;
    /// What the rules of a draft take in now.
    async fn taken(&self, caller: &Caller, draft: WorkspaceDraft) -> Reply<Taken>;
    async fn create_workspace(&self, caller: &Caller, draft: WorkspaceDraft) -> Reply<WorkspaceId>;
    /// Of a workspace that its upstream keeps, only the RPO and what is left out.
    async fn change_workspace(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        version: i64,
        draft: WorkspaceDraft,
    ) -> Reply<()>;
    /// Refused for one that its upstream keeps.
    async fn delete_workspace(&self, caller: &Caller, id: WorkspaceId) -> Reply<()>;
}
