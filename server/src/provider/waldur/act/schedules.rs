//! One apply of a schedule: read, compare three ways, write what differs, and look at what that left.

use super::{create_path, delete_schedule, find_ours, instance, is_taken, switch, taken};
use crate::provider::{
    Applied, DeclaredSeen, Dispute, ErrorKind, Owned, ProviderError, Revision,
    rest::Call,
    waldur::{
        client::Api,
        generation::{Generation, Resource},
        translate::{
            self, back, mark,
            terms::{self, Record, Terms},
        },
        wire,
    },
};
use model::definition::Drift;
use serde_json::Value;

/// One apply of a schedule.
pub(super) struct Writer<'a> {
    pub(super) api: &'a Api,
    pub(super) generation: Generation,
    pub(super) owned: &'a Owned,
    pub(super) wanted: Terms,
    /// What the last recorded apply wrote, or what somebody agreed to write over.
    pub(super) base: Option<Record>,
}

impl Writer<'_> {
    pub(super) async fn apply(&self) -> Result<Applied, ProviderError> {
        let name = &self.owned.upstream_name;
        let Some(live) = self.find().await? else {
            let again = if self.base.is_some() { "was gone from Waldur; created again" } else { "created" };
            return self.create(format!("Backup schedule {name} {again}")).await;
        };
        let undone = self.disputed(&live);
        if !undone.is_empty() {
            return Err(ProviderError::disputed(
                "apply the backup schedule",
                Dispute { seen: self.seen(&live), drift: undone },
            ));
        }
        let there = terms::of(&live);
        // From G3 on a schedule stays with the instance that it was made for.
        if there.instance != self.wanted.instance && self.generation != Generation::G2 {
            delete_schedule(self.api, self.generation, &live.id()).await?;
            return self.create(format!("Backup schedule {name} made anew for another instance")).await;
        }
        self.change(&live, &there).await
    }

    /// By the key that was recorded, or by the mark.
    async fn find(&self) -> Result<Option<wire::Schedule>, ProviderError> {
        if let Some(uuid) = self.base.as_ref().map(|base| base.uuid.as_str()).filter(|uuid| !uuid.is_empty()) {
            let recorded: Option<wire::Schedule> =
                self.api.get("read the backup schedule", self.generation, Resource::Schedules, uuid).await?;
            if let Some(recorded) = recorded {
                // Another definition's mark is another definition's schedule.
                let foreign =
                    mark::read(&recorded.description).is_some_and(|mark| mark.definition != self.owned.id.as_str());
                if !foreign {
                    return Ok(Some(recorded));
                }
            }
        }
        find_ours(self.api, self.generation, self.owned).await
    }

    /// What somebody changed and an apply would undo.
    fn disputed(&self, live: &wire::Schedule) -> Vec<Drift> {
        let (there, generation) = (terms::of(live), self.generation);
        let mark = mark::read(&live.description);
        let recorded = self.base.as_ref().map_or(0, |base| base.version);
        let own = |version: i64| recorded < version && version <= self.owned.version;
        let written = mark.as_ref().and_then(|mark| mark.version(&there));
        let mut undone = match (written, &self.base) {
            // As Holdfast itself left it, by an apply that was not recorded.
            (Some(version), _) if own(version) => Vec::new(),
            (_, Some(base)) => terms::disputed(&base.terms, &self.wanted, &there, generation),
            // Nothing was recorded, and what was written is not there any more.
            (None, None) if mark.as_ref().is_some_and(|mark| mark.last_version().is_some()) => {
                terms::drift(&self.wanted, &there, generation)
            }
            // Handed over by its mark, by hand.
            (_, None) => Vec::new(),
        };
        undone.retain(|one| one.field != "is_active");
        if self.is_switched(&there, mark.as_ref().filter(|mark| mark.last_version().is_some_and(own))) {
            let switch = terms::drift(&self.wanted, &there, generation);
            undone.extend(switch.into_iter().filter(|one| one.field == "is_active"));
        }
        back::explained(undone, &there, generation)
    }

    /// Whether somebody, or Waldur after an error, turned the switch since it was recorded. `ours` is the mark of an apply that was
    /// not recorded: its switch may have been turned by us. Nothing recorded at all: it was never turned on yet.
    fn is_switched(&self, there: &Terms, ours: Option<&mark::Mark>) -> bool {
        let Some(base) = &self.base else { return false };
        let by_us = ours.is_some_and(|mark| there.is_active == Some(!mark.is_paused()));
        there.is_active != base.terms.is_active && there.is_active != self.wanted.is_active && !by_us
    }

    fn seen(&self, live: &wire::Schedule) -> DeclaredSeen {
        let told = terms::declared(live, self.generation);
        told.unwrap_or_else(|| DeclaredSeen {
            // Somebody took the mark away.
            name: self.owned.upstream_name.clone(),
            definition: None,
            seen: terms::record(live).write(),
            revision: terms::revision(live),
            invalid: Vec::new(),
            counted_from: None,
            counted_further: Vec::new(),
            paused: live.is_active == Some(false),
        })
    }

    async fn create(&self, mut done: String) -> Result<Applied, ProviderError> {
        const OPERATION: &str = "create the backup schedule";
        let (api, generation, owned) = (self.api, self.generation, self.owned);
        if is_taken(api, generation, owned).await? {
            return Err(taken(OPERATION, owned));
        }
        let instance = instance(api, generation, owned).await?;
        let body = translate::schedule(owned, &self.wanted, generation, &instance.url);
        let path = create_path(generation, &self.wanted.instance);
        let made: wire::Schedule = api.rest.json(OPERATION, Call::post(path, body)).await?;
        // It always rests at first, whatever the body says.
        if self.wanted.is_active == Some(true) {
            self.switch(&made.id(), true).await?;
            done.push_str(" and activated");
        }
        self.finished(&made.id(), format!("{done}.")).await
    }

    async fn change(&self, live: &wire::Schedule, there: &Terms) -> Result<Applied, ProviderError> {
        let (uuid, name) = (live.id(), &self.owned.upstream_name);
        let mut body = terms::patch(there, &self.wanted, self.generation);
        let moved = there.instance != self.wanted.instance;
        if moved {
            let instance = instance(self.api, self.generation, self.owned).await?;
            body.insert("instance".into(), instance.url.into());
        }
        let mut changed: Vec<String> = body.keys().cloned().collect();
        let switched = there.is_active != self.wanted.is_active;
        let on = self.wanted.is_active == Some(true);
        // Off before anything else, so that nothing of the new terms runs; on after everything else.
        if switched && !on {
            self.switch(&uuid, false).await?;
            changed.push("paused".into());
        }
        let description = translate::description(self.owned, &self.wanted);
        if live.description != description {
            body.insert("description".into(), description.into());
        }
        if !body.is_empty() {
            let call = Call::patch(self.generation.item(Resource::Schedules, &uuid), Value::Object(body));
            self.api.rest.send("change the backup schedule", call).await?;
        }
        if switched && on {
            self.switch(&uuid, true).await?;
            changed.push("activated".into());
        }
        let sentence = match changed.as_slice() {
            [] => format!("Backup schedule {name} is as saved."),
            some => format!("Backup schedule {name} changed: {}.", some.join(", ")),
        };
        self.finished(&uuid, sentence).await
    }

    async fn switch(&self, uuid: &str, on: bool) -> Result<(), ProviderError> {
        let (operation, action) = switch(on);
        self.api.switch(operation, self.generation.action(Resource::Schedules, uuid, action)).await
    }

    /// Reads it once more: whether the switch stands as it should, and which state this is.
    async fn finished(&self, uuid: &str, sentence: String) -> Result<Applied, ProviderError> {
        const OPERATION: &str = "read the backup schedule again";
        let again =
            |sentence: &str| ProviderError::new(ErrorKind::Conflict, OPERATION, sentence).remedy("It is tried again.");
        let live: Option<wire::Schedule> = self.api.get(OPERATION, self.generation, Resource::Schedules, uuid).await?;
        let live = live.ok_or_else(|| again("The schedule that was just written is gone."))?;
        if live.is_active.is_some() && live.is_active != self.wanted.is_active {
            return Err(again("Waldur took the schedule, but its switch does not stand as it was set."));
        }
        let revision: Option<Revision> = terms::revision(&live);
        let written = Record {
            uuid: live.id(),
            version: self.owned.version,
            terms: self.wanted.clone(),
            instance_name: live.instance_name,
        };
        Ok(Applied { written: written.write(), sentence, revision })
    }
}
