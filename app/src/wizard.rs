//! The definition wizard: one island that edits one [`DefinitionDraft`]. Steps are computed from what the chosen
//! connection can do; the step is in the URL's query, so that Back works and a link reopens it. Next never blocks: what is
//! wrong is told where it stands, counted in the rail and listed on Review. What is typed is kept in the tab's session
//! storage until it is saved.

pub(crate) mod browser;
mod conflict;
mod differences;
mod follow;
mod kinds;
mod labels;
mod listing;
mod namespaces;
mod picker;
pub(crate) mod preset;
mod rail;
pub(crate) mod retention;
mod review;
pub(crate) mod rhythm;
mod saving;
mod schedule;
mod scope;
mod sent;
mod source;
mod state;
mod storage;
mod subject;
mod suit;
mod tiers;
pub(crate) mod upcoming;
mod words_field;
pub(crate) mod zone;

use crate::{
    paths,
    ui::{
        Glyph, Packed, Tone, Weight, button, callout, icon, link_button,
        part::{self, Part, div, el, live, p, parts, switch},
        starting, starting_note,
    },
};
use leptos::prelude::*;
use model::{
    draft::{DefinitionDraft, Step},
    view::WizardStart,
};
use state::Wizard;

/// The island: the open step. `step` is the query's word when the page was asked for; an unknown one means the first.
#[island(lazy)]
pub fn DefinitionWizard(start: Packed<WizardStart>, step: String) -> impl IntoView {
    let wizard = Wizard::new(start.open(), &step);
    if !cfg!(feature = "ssr") {
        wizard.resume();
        Effect::new(move |_| part::take_place(rail::RAIL, rail::rail(wizard)));
    }
    wizard.follow_steps();
    let opened = move |step: Step| match step {
        Step::Source => source::source(wizard),
        Step::Scope => scope::scope(wizard),
        Step::Storage => storage::storage(wizard),
        Step::Schedule => schedule::schedule(wizard),
        Step::Review => review::review(wizard),
    };
    Part::from(
        starting(el("form"))
            .on("submit", |event| event.prevent_default())
            .put(
                el("header")
                    .put(
                        el("h1")
                            .id(browser::HEADING)
                            .attr("tabindex", "-1")
                            .put(live(move || wizard.step.get().title())),
                    )
                    .put(p("lead").put(live(move || rail::lead(wizard)))),
            )
            .put(starting_note("filled in"))
            .put(restored(wizard))
            .put(switch(move || wizard.step.get(), opened))
            .put(foot(wizard)),
    )
}

/// The rail as the server draws it, before the wizard runs.
#[cfg(feature = "ssr")]
pub fn first_rail(start: WizardStart, step: &str) -> Part {
    rail::rail(Wizard::new(start, step))
}

fn said_name(draft: &DefinitionDraft) -> String {
    let name = draft.name.trim();
    if name.is_empty() { "Not named yet".into() } else { name.to_owned() }
}

/// Says that typed things came back, and offers to forget them.
fn restored(wizard: Wizard) -> Part {
    let small = |class: &'static str| el("button").attr("type", "button").class(class);
    live(move || {
        wizard.restored.get().then(|| {
            let inside = div("flex flex-wrap items-center gap-x-4 gap-y-1")
                .put(el("p").put("What you typed here earlier is back."))
                .put(small("btn btn-sm").on("click", move |_| wizard.start_over()).put("Forget it and start over"))
                .put(small("btn btn-sm btn-quiet").on("click", move |_| wizard.restored.set(false)).put("Keep it"));
            div("mt-4").put(callout(Tone::Mute, Glyph::Info, Some("status"), None, inside))
        })
    })
}

/// Back and Next with the names of their steps; on Review the sending button stands there instead of Next.
fn foot(wizard: Wizard) -> Part {
    let neighbour = move |by: isize| {
        let here = wizard.step.get();
        wizard.steps.with(|steps| {
            let at = steps.iter().position(|s| *s == here)?;
            steps.get(at.checked_add_signed(by)?).copied()
        })
    };
    let back = move |step: Option<Step>| {
        step.map(|step| button(step.title()).icon(Glyph::Back).press(move || wizard.go(step)))
    };
    let next = move |step: Option<Step>| match step {
        Some(step) => button(parts([step.title().into(), icon(Glyph::Arrow)]))
            .weight(Weight::Primary)
            .press(move || wizard.go(step)),
        None if wizard.step.get_untracked() == Step::Review => saving::send_button(wizard),
        None => parts([
            p("help").put("Choose a connection; the further steps follow from what its system can do.").into(),
            link_button(paths::NEW_CONNECTION, Weight::Plain, "Add a connection"),
        ]),
    };
    let note = move || {
        (wizard.step.get() != Step::Review).then(|| format!("Nothing is sent to {} before Review.", wizard.upstream()))
    };
    div("wiz-foot")
        .put(switch(move || neighbour(-1), back))
        .put(switch(move || neighbour(1), next))
        .put(p("note sm:ml-auto").attr("aria-live", "polite").put(live(note)))
        .into()
}
