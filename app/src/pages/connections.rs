//! The list of connections: whom to trust.

use super::{
    framed::{framed, looks_only, only_administrators},
    place,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis,
    connection::{Connection, Health},
};

#[component]
pub fn Connections() -> impl IntoView {
    framed(
        place::connections(),
        |backend, caller| async move { backend.connections(&caller).await },
        |list, frame| {
            let (title, lead) = (title(&list), lead(&list).into_any());
            // An empty list has its one button below, beside what it is for.
            if list.is_empty() {
                return view! {
                    <Head title lead />
                    <Empty
                        title="No connection yet"
                        what="Holdfast works over a backup system that you already run. You need its address and a credential with few rights; the test tells you which are missing. It takes about three minutes."
                    >
                        {add()}
                    </Empty>
                }
                .into_any();
            }
            view! {
                <Head title lead>
                    {add()}
                </Head>
                {table(list, frame.now)}
            }
            .into_any()
        },
    )
}

fn add() -> impl IntoView {
    view! {
        <LinkButton href=paths::NEW_CONNECTION weight=Weight::Primary icon=Glyph::Plus off=only_administrators()>
            "Add connection"
        </LinkButton>
    }
}

fn title(list: &[Connection]) -> String {
    let silent = list.iter().filter(|c| c.health.is_silent()).count();
    match (list.len(), silent) {
        (0, _) => "Connections".into(),
        (1, 0) => "The connection answers".into(),
        (1, _) => "The connection is silent".into(),
        (n, 0) => format!("All {n} connections answer"),
        (n, s) => format!("{} of {n} connections answer", n - s),
    }
}

fn lead(list: &[Connection]) -> String {
    let silent: Vec<String> = list.iter().filter(|c| c.health.is_silent()).map(|c| c.name.clone()).collect();
    if silent.is_empty() {
        "The backup systems that Holdfast declares to and observes.".into()
    } else {
        format!(
            "{}: what was last told is kept and marked as old; nothing else is slower for it.",
            words::list(&silent)
        )
    }
}

fn table(list: Vec<Connection>, now: Millis) -> impl IntoView {
    let columns = vec![
        Column::new("Connection"),
        Column::new("System"),
        Column::new("Health"),
        Column::num("Latency"),
        Column::new("Newest data"),
        Column::num("Definitions"),
        Column::new("Credential"),
    ];
    view! {
        <Table label="Connections" columns wide=true>
            {list.into_iter().map(|c| one(c, now)).collect_view()}
        </Table>
    }
}

fn one(c: Connection, now: Millis) -> AnyView {
    let silent = c.health.is_silent();
    let (line, sign) = (health_line(&c, now), Sign::from(&c.health));
    // A sentence takes the whole width of a card; one word does not.
    let said = !matches!(c.health, Health::Answers);
    let latency = c.latency_ms.filter(|_| !silent).map_or_else(|| "—".to_owned(), |ms| format!("{ms} ms"));
    let version = c.version.clone().unwrap_or_else(|| "version not told".into());
    let (system, seen, count, credential) =
        (c.kind, c.last_seen, words::count(c.definitions.into()), c.credential_kind.clone());
    view! {
        <Row name=c.name.clone() href=paths::connection(&c.id) sub=c.address.clone() silent id=format!("c-{}", c.id)>
            <Cell label="System" sub=version>
                <System kind=system />
            </Cell>
            <Cell label="Health" wide=said>
                <State of=sign />
                {line}
            </Cell>
            <Cell label="Latency" num=true>
                {latency}
            </Cell>
            <Cell label="Newest data"><MaybeTime at=seen now none="never" /></Cell>
            <Cell label="Definitions" num=true>
                {count}
            </Cell>
            <Cell label="Credential">{credential}</Cell>
        </Row>
    }
    .into_any()
}

/// An upstream's sentence with its full stop, so that another one may follow.
fn ended(sentence: &str) -> String {
    let stop = if sentence.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{sentence}{stop}")
}

/// What stands under the health word.
pub fn health_line(c: &Connection, now: Millis) -> AnyView {
    match &c.health {
        Health::New => view! { <span class="sub">"Holdfast is about to ask for the first time."</span> }.into_any(),
        Health::Answers => ().into_any(),
        Health::Slowed { reason } => view! { <span class="sub">{reason.clone()}</span> }.into_any(),
        Health::Silent { reason, remedy, .. } => view! {
            <span class="sub">
                {format!("{} ", ended(reason))} {remedy.clone()}
            </span>
            {tries(c, now)}
        }
        .into_any(),
    }
}

/// How often a silent connection was asked since when, and when it is next.
pub fn tries(c: &Connection, now: Millis) -> AnyView {
    let Health::Silent { since, tries, next_try, .. } = &c.health else { return ().into_any() };
    let next = match next_try {
        Some(at) if *at > now => format!("; next try {}", words::relative(*at, now)),
        Some(_) => "; next try now".to_owned(),
        None => String::new(),
    };
    let (since, tries) = (*since, words::plural(u64::from(*tries), "try", "tries"));
    view! {
        <span class="sub">
            {tries} " since " <Time at=since now told=Told::Exact /> {next} " "
            {looks_only()
                .is_empty()
                .then(|| {
                    view! {
                        <button type="button" class="btn btn-quiet btn-sm" data-act="retry-connection" data-id=c.id.0.clone()>
                            "Try now"
                        </button>
                    }
                })}
        </span>
    }
    .into_any()
}
