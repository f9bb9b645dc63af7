//! Definitions: what is wanted. Saving is one transaction with its audit row and timeline line; the reconciler does the rest.

mod reading;
mod saving;

pub(super) use reading::when_problem;

use super::{Console, in_time, preview, rows};
use crate::{
    error::{ConsoleError, answer},
    provider::{Owned, ProviderError},
    schedule,
    store::{ConnectionRow, DefinitionRecord, StoreErrorKind, new_id},
};
use app::backend::{Caller, Definitions, Reply, SignedIn};
use async_trait::async_trait;
use model::{
    ConnectionId, DefinitionId, FieldError, RunId, account::Role, capability::Capabilities, draft::DefinitionDraft,
    view::*,
};
use reading::{Read, draft_of};

/// Rows of runs, recovery points and the timeline on a definition's page.
const DETAIL_ROWS: usize = 10;
const TIMELINE_ROWS: usize = 100;
/// Next runs there.
const NEXT_RUNS: usize = 5;
/// Rows on a page of the list.
const LIST_ROWS: usize = 200;

#[async_trait]
impl Definitions for Console {
    async fn definitions(&self, caller: &Caller, filter: DefinitionFilter) -> Reply<DefinitionList> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.list_definitions(&filter).await)
    }

    async fn definition(&self, caller: &Caller, id: DefinitionId) -> Reply<DefinitionDetail> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_definition(&id).await)
    }

    async fn start_wizard(
        &self,
        caller: &Caller,
        editing: Option<DefinitionId>,
        connection: Option<ConnectionId>,
    ) -> Reply<WizardStart> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.begin_wizard(who, editing, connection).await)
    }

    async fn upcoming(&self, caller: &Caller, connection: ConnectionId, cron: String, zone: String) -> Reply<Upcoming> {
        let who = caller.at_least(Role::Viewer)?;
        answer(caller, self.upcoming_on(who, &connection, &cron, &zone).await)
    }

    async fn preview_definition(
        &self,
        caller: &Caller,
        editing: Option<DefinitionId>,
        draft: DefinitionDraft,
    ) -> Reply<Preview> {
        caller.at_least(Role::Operator)?;
        answer(caller, self.preview(editing, &draft).await)
    }

    async fn create_definition(&self, caller: &Caller, draft: DefinitionDraft) -> Reply<DefinitionId> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.create(caller, who, &draft).await)
    }

    async fn change_definition(
        &self,
        caller: &Caller,
        id: DefinitionId,
        version: i64,
        draft: DefinitionDraft,
    ) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.change(caller, who, &id, version, &draft).await)
    }

    async fn pause_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.set_paused(caller, who, &id, true, None).await)
    }

    async fn resume_definition(&self, caller: &Caller, id: DefinitionId, resume: Resume) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.set_paused(caller, who, &id, false, Some(resume)).await)
    }

    async fn delete_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.delete(caller, who, &id).await)
    }

    async fn run_now(&self, caller: &Caller, id: DefinitionId) -> Reply<RunId> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.start_run(caller, who, &id).await)
    }

    async fn reapply_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.reapply(caller, who, &id).await)
    }

    async fn adopt_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.adopt(caller, who, &id).await)
    }

    async fn retry_definition(&self, caller: &Caller, id: DefinitionId) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.retry(caller, who, &id).await)
    }
}

impl Console {
    /// What an upstream can express; by its kind alone when its credential can't be opened.
    pub(super) async fn capabilities(&self, row: &ConnectionRow) -> Capabilities {
        match self.provider(&row.id).await {
            Ok(provider) => provider.capabilities(),
            Err(_) => self.registry().capabilities(row.kind, row.upstream_version.as_deref()),
        }
    }

    /// A stored definition.
    pub(super) async fn record(&self, id: &DefinitionId) -> Result<DefinitionRecord, ConsoleError> {
        self.store().definition(id).await.map_err(|error| match error.kind {
            StoreErrorKind::NotFound => ConsoleError::NoSuch("definition"),
            _ => error.into(),
        })
    }

    async fn list_definitions(&self, filter: &DefinitionFilter) -> Result<DefinitionList, ConsoleError> {
        let page = self.store().definition_page(filter, LIST_ROWS).await?;
        let counting = rows::Counting::new(self.registry());
        Ok(DefinitionList {
            page: Page {
                rows: page.rows.into_iter().map(|row| rows::definition(row, &counting)).collect(),
                next: page.next,
                previous: page.previous,
                total: page.total,
            },
            all: page.all,
            attention: page.attention,
            paused: page.paused,
            connections: page.connections,
        })
    }

