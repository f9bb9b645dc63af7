//! What happened to a definition: saved, applied, refused, changed by somebody else.

use crate::ui::*;
use leptos::prelude::*;
use model::{Millis, definition::TimelineEntry};

pub(super) fn timeline(list: Vec<TimelineEntry>, now: Millis) -> impl IntoView + use<> {
    let rows = list
        .into_iter()
        .map(|e| {
            view! {
                <li class="need">
                    <Icon name=timeline_glyph(&e.kind) />
                    <div>
                        <p>{e.sentence}</p>
                        <p class="sub">
                            <Time at=e.at now /> {format!(" · {}", e.actor.unwrap_or_else(|| "Holdfast".into()))}
                        </p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel id="timeline" title="Timeline" note="newest first" class="mt-9">
            <ol>{rows}</ol>
        </Panel>
    }
}

fn timeline_glyph(kind: &str) -> Glyph {
    match kind {
        "saved" => Glyph::Edit,
        "applied" => Glyph::Ok,
        "failed" => Glyph::Failed,
        "paused" => Glyph::Paused,
        "resumed" | "run" => Glyph::Play,
        "drifted" => Glyph::Drift,
        "reapplied" => Glyph::Rerun,
        "adopted" => Glyph::Check,
        "deleted" => Glyph::Trash,
        _ => Glyph::Info,
    }
}
