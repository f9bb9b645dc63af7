//! Saving: every change is a new version with its timeline line and its audit row, in one transaction.

use super::{
    Console,
    reading::{Read, draft_of, unknown_policy},
    upstream_name,
};
use crate::{
    console::{audit, policies::expand::same_rhythm, preview, stamp},
    error::ConsoleError,
    provider::{Applied, DeclaredSeen},
    store::{DefinitionRecord, Edit, Following, Line, NewDefinition, NewRun, StoreError, StoreErrorKind, new_id},
};
use app::backend::{Caller, SignedIn};
use model::{
    DefinitionId, Invalid, Millis, PolicyId, RunId,
    definition::Definition,
    draft::DefinitionDraft,
    run::Trigger,
    view::{EditConflict, Resume},
};

/// A second press of "Run now" within this time is the same press.
const DOUBLE_CLICK_MS: i64 = 2_000;

impl Console {
    pub(super) async fn create(
        &self,
        caller: &Caller,
        who: &SignedIn,
        draft: &DefinitionDraft,
    ) -> Result<DefinitionId, ConsoleError> {
        let Read { definition, connection, follows } = self.read_draft_of(draft, None).await?;
        if let Some(unknown) = preview::unknown_location(definition.location.as_deref(), &connection.locations) {
            return Err(unknown.into());
        }
        let id = self.reserved(&draft.reserved).await?;
        let name = definition.name.clone();
        let follows = follows.map(|follow| (follow.policy, follow.version));
        let new = NewDefinition { upstream_name: upstream_name(&name, &id), id: id.clone(), definition, follows };
        let line = line("saved", "Saved.", who);
        let audit =
            audit(caller, who, "definition.create", id.as_str(), format!("definition {name} on {}", connection.name));
        if let Err(error) = self.store().create_definition(&new, &line, &audit).await {
            return Err(self.not_saved(error, new.follows.as_ref().map(|(policy, _)| policy)).await);
        }
        self.saved(&id);
        Ok(id)
    }

    pub(super) async fn change(
        &self,
        caller: &Caller,
        who: &SignedIn,
        id: &DefinitionId,
        version: i64,
        draft: &DefinitionDraft,
    ) -> Result<(), ConsoleError> {
        let record = self.standing_record(id).await?;
        if record.version != version {
            return Err(conflict(&record));
        }
        undisputed(&record)?;
        let Read { definition, connection, follows } = self.read_draft_of(draft, Some(&record)).await?;
        if definition.connection != record.definition.connection {
            let sentence = "A definition stays with its connection; make a new one there.";
            return Err(Invalid::one("connection", "fixed", sentence).into());
        }
        if definition.location != record.definition.location
            && let Some(unknown) = preview::unknown_location(definition.location.as_deref(), &connection.locations)
        {
            return Err(unknown.into());
        }
        let before = record.follows.as_ref().map(|followed| (&followed.policy, followed.version));
        let after = follows.as_ref().map(|follow| (&follow.policy, follow.version));
        if definition == record.definition && before == after {
            return Ok(());
        }
        let following = match after {
            _ if before == after => Following::Stays,
            Some((policy, version)) => Following::Of(policy, version),
            None => Following::Ends,
        };
        let said = match (before, &follows) {
            (Some(_), None) => "Changed and saved. It follows no policy any more.".to_owned(),
            (before, Some(follow)) if before.is_none_or(|(policy, _)| *policy != follow.policy) => {
                format!("Changed and saved. It follows the policy {} from now on.", follow.name)
            }
            _ => "Changed and saved.".to_owned(),
        };
        // An edit that also resumes asks nothing: it waits for the next moment of its schedule.
        let resume = (record.definition.paused && !definition.paused).then_some(Resume::WaitForNext);
        let edit = Edit { definition: &definition, following };
        self.save(caller, who, &record, edit, resume, line("saved", &said, who), "definition.change").await
    }

    pub(super) async fn set_paused(
        &self,
        caller: &Caller,
        who: &SignedIn,
        id: &DefinitionId,
        paused: bool,
        resume: Option<Resume>,
    ) -> Result<(), ConsoleError> {
        let record = self.standing_record(id).await?;
        if !record.definition.is_scheduled() {
            let sentence = "It has no schedule: there is nothing to pause.";
            return Err(ConsoleError::NotNow(sentence.into()));
        }
        if record.definition.paused == paused {
            return Ok(());
        }
        undisputed(&record)?;
        let can = self.provider(&record.definition.connection).await?.capabilities();
        if let (true, Some(why)) = (paused, can.pause.why_not()) {
            return Err(ConsoleError::NotNow(why.to_owned()));
        }
        let definition = Definition { paused, ..record.definition.clone() };
        let (line, action) = match (paused, resume) {
            (true, _) => (line("paused", "Paused.", who), "definition.pause"),
            (false, Some(Resume::MayRunAtOnce)) => {
                (line("resumed", "Resumed; a run that came due meanwhile may begin at once.", who), "definition.resume")
            }
            (false, _) if can.resume_quietly.is_yes() => {
                (line("resumed", "Resumed; the next run waits for its moment.", who), "definition.resume")
            }
            (false, _) => (line("resumed", "Resumed.", who), "definition.resume"),
        };
        self.save(caller, who, &record, Edit::from(&definition), resume, line, action).await
    }

