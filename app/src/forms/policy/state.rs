//! What the open form holds: the draft, and what the server says of it.

use super::tiers;
use crate::{
    api,
    error::{ApiError, ErrorKind},
    forms::policy::PolicyStart,
    paths,
    ui::{
        Slot,
        part::{Said, follow},
    },
    wizard::browser,
};
use leptos::{prelude::*, task::spawn_local};
use model::{
    PolicyId,
    policy::PolicyDraft,
    view::{PolicyImpact, PolicyView},
};
use std::time::Duration;

/// How long a pause in typing must be before the server is asked.
const PAUSE: Duration = Duration::from_millis(300);

/// Signals of the open form.
#[derive(Clone, Copy)]
pub struct Form {
    /// As it was read, or as a new one begins.
    pub first: Slot<PolicyDraft>,
    pub editing: Slot<Option<(PolicyId, i64)>>,
    pub draft: Slot<PolicyDraft>,
    /// A key for each tier, in their order: a row keeps its elements when another one goes.
    pub rows: Slot<Vec<u32>>,
    /// Paths of fields that were left, whose problems are therefore told.
    pub touched: Slot<Vec<String>>,
    /// Set with the first attempt: from then on everything wrong is told.
    pub tried: Slot<bool>,
    pub refused: Slot<Option<ApiError>>,
    pub saving: Slot<bool>,
    /// The newest good answer; it stays when another one can't be had.
    pub impact: Slot<Option<PolicyImpact>>,
    /// Why that could not be had.
    pub failed: Slot<Option<ApiError>>,
    /// Whether the answer is of an older draft.
    pub stale: Slot<bool>,
    /// What somebody else has saved meanwhile.
    pub theirs: Slot<Option<PolicyView>>,
}

impl Form {
    pub fn new(start: &PolicyStart) -> Self {
        let rows = (0..).take(start.draft.tiers.len()).collect();
        Self {
            first: Slot::new(start.draft.clone()),
            editing: Slot::new(start.editing.clone()),
            draft: Slot::new(start.draft.clone()),
            rows: Slot::new(rows),
            touched: Slot::new(Vec::new()),
            tried: Slot::new(false),
            refused: Slot::new(None),
            saving: Slot::new(false),
            impact: Slot::new(None),
            failed: Slot::new(None),
            stale: Slot::new(false),
            theirs: Slot::new(None),
        }
    }

    /// Whether a policy is changed that is there.
    pub fn changes(self) -> bool {
        self.editing.with_untracked(Option::is_some)
    }

    /// Whether nothing of a policy that is there was changed.
    pub fn same(self) -> bool {
        self.changes() && self.first.with(|first| self.draft.with(|draft| first == draft))
    }

    /// What is wrong with a field, once it was left or saving was tried.
    pub fn wrong(self, path: &str) -> Option<String> {
        let refused = self.refused.with(|e| e.as_ref().and_then(|e| e.about(path)));
        refused.or_else(|| {
            let told = self.tried.get() || self.touched.with(|t| t.iter().any(|p| p == path));
            let of = |i: &PolicyImpact| i.errors.iter().find(|e| e.path == path).map(|e| e.sentence.clone());
            self.impact.with(|i| i.as_ref().filter(|_| told).and_then(of))
        })
    }

    /// The same for a field's control.
    pub fn error(self, path: &'static str) -> Said {
        Said::live(move || self.wrong(path))
    }

    /// What the draft says, for a control.
    pub fn text(self, read: fn(&PolicyDraft) -> &String) -> Said {
        Said::live(move || self.draft.with(|d| Some(read(d).clone())))
    }

    /// Changes the draft; what was said about `path` is thereby out of date.
    pub fn edit(self, path: &str, change: impl FnOnce(&mut PolicyDraft)) {
        self.draft.update(change);
        let told = |e: &Option<ApiError>| e.as_ref().is_some_and(|e| !e.fields.is_empty());
        if self.refused.with_untracked(told) {
            self.refused.update(|refused| {
                if let Some(error) = refused {
                    error.fields.retain(|f| !f.path.starts_with(path));
                    if error.fields.is_empty() {
                        *refused = None;
                    }
                }
            });
        }
    }

