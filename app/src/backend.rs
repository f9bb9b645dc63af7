//! The port between the pages and the server: what a signed-in person can ask for. `server::Console` implements it,
//! tests stub it. The caller is the first argument of every method, and authorisation is every method's first line,
//! because a server function is a public URL.

mod policies;
mod workspaces;

pub use policies::Policies;
pub use workspaces::Workspaces;

use crate::error::{ApiError, ErrorKind};
use async_trait::async_trait;
use leptos::prelude::*;
use model::{
    account::{Me, Role, SessionSeen},
    connection::{CheckReport, Connection, ConnectionDraft, Inventory, SystemForm},
    draft::DefinitionDraft,
    restore::{RestoreDraft, RestoreOffer},
    run::{LogPage, Results},
    view::*,
    *,
};
use std::sync::Arc;

/// Who asks. `None` fields mean that nobody is signed in.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    pub who: Option<SignedIn>,
    /// Of this request, for the log and the error page.
    pub request_id: String,
    /// Where it came from, for throttling and the audit row.
    pub address: String,
    pub browser: String,
}

/// A signed-in person.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: UserId,
    pub session: SessionId,
    pub name: String,
    pub role: Role,
    /// IANA zone of times on pages.
    pub zone: String,
}

impl Caller {
    /// The person, if their role reaches; 401 or 403 otherwise. The first line of every backend method.
    pub fn at_least(&self, role: Role) -> Result<&SignedIn, ApiError> {
        let who = self.who.as_ref().ok_or_else(|| ApiError::new(ErrorKind::SignedOut, "Sign in to see this."))?;
        if who.role < role {
            return Err(ApiError::new(
                ErrorKind::Forbidden,
                format!("Your account is a {}; this needs {} rights.", who.role.key(), role.key()),
            ));
        }
        Ok(who)
    }
}

pub type Reply<T> = Result<T, ApiError>;

/// Accounts and sessions. Signing in and out and the set-up page are plain form posts that the server handles itself.
#[async_trait]
pub trait Accounts: Send + Sync {
    async fn frame(&self, caller: &Caller) -> Reply<Frame>;
    async fn me(&self, caller: &Caller) -> Reply<Me>;
    async fn sessions(&self, caller: &Caller) -> Reply<Vec<SessionSeen>>;
    async fn revoke_session(&self, caller: &Caller, id: SessionId) -> Reply<()>;
    async fn change_password(&self, caller: &Caller, old: String, new: String) -> Reply<()>;
    async fn set_zone(&self, caller: &Caller, zone: String) -> Reply<()>;
    async fn zones(&self, caller: &Caller) -> Reply<Vec<String>>;
    async fn users(&self, caller: &Caller) -> Reply<UserList>;
    /// Answers the one-time password, shown once.
    async fn add_user(&self, caller: &Caller, name: String, role: String) -> Reply<String>;
    async fn set_user_role(&self, caller: &Caller, id: UserId, role: String) -> Reply<()>;
    async fn set_user_disabled(&self, caller: &Caller, id: UserId, disabled: bool) -> Reply<()>;
    /// Answers the one-time password, shown once.
    async fn reset_user_password(&self, caller: &Caller, id: UserId) -> Reply<String>;
}

/// Upstreams.
#[async_trait]
pub trait Connections: Send + Sync {
    async fn connections(&self, caller: &Caller) -> Reply<Vec<Connection>>;
    async fn connection(&self, caller: &Caller, id: ConnectionId) -> Reply<ConnectionDetail>;
    /// `id`: the stored connection whose credential is used where the draft has none.
    async fn test_connection(
        &self,
        caller: &Caller,
        id: Option<ConnectionId>,
        draft: ConnectionDraft,
    ) -> Reply<CheckReport>;
    async fn add_connection(&self, caller: &Caller, draft: ConnectionDraft) -> Reply<ConnectionId>;
    async fn change_connection(
        &self,
        caller: &Caller,
        id: ConnectionId,
        version: i64,
        draft: ConnectionDraft,
    ) -> Reply<()>;
    async fn remove_connection(&self, caller: &Caller, id: ConnectionId) -> Reply<()>;
    /// Ask a silent connection now instead of at its next try.
    async fn retry_connection(&self, caller: &Caller, id: ConnectionId) -> Reply<()>;
    /// What the connection form asks, for every system.
    async fn systems(&self, caller: &Caller) -> Reply<Vec<SystemForm>>;
    /// The live lists that the wizard offers.
    async fn inventory(&self, caller: &Caller, id: ConnectionId) -> Reply<Inventory>;
}