    pub(super) async fn delete(&self, caller: &Caller, who: &SignedIn, id: &DefinitionId) -> Result<(), ConsoleError> {
        let record = self.record(id).await?;
        if record.removing {
            return Ok(());
        }
        let left = self.store().points_left(id).await?;
        let said = format!("To be deleted; {left} recovery points stay until they expire.");
        let detail = format!("definition {}, {left} recovery points stay", record.definition.name);
        let audit = audit(caller, who, "definition.delete", id.as_str(), detail);
        self.store().remove_definition(id, &line("deleted", &said, who), &audit).await?;
        self.saved(id);
        Ok(())
    }

    pub(super) async fn start_run(
        &self,
        caller: &Caller,
        who: &SignedIn,
        id: &DefinitionId,
    ) -> Result<RunId, ConsoleError> {
        let record = self.standing_record(id).await?;
        let now = self.now();
        if let Some(same) = self.just_asked(id, who, now).await? {
            return Ok(same);
        }
        let run = RunId(new_id(self.clock()));
        let name = format!("{}-{}", record.upstream_name, stamp(now));
        let new = NewRun {
            id: run.clone(),
            connection: record.definition.connection.clone(),
            definition: id.clone(),
            version: record.version,
            upstream_name: name.clone(),
            asked_by: who.name.clone(),
        };
        let line = line("run", &format!("Run {name} asked for."), who);
        let audit = audit(caller, who, "definition.run", id.as_str(), format!("run {name}"));
        match self.store().want_run(&new, &line, &audit).await {
            Ok(()) => {}
            // The same second: another press was faster by a moment.
            Err(error) if matches!(error.kind, StoreErrorKind::Taken { .. }) => {
                let runs = self.store().runs_of(id, 5).await?;
                return runs
                    .into_iter()
                    .find(|run| run.name == name)
                    .map(|run| run.id)
                    .ok_or_else(|| ConsoleError::NotNow("A run was asked for this very second; try again.".into()));
            }
            Err(error) => return Err(error.into()),
        }
        self.events().publish(format!("runs:{run}"));
        self.saved(id);
        Ok(run)
    }

    /// The run that the same person asked for a moment ago.
    async fn just_asked(&self, id: &DefinitionId, who: &SignedIn, now: Millis) -> Result<Option<RunId>, ConsoleError> {
        let runs = self.store().runs_of(id, 3).await?;
        Ok(runs
            .into_iter()
            .find(|run| {
                run.trigger == Trigger::Person(who.name.clone())
                    && now.0.abs_diff(run.created.unwrap_or(run.observed).0) <= DOUBLE_CLICK_MS.unsigned_abs()
            })
            .map(|run| run.id))
    }

    pub(super) async fn reapply(&self, caller: &Caller, who: &SignedIn, id: &DefinitionId) -> Result<(), ConsoleError> {
        let record = self.standing_record(id).await?;
        let fields: Vec<&str> = record.drift.iter().map(|drift| drift.field.as_str()).collect();
        let said = if record.seen_missing {
            "Applied again: it was gone upstream.".to_owned()
        } else if fields.is_empty() {
            "Applied again.".to_owned()
        } else {
            format!("Applied again, over what was changed upstream: {}.", fields.join(", "))
        };
        let audit = audit(caller, who, "definition.reapply", id.as_str(), said.clone());
        // What the person saw may be written over; what comes after it may not. By the revision a removal still knows its object.
        let revision = record.applied.as_ref().and_then(|applied| applied.revision.clone());
        let agreed = record.seen.as_ref().filter(|_| !record.drift.is_empty()).map(|seen| Applied {
            written: seen.seen.clone(),
            revision,
            ..Applied::default()
        });
        let line = line("reapplied", &said, who);
        self.store().reapply_definition(id, agreed.as_ref(), &line, &audit).await?;
        self.saved(id);
        Ok(())
    }

    pub(super) async fn adopt(&self, caller: &Caller, who: &SignedIn, id: &DefinitionId) -> Result<(), ConsoleError> {
        let record = self.standing_record(id).await?;
        let Some(seen) = record.seen.as_ref().filter(|_| !record.drift.is_empty()) else {
            return Err(ConsoleError::NotNow("Nothing was changed upstream: there is nothing to adopt.".into()));
        };
        let provider = self.provider(&record.definition.connection).await?;
        let theirs = provider.adopt(&record.owned(), seen)?;
        let definition = match record.applied.as_ref().filter(|_| record.is_held()) {
            Some(applied) => {
                let before = DeclaredSeen { seen: applied.written.clone(), ..seen.clone() };
                merged(&provider.adopt(&record.owned(), &before)?, &record.definition, theirs)
            }
            None => theirs,
        };
        let fields: Vec<&str> = record.drift.iter().map(|drift| drift.field.as_str()).collect();
        let mut said = format!("Took over what was changed upstream: {}.", fields.join(", "));
        let mut edit = Edit::from(&definition);
        // What is not of the policy may be adopted beside it.
        if record.follows.is_some() && !same_rhythm(&definition, &record.definition) {
            said.push_str(" It follows no policy any more.");
            edit.following = Following::Ends;
        }
        self.save(caller, who, &record, edit, None, line("adopted", &said, who), "definition.adopt").await
    }

