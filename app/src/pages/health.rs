//! What a page says when its connection is silent.

use crate::ui::*;
use leptos::prelude::*;
use model::{Millis, connection::Health};

/// The callout over what is out of date; nothing while the connection answers.
pub fn silent(name: &str, health: &Health, seen: Option<Millis>, now: Millis) -> AnyView {
    let Health::Silent { reason, remedy, .. } = health else { return ().into_any() };
    view! { <Stale name=name.to_owned() reason=reason.clone() remedy=remedy.clone() seen now /> }.into_any()
}
