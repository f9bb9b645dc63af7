//! The stub's policies.

use super::{Stub, missing};
use app::{
    backend::{Caller, Policies, Reply},
    error::{ApiError, ErrorKind},
};
use async_trait::async_trait;
use model::{
    ConnectionId, Invalid, PolicyId,
    account::Role,
    policy::PolicyDraft,
    view::{PolicyImpact, PolicyList, PolicyOffer, PolicyView},
};

fn invalid(path: &str, code: &str, sentence: &str) -> ApiError {
    let mut error = ApiError::new(ErrorKind::Invalid, "One field is wrong.");
    error.fields = Invalid::one(path, code, sentence).0;
    error
}

/// As the server does it: without a tier there is no policy, and a name is there once.
fn read(draft: &PolicyDraft) -> Reply<()> {
    if draft.tiers.is_empty() {
        return Err(invalid("tiers", "required", "Add a tier: when it runs, and how long that is kept."));
    }
    if draft.name == "taken" {
        return Err(invalid("name", "taken", "Another policy is called taken."));
    }
    Ok(())
}

#[async_trait]
impl Policies for Stub {
    async fn policies(&self, _: &Caller) -> Reply<PolicyList> {
        self.read(&self.policies)
    }
    async fn policy(&self, _: &Caller, id: PolicyId) -> Reply<PolicyView> {
        self.one(&self.policy.clone().filter(|view| view.row.id == id))
    }
    async fn policy_offers(&self, _: &Caller, _: ConnectionId) -> Reply<Vec<PolicyOffer>> {
        self.read(&self.policy_offers)
    }
    async fn policy_impact(&self, _: &Caller, _: Option<PolicyId>, draft: PolicyDraft) -> Reply<PolicyImpact> {
        match read(&draft) {
            Ok(()) => self.read(&self.policy_impact),
            Err(error) => Ok(PolicyImpact { errors: error.fields, ..PolicyImpact::default() }),
        }
    }
    async fn create_policy(&self, caller: &Caller, draft: PolicyDraft) -> Reply<PolicyId> {
        caller.at_least(Role::Operator)?;
        read(&draft).map(|()| "p1".into())
    }
    /// Version 9 and later can be changed; before that somebody else was faster.
    async fn change_policy(&self, caller: &Caller, _: PolicyId, version: i64, draft: PolicyDraft) -> Reply<()> {
        caller.at_least(Role::Operator)?;
        read(&draft)?;
        if version < 9 {
            return Err(ApiError::new(ErrorKind::Conflict, "ines changed it while you were editing."));
        }
        Ok(())
    }
    async fn delete_policy(&self, caller: &Caller, id: PolicyId) -> Reply<()> {
        caller.at_least(Role::Operator)?;
        let Some(view) = self.policy.as_ref().filter(|view| view.row.id == id) else {
            return missing();
        };
        if !view.used_by.is_empty() {
            return Err(ApiError::new(ErrorKind::Conflict, "Definitions follow it; nothing was deleted."));
        }
        Ok(())
    }
}
