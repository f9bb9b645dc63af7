//! Runs, recovery points and restores: lists from the store; logs and results from the upstream, when somebody asks for them.

mod reading;

pub(super) use reading::Kept;

use super::{
    Console, audit,
    frame::needs::{PICK_UP_MS, nobody_picked_it_up},
    in_time,
};
use crate::{
    error::{ConsoleError, answer},
    provider::{LogOf, LogStream},
    schedule,
    store::{NewRestore, RunRecord, StoreError, StoreErrorKind, new_id},
};
use app::{
    backend::{Activity, Caller, Reply, SignedIn},
    error::ApiError,
};
use async_trait::async_trait;
use model::{
    Invalid, Millis, Phase, PointId, RestoreId, RunId,
    account::Role,
    recovery::{PointState, RecoveryPoint},
    restore::{Restore, RestoreDraft, RestoreOffer},
    run::{LogPage, Results, Run},
    view::*,
};

/// Rows on a page of a list.
const LIST_ROWS: usize = 100;
/// A second press within this time is the same press.
const DOUBLE_CLICK_MS: i64 = 2_000;
/// A restore's upstream name ends in fifteen characters of its own; the shortest limit of an upstream is 63 (a DNS label).
const POINT_NAME_IN_RESTORE: usize = 47;

#[async_trait]
impl Activity for Console {
    async fn runs(&self, caller: &Caller, filter: RunFilter) -> Reply<Page<RunRow>> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.store().runs(&filter, LIST_ROWS).await.map_err(ConsoleError::from))
    }

    async fn run(&self, caller: &Caller, id: RunId) -> Reply<RunView> {
        let who = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_run(who, &id).await)
    }

    async fn run_log(&self, caller: &Caller, id: RunId, text: String, level: String) -> Reply<LogPage> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_log(LogOf::Run, id.as_str(), &text, &level).await)
    }

    async fn run_results(&self, caller: &Caller, id: RunId) -> Reply<Results> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_results(LogOf::Run, id.as_str()).await)
    }

    async fn points(&self, caller: &Caller, filter: PointFilter) -> Reply<Page<PointRow>> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.store().points(&filter, LIST_ROWS).await.map_err(ConsoleError::from))
    }

    async fn point(&self, caller: &Caller, id: PointId) -> Reply<PointView> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_point(&id).await)
    }

    async fn delete_point(&self, caller: &Caller, id: PointId, confirm: String) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.order_deletion(caller, who, &id, &confirm).await)
    }

    async fn restores(&self, caller: &Caller, page: String) -> Reply<Page<RestoreView>> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.store().restores(&page, LIST_ROWS).await.map_err(ConsoleError::from))
    }

    async fn restore(&self, caller: &Caller, id: RestoreId) -> Reply<RestoreView> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_restore(&id).await)
    }

    async fn restore_log(&self, caller: &Caller, id: RestoreId, text: String, level: String) -> Reply<LogPage> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_log(LogOf::Restore, id.as_str(), &text, &level).await)
    }

    async fn restore_results(&self, caller: &Caller, id: RestoreId) -> Reply<Results> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_results(LogOf::Restore, id.as_str()).await)
    }

    async fn start_restore(&self, caller: &Caller, point: PointId) -> Reply<RestoreStart> {
        let _ = caller.at_least(Role::Operator)?;
        answer(caller, self.begin_restore(&point).await)
    }

    async fn restore_offer(&self, caller: &Caller, point: PointId) -> Reply<RestoreOffer> {
        let _ = caller.at_least(Role::Operator)?;
        answer(caller, self.read_offer(&point).await)
    }

    async fn create_restore(&self, caller: &Caller, draft: RestoreDraft) -> Reply<RestoreId> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.order_restore(caller, who, &draft).await)
    }
}

