//! Creating and saving. Whatever goes wrong, what was typed stays.

use super::{browser, review::silent_note, state::Wizard};
use crate::{
    api,
    error::{ApiError, ErrorKind},
    paths,
    ui::{
        Weight, button,
        part::{Part, Said, live, parts},
    },
};
use leptos::task::spawn_local;

impl Wizard {
    /// Sends the draft: creates a definition, or changes the edited one from the version it was read at.
    pub fn send(self) {
        if self.saving.get_untracked() {
            return;
        }
        self.saving.set(true);
        self.failed.set(None);
        self.refused.set(Vec::new());
        let draft = self.under_its_name(self.draft.get_untracked());
        let version = self.version.get_untracked();
        let editing = self.start.with_untracked(|s| s.editing.as_ref().map(|(id, _)| id.clone()));
        spawn_local(async move {
            let outcome = match editing {
                Some(id) => api::definitions::change_definition(id.clone(), version, draft).await.map(|()| id),
                None => api::definitions::create_definition(draft).await,
            };
            match outcome {
                Ok(id) => {
                    browser::forget();
                    browser::visit(&paths::definition(&id));
                }
                Err(error) => {
                    self.saving.set(false);
                    self.fail(error);
                }
            }
        });
    }

    fn fail(self, error: ApiError) {
        let place = if error.conflict.is_some() {
            "conflict"
        } else if error.fields.is_empty() {
            "failed"
        } else {
            "what-is-wrong"
        };
        self.conflict.set(error.conflict.as_deref().cloned());
        self.refused.set(error.fields.clone());
        // The fields speak for themselves among the findings.
        self.failed.set((error.fields.is_empty() || error.kind != ErrorKind::Invalid).then_some(error));
        browser::reveal(place);
    }
}

/// The button that sends, off with its reason while something is to be settled.
pub fn send_button(wizard: Wizard) -> Part {
    let off = move || {
        if wizard.conflict.with(Option::is_some) {
            return Some("Off until you have chosen whose version counts.".to_owned());
        }
        match wizard.stops().len() {
            0 => None,
            1 => Some("Off until the problem above is settled.".to_owned()),
            n => Some(format!("Off until the {n} problems above are settled.")),
        }
    };
    let word = if wizard.editing() { "Save definition" } else { "Create definition" };
    parts([
        button(word)
            .weight(Weight::Primary)
            .off(Said::live(off))
            .busy(move || wizard.saving.get())
            .press(move || wizard.send()),
        live(move || silent_note(wizard)),
    ])
}
