//! A definition: what it protects, whether it is in force, what came of it.

pub(super) mod declared;
mod dialogs;
mod follows;
mod outcome;
mod standing;
mod timeline;

use super::{
    definition_row::{newest_good, next_run},
    framed::{framed_as, looks_only, param},
    health, place,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{DefinitionId, Millis, view::DefinitionDetail};

#[component]
pub fn Definition() -> impl IntoView {
    let id = DefinitionId(param("id"));
    framed_as(
        place::definition(id.as_str()),
        move |backend, caller| async move { backend.definition(&caller, id).await },
        |here, detail: &DefinitionDetail| here.named(&detail.row.name),
        |detail, frame| content(detail, frame.now).into_any(),
    )
}

fn content(d: DefinitionDetail, now: Millis) -> impl IntoView + use<> {
    let row = d.row.clone();
    let sign = Sign::definition(&row.standing, row.paused, &row.health);
    let may = looks_only().is_empty();
    let removing = row.standing.is_removing();
    let buttons = match (removing, may) {
        (true, _) => ().into_any(),
        (false, true) => buttons(&d).into_any(),
        (false, false) => view! { <Button icon=Glyph::Play off=looks_only()>"Run now"</Button> }.into_any(),
    };
    let silent = health::silent(&row.connection_name, &row.health, row.last_seen, now);
    let standing = standing::standing(&d, now, may);
    let (policy, behind) = (follows::fact(&d), follows::refused(&d));
    let (newest, next) = (newest_good(&row, now), next_run(&row, now));
    let zone = d.definition.schedule.as_ref().map(|s| s.zone_words().to_owned()).unwrap_or_default();
    let (schedule, kept) = (row.schedule.clone().unwrap_or_else(|| "by hand".into()), kept(&d));
    let (runs, points, declared) = (
        outcome::runs(d.runs.clone(), &row.id, now),
        outcome::points(d.points.clone(), &row.id, now, may),
        declared::declared(&d),
    );
    let dialogs =
        may.then(|| dialogs::dialogs(&row.id, &row.name, d.points_left, &d.upstream_name, &row.connection_name));
    view! {
        <Head title=row.name.clone() sign lead=lead(&d).into_any()>
            {buttons}
        </Head>
        {silent}
        {standing}
        {behind}
        <Facts>
            <Fact label="Newest good point">{newest}</Fact>
            <Fact label="Next run">{next}</Fact>
            <Fact label="Schedule" sub=zone>
                {schedule}
            </Fact>
            <Fact label="Kept">{kept}</Fact>
            {policy}
        </Facts>
        {runs}
        {points}
        {declared}
        {timeline::timeline(d.timeline, now)}
        {dialogs}
    }
}

fn lead(d: &DefinitionDetail) -> AnyView {
    view! {
        {format!("{} on ", d.definition.scope.words())}
        <a href=paths::connection(&d.row.connection)>{d.row.connection_name.clone()}</a>
        "."
    }
    .into_any()
}

/// How long and how many, in words.
fn kept(d: &DefinitionDetail) -> String {
    if d.definition.policy.is_some() {
        return "as the policy says".into();
    }
    let said = declared::kept(&d.definition.retention);
    if said.is_empty() { "the system’s default".into() } else { said }
}

fn buttons(d: &DefinitionDetail) -> impl IntoView + use<> {
    let row = &d.row;
    let id = row.id.0.clone();
    view! {
        <button type="button" class="btn btn-primary" data-act="run" data-id=id.clone()>
            <Icon name=Glyph::Play />
            "Run now"
        </button>
        {match (row.schedule.is_some(), row.paused) {
            (false, _) => ().into_any(),
            (true, false) if d.capabilities.pause.why_not().is_some() => {
                let why = d.capabilities.pause.text().to_owned();
                view! { <Button icon=Glyph::Paused off=why>"Pause"</Button> }.into_any()
            }
            (true, false) => {
                view! {
                    <button type="button" class="btn" data-act="pause" data-id=id.clone() data-said=format!("{} is paused.", row.name)>
                        <Icon name=Glyph::Paused />
                        "Pause"
                    </button>
                }
                    .into_any()
            }
            // A question only where there are two answers.
            (true, true) if d.capabilities.resume_quietly.is_yes() && d.capabilities.resume_at_once.is_yes() => {
                view! { <Button icon=Glyph::Play opens="resume">"Resume…"</Button> }.into_any()
            }
            (true, true) => {
                let said = format!("{} is resumed.", row.name);
                view! { <Button icon=Glyph::Play act="resume-quiet" of=id.clone() said>"Resume"</Button> }.into_any()
            }
        }}
        <LinkButton href=paths::edit_definition(&row.id) icon=Glyph::Edit>
            "Edit"
        </LinkButton>
        <Button weight=Weight::Danger icon=Glyph::Trash opens="delete">
            "Delete…"
        </Button>
    }
}
