//! What a system must bring so that the cases can be played on it.

use crate::{
    dice::Words,
    mirror::{Watcher, watch},
    simulator::Sim,
    states::State,
};
use model::{DefinitionId, Millis, Phase, definition::Definition, restore::RestoreOrder};
use serde_json::Value;
use server::provider::{Ask, ErrorKind, Owned, PointSeen, Provider, ProviderError};
use std::{future::Future, sync::Arc, time::Duration};

/// What stands on several pages of the upstream's lists.
#[derive(Clone, Copy, Debug)]
pub enum Crowd {
    /// So many runs are to be observed.
    Runs(usize),
    /// So many subjects are to be in the inventory.
    Subjects(usize),
}

/// One system's simulator in a fresh scenario, healthy and without a past, with a provider on it.
pub trait Stage: Send + Sync + Sized + 'static {
    /// Definitions that can stand beside each other in one scenario, for the property test; those of a system whose subjects
    /// hold one policy each are at most as many as subjects.
    const TOGETHER: usize = 200;

    /// A new one.
    fn open() -> impl Future<Output = Self> + Send;

    /// One in which something stands on at least three pages.
    fn crowd() -> impl Future<Output = (Self, Crowd)> + Send;

    /// What somebody would type who reaches the system, but not the product, account or project that is asked for; with the
    /// stage that must stay open for it.
    fn without_the_product() -> impl Future<Output = (Self, model::connection::ConnectionDraft)> + Send;

    fn sim(&self) -> &Sim;

    /// A scheduled definition that nobody else has and that does not come due during a test, with retention where the system
    /// takes one.
    fn owned(&self, stem: &str) -> Owned;

    /// The next version of it with something changed that stands upstream.
    fn edited(&self, owned: &Owned) -> Owned;

    /// Without a schedule, where the system takes such.
    fn unscheduled(&self, owned: &Owned) -> Owned {
        let mut owned = owned.clone();
        owned.definition.schedule = None;
        owned.definition.policy = None;
        owned.definition.further.clear();
        owned
    }

    /// The upstream's objects that `apply` made of the definition and that are there now, without what the upstream writes by
    /// itself (states, times, counters). Runs and recovery points are none of them, but the single backup of an unscheduled
    /// definition is.
    fn objects(&self, owned: &Owned) -> Vec<Value>;

    /// Somebody changes what was applied, past the provider, into something that can be adopted: the answer is the definition
    /// that it then means.
    fn drift(&self, owned: &Owned) -> Definition;

    /// Somebody takes our mark from what was applied, and changes nothing else: it goes on and is nobody's.
    fn unmark(&self, owned: &Owned);

    /// Somebody else's object stands where ours would. True when there can be but one, so that applying is a conflict; false
    /// when ours can stand beside it.
    fn foreign(&self, owned: &Owned) -> bool;

    /// Somebody else's object, without what the upstream writes by itself.
    fn foreign_now(&self, owned: &Owned) -> Value;

    /// The ways in which a run can be made to end, and what they mean.
    fn endings(&self) -> Vec<(&'static str, Phase)>;

    /// Makes the next run of the definition end so.
    fn next_run_ends(&self, owned: &Owned, way: &str);

    /// Every word for a run's state that the system has, and one that it has not.
    fn states(&self) -> &'static [State];

    /// Puts another run of the definition that is in that state and stays there; what else it needs stands in brackets behind
    /// the word. The answer is what the run will be known by.
    fn invent(&self, owned: &Owned, word: &str) -> String;

    /// Puts a run of the definition of which the upstream tells as little as it ever does: no sizes, no counts, no times but
    /// perhaps its creation.
    fn bare(&self, owned: &Owned);

    /// A good order for a point.
    fn restore_order(&self, point: &PointSeen) -> RestoreOrder;

    /// Makes that restore fail: by an order to the simulator, or by changing the order into one that can't go well.
    fn fail_restore(&self, order: &mut RestoreOrder);

    /// What must never come out.
    fn secrets(&self) -> Vec<String> {
        vec![self.sim().draft.credential.clone()]
    }

    /// The kinds that a fault may have here, when they are others than usual.
    fn kinds(&self, _fault: &str, usual: &'static [ErrorKind]) -> &'static [ErrorKind] {
        usual
    }

    /// What the generator of definitions draws from beside the inventory.
    fn words(&self) -> Words {
        Words::default()
    }

    /// A rolled definition without what the system refuses in nearly all of them: for a system that takes so little that chance
    /// alone finds hardly one that it can express.
    fn shape(&self, definition: Definition) -> Definition {
        definition
    }

    /// The definition as it may come back: where order or spelling mean nothing to the upstream, in one spelling.
    fn normal(&self, definition: Definition) -> Definition {
        definition
    }

    fn provider(&self) -> &Arc<dyn Provider> {
        &self.sim().provider
    }

    /// Begins to observe.
    fn watch(&self) -> Watcher {
        watch(self.provider())
    }

    /// Does what the reconciler does: tries again what may succeed later, a few times and without its long waits.
    fn settle(
        &self,
        owned: &Owned,
        previous: Option<&server::provider::Applied>,
    ) -> impl Future<Output = Result<server::provider::Applied, ProviderError>> + Send {
        async move {
            let mut tries = 0;
            loop {
                match self.provider().apply(owned, previous, None).await {
                    Err(error) if error.kind.retryable() && tries < 3 => {
                        tries += 1;
                        tokio::time::sleep(error.retry_after.unwrap_or(Duration::from_millis(50))).await;
                    }
                    done => return done,
                }
            }
        }
    }
}

/// An identity that nobody else has, as the store names it.
pub fn owned(stem: &str, mut definition: Definition) -> Owned {
    let id = uuid::Uuid::now_v7().to_string();
    let short = &id[id.len() - 6..];
    definition.name = stem.to_owned();
    Owned { upstream_name: format!("{stem}-{short}"), version: 1, definition, id: DefinitionId(id) }
}

/// An order of that definition, as the reconciler gives it for the first time.
pub fn ask(owned: &Owned, suffix: &str) -> Ask {
    Ask {
        name: format!("{}-{suffix}", owned.upstream_name),
        asked_by: "ada".into(),
        asked: now(),
        repeated: false,
        taken: Vec::new(),
    }
}

/// The machine's time.
pub fn now() -> Millis {
    server::clock::Clock::system().now()
}
