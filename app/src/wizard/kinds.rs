//! Kinds taken in or left out, and objects without a namespace.

use super::{
    state::Wizard,
    words_field::{ListIn, words_field},
};
use crate::ui::{
    Answer, field,
    part::{Part, Said, div, parts},
    question,
};
use model::{capability::Capabilities, scope::ClusterObjects};

pub fn kinds(wizard: Wizard, can: &Capabilities) -> Part {
    let chosen = move || wizard.draft.with(|d| d.scope.cluster_objects);
    let answers = vec![
        Answer::new(ClusterObjects::Needed.key(), "Those that the chosen objects need"),
        Answer::new(ClusterObjects::All.key(), "All of them"),
        Answer::new(ClusterObjects::None.key(), "None"),
    ];
    let help = move || match chosen() {
        ClusterObjects::Needed => "For example the PersistentVolumes of the chosen claims.",
        ClusterObjects::All => "Every cluster-scoped object, whoever it belongs to.",
        ClusterObjects::None => "PersistentVolumes are left out too: no volume could be restored.",
    };
    let objects = field("scope-cluster_objects", "Cluster-scoped objects")
        .value(Said::live(move || Some(chosen().key().to_owned())))
        .help(Said::live(move || Some(help().to_owned())))
        .typed(move |text| {
            if let Some(objects) = ClusterObjects::from_key(&text) {
                wizard.edit("scope.cluster_objects", |d| d.scope.cluster_objects = objects);
            }
        })
        .select(answers);
    let only = "Empty takes every kind. Write plurals, such as deployments.apps or secrets.";
    let but = "For example events, which no restore needs.";
    let kinds = can.kinds.is_yes().then(|| {
        parts([
            words_field(wizard, ListIn::Resources, "Take in only these kinds", only, "every kind"),
            words_field(wizard, ListIn::ExceptResources, "Leave out kinds", but, "events"),
        ])
    });
    let objects = can.cluster_objects.is_yes().then_some(objects);
    let inside = div("grid gap-4 sm:grid-cols-2").put(kinds).put(objects);
    question("", "Resources", Said::Never, inside)
}
