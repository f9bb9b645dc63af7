//! Workspaces and the status page: what teams watch as a whole, judged from recovery points that exist.

mod asked;
mod days;
pub(crate) mod estate;
mod evidence;
mod home;
mod matrix;
mod page;
mod places;
mod room;
mod saving;
#[cfg(test)]
pub(in crate::console) mod trying;

use super::{Console, lock};
use crate::error::answer;
use app::backend::{Caller, Reply, Workspaces};
use async_trait::async_trait;
use model::{
    WorkspaceId,
    account::Role,
    view::{Hint, Home, Taken, WorkspaceStart, WorkspaceView},
    workspace::WorkspaceDraft,
};

#[async_trait]
impl Workspaces for Console {
    async fn home(&self, caller: &Caller) -> Reply<Home> {
        let who = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_home(who).await)
    }

    async fn workspace(&self, caller: &Caller, id: WorkspaceId, older: String) -> Reply<WorkspaceView> {
        let who = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_workspace(who, &id, &older).await)
    }

    async fn start_workspace(&self, caller: &Caller, editing: Option<WorkspaceId>) -> Reply<WorkspaceStart> {
        let _ = caller.at_least(Role::Operator)?;
        answer(caller, self.begin_workspace(editing).await)
    }

    async fn taken(&self, caller: &Caller, draft: WorkspaceDraft) -> Reply<Taken> {
        let who = caller.at_least(Role::Viewer)?;
        answer(caller, self.look_through(who, &draft).await)
    }

    async fn create_workspace(&self, caller: &Caller, draft: WorkspaceDraft) -> Reply<WorkspaceId> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.save_new_workspace(caller, who, &draft).await)
    }

    async fn change_workspace(
        &self,
        caller: &Caller,
        id: WorkspaceId,
        version: i64,
        draft: WorkspaceDraft,
    ) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.save_workspace(caller, who, &id, version, &draft).await)
    }

    async fn delete_workspace(&self, caller: &Caller, id: WorkspaceId) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.drop_workspace(caller, who, &id).await)
    }
}

impl Console {
    /// Things to try, which the status page then shows; for the demonstration.
    pub fn show_tour(&self, hints: Vec<Hint>) {
        *lock(&self.0.tour) = hints;
    }

    fn tour(&self) -> Vec<Hint> {
        lock(&self.0.tour).clone()
    }
}