impl Console {
    /// The whole log as text, for the download route: `id` is a run's or a restore's.
    pub async fn log_stream(&self, caller: &Caller, of: LogOf, id: &str) -> Result<LogStream, ApiError> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.open_log(of, id).await)
    }

    async fn read_run(&self, who: &SignedIn, id: &RunId) -> Result<RunView, ConsoleError> {
        let record = self.run_record(id).await?;
        let connection = self.stored_connection(&record.row.run.connection).await?;
        let point = self.store().point_of_run(id).await?;
        let can = self.capabilities(&connection).await;
        let cancel = can.cancel_run;
        let mut run = record.row.run.clone();
        if !record.wanted && !connection.health.is_silent() && unanswered(&run, self.now()) {
            run.detail.note = Some(nobody_picked_it_up(connection.kind));
        }
        Ok(RunView {
            waiting: waiting(&record, &who.zone),
            logs_why_not: can.logs.why_not().map(str::to_owned),
            cancel_why_not: Some(match cancel.why_not() {
                _ if run.phase.is_final() => "It has ended.".to_owned(),
                Some(why) => why.to_owned(),
                None => "Holdfast can't cancel runs yet.".to_owned(),
            }),
            run,
            definition_name: record.row.definition_name,
            connection_name: connection.name,
            health: connection.health,
            point,
        })
    }

    async fn run_record(&self, id: &RunId) -> Result<RunRecord, ConsoleError> {
        self.store().run(id).await.map_err(|error| absent(error, "run"))
    }

    async fn read_point(&self, id: &PointId) -> Result<PointView, ConsoleError> {
        let row = self.store().point(id).await.map_err(|error| absent(error, "recovery point"))?;
        let connection = self.stored_connection(&row.point.connection).await?;
        let can = self.capabilities(&connection).await;
        Ok(PointView {
            delete_why_not: row.point.detail.kept_because.clone().or(can.delete_point.why_not().map(str::to_owned)),
            point: row.point,
            definition_name: row.definition_name,
            connection_name: connection.name,
            health: connection.health,
        })
    }

    async fn order_deletion(
        &self,
        caller: &Caller,
        who: &SignedIn,
        id: &PointId,
        confirm: &str,
    ) -> Result<(), ConsoleError> {
        let point = self.store().point(id).await.map_err(|error| absent(error, "recovery point"))?.point;
        let title = point.title();
        let connection = self.stored_connection(&point.connection).await?;
        let kept = point.detail.kept_because.clone();
        if let Some(why) = kept.or(self.capabilities(&connection).await.delete_point.why_not().map(str::to_owned)) {
            return Err(ConsoleError::NotNow(why));
        }
        if confirm.trim() != title {
            let sentence = format!("Type {title}: the recovery point and its data are deleted for ever.");
            return Err(Invalid::one("confirm", "confirm", sentence).into());
        }
        let audit = audit(caller, who, "point.delete", id.as_str(), format!("recovery point {title}"));
        self.store().want_deletion(id, &who.name, &audit).await?;
        self.events().publish(format!("points:{id}"));
        self.wake_reconciler();
        Ok(())
    }

    async fn read_restore(&self, id: &RestoreId) -> Result<RestoreView, ConsoleError> {
        let view = self.store().restore(id).await.map_err(|error| absent(error, "restore"))?;
        let connection = self.stored_connection(&view.restore.connection).await?;
        let logs = self.capabilities(&connection).await.logs;
        Ok(RestoreView { logs_why_not: logs.why_not().map(str::to_owned), ..view })
    }

    async fn begin_restore(&self, id: &PointId) -> Result<RestoreStart, ConsoleError> {
        let point = self.store().point(id).await.map_err(|error| absent(error, "recovery point"))?.point;
        let connection = self.stored_connection(&point.connection).await?;
        let newest = match &point.definition {
            Some(definition) => self.store().newest_whole_point(definition).await?,
            None => None,
        };
        Ok(RestoreStart {
            better: newest.filter(|newest| is_better(newest, &point)),
            capabilities: self.capabilities(&connection).await,
            connection_name: connection.name,
            health: connection.health,
            point,
        })
    }

    /// What the restore form may offer, live.
    async fn read_offer(&self, id: &PointId) -> Result<RestoreOffer, ConsoleError> {
        let point = self.store().point(id).await.map_err(|error| absent(error, "recovery point"))?.point;
        let provider = self.provider(&point.connection).await?;
        Ok(in_time("list what a restore can use", provider.restore_offer(&point)).await?)
    }

    async fn order_restore(
        &self,
        caller: &Caller,
        who: &SignedIn,
        draft: &RestoreDraft,
    ) -> Result<RestoreId, ConsoleError> {
        let id = PointId(draft.point.clone());
        let point = self.store().point(&id).await.map_err(|error| absent(error, "recovery point"))?.point;
        if point.state == PointState::Deleting || point.deletion.as_ref().is_some_and(|d| d.error.is_none()) {
            return Err(ConsoleError::NotNow("It is being deleted; choose another recovery point.".into()));
        }
        let connection = self.stored_connection(&point.connection).await?;
        let order = draft.parse(&point, &self.capabilities(&connection).await.restore)?;
        let now = self.now();
        let recent = self.store().restores("", 5).await?.rows;
        // Until the upstream has made it, the moment of the order is when it was last written here.
        let just_now = |restore: &Restore| {
            now.0.abs_diff(restore.created.unwrap_or(restore.observed).0) <= DOUBLE_CLICK_MS.unsigned_abs()
        };
        if let Some(same) = recent.into_iter().map(|row| row.restore).find(|restore| {
            restore.asked_by.as_deref() == Some(&who.name)
                && restore.point.as_ref() == Some(&id)
                && restore.mapping == order.mapping
                && just_now(restore)
        }) {
            return Ok(same.id);
        }
        let restore = RestoreId(new_id(self.clock()));
        let stem = stem(point.title());
        let new = NewRestore {
            id: restore.clone(),
            connection: point.connection.clone(),
            upstream_name: format!("{stem}-{}", super::stamp(now)),
            asked_by: who.name.clone(),
            order,
        };
        let into: Vec<String> = new.order.mapping.iter().map(|(from, to)| format!("{from} into {to}")).collect();
        let detail = format!("restore {} of {} {}", new.upstream_name, point.name, into.join(", "));
        let audit = audit(caller, who, "restore.create", restore.as_str(), detail.trim_end());
        self.store().want_restore(&new, &audit).await.map_err(|error| match error.kind {
            StoreErrorKind::Taken { .. } => ConsoleError::NotNow(
                "The same point is being restored since this very second; look at the restores.".into(),
            ),
            _ => error.into(),
        })?;
        self.events().publish(format!("restores:{restore}"));
        self.wake_reconciler();
        Ok(restore)
    }
}

