//! A backend with canned answers, and the server's way of rendering a page with it.
#![expect(clippy::unwrap_used, reason = "a test may stop")]

pub mod answers;
mod policies;

pub use answers::*;

use app::{
    backend::*,
    error::{ApiError, ErrorKind},
};
use async_trait::async_trait;
use leptos::prelude::*;
use model::{
    account::{Me, Role, SessionSeen, User},
    connection::*,
    cron,
    draft::{self, DefinitionDraft},
    location::{Location, LocationState},
    restore::{RestoreDraft, RestoreOffer},
    run::{LogPage, Results},
    view::*,
    workspace::WorkspaceDraft,
    *,
};
use std::sync::Arc;

/// Canned answers; a test changes the fields that it is about. Lists are empty until a test fills them.
#[derive(Clone)]
pub struct Stub {
    pub start: WizardStart,
    pub restore: RestoreStart,
    pub connections: Vec<Connection>,
    pub locations: Vec<Location>,
    pub definitions: DefinitionList,
    pub definition: Option<DefinitionDetail>,
    pub runs: Page<RunRow>,
    pub run: Option<RunView>,
    pub results: Reply<Results>,
    pub log: Reply<LogPage>,
    pub points: Page<PointRow>,
    pub point: Option<PointView>,
    pub restores: Page<RestoreView>,
    pub restored: Option<RestoreView>,
    pub policies: PolicyList,
    pub policy: Option<PolicyView>,
    pub policy_offers: Vec<PolicyOffer>,
    pub policy_impact: PolicyImpact,
    pub home: Home,
    pub workspace: Option<WorkspaceView>,
    pub start_workspace: WorkspaceStart,
    pub taken: Taken,
    /// What saving and deleting a workspace answers.
    pub workspace_saved: Reply<()>,
    pub users: Vec<User>,
    pub sessions: Vec<SessionSeen>,
    /// Every read but the frame's answers this.
    pub refusal: Option<ApiError>,
    /// Not even the frame can be had.
    pub frameless: Option<ApiError>,
}

impl Default for Stub {
    fn default() -> Self {
        Self {
            start: wizard_start(),
            restore: restore_start(),
            connections: vec![connection()],
            locations: Vec::new(),
            definitions: DefinitionList::default(),
            definition: None,
            runs: Page::default(),
            run: None,
            results: missing(),
            log: missing(),
            points: Page::default(),
            point: None,
            restores: Page::default(),
            restored: None,
            policies: PolicyList::default(),
            policy: None,
            policy_offers: Vec::new(),
            policy_impact: PolicyImpact::default(),
            home: Home::default(),
            workspace: None,
            start_workspace: WorkspaceStart::default(),
            taken: Taken::default(),
            workspace_saved: Ok(()),
            users: Vec::new(),
            sessions: Vec::new(),
            refusal: None,
            frameless: None,
        }
    }
}

impl Stub {
    /// The answer of a read.
    fn read<T: Clone>(&self, value: &T) -> Reply<T> {
        self.refusal.clone().map_or_else(|| Ok(value.clone()), Err)
    }

    /// The same for one thing, which may not be there.
    fn one<T: Clone>(&self, value: &Option<T>) -> Reply<T> {
        match &self.refusal {
            Some(refusal) => Err(refusal.clone()),
            None => value.clone().map_or_else(missing, Ok),
        }
    }
}

/// Somebody signed in with this role.
pub fn signed_in(role: Role) -> Caller {
    Caller {
        who: Some(SignedIn {
            user: "u".into(),
            session: "s".into(),
            name: "maria".into(),
            role,
            zone: "Europe/Zurich".into(),
        }),
        ..Caller::default()
    }
}

/// A page as the server sends it, without the comments in which the framework leaves its marks: status and text.
pub async fn page(stub: Stub, caller: Caller, path: &str) -> (u16, String) {
    let (status, sent) = page_as_sent(stub, caller, path).await;
    (status, without_comments(&sent))
}

fn without_comments(sent: &str) -> String {
    let sent = sent.replace("<!>", "");
    let mut parts = sent.split("<!--");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(part.split_once("-->").expect("a comment ends").1);
    }
    out
}

/// A page byte by byte: status and text.
pub async fn page_as_sent(stub: Stub, caller: Caller, path: &str) -> (u16, String) {
    let backend: Arc<dyn Backend> = Arc::new(stub);
    let provide = move || {
        provide_context(backend.clone());
        provide_context(caller.clone());
        provide_nonce();
    };
    // Listing the routes starts the executor that rendering needs.
    let _ = leptos_axum::generate_route_list(app::routes::App);
    let render = leptos_axum::render_app_async_with_context(provide, || app::shell::shell(app::routes::App));
    let request = http::Request::builder().uri(path).body(axum::body::Body::empty()).unwrap();
    let answer = render(request).await;
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    // The renderer marks where lists end; a reader sees no comments.
    (status, String::from_utf8(body.to_vec()).unwrap().replace("<!>", ""))
}

