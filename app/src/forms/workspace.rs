//! The form of a workspace: its name, its RPO, the rules of what belongs to it with what they take in now, and what is
//! left out on purpose. Whatever goes wrong, what was typed stays.

mod exceptions;
mod rules;
mod taken;

use crate::{
    api::workspaces,
    error::{ApiError, ErrorKind},
    paths,
    ui::{
        Answer, Glyph, Packed, Slot, Tone, Weight, button, callout, field, framed, icon, link_button, options,
        part::{Part, Said, div, el, live, p, parts, switch},
        plain_input, problem, question, starting, starting_note,
    },
    wizard::browser,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    ConnectionId, WorkspaceId,
    duration::Unit,
    view::{Taken, WorkspaceStart},
    workspace::WorkspaceDraft,
};

/// Signals of the open form.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) draft: Slot<WorkspaceDraft>,
    /// The workspace that is changed, and the version it was read at.
    editing: Slot<Option<(WorkspaceId, i64)>>,
    pub(crate) connections: Slot<Vec<(ConnectionId, String)>>,
    /// What the rules take in, as of the last answer.
    pub(crate) taken: Slot<Option<Result<Taken, ApiError>>>,
    /// Another answer is on its way.
    pub(crate) asking: Slot<bool>,
    /// Paths of fields that were typed into: only they are judged before the first attempt.
    touched: Slot<Vec<String>>,
    tried: Slot<bool>,
    refused: Slot<Option<ApiError>>,
    saving: Slot<bool>,
}

impl Form {
    /// What is wrong with a field: why it was refused, else what the server says of the draft as it is now.
    fn wrong(self, path: &str) -> Option<String> {
        let refused = self.refused.with(|e| e.as_ref().and_then(|e| e.about(path)));
        refused.or_else(|| {
            let told = self.tried.get() || self.touched.with(|all| all.iter().any(|one| one == path));
            let now = move |answer: &Option<Result<Taken, ApiError>>| {
                let errors = &answer.as_ref()?.as_ref().ok()?.errors;
                errors.iter().find(|e| e.path == path).map(|e| e.sentence.clone())
            };
            if told { self.taken.with(now) } else { None }
        })
    }

    /// The same for a field's control.
    pub(crate) fn error(self, path: impl Into<String>) -> Said {
        let path = path.into();
        Said::live(move || self.wrong(&path))
    }

    /// What the draft says, for a control.
    pub(crate) fn text(self, read: impl Fn(&WorkspaceDraft) -> String + Send + Sync + 'static) -> Said {
        Said::live(move || Some(self.draft.with(&read)))
    }

    /// Changes the draft; what was refused of this field is thereby out of date.
    pub(crate) fn edit(self, path: &str, change: impl FnOnce(&mut WorkspaceDraft)) {
        self.draft.update(change);
        self.touched.update(|all| {
            if !all.iter().any(|one| one == path) {
                all.push(path.to_owned());
            }
        });
        self.forget(|field| field == path);
    }

    /// Adds or removes a row of a list. What was said of its rows may now stand at another one.
    pub(crate) fn rearrange(self, list: &str, change: impl FnOnce(&mut WorkspaceDraft)) {
        self.draft.update(change);
        self.touched.update(|all| all.retain(|one| !one.starts_with(list)));
        self.forget(|field| field.starts_with(list));
    }

    fn forget(self, which: impl Fn(&str) -> bool) {
        if self.refused.with_untracked(Option::is_some) {
            self.refused.update(|e| {
                if let Some(error) = e {
                    error.fields.retain(|f| !which(&f.path));
                }
                if e.as_ref().is_some_and(|error| error.kind == ErrorKind::Invalid && error.fields.is_empty()) {
                    *e = None;
                }
            });
        }
    }

    fn send(self) {
        if self.saving.get_untracked() {
            return;
        }
        self.tried.set(true);
        self.saving.set(true);
        self.refused.set(None);
        let (draft, editing) = (self.draft.get_untracked(), self.editing.get_untracked());
        spawn_local(async move {
            let outcome = match editing {
                Some((id, version)) => workspaces::change_workspace(id.clone(), version, draft).await.map(|()| id),
                None => workspaces::create_workspace(draft).await,
            };
            match outcome {
                Ok(id) => browser::visit(&paths::workspace(&id)),
                Err(error) => {
                    self.saving.set(false);
                    let first = error.fields.first().map(|f| id_of(&f.path));
                    self.refused.set(Some(error));
                    match first {
                        Some(field) => browser::focus(Some(field)),
                        None => browser::reveal("refused"),
                    }
                }
            }
        });
    }

    /// Somebody else saved meanwhile. Reads what stands now: it replaces what was typed, or what was typed goes over it.
    fn settle(self, take_theirs: bool) {
        let Some((id, _)) = self.editing.get_untracked() else { return };
        spawn_local(async move {
            match workspaces::start_workspace(Some(id)).await {
                Ok(start) => {
                    self.refused.set(None);
                    self.editing.set(start.editing);
                    if take_theirs {
                        self.touched.set(Vec::new());
                        self.tried.set(false);
                        self.draft.set(start.draft);
                    } else {
                        self.send();
                    }
                }
                Err(error) => self.refused.set(Some(error)),
            }
        });
    }
}

/// Id of the control of a draft's field: `rules.0.clusters` is `rules-0-clusters`.
pub(crate) fn id_of(path: &str) -> String {
    path.replace('.', "-")
}

