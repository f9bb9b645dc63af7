//! One's own account: password, zone, sessions.

use super::{
    framed::{framed, query},
    place,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis,
    account::{Me, Role, SessionSeen},
};

#[component]
pub fn Account() -> impl IntoView {
    let must_change = !query("must-change").is_empty();
    let done = query("done");
    framed(
        place::account(),
        |backend, caller| async move {
            let sessions = backend.sessions(&caller).await?;
            let zones = backend.zones(&caller).await?;
            Ok((sessions, zones))
        },
        move |(sessions, zones), frame| {
            let zone = frame.me.zone.clone();
            view! {
                <Head title="My account" lead=lead(&frame.me).into_any() />
                {must_change
                    .then(|| {
                        view! {
                            <Callout tone=Tone::Warn title="Choose a password of your own first.">
                                <p>"The one that you signed in with was set by somebody else and works only once."</p>
                            </Callout>
                        }
                    })}
                {said(&done, &zone)}
                {password(frame.me.name.clone())}
                {zone_form(zone, zones)}
                {seen(sessions, frame.now)}
            }
            .into_any()
        },
    )
}

/// What the account may do, and who can change that.
fn lead(me: &Me) -> String {
    let may = match me.role {
        Role::Viewer => "You see everything and change nothing. Administrators keep the accounts.",
        Role::Operator => "You define, run, pause and restore. Administrators keep the accounts.",
        Role::Administrator => "You define, run, pause and restore, and keep connections and accounts.",
    };
    format!("{}, {}. {may}", me.name, me.role.key())
}

/// This page's address after something was changed on it.
fn done(what: &str) -> String {
    format!("{}{}", paths::ACCOUNT, paths::query(&[("done", what)]))
}

/// What was changed just now.
fn said(done: &str, zone: &str) -> AnyView {
    let title = match done {
        "password" => "Your password is changed.".to_owned(),
        "zone" => format!("Times are in {zone} now."),
        _ => return ().into_any(),
    };
    view! { <Callout tone=Tone::Good title role="status" /> }.into_any()
}

fn password(account: String) -> impl IntoView {
    let field = |id: &'static str, name: &'static str, label: &'static str, autocomplete: &'static str| {
        view! {
            <div class="field max-w-sm">
                <label for=id>{label}</label>
                <input id=id name=name type="password" autocomplete=autocomplete />
            </div>
        }
    };
    view! {
        <Section id="password" title="Password">
            <form method="dialog" class="panel p-4 grid gap-4">
                // Password stores find by it whose password this is.
                <input name="username" autocomplete="username" value=account hidden readonly />
                {field("old", "old", "Present password", "current-password")}
                {field("new", "new", "New password", "new-password")}
                <p class="help -mt-3">
                    {format!(
                        "At least {} characters; a few words in a row are fine. Your other sessions are signed out.",
                        model::account::PASSWORD_MIN,
                    )}
                </p>
                <p class="err" data-err hidden role="alert"></p>
                <p class="acts">
                    <Button weight=Weight::Primary submit=true act="password" then=done("password")>
                        "Change password"
                    </Button>
                </p>
            </form>
        </Section>
    }
}

fn zone_form(zone: String, zones: Vec<String>) -> impl IntoView {
    view! {
        <Section id="zone" title="Times">
            <form method="dialog" class="panel p-4 grid gap-4">
                <div class="field max-w-sm">
                    <label for="zone-select">"Time zone"</label>
                    <select id="zone-select" name="zone">
                        {zones
                            .into_iter()
                            .map(|z| {
                                let selected = z == zone;
                                view! { <option selected=selected>{z}</option> }
                            })
                            .collect_view()}
                    </select>
                </div>
                <p class="help">"Dates and times on every page are in this zone. Schedules keep the zone that each names."</p>
                <p class="err" data-err hidden role="alert"></p>
                <p class="acts">
                    <Button submit=true act="zone" then=done("zone")>
                        "Save zone"
                    </Button>
                </p>
            </form>
        </Section>
    }
}

fn seen(sessions: Vec<SessionSeen>, now: Millis) -> impl IntoView {
    let columns = ["Browser", "Began", "Last used", "Ends"]
        .into_iter()
        .map(Column::new)
        .chain([Column::hidden("Actions")])
        .collect::<Vec<_>>();
    view! {
        <Section id="sessions" title="Where you are signed in">
            <Table label="Sessions" columns>
                {sessions
                    .into_iter()
                    .map(|s| {
                        let sub = if s.current { format!("this one, {}", s.address) } else { s.address.clone() };
                        view! {
                            <Row name=browser(&s.browser) sub id=format!("s-{}", s.id)>
                                <Cell label="Began"><Time at=s.began now /></Cell>
                                <Cell label="Last used"><Time at=s.last_used now /></Cell>
                                <Cell label="Ends"><Time at=s.expires now /></Cell>
                                <Cell menu=true>
                                    {(!s.current)
                                        .then(|| {
                                            view! {
                                                <button type="button" class="btn btn-sm" data-act="revoke-session" data-id=s.id.0.clone() data-said="That session is signed out.">
                                                    "Sign out"
                                                </button>
                                            }
                                        })}
                                </Cell>
                            </Row>
                        }
                    })
                    .collect_view()}
            </Table>
        </Section>
    }
}

/// The family of a browser from what it calls itself; the rest of that text helps nobody.
fn browser(agent: &str) -> String {
    let family =
        [("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl")]
            .into_iter()
            .find(|(mark, _)| agent.contains(mark))
            .map_or("Unknown browser", |(_, name)| name);
    let system =
        [("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iOS"), ("Mac OS", "macOS"), ("Linux", "Linux")]
            .into_iter()
            .find(|(mark, _)| agent.contains(mark))
            .map(|(_, name)| name);
    system.map_or_else(|| family.to_owned(), |s| format!("{family} on {s}"))
}
