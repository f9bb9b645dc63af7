//! What a definition declares, field by field, as far as its system lets it be declared.

use crate::ui::*;
use leptos::prelude::*;
use model::{
    Named,
    capability::Support,
    definition::{Definition, Retention},
    scope::ClusterObjects,
    tier::Tier,
    view::DefinitionDetail,
};

pub(super) fn declared(d: &DefinitionDetail) -> impl IntoView + use<> {
    let def = &d.definition;
    let (upstream, version, at) =
        (d.upstream_name.clone(), format!("{}, saved by {} ", d.row.version, d.updated_by), d.updated_at);
    let pairs: Vec<(String, String)> = scope(d).into_iter().chain(rest(d)).collect();
    let pairs = pairs.into_iter().map(|(label, text)| view! { <Pair label>{text}</Pair> }).collect_view();
    let there = format!("Name on {}", d.row.connection_name);
    let cron = def.schedule.clone().map(|s| view! { <Pair label="Cron"><code>{s.cron}</code></Pair> });
    view! {
        <Section id="declared" title="What is declared">
            <Pairs class="panel p-4 text-xs">
                {pairs}
                {cron}
                <Pair label=there><code>{upstream}</code></Pair>
                <Pair label="Version">
                    {version} <MaybeTime at=Some(at) />
                </Pair>
            </Pairs>
        </Section>
    }
}

fn list(names: &[String], none: &str) -> String {
    if names.is_empty() { none.to_owned() } else { words::list(names) }
}

fn named(names: &[Named]) -> String {
    words::list(&names.iter().map(|n| n.name.clone()).collect::<Vec<_>>())
}

/// What is taken. A decision that its system does not leave open is no line.
fn scope(d: &DefinitionDetail) -> Vec<(String, String)> {
    let (scope, can) = (&d.definition.scope, &d.capabilities);
    let mut out = Vec::new();
    let mut line = |open: bool, label: &str, text: String| {
        if open {
            out.push((label.to_owned(), text));
        }
    };
    let kind = can.subject().map_or("Protected", |kind| match kind.word() {
        "cluster" => "Cluster",
        "app" => "App",
        "workspace" => "Workspace",
        _ => "Instance",
    });
    line(scope.subject.is_some(), kind, named(scope.subject.as_slice()));
    let clusters = if scope.clusters.is_empty() { "all, those to come too".into() } else { named(&scope.clusters) };
    line(can.member_clusters.is_yes(), "Clusters", clusters);
    let open = |support: &Support, empty: bool| support.is_yes() || !empty;
    let names = list(&scope.namespaces, "every namespace, those to come too");
    line(open(&can.namespaces, scope.namespaces.is_empty()), "Namespaces", names);
    let except = &scope.except_namespaces;
    line(open(&can.except_namespaces, except.is_empty()), "Left out", list(except, "nothing"));
    let labels = selectors(&d.definition);
    let labels = if labels.is_empty() { "any".to_owned() } else { labels };
    line(open(&can.labels, scope.selectors.is_empty()), "Labels", labels);
    line(open(&can.kinds, scope.resources.is_empty()), "Kinds", list(&scope.resources, "every kind"));
    let except = &scope.except_resources;
    line(open(&can.kinds, except.is_empty()), "Kinds left out", list(except, "none"));
    let objects = match scope.cluster_objects {
        ClusterObjects::Needed => "those that the chosen objects need",
        ClusterObjects::All => "all",
        ClusterObjects::None => "none",
    };
    line(can.cluster_objects.is_yes(), "Cluster-scoped objects", objects.into());
    out
}

/// How it is taken, kept and repeated.
fn rest(d: &DefinitionDetail) -> Vec<(String, String)> {
    let (def, can) = (&d.definition, &d.capabilities);
    let mut out = vec![("Volumes".to_owned(), def.volumes.words().to_owned())];
    if can.location.is_yes() || def.location.is_some() {
        let location = def.location.clone().unwrap_or_else(|| "the system’s default".into());
        out.push(("Location".into(), location));
    }
    match &def.policy {
        Some(policy) => out.push(("Policy".into(), policy.name.clone())),
        None => {
            let kept = kept(&def.retention);
            let kept = if kept.is_empty() { "the system’s default".into() } else { kept };
            out.push(("Kept".into(), kept));
        }
    }
    for (at, tier) in def.further.iter().enumerate() {
        out.push((format!("Further schedule {}", at + 1), further(tier)));
    }
    out
}

fn further(tier: &Tier) -> String {
    let kept = kept(&tier.retention);
    let words = tier.schedule.words();
    if kept.is_empty() { words } else { format!("{words}, kept: {kept}") }
}

fn selectors(def: &Definition) -> String {
    let group = |group: &Vec<model::label::Requirement>| {
        group
            .iter()
            .map(|r| format!("{} {} {}", r.key, r.operator.words(), r.values.join(", ")).trim_end().to_owned())
            .collect::<Vec<_>>()
            .join(" and ")
    };
    def.scope.selectors.iter().map(group).collect::<Vec<_>>().join("; or ")
}

/// `14 days, at most 30, at least 3, 7 snapshots beside`; empty where the system decides.
pub fn kept(retention: &Retention) -> String {
    let number = |word: &str, n: Option<u32>, after: &str| n.map(|n| format!("{word}{n}{after}"));
    let parts = [
        retention.keep_for.map(|s| s.words()),
        number("at most the newest ", retention.keep_last, ""),
        number("always the newest ", retention.keep_at_least, ""),
        number("", retention.keep_snapshots, " snapshots beside the copies"),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
