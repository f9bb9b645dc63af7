//! Adding and changing a connection: the frame; the form is an island.

use super::{
    framed::{framed, framed_as, param},
    place,
};
use crate::{
    backend::Caller,
    error::ApiError,
    forms::connection::ConnectionForm,
    paths,
    shell::PreloadChunks,
    ui::{Head, Packed},
};
use leptos::prelude::*;
use model::{ConnectionId, account::Role, view::ConnectionDetail};

/// Registers an upstream.
#[component]
pub fn NewConnection() -> impl IntoView {
    framed(
        place::connection_form("Add a connection"),
        |backend, caller: Caller| async move {
            allowed(&caller)?;
            backend.systems(&caller).await
        },
        |systems, _| {
            view! {
                <PreloadChunks of="ConnectionForm"/>
                <Head
                    title="Add a connection"
                    lead="A backup system that already runs: where it is, and a credential with the least rights.".into_any()
                />
                <ConnectionForm stored=Packed::new(&None) systems=Packed::new(&systems)/>
            }
            .into_any()
        },
    )
}

/// Changes a registered upstream. The stored credential never comes here.
#[component]
pub fn EditConnection() -> impl IntoView {
    let id = ConnectionId(param("id"));
    framed_as(
        place::connection_form("Edit connection"),
        move |backend, caller| async move {
            allowed(&caller)?;
            let systems = backend.systems(&caller).await?;
            Ok((backend.connection(&caller, id).await?, systems))
        },
        |here, (detail, _): &(ConnectionDetail, _)| {
            let connection = &detail.connection;
            here.named(format!("Edit {}", connection.name))
                .within(&connection.name, paths::connection(&connection.id))
                .in_short("Edit")
        },
        |(detail, systems), _| {
            let title = format!("Edit {}", detail.connection.name);
            view! {
                <PreloadChunks of="ConnectionForm"/>
                <Head
                    title
                    lead="What is left empty stays as it is stored. Definitions keep working with the new values.".into_any()
                />
                <ConnectionForm stored=Packed::new(&Some(detail.connection)) systems=Packed::new(&systems)/>
            }
            .into_any()
        },
    )
}

/// A form that could not be sent in the end is not shown.
fn allowed(caller: &Caller) -> Result<(), ApiError> {
    caller.at_least(Role::Administrator).map(|_| ())
}
