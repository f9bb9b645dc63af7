//! How a changed policy reaches the definitions that follow it: the rows alone say who is behind, so that a crash at any moment loses
//! nobody.

use super::{
    super::{
        Line, Store, StoreError,
        definitions::{self, DefinitionRecord},
        row::{Get, write_json},
    },
    Unreadable,
};
use model::{PolicyId, definition::Definition, policy::Policy};
use sqlx::any::AnyRow;

/// A definition whose policy has a version that it was not looked at for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    pub record: DefinitionRecord,
    pub id: PolicyId,
    pub policy: Policy,
    /// The version that it is to take over.
    pub version: i64,
    /// Who made that version.
    pub changed_by: String,
}

/// Some of those that are behind, in the order of their ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BehindPage {
    pub behind: Vec<Behind>,
    /// They are behind too, and nobody can say what they would become.
    pub unreadable: Vec<Unreadable>,
    /// The last id of a full page: more may follow it.
    pub more_after: Option<String>,
}

/// What a definition makes of a policy's version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It becomes this one.
    Over(Box<Definition>),
    /// It stays what it is, for these reasons.
    Refused(Vec<String>),
}

impl Store {
    /// Definitions that are behind their policy, of those after an id `limit` at most. What somebody changed or deleted upstream is
    /// left alone until a person has decided. A row that can't be read holds nobody up.
    pub async fn behind_policies(&self, after: &str, limit: usize) -> Result<BehindPage, StoreError> {
        let rows = sqlx::query(
            "SELECT d.*, p.body AS policy_body, p.version AS policy_now, p.updated_by AS policy_by
             FROM policies p JOIN definitions d ON d.policy_id = p.id
             WHERE d.policy_tried < p.version AND d.removing = 0 AND d.drift = '[]' AND d.seen_missing = 0 AND d.id > $1
             ORDER BY d.id LIMIT $2",
        )
        .bind(after)
        .bind(i64::try_from(limit).unwrap_or(i64::MAX))
        .fetch_all(self.reader())
        .await?;
        let mut page = BehindPage::default();
        if let Some(last) = rows.last().filter(|_| rows.len() == limit) {
            page.more_after = Some(last.text("id")?);
        }
        for row in &rows {
            match read(row) {
                Ok(one) => page.behind.push(one),
                Err(error) => page.unreadable.push(Unreadable::of(row, &error)?),
            }
        }
        Ok(page)
    }

    /// Records what the definition makes of the policy's version: as its own next version, which is then to be applied; or that it
    /// refuses. One that comes out as it is keeps its version. False, and nothing written, when it was edited, taken along by another
    /// node, or changed upstream in between.
    pub async fn take_policy(&self, behind: &Behind, taken: &Taken, line: Option<&Line>) -> Result<bool, StoreError> {
        let record = &behind.record;
        const UNTOUCHED: &str = "WHERE id = $1 AND version = $2 AND policy_id = $3 AND policy_tried < $4 AND removing = 0 \
            AND drift = '[]' AND seen_missing = 0";
        let sql = |set: &str| sqlx::AssertSqlSafe(format!("UPDATE definitions SET {set} {UNTOUCHED}"));
        let taken_over = "policy_version = $4, policy_tried = $4, policy_refused = '[]'";
        let mut tx = self.begin().await?;
        let query = match taken {
            Taken::Over(definition) if **definition == record.definition => sqlx::query(sql(taken_over)),
            Taken::Over(_) => sqlx::query(sql(&format!(
                "{taken_over}, body = $5, cron = $6, zone = $7, rhythm = $8, version = version + 1, attempts = 0,
                 next_attempt_at = 0, last_error = NULL, updated_at = $9, updated_by = $10"
            ))),
            Taken::Refused(_) => sqlx::query(sql("policy_tried = $4, policy_refused = $5")),
        };
        let query = query.bind(record.id.as_str()).bind(record.version).bind(behind.id.as_str()).bind(behind.version);
        let query = match taken {
            Taken::Over(definition) if **definition == record.definition => query,
            Taken::Over(definition) => {
                let schedule = definition.schedule.as_ref();
                query
                    .bind(write_json(definition)?)
                    .bind(schedule.map(|s| s.cron.clone()))
                    .bind(schedule.and_then(|s| s.zone.clone()))
                    .bind(definition.rhythm())
                    .bind(self.now())
                    .bind(behind.changed_by.clone())
            }
            Taken::Refused(why) => query.bind(write_json(why)?),
        };
        if query.execute(&mut *tx).await?.rows_affected() == 0 {
            return Ok(false);
        }
        if let Some(line) = line {
            self.write_line(&mut tx, &record.id, line).await?;
        }
        self.commit(tx).await?;
        Ok(true)
    }
}

fn read(row: &AnyRow) -> Result<Behind, StoreError> {
    Ok(Behind {
        record: definitions::read(row)?,
        id: row.text("policy_id")?.into(),
        policy: row.json("policy_body")?,
        version: row.int("policy_now")?,
        changed_by: row.text("policy_by")?,
    })
}