fn missing<T>() -> Reply<T> {
    Err(ApiError::new(ErrorKind::NotFound, "The stub has no such thing."))
}

#[async_trait]
impl Accounts for Stub {
    async fn frame(&self, caller: &Caller) -> Reply<Frame> {
        if let Some(error) = &self.frameless {
            return Err(error.clone());
        }
        let who = caller.at_least(Role::Viewer)?;
        let count = |n: usize| u32::try_from(n).unwrap();
        Ok(Frame {
            me: Me { name: who.name.clone(), role: who.role, zone: who.zone.clone() },
            now: NOW,
            needs: count(self.home.needs.len()),
            running: count(self.home.running.len()),
            connections: count(self.connections.len()),
            silent: count(self.connections.iter().filter(|c| c.health.is_silent()).count()),
            observed: Some(NOW),
        })
    }
    async fn me(&self, _: &Caller) -> Reply<Me> {
        missing()
    }
    async fn sessions(&self, _: &Caller) -> Reply<Vec<SessionSeen>> {
        self.read(&self.sessions)
    }
    async fn revoke_session(&self, _: &Caller, _: SessionId) -> Reply<()> {
        missing()
    }
    async fn change_password(&self, _: &Caller, _: String, _: String) -> Reply<()> {
        missing()
    }
    async fn set_zone(&self, _: &Caller, _: String) -> Reply<()> {
        missing()
    }
    async fn zones(&self, _: &Caller) -> Reply<Vec<String>> {
        Ok(self.start.zones.clone())
    }
    async fn users(&self, caller: &Caller) -> Reply<UserList> {
        let me = caller.at_least(Role::Administrator)?.user.clone();
        self.read(&UserList { users: self.users.clone(), me })
    }
    async fn add_user(&self, _: &Caller, _: String, _: String) -> Reply<String> {
        missing()
    }
    async fn set_user_role(&self, _: &Caller, _: UserId, _: String) -> Reply<()> {
        missing()
    }
    async fn set_user_disabled(&self, _: &Caller, _: UserId, _: bool) -> Reply<()> {
        missing()
    }
    async fn reset_user_password(&self, _: &Caller, _: UserId) -> Reply<String> {
        missing()
    }
}

#[async_trait]
impl Connections for Stub {
    async fn connections(&self, _: &Caller) -> Reply<Vec<Connection>> {
        self.read(&self.connections)
    }
    async fn connection(&self, _: &Caller, id: ConnectionId) -> Reply<ConnectionDetail> {
        let connection = self.one(&self.connections.iter().find(|c| c.id == id).cloned())?;
        Ok(ConnectionDetail {
            connection,
            capabilities: velero(),
            locations: self.locations.clone(),
            definitions: self.definition.iter().map(|d| (d.row.id.clone(), d.row.name.clone())).collect(),
        })
    }
    /// Good with the token `good`; otherwise it stops at the token.
    async fn test_connection(&self, _: &Caller, _: Option<ConnectionId>, draft: ConnectionDraft) -> Reply<CheckReport> {
        let good = draft.credential == "good";
        let step = |title: &str, outcome, detail: &str, remedy: &str| CheckStep {
            title: title.into(),
            outcome,
            detail: detail.into(),
            remedy: remedy.into(),
        };
        Ok(CheckReport {
            steps: vec![
                step("The name resolves", CheckOutcome::Good, "10.60.0.5", ""),
                if good {
                    step("The token is accepted", CheckOutcome::Good, "holdfast", "")
                } else {
                    step("The token is refused", CheckOutcome::Bad, "401 Unauthorized.", "Make a new token.")
                },
                if good {
                    step("The rights suffice", CheckOutcome::Warning, "One is missing.", "Apply the role again.")
                } else {
                    step("The rights suffice", CheckOutcome::NotTried, "", "")
                },
            ],
            missing_rights: if good { vec!["delete schedules.velero.io in velero".into()] } else { Vec::new() },
            field: (!good).then(|| "credential".into()),
            at: Some(NOW),
            ..CheckReport::default()
        })
    }
    async fn add_connection(&self, _: &Caller, _: ConnectionDraft) -> Reply<ConnectionId> {
        Ok("c1".into())
    }
    async fn change_connection(&self, _: &Caller, _: ConnectionId, _: i64, _: ConnectionDraft) -> Reply<()> {
        missing()
    }
    async fn remove_connection(&self, _: &Caller, _: ConnectionId) -> Reply<()> {
        missing()
    }
    async fn retry_connection(&self, _: &Caller, _: ConnectionId) -> Reply<()> {
        missing()
    }
    async fn systems(&self, caller: &Caller) -> Reply<Vec<SystemForm>> {
        let _ = caller.at_least(Role::Administrator)?;
        Ok(systems())
    }
    async fn inventory(&self, _: &Caller, id: ConnectionId) -> Reply<Inventory> {
        if id.as_str() != "c1" {
            return Err(ApiError::new(ErrorKind::Upstream, "connection refused."));
        }
        let namespace = |name: &str, skipped: Option<&str>| NamespaceSeen {
            name: name.into(),
            skipped_because: skipped.map(str::to_owned),
        };
        let location = |name: &str, is_default, state| Location {
            name: name.into(),
            is_default,
            read_only: false,
            state,
            message: None,
            place: "bucket velero at minio.example".into(),
        };
        Ok(Inventory {
            subjects: Vec::new(),
            policies: Vec::new(),
            namespaces: vec![
                namespace("shop", None),
                namespace("shop-db", None),
                namespace("shop-sandbox", Some("Labelled velero.io/exclude-from-backup=true: Velero skips it.")),
                namespace("tools", None),
            ],
            locations: vec![
                location("zrh-minio", true, LocationState::Available),
                location("ber-minio", false, LocationState::Unavailable),
            ],
            resources: vec![
                ResourceSeen { name: "deployments.apps".into(), namespaced: true },
                ResourceSeen { name: "events".into(), namespaced: true },
            ],
            at: Some(NOW),
        })
    }
}

