//! The list of runs: what happened, newest first.

use super::{
    framed::{framed, query},
    listing::{Words, fills_by_itself, listing},
    place, run_parts,
};
use crate::{paths, ui::*};
use leptos::prelude::*;
use model::{
    Millis, Phase,
    view::{Page, RunFilter, RunRow},
};

#[component]
pub fn Runs() -> impl IntoView {
    let filter = RunFilter {
        text: query("text"),
        connection: query("connection"),
        definition: query("definition"),
        phase: query("phase"),
        page: query("page"),
    };
    let asked = filter.clone();
    framed(
        place::runs(),
        move |backend, caller| async move { backend.runs(&caller, asked).await },
        move |list, frame| {
            let lead = match frame.running {
                0 => "Nothing is running now.".to_owned(),
                n => format!("{} now.", words::plural(u64::from(n), "run is going", "runs are going")),
            };
            view! {
                <Head title="Runs" lead=lead.into_any() />
                <div id="runs-list">
                    {content(list, filter, frame.now)}
                </div>
            }
            .into_any()
        },
    )
}

fn address(filter: &RunFilter, page: &str) -> String {
    let f = filter;
    let pairs = [
        ("text", f.text.as_str()),
        ("connection", &f.connection),
        ("definition", &f.definition),
        ("phase", &f.phase),
        ("page", page),
    ];
    format!("{}{}", paths::RUNS, paths::query(&pairs))
}

fn content(list: Page<RunRow>, filter: RunFilter, now: Millis) -> impl IntoView {
    let filtered = filter != RunFilter::default();
    let phases = [
        Phase::Running,
        Phase::Queued,
        Phase::Succeeded,
        Phase::Partial,
        Phase::Failed,
        Phase::Cancelled,
        Phase::Unknown(String::new()),
    ];
    let answers = std::iter::once(Answer::new("", "Any"))
        .chain(phases.iter().map(|p| Answer::new(p.key(), p.word())))
        .collect::<Vec<_>>();
    let columns = ["Run", "Connection", "State", "Began", "Took", "Errors, warnings", "Started by"]
        .into_iter()
        .map(Column::new)
        .collect::<Vec<_>>();
    let rows = listing(
        Words { one: "run", many: "runs", title: "Runs", path: paths::RUNS },
        list,
        filtered,
        |key| address(&filter, key),
        columns,
        || {
            fills_by_itself(
                "No run yet",
                "Runs appear here as soon as a definition's time comes, or when somebody presses Run now. Runs that were begun outside Holdfast appear too.",
            )
        },
        |row| one(row, now),
    );
    view! {
        <Filters label="Filter runs" action=paths::RUNS>
            <FilterText label="Name or namespace" value=filter.text.clone() />
            <FilterSelect label="State" name="phase" answers value=filter.phase.clone() />
            <FilterKept name="definition" value=filter.definition.clone() />
            <FilterKept name="connection" value=filter.connection.clone() />
        </Filters>
        {rows}
    }
}

fn one(row: RunRow, now: Millis) -> impl IntoView {
    let run = row.run;
    let began = run.started.or(run.created);
    let (sign, progress, took, counts) =
        (run_parts::sign(&run), run_parts::progress(&run), run_parts::took(&run, now), run_parts::counts(&run.detail));
    let trigger = run.trigger.words().to_owned();
    view! {
        <Row
            name=run.title().to_owned()
            href=paths::run(&run.id)
            sub=row.definition_name.unwrap_or_else(|| "no definition of Holdfast".into())
            silent=row.silent
            id=format!("r-{}", run.id)
        >
            <Cell label="Connection">{row.connection_name}</Cell>
            <Cell label="State">
                <State of=sign />
                {progress}
            </Cell>
            <Cell label="Began">
                <MaybeTime at=began now />
            </Cell>
            <Cell label="Took">{took}</Cell>
            <Cell label="Errors, warnings">{counts}</Cell>
            <Cell label="Started by">{trigger}</Cell>
        </Row>
    }
}
