//! What came of a definition: its newest runs and recovery points.

use super::super::run_parts;
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{DefinitionId, Millis, recovery::RecoveryPoint, run::Run};

pub(super) fn runs(list: Vec<Run>, id: &DefinitionId, now: Millis) -> impl IntoView + use<> {
    let (all, none) = (paths::runs_of(id), list.is_empty());
    let columns =
        ["Run", "State", "Began", "Took", "Errors, warnings"].into_iter().map(Column::new).collect::<Vec<_>>();
    let rows = list
        .into_iter()
        .map(|run| {
            let (sign, progress, took, counts) =
                (run_parts::sign(&run), run_parts::progress(&run), run_parts::took(&run, now), run_parts::counts(&run.detail));
            let began = run.started.or(run.created);
            view! {
                <Row name=run.title().to_owned() href=paths::run(&run.id) sub=run.trigger.words().to_owned() id=format!("r-{}", run.id)>
                    <Cell label="State">
                        <State of=sign />
                        {progress}
                    </Cell>
                    <Cell label="Began"><MaybeTime at=began now /></Cell>
                    <Cell label="Took">{took}</Cell>
                    <Cell label="Errors, warnings">{counts}</Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Section id="runs" title="Runs">
            {if none {
                view! { <p class="note">"No run yet."</p> }.into_any()
            } else {
                view! {
                    <Table label="Newest runs" columns>
                        {rows}
                    </Table>
                    <p class="note mt-3">
                        <a href=all>"All its runs"</a>
                    </p>
                }
                    .into_any()
            }}
        </Section>
    }
}

/// `may`: whether the reader may restore.
pub(super) fn points(list: Vec<RecoveryPoint>, id: &DefinitionId, now: Millis, may: bool) -> impl IntoView + use<> {
    let (all, none) = (paths::points_of(id), list.is_empty());
    let columns = ["Recovery point", "State", "Taken", "Expires"]
        .into_iter()
        .map(Column::new)
        .chain([Column::hidden("Actions")])
        .collect::<Vec<_>>();
    let rows = list
        .into_iter()
        .map(|p| {
            let (name, sign, restore) = (p.title().to_owned(), Sign::from(&p.state), paths::new_restore(&p.id));
            let why_not = p.detail.not_restorable.clone();
            let may = may && why_not.is_none();
            view! {
                <Row name=p.title().to_owned() href=paths::point(&p.id) sub=p.location.clone().unwrap_or_default() id=format!("p-{}", p.id)>
                    <Cell label="State" sub=why_not.unwrap_or_default()>
                        <State of=sign />
                    </Cell>
                    <Cell label="Taken"><MaybeTime at=p.taken now /></Cell>
                    <Cell label="Expires"><MaybeTime at=p.expires now /></Cell>
                    <Cell num=true>
                        {may
                            .then(|| {
                                view! {
                                    <LinkButton href=restore size=Size::Small icon=Glyph::Restore>
                                        "Restore…"
                                        <span class="sr-only">{format!(" {name}")}</span>
                                    </LinkButton>
                                }
                            })}
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Section id="points" title="Recovery points">
            {if none {
                view! { <p class="note">"None yet: nothing could be restored."</p> }.into_any()
            } else {
                view! {
                    <Table label="Newest recovery points" columns>
                        {rows}
                    </Table>
                    <p class="note mt-3">
                        <a href=all>"All its recovery points"</a>
                    </p>
                }
                    .into_any()
            }}
        </Section>
    }
}
