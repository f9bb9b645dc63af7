//! The library of policies. Saving is one transaction with its audit row; the reconciler takes the definitions that follow along.

mod effects;
pub(crate) mod expand;
mod saving;
mod upstream;

pub(crate) use effects::System;

use super::Console;
use crate::{
    error::{ConsoleError, answer},
    store::{FollowerRow, PolicyListRow, PolicyRecord, StoreErrorKind},
};
use app::backend::{Caller, Policies, Reply};
use async_trait::async_trait;
use model::{
    ConnectionId, PolicyId,
    account::Role,
    definition::Standing,
    policy::PolicyDraft,
    view::{Follower, Outcome, PolicyImpact, PolicyList, PolicyOffer, PolicyRow, PolicyView, UpstreamPolicyRow},
};

/// Followers that a policy's page lists; those that could not take it over come first.
const FOLLOWERS: usize = 1_000;
/// Why a definition takes nothing over whose record nobody can read.
const UNREADABLE: &str = "Its record here can't be read; the server's log says why.";

#[async_trait]
impl Policies for Console {
    async fn policies(&self, caller: &Caller) -> Reply<PolicyList> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_policies().await)
    }

    async fn policy(&self, caller: &Caller, id: PolicyId) -> Reply<PolicyView> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.read_policy(&id).await)
    }

    async fn policy_offers(&self, caller: &Caller, connection: ConnectionId) -> Reply<Vec<PolicyOffer>> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.offer_policies(&connection).await)
    }

    async fn policy_impact(&self, caller: &Caller, id: Option<PolicyId>, draft: PolicyDraft) -> Reply<PolicyImpact> {
        let _ = caller.at_least(Role::Viewer)?;
        answer(caller, self.weigh_policy(id.as_ref(), &draft).await)
    }

    async fn create_policy(&self, caller: &Caller, draft: PolicyDraft) -> Reply<PolicyId> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.add_policy(caller, who, &draft).await)
    }

    async fn change_policy(&self, caller: &Caller, id: PolicyId, version: i64, draft: PolicyDraft) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.edit_policy(caller, who, &id, version, &draft).await)
    }

    async fn delete_policy(&self, caller: &Caller, id: PolicyId) -> Reply<()> {
        let who = caller.at_least(Role::Operator)?;
        answer(caller, self.drop_policy(caller, who, &id).await)
    }
}

impl Console {
    /// A stored policy.
    pub(super) async fn stored_policy(&self, id: &PolicyId) -> Result<PolicyRecord, ConsoleError> {
        self.store().policy(id).await.map_err(|error| match error.kind {
            StoreErrorKind::NotFound => ConsoleError::NoSuch("policy"),
            _ => error.into(),
        })
    }

    async fn read_policies(&self) -> Result<PolicyList, ConsoleError> {
        let rows = self.store().policies().await?.into_iter().map(row).collect();
        Ok(PolicyList { rows, upstream: self.upstream_policies().await? })
    }

    async fn read_policy(&self, id: &PolicyId) -> Result<PolicyView, ConsoleError> {
        let record = self.stored_policy(id).await?;
        let stored = self.store().policy_row(id).await?;
        let newest = record.version;
        let used_by =
            self.store().followers(id, FOLLOWERS).await?.into_iter().map(|row| follower(row, newest)).collect();
        Ok(PolicyView {
            draft: PolicyDraft::from(&record.policy),
            effects: self.effects(&record.policy).await?,
            changed_by: record.updated_by,
            changed_at: record.updated_at,
            row: row(stored),
            used_by,
        })
    }

    async fn offer_policies(&self, connection: &ConnectionId) -> Result<Vec<PolicyOffer>, ConsoleError> {
        let connection = self.stored_connection(connection).await?;
        let system = self.system(&connection).await;
        let mut rows = self.store().policies().await?;
        // A stable sort: those that were never used stay in the order of their names.
        rows.sort_by_key(|row| std::cmp::Reverse(row.record.used_at));
        let mut offers: Vec<PolicyOffer> = rows
            .into_iter()
            .map(|row| PolicyOffer {
                outcome: system.outcome(&row.record.policy),
                id: row.record.id,
                policy: row.record.policy,
                used_by: row.rollout.all,
            })
            .collect();
        offers.sort_by_key(|offer| matches!(offer.outcome, Outcome::Cannot(_)));
        Ok(offers)
    }

    /// Policies that upstreams keep themselves, as last read.
    async fn upstream_policies(&self) -> Result<Vec<UpstreamPolicyRow>, ConsoleError> {
        let read = self.store().inventories().await?.into_iter();
        let lists: Vec<upstream::Listed> =
            read.map(|stored| (stored.connection, stored.inventory.policies, stored.read_at)).collect();
        Ok(upstream::rows(&self.store().connections().await?, &lists))
    }
}

fn row(row: PolicyListRow) -> PolicyRow {
    let PolicyListRow { record, systems, rollout } = row;
    PolicyRow { id: record.id, policy: record.policy, version: record.version, used_by: rollout.all, systems, rollout }
}

fn follower(row: FollowerRow, newest: i64) -> Follower {
    let behind = row.followed.version < newest;
    let refused = if row.unreadable && behind { vec![UNREADABLE.to_owned()] } else { row.followed.refused };
    Follower {
        refused: why_behind(&row.standing, refused, row.followed.version, newest),
        definition: row.id,
        name: row.name,
        connection_name: row.connection_name,
        kind: row.kind,
        standing: row.standing,
        version: row.followed.version,
        points: row.points,
    }
}

/// Why a definition stays at a version of its policy: what was refused, or what a person has to decide first. Empty when it is at the
/// newest, or on its way there.
pub(super) fn why_behind(standing: &Standing, refused: Vec<String>, version: i64, newest: i64) -> Vec<String> {
    if version >= newest {
        return Vec::new();
    }
    let waits = |what: &str, first: &str| vec![format!("Version {newest} waits: {what}. {first}")];
    match standing {
        Standing::Removing { .. } => waits("it is being deleted", "Nothing is changed in it any more."),
        Standing::Drifted { .. } => waits("somebody changed it upstream", "Re-apply it or adopt the change first."),
        Standing::Invalid { drift, .. } if !drift.is_empty() => {
            waits("somebody changed it upstream", "Re-apply it or adopt the change first.")
        }
        Standing::Missing => waits("it was deleted upstream", "Re-apply it or delete it here first."),
        _ => refused,
    }
}
