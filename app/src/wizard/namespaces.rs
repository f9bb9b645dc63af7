//! The live list of namespaces: find, tick, and add names or patterns by hand.

use super::{
    state::Wizard,
    words_field::{ListIn, chips, on_enter},
};
use crate::ui::{
    Glyph, Slot, button,
    part::{Part, Said, div, each, el, live, p, parts, span, switch},
    plain_input, problem_of,
};
use leptos::prelude::*;
use model::connection::NamespaceSeen;
use std::sync::Arc;

/// Rows shown at once; the field narrows the rest.
const SHOWN: usize = 100;

pub fn namespaces(wizard: Wizard) -> Part {
    let find = Slot::new(String::new());
    let patterns = wizard.capabilities.with_untracked(|c| c.as_ref().is_some_and(|c| c.namespace_patterns.is_yes()));
    let label = if patterns {
        "Find a namespace, or add a name or a pattern with *"
    } else {
        "Find a namespace, or add a name"
    };
    let found = move || {
        let find = find.with(|f| f.trim().to_ascii_lowercase());
        wizard
            .namespaces(|namespaces| {
                let all = namespaces.len();
                let rows: Vec<NamespaceSeen> = namespaces
                    .iter()
                    .filter(|n| if find.contains('*') { glob(&find, &n.name) } else { n.name.contains(&find) })
                    .cloned()
                    .collect();
                (rows, all)
            })
            .unwrap_or_default()
    };
    let take = move || {
        let text = find.get_untracked();
        ListIn::Namespaces.add(wizard, &text);
        find.set(String::new());
    };
    // Enter means what is plainly meant: the name itself, a pattern, the one row left, or a name that no list knows.
    let enter = move || {
        let typed = find.with_untracked(|f| f.trim().to_owned());
        let rows = untrack(found).0;
        let meant = match rows.as_slice() {
            [] => Some(typed.clone()),
            _ if typed.contains('*') || rows.iter().any(|r| r.name == typed) => Some(typed.clone()),
            [one] => Some(one.name.clone()),
            _ => None,
        };
        if let Some(name) = meant {
            ListIn::Namespaces.add(wizard, &name);
            find.set(String::new());
        }
    };
    let count = move || {
        let (rows, all) = found();
        let (shown, matching) = (rows.len().min(SHOWN), rows.len());
        if all == 0 {
            return String::new();
        }
        let narrowed =
            if shown < matching { format!(" ({matching} match; type more to narrow them)") } else { String::new() };
        format!("{shown} of {all} shown{narrowed}. ")
    };
    let error = Said::live(move || wizard.said_under("scope.namespaces"));
    let typed = move |text| find.set(text);
    let input = plain_input("scope-namespaces", move || find.get(), typed, error.clone(), " ".into())
        .class("flex-1 min-w-0")
        .attr("placeholder", label)
        .on("keydown", move |event| on_enter(&event, enter));
    let matches = move |word: &str| {
        let n = word.contains('*').then(|| wizard.namespaces(|all| all.iter().filter(|n| glob(word, &n.name)).count()));
        n.flatten().map(|n| format!("{n} match"))
    };
    // A namespace that the upstream begins to skip is another row.
    let keys = move || {
        let key = |n: NamespaceSeen| format!("{}{}", n.name, if n.skipped_because.is_some() { "!" } else { "" });
        found().0.into_iter().take(SHOWN).map(key).collect()
    };
    let list = switch(
        move || !found().0.is_empty(),
        move |any| {
            any.then(|| {
                el("ul")
                    .class("list mt-2 max-h-96 overflow-auto")
                    .attr("aria-label", "Namespaces on offer")
                    .put(each(keys, move |key| row(wizard, key.trim_end_matches('!'))))
            })
        },
    );
    parts([
        chips(wizard, ListIn::Namespaces, "Chosen namespaces".into(), matches),
        div("field mt-2")
            .put(el("label").class("sr-only").attr("for", "scope-namespaces").put(label))
            .put(div("flex gap-2").put(input).put(button("Add name").icon(Glyph::Plus).press(take)))
            .put(problem_of("scope-namespaces", error))
            .into(),
        list,
        p("help mt-2").id("scope-namespaces-help").put(live(count)).put(pattern_note(wizard)).into(),
    ])
}

/// What a pattern means here, or why there are none.
fn pattern_note(wizard: Wizard) -> Option<String> {
    wizard.capabilities.with_untracked(|c| {
        c.as_ref().map(|c| match c.namespace_patterns.why_not() {
            Some(why) => why.to_owned(),
            None => format!("A pattern also takes namespaces that appear later. {}", c.namespace_patterns.text()),
        })
    })
}

/// A namespace: ticked by name or by a pattern, or off because the upstream skips it.
fn row(wizard: Wizard, name: &str) -> Part {
    let id = format!("ns-{name}");
    let why = format!("{id}-why");
    let skipped = wizard.namespaces(|all| all.iter().find(|n| n.name == name)?.skipped_because.clone()).flatten();
    let off = skipped.is_some();
    let name: Arc<str> = name.into();
    let own = name.clone();
    let by = Arc::new(move || {
        wizard.draft.with(|d| d.scope.namespaces.iter().find(|n| **n != *own && glob(n, &own)).cloned())
    });
    let own = name.clone();
    let ticked = move || wizard.draft.with(|d| d.scope.namespaces.iter().any(|n| **n == *own));
    let (pattern, patterned, about, taken) = (by.clone(), by.clone(), by.clone(), ticked.clone());
    let (note_id, own) = (why.clone(), name.clone());
    let note = move || skipped.clone().or_else(|| pattern().map(|pattern| format!("by the pattern {pattern}")));
    let tick = el("input")
        .attr("type", "checkbox")
        .id(id.clone())
        .live("checked", move || ticked() || by().is_some())
        .live("disabled", move || off || (patterned().is_some() && !taken()))
        .live("aria-describedby", move || (off || about().is_some()).then(|| why.clone()))
        .on("change", move |event| {
            if event_target_checked(&event) {
                ListIn::Namespaces.add(wizard, &own);
            } else {
                ListIn::Namespaces.remove(wizard, &own);
            }
        });
    let label = el("label").attr("for", id).class(if off { "text-ink-3" } else { "" }).put(name.to_string());
    let note = live(move || note().map(|text| span("sub").id(note_id.clone()).put(text)));
    el("li").put(tick).put(el("div").put(label).put(note)).into()
}

/// Whether a pattern with `*` (any text) and `?` (one character) matches a name.
fn glob(pattern: &str, name: &str) -> bool {
    fn matches(p: &[u8], n: &[u8]) -> bool {
        match (p.first(), n.first()) {
            (None, None) => true,
            (Some(b'*'), _) => matches(&p[1..], n) || (!n.is_empty() && matches(p, &n[1..])),
            (Some(b'?'), Some(_)) => matches(&p[1..], &n[1..]),
            (Some(a), Some(b)) if a == b => matches(&p[1..], &n[1..]),
            _ => false,
        }
    }
    // More than a few stars never stand in a namespace pattern, and would cost time without end.
    pattern.bytes().filter(|b| *b == b'*').count() <= 4 && matches(pattern.as_bytes(), name.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn globs() {
        for (pattern, name, yes) in [
            ("shop", "shop", true),
            ("shop", "shop-db", false),
            ("shop-*", "shop-db", true),
            ("shop-*", "shop", false),
            ("*-db", "shop-db", true),
            ("s?op", "shop", true),
            ("*", "", true),
            ("*****", "a", false),
        ] {
            assert_eq!(glob(pattern, name), yes, "{pattern} {name}");
        }
    }
}
