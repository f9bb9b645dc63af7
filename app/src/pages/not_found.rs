//! An address that leads nowhere.

use crate::{layout::BareLayout, paths};
use leptos::prelude::*;

#[component]
pub fn NotFound() -> impl IntoView {
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <BareLayout title="Not found">
            <h1>"Nothing is at this address"</h1>
            <p class="lead">"It may have been deleted, or the link has a mistake in it."</p>
            <p class="acts mt-6">
                <a class="btn btn-primary" href=paths::STATUS>
                    "Go to Status"
                </a>
                <a class="btn" href=paths::DEFINITIONS>
                    "Definitions"
                </a>
            </p>
        </BareLayout>
    }
}
