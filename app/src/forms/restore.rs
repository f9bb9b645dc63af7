//! The restore form: what of a recovery point comes back, under which names, and what it does to what is there.

mod classes;
mod existing;
mod facts;
mod instance;
mod namespaces;
mod plan;
mod way;

use crate::{
    api,
    error::{ApiError, ErrorKind},
    paths,
    ui::{
        Packed, Slot, Weight, button, link_button,
        part::{Part, Said, div, el, follow, live, p, parts, switch},
        problem, problem_of, question, starting, starting_note, words,
    },
    wizard::browser,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    FieldError, Millis,
    capability::RestoreCapabilities,
    restore::{RestoreDraft, RestoreOffer},
    view::RestoreStart,
};

/// Signals of the open form.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) start: Slot<RestoreStart>,
    pub(crate) draft: Slot<RestoreDraft>,
    /// What is wrong with the draft, by the same rules as the server's.
    problems: Slot<Vec<FieldError>>,
    refused: Slot<Option<ApiError>>,
    /// Set with the first attempt: from then on everything wrong is told.
    tried: Slot<bool>,
    saving: Slot<bool>,
    /// What can be chosen, once it was read; empty before.
    pub(crate) offer: Slot<RestoreOffer>,
    /// Why that could not be read.
    pub(crate) failed: Slot<Option<ApiError>>,
    asking: Slot<bool>,
}

impl Form {
    /// What this system's restores can be told.
    pub(crate) fn can(self) -> RestoreCapabilities {
        self.start.with_untracked(|s| s.capabilities.restore.clone())
    }

    /// Whether it goes over what is there.
    pub(crate) fn in_place(self) -> bool {
        self.draft.with(|d| d.way == "in_place")
    }

    /// Whether something that exists would be changed.
    pub(crate) fn changes(self) -> bool {
        self.draft.with(|d| d.way == "in_place" || d.existing == "update")
    }