/// The beginning of a name that every upstream takes: `a-z`, `0-9` and `-`, of a bearable length.
fn stem(title: &str) -> String {
    let mut out = String::new();
    for c in title.chars().map(|c| c.to_ascii_lowercase()) {
        match c {
            'a'..='z' | '0'..='9' => out.push(c),
            _ if out.is_empty() || out.ends_with('-') => {}
            _ => out.push('-'),
        }
    }
    out.truncate(POINT_NAME_IN_RESTORE);
    let out = out.trim_end_matches('-');
    if out.is_empty() { "restore".to_owned() } else { out.to_owned() }
}

fn absent(error: StoreError, what: &'static str) -> ConsoleError {
    match error.kind {
        StoreErrorKind::NotFound => ConsoleError::NoSuch(what),
        _ => error.into(),
    }
}

/// A whole point that is newer, or whole where the chosen one isn't.
fn is_better(newest: &RecoveryPoint, chosen: &RecoveryPoint) -> bool {
    newest.id != chosen.id && (chosen.state != PointState::Whole || newest.taken > chosen.taken)
}

/// It was made, and its upstream has not said a word of it for too long.
fn unanswered(run: &Run, now: Millis) -> bool {
    run.phase == Phase::Queued
        && run.raw_phase.is_empty()
        && !run.gone
        && run.created.is_some_and(|at| now.since(at) > PICK_UP_MS)
}

/// Why a run that was asked for is not upstream yet.
fn waiting(record: &RunRecord, zone: &str) -> Option<String> {
    if !record.wanted {
        return None;
    }
    if let Some(version) = record.waits_for {
        return Some(format!("It begins when version {version} of its definition is in force."));
    }
    let Some(error) = &record.last_error else {
        return Some("It is on its way to the cluster.".into());
    };
    let zone = schedule::zone(zone).unwrap_or(jiff::tz::TimeZone::UTC);
    let tries = if record.attempts == 1 { "once".to_owned() } else { format!("{} times", record.attempts) };
    let next = schedule::local_text(record.next_attempt_at.max(Millis(0)), &zone);
    Some(format!("{error} Tried {tries}; next try {next}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(id: &str, state: PointState, taken: i64) -> RecoveryPoint {
        RecoveryPoint {
            id: id.into(),
            connection: "c".into(),
            definition: None,
            run: None,
            name: id.into(),
            state,
            taken: Some(Millis(taken)),
            expires: None,
            location: None,
            namespaces: Vec::new(),
            items: None,
            detail: Default::default(),
            observed: Millis(0),
            deletion: None,
        }
    }

    #[test]
    fn better_is_newer_or_whole() {
        let whole = |id: &str, taken| point(id, PointState::Whole, taken);
        assert!(is_better(&whole("b", 2), &whole("a", 1)));
        assert!(!is_better(&whole("a", 1), &whole("b", 2)), "older");
        assert!(!is_better(&whole("a", 1), &whole("a", 1)), "itself");
        assert!(is_better(&whole("a", 1), &point("b", PointState::Partial, 2)), "whole counts more than new");
    }
}
