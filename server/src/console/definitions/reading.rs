//! From a draft to the definition that it means here: what the browser's rules can't know is checked too.

use super::Console;
use crate::{
    console::policies::expand::{Unfit, expand},
    error::ConsoleError,
    schedule,
    store::{ConnectionRow, DefinitionRecord, PolicyRecord, StoreErrorKind},
};
use app::backend::SignedIn;
use model::{
    ConnectionId, FieldError, Invalid, PolicyId,
    definition::{Definition, Schedule},
    draft::{self, DefinitionDraft},
    interval::Intervals,
    view::Upcoming,
};

/// What a draft means.
#[derive(Debug)]
pub(super) struct Read {
    /// With the schedule and retention of the policy that it follows.
    pub(super) definition: Definition,
    pub(super) connection: ConnectionRow,
    pub(super) follows: Option<Follow>,
}

/// The policy that a draft follows, at the version that its definition holds.
#[derive(Debug)]
pub(super) struct Follow {
    pub(super) policy: PolicyId,
    pub(super) version: i64,
    pub(super) name: String,
    /// What the system does not get of it, or does in its own way.
    mind: Vec<String>,
}

impl Follow {
    /// For the review.
    pub(super) fn sentence(&self) -> String {
        format!("Follows the policy {}: schedule and retention come from it, also when it is changed.", self.name)
    }

    /// What is worth knowing, beside the field of the policy.
    pub(super) fn notes(self) -> impl Iterator<Item = FieldError> {
        self.mind.into_iter().map(|sentence| FieldError { path: "follows".into(), code: "mind".into(), sentence })
    }
}

/// The draft that means this stored definition.
pub(super) fn draft_of(record: &DefinitionRecord) -> DefinitionDraft {
    let follows = record.follows.as_ref().map(|followed| followed.policy.0.clone()).unwrap_or_default();
    DefinitionDraft { follows, ..DefinitionDraft::from(&record.definition) }
}

impl Console {
    /// The definition that a draft means on its connection, checked against what this server knows: the connection, the policy, the
    /// zone, a day that comes. Everything that is wrong is told at once. `stored`: the definition that is edited; where its policy's
    /// newest version does not fit, it stays with the one that it holds.
    pub(super) async fn read_draft_of(
        &self,
        draft: &DefinitionDraft,
        stored: Option<&DefinitionRecord>,
    ) -> Result<Read, ConsoleError> {
        let connection = self.connection_of(draft).await?;
        let policy = self.policy_of(draft).await?;
        let system = self.system(&connection).await;
        let read = draft::parse(draft, &system.can);
        let Some(policy) = policy else {
            return match read {
                Ok(definition) => {
                    if let Some(problem) = when_problem(&definition) {
                        return Err(problem.into());
                    }
                    // By the provider where one can be made; a credential that can't be opened is told when it is needed.
                    let refused = system.provider().map(|provider| provider.express(&definition)).unwrap_or_default();
                    Ok(refused.check(Read { definition, connection, follows: None })?)
                }
                Err(mut invalid) => {
                    let zone = draft.zone.trim();
                    if draft.scheduled && !zone.is_empty() && invalid.about("zone").is_none() {
                        invalid.0.extend(schedule::zone(zone).err());
                    }
                    Err(invalid.into())
                }
            };
        };
        let PolicyRecord { id, policy, version, .. } = policy;
        let name = policy.name.clone();
        let definition = read?;
        match expand(&policy, &definition, &system.can, system.provider()) {
            Ok(fits) => {
                let follows = Follow { policy: id, version, name, mind: fits.mind };
                Ok(Read { definition: fits.definition, connection, follows: Some(follows) })
            }
            Err(unfit) => match held(stored, &id, definition, &unfit) {
                Some((definition, version)) => {
                    let follows = Follow { policy: id, version, name, mind: unfit.sentences() };
                    Ok(Read { definition, connection, follows: Some(follows) })
                }
                None => Err(unfit.into_invalid().into()),
            },
        }
    }

    /// The next moments of a schedule as that connection's system counts them; without one as most do.
    pub(super) async fn upcoming_on(
        &self,
        who: &SignedIn,
        connection: &ConnectionId,
        cron: &str,
        zone: &str,
    ) -> Result<Upcoming, ConsoleError> {
        let intervals = match self.store().connection(connection).await {
            Ok(row) => self.capabilities(&row).await.intervals,
            Err(error) if error.kind == StoreErrorKind::NotFound => Intervals::default(),
            Err(error) => return Err(error.into()),
        };
        Ok(schedule::upcoming(cron, zone, intervals, &who.zone, self.now()))
    }

    async fn connection_of(&self, draft: &DefinitionDraft) -> Result<ConnectionRow, ConsoleError> {
        let wanted = ConnectionId(draft.connection.trim().to_owned());
        self.store().connection(&wanted).await.map_err(|error| match error.kind {
            StoreErrorKind::NotFound if wanted.as_str().is_empty() => {
                Invalid::one("connection", "required", "Choose the connection whose objects are protected.").into()
            }
            StoreErrorKind::NotFound => {
                Invalid::one("connection", "unknown", "This connection is no longer there; choose another.").into()
            }
            _ => error.into(),
        })
    }

    async fn policy_of(&self, draft: &DefinitionDraft) -> Result<Option<PolicyRecord>, ConsoleError> {
        let wanted = draft.follows.trim();
        if wanted.is_empty() {
            return Ok(None);
        }
        match self.store().policy(&wanted.into()).await {
            Ok(policy) => Ok(Some(policy)),
            Err(error) if error.kind == StoreErrorKind::NotFound => Err(unknown_policy().into()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The field error of a policy that is gone.
pub(super) fn unknown_policy() -> Invalid {
    Invalid::one(
        "follows",
        "unknown",
        "This policy is no longer in the library; choose another, or a rhythm of its own.",
    )
}

/// `definition` with the rhythm that the stored one has of the same policy, where only the policy's newest version stands in the way.
fn held(
    stored: Option<&DefinitionRecord>,
    policy: &PolicyId,
    definition: Definition,
    unfit: &Unfit,
) -> Option<(Definition, i64)> {
    let stored = stored.filter(|stored| stored.definition.connection == definition.connection)?;
    let followed = stored.follows.as_ref().filter(|followed| followed.policy == *policy)?;
    let Definition { schedule, retention, further, .. } = stored.definition.clone();
    unfit.other.0.is_empty().then_some((Definition { schedule, retention, further, ..definition }, followed.version))
}

/// A zone that the database lacks, or a day that never comes.
pub(in crate::console) fn when_problem(definition: &Definition) -> Option<FieldError> {
    let further = definition.further.iter().enumerate().map(|(i, tier)| (format!("further.{i}.cron"), &tier.schedule));
    let first = definition.schedule.iter().map(|schedule| ("cron".to_owned(), schedule));
    first.chain(further).find_map(|(path, schedule)| never(path, schedule))
}

fn never(path: String, schedule: &Schedule) -> Option<FieldError> {
    let rule = match schedule::Rule::of(schedule) {
        Ok(rule) => rule,
        Err(problem) => return Some(problem),
    };
    // Any moment will do: whether a day ever comes doesn't depend on it.
    rule.next_after(model::Millis(0)).is_none().then(|| FieldError {
        path,
        code: "never".into(),
        sentence: "No such day comes within five years; check the day and the month.".into(),
    })
}
