//! What belongs to a workspace, in words: its rules as they were typed.

use crate::ui::*;
use leptos::prelude::*;
use model::{connection::Connection, workspace::RuleDraft};

/// Nothing for a workspace that its upstream keeps: what belongs to it is told there.
pub fn rules(rules: &[RuleDraft], connections: &[Connection]) -> AnyView {
    if rules.is_empty() {
        return ().into_any();
    }
    let lines = rules
        .iter()
        .enumerate()
        .map(|(at, rule)| {
            let (said, gone) = said(rule, connections);
            let why = format!("rule {} takes in nothing: its connection was removed", at + 1);
            view! {
                <li class="need" data-tone=if gone { "warn" } else { "mute" }>
                    <Icon name=if gone { Glyph::Warn } else { Glyph::Workspace } />
                    <div>
                        <p>{said}</p>
                        {gone.then(|| view! { <p class="sub">{why}</p> })}
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <Section id="rules" title="What belongs to it" note="what one of these rules takes in">
            <div class="panel">
                <ol>{lines}</ol>
            </div>
        </Section>
    }
    .into_any()
}

/// The rule in words, and whether its connection is gone.
fn said(rule: &RuleDraft, connections: &[Connection]) -> (String, bool) {
    let narrowed: Vec<String> = [
        ("clusters", &rule.clusters),
        ("namespaces", &rule.namespaces),
        ("apps, workspaces and instances", &rule.subjects),
    ]
    .into_iter()
    .filter(|(_, names)| !names.trim().is_empty())
    .map(|(what, names)| format!("{what} {}", names.trim()))
    .collect();
    let what = if narrowed.is_empty() { "everything".to_owned() } else { narrowed.join(" · ") };
    if rule.connection.is_empty() {
        return (format!("{what} on any connection"), false);
    }
    match connections.iter().find(|connection| connection.id.as_str() == rule.connection) {
        Some(connection) => (format!("{what} on {}", connection.name), false),
        None => (format!("{what} on a connection that was removed"), true),
    }
}
