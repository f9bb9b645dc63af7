//! The connection form: what a new or changed upstream needs, a test step by step, and "Add" only after a test of
//! exactly these values passed. Secrets are typed in and never come back; nothing of this form is kept anywhere.

mod asked;
mod draft;
mod report;

use crate::{
    api,
    error::{ApiError, ErrorKind},
    paths,
    ui::{
        Answer, Packed, Slot, Weight, button, field, link_button,
        part::{Part, Said, div, el, live, switch},
        problem, starting, starting_note,
    },
    wizard::browser,
};
use leptos::{prelude::*, task::spawn_local};
use model::connection::{CheckOutcome, CheckReport, Connection, ConnectionDraft, SystemForm};

/// A test's answer with the values that it was made with.
#[derive(Clone)]
pub(crate) struct Tested {
    pub(crate) draft: ConnectionDraft,
    pub(crate) answer: Result<CheckReport, ApiError>,
}

/// Signals of the open form.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) draft: Slot<ConnectionDraft>,
    pub(crate) tested: Slot<Option<Tested>>,
    pub(crate) testing: Slot<bool>,
    refused: Slot<Option<ApiError>>,
    saving: Slot<bool>,
    /// The stored connection that is changed.
    pub(crate) stored: Slot<Option<Connection>>,
    systems: Slot<Vec<SystemForm>>,
}

impl Form {
    /// Values that a test judges: not the name.
    fn same_as_tested(self, draft: &ConnectionDraft) -> bool {
        self.tested.with(|t| {
            t.as_ref().is_some_and(|t| {
                ConnectionDraft { name: String::new(), ..t.draft.clone() }
                    == ConnectionDraft { name: String::new(), ..draft.clone() }
            })
        })
    }

    /// Why it can't be saved now.
    fn off(self) -> Option<String> {
        let current = self.draft.with(|d| self.same_as_tested(d));
        self.tested.with(|t| match t.as_ref().map(|t| &t.answer) {
            None => Some("Off until a test passes.".to_owned()),
            Some(_) if !current => Some("Off until these values are tested.".to_owned()),
            Some(Ok(report)) if report.passed() => None,
            Some(_) => Some("Off until a test passes.".to_owned()),
        })
    }

    /// What the draft says, for a control.
    pub(crate) fn text(self, read: fn(&ConnectionDraft) -> &String) -> Said {
        Said::live(move || self.draft.with(|d| Some(read(d).clone())))
    }

    /// What is wrong with a field: the server's word about it, or the test's.
    pub(crate) fn error(self, field: &'static str) -> Said {
        Said::live(move || {
            let refused = self.refused.with(|e| e.as_ref().and_then(|e| e.about(field)));
            refused.or_else(|| {
                // A changed form is not what was tested: its old error would mislead.
                if !self.draft.with(|d| self.same_as_tested(d)) {
                    return None;
                }
                self.tested.with(|t| match t.as_ref().map(|t| &t.answer) {
                    Some(Ok(report)) if report.field.as_deref() == Some(field) => {
                        report.steps.iter().find(|s| s.outcome == CheckOutcome::Bad).map(|s| {
                            if s.remedy.is_empty() { format!("{}. {}", s.title, s.detail) } else { s.remedy.clone() }
                        })
                    }
                    Some(Err(error)) => error.about(field),
                    _ => None,
                })
            })
        })
    }

    /// What the system with this key asks for.
    pub(crate) fn system(self, key: &str) -> Option<SystemForm> {
        self.systems.with_untracked(|all| all.iter().find(|s| s.kind.key() == key).cloned())
    }

    /// Draws a piece again when another system is chosen.
    pub(crate) fn by_system(self, draw: impl Fn(SystemForm) -> Part + Send + 'static) -> Part {
        let chosen = move || self.draft.with(|d| d.system.clone());
        switch(chosen, move |key| self.system(&key).map(&draw))
    }

    /// Changes the draft; `field`'s refusal is thereby out of date.
    pub(crate) fn edit(self, field: &str, change: impl FnOnce(&mut ConnectionDraft)) {
        self.draft.update(change);
        if self.refused.with_untracked(Option::is_some) {
            self.refused.update(|e| {
                if let Some(e) = e {
                    e.fields.retain(|f| f.path != field);
                }
            });
        }
    }

