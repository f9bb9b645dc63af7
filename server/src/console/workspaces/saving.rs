//! Saving workspaces: one transaction with its audit row each. Those that upstreams keep have only an RPO and what is left out here.

use super::room::Room;
use crate::{
    console::{Console, audit},
    error::ConsoleError,
    store::{StoreError, StoreErrorKind, WorkspaceRecord, new_id},
};
use app::backend::{Caller, SignedIn};
use model::{
    ConnectionId, Invalid, WorkspaceId,
    workspace::{Place, RuleDraft, Workspace, WorkspaceDraft, parse},
};

impl Console {
    pub(super) async fn save_new_workspace(
        &self,
        caller: &Caller,
        who: &SignedIn,
        draft: &WorkspaceDraft,
    ) -> Result<WorkspaceId, ConsoleError> {
        let workspace = self.read_workspace_draft(who, draft, None).await?;
        let id = WorkspaceId(new_id(self.clock()));
        let audit = audit(caller, who, "workspace.create", id.as_str(), format!("workspace {}", workspace.name));
        self.store().create_workspace(&id, &workspace, None, &audit).await.map_err(name_taken)?;
        self.events().publish(format!("workspaces:{id}"));
        Ok(id)
    }

    pub(super) async fn save_workspace(
        &self,
        caller: &Caller,
        who: &SignedIn,
        id: &WorkspaceId,
        version: i64,
        draft: &WorkspaceDraft,
    ) -> Result<(), ConsoleError> {
        let stored = self.stored_workspace(id).await?;
        let estate = self.estate().await?;
        let kept = estate.room(id).and_then(|(_, room)| Some((room, room.upstream.as_ref()?)));
        let (workspace, upstream) = match (kept, &stored) {
            (Some((room, upstream)), _) => (self.read_kept_draft(who, room, draft)?, Some(upstream)),
            (None, Some(stored)) if stored.upstream.is_none() => {
                (self.read_workspace_draft(who, draft, Some(&stored.workspace)).await?, None)
            }
            // Something was set for it, and its upstream has it no more.
            (None, _) => return Err(ConsoleError::NoSuch("workspace")),
        };
        let now = stored.as_ref().map_or(0, |stored| stored.version);
        if now != version {
            return Err(changed_by(stored.as_ref()));
        }
        if stored.as_ref().is_some_and(|stored| stored.workspace == workspace) {
            return Ok(());
        }
        let audit = audit(caller, who, "workspace.change", id.as_str(), format!("workspace {}", workspace.name));
        let saved = match (&stored, upstream) {
            (None, Some((connection, own))) => {
                let upstream = Some((connection, own.as_str()));
                self.store().create_workspace(id, &workspace, upstream, &audit).await
            }
            _ => self.store().change_workspace(id, version, &workspace, &audit).await.map(|_| ()),
        };
        if let Err(error) = saved {
            return Err(match error.kind {
                StoreErrorKind::Stale => changed_by(self.stored_workspace(id).await?.as_ref()),
                StoreErrorKind::NotFound => ConsoleError::NoSuch("workspace"),
                _ => name_taken(error),
            });
        }
        self.events().publish(format!("workspaces:{id}"));
        Ok(())
    }

    pub(super) async fn drop_workspace(
        &self,
        caller: &Caller,
        who: &SignedIn,
        id: &WorkspaceId,
    ) -> Result<(), ConsoleError> {
        let estate = self.estate().await?;
        let room = estate.room(id).map(|(_, room)| room);
        if let Some((connection, _)) = room.and_then(|room| room.upstream.as_ref()) {
            let keeper =
                estate.connections.iter().find(|one| one.id == *connection).map_or("Its system", |c| c.kind.word());
            let sentence = format!("{keeper} keeps this workspace itself: it goes from here when it is removed there.");
            return Err(ConsoleError::NotNow(sentence));
        }
        let stored = self.stored_workspace(id).await?.ok_or(ConsoleError::NoSuch("workspace"))?;
        let detail = format!("workspace {}; what it watched stays", stored.workspace.name);
        let audit = audit(caller, who, "workspace.delete", id.as_str(), detail);
        self.store().delete_workspace(id, &audit).await.map_err(|error| match error.kind {
            StoreErrorKind::NotFound => ConsoleError::NoSuch("workspace"),
            _ => error.into(),
        })?;
        self.events().publish(format!("workspaces:{id}"));
        Ok(())
    }

