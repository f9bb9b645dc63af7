//! What the rules take in now. The server looks into the lists that it last read; a question waits until the typing
//! pauses, and an answer that is out of date is dropped.

use super::Form;
use crate::{
    api::workspaces,
    paths,
    ui::{
        Glyph, icon,
        part::{Part, div, el, follow, live, p, parts},
        question, words,
    },
};
use leptos::{prelude::*, task::spawn_local};
use model::workspace::{RuleDraft, WorkspaceDraft};
use std::time::Duration;

/// How long a pause in typing must be.
const PAUSE: Duration = Duration::from_millis(300);

/// So many names are written out below a rule.
const NAMED: usize = 12;

/// Asks whenever the draft has changed.
pub fn follow_rules(form: Form) {
    let mut before = None::<WorkspaceDraft>;
    follow(move || {
        let now = form.draft.get();
        if before.as_ref() == Some(&now) {
            return;
        }
        let wait = if before.is_none() { Duration::ZERO } else { PAUSE };
        before = Some(now.clone());
        form.asking.set(true);
        // Something newer that is being typed has its own question.
        let current = move |of: &WorkspaceDraft| form.draft.try_with_untracked(|d| d == of).unwrap_or(false);
        set_timeout(
            move || {
                if !current(&now) {
                    return;
                }
                spawn_local(async move {
                    let came = workspaces::taken(now.clone()).await;
                    if current(&now) {
                        form.taken.set(Some(came));
                        form.asking.set(false);
                    }
                });
            },
            wait,
        );
    });
}

/// What one rule takes in, below it.
pub fn of_rule(form: Form, at: usize) -> Part {
    let blank = move || form.draft.with(|d| d.rules.get(at).is_none_or(|rule| *rule == RuleDraft::default()));
    let told = move || {
        if blank() {
            return p("help").put("Fill in one of the fields: an empty rule would take in everything.");
        }
        form.taken.with(|answer| match answer {
            None => p("help").put("Looking up what it takes in …"),
            Some(Err(error)) => p("err").put(error.message.clone()),
            Some(Ok(taken)) => match taken.rules.get(at) {
                None => p("help").put("Nobody has looked yet what it takes in."),
                Some((_, 0)) => {
                    p("help").put(icon(Glyph::Warn)).put(" Takes in nothing now. It will once something fits.")
                }
                Some((names, all)) => p("help")
                    .put(el("b").put(format!("Takes in {} now: ", words::count(*all))))
                    .put(some_of(names, *all)),
            },
        })
    };
    div("sm:col-span-2").live("aria-busy", move || form.asking.get().then_some("true")).put(live(told)).into()
}

/// `shop, shop-db and 12 more`.
fn some_of(names: &[String], all: u64) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).cloned().collect();
    match all.saturating_sub(shown.len() as u64) {
        0 => words::list(&shown),
        more => format!("{} and {} more", shown.join(", "), words::count(more)),
    }
}

/// The definitions that belong to it by its rules.
pub fn definitions(form: Form) -> Part {
    let told = move || {
        form.taken.with(|answer| {
            let Some(Ok(taken)) = answer else { return Part::default() };
            if taken.definitions.is_empty() {
                return p("help").put("None yet: what belongs to it is told as unprotected.").into();
            }
            let one = |(id, name): &(model::DefinitionId, String)| {
                el("li").class("chip").put(el("a").attr("href", paths::definition(id)).put(name.clone()))
            };
            parts([
                Part::from(el("ul").class("chips").put(taken.definitions.iter().map(one).collect::<Vec<_>>())),
                p("help mt-2").put(words::plural(taken.definitions.len() as u64, "definition", "definitions")).into(),
            ])
        })
    };
    let region = div("min-w-0").attr("role", "status").put(live(told));
    question("", "Definitions that belong to it", "Their runs and recovery points decide how it is judged.", region)
}

#[cfg(test)]
mod tests {
    use super::some_of;

    #[test]
    fn names_that_do_not_fit_are_counted() {
        let names = |n: usize| (0..n).map(|i| format!("n{i}")).collect::<Vec<_>>();
        assert_eq!(some_of(&names(2), 2), "n0 and n1");
        assert_eq!(some_of(&names(2), 5), "n0, n1 and 3 more");
        assert!(some_of(&names(50), 5_000).ends_with("n11 and 4,988 more"));
    }
}