    fn test(self) {
        let draft = self.draft.get_untracked();
        let id = self.stored.with_untracked(|s| s.as_ref().map(|s| s.id.clone()));
        self.testing.set(true);
        self.refused.set(None);
        spawn_local(async move {
            let answer = api::connections::test_connection(id, draft.clone()).await;
            self.testing.set(false);
            if self.draft.with_untracked(|now| now.system == draft.system) {
                self.tested.set(Some(Tested { draft, answer }));
            }
        });
    }

    fn save(self) {
        let draft = self.draft.get_untracked();
        let stored = self.stored.with_untracked(|s| s.as_ref().map(|s| (s.id.clone(), s.version_number)));
        self.saving.set(true);
        self.refused.set(None);
        spawn_local(async move {
            let outcome = match stored {
                Some((id, version)) => {
                    api::connections::change_connection(id.clone(), version, draft).await.map(|()| id)
                }
                None => api::connections::add_connection(draft).await,
            };
            match outcome {
                Ok(id) => browser::visit(&paths::connection(&id)),
                Err(error) => {
                    self.saving.set(false);
                    self.refused.set(Some(error));
                }
            }
        });
    }
}

/// The island. `stored`: the connection that is changed; its secrets are not in it. `systems`: what each system asks for.
#[island(lazy)]
pub fn ConnectionForm(stored: Packed<Option<Connection>>, systems: Packed<Vec<SystemForm>>) -> impl IntoView {
    let (stored, systems) = (stored.open(), systems.open());
    let editing = stored.is_some();
    let draft = draft::started(stored.as_ref(), &systems);
    let words = systems.iter().map(|s| Answer::new(s.kind.key(), s.kind.word())).collect();
    let leave = stored.as_ref().map_or_else(|| paths::CONNECTIONS.to_owned(), |c| paths::connection(&c.id));
    let form = Form {
        draft: Slot::new(draft),
        tested: Slot::new(None),
        testing: Slot::new(false),
        refused: Slot::new(None),
        saving: Slot::new(false),
        stored: Slot::new(stored),
        systems: Slot::new(systems),
    };
    let choose = move |key: String| {
        let systems = form.systems.get_untracked();
        form.edit("system", |d| draft::change_system(d, &key, &systems));
        // The steps of another system's test say nothing of this one.
        form.tested.set(None);
    };
    let system = field("system", "System")
        .off(editing.then(|| "A connection keeps its system.".to_owned()))
        .value(form.text(|d| &d.system))
        .error(form.error("system"))
        .typed(choose)
        .select(words);
    let name = field("name", "Name")
        .placeholder("zrh-production")
        .autocomplete("off")
        .value(form.text(|d| &d.name))
        .error(form.error("name"))
        .typed(move |text| form.edit("name", |d| d.name = text))
        .text();
    let refused =
        move || form.refused.get().filter(|e| e.kind != ErrorKind::Invalid || e.fields.is_empty()).map(problem);
    let save = button(if editing { "Save" } else { "Add" })
        .weight(Weight::Primary)
        .off(Said::live(move || form.off()))
        .busy(move || form.saving.get())
        .press(move || form.save());
    let acts = div("acts").put(button("Test").busy(move || form.testing.get()).submit()).put(save).put(link_button(
        leave,
        Weight::Quiet,
        "Cancel",
    ));
    let fields = starting(el("form"))
        .class("grid gap-4 content-start p-4 min-w-0")
        .attr("autocomplete", "off")
        .on("submit", move |event| {
            event.prevent_default();
            if !form.testing.get_untracked() {
                form.test();
            }
        })
        .put(starting_note("filled in"))
        .put(div("grid gap-4 sm:grid-cols-2").put(system).put(name))
        .put(form.by_system(move |system| asked::asked(form, system)))
        .put(live(refused))
        .put(acts);
    Part::from(div("panel grid lg:grid-cols-2").put(fields).put(report::report(form)))
}
