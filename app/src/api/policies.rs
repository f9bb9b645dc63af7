//! Server functions about policies.

use model::{
    ConnectionId, PolicyId,
    policy::PolicyDraft,
    view::{PolicyImpact, PolicyList, PolicyOffer, PolicyView},
};

calls! {
    PoliciesCall "policies/list" fn policies() -> PolicyList;
    PolicyCall "policies/read" fn policy(id: PolicyId) -> PolicyView;
    /// The library as a connection sees it.
    PolicyOffersCall "policies/offers" fn policy_offers(connection: ConnectionId) -> Vec<PolicyOffer>;
    /// What saving would do.
    PolicyImpactCall "policies/impact" fn policy_impact(id: Option<PolicyId>, draft: PolicyDraft) -> PolicyImpact;
    CreatePolicyCall "policies/create" fn create_policy(draft: PolicyDraft) -> PolicyId;
    ChangePolicyCall "policies/change" fn change_policy(id: PolicyId, version: i64, draft: PolicyDraft) -> ();
    /// Refused while a definition follows it.
    DeletePolicyCall "policies/delete" fn delete_policy(id: PolicyId) -> ();
}
