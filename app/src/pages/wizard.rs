//! The definition wizard: the server gives it its frame and what it starts with, the island does the rest.

use super::framed::{param, query, unavailable, unframed};
use crate::{
    backend::{backend, caller, reply},
    error::ApiError,
    layout::{Layout, Place, wizard::WizardLayout},
    paths,
    shell::PreloadChunks,
    ui::{Packed, ZoneText},
    when,
    wizard::{DefinitionWizard, first_rail},
};
use leptos::prelude::*;
use model::{ConnectionId, DefinitionId};

/// Makes a definition. `?connection=` chooses one beforehand, `?step=` opens a step.
#[component]
pub fn NewDefinition() -> impl IntoView {
    let connection = query("connection");
    wizard("New definition", None, (!connection.is_empty()).then_some(ConnectionId(connection)))
}

/// Changes a definition.
#[component]
pub fn EditDefinition() -> impl IntoView {
    wizard("Edit definition", Some(DefinitionId(param("id"))), None)
}

fn wizard(title: &'static str, editing: Option<DefinitionId>, connection: Option<ConnectionId>) -> impl IntoView {
    let (backend, caller) = (backend(), caller());
    let step = query("step");
    let owner = Owner::current().unwrap_or_default();
    let loading = async move {
        let backend = backend?;
        let frame = backend.frame(&caller).await?;
        let start = backend.start_wizard(&caller, editing, connection).await;
        Ok::<_, ApiError>((frame, start))
    };
    let page = Suspend::new(async move {
        let loaded = loading.await;
        owner.with(|| match loaded {
            Ok((frame, start)) => {
                provide_context::<ZoneText>(when::zone_text(&frame.me.zone, frame.now));
                match reply(start) {
                    Ok(start) => {
                        let rail = first_rail(start.clone(), &step);
                        let mut crumbs = vec![("Definitions".to_owned(), paths::DEFINITIONS.to_owned())];
                        if let Some((id, _)) = &start.editing {
                            crumbs.push((start.draft.name.clone(), paths::definition(id)));
                        }
                        view! {
                            <PreloadChunks of="DefinitionWizard"/>
                            <WizardLayout title crumbs rail>
                                <DefinitionWizard start=Packed::new(&start) step/>
                            </WizardLayout>
                        }
                        .into_any()
                    }
                    Err(error) => {
                        let crumbs = vec![("Definitions".to_owned(), paths::DEFINITIONS.to_owned())];
                        view! {
                            <Layout frame title place=Place::Definitions crumbs>
                                {unavailable(error)}
                            </Layout>
                        }
                        .into_any()
                    }
                }
            }
            Err(error) => unframed(error),
        })
    });
    view! { <Suspense>{page}</Suspense> }
}
