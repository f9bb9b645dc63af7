//! What the wizard holds while it is open, and the rules of what is shown when.

use super::{browser, follow::Offers, listing::Listing, suit};
use crate::error::ApiError;
use crate::ui::{
    Slot,
    packed::unpack,
    part::{Said, follow},
};
use leptos::prelude::untrack;
use model::{
    FieldError,
    capability::{Capabilities, Support},
    connection::Inventory,
    draft::{self, DefinitionDraft, Step},
    name,
    view::{EditConflict, Preview, WizardConnection, WizardStart},
};
use serde::{Deserialize, Serialize};

/// Signals of the open wizard; a handle that is copied into every step.
#[derive(Clone, Copy)]
pub struct Wizard {
    pub start: Slot<WizardStart>,
    pub draft: Slot<DefinitionDraft>,
    pub step: Slot<Step>,
    /// The version that a save of an existing definition is based on.
    pub version: Slot<i64>,
    /// Paths of fields that were left, whose problems are therefore told.
    touched: Slot<Vec<String>>,
    /// Steps that were left: all their problems are told.
    left: Slot<Vec<Step>>,
    /// The server's own field errors of the last attempt to save.
    pub refused: Slot<Vec<FieldError>>,
    /// Why the last attempt to save came to nothing.
    pub failed: Slot<Option<ApiError>>,
    pub conflict: Slot<Option<EditConflict>>,
    pub saving: Slot<bool>,
    pub restored: Slot<bool>,
    /// Where the focus goes after the step changed; `None`: to its heading.
    aim: Slot<Option<String>>,
    pub connection: Slot<Option<WizardConnection>>,
    pub capabilities: Slot<Option<Capabilities>>,
    pub steps: Slot<Vec<Step>>,
    pub problems: Slot<Vec<FieldError>>,
    pub listing: Listing,
    /// The library of policies, as the connection sees it.
    pub offers: Offers,
    pub preview: Slot<Option<Result<Preview, ApiError>>>,
    pub previewing: Slot<bool>,
    /// Milliseconds since 1970 by the browser's clock; `None` on the server.
    pub today: Slot<Option<i64>>,
}

/// What is kept in the tab.
#[derive(Serialize, Deserialize)]
struct Kept {
    version: i64,
    draft: DefinitionDraft,
}

impl Wizard {
    pub fn new(start: WizardStart, step: &str) -> Self {
        let draft = Slot::new(start.draft.clone());
        let version = Slot::new(start.editing.as_ref().map_or(0, |(_, v)| *v));
        let editing = start.editing.is_some();
        let start = Slot::new(start);
        let wizard = Self {
            start,
            draft,
            step: Slot::new(Step::Source),
            version,
            touched: Slot::new(Vec::new()),
            left: Slot::new(if editing {
                vec![Step::Source, Step::Scope, Step::Storage, Step::Schedule]
            } else {
                vec![]
            }),
            refused: Slot::new(Vec::new()),
            failed: Slot::new(None),
            conflict: Slot::new(None),
            saving: Slot::new(false),
            restored: Slot::new(false),
            aim: Slot::new(None),
            connection: Slot::new(None),
            capabilities: Slot::new(None),
            steps: Slot::new(Vec::new()),
            problems: Slot::new(Vec::new()),
            listing: Listing::new(),
            offers: Offers::new(),
            preview: Slot::new(None),
            previewing: Slot::new(false),
            today: Slot::new(None),
        };
        if !editing {
            let named = wizard.draft.with_untracked(|d| d.connection.clone());
            wizard.put_on(&named);
        }
        wizard.conclude();
        wizard.step.set(wizard.valid(step));
        wizard
    }

    /// Puts the draft on a connection: what its system refuses leaves the draft.
    fn put_on(self, connection: &str) {
        let can = self
            .start
            .with_untracked(|s| s.connections.iter().find(|c| c.id.0 == connection).map(|c| c.capabilities.clone()));
        self.draft.update(|d| suit::connect(d, connection, can.as_ref()));
    }

