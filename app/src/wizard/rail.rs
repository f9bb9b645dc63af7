//! The step rail's contents, and the sentence under each step's heading.

use super::state::Wizard;
use crate::{
    paths,
    ui::{
        Glyph, Tone, icon,
        part::{Part, div, each, el, live, p, span},
        words,
    },
};
use model::{
    definition::Volumes,
    draft::{DefinitionDraft, Step},
};

/// Id of the rail's element, whose place the browser's own takes.
pub const RAIL: &str = "rail";

/// What is being made, its steps with what was chosen in each and what is wrong there, and the way out.
pub fn rail(wizard: Wizard) -> Part {
    let name = move || wizard.draft.with(super::said_name);
    let editing = wizard.start.with_untracked(|s| s.editing.as_ref().map(|(id, _)| id.clone()));
    let (kind, leave) = match editing {
        Some(id) => ("Edit definition", paths::definition(&id)),
        None => ("New definition", paths::DEFINITIONS.to_owned()),
    };
    let keys = move || wizard.steps.with(|s| s.iter().map(|s| s.key().to_owned()).collect());
    let list = each(keys, move |key| Step::from_key(key).map(|step| entry(wizard, step)).into());
    let note = "What you type is kept in this tab until it is saved. The address of this page leads back to the step.";
    div("rail")
        .id(RAIL)
        .put(div("rail-head").put(p("note").put(kind)).put(p("text-md font-semibold").put(live(name))))
        .put(el("nav").attr("aria-label", "Steps").put(el("ol").put(list)))
        .put(
            div("mt-auto px-1 pt-4")
                .put(p("help mb-2").put(note))
                .put(el("a").class("btn btn-sm").attr("href", leave).put(icon(Glyph::Back)).put("Leave")),
        )
        .into()
}

fn entry(wizard: Wizard, step: Step) -> Part {
    let current = move || wizard.step.get() == step;
    let problems = move || if step == Step::Review { 0 } else { wizard.count(step) };
    let done = move || step != Step::Review && wizard.is_left(step) && problems() == 0;
    let sub = move || Some(chosen(wizard, step)).filter(|s| !s.is_empty()).map(|s| span("sub").put(s));
    let flag = move || {
        let n = problems();
        (n > 0).then(|| {
            span("step-flag")
                .attr("data-tone", Tone::Bad.key())
                .put(icon(Tone::Bad.glyph()))
                .put(words::plural(n as u64, "problem", "problems"))
        })
    };
    let link = el("a")
        .class("step")
        .live("href", move || wizard.href(step))
        .live("aria-current", move || current().then_some("step"))
        .on("click", move |event| {
            event.prevent_default();
            wizard.go(step);
        })
        .put(span("step-node").put(live(move || (done() && !current()).then(|| icon(Glyph::Check)))))
        .put(el("b").put(step.title()).put(live(move || done().then(|| span("sr-only").put(", filled in")))))
        .put(live(sub))
        .put(live(flag));
    el("li").put(link).into()
}

/// What was chosen in a step, in a few words.
fn chosen(wizard: Wizard, step: Step) -> String {
    match step {
        Step::Source => wizard
            .connection
            .with(|c| c.as_ref().map(|c| format!("{} on {}", c.kind.word(), c.name)))
            .unwrap_or_default(),
        Step::Scope => wizard
            .capabilities
            .with(|c| wizard.draft.with(|d| scope(d, c.as_ref().is_some_and(|c| c.namespaces.is_yes())))),
        Step::Storage => wizard
            .capabilities
            .with(|c| wizard.draft.with(|d| storage(d, c.as_ref().is_some_and(|c| c.location.is_yes())))),
        Step::Schedule => {
            let follows = wizard.draft.with(|d| d.follows.clone());
            let policy = (!follows.is_empty()).then(|| wizard.policy_name(&follows));
            wizard.draft.with(|d| schedule(d, policy))
        }
        Step::Review => String::new(),
    }
}

/// `named`: whether namespaces can be chosen.
fn scope(draft: &DefinitionDraft, named: bool) -> String {
    let scope = &draft.scope;
    let mut said: Vec<String> = scope.subject.iter().map(|s| s.name.clone()).filter(|s| !s.is_empty()).collect();
    match (named, scope.everything, scope.namespaces.len()) {
        (true, true, _) => said.push("every namespace".into()),
        (true, false, n) if n > 0 => said.push(words::plural(n as u64, "namespace", "namespaces")),
        _ => {}
    }
    if !scope.clusters.is_empty() {
        said.push(format!("on {}", words::plural(scope.clusters.len() as u64, "cluster", "clusters")));
    }
    if !scope.except_namespaces.is_empty() {
        said.push(format!("{} left out", scope.except_namespaces.len()));
    }
    if scope.selectors.iter().flatten().any(|r| !r.key.trim().is_empty()) {
        said.push("by label".into());
    }
    said.join(", ")
}

/// `located`: whether a location can be chosen.
fn storage(draft: &DefinitionDraft, located: bool) -> String {
    let mut said = Vec::new();
    if located {
        said.push(if draft.location.is_empty() { "default location".into() } else { draft.location.clone() });
    }
    let keep = draft.keep_for.trim();
    if !keep.is_empty() && draft.policy.is_none() && draft.follows.is_empty() {
        said.push(format!("kept {keep} {}", draft.keep_unit.word()));
    }
    if draft.volumes == Volumes::None {
        said.push("no volumes".into());
    }
    said.join(", ")
}

/// `follows`: the policy of the library that it follows.
fn schedule(draft: &DefinitionDraft, follows: Option<String>) -> String {
    if !draft.scheduled && follows.is_none() {
        return "a single backup".into();
    }
    let own = follows.is_none() && draft.policy.is_none();
    let mut said = match (follows, &draft.policy) {
        (Some(policy), _) => format!("policy {policy}"),
        (None, Some(policy)) if policy.name.is_empty() => "by a policy".to_owned(),
        (None, Some(policy)) => format!("policy {}", policy.name),
        (None, None) => model::cron::words(&draft.cron),
    };
    if said.is_empty() {
        said.push_str("no time yet");
    }
    if !draft.further.is_empty() && own {
        said.push_str(&format!(" and {} more", draft.further.len()));
    }
    if !draft.zone.trim().is_empty() && own {
        said.push_str(&format!(", {}", draft.zone.trim()));
    }
    if draft.paused {
        said.push_str(", paused");
    }
    said
}

/// The sentence under the heading.
pub fn lead(wizard: Wizard) -> String {
    let name = wizard.draft.with(super::said_name);
    let name = if name == "Not named yet" { "this definition".to_owned() } else { name };
    let upstream = wizard.upstream();
    match wizard.step.get() {
        Step::Source => "What the definition is called, and which connection's objects it protects.".into(),
        Step::Scope => format!("What {name} takes from {upstream}."),
        Step::Storage => "Where copies go, how volumes are taken and how long recovery points are kept.".into(),
        Step::Schedule => format!("How often {name} runs, and when."),
        Step::Review => match wizard.stops().len() {
            0 => format!("Nothing stops {name}. Nothing has been sent to {upstream} yet."),
            1 => format!("One problem stops {name}. Nothing has been sent to {upstream} yet."),
            n => format!("{n} problems stop {name}. Nothing has been sent to {upstream} yet."),
        },
    }
}
