//! Connections: added and changed only after a test that this server made itself, removed only when nothing hangs on them.

use super::{Console, audit, in_time};
use crate::{
    error::{ConsoleError, answer, said},
    provider::{Endpoint, Provider},
    store::{ConnectionChange, HealthRecord, NewConnection, StoreErrorKind, new_id},
};
use app::backend::{Caller, Connections, Reply, SignedIn};
use async_trait::async_trait;
use model::{
    ConnectionId, Invalid,
    account::Role,
    connection::{CheckOutcome, CheckReport, CheckStep, Connection, ConnectionDraft, Health, Inventory, SystemForm},
    view::ConnectionDetail,
};
use std::{sync::Arc, time::Duration};

/// The longest name of a connection, in characters.
const NAME_MAX: usize = 63;
/// A test has several calls; each has its own, shorter time-out.
const TEST_PATIENCE: Duration = Duration::from_secs(45);

#[async_trait]
impl Connections for Console {
    async fn connections(&self, caller: &Caller) -> Reply<Vec<Connection>> {
        let _ = caller.at_least(Role::Viewer)?;
        let rows = self.store().connections().await.map_err(ConsoleError::from);
        answer(caller, rows.map(|rows| rows.iter().map(|row| row.view()).collect()))
    }

    async fn connection(&self, caller: &Caller, id: ConnectionId) -> Reply<ConnectionDetail> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_connection(&id).await)
    }

    async fn test_connection(
        &self,
        caller: &Caller,
        id: Option<ConnectionId>,
        draft: ConnectionDraft,
    ) -> Reply<CheckReport> {
        let _ = caller.at_least(Role::Administrator)?;
        answer(caller, self.test(id.as_ref(), &draft).await)
    }

    async fn add_connection(&self, caller: &Caller, draft: ConnectionDraft) -> Reply<ConnectionId> {
        let who = caller.at_least(Role::Administrator)?;
        answer(caller, self.add(caller, who, &draft).await)
    }

    async fn change_connection(
        &self,
        caller: &Caller,
        id: ConnectionId,
        version: i64,
        draft: ConnectionDraft,
    ) -> Reply<()> {
        let who = caller.at_least(Role::Administrator)?;
        answer(caller, self.edit_connection(caller, who, &id, version, &draft).await)
    }

    async fn remove_connection(&self, caller: &Caller, id: ConnectionId) -> Reply<()> {
        let who = caller.at_least(Role::Administrator)?;
        answer(caller, self.drop_connection(caller, who, &id).await)
    }

    async fn retry_connection(&self, caller: &Caller, id: ConnectionId) -> Reply<()> {
        let _ = caller.at_least(Role::Operator)?;
        answer(caller, self.ask_now(&id).await)
    }

    async fn systems(&self, caller: &Caller) -> Reply<Vec<SystemForm>> {
        let _ = caller.at_least(Role::Administrator)?;
        Ok(self.registry().forms())
    }

    async fn inventory(&self, caller: &Caller, id: ConnectionId) -> Reply<Inventory> {
        let _ = caller.at_least(Role::Operator)?;
        answer(caller, self.read_inventory(&id).await)
    }
}

impl Console {
    async fn read_connection(&self, id: &ConnectionId) -> Result<ConnectionDetail, ConsoleError> {
        let row = self.stored_connection(id).await?;
        Ok(ConnectionDetail {
            connection: row.view(),
            capabilities: self.capabilities(&row).await,
            definitions: self.store().definition_names(id).await?,
            locations: row.locations,
        })
    }

    /// "Try now": the observer asks again, and what waits after failures is tried again.
    async fn ask_now(&self, id: &ConnectionId) -> Result<(), ConsoleError> {
        self.stored_connection(id).await?;
        self.store().nudge_connection(id).await?;
        self.store().wake_work(id).await?;
        self.wake_observer();
        self.wake_reconciler();
        Ok(())
    }

    async fn read_inventory(&self, id: &ConnectionId) -> Result<Inventory, ConsoleError> {
        let provider = self.provider(id).await?;
        Ok(in_time("list what can be chosen", provider.inventory()).await?)
    }

    async fn test(&self, id: Option<&ConnectionId>, draft: &ConnectionDraft) -> Result<CheckReport, ConsoleError> {
        let stored = match id {
            Some(id) => Some(self.endpoint(&self.stored_connection(id).await?)?),
            None => None,
        };
        let endpoint = self.read_draft(draft, stored.as_ref())?;
        Ok(self.check(&*self.candidate(&endpoint)?).await)
    }