    pub(super) async fn retry(&self, caller: &Caller, who: &SignedIn, id: &DefinitionId) -> Result<(), ConsoleError> {
        let record = self.record(id).await?;
        let audit = audit(caller, who, "definition.retry", id.as_str(), record.definition.name);
        self.store().retry_definition(id, &audit).await?;
        self.saved(id);
        Ok(())
    }

    /// One that can still be changed.
    async fn standing_record(&self, id: &DefinitionId) -> Result<DefinitionRecord, ConsoleError> {
        let record = self.record(id).await?;
        if record.removing {
            return Err(ConsoleError::NotNow("It is being deleted; nothing can be changed any more.".into()));
        }
        Ok(record)
    }

    async fn save(
        &self,
        caller: &Caller,
        who: &SignedIn,
        record: &DefinitionRecord,
        edit: Edit<'_>,
        resume: Option<Resume>,
        line: Line,
        action: &str,
    ) -> Result<(), ConsoleError> {
        let id = &record.id;
        let detail = format!("definition {}, version {}", edit.definition.name, record.version + 1);
        let audit = audit(caller, who, action, id.as_str(), detail);
        match self.store().change_definition(id, record.version, edit, resume, &line, &audit).await {
            Ok(_) => {}
            Err(error) if error.kind == StoreErrorKind::Stale => {
                return Err(conflict(&self.standing_record(id).await?));
            }
            Err(error) => {
                let policy = if let Following::Of(policy, _) = edit.following { Some(policy) } else { None };
                return Err(self.not_saved(error, policy).await);
            }
        }
        self.saved(id);
        Ok(())
    }

    /// What the store refused, by field. `policy`: what it was to follow, which may be gone by now.
    async fn not_saved(&self, error: StoreError, policy: Option<&PolicyId>) -> ConsoleError {
        match (error.kind, policy) {
            (StoreErrorKind::NotFound, Some(policy)) if self.stored_policy(policy).await.is_err() => {
                unknown_policy().into()
            }
            _ => name_taken(error),
        }
    }

    /// Tells pages and the reconciler. A decision over a drift also frees what waits for it: a policy's newer version.
    fn saved(&self, id: &DefinitionId) {
        self.events().publish(format!("definitions:{id}"));
        self.wake_rollout();
    }
}

/// What the cluster has where somebody changed it there; ours where an edit that is not applied yet did.
fn merged(base: &Definition, ours: &Definition, theirs: Definition) -> Definition {
    fn newer<T: PartialEq + Clone>(base: &T, ours: &T, theirs: T) -> T {
        if theirs == *base { ours.clone() } else { theirs }
    }
    Definition {
        name: ours.name.clone(),
        connection: ours.connection.clone(),
        scope: newer(&base.scope, &ours.scope, theirs.scope),
        location: newer(&base.location, &ours.location, theirs.location),
        volumes: newer(&base.volumes, &ours.volumes, theirs.volumes),
        retention: newer(&base.retention, &ours.retention, theirs.retention),
        schedule: newer(&base.schedule, &ours.schedule, theirs.schedule),
        further: newer(&base.further, &ours.further, theirs.further),
        policy: newer(&base.policy, &ours.policy, theirs.policy),
        paused: newer(&base.paused, &ours.paused, theirs.paused),
    }
}

fn line(kind: &'static str, sentence: &str, who: &SignedIn) -> Line {
    Line { kind, sentence: sentence.to_owned(), actor: Some(who.name.clone()) }
}

fn conflict(record: &DefinitionRecord) -> ConsoleError {
    ConsoleError::Edited(Box::new(EditConflict {
        theirs: draft_of(record),
        version: record.version,
        changed_by: record.updated_by.clone(),
        changed_at: record.updated_at,
    }))
}

fn name_taken(error: StoreError) -> ConsoleError {
    match error.kind {
        StoreErrorKind::Taken { .. } => {
            Invalid::one("name", "taken", "Another definition has this name; choose another.").into()
        }
        StoreErrorKind::NotFound => {
            Invalid::one("connection", "unknown", "This connection is no longer there; choose another.").into()
        }
        _ => error.into(),
    }
}

/// Saving would write over what somebody changed upstream; that is decided first, by name.
fn undisputed(record: &DefinitionRecord) -> Result<(), ConsoleError> {
    if record.drift.is_empty() {
        return Ok(());
    }
    let sentence = "Somebody changed it upstream. Open the definition and decide first: re-apply what is saved here, or adopt \
                    what is there. Nothing was saved.";
    Err(ConsoleError::NotNow(sentence.into()))
}
