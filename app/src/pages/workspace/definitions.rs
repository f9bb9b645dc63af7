//! The definitions that take in what belongs to a workspace.

use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis,
    definition::Standing,
    view::{DefinitionRow, WorkspaceView},
};

pub fn definitions(view: &WorkspaceView, may: bool, now: Millis) -> impl IntoView + use<> {
    let href = match &view.upstream {
        Some((connection, ..)) => paths::new_definition_on(connection),
        None => paths::NEW_DEFINITION.to_owned(),
    };
    let rows = view.definitions.clone();
    view! {
        <Section id="definitions" title="Definitions that protect it">
            {if rows.is_empty() {
                view! { <p class="note">"None: nothing of this workspace is in a definition."</p> }.into_any()
            } else {
                view! {
                    <div class="panel">
                        <ul>{rows.into_iter().map(|row| definition(row, now)).collect_view()}</ul>
                    </div>
                }
                    .into_any()
            }}
            {may
                .then(|| {
                    view! {
                        <p class="mt-3">
                            <LinkButton href size=Size::Small icon=Glyph::Plus>
                                "Add a definition"
                            </LinkButton>
                        </p>
                    }
                })}
        </Section>
    }
}

fn definition(row: DefinitionRow, now: Millis) -> impl IntoView {
    let sign = Sign::definition(&row.standing, row.paused, &row.health);
    let schedule = row.schedule.clone().unwrap_or_else(|| "by hand".into());
    let zone = row.zone.clone().map(|zone| format!(", {zone}")).unwrap_or_default();
    let seen = row.health.is_silent().then_some(row.last_seen).flatten();
    let last = match (&row.standing, seen) {
        (Standing::Applied, Some(at)) => format!(" · last seen {}", words::ago(at, now)),
        _ => String::new(),
    };
    view! {
        <li class="need" id=format!("d-{}", row.id)>
            <Icon name=Glyph::Definitions class="text-ink-3" />
            <div>
                <p>
                    <a class="row-name" href=paths::definition(&row.id)>
                        {row.name.clone()}
                    </a>
                </p>
                <p class="sub">{format!("{schedule}{zone} · {} on {}{last}", row.scope, row.connection_name)}</p>
            </div>
            <div class="acts">
                <State of=sign />
            </div>
        </li>
    }
}
