//! A connection: whether it answers, what it can do, where its recovery points go.

use super::{
    connections::{health_line, tries},
    framed::{framed_as, looks_only, param},
    health, place,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    ConnectionId, Millis,
    account::Role,
    capability::Capabilities,
    connection::Connection as Data,
    location::{Location, LocationState},
    view::ConnectionDetail,
};

#[component]
pub fn Connection() -> impl IntoView {
    let id = ConnectionId(param("id"));
    framed_as(
        place::connection(id.as_str()),
        move |backend, caller| async move { backend.connection(&caller, id).await },
        |here, detail: &ConnectionDetail| here.named(&detail.connection.name),
        |detail, frame| content(detail, frame.now, frame.me.role).into_any(),
    )
}

fn content(detail: ConnectionDetail, now: Millis, role: Role) -> impl IntoView {
    let c = detail.connection;
    let admin = role >= Role::Administrator;
    let why = "Only administrators change connections.";
    let used = detail.definitions.len();
    let keep = match used {
        0 => String::new(),
        1 => "It is used by 1 definition; delete that first.".into(),
        n => format!("It is used by {}; delete those first.", words::count(n as u64) + " definitions"),
    };
    // Sentences of controls that are off have ids made from them, so each is its own.
    let off_remove = if admin { keep } else { "Only administrators remove connections.".to_owned() };
    let (new, edit) = (
        paths::NEW_DEFINITION.to_owned() + &paths::query(&[("connection", c.id.as_str())]),
        paths::edit_connection(&c.id),
    );
    let may_remove = off_remove.is_empty();
    let id = c.id.0.clone();
    let abilities = abilities(&detail.capabilities, c.kind.word());
    let silent = health::silent(&c.name, &c.health, c.last_seen, now);
    let (name, facts) = (c.name.clone(), facts(&c, now));
    view! {
        <Head title=c.name.clone() sign=Sign::from(&c.health) lead=format!("{} at {}", c.kind.word(), c.address).into_any()>
            <LinkButton href=new icon=Glyph::Plus off=looks_only()>
                "New definition here"
            </LinkButton>
            {if admin {
                view! { <LinkButton href=edit icon=Glyph::Edit>"Edit…"</LinkButton> }.into_any()
            } else {
                view! { <Button off=why>"Edit…"</Button> }.into_any()
            }}
            {if off_remove.is_empty() {
                view! { <Button weight=Weight::Danger icon=Glyph::Trash opens="remove">"Remove…"</Button> }.into_any()
            } else {
                view! { <Button weight=Weight::Danger icon=Glyph::Trash off=off_remove>"Remove…"</Button> }.into_any()
            }}
        </Head>
        {silent}
        {facts}
        {locations(detail.locations, c.health.is_silent())}
        {definitions(detail.definitions)}
        {abilities}
        {may_remove.then(|| remove(name, id))}
    }
}

/// The question before a connection is forgotten.
fn remove(name: String, id: String) -> impl IntoView {
    view! {
        <Removal
            id="remove"
            title=format!("Remove {name}?")
            word="Remove connection"
            act="remove-connection"
            of=id
            then=paths::CONNECTIONS
        >
            <p>"Holdfast forgets its credential and what it has seen of it. Nothing changes there: backups and schedules stay."</p>
        </Removal>
    }
}

/// A fact that not every system has.
fn told_only(label: &'static str, text: String) -> AnyView {
    (!text.is_empty()).then(|| view! { <Pair label>{text}</Pair> }).into_any()
}