/// Desired protection.
#[async_trait]
pub trait Definitions: Send + Sync {
    async fn definitions(&self, caller: &Caller, filter: DefinitionFilter) -> Reply<DefinitionList>;
    async fn definition(&self, caller: &Caller, id: DefinitionId) -> Reply<DefinitionDetail>;
    async fn start_wizard(
        &self,
        caller: &Caller,
        editing: Option<DefinitionId>,
        connection: Option<ConnectionId>,
    ) -> Reply<WizardStart>;
    async fn upcoming(&self, caller: &Caller, connection: ConnectionId, cron: String, zone: String) -> Reply<Upcoming>;
    /// What would be sent, and the upstream's dry run of it.
    async fn preview_definition(
        &self,
        caller: &Caller,
        editing: Option<DefinitionId>,
        draft: DefinitionDraft,
    ) -> Reply<Preview>;
    async fn create_definition(&self, caller: &Caller, draft: DefinitionDraft) -> Reply<DefinitionId>;
    async fn change_definition(
        &self,
        caller: &Caller,
        id: DefinitionId,
        version: i64,
        draft: DefinitionDraft,
    ) -> Reply<()>;
    async fn pause_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()>;
    async fn resume_definition(&self, caller: &Caller, id: DefinitionId, resume: Resume) -> Reply<()>;
    async fn delete_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()>;
    async fn run_now(&self, caller: &Caller, id: DefinitionId) -> Reply<RunId>;
    /// Overwrite what somebody changed upstream.
    async fn reapply_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()>;
    /// Take over what somebody changed upstream.
    async fn adopt_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()>;
    /// Forget the waiting time after a failed attempt.
    async fn retry_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()>;
}

/// What happened and what can be brought back.
#[async_trait]
pub trait Activity: Send + Sync {
    async fn runs(&self, caller: &Caller, filter: RunFilter) -> Reply<Page<RunRow>>;
    async fn run(&self, caller: &Caller, id: RunId) -> Reply<RunView>;
    /// `level`: `error`, `warning` (and errors) or empty for all.
    async fn run_log(&self, caller: &Caller, id: RunId, text: String, level: String) -> Reply<LogPage>;
    async fn run_results(&self, caller: &Caller, id: RunId) -> Reply<Results>;
    async fn points(&self, caller: &Caller, filter: PointFilter) -> Reply<Page<PointRow>>;
    async fn point(&self, caller: &Caller, id: PointId) -> Reply<PointView>;
    /// Deletes the recovery point and its data, for ever. `confirm` is its name, typed.
    async fn delete_point(&self, caller: &Caller, id: PointId, confirm: String) -> Reply<()>;
    async fn restores(&self, caller: &Caller, page: String) -> Reply<Page<RestoreView>>;
    async fn restore(&self, caller: &Caller, id: RestoreId) -> Reply<RestoreView>;
    async fn restore_log(&self, caller: &Caller, id: RestoreId, text: String, level: String) -> Reply<LogPage>;
    async fn restore_results(&self, caller: &Caller, id: RestoreId) -> Reply<Results>;
    async fn start_restore(&self, caller: &Caller, point: PointId) -> Reply<RestoreStart>;
    /// The live lists that the restore form offers.
    async fn restore_offer(&self, caller: &Caller, point: PointId) -> Reply<RestoreOffer>;
    async fn create_restore(&self, caller: &Caller, draft: RestoreDraft) -> Reply<RestoreId>;
}

/// Everything a page may ask for.
pub trait Backend: Accounts + Connections + Definitions + Activity + Policies + Workspaces {}
impl<T: Accounts + Connections + Definitions + Activity + Policies + Workspaces> Backend for T {}

/// The backend of this request.
pub fn backend() -> Result<Arc<dyn Backend>, ApiError> {
    use_context::<Arc<dyn Backend>>().ok_or_else(|| ApiError::new(ErrorKind::Bug, "Holdfast is still starting."))
}

/// Who asks; the server's session layer puts it into the request's context.
pub fn caller() -> Caller {
    use_context::<Caller>().unwrap_or_default()
}

/// The last line of every server function: sets the HTTP status from the error's kind and stamps the request id.
pub fn reply<T>(result: Reply<T>) -> Reply<T> {
    result.map_err(|mut error| {
        if error.request_id.is_empty() {
            error.request_id = caller().request_id;
        }
        if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
            let status = http::StatusCode::from_u16(error.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR);
            response.set_status(status);
            if let Some(after) = error.retry_after {
                response.insert_header(http::header::RETRY_AFTER, after.into());
            }
        }
        error
    })
}