    /// Chooses a connection.
    pub fn choose(self, connection: &str) {
        self.put_on(connection);
        self.edit("connection", |_| ());
    }

    /// Brings up to date what follows from the draft.
    fn conclude(self) {
        let connection = self.draft.with_untracked(|d| {
            self.start.with_untracked(|s| s.connections.iter().find(|c| c.id.0 == d.connection).cloned())
        });
        let capabilities = connection.as_ref().map(|c| c.capabilities.clone());
        self.steps.settle(draft::steps(capabilities.as_ref()));
        self.problems.settle(self.draft.with_untracked(|d| problems_of(d, capabilities.as_ref())));
        self.capabilities.settle(capabilities);
        self.connection.settle(connection);
    }

    /// Puts another draft in the place of the edited one.
    pub fn replace(self, draft: DefinitionDraft) {
        self.draft.set(draft);
        self.conclude();
    }

    pub fn editing(self) -> bool {
        self.start.with_untracked(|s| s.editing.is_some())
    }

    /// The step of a query's word, or the first when this draft has no such step.
    fn valid(self, key: &str) -> Step {
        self.steps.with_untracked(|s| s.iter().copied().find(|s| s.key() == key)).unwrap_or(Step::Source)
    }

    /// The address of a step, for opening it elsewhere.
    pub fn href(self, step: Step) -> String {
        let connection = self.start.with_untracked(|s| match s.editing {
            Some(_) => String::new(),
            None => self.draft.with(|d| d.connection.clone()),
        });
        crate::paths::query(&[("connection", &connection), ("step", step.key())])
    }

    /// In the browser, once: takes back what was typed earlier and follows the Back button.
    pub fn resume(self) {
        self.today.set(browser::now());
        if let Some(kept) = browser::kept().and_then(|text| unpack::<Kept>(&text)) {
            // The address follows the chosen connection, so that where it names one it is the newer choice.
            let first = self.draft.get_untracked();
            self.draft.set(kept.draft);
            if !first.connection.is_empty() && !self.editing() {
                self.put_on(&first.connection);
            }
            self.conclude();
            if self.draft.with_untracked(|d| *d != first) {
                self.version.set(kept.version);
                self.restored.set(true);
            }
        }
        self.step.set(self.valid(&browser::step()));
        browser::on_back(move || {
            self.leave_step();
            self.step.set(self.valid(&browser::step()));
        });
        // Every change, whoever makes it, is kept.
        let mut before = self.draft.get_untracked();
        follow(move || {
            let draft = self.draft.get();
            if before != draft {
                let kept = Kept { version: self.version.get_untracked(), draft: draft.clone() };
                if let Ok(text) = serde_json::to_string(&kept) {
                    browser::keep(&text);
                }
                before = draft;
            }
        });
    }

    /// Forgets what was typed.
    pub fn start_over(self) {
        browser::forget();
        let (draft, version) =
            self.start.with_untracked(|s| (s.draft.clone(), s.editing.as_ref().map_or(0, |(_, version)| *version)));
        self.version.set(version);
        let named = draft.connection.clone();
        self.draft.set(draft);
        if !self.editing() {
            self.put_on(&named);
        }
        self.conclude();
        self.restored.set(false);
        self.preview.set(None);
        self.refused.set(Vec::new());
        self.failed.set(None);
        self.conflict.set(None);
        browser::forget();
    }

    /// Changes the draft; `path` is the field, whose refusal by the server is thereby out of date.
    pub fn edit(self, path: &str, change: impl FnOnce(&mut DefinitionDraft)) {
        self.draft.update(change);
        self.conclude();
        // What the server said of the draft before says nothing of this one.
        if self.preview.with_untracked(Option::is_some) {
            self.preview.set(None);
        }
        if self.refused.with_untracked(|r| !r.is_empty()) {
            self.refused.update(|r| r.retain(|e| !about(&e.path, path)));
        }
    }

