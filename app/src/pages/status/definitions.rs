//! The definitions one by one, as long as there is no workspace that judges them as a whole.

use super::super::definition_row::{exposed, last_run, newest_good, next_run};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{Millis, view::DefinitionList};

/// Those longest without a good point come first.
pub const ORDER: &str = "newest_good";

pub fn definitions(list: DefinitionList, now: Millis) -> AnyView {
    let (shown, total) = (list.page.rows.len() as u64, list.page.total);
    if shown == 0 {
        return ().into_any();
    }
    let columns = ["Definition", "Protection", "Newest good point", "Last run", "Next run"]
        .into_iter()
        .map(Column::new)
        .collect::<Vec<_>>();
    view! {
        <Section id="definitions" title="Definitions" note="longest without a good point first">
            <Table label="Definitions" columns wide=true class="status-tbl">
                {list
                    .page
                    .rows
                    .into_iter()
                    .map(|row| {
                        let sub = format!("{} · {}", row.kind.word(), row.connection_name);
                        let (sign, why) = (Sign::from(row.protection()), exposed(&row, now));
                        let (newest, last, next) = (newest_good(&row, now), last_run(&row, now), next_run(&row, now));
                        view! {
                            <Row name=row.name.clone() href=paths::definition(&row.id) sub silent=row.health.is_silent() id=format!("d-{}", row.id)>
                                <Cell label="Protection">
                                    <State of=sign />
                                    {why}
                                </Cell>
                                <Cell label="Newest good point">{newest}</Cell>
                                <Cell label="Last run">{last}</Cell>
                                <Cell label="Next run">{next}</Cell>
                            </Row>
                        }
                    })
                    .collect_view()}
            </Table>
            {(shown < total)
                .then(|| {
                    view! {
                        <p class="note mt-3">
                            {format!("{shown} of {total}. ")} <a href=paths::DEFINITIONS>"Show all definitions"</a>
                        </p>
                    }
                })}
        </Section>
    }
    .into_any()
}
