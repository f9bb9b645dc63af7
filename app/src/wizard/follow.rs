//! The picker of the library: the definition follows one of its policies, or has a rhythm of its own.

use super::state::Wizard;
#[cfg(feature = "ssr")]
use crate::api;
use crate::{
    error::ApiError,
    paths,
    ui::{
        Card, Slot, button,
        part::{Part, Said, div, el, live, p, parts, switch},
        problem, problem_of, question, words,
    },
};
use leptos::task::spawn_local;
use model::ConnectionId;
use serde::Deserialize;

/// A policy as the picker needs it: what stands in [`model::view::PolicyOffer`], without the vocabulary of tiers, whose
/// reading would cost the wizard more than the picker itself.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Offer {
    id: String,
    policy: Called,
    used_by: u64,
    outcome: Outcome,
}

#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Called {
    name: String,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Outcome {
    gets: Gets,
    cannot: Vec<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
struct Gets {
    tiers: Vec<String>,
    mind: Vec<String>,
}

impl Offer {
    /// Why the system can't; `None` when it can.
    fn why_not(&self) -> Option<String> {
        (!self.outcome.cannot.is_empty()).then(|| self.outcome.cannot.join(" "))
    }

    /// What the system gets, and what is to be minded.
    fn gets(&self) -> String {
        let Gets { tiers, mind } = &self.outcome.gets;
        let mut said = tiers.join("; ");
        for sentence in mind {
            said.push_str(" · ");
            // A stop before the next dot would be one sign too many.
            said.push_str(sentence.trim_end_matches('.'));
        }
        said
    }

    /// All that a card shows. A policy that changed is another card.
    fn key(&self) -> String {
        let used = match self.used_by {
            0 => "nothing follows it yet".to_owned(),
            n => format!("used by {}", words::plural(n, "definition", "definitions")),
        };
        let why = self.why_not().unwrap_or_default();
        format!("{}\n{}\n{} · {used}\n{why}", self.id, self.policy.name, self.gets())
    }
}

/// The library as the chosen connection sees it, and how its reading stands.
#[derive(Clone, Copy)]
pub struct Offers {
    /// Whose answer is wanted; one for another connection is thrown away.
    of: Slot<String>,
    /// `None` until it was read.
    good: Slot<Option<Vec<Offer>>>,
    error: Slot<Option<ApiError>>,
}

impl Offers {
    pub fn new() -> Self {
        Self { of: Slot::new(String::new()), good: Slot::new(None), error: Slot::new(None) }
    }

    /// Asks unless the answer is here or on its way.
    pub fn want(self, connection: String) {
        if self.of.with_untracked(|of| *of != connection) {
            self.good.set(None);
            self.of.set(connection);
            self.ask();
        }
    }

    fn ask(self) {
        let of = self.of.get_untracked();
        self.error.set(None);
        if of.is_empty() {
            return;
        }
        spawn_local(async move {
            let answer = asked(ConnectionId(of.clone())).await;
            if self.of.try_with_untracked(|now| *now == of) != Some(true) {
                return;
            }
            match answer {
                Ok(offers) => self.good.set(Some(offers)),
                Err(error) => self.error.set(Some(error)),
            }
        });
    }

    fn find<T>(self, id: &str, read: impl FnOnce(&Offer) -> T) -> Option<T> {
        self.good.with(|all| all.iter().flatten().find(|offer| offer.id == id).map(read))
    }
}

#[cfg(not(feature = "ssr"))]
async fn asked(connection: ConnectionId) -> Result<Vec<Offer>, ApiError> {
    use crate::api::post::{Body, post, read};
    let body = Body::default().with("connection", serde_json::to_string(&connection));
    read(post("policies/offers", body).await)
}

#[cfg(feature = "ssr")]
async fn asked(connection: ConnectionId) -> Result<Vec<Offer>, ApiError> {
    api::policies::policy_offers(connection).await.map(|all| all.into_iter().map(Offer::from).collect())
}

#[cfg(feature = "ssr")]
impl From<model::view::PolicyOffer> for Offer {
    fn from(of: model::view::PolicyOffer) -> Self {
        use model::view::Outcome as Came;
        let outcome = match of.outcome {
            Came::Gets { tiers, mind } => Outcome { gets: Gets { tiers, mind }, cannot: Vec::new() },
            Came::Cannot(cannot) => Outcome { gets: Gets::default(), cannot },
        };
        Self { id: of.id.0, policy: Called { name: of.policy.name }, used_by: of.used_by, outcome }
    }
}

impl Wizard {
    /// Whether the definition follows a policy of the library.
    pub fn follows(self) -> bool {
        self.draft.with(|d| !d.follows.is_empty())
    }

    /// The name of a policy of the library; what it is while the library is not read.
    pub fn policy_name(self, id: &str) -> String {
        self.offers.find(id, |offer| offer.policy.name.clone()).unwrap_or_else(|| "of the library".to_owned())
    }

    /// Why the chosen system can't do what the chosen policy asks.
    pub fn policy_refused(self) -> Option<String> {
        let id = self.draft.with(|d| d.follows.clone());
        self.offers.find(&id, Offer::why_not).flatten()
    }

    fn choose_policy(self, id: &str) {
        self.edit("follows", |d| {
            id.clone_into(&mut d.follows);
            d.scheduled = true;
        });
    }
}

/// The question; nothing while the library is empty and nothing of it is followed.
pub fn picker(wizard: Wizard) -> Part {
    let offers = wizard.offers;
    let some = move || wizard.follows() || offers.good.with(|all| all.iter().flatten().next().is_some());
    let failed = move || {
        offers.error.get().map(|error| {
            let again = button("Read the library again").small().press(move || offers.ask());
            div("mt-2 grid gap-2").put(problem(error)).put(p("").put(again))
        })
    };
    let asked = move |some: bool| some.then(|| question("", "Policy", Said::Never, cards(wizard)));
    parts([switch(some, asked), live(failed)])
}

fn cards(wizard: Wizard) -> Part {
    let keys = move || wizard.offers.good.with(|all| all.iter().flatten().map(Offer::key).collect());
    let own = Card::new("follows", "own", "Only for this definition")
        .help("set frequency and retention here; nothing is added to the library")
        .choice(move || !wizard.follows(), move || wizard.choose_policy(""));
    let reading = move || {
        let waits = wizard.offers.good.with(Option::is_none) && wizard.offers.error.with(Option::is_none);
        waits.then(|| p("help mt-2").put("Reading the library …"))
    };
    let error = Said::live(move || wizard.said("follows").or_else(|| wizard.policy_refused()));
    parts([
        div("grid gap-2 sm:grid-cols-2")
            .id("follows")
            .attr("tabindex", "-1")
            .put(own)
            .put(crate::ui::part::each(keys, move |key| card(wizard, key)))
            .into(),
        live(reading),
        problem_of("follows", error),
        p("help mt-2")
            .put("Recently used ones come first. ")
            .put(el("a").attr("href", paths::POLICIES).put("Open the library"))
            .into(),
    ])
}

fn card(wizard: Wizard, key: &str) -> Part {
    let mut lines = key.split('\n').map(str::to_owned);
    let mut next = || lines.next().unwrap_or_default();
    let (id, name, gets, why) = (next(), next(), next(), next());
    let (is, own) = (id.clone(), id.clone());
    // What is chosen already can't be switched off under somebody's hand; its trouble is told below all the same.
    let off = move || Some(why.clone()).filter(|_| wizard.draft.with(|d| d.follows != is));
    Card::new("follows", id.clone(), name)
        .help(gets)
        .off(Said::live(off))
        .choice(move || wizard.draft.with(|d| d.follows == own), move || wizard.choose_policy(&id))
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use model::{
        policy::Policy,
        view::{Outcome as Came, PolicyOffer},
    };

    fn offered(outcome: Came) -> PolicyOffer {
        PolicyOffer {
            id: "p1".into(),
            policy: Policy { name: "Gold".into(), tiers: Vec::new(), rpo: None },
            used_by: 3,
            outcome,
        }
    }

    /// The browser reads the same from the wire as the server makes of the value.
    #[test]
    fn the_short_form_is_the_long_one() {
        let gets = Came::Gets { tiers: vec!["daily".into(), "weekly".into()], mind: vec!["By age alone.".into()] };
        for (outcome, why) in [(gets, None), (Came::Cannot(vec!["No.".into(), "Never.".into()]), Some("No. Never."))] {
            let offer = offered(outcome);
            let sent = serde_json::to_string(&[&offer]).unwrap_or_default();
            let read: Vec<Offer> = serde_json::from_str(&sent).unwrap_or_default();
            assert_eq!(read, [Offer::from(offer)], "{sent}");
            assert_eq!(read[0].why_not().as_deref(), why);
        }
    }

    #[test]
    fn a_card_says_what_the_system_gets() {
        let gets = Came::Gets { tiers: vec!["daily".into(), "weekly".into()], mind: vec!["By age alone.".into()] };
        let key = Offer::from(offered(gets)).key();
        assert_eq!(key, "p1\nGold\ndaily; weekly · By age alone · used by 3 definitions\n");
    }
}
