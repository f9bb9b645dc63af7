//! What the connected systems get from a policy.

use super::expand;
use crate::{console::Console, error::ConsoleError, provider::Provider, store::ConnectionRow};
use model::{
    capability::Capabilities,
    connection::ProviderKind,
    policy::Policy,
    view::{Effect, Outcome},
};
use std::sync::Arc;

/// Names that a title lists.
const NAMED: usize = 3;

/// What is known of a connection's system, without asking it.
pub(crate) struct System {
    pub(crate) can: Capabilities,
    /// `None` when its credential can't be opened.
    provider: Option<Arc<dyn Provider>>,
}

impl System {
    pub(crate) fn provider(&self) -> Option<&dyn Provider> {
        self.provider.as_deref()
    }

    /// What it makes of a policy.
    pub(super) fn outcome(&self, policy: &Policy) -> Outcome {
        match expand::tiers(policy, &self.can, self.provider()) {
            Ok((tiers, mind)) => Outcome::Gets { tiers, mind },
            Err(why) => Outcome::Cannot(why),
        }
    }
}

impl Console {
    /// What is known of a connection's system.
    pub(crate) async fn system(&self, row: &ConnectionRow) -> System {
        match self.provider(&row.id).await {
            Ok(provider) => System { can: provider.capabilities(), provider: Some(provider) },
            Err(_) => {
                System { can: self.registry().capabilities(row.kind, row.upstream_version.as_deref()), provider: None }
            }
        }
    }

    /// For each sort of system that is connected, what it gets.
    pub(super) async fn effects(&self, policy: &Policy) -> Result<Vec<Effect>, ConsoleError> {
        let mut outcomes = Vec::new();
        for row in self.store().connections().await? {
            let outcome = self.system(&row).await.outcome(policy);
            outcomes.push((row.kind, row.name, outcome));
        }
        Ok(grouped(outcomes))
    }
}

/// One effect a sort of system; where connections of one sort differ, one for each answer, with their names.
fn grouped(outcomes: Vec<(ProviderKind, String, Outcome)>) -> Vec<Effect> {
    let mut effects = Vec::new();
    for kind in ProviderKind::ALL {
        let mut answers: Vec<(Outcome, Vec<&str>)> = Vec::new();
        for (_, name, outcome) in outcomes.iter().filter(|(of, ..)| *of == kind) {
            match answers.iter_mut().find(|(known, _)| known == outcome) {
                Some((_, names)) => names.push(name),
                None => answers.push((outcome.clone(), vec![name])),
            }
        }
        let alike = answers.len() == 1;
        effects.extend(answers.into_iter().map(|(outcome, names)| Effect {
            kind,
            title: if alike { kind.word().to_owned() } else { title(kind, &names) },
            outcome,
        }));
    }
    effects
}

fn title(kind: ProviderKind, names: &[&str]) -> String {
    let shown = names[..names.len().min(NAMED)].join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => format!("{}: {shown}", kind.word()),
        more => format!("{}: {shown} and {more} more", kind.word()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_that_differ_are_named() {
        let gets = || Outcome::Gets { tiers: vec!["Every day at 02:30".into()], mind: vec![] };
        let cannot = || Outcome::Cannot(vec!["No zone.".into()]);
        let one = |kind, name: &str, outcome| (kind, name.to_owned(), outcome);
        let effects = grouped(vec![
            one(ProviderKind::Waldur, "w", gets()),
            one(ProviderKind::Velero, "old", cannot()),
            one(ProviderKind::Velero, "zrh", gets()),
            one(ProviderKind::Velero, "ber", gets()),
        ]);
        let said: Vec<(&str, bool)> =
            effects.iter().map(|e| (e.title.as_str(), matches!(e.outcome, Outcome::Gets { .. }))).collect();
        assert_eq!(said, [("Velero: old", false), ("Velero: zrh, ber", true), ("Waldur", true)]);
    }
}
