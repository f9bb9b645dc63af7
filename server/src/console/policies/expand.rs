//! What a definition becomes under a policy on its system. Pure: providers answer from what is known of them.

use crate::{console::definitions::when_problem, provider::Provider};
use model::{
    Invalid,
    capability::Capabilities,
    definition::{Definition, Retention},
    policy::{self, Policy},
    scope::Scope,
};

/// A definition with the policy's schedule and retention.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expanded {
    pub(crate) definition: Definition,
    /// What the system does not get of the policy, or does in its own way.
    pub(crate) mind: Vec<String>,
}

/// Why a system can't do what a policy says, and what else is wrong with the definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unfit {
    /// About schedule and retention: sentences.
    pub(crate) rhythm: Vec<String>,
    /// About the rest, by field of the definition's draft.
    pub(crate) other: Invalid,
}

impl Unfit {
    /// Everything, in words.
    pub(crate) fn sentences(self) -> Vec<String> {
        self.rhythm.into_iter().chain(self.other.0.into_iter().map(|error| error.sentence)).collect()
    }

    /// By field of the definition's draft, whose own schedule and retention do not count: the policy is what has to change.
    pub(crate) fn into_invalid(self) -> Invalid {
        let mut invalid = self.other;
        for sentence in self.rhythm {
            invalid.push("follows", "refused", sentence);
        }
        invalid
    }
}

/// `definition` with what the policy gives on a system that can do this. Without a provider only the capabilities are asked.
pub(crate) fn expand(
    policy: &Policy,
    definition: &Definition,
    can: &Capabilities,
    provider: Option<&dyn Provider>,
) -> Result<Expanded, Unfit> {
    let fitted = policy::fit(policy, can).map_err(|rhythm| Unfit { rhythm, ..Unfit::default() })?;
    let definition = Definition {
        retention: fitted.retention,
        schedule: Some(fitted.schedule),
        further: fitted.further,
        policy: None,
        ..definition.clone()
    };
    let mut unfit = Unfit::default();
    unfit.rhythm.extend(when_problem(&definition).map(|problem| problem.sentence));
    for error in provider.map(|provider| provider.express(&definition).0).unwrap_or_default() {
        if !is_rhythm(&error.path) {
            unfit.other.0.push(error);
        } else if !unfit.rhythm.contains(&error.sentence) {
            unfit.rhythm.push(error.sentence);
        }
    }
    if unfit == Unfit::default() { Ok(Expanded { definition, mind: fitted.mind }) } else { Err(unfit) }
}

/// Whether two definitions run and keep alike.
pub(crate) fn same_rhythm(a: &Definition, b: &Definition) -> bool {
    (&a.schedule, &a.retention, &a.further, &a.policy) == (&b.schedule, &b.retention, &b.further, &b.policy)
}

/// A field of the draft that says when, or for how long.
fn is_rhythm(path: &str) -> bool {
    matches!(
        path.split('.').next().unwrap_or_default(),
        "cron"
            | "zone"
            | "scheduled"
            | "further"
            | "policy"
            | "keep_for"
            | "keep_last"
            | "keep_at_least"
            | "keep_snapshots"
    )
}

/// The policy on a system, whatever is protected there: one sentence a tier and what to mind, or why not.
pub(super) fn tiers(
    policy: &Policy,
    can: &Capabilities,
    provider: Option<&dyn Provider>,
) -> Result<(Vec<String>, Vec<String>), Vec<String>> {
    let anything = Definition {
        name: "any".into(),
        connection: Default::default(),
        scope: Scope::default(),
        location: None,
        volumes: can.first_volumes(),
        retention: Retention::default(),
        schedule: None,
        further: Vec::new(),
        policy: None,
        paused: false,
    };
    let fitted = policy::fit(policy, can)?;
    match expand(policy, &anything, can, provider) {
        Err(unfit) if !unfit.rhythm.is_empty() => Err(unfit.rhythm),
        // What else may be wrong is the scope, which this definition has only for show.
        _ => Ok((fitted.words(), fitted.mind)),
    }
}
