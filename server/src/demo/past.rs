//! The demonstration's past: two months that are lived, not written. The simulators and the console stand in the past by the same
//! clock; definitions are declared there through the console and applied by its reconciler, time is made to leap, the upstreams
//! run, expire and fail as they would have, and what is there is read by the ordinary observers before it expires. So everything
//! that is shown was observed, and what an upstream keeps shorter than two months is in the store because it was seen in time.

use super::{
    declared::{self, Offered, WISHES},
    estate,
    troubles::TROUBLES,
};
use crate::{
    console::Console,
    observe,
    reconcile::{self, Done},
};
use app::{backend::Caller, error::ApiError};
use futures::{StreamExt, future::try_join_all, stream};
use model::{ConnectionId, DefinitionId, PolicyId};
use serde_json::json;
use sim::World;
use std::{collections::BTreeMap, time::Duration};

pub(super) const HOURS_A_DAY: u32 = 24;
const HOUR: Duration = Duration::from_secs(3_600);
/// The past begins that long ago, an hour before the first definition.
pub const LAG: Duration = Duration::from_secs(3_600 * (declared::FIRST as u64 + 1));
/// When everything is read, in hours before now: what is kept for two weeks is seen before it goes. What comes after the last is
/// seen by the observers of the present, in the first moment after the start.
const LOOKS: [u32; 4] = [46 * 24, 32 * 24, 18 * 24, 4 * 24];
/// When the workspaces are made, and what there is to be protected is read a second time: what is new then is told as new.
const ROOMS: f64 = 42.0;
/// The simulators live the last of the past at the present's pace, so that what runs now is seen on its way.
const PRESENT: Duration = Duration::from_secs(1_200);
/// Upstreams that are read side by side: the store has one writer, and more of them only wait for it.
const AT_ONCE: usize = 2;
/// A busy store is asked again.
const TRIES: usize = 4;
/// Saved definitions are applied a few at a time.
const PASSES: usize = 40;

/// While the past is lived.
pub(super) struct Past<'a> {
    pub(super) console: &'a Console,
    pub(super) caller: &'a Caller,
    pub(super) world: &'a World,
    /// When it was begun to live it, in milliseconds since 1970: what “hours before now” counts from.
    present: i64,
    pub(super) connections: BTreeMap<&'static str, ConnectionId>,
    pub(super) offered: BTreeMap<&'static str, Offered>,
    pub(super) policies: BTreeMap<&'static str, PolicyId>,
    pub(super) definitions: BTreeMap<&'static str, DefinitionId>,
}

/// Lives it. `base` is the simulators' address; both clocks go [`LAG`] behind.
pub async fn live(console: &Console, caller: &Caller, world: &World, base: &str) -> Result<(), ApiError> {
    let present = console.clock().now().0.saturating_add(ms(LAG));
    estate::seed(world).map_err(estate::broken)?;
    let connections = estate::connect(console, caller, base).await?;
    let asked = connections
        .iter()
        .map(async |(name, id)| Ok::<_, ApiError>((*name, declared::offered(console, caller, id).await?)));
    let offered = try_join_all(asked).await?.into_iter().collect();
    let (policies, definitions) = (BTreeMap::new(), BTreeMap::new());
    let mut past = Past { console, caller, world, present, connections, offered, policies, definitions };
    past.furnish_library().await?;
    past.look_around().await;
    for (hours, step) in steps(present) {
        past.come(HOUR.mul_f64(hours)).await?;
        tracing::debug!(hours, ?step, "the demonstration's past");
        let done = match step {
            Step::Declare(since) => past.declare(since).await,
            Step::Look => {
                past.look().await;
                Ok(())
            }
            Step::Rooms => {
                past.look_around().await;
                past.furnish_workspaces().await
            }
            Step::Trouble(index) => past.trouble(&TROUBLES[index].1).await,
        };
        // Whatever is not there: the rest is no worse for it.
        if let Err(error) = done {
            tracing::warn!(%error, fields = ?error.fields, hours, "a part of the demonstration's past did not happen");
        }
    }
    past.come(PRESENT).await?;
    // All of the rest: the clocks stop at the machine's.
    past.leap(LAG).await?;
    console.show_tour(past.tour());
    // A bucket of tokens is full only while time goes its own pace.
    past.order("palette-production", "options", &json!({"rate_limit": true}))
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Declare(u32),
    Trouble(usize),
    Look,
    Rooms,
}

/// What happens when, in hours before `present` (milliseconds), the oldest first.
fn steps(present: i64) -> Vec<(f64, Step)> {
    let mut since: Vec<u32> = WISHES.iter().map(|wish| wish.since).collect();
    since.sort_unstable();
    since.dedup();
    let declared = since.into_iter().map(|hours| (f64::from(hours), Step::Declare(hours)));
    let looks = LOOKS.into_iter().map(|hours| (f64::from(hours), Step::Look));
    let troubles =
        TROUBLES.iter().enumerate().map(|(index, (when, _))| (when.hours_before(present), Step::Trouble(index)));
    let mut all: Vec<_> = declared.chain(looks).chain(troubles).chain([(ROOMS, Step::Rooms)]).collect();
    all.sort_by(|a, b| b.0.total_cmp(&a.0));
    all
}

impl Past<'_> {
    /// Lets time pass until so long before the present. What should have happened meanwhile has happened then. A moment that is
    /// over already, because the living took long, is now.
    async fn come(&mut self, before: Duration) -> Result<(), ApiError> {
        let target = self.present.saturating_sub(ms(before));
        let by = target.saturating_sub(self.console.clock().now().0);
        let Some(by) = u64::try_from(by).ok().filter(|by| *by > 0) else { return Ok(()) };
        self.leap(Duration::from_millis(by)).await
    }

    /// Both clocks, by the same time.
    async fn leap(&self, by: Duration) -> Result<(), ApiError> {
        let world = self.world.clone();
        tokio::task::spawn_blocking(move || world.leap(by)).await.map_err(estate::broken)?;
        self.console.clock().advance(ms(by));
        Ok(())
    }

    /// Has what is saved applied.
    pub(super) async fn settle(&mut self) -> Result<(), ApiError> {
        for _ in 0..PASSES {
            let done = reconcile::step(self.console).await.map_err(estate::broken)?;
            if done == Done::default() {
                break;
            }
        }
        Ok(())
    }

    /// Reads from every upstream what there is to be protected.
    async fn look_around(&self) {
        let looks = self.connections.iter().map(async |(name, id)| {
            if let Err(error) = observe::look_around(self.console, id).await {
                tracing::warn!(%error, name, "what a system of the demonstration has could not be read");
            }
        });
        stream::iter(looks).buffer_unordered(AT_ONCE).collect::<()>().await;
    }

    /// Reads every upstream, a few side by side. One that can't be read is left to the observers of the present.
    async fn look(&self) {
        let looks = self.connections.iter().map(async |(name, id)| {
            for attempt in 1..=TRIES {
                match observe::look(self.console, id).await {
                    Ok(()) => return,
                    Err(error) => tracing::warn!(%error, name, attempt, "a system of the demonstration was not read"),
                }
            }
        });
        stream::iter(looks).buffer_unordered(AT_ONCE).collect::<()>().await;
    }
}

fn ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
