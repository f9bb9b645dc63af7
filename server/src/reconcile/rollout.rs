//! A changed policy reaches the definitions that follow it. Each is a transaction of its own: expanded, checked, saved as the
//! definition's next version or kept with the reason. Who is behind is read from the rows, so a crash loses nobody and doubles nothing;
//! what is saved is then applied like every other edit.

use super::{point::point, work::Done};
use crate::{
    console::{
        Console,
        policies::{System, expand::expand},
    },
    store::{Behind, Line, StoreError, StoreErrorKind, Taken},
};
use model::{ConnectionId, DefinitionId};
use std::{
    collections::{HashMap, HashSet, hash_map::Entry},
    time::Duration,
};
use tokio::time::Instant;

/// Definitions in one pass: others' edits shall not wait for a large library.
const BATCH: usize = 100;

/// Without a word from this process it looks this often: for what another node saved, and for what is still behind.
const BEAT: Duration = Duration::from_secs(5);

/// When it was last looked who is behind, and what was said of it.
#[derive(Debug, Default)]
pub(super) struct Rollouts {
    looked: Option<Instant>,
    /// Unreadable rows that the log has.
    told: HashSet<DefinitionId>,
}

impl Rollouts {
    /// A pass when one is due; a failed one is repeated at the next beat.
    pub(super) async fn look(&mut self, console: &Console) {
        if !self.is_due(console) {
            return;
        }
        if let Err(error) = self.pass(console).await {
            tracing::warn!(%error, "changed policies can't be taken further");
        }
    }

    /// Whether somebody asked for it, or nobody looked for a beat; then the beat begins anew.
    fn is_due(&mut self, console: &Console) -> bool {
        let due = console.rollout_is_due() || self.looked.is_none_or(|at| at.elapsed() >= BEAT);
        if due {
            self.looked = Some(Instant::now());
        }
        due
    }

    /// Takes up to [`BATCH`] definitions along, and asks for the next pass when there are more.
    pub(super) async fn pass(&mut self, console: &Console) -> Result<Done, StoreError> {
        let mut done = Done::default();
        let mut after = String::new();
        loop {
            let page = console.store().behind_policies(&after, BATCH).await?;
            for one in page.unreadable {
                if self.told.insert(one.id.clone()) {
                    tracing::error!(definition = %one.id, error = %one.error, "a record can't be read: it takes no policy over");
                }
            }
            take(console, &page.behind, &mut done).await?;
            match page.more_after {
                Some(_) if done.followed + done.refused > 0 => {
                    console.wake_rollout();
                    break;
                }
                // None of them could be taken further: they shall not stand before the others.
                Some(last) => after = last,
                None => break,
            }
        }
        if done.followed + done.refused > 0 {
            tracing::info!(followed = done.followed, refused = done.refused, "changed policies taken further");
        }
        Ok(done)
    }
}

async fn take(console: &Console, behind: &[Behind], done: &mut Done) -> Result<(), StoreError> {
    let mut systems: HashMap<ConnectionId, System> = HashMap::new();
    for one in behind {
        let connection = &one.record.definition.connection;
        let system = match systems.entry(connection.clone()) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => match console.store().connection(connection).await {
                Ok(row) => unknown.insert(console.system(&row).await),
                Err(error) if error.kind == StoreErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            },
        };
        let taken = match expand(&one.policy, &one.record.definition, &system.can, system.provider()) {
            Ok(fits) => Taken::Over(Box::new(fits.definition)),
            Err(unfit) => Taken::Refused(unfit.sentences()),
        };
        point("roll-out", "before-record");
        // Not recorded: edited, deleted or changed upstream meanwhile. The next pass looks at it as it is then.
        if console.store().take_policy(one, &taken, line(one, &taken).as_ref()).await? {
            point("roll-out", "after-record");
            match taken {
                Taken::Over(_) => done.followed += 1,
                Taken::Refused(_) => done.refused += 1,
            }
            console.events().publish(format!("definitions:{}", one.record.id));
            console.events().publish(format!("policies:{}", one.id));
        }
    }
    Ok(())
}

/// What the timeline says; nothing where nothing changes, as when the policy has another name or RPO.
fn line(behind: &Behind, taken: &Taken) -> Option<Line> {
    let which = format!("Policy {}, version {}", behind.policy.name, behind.version);
    match taken {
        Taken::Over(definition) if **definition == behind.record.definition => None,
        Taken::Over(_) => Some(Line { kind: "saved", sentence: format!("{which}, taken over."), actor: None }),
        Taken::Refused(why) => {
            let sentence = format!("{which}, cannot be taken over: {}", why.join(" "));
            Some(Line { kind: "failed", sentence, actor: None })
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::{clock::Clock, console::Parts, events::Events, provider::Registry, secret::Sealer, store::Store};

    #[tokio::test]
    async fn a_quiet_console_is_looked_at_once_a_beat() {
        let clock = Clock::system();
        let console = Console::new(Parts {
            store: Store::open("sqlite::memory:", clock.clone()).await.unwrap(),
            registry: Registry::new(clock.clone()),
            sealer: Sealer::from_base64("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap(),
            clock,
            events: Events::new(),
            node: "here".into(),
        });
        let mut rollouts = Rollouts::default();
        assert!(rollouts.is_due(&console), "what a former process left");
        assert!(!rollouts.is_due(&console));
        console.wake_reconciler();
        assert!(!rollouts.is_due(&console), "other work");
        console.wake_rollout();
        assert!(rollouts.is_due(&console));
        assert!(!rollouts.is_due(&console));
        rollouts.looked = Instant::now().checked_sub(BEAT);
        assert!(rollouts.is_due(&console), "what another node saved");
        assert!(!rollouts.is_due(&console));
    }
}