    /// The field was left: from now on its problems are told.
    pub fn leave(self, path: &str) {
        if !self.touched.with_untracked(|t| t.iter().any(|p| p == path)) {
            self.touched.update(|t| t.push(path.to_owned()));
        }
    }

    fn leave_step(self) {
        let step = self.step.get_untracked();
        if !self.left.with_untracked(|l| l.contains(&step)) {
            self.left.update(|l| l.push(step));
        }
    }

    /// Goes to a step; the heading gets the focus.
    pub fn go(self, to: Step) {
        self.aim.set(None);
        self.move_to(to);
    }

    /// Goes to the step of a field and to the field itself.
    pub fn jump(self, path: &str) {
        self.aim.set(Some(field_id(path)));
        self.move_to(Step::of(path));
    }

    fn move_to(self, to: Step) {
        self.leave_step();
        if to == Step::Review {
            self.left.set(vec![Step::Source, Step::Scope, Step::Storage, Step::Schedule, Step::Review]);
        }
        if self.step.get_untracked() != to {
            browser::push(to.key());
            self.step.set(to);
        }
    }

    /// Focus, title, lists and dry run, as the steps come.
    pub fn follow_steps(self) {
        let mut before = self.step.get_untracked();
        follow(move || {
            let step = self.step.get();
            browser::title(&format!("{} · {} · Holdfast", step.title(), self.draft.with_untracked(super::said_name)));
            if before != step {
                before = step;
                browser::focus(self.aim.get_untracked());
                self.aim.set(None);
            }
        });
        follow(move || {
            let connection = self.connection.with(|c| c.as_ref().map(|c| c.id.0.clone()));
            let lists = match self.step.get() {
                Step::Scope | Step::Storage => true,
                Step::Schedule => self.capabilities.with(|c| c.as_ref().is_some_and(|c| c.policies.is_yes())),
                Step::Source | Step::Review => false,
            };
            if lists {
                untrack(|| self.listing.want(connection.clone().unwrap_or_default()));
            }
            if self.step.get() != Step::Source {
                untrack(|| self.offers.want(connection.unwrap_or_default()));
            }
        });
        follow(move || {
            if self.step.get() == Step::Review {
                untrack(|| self.ask_preview());
            }
        });
    }

    /// True when the problems of this field are told.
    pub fn tells(self, path: &str) -> bool {
        self.left.with(|l| l.contains(&Step::of(path))) || self.touched.with(|t| t.iter().any(|p| about(path, p)))
    }

    /// The sentence about exactly this field, once it was left.
    pub fn said(self, path: &str) -> Option<String> {
        let of = |list: &Vec<FieldError>| list.iter().find(|e| e.path == path).map(|e| e.sentence.clone());
        self.refused.with(of).or_else(|| if self.tells(path) { self.problems.with(of) } else { None })
    }

    /// The same for a field's control.
    pub fn error(self, path: impl Into<String>) -> Said {
        let path = path.into();
        Said::live(move || self.said(&path))
    }

    /// What the draft says, for a control.
    pub fn text(self, read: fn(&DefinitionDraft) -> &String) -> Said {
        Said::live(move || self.draft.with(|d| Some(read(d).clone())))
    }

    /// Why the chosen connection can't do something, in its own sentence; `None` when it can.
    pub fn why_not(self, read: fn(&Capabilities) -> &Support) -> Option<String> {
        self.capabilities.with_untracked(|c| c.as_ref().and_then(|c| read(c).why_not().map(str::to_owned)))
    }

    /// All sentences about a list and its entries, in one.
    pub fn said_under(self, path: &str) -> Option<String> {
        let of = |list: &Vec<FieldError>| {
            list.iter().filter(|e| about(&e.path, path)).map(|e| e.sentence.clone()).collect::<Vec<_>>()
        };
        let mut all = self.refused.with(of);
        if self.tells(path) {
            all.extend(self.problems.with(of));
        }
        all.dedup();
        (!all.is_empty()).then(|| all.join(" "))
    }

