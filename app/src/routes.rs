//! Every page of the console. `SsrMode::Async`: a page is sent when it is whole, so that it reads without scripts too.

use crate::pages;
use leptos::prelude::*;
use leptos_router::{
    SsrMode,
    components::{Route, Router, Routes},
    path,
};

/// The application, as the server renders it.
#[component]
pub fn App() -> impl IntoView {
    leptos_meta::provide_meta_context();
    view! {
        <Router>
            <Routes fallback=pages::not_found::NotFound>
                <Route path=path!("/") view=pages::status::Status ssr=SsrMode::Async />
                <Route path=path!("/workspaces/new") view=pages::workspace_form::NewWorkspace ssr=SsrMode::Async />
                <Route path=path!("/workspaces/:id") view=pages::workspace::Workspace ssr=SsrMode::Async />
                <Route path=path!("/workspaces/:id/edit") view=pages::workspace_form::EditWorkspace ssr=SsrMode::Async />
                <Route path=path!("/definitions") view=pages::definitions::Definitions ssr=SsrMode::Async />
                <Route path=path!("/definitions/new") view=pages::wizard::NewDefinition ssr=SsrMode::Async />
                <Route path=path!("/definitions/:id") view=pages::definition::Definition ssr=SsrMode::Async />
                <Route path=path!("/definitions/:id/edit") view=pages::wizard::EditDefinition ssr=SsrMode::Async />
                <Route path=path!("/policies") view=pages::policies::Policies ssr=SsrMode::Async />
                <Route path=path!("/policies/new") view=pages::policy::NewPolicy ssr=SsrMode::Async />
                <Route path=path!("/policies/:id") view=pages::policy::Policy ssr=SsrMode::Async />
                <Route path=path!("/runs") view=pages::runs::Runs ssr=SsrMode::Async />
                <Route path=path!("/runs/:id") view=pages::run::Run ssr=SsrMode::Async />
                <Route path=path!("/recovery-points") view=pages::points::RecoveryPoints ssr=SsrMode::Async />
                <Route path=path!("/recovery-points/:id") view=pages::point::RecoveryPoint ssr=SsrMode::Async />
                <Route path=path!("/restores") view=pages::restores::Restores ssr=SsrMode::Async />
                <Route path=path!("/restores/new") view=pages::new_restore::NewRestore ssr=SsrMode::Async />
                <Route path=path!("/restores/:id") view=pages::restore::Restore ssr=SsrMode::Async />
                <Route path=path!("/connections") view=pages::connections::Connections ssr=SsrMode::Async />
                <Route path=path!("/connections/new") view=pages::connection_form::NewConnection ssr=SsrMode::Async />
                <Route path=path!("/connections/:id") view=pages::connection::Connection ssr=SsrMode::Async />
                <Route path=path!("/connections/:id/edit") view=pages::connection_form::EditConnection ssr=SsrMode::Async />
                <Route path=path!("/settings/users") view=pages::users::Users ssr=SsrMode::Async />
                <Route path=path!("/settings/account") view=pages::account::Account ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=pages::sign_in::SignIn ssr=SsrMode::Async />
                <Route path=path!("/setup") view=pages::setup::Setup ssr=SsrMode::Async />
            </Routes>
        </Router>
    }
}
