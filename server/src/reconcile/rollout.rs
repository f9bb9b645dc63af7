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
use model::ConnectionId;
use std::collections::{HashMap, hash_map::Entry};

/// Definitions in one pass: others' edits shall not wait for a large library.
const BATCH: usize = 100;

/// Takes up to [`BATCH`] definitions along, and asks for the next pass when there are more.
pub(super) async fn pass(console: &Console) -> Result<Done, StoreError> {
    let behind = console.store().behind_policies(BATCH).await?;
    let mut done = Done::default();
    let mut systems: HashMap<ConnectionId, System> = HashMap::new();
    for one in &behind {
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
        if console.store().take_policy(one, &taken, &line(one, &taken)).await? {
            point("roll-out", "after-record");
            match taken {
                Taken::Over(_) => done.followed += 1,
                Taken::Refused(_) => done.refused += 1,
            }
            console.events().publish(format!("definitions:{}", one.record.id));
            console.events().publish(format!("policies:{}", one.id));
        }
    }
    if done.followed + done.refused > 0 {
        tracing::info!(followed = done.followed, refused = done.refused, "changed policies taken further");
    }
    if behind.len() == BATCH {
        console.wake_reconciler();
    }
    Ok(done)
}

fn line(behind: &Behind, taken: &Taken) -> Line {
    let which = format!("Policy {}, version {}", behind.policy.name, behind.version);
    match taken {
        Taken::Over(definition) if **definition == behind.record.definition => {
            Line { kind: "saved", sentence: format!("{which}, taken over: nothing changes here."), actor: None }
        }
        Taken::Over(_) => Line { kind: "saved", sentence: format!("{which}, taken over."), actor: None },
        Taken::Refused(why) => {
            Line { kind: "failed", sentence: format!("{which}, cannot be taken over: {}", why.join(" ")), actor: None }
        }
    }
}
