//! What happens to objects that are there already, to volumes and to node ports.

use super::Form;
use crate::ui::{
    Answer, Card, check, field, group,
    part::{Part, Said, div, parts, switch},
    problem_of,
};
use model::scope::ClusterObjects;

pub fn existing(form: Form) -> Part {
    let can = form.can();
    parts([
        switch(move || form.in_place(), move |in_place| (!in_place).then(|| objects(form))),
        switch(move || form.changes(), move |changes| changes.then(|| confirm(form))),
        can.volumes.is_yes().then(|| volumes(form)).into(),
        can.cluster_objects.is_yes().then(|| cluster_objects(form)).into(),
        can.node_ports.is_yes().then(|| div("mt-4").put(node_ports(form))).into(),
    ])
}

fn objects(form: Form) -> Part {
    let off = form.can().update_existing.why_not().map(str::to_owned);
    let update = move || form.draft.with(|d| d.existing == "update");
    let set = move |word: &'static str| form.edit(|d| d.existing = word.to_owned());
    let keep = Card::new("existing", "keep", "Leave them as they are")
        .help("only what is missing is made")
        .choice(move || !update(), move || set("keep"));
    let overwrite = Card::new("existing", "update", "Update them where they differ")
        .help("what changed since the point was taken is overwritten; it can't be undone")
        .off(off)
        .choice(update, move || set("update"));
    let choice = parts([keep, overwrite, problem_of("existing", form.error("existing".into()))]);
    div("mt-5").put(group("Objects that exist already", Said::Never, choice)).into()
}

fn confirm(form: Form) -> Part {
    let title = form.start.with_untracked(|s| s.point.title().to_owned());
    field("confirm", format!("Type {title} to confirm"))
        .class("mt-3")
        .autocomplete("off")
        .value(form.text(|d| &d.confirm))
        .error(form.error("confirm".into()))
        .typed(move |text| form.edit(|d| d.confirm = text))
        .text()
}

fn volumes(form: Form) -> Part {
    let volumes = vec![
        Answer::new("upstream", "As the backup system is set up"),
        Answer::new("yes", "Restore them with their data"),
        Answer::new("no", "Leave them out"),
    ];
    field("volumes", "Volumes")
        .class("mt-4")
        .value(form.text(|d| &d.volumes))
        .error(form.error("volumes".into()))
        .typed(move |text| form.edit(|d| d.volumes = text))
        .select(volumes)
}

fn cluster_objects(form: Form) -> Part {
    let answers = vec![
        Answer::new(ClusterObjects::Needed.key(), "Those that the chosen objects need"),
        Answer::new(ClusterObjects::All.key(), "All of them"),
        Answer::new(ClusterObjects::None.key(), "None"),
    ];
    field("cluster_objects", "Cluster-scoped objects")
        .class("mt-4")
        .value(Said::live(move || Some(form.draft.with(|d| d.cluster_objects.key().to_owned()))))
        .error(form.error("cluster_objects".into()))
        .typed(move |text| form.edit(|d| d.cluster_objects = ClusterObjects::from_key(&text).unwrap_or_default()))
        .select(answers)
}

fn node_ports(form: Form) -> Part {
    check(
        "keep_node_ports",
        "Keep the node ports of services",
        move || form.draft.with(|d| d.keep_node_ports),
        "Off, the cluster gives free ones; on, a port that is taken lets its service fail.".into(),
        Said::Never,
        move |on| form.edit(|d| d.keep_node_ports = on),
    )
}
