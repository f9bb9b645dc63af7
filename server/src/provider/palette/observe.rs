//! Looks at the project again and again: first at everything, as one list, then at each workspace in its turn. Palette has no
//! watch and no “changed since”; a workspace's answer holds its whole past. So quiet workspaces are read seldom, at about two calls
//! a second in all however many there are, and one where something goes on every few seconds, by that request alone.

mod kept;
pub mod seen;
pub mod words;

use super::{
    Palette, act,
    generation::Generation,
    wire::{Document, Location, RestoreEntry, Workspace},
};
use crate::provider::{ErrorKind, Observed, ProviderError, Sort, telling::Teller};
use futures::StreamExt;
use kept::Kept;
use std::{
    collections::{BTreeMap, HashSet},
    time::Duration,
};
use tokio::{sync::mpsc::Sender, time::Instant};

/// Workspaces that are read side by side.
const SIDE_BY_SIDE: usize = 3;
/// How often a quiet workspace is read at most, and the share of each in a large project.
const CALM: Duration = Duration::from_secs(20);
const CALM_SHARE: Duration = Duration::from_secs(1);
/// The same for one where something goes on.
const FAST: Duration = Duration::from_secs(3);
const FAST_SHARE: Duration = Duration::from_millis(250);
/// So long after an order of ours a workspace is read fast, and so long after the last change one where something goes on.
const EXPECTED: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(600);
/// How often everything is told anew, as one list.
const AGAIN: Duration = Duration::from_secs(900);
/// What a list holds, beside the locations, which are listed with the workspaces.
const SORTS: [Sort; 4] = [Sort::Declared, Sort::Run, Sort::Point, Sort::Restore];

/// Runs until something can't go on, and returns what.
pub async fn observe(palette: &Palette, sink: Sender<Observed>) -> ProviderError {
    let mut observer = Observer {
        palette,
        sink: Teller(sink),
        places: BTreeMap::new(),
        locations: Vec::new(),
        listed: None,
        whole: None,
    };
    loop {
        if let Err(error) = observer.round().await {
            return error;
        }
        let next = observer.next();
        tokio::select! {
            () = tokio::time::sleep_until(next) => {}
            () = palette.shared.news.notified() => {}
        }
    }
}

struct Observer<'a> {
    palette: &'a Palette,
    sink: Teller,
    places: BTreeMap<String, Place>,
    locations: Vec<Location>,
    /// When the project's workspaces were listed, and everything told, last.
    listed: Option<Instant>,
    whole: Option<Instant>,
}

/// One workspace.
struct Place {
    workspace: Workspace,
    kept: Kept,
    /// When it was read last, and when all of it; `None`: not yet.
    read: Option<Instant>,
    whole: Option<Instant>,
    changed: Instant,
    /// Something is expected there until then.
    expected: Option<Instant>,
    /// An order of ours touched it since it was read.
    touched: bool,
}

/// What is read of a workspace.
struct Reading {
    uid: String,
    /// The one request that is asked for; `None`: everything.
    only: Option<String>,
}

struct Answer {
    reading: Reading,
    document: Document,
    restores: Option<Vec<RestoreEntry>>,
}

impl Place {
    fn new(workspace: Workspace, now: Instant) -> Self {
        Self { workspace, kept: Kept::default(), read: None, whole: None, changed: now, expected: None, touched: false }
    }

    fn is_hot(&self, now: Instant) -> bool {
        self.expected.is_some_and(|until| until > now)
            || (self.kept.is_active() && now.duration_since(self.changed) < PATIENCE)
    }

    /// When it is to be read next.
    fn due(&self, now: Instant, calm: Duration, fast: Duration) -> Instant {
        match self.read {
            None => now,
            Some(_) if self.touched => now,
            Some(read) => read + if self.is_hot(now) { fast } else { calm },
        }
    }
}