    /// What stops the draft, the server's refusals first, without repeats.
    pub fn stops(self) -> Vec<FieldError> {
        let mut all = self.refused.get();
        let previewed = self.preview.with(|p| match p {
            Some(Ok(p)) => p.errors.clone(),
            _ => Vec::new(),
        });
        for error in self.problems.get().into_iter().chain(previewed) {
            if !all.iter().any(|e| e.path == error.path && (e.code == error.code || e.sentence == error.sentence)) {
                all.push(error);
            }
        }
        all
    }

    /// True when the step was left at least once.
    pub fn is_left(self, step: Step) -> bool {
        self.left.with(|l| l.contains(&step))
    }

    /// How many problems of a step the rail tells.
    pub fn count(self, step: Step) -> usize {
        let of = |list: &Vec<FieldError>| {
            list.iter().filter(|e| Step::of(&e.path) == step).map(|e| e.path.clone()).collect::<Vec<_>>()
        };
        let mut paths = self.refused.with(of);
        if self.left.with(|l| l.contains(&step)) {
            paths.extend(self.problems.with(of));
        }
        let mut seen = Vec::new();
        for path in paths {
            if !seen.contains(&path) {
                seen.push(path);
            }
        }
        seen.len()
    }

    /// The name of the connection, for sentences.
    pub fn upstream(self) -> String {
        self.connection.with(|c| c.as_ref().map_or_else(|| "the connection".to_owned(), |c| c.name.clone()))
    }

    /// The newest good list of what the connection has.
    pub fn seen<T>(self, read: impl FnOnce(&Inventory) -> T) -> Option<T> {
        self.listing.good.with(|i| i.as_ref().map(read))
    }
}

/// True when `path` is `of` or one of its entries.
fn about(path: &str, of: &str) -> bool {
    path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// The id of a field's control: its path with dashes. Entries of a list have none of their own: the list's field counts.
pub fn field_id(path: &str) -> String {
    let mut parts: Vec<&str> = path.split('.').collect();
    let rows = parts.first() == Some(&"further") || parts.get(1) == Some(&"selectors");
    if parts.len() > 2 && !rows {
        parts.truncate(2);
    }
    parts.join("-")
}

/// Everything that is wrong with a draft; without a connection only what needs none.
fn problems_of(draft: &DefinitionDraft, capabilities: Option<&Capabilities>) -> Vec<FieldError> {
    match capabilities {
        Some(c) => draft::parse(draft, c).err().map(|i| i.0).unwrap_or_default(),
        None => {
            let mut invalid = model::Invalid::default();
            if let Some((code, sentence)) = name::label_problem(draft.name.trim(), name::DEFINITION_NAME_MAX) {
                invalid.push("name", code, sentence);
            }
            invalid.push("connection", "required", "Choose the connection whose objects are protected.");
            invalid.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_have_ids() {
        for (path, id) in [
            ("name", "name"),
            ("scope.namespaces", "scope-namespaces"),
            ("scope.namespaces.3", "scope-namespaces"),
            ("scope.selectors.0.1.key", "scope-selectors-0-1-key"),
            ("further.1.keep_for", "further-1-keep_for"),
            ("keep_for", "keep_for"),
        ] {
            assert_eq!(field_id(path), id);
        }
    }

    #[test]
    fn entries_belong_to_their_list() {
        assert!(about("scope.namespaces.0", "scope.namespaces"));
        assert!(about("name", "name"));
        assert!(!about("keep_for", "keep"));
        assert!(!about("scope", "scope.namespaces"));
    }

    #[test]
    fn without_a_connection_the_first_step_still_judges() {
        let paths: Vec<String> = problems_of(&DefinitionDraft::default(), None).into_iter().map(|e| e.path).collect();
        assert_eq!(paths, ["name", "connection"]);
    }
}