/// Keys of so many rows, and the row of a key.
pub(crate) fn rows(n: usize) -> Vec<String> {
    (0..n).map(|at| at.to_string()).collect()
}

pub(crate) fn row(key: &str) -> usize {
    key.parse().unwrap_or_default()
}

/// The island. `keeper`: the system that keeps the workspace itself; empty for ours. Of theirs only the RPO and what is
/// left out can be changed.
#[island(lazy)]
pub fn WorkspaceForm(start: Packed<WorkspaceStart>, keeper: String) -> impl IntoView {
    let start = start.open();
    let form = Form {
        draft: Slot::new(start.draft),
        editing: Slot::new(start.editing),
        connections: Slot::new(start.connections),
        taken: Slot::new(None),
        asking: Slot::new(false),
        touched: Slot::new(Vec::new()),
        tried: Slot::new(false),
        refused: Slot::new(None),
        saving: Slot::new(false),
    };
    let ours = keeper.is_empty();
    if ours {
        taken::follow_rules(form);
    }
    let name = field("name", "Name")
        .placeholder("storefront")
        .autocomplete("off")
        .off((!ours).then(|| format!("{keeper} names it.")))
        .value(form.text(|d| d.name.clone()))
        .error(form.error("name"))
        .typed(move |text| form.edit("name", |d| d.name = text))
        .text();
    let about = question("", "What it is called and how old a point may be", Said::Never, parts([name, rpo(form)]));
    let belongs = if ours {
        parts([rules::rules(form), taken::definitions(form)])
    } else {
        let said = format!("{keeper} says what belongs to it: its clusters, and the namespaces that it names there.");
        question("", "What belongs to it", said, ())
    };
    let (existing, leave) = match form.editing.get_untracked() {
        Some((id, _)) => (true, paths::workspace(&id)),
        None => (false, paths::STATUS.to_owned()),
    };
    let save = button(if existing { "Save workspace" } else { "Create workspace" })
        .weight(Weight::Primary)
        .busy(move || form.saving.get())
        .submit();
    Part::from(
        starting(el("form"))
            .class("max-w-[52rem]")
            .attr("autocomplete", "off")
            .on("submit", move |event| {
                event.prevent_default();
                form.send();
            })
            .put(starting_note("saved"))
            .put(about)
            .put(belongs)
            .put(exceptions::exceptions(form))
            .put(refused(form))
            .put(div("acts mt-4").put(save).put(link_button(leave, Weight::Quiet, "Cancel"))),
    )
}

fn rpo(form: Form) -> Part {
    let error = form.error("rpo");
    let help = Said::from(
        "A workspace is at risk once its newest good point is older. Count in how long a run takes: with nightly runs of an hour, 24 hours are passed every night for that hour, 26 are not.",
    );
    let value = move || form.draft.with(|d| d.rpo.clone());
    let input = plain_input("rpo", value, move |text| form.edit("rpo", |d| d.rpo = text), error.clone(), help.clone())
        .attr("inputmode", "numeric");
    let units = [Unit::Hours, Unit::Days, Unit::Weeks].map(|unit| Answer::new(unit.word(), unit.word()));
    let unit = el("select")
        .id("rpo_unit")
        .attr("aria-label", "Unit of the RPO")
        .put(options(units.into(), form.text(|d| d.rpo_unit.word().to_owned())))
        .on("change", move |event| {
            if let Some(unit) = Unit::from_word(&event_target_value(&event)) {
                form.edit("rpo", |d| d.rpo_unit = unit);
            }
        });
    let control = div("unit").put(input).put(unit);
    framed("rpo", "Newest good point no older than (RPO)", false, "mt-4", control, error, help)
}

/// Why it could not be saved, where no field says it; after a conflict with the two ways on.
fn refused(form: Form) -> Part {
    let kind = move || form.refused.with(|e| e.as_ref().map(|e| e.kind));
    let drawn = move |kind: Option<ErrorKind>| match kind {
        None => Part::default(),
        Some(ErrorKind::Conflict) => conflict(form),
        Some(_) => live(move || {
            let error = form.refused.get()?;
            Some(match error.fields.len() {
                0 => problem(error),
                1 => wrong("Not saved: one field says why.".into()),
                n => wrong(format!("Not saved: {n} fields say why.")),
            })
        }),
    };
    div("mt-4").id("refused").attr("tabindex", "-1").put(switch(kind, drawn)).into()
}

/// One line that is read aloud; the fields themselves say what is wrong.
fn wrong(said: String) -> Part {
    p("err").attr("role", "alert").put(icon(Glyph::Failed)).put(said).into()
}

fn conflict(form: Form) -> Part {
    let said = form.refused.with_untracked(|e| e.as_ref().map(|e| e.message.clone())).unwrap_or_default();
    let acts = div("acts mt-2")
        .put(button("Take theirs").press(move || form.settle(true)))
        .put(button("Save mine over it").weight(Weight::Danger).press(move || form.settle(false)));
    let inside = parts([
        p("").put(said).into(),
        p("").put("Nothing of yours is lost, and nothing has been saved over theirs.").into(),
        Part::from(acts),
    ]);
    callout(Tone::Warn, Tone::Warn.glyph(), Some("alert"), Some("Somebody else was faster.".into()), inside).into()
}
