//! The frame of a wizard: its rail in the spine, its open step in the page. The rail and the step are one wizard's; the
//! server draws both, and the browser's wizard takes their places.

use super::{Crumbs, Skip, SpineTop};
use crate::{shell::Hydration, ui::part::Part};
use leptos::prelude::*;
use leptos_meta::Title;

/// The page of a wizard.
#[component]
pub fn WizardLayout(
    /// In the browser's tab and the last crumb.
    #[prop(into)]
    title: String,
    /// What leads here: word and address.
    crumbs: Vec<(String, String)>,
    /// The steps.
    rail: Part,
    /// The island of the open step.
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=format!("{title} · Holdfast")/>
        <Skip/>
        <Hydration/>
        <div class="shell">
            <header class="spine">
                <SpineTop/>
                <div class="spine-body" id="spine-body" popover="auto">{rail}</div>
            </header>
            <div class="page">
                <div class="context"><Crumbs crumbs title/></div>
                <main id="main" tabindex="-1">{children()}</main>
            </div>
        </div>
    }
}