    async fn stored_workspace(&self, id: &WorkspaceId) -> Result<Option<WorkspaceRecord>, ConsoleError> {
        match self.store().workspace(id).await {
            Ok(record) => Ok(Some(record)),
            Err(error) if error.kind == StoreErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// What the form means. A new or changed rule that takes nothing in is an error; one that was saved before stays as it is, because
    /// what it took in may come back.
    async fn read_workspace_draft(
        &self,
        who: &SignedIn,
        draft: &WorkspaceDraft,
        before: Option<&Workspace>,
    ) -> Result<Workspace, ConsoleError> {
        let estate = self.estate().await?;
        let connections: Vec<ConnectionId> = estate.connections.iter().map(|c| c.id.clone()).collect();
        let mut workspace = parse(draft, &connections, &who.name)?;
        let places: Vec<Place<'_>> = estate.spots.iter().map(|spot| spot.place()).collect();
        let mut idle = workspace.idle(&places);
        if let Some(before) = before {
            workspace.keep_authors(before);
            let kept = |path: &str| {
                let rule = path.split('.').nth(1).and_then(|n| workspace.rules.get(n.parse::<usize>().ok()?));
                rule.is_some_and(|rule| before.rules.contains(rule))
            };
            idle.0.retain(|error| !kept(&error.path));
        }
        Ok(idle.check(workspace)?)
    }

    /// Name and members of an upstream's own workspace are its upstream's.
    fn read_kept_draft(&self, who: &SignedIn, room: &Room, draft: &WorkspaceDraft) -> Result<Workspace, ConsoleError> {
        let shown = WorkspaceDraft::from(&room.workspace);
        let mut fixed = Invalid::default();
        if !draft.name.trim().is_empty() && draft.name.trim() != shown.name.trim() {
            fixed.push("name", "fixed", "Its system keeps this workspace and its name; rename it there.");
        }
        if !draft.rules.is_empty() && draft.rules != shown.rules {
            fixed.push("rules", "fixed", "Its system keeps this workspace and what belongs to it; change that there.");
        }
        // What is fixed passes whatever its system allows.
        let rule = RuleDraft { clusters: "*".into(), ..RuleDraft::default() };
        let typed = WorkspaceDraft { name: "kept upstream".into(), rules: vec![rule], ..draft.clone() };
        match parse(&typed, &[], &who.name) {
            Ok(mut read) => {
                read.name.clone_from(&room.workspace.name);
                read.rules.clone_from(&room.workspace.rules);
                read.keep_authors(&room.workspace);
                Ok(fixed.check(read)?)
            }
            Err(rest) => {
                fixed.0.extend(rest.0);
                Err(fixed.into())
            }
        }
    }
}

fn changed_by(stored: Option<&WorkspaceRecord>) -> ConsoleError {
    let who = stored.map_or("Somebody else", |stored| stored.updated_by.as_str());
    ConsoleError::NotNow(format!(
        "{who} changed this workspace in between. Reload to see it; nothing of yours was saved."
    ))
}

fn name_taken(error: StoreError) -> ConsoleError {
    match error.kind {
        StoreErrorKind::Taken { .. } => {
            Invalid::one("name", "taken", "Another workspace has this name; choose another.").into()
        }
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests {
    use crate::console::workspaces::room;

    #[test]
    fn an_upstreams_workspace_keeps_its_id() {
        let id = room::derived_id(&"c1".into(), "5eea");
        assert_eq!(id, room::derived_id(&"c1".into(), "5eea"));
        assert_ne!(id, room::derived_id(&"c2".into(), "5eea"));
        assert_eq!(uuid::Uuid::parse_str(id.as_str()).map(|id| id.get_version_num()), Ok(8));
    }
}
