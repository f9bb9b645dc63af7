//! Third step: where copies go, how volumes are taken, how long recovery points are kept.

use super::{listing::listing_line, retention::retention, state::Wizard};
use crate::ui::{
    Card, field,
    part::{Part, Said, div, each, p, parts, switch},
    problem_of, question,
};
use model::{
    capability::{Capabilities, Support},
    definition::Volumes,
    location::Location,
};

pub fn storage(wizard: Wizard) -> Part {
    let Some(can) = wizard.capabilities.get_untracked() else { return Part::default() };
    let where_to = match can.location.why_not() {
        Some(why) => p("help").put(why.to_owned()).into(),
        None => parts([listing_line(wizard, "The location's name can be typed all the same."), locations(wizard)]),
    };
    let volumes = how_volumes(wizard, &can);
    let policy = move || {
        let (follows, of) = wizard
            .draft
            .with(|d| (d.follows.clone(), d.policy.as_ref().filter(|_| d.scheduled).map(|p| p.name.clone())));
        if follows.is_empty() { of } else { Some(wizard.policy_name(&follows)) }
    };
    let kept = switch(policy, move |policy| match policy {
        Some(name) => p("help").put(format!("As the policy {name} says, which is chosen under Schedule.")).into(),
        None => retention(wizard, &can),
    });
    parts([
        question("mt-4", "Storage location", Said::Never, where_to),
        question("", "Volumes", Said::Never, volumes),
        question("", "Retention", Said::Never, kept),
    ])
}

fn choose(wizard: Wizard, name: &str) {
    wizard.edit("location", |d| name.clone_into(&mut d.location));
    wizard.leave("location");
}

fn locations(wizard: Wizard) -> Part {
    let chosen = move || wizard.draft.with(|d| d.location.clone());
    let default_help = move || {
        let default = wizard.seen(|i| {
            i.locations.iter().find(|l| l.is_default).map(|l| match l.why_not() {
                Some(why) => format!("now {}. {why}", l.name),
                None => format!("now {}, {}", l.name, l.place),
            })
        });
        Some(default.map_or_else(
            || "whichever the system has as its default when a run begins".to_owned(),
            |default| default.unwrap_or_else(|| "the system names none; a run would be refused".to_owned()),
        ))
    };
    let find = move |name: &str| wizard.seen(|i| i.locations.iter().find(|l| l.name == name).cloned()).flatten();
    // What a card says is part of its key: a location that changed is another card.
    let key = |l: &Location| format!("{}\n{}\n{}", l.name, l.is_default, l.why_not().unwrap_or_default());
    let cards = each(
        move || wizard.seen(|i| i.locations.iter().map(key).collect()).unwrap_or_default(),
        move |key| find(key.lines().next().unwrap_or_default()).map(|l| location_card(wizard, &l)).into(),
    );
    // A name that no list has, typed or saved earlier, must stay in sight.
    let by_name = switch(
        move || {
            let unlisted = {
                let chosen = chosen();
                !chosen.is_empty() && find(&chosen).is_none()
            };
            unlisted || wizard.listing.error.with(Option::is_some)
        },
        move |shown| {
            shown.then(|| {
                field("location-name", "Name of the location")
                    .class("mt-3 max-w-md")
                    .autocomplete("off")
                    .help("Empty takes the system's default. A name that it does not know lets every run fail.")
                    .value(wizard.text(|d| &d.location))
                    .typed(move |text| wizard.edit("location", |d| d.location = text))
                    .text()
            })
        },
    );
    let default = Card { id: "location-default".into(), ..Card::new("location", "", "The system's default") }
        .help(Said::live(default_help))
        .choice(move || chosen().is_empty(), move || choose(wizard, ""));
    parts([
        div("grid gap-2 sm:grid-cols-2").id("location").attr("tabindex", "-1").put(default).put(cards).into(),
        problem_of("location", wizard.error("location")),
        by_name,
    ])
}

fn location_card(wizard: Wizard, location: &Location) -> Part {
    let (name, own) = (location.name.clone(), location.name.clone());
    let why = location.why_not();
    let default = if location.is_default { "the default · " } else { "" };
    let help = match &why {
        Some(why) => format!("{default}{why} Runs to it fail until that changes."),
        None => format!("{default}available, {}", location.place),
    };
    let card = Card::new("location", name.clone(), name.clone()).help(help);
    let card = match why {
        // What is chosen already can't be switched off under somebody's hand; its trouble is told all the same.
        Some(why) => {
            let own = name.clone();
            card.off(Said::live(move || wizard.draft.with(|d| d.location != own).then(|| format!("{default}{why}"))))
        }
        None => card,
    };
    card.choice(move || wizard.draft.with(|d| d.location == own), move || choose(wizard, &name))
}

/// What a way of taking volumes means for the one who restores.
fn explained(volumes: Volumes) -> &'static str {
    match volumes {
        Volumes::Upstream => "whatever the system's own settings say; they may change without this definition changing",
        Volumes::SnapshotMoved => "the copies outlive the storage system; runs take longer",
        Volumes::Snapshot => "quick, but lost together with the storage system",
        Volumes::Files => "read through the running pods; works without snapshots, not for raw block volumes",
        Volumes::None => "volumes come back empty",
    }
}

fn how_volumes(wizard: Wizard, can: &Capabilities) -> Part {
    let card = |(v, support): &(Volumes, Support)| {
        let v = *v;
        let help = match support.text() {
            "" => explained(v).to_owned(),
            note => format!("{}. {note}", explained(v)),
        };
        Card::new("volumes", v.key(), v.words()).help(help).off(support.why_not().map(str::to_owned)).choice(
            move || wizard.draft.with(|d| d.volumes == v),
            move || {
                wizard.edit("volumes", |d| d.volumes = v);
                wizard.leave("volumes");
            },
        )
    };
    parts([
        div("grid gap-2 sm:grid-cols-2")
            .id("volumes")
            .attr("tabindex", "-1")
            .put(parts(can.volumes.iter().map(card)))
            .into(),
        problem_of("volumes", wizard.error("volumes")),
    ])
}
