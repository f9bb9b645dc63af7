//! The port's part for policies.

use super::{Caller, Reply};
use async_trait::async_trait;
use model::{
    ConnectionId, PolicyId,
    policy::PolicyDraft,
    view::{PolicyImpact, PolicyList, PolicyOffer, PolicyView},
};

/// How often and how long, under names, for many definitions.
#[async_trait]
pub trait Policies: Send + Sync {
    async fn policies(&self, caller: &Caller) -> Reply<PolicyList>;
    async fn policy(&self, caller: &Caller, id: PolicyId) -> Reply<PolicyView>;
    /// The library as a connection sees it, for the wizard's picker: fitting ones first, recently used first.
    async fn policy_offers(&self, caller: &Caller, connection: ConnectionId) -> Reply<Vec<PolicyOffer>>;
    /// What saving would do; `id`: the policy that is edited.
    async fn policy_impact(&self, caller: &Caller, id: Option<PolicyId>, draft: PolicyDraft) -> Reply<PolicyImpact>;
    async fn create_policy(&self, caller: &Caller, draft: PolicyDraft) -> Reply<PolicyId>;
    async fn change_policy(&self, caller: &Caller, id: PolicyId, version: i64, draft: PolicyDraft) -> Reply<()>;
    /// Refused while a definition follows it.
    async fn delete_policy(&self, caller: &Caller, id: PolicyId) -> Reply<()>;
}
