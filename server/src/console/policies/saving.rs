//! Changing the library, and what a change would do.

use super::{UNREADABLE, expand::expand};
use crate::{
    console::{Console, audit},
    error::ConsoleError,
    schedule,
    store::{ConnectionRow, StoreError, StoreErrorKind, new_id},
};
use app::backend::{Caller, SignedIn};
use model::{
    ConnectionId, Invalid, PolicyId,
    policy::{self, Policy, PolicyDraft},
    view::PolicyImpact,
};
use std::collections::{HashMap, hash_map::Entry};

/// Followers that the refusal to delete names.
const NAMED: usize = 5;

impl Console {
    pub(super) async fn add_policy(
        &self,
        caller: &Caller,
        who: &SignedIn,
        draft: &PolicyDraft,
    ) -> Result<PolicyId, ConsoleError> {
        let policy = read(draft)?;
        let id = PolicyId(new_id(self.clock()));
        let audit = audit(caller, who, "policy.create", id.as_str(), format!("policy {}", policy.name));
        self.store().create_policy(&id, &policy, &audit).await.map_err(name_taken)?;
        self.policy_changed(&id);
        Ok(id)
    }

    pub(super) async fn edit_policy(
        &self,
        caller: &Caller,
        who: &SignedIn,
        id: &PolicyId,
        version: i64,
        draft: &PolicyDraft,
    ) -> Result<(), ConsoleError> {
        let record = self.stored_policy(id).await?;
        if record.version != version {
            return Err(self.edited_meanwhile(id).await);
        }
        let policy = read(draft)?;
        if policy == record.policy {
            return Ok(());
        }
        let detail = format!("policy {}, version {}", policy.name, version + 1);
        let audit = audit(caller, who, "policy.change", id.as_str(), detail);
        match self.store().change_policy(id, version, &policy, &audit).await {
            Ok(_) => {}
            Err(error) if error.kind == StoreErrorKind::Stale => return Err(self.edited_meanwhile(id).await),
            Err(error) if error.kind == StoreErrorKind::NotFound => return Err(ConsoleError::NoSuch("policy")),
            Err(error) => return Err(name_taken(error)),
        }
        self.policy_changed(id);
        self.wake_rollout();
        Ok(())
    }

    pub(super) async fn drop_policy(&self, caller: &Caller, who: &SignedIn, id: &PolicyId) -> Result<(), ConsoleError> {
        let record = self.stored_policy(id).await?;
        let audit = audit(caller, who, "policy.delete", id.as_str(), format!("policy {}", record.policy.name));
        match self.store().delete_policy(id, &audit).await {
            Ok(()) => {}
            Err(error) if error.kind == StoreErrorKind::Stale => return Err(self.still_used(id).await?),
            Err(error) if error.kind == StoreErrorKind::NotFound => return Err(ConsoleError::NoSuch("policy")),
            Err(error) => return Err(error.into()),
        }
        self.policy_changed(id);
        Ok(())
    }

    /// What saving would do, by what is known of the systems; nothing is asked of them.
    pub(super) async fn weigh_policy(
        &self,
        id: Option<&PolicyId>,
        draft: &PolicyDraft,
    ) -> Result<PolicyImpact, ConsoleError> {
        if let Some(id) = id {
            self.stored_policy(id).await?;
        }
        let policy = match read(draft) {
            Ok(policy) => policy,
            Err(invalid) => return Ok(PolicyImpact { errors: invalid.0, ..PolicyImpact::default() }),
        };
        let mut impact = PolicyImpact { effects: self.effects(&policy).await?, ..PolicyImpact::default() };
        let others = self.store().policies().await?;
        if others.iter().any(|row| row.record.policy.name == policy.name && Some(&row.record.id) != id) {
            impact.errors = taken().0;
        }
        let Some(id) = id else { return Ok(impact) };
        let connections: HashMap<ConnectionId, ConnectionRow> =
            self.store().connections().await?.into_iter().map(|row| (row.id.clone(), row)).collect();
        let mut systems = HashMap::new();
        let (records, unreadable) = self.store().following(id).await?;
        impact.refuses.extend(unreadable.into_iter().map(|one| (one.id, one.name, vec![UNREADABLE.to_owned()])));
        // What is being removed takes nothing over any more.
        for record in records.into_iter().filter(|record| !record.removing) {
            let connection = &record.definition.connection;
            let Some(row) = connections.get(connection) else { continue };
            let system = match systems.entry(connection.clone()) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(unknown) => unknown.insert(self.system(row).await),
            };
            match expand(&policy, &record.definition, &system.can, system.provider()) {
                Ok(_) if record.seen_missing || !record.drift.is_empty() => impact.waits += 1,
                Ok(_) => impact.takes += 1,
                Err(unfit) => impact.refuses.push((record.id, record.definition.name, unfit.sentences())),
            }
        }
        Ok(impact)
    }

    /// Somebody else was faster.
    async fn edited_meanwhile(&self, id: &PolicyId) -> ConsoleError {
        match self.stored_policy(id).await {
            Ok(theirs) => ConsoleError::NotNow(format!(
                "{} saved version {} of it while you were editing. Nothing of yours was saved: open the policy again to see that \
                 version, then save yours over it or leave it.",
                theirs.updated_by, theirs.version
            )),
            Err(error) => error,
        }
    }

    async fn still_used(&self, id: &PolicyId) -> Result<ConsoleError, ConsoleError> {
        let row = self.store().policy_row(id).await?;
        let names: Vec<String> = self.store().followers(id, NAMED).await?.into_iter().map(|row| row.name).collect();
        let more = usize::try_from(row.rollout.all).unwrap_or(usize::MAX).saturating_sub(names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        Ok(ConsoleError::NotNow(format!(
            "Definitions follow {}: {}{more}. Give them another policy or a rhythm of their own first; nothing was deleted.",
            row.record.policy.name,
            names.join(", ")
        )))
    }

    /// Tells pages.
    fn policy_changed(&self, id: &PolicyId) {
        self.events().publish(format!("policies:{id}"));
    }
}

/// The policy that a draft means, also by what only the server knows: the zones, and whether a day ever comes.
fn read(draft: &PolicyDraft) -> Result<Policy, Invalid> {
    let zone = draft.zone.trim();
    let unknown_zone = if zone.is_empty() { None } else { schedule::zone(zone).err() };
    match policy::parse(draft) {
        Ok(policy) => {
            let mut invalid = Invalid(unknown_zone.into_iter().collect());
            for (i, tier) in policy.tiers.iter().enumerate() {
                if let Ok(rule) = schedule::Rule::of(&tier.schedule)
                    && rule.next_after(model::Millis(0)).is_none()
                {
                    let sentence = "No such day comes within five years; check the day and the month.";
                    invalid.push(format!("tiers.{i}.cron"), "never", sentence);
                }
            }
            invalid.check(policy)
        }
        Err(mut invalid) => {
            if invalid.about("zone").is_none() {
                invalid.0.extend(unknown_zone);
            }
            Err(invalid)
        }
    }
}

fn taken() -> Invalid {
    Invalid::one("name", "taken", "Another policy has this name; choose another.")
}

fn name_taken(error: StoreError) -> ConsoleError {
    match error.kind {
        StoreErrorKind::Taken { .. } => taken().into(),
        _ => error.into(),
    }
}