    pub fn leave(self, path: &str) {
        if !self.touched.with_untracked(|t| t.iter().any(|p| p == path)) {
            self.touched.update(|t| t.push(path.to_owned()));
        }
    }

    /// Puts another draft in the place of the edited one.
    pub fn replace(self, draft: PolicyDraft) {
        let next = self.next_row();
        self.rows.set((next..).take(draft.tiers.len()).collect());
        self.touched.set(Vec::new());
        self.draft.set(draft);
    }

    /// A key that no row has had.
    pub fn next_row(self) -> u32 {
        self.rows.with_untracked(|rows| rows.iter().max().map_or(0, |last| last + 1))
    }

    /// Where the tier of a row stands among them.
    pub fn place(self, row: u32) -> Option<usize> {
        self.rows.with(|rows| rows.iter().position(|r| *r == row))
    }

    /// The control of a field.
    pub fn control(self, path: &str) -> String {
        let mut parts = path.split('.');
        let (list, at, name) = (parts.next(), parts.next(), parts.next());
        match (list, at.and_then(|at| at.parse::<usize>().ok()), name) {
            (Some("tiers"), Some(at), Some(name)) => {
                let row = self.rows.with_untracked(|rows| rows.get(at).copied()).unwrap_or_default();
                tiers::control(row, name)
            }
            (Some(first), ..) => first.to_owned(),
            _ => String::new(),
        }
    }

    /// Asks what saving would do, after each pause in typing.
    pub fn follow_draft(self) {
        let mut before = None;
        follow(move || {
            let now = self.draft.get();
            if before.as_ref() == Some(&now) {
                return;
            }
            let wait = if before.is_none() { Duration::ZERO } else { PAUSE };
            before = Some(now.clone());
            self.stale.set(true);
            set_timeout(move || self.ask(now), wait);
        });
    }

    pub fn ask(self, of: PolicyDraft) {
        // Something newer that is being typed has its own question.
        let current = move |of: &PolicyDraft| self.draft.try_with_untracked(|d| d == of) == Some(true);
        if !current(&of) {
            return;
        }
        let id = self.editing.with_untracked(|e| e.as_ref().map(|(id, _)| id.clone()));
        spawn_local(async move {
            let answer = api::policies::policy_impact(id, of.clone()).await;
            if !current(&of) {
                return;
            }
            self.stale.set(false);
            match answer {
                Ok(impact) => {
                    self.failed.set(None);
                    self.impact.set(Some(impact));
                }
                Err(error) => self.failed.set(Some(error)),
            }
        });
    }

    /// Saves: changes the policy that was read, or makes a new one.
    pub fn send(self, anew: bool) {
        if self.saving.get_untracked() {
            return;
        }
        self.tried.set(true);
        self.saving.set(true);
        self.refused.set(None);
        self.theirs.set(None);
        let draft = self.draft.get_untracked();
        let editing = self.editing.get_untracked().filter(|_| !anew);
        spawn_local(async move {
            let outcome = match editing.clone() {
                Some((id, version)) => api::policies::change_policy(id.clone(), version, draft).await.map(|()| id),
                None => api::policies::create_policy(draft).await,
            };
            let error = match outcome {
                Ok(id) => return browser::visit(&paths::policy(&id)),
                Err(error) => error,
            };
            if let (ErrorKind::Conflict, Some((id, _))) = (error.kind, editing) {
                // Without their version the refusal alone is told.
                self.theirs.set(api::policies::policy(id).await.ok());
            }
            self.saving.set(false);
            match error.fields.first().map(|f| self.control(&f.path)) {
                Some(control) => browser::focus(Some(control)),
                None => browser::reveal("refused"),
            }
            self.refused.set(Some(error));
        });
    }
}
