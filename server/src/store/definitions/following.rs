//! Which policy of the library a definition follows.

use super::super::{Store, StoreError, StoreErrorKind, Tx, row::Get};
use model::{DefinitionId, PolicyId, definition::Definition};
use sqlx::any::AnyRow;

/// That a definition follows a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub policy: PolicyId,
    /// The policy's version that the definition holds.
    pub version: i64,
    /// Its newest version that was looked at.
    pub tried: i64,
    /// Why that one was refused; empty when it was taken over.
    pub refused: Vec<String>,
}

impl Followed {
    /// `None` for a rhythm of its own.
    pub(crate) fn read(row: &AnyRow) -> Result<Option<Self>, StoreError> {
        let Some(policy) = row.text_or_none("policy_id")? else {
            return Ok(None);
        };
        Ok(Some(Self {
            policy: policy.into(),
            version: row.int("policy_version")?,
            tried: row.int("policy_tried")?,
            refused: row.json("policy_refused")?,
        }))
    }
}

/// What an edit of a definition does to its following.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Following<'a> {
    /// It stays as it is.
    #[default]
    Stays,
    /// It has a rhythm of its own from now on.
    Ends,
    /// It holds this version of this policy.
    Of(&'a PolicyId, i64),
}

/// A definition to save in place of the former.
#[derive(Clone, Copy, Debug)]
pub struct Edit<'a> {
    pub definition: &'a Definition,
    pub following: Following<'a>,
}

impl<'a> From<&'a Definition> for Edit<'a> {
    /// It follows what it followed.
    fn from(definition: &'a Definition) -> Self {
        Self { definition, following: Following::Stays }
    }
}

impl Store {
    /// Part of a transaction.
    pub(super) async fn write_following(
        &self,
        tx: &mut Tx,
        id: &DefinitionId,
        following: Following<'_>,
    ) -> Result<(), StoreError> {
        let (policy, version) = match following {
            Following::Stays => return Ok(()),
            Following::Ends => (None, 0),
            Following::Of(policy, version) => (Some(policy), version),
        };
        sqlx::query(
            "UPDATE definitions SET policy_id = $2, policy_version = $3, policy_tried = $3, policy_refused = '[]' WHERE id = $1",
        )
        .bind(id.as_str())
        .bind(policy.map(PolicyId::as_str))
        .bind(version)
        .execute(&mut **tx)
        .await
        .map_err(|error| StoreError::from(error).without_parent(StoreErrorKind::NotFound))?;
        match policy {
            Some(policy) => self.policy_used(tx, policy).await,
            None => Ok(()),
        }
    }

    /// Part of a transaction: a definition begins to follow the policy, or is saved with it.
    pub(super) async fn policy_used(&self, tx: &mut Tx, policy: &PolicyId) -> Result<(), StoreError> {
        sqlx::query("UPDATE policies SET used_at = $2 WHERE id = $1")
            .bind(policy.as_str())
            .bind(self.now())
            .execute(&mut **tx)
            .await?;
        Ok(())
    }
}