    /// What the form means, or everything that is wrong with it. The name is looked at by whoever saves.
    fn read_draft(&self, draft: &ConnectionDraft, stored: Option<&Endpoint>) -> Result<Endpoint, ConsoleError> {
        let endpoint = self.registry().endpoint(draft, stored)?;
        let Some(stored) = stored else {
            return Ok(endpoint);
        };
        if endpoint.kind != stored.kind {
            return Err(Invalid::one("system", "fixed", "A connection stays with its system; add another one.").into());
        }
        // Otherwise whoever edits the address could have the stored credential sent to a host of their own.
        let kept = draft.credential.trim().is_empty() && draft.kubeconfig.trim().is_empty();
        if kept && origin(&endpoint.settings.address) != origin(&stored.settings.address) {
            let sentence =
                "The host is another: enter the credential again, the stored one is sent to its own host only.";
            return Err(Invalid::one("credential", "required", sentence).into());
        }
        Ok(endpoint)
    }

    /// A provider that belongs to no stored connection yet. What can't even be made is a wrong form.
    fn candidate(&self, endpoint: &Endpoint) -> Result<Arc<dyn Provider>, ConsoleError> {
        self.registry().provider(endpoint).map_err(|error| {
            if error.fields.0.is_empty() {
                Invalid::one("address", "refused", said(&error)).into()
            } else {
                ConsoleError::Invalid(error.fields)
            }
        })
    }

    async fn check(&self, provider: &dyn Provider) -> CheckReport {
        tokio::time::timeout(TEST_PATIENCE, provider.check()).await.unwrap_or_else(|_| CheckReport {
            steps: vec![CheckStep {
                title: "It answers in time".into(),
                outcome: CheckOutcome::Bad,
                detail: format!("The test did not end within {} s.", TEST_PATIENCE.as_secs()),
                remedy: "Check the address and what lies between this server and it.".into(),
            }],
            field: Some("address".into()),
            at: Some(self.now()),
            ..CheckReport::default()
        })
    }

    /// The report of a test that passed, or the field error that its first bad step means.
    async fn passed(&self, endpoint: &Endpoint) -> Result<CheckReport, ConsoleError> {
        let report = self.check(&*self.candidate(endpoint)?).await;
        if report.passed() {
            return Ok(report);
        }
        let bad = report.steps.iter().find(|step| step.outcome == CheckOutcome::Bad);
        let sentence = bad.map_or_else(
            || "The test did not get through; try again.".to_owned(),
            |step| format!("{}: no. {} {}", step.title, step.detail, step.remedy).trim_end().to_owned(),
        );
        Err(Invalid::one(report.field.as_deref().unwrap_or("address"), "test", sentence).into())
    }

    async fn add(
        &self,
        caller: &Caller,
        who: &SignedIn,
        draft: &ConnectionDraft,
    ) -> Result<ConnectionId, ConsoleError> {
        let endpoint = with_name(draft, self.read_draft(draft, None))?;
        let report = self.passed(&endpoint).await?;
        let id = ConnectionId(new_id(self.clock()));
        let new = NewConnection {
            name: draft.name.trim().to_owned(),
            kind: endpoint.kind,
            secret: self.seal(&endpoint, &id)?,
            settings: endpoint.settings.clone(),
            health: HealthRecord {
                health: Health::Answers,
                upstream_version: report.version,
                platform: report.platform,
                latency_ms: None,
                last_seen: Some(self.now()),
            },
            locations: report.locations,
            id: id.clone(),
        };
        let detail = format!("{} connection {} to {}", new.kind.word(), new.name, new.settings.address);
        let audit = audit(caller, who, "connection.create", id.as_str(), detail);
        self.store().create_connection(&new, &audit).await.map_err(name_taken)?;
        self.events().publish(format!("connections:{id}"));
        self.wake_observer();
        Ok(id)
    }

    async fn edit_connection(
        &self,
        caller: &Caller,
        who: &SignedIn,
        id: &ConnectionId,
        version: i64,
        draft: &ConnectionDraft,
    ) -> Result<(), ConsoleError> {
        let row = self.stored_connection(id).await?;
        if row.version != version {
            return Err(changed_meanwhile());
        }
        let stored = self.endpoint(&row)?;
        let endpoint = with_name(draft, self.read_draft(draft, Some(&stored)))?;
        self.passed(&endpoint).await?;
        let change = ConnectionChange {
            name: draft.name.trim().to_owned(),
            settings: endpoint.settings.clone(),
            secret: if endpoint.secret == stored.secret { None } else { Some(self.seal(&endpoint, id)?) },
        };
        let credential = if change.secret.is_some() { ", with a new credential" } else { "" };
        let detail = format!("connection {} to {}{credential}", change.name, change.settings.address);
        let audit = audit(caller, who, "connection.change", id.as_str(), detail);
        self.store().change_connection(id, version, &change, &audit).await.map_err(|error| match error.kind {
            StoreErrorKind::Stale => changed_meanwhile(),
            _ => name_taken(error),
        })?;
        self.forget_provider(id);
        self.events().publish(format!("connections:{id}"));
        self.wake_observer();
        Ok(())
    }