    /// Reads what can be chosen; what was read before stays when that fails.
    fn ask(self) {
        let point = self.start.with_untracked(|s| s.point.id.clone());
        self.asking.set(true);
        spawn_local(async move {
            let answer = api::activity::restore_offer(point).await;
            self.asking.set(false);
            match answer {
                Ok(offer) => {
                    self.failed.set(None);
                    self.offer.set(offer);
                }
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }

    /// What is wrong with a field. Before the first attempt only what was typed is judged, not what is still empty.
    pub(crate) fn wrong(self, path: &str) -> Option<String> {
        let refused = self.refused.with(|e| e.as_ref().and_then(|e| e.about(path)));
        refused.or_else(|| {
            let typed = ["mapping", "storage_classes", "prefix", "suffix"];
            let told = self.tried.get() || typed.iter().any(|field| path.starts_with(field));
            self.problems.with(|p| p.iter().find(|e| told && e.path == path).map(|e| e.sentence.clone()))
        })
    }

    /// The same for a field's control.
    pub(crate) fn error(self, path: String) -> Said {
        Said::live(move || self.wrong(&path))
    }

    /// What the draft says, for a control.
    pub(crate) fn text(self, read: fn(&RestoreDraft) -> &String) -> Said {
        Said::live(move || self.draft.with(|d| Some(read(d).clone())))
    }

    pub(crate) fn edit(self, change: impl FnOnce(&mut RestoreDraft)) {
        self.draft.update(change);
        self.conclude();
        if self.refused.with_untracked(Option::is_some) {
            self.refused.set(None);
        }
    }

    /// Brings up to date what is wrong with the draft.
    fn conclude(self) {
        let wrong = self.start.with_untracked(|s| {
            self.draft.with_untracked(|d| d.parse(&s.point, &s.capabilities.restore).err().map(|i| i.0))
        });
        self.problems.settle(wrong.unwrap_or_default());
    }

    /// The point's namespaces; empty when the upstream does not say which.
    pub(crate) fn known(self) -> Vec<String> {
        self.start.with_untracked(|s| s.point.namespaces.iter().filter(|n| !n.contains('*')).cloned().collect())
    }

    /// Whether a namespace comes back: an empty choice takes all.
    pub(crate) fn takes(self, namespace: &str) -> bool {
        self.draft.with(|d| d.namespaces.is_empty() || d.namespaces.iter().any(|n| n == namespace))
    }

    fn send(self) {
        self.tried.set(true);
        if self.saving.get_untracked() || self.problems.with_untracked(|p| !p.is_empty()) {
            return;
        }
        self.saving.set(true);
        self.refused.set(None);
        let draft = self.draft.get_untracked();
        spawn_local(async move {
            match api::activity::create_restore(draft).await {
                Ok(id) => browser::visit(&paths::restore(&id)),
                Err(error) => {
                    self.saving.set(false);
                    self.refused.set(Some(error));
                }
            }
        });
    }
}

/// Whether there is something to choose that only the live lists tell.
fn asks(can: &RestoreCapabilities) -> bool {
    [
        &can.in_place,
        &can.elsewhere,
        &can.storage_classes,
        &can.flavors,
        &can.networks,
        &can.floating_ips,
        &can.security_groups,
    ]
    .into_iter()
    .any(|support| support.is_yes())
}

/// The island. `now` is the page's moment.
#[island(lazy)]
pub fn RestoreForm(start: Packed<RestoreStart>, now: Millis) -> impl IntoView {
    let start = start.open();
    let can = start.capabilities.restore.clone();
    let way = if can.in_place.is_yes() && !can.beside.is_yes() { "in_place" } else { "beside" };
    let draft = Slot::new(RestoreDraft {
        point: start.point.id.0.clone(),
        way: way.into(),
        existing: "keep".into(),
        volumes: "upstream".into(),
        ..RestoreDraft::default()
    });
    let better = start.better.as_ref().map(|better| facts::offered(&start.point, better, now));
    let known = facts::facts(&start.point, now);
    let form = Form {
        start: Slot::new(start),
        draft,
        problems: Slot::new(Vec::new()),
        refused: Slot::new(None),
        tried: Slot::new(false),
        saving: Slot::new(false),
        offer: Slot::new(RestoreOffer::default()),
        failed: Slot::new(None),
        asking: Slot::new(asks(&can)),
    };
    form.conclude();
    if asks(&can) {
        follow(move || untrack(|| form.ask()));
    }
    let refused = move || {
        form.refused
            .get()
            .filter(|e| e.kind != ErrorKind::Invalid || e.fields.is_empty())
            .map(|error| div("mt-3").put(problem(error)))
    };
    let from = parts([better.into(), known, namespaces::chosen(form)]);
    let what = el("section")
        .class("sec panel p-4")
        .attr("aria-labelledby", "plan")
        .put(plan::plan(form))
        .put(live(refused))
        .put(send(form));
    Part::from(
        starting(el("form"))
            .on("submit", move |event| {
                event.prevent_default();
                form.send();
            })
            .put(starting_note("chosen"))
            .put(div("grid gap-x-10 lg:grid-cols-2").put(question("", "From", Said::Never, from)).put(question(
                "",
                "To",
                Said::Never,
                to(form, &can),
            )))
            .put(what),
    )
}

/// Everything about where it goes and as what.
fn to(form: Form, can: &RestoreCapabilities) -> Part {
    let (named, affixed) = (can.new_name.is_yes(), can.affixes.is_yes());
    let beside = move |in_place: bool| {
        (!in_place).then(|| {
            parts([
                named.then(|| way::new_name(form)).into(),
                way::place(form),
                namespaces::mapping(form),
                affixed.then(|| way::affixes(form)).into(),
            ])
        })
    };
    let several = |yes: bool, path, title, offered, chosen| {
        Part::from(yes.then(|| instance::several(form, path, title, offered, chosen)))
    };
    parts([
        lists(form),
        way::way(form),
        switch(move || form.in_place(), beside),
        can.flavors.is_yes().then(|| instance::flavor(form)).into(),
        several(can.networks.is_yes(), "networks", "Networks", |o| &o.networks, |d| &mut d.networks),
        several(
            can.floating_ips.is_yes(),
            "floating_ips",
            "Floating addresses",
            |o| &o.floating_ips,
            |d| &mut d.floating_ips,
        ),
        several(
            can.security_groups.is_yes(),
            "security_groups",
            "Security groups",
            |o| &o.security_groups,
            |d| &mut d.security_groups,
        ),
        can.storage_classes.is_yes().then(|| classes::classes(form)).into(),
        existing::existing(form),
    ])
}

/// How the live lists stand: on their way, or why they could not be had.
fn lists(form: Form) -> Part {
    let failed = move || {
        form.failed.get().filter(|_| !form.asking.get()).map(|error| {
            let again = button("Read them again").small().press(move || form.ask());
            div("mb-4")
                .put(problem(error))
                .put(p("help mt-1").put("Without the lists the ids can be typed."))
                .put(again)
        })
    };
    let busy = move || form.asking.get().then(|| p("help mb-2").put("Reading what can be chosen …"));
    parts([live(busy), live(failed)])
}

fn send(form: Form) -> Part {
    let word = move || {
        if form.in_place() {
            return "Restore in place".to_owned();
        }
        let known = form.known();
        if known.is_empty() || !form.can().namespaces.is_yes() {
            return "Restore everything".to_owned();
        }
        let n = known.iter().filter(|n| form.takes(n)).count();
        format!("Restore {}", words::plural(n as u64, "namespace", "namespaces"))
    };
    let off = Said::live(move || {
        let stops = form.problems.get();
        match stops.as_slice() {
            [] => None,
            [one] if one.path == "confirm" => Some("Off until the name is typed.".to_owned()),
            [one] => Some(format!("Off: {}", one.sentence)),
            many => Some(format!("Off until {} are settled.", words::plural(many.len() as u64, "point", "points"))),
        }
    });
    let go =
        button(live(word)).weight(Weight::Primary).off(off).busy(move || form.saving.get()).press(move || form.send());
    parts([
        problem_of("namespaces", form.error("namespaces.0".into())),
        div("acts mt-4").put(go).put(link_button(paths::RECOVERY_POINTS, Weight::Quiet, "Cancel")).into(),
    ])
}
