//! The rules of a workspace as rows: each narrows by connection, clusters, namespaces and subjects; what one of them takes
//! in belongs to it. Below each stands what it takes in now.

use super::{Form, id_of, row, rows, taken};
use crate::ui::{
    Answer, Glyph, Weight, button, field,
    part::{Part, Said, div, each, p, parts, switch},
    problem_of, question,
};
use model::workspace::{RuleDraft, WorkspaceDraft};

pub fn rules(form: Form) -> Part {
    let count = move || rows(form.draft.with(|d| d.rules.len()));
    let add = move || form.rearrange("rules", |d| d.rules.push(RuleDraft::default()));
    question(
        "",
        "What belongs to it",
        "What one of these rules takes in belongs to it, also what appears later. Each filled field narrows its rule; an empty one takes everything. Patterns: * is any text, ? is one character. Several are separated by commas.",
        parts([
            each(count, move |key| rule(form, row(key))),
            problem_of("rules", form.error("rules")),
            p("mt-3").put(button("Add a rule").small().icon(Glyph::Plus).press(add)).into(),
        ]),
    )
}

fn read(draft: &WorkspaceDraft, at: usize, of: fn(&RuleDraft) -> &String) -> String {
    draft.rules.get(at).map(|rule| of(rule).clone()).unwrap_or_default()
}

fn write(draft: &mut WorkspaceDraft, at: usize, of: fn(&mut RuleDraft) -> &mut String, text: String) {
    if let Some(rule) = draft.rules.get_mut(at) {
        *of(rule) = text;
    }
}

fn rule(form: Form, at: usize) -> Part {
    let words = |name: &str,
                 label: &'static str,
                 placeholder: &'static str,
                 help: &'static str,
                 get: fn(&RuleDraft) -> &String,
                 set: fn(&mut RuleDraft) -> &mut String| {
        let path = format!("rules.{at}.{name}");
        let edited = path.clone();
        field(id_of(&path), label)
            .placeholder(placeholder)
            .autocomplete("off")
            .value(form.text(move |d| read(d, at, get)))
            .error(form.error(path))
            .help(if help.is_empty() { Said::Never } else { help.into() })
            .typed(move |text| form.edit(&edited, |d| write(d, at, set, text)))
            .text()
    };
    let remove = move || {
        form.rearrange("rules", |d| {
            if at < d.rules.len() {
                d.rules.remove(at);
            }
        });
    };
    let name = format!("Rule {}", at + 1);
    div("panel p-3 mt-3 grid gap-3 sm:grid-cols-2")
        .attr("role", "group")
        .attr("aria-label", name.clone())
        .put(connection(form, at))
        .put(words(
            "clusters",
            "Clusters",
            "edge-*",
            "A system without clusters of its own is one: its connection’s name.",
            |r| &r.clusters,
            |r| &mut r.clusters,
        ))
        .put(words("namespaces", "Namespaces", "shop, shop-*", "", |r| &r.namespaces, |r| &mut r.namespaces))
        .put(words("subjects", "Apps, workspaces, instances", "gitlab-?", "", |r| &r.subjects, |r| &mut r.subjects))
        .put(taken::of_rule(form, at))
        .put(
            p("-ml-2 sm:col-span-2")
                .put(button(format!("Remove rule {}", at + 1)).small().weight(Weight::Quiet).press(remove)),
        )
        .into()
}

/// The connection's select. One that was removed since stays named, so that its rule can be mended.
fn connection(form: Form, at: usize) -> Part {
    let path = format!("rules.{at}.connection");
    let known =
        move || form.connections.with_untracked(|all| all.iter().map(|(id, _)| id.0.clone()).collect::<Vec<_>>());
    let own = move || form.draft.with(|d| read(d, at, |r| &r.connection));
    let gone = move || Some(own()).filter(|id| !id.is_empty() && !known().contains(id));
    switch(gone, move |gone| {
        let mut answers = vec![Answer::new("", "Any connection")];
        answers.extend(form.connections.with_untracked(|all| {
            all.iter().map(|(id, name)| Answer::new(id.0.clone(), name.clone())).collect::<Vec<_>>()
        }));
        let help = gone.is_some().then(|| {
            "Its connection was removed: the rule takes in nothing. Choose another one, or remove the rule.".to_owned()
        });
        answers.extend(gone.map(|id| Answer::new(id, "A connection that was removed")));
        let edited = path.clone();
        field(id_of(&path), "Connection")
            .value(form.text(move |d| read(d, at, |r| &r.connection)))
            .error(form.error(path.clone()))
            .help(help)
            .typed(move |text| form.edit(&edited, |d| write(d, at, |r| &mut r.connection, text)))
            .select(answers)
    })
}