    async fn drop_connection(&self, caller: &Caller, who: &SignedIn, id: &ConnectionId) -> Result<(), ConsoleError> {
        let row = self.stored_connection(id).await?;
        let audit = audit(caller, who, "connection.remove", id.as_str(), format!("connection {}", row.name));
        if let Err(error) = self.store().remove_connection(id, &audit).await {
            if error.kind != StoreErrorKind::Stale {
                return Err(error.into());
            }
            let names: Vec<String> =
                self.store().definition_names(id).await?.into_iter().map(|(_, name)| name).collect();
            return Err(ConsoleError::NotNow(in_use(&row.name, &names)));
        }
        self.forget_provider(id);
        self.events().publish(format!("connections:{id}"));
        self.wake_observer();
        Ok(())
    }

    fn seal(&self, endpoint: &Endpoint, id: &ConnectionId) -> Result<String, ConsoleError> {
        let plain = zeroize::Zeroizing::new(
            serde_json::to_vec(&endpoint.secret).map_err(|error| ConsoleError::bug("write the credential", error))?,
        );
        Ok(self.sealer().seal(&plain, id.as_str())?)
    }
}

/// Scheme, host and port; an address that can't be read is like no other.
fn origin(address: &str) -> Option<url::Origin> {
    url::Url::parse(address).ok().map(|url| url.origin())
}

/// Adds what is wrong with the name to what is wrong with the rest.
fn with_name(draft: &ConnectionDraft, read: Result<Endpoint, ConsoleError>) -> Result<Endpoint, ConsoleError> {
    let mut invalid = Invalid::default();
    let count = draft.name.trim().chars().count();
    if count == 0 {
        invalid.push("name", "required", "Give the connection a name, such as its cluster's.");
    } else if count > NAME_MAX {
        invalid.push("name", "too-long", format!("At most {NAME_MAX} characters; this has {count}."));
    }
    match read {
        Ok(endpoint) => Ok(invalid.check(endpoint)?),
        Err(ConsoleError::Invalid(rest)) => {
            invalid.0.extend(rest.0);
            Err(invalid.into())
        }
        Err(other) => Err(other),
    }
}

fn name_taken(error: crate::store::StoreError) -> ConsoleError {
    match error.kind {
        StoreErrorKind::Taken { .. } => {
            Invalid::one("name", "taken", "Another connection has this name; choose another.").into()
        }
        _ => error.into(),
    }
}

fn changed_meanwhile() -> ConsoleError {
    ConsoleError::NotNow(
        "Somebody else changed this connection in between. Reload to see it; nothing of yours was saved.".into(),
    )
}

fn in_use(connection: &str, names: &[String]) -> String {
    let listed = match names {
        [] => "definitions".to_owned(),
        [one] => one.clone(),
        [many @ .., last] if many.len() < 5 => format!("{} and {last}", many.join(", ")),
        many => format!("{} and {} others", many[..4].join(", "), many.len() - 4),
    };
    format!("{connection} can't be removed while definitions use it: {listed}. Delete them first.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_refusal_names_the_definitions() {
        let names = |n: usize| (1..=n).map(|i| format!("d{i}")).collect::<Vec<_>>();
        assert!(in_use("zrh", &names(1)).contains("use it: d1."));
        assert!(in_use("zrh", &names(3)).contains("d1, d2 and d3."));
        assert!(in_use("zrh", &names(9)).contains("d1, d2, d3, d4 and 5 others."));
    }

    #[test]
    fn a_name_is_needed_whatever_else_is_wrong() {
        let wrong = Err(Invalid::one("address", "required", "x").into());
        let Err(ConsoleError::Invalid(all)) = with_name(&ConnectionDraft::default(), wrong) else {
            panic!("must be invalid")
        };
        assert_eq!(all.0.iter().map(|e| e.path.as_str()).collect::<Vec<_>>(), ["name", "address"]);
    }
}