fn facts(c: &Data, now: Millis) -> AnyView {
    let told = |text: &Option<String>| text.clone().unwrap_or_else(|| "not told".into());
    // Why it is silent and what helps stands over the facts.
    let line = if c.health.is_silent() { tries(c, now) } else { health_line(c, now) };
    let sign = Sign::from(&c.health);
    let (address, namespace, version, platform) =
        (c.address.clone(), c.namespace.clone(), told(&c.version), told(&c.platform));
    let (account, variant) = (c.account.clone(), c.variant.clone());
    let latency = c
        .latency_ms
        .filter(|_| !c.health.is_silent())
        .map_or_else(|| "not measured".to_owned(), |ms| format!("{ms} ms"));
    let credential = format!("{}, sealed; it never comes out again", c.credential_kind);
    let authority = if c.ca.is_empty() { "the well-known ones" } else { "its own, given with the connection" };
    let seen = c.last_seen;
    view! {
        <Section id="facts" title="Facts">
            <Pairs class="panel p-4 text-xs">
                <Pair label="Health"><State of=sign />{line}</Pair>
                <Pair label="Address">{address}</Pair>
                {told_only("Namespace", namespace)}
                {told_only("Account", account)}
                {told_only("Contract", variant)}
                <Pair label="Version">{version}</Pair>
                <Pair label="Platform">{platform}</Pair>
                <Pair label="Latency">{latency}</Pair>
                <Pair label="Last heard"><MaybeTime at=seen none="never" /></Pair>
                <Pair label="Credential">{credential}</Pair>
                <Pair label="Certificate authority">{authority}</Pair>
            </Pairs>
        </Section>
    }
    .into_any()
}

/// `silent`: what was last told may no longer be so.
fn locations(list: Vec<Location>, silent: bool) -> AnyView {
    if list.is_empty() {
        return ().into_any();
    }
    let columns = ["Location", "State", "Place", "Access"].into_iter().map(Column::new).collect::<Vec<_>>();
    view! {
        <Section id="locations" title="Storage locations" note=if silent { "as last told" } else { "" }>
            <Table label="Storage locations" columns>
                {list
                    .into_iter()
                    .map(|l| {
                        let sign = if silent { location_sign(&l).aged() } else { location_sign(&l) };
                        let sub = if l.is_default { "the default" } else { "" };
                        view! {
                            <Row name=l.name.clone() sub silent>
                                <Cell label="State" wide=true sub=l.message.clone().unwrap_or_default()>
                                    <State of=sign />
                                </Cell>
                                <Cell label="Place" wide=true>{l.place.clone()}</Cell>
                                <Cell label="Access">{if l.read_only { "read only" } else { "read and write" }}</Cell>
                            </Row>
                        }
                    })
                    .collect_view()}
            </Table>
        </Section>
    }
    .into_any()
}

/// How a location's state looks.
pub fn location_sign(l: &Location) -> Sign {
    match &l.state {
        LocationState::Available => Sign::new(Tone::Good, Glyph::Ok, "Available"),
        LocationState::Unavailable => Sign::new(Tone::Bad, Glyph::Failed, "Unavailable"),
        LocationState::NotChecked => Sign::new(Tone::Mute, Glyph::Unknown, "Not checked yet"),
        LocationState::Unknown(word) => {
            let mut sign = Sign::new(Tone::Mute, Glyph::Unknown, "Unknown");
            sign.raw = Some(word.clone());
            sign
        }
    }
}

fn definitions(list: Vec<(model::DefinitionId, String)>) -> AnyView {
    if list.is_empty() {
        return ().into_any();
    }
    view! {
        <Section id="definitions" title="Definitions">
            <ul class="panel p-4 grid gap-x-8 gap-y-2 sm:grid-cols-2 lg:grid-cols-3">
                {list.into_iter().map(|(id, name)| view! { <li><a href=paths::definition(&id)>{name}</a></li> }).collect_view()}
            </ul>
        </Section>
    }
    .into_any()
}

fn abilities(capabilities: &Capabilities, system: &'static str) -> AnyView {
    let columns = vec![Column::new("Decision"), Column::new(system)];
    let rows = capabilities
        .rows()
        .into_iter()
        .map(|(decision, support)| {
            let text = support.text().to_owned();
            let sign = if support.is_yes() {
                Sign::new(Tone::Good, Glyph::Check, "yes")
            } else {
                Sign::new(Tone::Mute, Glyph::Cancelled, "no")
            };
            view! {
                <Row name=decision>
                    <Cell label="Answer" wide=true sub=text>
                        <State of=sign />
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Section id="abilities" title="What it can do" note="the wizard refuses the rest, with the same words">
            <Table label="What it can do" columns tight=true>
                {rows}
            </Table>
        </Section>
    }
    .into_any()
}
