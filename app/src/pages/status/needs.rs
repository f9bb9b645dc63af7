//! What needs somebody, and what runs now.

use super::super::run_parts;
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis,
    view::{Need as NeedView, RunRow},
};

pub fn needs(list: Vec<NeedView>, now: Millis) -> AnyView {
    if list.is_empty() {
        return ().into_any();
    }
    let note = format!("{}, most exposed first", list.len());
    view! {
        <Panel id="needs" title="Needs you now" note>
            <ol>
                {list
                    .into_iter()
                    .map(|n| {
                        let sub = sub(&n, now);
                        view! {
                            <Need sign=Sign::from(n.kind) name=n.subject.clone() href=n.link.clone() what=n.what.clone() sub>
                                <LinkButton href=n.link.clone() size=Size::Small>
                                    {n.action.clone()}
                                    <span class="sr-only">{format!(": {}", n.subject)}</span>
                                </LinkButton>
                            </Need>
                        }
                    })
                    .collect_view()}
            </ol>
        </Panel>
    }
    .into_any()
}

fn sub(need: &NeedView, now: Millis) -> AnyView {
    let detail = need.detail.clone();
    let dot = need.since.is_some() && !detail.is_empty();
    view! {
        {need.since.map(|at| view! { <Time at now told=Told::Exact /> })}
        {dot.then_some(" · ")}
        {detail}
    }
    .into_any()
}

pub fn running(list: Vec<RunRow>, now: Millis) -> AnyView {
    if list.is_empty() {
        return ().into_any();
    }
    let columns = ["Run", "State", "Progress", "Time"].into_iter().map(Column::new).collect::<Vec<_>>();
    view! {
        <Section id="running" title="Running now">
            <Table label="Running now" columns>
                {list
                    .into_iter()
                    .map(|row| {
                        let run = row.run;
                        let done = run.detail.bytes.or(run.detail.items);
                        let name = row.definition_name.unwrap_or_else(|| run.title().to_owned());
                        let (sign, progress, took) =
                            (run_parts::sign(&run), run_parts::progress(&run), run_parts::took(&run, now));
                        view! {
                            <Row name=name.clone() href=paths::run(&run.id) sub=row.connection_name silent=row.silent id=format!("n-{}", run.id)>
                                <Cell label="State">
                                    <State of=sign />
                                </Cell>
                                <Cell label="Progress" wide=true>
                                    {done.map(|done| view! { <Bar label=name done /> })}
                                    {progress}
                                </Cell>
                                <Cell label="Time">{took}</Cell>
                            </Row>
                        }
                    })
                    .collect_view()}
            </Table>
        </Section>
    }
    .into_any()
}
