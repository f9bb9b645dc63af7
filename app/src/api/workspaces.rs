//! Server functions about workspaces and the status page.

use model::{
    WorkspaceId,
    view::{Home, Taken, WorkspaceStart, WorkspaceView},
    workspace::WorkspaceDraft,
};

calls! {
    HomeCall "workspaces/home" fn home() -> Home;
    /// `older`: key of the page of requests, empty for the newest.
    WorkspaceCall "workspaces/read" fn workspace(id: WorkspaceId, older: String) -> WorkspaceView;
    StartWorkspaceCall "workspaces/start" fn start_workspace(editing: Option<WorkspaceId>) -> WorkspaceStart;
    /// What the rules of a draft take in now.
    TakenCall "workspaces/taken" fn taken(draft: WorkspaceDraft) -> Taken;
    CreateWorkspaceCall "workspaces/create" fn create_workspace(draft: WorkspaceDraft) -> WorkspaceId;
    ChangeWorkspaceCall "workspaces/change" fn change_workspace(id: WorkspaceId, version: i64, draft: WorkspaceDraft) -> ();
    DeleteWorkspaceCall "workspaces/delete" fn delete_workspace(id: WorkspaceId) -> ();
}
