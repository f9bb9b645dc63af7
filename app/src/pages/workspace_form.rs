//! Making and changing a workspace: the frame; the form is an island.

use super::{
    framed::{framed, framed_as, param},
    place,
};
use crate::{
    forms::workspace::WorkspaceForm,
    paths,
    shell::PreloadChunks,
    ui::{Head, Packed},
};
use leptos::prelude::*;
use model::{
    WorkspaceId,
    view::{WorkspaceStart, WorkspaceView},
};

/// Makes a workspace by rules.
#[component]
pub fn NewWorkspace() -> impl IntoView {
    framed(
        place::workspace_form("New workspace"),
        |backend, caller| async move { backend.start_workspace(&caller, None).await },
        |start, _| {
            view! {
                <PreloadChunks of="WorkspaceForm"/>
                <Head
                    title="New workspace"
                    lead="What one team watches as a whole. It changes nothing upstream: it says what belongs together, how old the newest good point may be, and what is left out on purpose.".into_any()
                />
                <WorkspaceForm start=Packed::new(&start) keeper=String::new()/>
            }
            .into_any()
        },
    )
}

/// Changes a workspace; of one that its upstream keeps, the RPO and what is left out.
#[component]
pub fn EditWorkspace() -> impl IntoView {
    let id = WorkspaceId(param("id"));
    framed_as(
        place::workspace_form("Edit workspace"),
        move |backend, caller| async move {
            let start = backend.start_workspace(&caller, Some(id.clone())).await?;
            Ok((start, backend.workspace(&caller, id, String::new()).await?))
        },
        |here, (_, view): &(WorkspaceStart, WorkspaceView)| {
            here.named(format!("Edit {}", view.row.name))
                .within(&view.row.name, paths::workspace(&view.row.id))
                .in_short("Edit")
        },
        |(start, view), _| {
            let title = format!("Edit {}", view.row.name);
            let keeper = view.upstream.map(|(_, _, kind)| kind.word().to_owned()).unwrap_or_default();
            let lead = if keeper.is_empty() {
                "A change counts at once, for the days that are past too. Nothing changes upstream.".to_owned()
            } else {
                format!(
                    "{keeper} keeps this workspace. How old a point may be, and what is left out on purpose, is ours."
                )
            };
            view! {
                <PreloadChunks of="WorkspaceForm"/>
                <Head title lead=lead.into_any()/>
                <WorkspaceForm start=Packed::new(&start) keeper/>
            }
            .into_any()
        },
    )
}
