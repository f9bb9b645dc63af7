//! Server functions about definitions.

use model::{
    ConnectionId, DefinitionId, RunId,
    draft::DefinitionDraft,
    view::{DefinitionDetail, DefinitionFilter, DefinitionList, Preview, Resume, Upcoming, WizardStart},
};

calls! {
    DefinitionsCall "definitions/list" fn definitions(filter: DefinitionFilter) -> DefinitionList;
    DefinitionCall "definitions/get" fn definition(id: DefinitionId) -> DefinitionDetail;
    StartWizardCall "definitions/start" fn start_wizard(editing: Option<DefinitionId>, connection: Option<ConnectionId>) -> WizardStart;
    UpcomingCall "definitions/upcoming" fn upcoming(connection: ConnectionId, cron: String, zone: String) -> Upcoming;
    /// What would be sent, and the upstream's dry run of it.
    PreviewDefinitionCall "definitions/preview" fn preview_definition(editing: Option<DefinitionId>, draft: DefinitionDraft) -> Preview;
    CreateDefinitionCall "definitions/create" fn create_definition(draft: DefinitionDraft) -> DefinitionId;
    ChangeDefinitionCall "definitions/change" fn change_definition(id: DefinitionId, version: i64, draft: DefinitionDraft) -> ();
    PauseDefinitionCall "definitions/pause" fn pause_definition(id: DefinitionId) -> ();
    ResumeDefinitionCall "definitions/resume" fn resume_definition(id: DefinitionId, resume: Resume) -> ();
    DeleteDefinitionCall "definitions/delete" fn delete_definition(id: DefinitionId) -> ();
    RunNowCall "definitions/run" fn run_now(id: DefinitionId) -> RunId;
    /// Overwrite what somebody changed upstream.
    ReapplyDefinitionCall "definitions/reapply" fn reapply_definition(id: DefinitionId) -> ();
    /// Take over what somebody changed upstream.
    AdoptDefinitionCall "definitions/adopt" fn adopt_definition(id: DefinitionId) -> ();
    /// Forget the waiting time after a failed attempt.
    RetryDefinitionCall "definitions/retry" fn retry_definition(id: DefinitionId) -> ();
}