#[async_trait]
impl Definitions for Stub {
    async fn definitions(&self, _: &Caller, _: DefinitionFilter) -> Reply<DefinitionList> {
        self.read(&self.definitions)
    }
    async fn definition(&self, _: &Caller, _: DefinitionId) -> Reply<DefinitionDetail> {
        self.one(&self.definition)
    }
    async fn start_wizard(
        &self,
        caller: &Caller,
        editing: Option<DefinitionId>,
        connection: Option<ConnectionId>,
    ) -> Reply<WizardStart> {
        caller.at_least(Role::Operator)?;
        let mut start = self.start.clone();
        start.editing = editing.map(|id| (id, 4));
        if let Some(connection) = connection {
            start.draft.connection = connection.0;
        }
        Ok(start)
    }
    async fn upcoming(&self, _: &Caller, _: ConnectionId, cron: String, zone: String) -> Reply<Upcoming> {
        Ok(Upcoming {
            words: cron::words(&cron),
            times: vec![(NOW, format!("Fri 30 Oct 2026, 02:30 {zone}"), "Fri 30 Oct 2026, 02:30 CET".into())],
            warning: Some("In the night to 25 October it runs twice.".into()),
            error: None,
        })
    }
    async fn preview_definition(&self, _: &Caller, _: Option<DefinitionId>, draft: DefinitionDraft) -> Reply<Preview> {
        let errors = draft::parse(&draft, &velero()).err().map(|i| i.0).unwrap_or_default();
        Ok(Preview {
            requests: vec![PreviewRequest {
                title: format!("Schedule {}-7b1a9c", draft.name),
                yaml: format!("kind: Schedule\nmetadata:\n  name: {}-7b1a9c\n", draft.name),
                curl: "curl -sS -X POST https://api.zrh.example:6443".into(),
            }],
            dry_run: errors.is_empty().then(|| DryRun {
                accepted: true,
                points: vec![(true, "The schedule passes the schema".into())],
                unknowns: vec!["Whether the snapshots will work".into()],
                took_ms: 118,
            }),
            sentences: vec![format!("{} protects {}.", draft.name, draft.scope.namespaces.join(", "))],
            notes: vec![FieldError {
                path: "scope.namespaces".into(),
                code: "pattern".into(),
                sentence: "shop-* also takes namespaces that appear later.".into(),
            }],
            at: Some(NOW),
            reserved: String::new(),
            errors,
        })
    }
    async fn create_definition(&self, _: &Caller, draft: DefinitionDraft) -> Reply<DefinitionId> {
        if draft.name == "taken" {
            let mut error = ApiError::new(ErrorKind::Invalid, "One field is wrong.");
            error.fields = Invalid::one("name", "taken", "Another definition is called taken.").0;
            return Err(error);
        }
        Ok("d1".into())
    }
    async fn change_definition(&self, _: &Caller, _: DefinitionId, version: i64, _: DefinitionDraft) -> Reply<()> {
        if version >= 9 {
            return Ok(());
        }
        let mut error = ApiError::new(ErrorKind::Conflict, "Somebody else changed it.");
        error.conflict = Some(Box::new(EditConflict {
            theirs: DefinitionDraft { keep_for: "30".into(), ..self.start.draft.clone() },
            version: 9,
            changed_by: "ines".into(),
            changed_at: NOW,
        }));
        Err(error)
    }
    async fn pause_definition(&self, _: &Caller, _: DefinitionId) -> Reply<()> {
        missing()
    }
    async fn resume_definition(&self, _: &Caller, _: DefinitionId, _: Resume) -> Reply<()> {
        missing()
    }
    async fn delete_definition(&self, _: &Caller, _: DefinitionId) -> Reply<()> {
        missing()
    }
    async fn run_now(&self, _: &Caller, _: DefinitionId) -> Reply<RunId> {
        missing()
    }
    async fn reapply_definition(&self, _: &Caller, _: DefinitionId) -> Reply<()> {
        missing()
    }
    async fn adopt_definition(&self, _: &Caller, _: DefinitionId) -> Reply<()> {
        missing()
    }
    async fn retry_definition(&self, _: &Caller, _: DefinitionId) -> Reply<()> {
        missing()
    }
}

