//! What a definition belongs to where its system has one object for that, and which of its clusters are taken.

use super::{
    picker::{Picker, anchor},
    state::Wizard,
};
use crate::ui::{
    check,
    part::{Part, Said, div, each, live, p, parts},
    problem_of,
};
use model::{
    Named,
    capability::SubjectKind,
    connection::{NamespaceSeen, SubjectSeen},
};

impl Wizard {
    /// What the live list tells of the chosen subject.
    fn subject<T>(self, read: impl FnOnce(&SubjectSeen) -> T) -> Option<T> {
        let id = self.draft.with(|d| d.scope.subject.as_ref().map(|s| s.id.clone()))?;
        self.seen(|i| i.subjects.iter().find(|s| s.id == id).map(read)).flatten()
    }

    /// The namespaces on offer: the chosen subject's, or those of the whole upstream.
    pub fn namespaces<T>(self, read: impl FnOnce(&[NamespaceSeen]) -> T) -> Option<T> {
        match self.kind() {
            Some(_) => self.subject(|s| read(&s.namespaces)),
            None => self.seen(|i| read(&i.namespaces)),
        }
    }

    /// What a definition belongs to here.
    pub fn kind(self) -> Option<SubjectKind> {
        self.capabilities.with_untracked(|c| c.as_ref()?.subject())
    }
}

/// The question's title.
pub fn title(kind: SubjectKind) -> &'static str {
    match kind {
        SubjectKind::Cluster => "Cluster",
        SubjectKind::App => "App",
        SubjectKind::Workspace => "Workspace",
        SubjectKind::Instance => "Instance",
    }
}

pub fn subjects(kind: SubjectKind) -> Picker {
    Picker {
        path: "scope.subject",
        word: kind.word(),
        offered: |i| {
            let plain = |s: &SubjectSeen| SubjectSeen {
                id: s.id.clone(),
                name: s.name.clone(),
                detail: s.detail.clone(),
                why_not: s.why_not.clone(),
                ..SubjectSeen::default()
            };
            i.subjects.iter().map(plain).collect()
        },
        chosen: |d| d.scope.subject.as_ref(),
        choose: |d, subject| {
            // The clusters of another subject are none of this one's.
            d.scope.clusters.clear();
            d.scope.subject = Some(subject);
        },
    }
}

/// Clusters of a subject that spans several.
pub fn members(wizard: Wizard) -> Part {
    // One that was chosen stays in sight also where the list does not name it.
    let known = move || {
        let mut all = wizard.subject(|s| s.clusters.clone()).unwrap_or_default();
        for chosen in wizard.draft.with(|d| d.scope.clusters.clone()) {
            if !all.contains(&chosen) {
                all.push(chosen);
            }
        }
        all
    };
    let keys = move || known().into_iter().map(|n| format!("{}\n{}", n.id, n.name)).collect();
    let row = move |key: &str| {
        let (id, name) = key.split_once('\n').unwrap_or((key, key));
        let cluster = Named::new(id, name);
        let own = cluster.clone();
        check(
            format!("member-{}", anchor(id)),
            name.to_owned(),
            move || wizard.draft.with(|d| d.scope.clusters.contains(&own)),
            Said::Never,
            Said::Never,
            move |on| {
                wizard.edit("scope.clusters", |d| {
                    d.scope.clusters.retain(|c| *c != cluster);
                    if on {
                        d.scope.clusters.push(cluster.clone());
                    }
                });
            },
        )
    };
    let none = move || {
        known().is_empty().then(|| p("help").put("Which clusters it spans is not known now; all of them are taken."))
    };
    parts([
        div("grid gap-2 sm:grid-cols-2").id("scope-clusters").attr("tabindex", "-1").put(each(keys, row)).into(),
        live(none),
        problem_of("scope-clusters", wizard.error("scope.clusters")),
    ])
}