impl Observer<'_> {
    /// Tells everything when that is due, else what is due of it.
    async fn round(&mut self) -> Result<(), ProviderError> {
        let now = Instant::now();
        for uid in self.palette.shared.take_touched() {
            if let Some(place) = self.places.get_mut(&uid) {
                place.touched = true;
                place.expected = Some(now + EXPECTED);
            }
        }
        if self.whole.is_none_or(|at| at + AGAIN <= now) {
            return self.tell_everything().await;
        }
        if self.listed.is_none_or(|at| at + self.calm() <= now) {
            self.list().await?;
        }
        let (calm, fast) = (self.calm(), self.fast());
        let mut due: Vec<(Instant, Reading)> = self
            .places
            .values()
            .filter(|place| place.due(now, calm, fast) <= now)
            .map(|place| {
                // Of a long answer only what moves; the rest in its turn.
                let turn = place.touched || place.whole.is_none_or(|at| at + calm <= now);
                let only = place.kept.only_running().filter(|_| place.is_hot(now) && !turn);
                let reading = Reading { uid: place.workspace.uid.clone(), only: only.map(str::to_owned) };
                (place.due(now, calm, fast), reading)
            })
            .collect();
        due.sort_by_key(|(at, _)| *at);
        self.read(due.into_iter().map(|(_, reading)| reading).collect()).await
    }

    fn calm(&self) -> Duration {
        CALM.max(CALM_SHARE * u32::try_from(self.places.len()).unwrap_or(u32::MAX))
    }

    fn fast(&self) -> Duration {
        let now = Instant::now();
        let hot = self.places.values().filter(|place| place.is_hot(now)).count();
        FAST.max(FAST_SHARE * u32::try_from(hot).unwrap_or(u32::MAX))
    }

    fn next(&self) -> Instant {
        let (now, calm, fast) = (Instant::now(), self.calm(), self.fast());
        let lists = self.listed.map_or(now, |at| at + calm);
        self.places.values().map(|place| place.due(now, calm, fast)).chain([lists]).min().unwrap_or(lists)
    }

    async fn tell_all(&self, all: Vec<Observed>) -> Result<(), ProviderError> {
        for observed in all {
            self.sink.tell(observed).await?;
        }
        Ok(())
    }

    async fn tell_everything(&mut self) -> Result<(), ProviderError> {
        self.sink.lists_begin(&SORTS).await?;
        self.places.values_mut().for_each(|place| place.kept.forget());
        self.list().await?;
        let all = self.places.keys().map(|uid| Reading { uid: uid.clone(), only: None }).collect();
        self.read(all).await?;
        self.sink.lists_end(&SORTS).await?;
        self.whole = Some(Instant::now());
        self.alive(None).await
    }

    async fn alive(&self, latency: Option<Duration>) -> Result<(), ProviderError> {
        let version = self.palette.generation().map(|g| g.version().to_owned());
        self.sink.tell(Observed::Alive { latency, version, platform: None }).await
    }

    /// The project's workspaces and locations.
    async fn list(&mut self) -> Result<(), ProviderError> {
        let client = &self.palette.client;
        let began = Instant::now();
        let workspaces = client.workspaces().await?;
        let latency = began.elapsed();
        if workspaces.is_empty() {
            self.check_project().await?;
        }
        let uids: HashSet<&str> = workspaces.iter().map(|w| w.uid.as_str()).collect();
        let gone: Vec<String> = self.places.keys().filter(|uid| !uids.contains(uid.as_str())).cloned().collect();
        for uid in gone {
            if let Some(mut place) = self.places.remove(&uid) {
                self.tell_all(place.kept.gone()).await?;
            }
        }
        let now = Instant::now();
        for workspace in workspaces {
            let place = self.places.entry(workspace.uid.clone()).or_insert_with(|| Place::new(workspace.clone(), now));
            place.workspace = workspace;
        }
        self.locations = client.locations().await?;
        self.sink.tell(Observed::ListBegins(Sort::Location)).await?;
        for location in &self.locations {
            self.sink.tell(Observed::Location(Box::new(seen::location(location)))).await?;
        }
        self.sink.tell(Observed::ListEnds(Sort::Location)).await?;
        self.listed = Some(Instant::now());
        self.alive(Some(latency)).await
    }

    /// A key that lost its project is shown an empty one. That is not told as everything being gone.
    async fn check_project(&self) -> Result<(), ProviderError> {
        let Some(uid) = super::client::project(&self.palette.settings) else {
            return Err(ProviderError::new(ErrorKind::NotInstalled, "list workspaces", "No project is given.")
                .remedy("Give the project's uid in the connection; its test lists those that the key sees."));
        };
        match self.palette.client.projects().await {
            Ok(all) if !all.iter().any(|p| p.id == uid) => Err(ProviderError::new(
                ErrorKind::NotInstalled,
                "list workspaces",
                format!("The key does not see the project {uid} any more."),
            )
            .remedy("Give the key's user a role in the project, or give another project's uid.")),
            // A key that may not list projects is believed.
            Err(e) if e.kind == ErrorKind::Forbidden => Ok(()),
            answer => answer.map(|_| ()),
        }
    }

    async fn read(&mut self, readings: Vec<Reading>) -> Result<(), ProviderError> {
        let client = self.palette.client.clone();
        let client = &client;
        let mut answers = futures::stream::iter(readings)
            .map(|reading| async move {
                let document = client.backup(&reading.uid, reading.only.as_deref()).await?;
                let restores = match reading.only {
                    Some(_) => None,
                    None => Some(client.restores(&reading.uid).await?),
                };
                Ok::<_, ProviderError>(Answer { reading, document, restores })
            })
            .buffer_unordered(SIDE_BY_SIDE);
        while let Some(answer) = answers.next().await {
            let news = self.take(answer?);
            self.tell_all(news).await?;
        }
        Ok(())
    }

    /// What is news in an answer.
    fn take(&mut self, answer: Answer) -> Vec<Observed> {
        let Answer { reading, document, restores } = answer;
        let palette = self.palette;
        palette.shared.learn(Generation::shown(&document));
        let Some(place) = self.places.get_mut(&reading.uid) else { return Vec::new() };
        let (workspace, now) = (&place.workspace, palette.clock.now());
        let mut news = Vec::new();
        let seen = document.config.as_ref().map(|c| act::declared(c, &document, workspace, &self.locations));
        // One request's answer may lack the policy.
        if seen.is_some() || reading.only.is_none() {
            news.extend(place.kept.declared(seen));
        }
        news.extend(place.kept.requests(&document, workspace, &palette.shared, reading.only.as_deref(), now));
        if let Some(restores) = restores {
            news.extend(place.kept.restores(&restores, workspace));
        }
        let now = Instant::now();
        place.read = Some(now);
        if reading.only.is_none() {
            (place.touched, place.whole) = (false, Some(now));
        }
        if !news.is_empty() {
            place.changed = now;
        }
        news
    }
}