#[async_trait]
impl Activity for Stub {
    async fn runs(&self, _: &Caller, _: RunFilter) -> Reply<Page<RunRow>> {
        self.read(&self.runs)
    }
    async fn run(&self, _: &Caller, _: RunId) -> Reply<RunView> {
        self.one(&self.run)
    }
    async fn run_log(&self, _: &Caller, _: RunId, _: String, _: String) -> Reply<LogPage> {
        self.log.clone()
    }
    async fn run_results(&self, _: &Caller, _: RunId) -> Reply<Results> {
        self.results.clone()
    }
    async fn points(&self, _: &Caller, _: PointFilter) -> Reply<Page<PointRow>> {
        self.read(&self.points)
    }
    async fn point(&self, _: &Caller, _: PointId) -> Reply<PointView> {
        self.one(&self.point)
    }
    async fn delete_point(&self, _: &Caller, _: PointId, _: String) -> Reply<()> {
        missing()
    }
    async fn restores(&self, _: &Caller, _: String) -> Reply<Page<RestoreView>> {
        self.read(&self.restores)
    }
    async fn restore(&self, _: &Caller, _: RestoreId) -> Reply<RestoreView> {
        self.one(&self.restored)
    }
    async fn restore_log(&self, _: &Caller, _: RestoreId, _: String, _: String) -> Reply<LogPage> {
        self.log.clone()
    }
    async fn restore_results(&self, _: &Caller, _: RestoreId) -> Reply<Results> {
        self.results.clone()
    }
    async fn start_restore(&self, caller: &Caller, point: PointId) -> Reply<RestoreStart> {
        let _ = caller.at_least(Role::Operator)?;
        self.one(&(point == self.restore.point.id).then(|| self.restore.clone()))
    }
    async fn restore_offer(&self, _: &Caller, _: PointId) -> Reply<RestoreOffer> {
        Ok(RestoreOffer::default())
    }
    async fn create_restore(&self, _: &Caller, draft: RestoreDraft) -> Reply<RestoreId> {
        match draft.parse(&self.restore.point, &self.restore.capabilities.restore) {
            Ok(_) => Ok("r1".into()),
            Err(invalid) => {
                let mut error = ApiError::new(ErrorKind::Invalid, "Something in the form is wrong.");
                error.fields = invalid.0;
                Err(error)
            }
        }
    }
}

#[async_trait]
impl Workspaces for Stub {
    async fn home(&self, _: &Caller) -> Reply<Home> {
        self.read(&self.home)
    }
    async fn workspace(&self, _: &Caller, _: WorkspaceId, _: String) -> Reply<WorkspaceView> {
        self.one(&self.workspace)
    }
    async fn start_workspace(&self, caller: &Caller, editing: Option<WorkspaceId>) -> Reply<WorkspaceStart> {
        caller.at_least(Role::Operator)?;
        let mut start = self.read(&self.start_workspace)?;
        start.editing = editing.map(|id| (id, 3));
        Ok(start)
    }
    async fn taken(&self, _: &Caller, _: WorkspaceDraft) -> Reply<Taken> {
        self.read(&self.taken)
    }
    async fn create_workspace(&self, _: &Caller, _: WorkspaceDraft) -> Reply<WorkspaceId> {
        self.workspace_saved.clone().map(|()| "w1".into())
    }
    async fn change_workspace(&self, _: &Caller, _: WorkspaceId, _: i64, _: WorkspaceDraft) -> Reply<()> {
        self.workspace_saved.clone()
    }
    async fn delete_workspace(&self, _: &Caller, _: WorkspaceId) -> Reply<()> {
        self.workspace_saved.clone()
    }
}
