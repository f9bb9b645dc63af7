//! Restores, followed by their new instances: which instance belongs to which backup, and how far it came.

use super::{
    Lists, Observer,
    restored::{self, Restored},
};
use crate::provider::{
    Observed, ProviderError,
    waldur::{
        generation::Generation,
        memory::Followed,
        wire::{self, id_in},
    },
};
use model::Phase;
use std::collections::HashMap;

/// The clocks of two machines differ at most so much.
const SKEW_MS: i64 = 5 * 60_000;

impl Observer<'_> {
    pub(super) async fn restores(&mut self, lists: &Lists) -> Result<(), ProviderError> {
        self.restoring.clear();
        let known = if self.generation == Generation::G2 { self.traced(lists).await? } else { restorations(lists) };
        for instance in &lists.instances {
            if let Some(restored) = known.get(&instance.id()) {
                self.restore(instance, restored).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn restore(
        &mut self,
        instance: &wire::Instance,
        restored: &Restored,
    ) -> Result<(), ProviderError> {
        let seen = restored::restore(instance, restored, self.generation);
        if matches!(seen.phase, Phase::Queued | Phase::Running) {
            self.restoring.insert(instance.id(), restored.clone());
        } else {
            self.restoring.remove(&instance.id());
        }
        self.sink.tell(Observed::Restore(Box::new(seen))).await
    }

    /// The restores of the oldest generation: those that were begun here, and those whose instance's name tells its backup.
    async fn traced(&self, lists: &Lists) -> Result<HashMap<String, Restored>, ProviderError> {
        let mut known = HashMap::new();
        for instance in &lists.instances {
            let Some((order, short)) = restored::traced(&instance.name) else { continue };
            let backup = lists.backups.iter().map(wire::Backup::id).find(|id| id.starts_with(short));
            let point = backup.unwrap_or_else(|| short.to_owned());
            known.insert(instance.id(), Restored { point, order: Some(order.to_owned()), created: None });
        }
        for followed in self.waldur.memory.followed() {
            let restored = Restored {
                point: followed.point.clone(),
                order: Some(followed.order.clone()),
                created: Some(followed.asked),
            };
            match find(&followed, &lists.instances, &known) {
                Some(id) => {
                    self.waldur.memory.follow(Followed { instance: Some(id.clone()), ..followed });
                    known.insert(id, restored);
                }
                // Not listed yet: it is told under the name that it was ordered by.
                None if followed.instance.is_none() && self.now().since(followed.asked) < SKEW_MS => {
                    self.sink.tell(Observed::Restore(Box::new(restored::awaited(&followed.order, &restored)))).await?;
                }
                None => {}
            }
        }
        Ok(known)
    }
}

/// The restorations that backups tell of, by new instance.
fn restorations(lists: &Lists) -> HashMap<String, Restored> {
    let mut known = HashMap::new();
    for backup in &lists.backups {
        for one in &backup.restorations {
            let order = Some(one.name.clone()).filter(|name| !name.is_empty());
            let restored = Restored { point: backup.id(), order, created: one.created.map(|at| at.0) };
            known.insert(id_in(&one.instance), restored);
        }
    }
    known
}

/// The new instance of a restore that was begun here.
fn find(followed: &Followed, instances: &[wire::Instance], known: &HashMap<String, Restored>) -> Option<String> {
    let since = followed.asked.plus(-SKEW_MS);
    let fits = |one: &&wire::Instance| match &followed.instance {
        Some(id) => one.id() == *id,
        None => one.name == followed.name && one.created.is_none_or(|at| at.0 >= since),
    };
    let mut fitting = instances.iter().filter(fits).map(wire::Instance::id);
    // Two of one name: one that is known is another order's.
    fitting.find(|id| {
        followed.instance.is_some() || known.get(id).is_none_or(|r| r.order.as_ref() == Some(&followed.order))
    })
}