    async fn read_definition(&self, id: &DefinitionId) -> Result<DefinitionDetail, ConsoleError> {
        let record = self.record(id).await?;
        let connection = self.stored_connection(&record.definition.connection).await?;
        let store = self.store();
        let listed = store.definition_row(id).await?;
        let schedules = rows::schedules(&listed);
        let counting = rows::Counting::new(self.registry());
        let row = rows::definition(listed, &counting);
        let next_runs = match row.next_run {
            NextRun::At(_) => schedule::next_runs(&schedules, counting.of(row.kind), self.now(), NEXT_RUNS),
            NextRun::None(_) => Vec::new(),
        };
        Ok(DefinitionDetail {
            row,
            capabilities: self.capabilities(&connection).await,
            applied_version: record.applied_version,
            next_runs,
            runs: store.runs_of(id, DETAIL_ROWS).await?,
            points: store.points_of(id, DETAIL_ROWS).await?,
            timeline: store.timeline(id, TIMELINE_ROWS).await?,
            points_left: store.points_left(id).await?,
            upstream_name: record.upstream_name,
            updated_by: record.updated_by,
            updated_at: record.updated_at,
            definition: record.definition,
        })
    }

    async fn begin_wizard(
        &self,
        who: &SignedIn,
        editing: Option<DefinitionId>,
        connection: Option<ConnectionId>,
    ) -> Result<WizardStart, ConsoleError> {
        let mut connections = Vec::new();
        for row in self.store().connections().await? {
            let capabilities = self.capabilities(&row).await;
            connections.push(WizardConnection {
                id: row.id,
                name: row.name,
                kind: row.kind,
                health: row.health,
                capabilities,
            });
        }
        let (draft, editing) = match editing {
            Some(id) => {
                let record = self.record(&id).await?;
                (draft_of(&record), Some((id, record.version)))
            }
            None => {
                let asked = connection.filter(|id| connections.iter().any(|c| c.id == *id));
                // With one connection there is nothing to choose.
                let only = if let [only] = connections.as_slice() { Some(only.id.clone()) } else { None };
                let draft = DefinitionDraft {
                    connection: asked.or(only).map(|id| id.0).unwrap_or_default(),
                    scheduled: true,
                    // What most want; it is in sight and can be changed.
                    cron: "30 2 * * *".into(),
                    zone: who.zone.clone(),
                    ..DefinitionDraft::default()
                };
                (draft, None)
            }
        };
        Ok(WizardStart { draft, connections, editing, zones: schedule::zones() })
    }

    async fn preview(&self, editing: Option<DefinitionId>, draft: &DefinitionDraft) -> Result<Preview, ConsoleError> {
        let record = match &editing {
            Some(id) => Some(self.record(id).await?),
            None => None,
        };
        let Read { definition, connection: row, follows } = match self.read_draft_of(draft, record.as_ref()).await {
            Ok(read) => read,
            Err(ConsoleError::Invalid(invalid)) => {
                return Ok(Preview { errors: invalid.0, at: Some(self.now()), ..Preview::default() });
            }
            Err(error) => return Err(error),
        };
        let mut reserved = String::new();
        let owned = match &record {
            Some(record) => {
                let owned = record.owned();
                Owned { definition: definition.clone(), version: owned.version + 1, ..owned }
            }
            None => {
                let id = self.reserved(&draft.reserved).await?;
                reserved = id.0.clone();
                Owned {
                    upstream_name: upstream_name(&definition.name, &id),
                    id,
                    version: 1,
                    definition: definition.clone(),
                }
            }
        };
        let can = self.capabilities(&row).await;
        let mut preview = Preview {
            sentences: preview::sentences(&definition, &row.name, &can),
            at: Some(self.now()),
            reserved,
            ..Preview::default()
        };
        let provider = self.provider(&row.id).await?;
        let (rendered, inventory) = tokio::join!(
            in_time("dry run", provider.preview(&owned)),
            in_time("list what can be chosen", provider.inventory())
        );
        preview.notes = preview::notes(&definition, inventory.as_ref().ok(), &row.locations, self.now());
        if let Some(follows) = follows {
            preview.sentences.insert(1, follows.sentence());
            preview.notes.extend(follows.notes());
        }
        match rendered {
            Ok(rendered) => {
                preview.requests = rendered.requests;
                preview.dry_run = rendered.dry_run;
                preview.errors = rendered.errors.0;
            }
            Err(error) => preview.notes.push(not_asked(&row.name, &error)),
        }
        Ok(preview)
    }

    /// The id of a new definition: the one that its review showed, as long as it is one of ours and nobody has it; else a new one.
    async fn reserved(&self, shown: &str) -> Result<DefinitionId, ConsoleError> {
        let ours = uuid::Uuid::parse_str(shown).is_ok_and(|id| id.get_version_num() == 7 && id.to_string() == shown);
        let shown = DefinitionId::from(shown);
        let free = match self.store().definition(&shown).await {
            Ok(_) => false,
            Err(error) if error.kind == StoreErrorKind::NotFound => true,
            Err(error) => return Err(error.into()),
        };
        Ok(if ours && free { shown } else { DefinitionId(new_id(self.clock())) })
    }
}

/// `<name>-<last six hex digits of the id>`: unique even when a name is used again.
fn upstream_name(name: &str, id: &DefinitionId) -> String {
    let id = id.as_str();
    format!("{name}-{}", &id[id.len().saturating_sub(6)..])
}

fn not_asked(connection: &str, error: &ProviderError) -> FieldError {
    FieldError {
        path: "connection".into(),
        code: "not-asked".into(),
        sentence: format!(
            "{connection} could not be asked for a dry run: {} The definition can be saved; it is applied when {connection} answers.",
            error.sentence
        ),
    }
}
