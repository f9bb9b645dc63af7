//! Restoring a recovery point: the frame; the form is an island.

use super::{
    framed::{framed_as, query},
    place,
};
use crate::{
    forms::restore::RestoreForm,
    paths,
    shell::PreloadChunks,
    ui::{Head, Packed, Time},
};
use leptos::prelude::*;
use model::{PointId, view::RestoreStart};

/// `?point=` says which.
#[component]
pub fn NewRestore() -> impl IntoView {
    let point = PointId(query("point"));
    framed_as(
        place::new_restore(),
        move |backend, caller| async move { backend.start_restore(&caller, point).await },
        |here, start: &RestoreStart| here.within(start.point.title(), paths::point(&start.point.id)),
        |start, frame| {
            let now = frame.now;
            let title = format!("Restore to {}", start.connection_name);
            let lead = match start.point.taken {
                Some(at) => view! { "From "{start.point.title().to_owned()}", taken "<Time at now/>"." }.into_any(),
                None => view! { "From "{start.point.title().to_owned()}"." }.into_any(),
            };
            view! {
                <PreloadChunks of="RestoreForm"/>
                <Head title lead/>
                <RestoreForm start=Packed::new(&start) now/>
            }
            .into_any()
        },
    )
}
