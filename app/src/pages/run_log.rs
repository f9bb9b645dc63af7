//! Warnings, errors and the log of a run or a restore. They are read from the upstream only when somebody asks
//! (`?log=show`), because opening a page makes no upstream call; it works without scripts.

use super::framed::query;
use crate::{
    backend::{Backend, Caller},
    error::ApiError,
    ui::*,
};
use leptos::prelude::*;
use model::{
    RestoreId, RunId,
    run::{LogPage, ResultLine, Results, VolumeRow},
};

/// What was asked for in the URL.
pub enum Asked {
    Nothing,
    Log { text: String, level: String },
}

impl Asked {
    /// From the page's query.
    pub fn here() -> Self {
        if query("log").is_empty() { Self::Nothing } else { Self::Log { text: query("text"), level: query("level") } }
    }

    /// Asks the upstream, if the reader did.
    pub async fn fetch_run(self, backend: &dyn Backend, caller: &Caller, id: &RunId) -> Fetched {
        let Self::Log { text, level } = self else { return None };
        let results = backend.run_results(caller, id.clone()).await;
        let log = backend.run_log(caller, id.clone(), text.clone(), level.clone()).await;
        Some(Answer { results, log, text, level })
    }

    /// The same for a restore.
    pub async fn fetch_restore(self, backend: &dyn Backend, caller: &Caller, id: &RestoreId) -> Fetched {
        let Self::Log { text, level } = self else { return None };
        let results = backend.restore_results(caller, id.clone()).await;
        let log = backend.restore_log(caller, id.clone(), text.clone(), level.clone()).await;
        Some(Answer { results, log, text, level })
    }
}

/// `None`: nobody asked.
pub type Fetched = Option<Answer>;

/// What the upstream gave.
pub struct Answer {
    results: Result<Results, ApiError>,
    log: Result<LogPage, ApiError>,
    text: String,
    level: String,
}

const LEVELS: [(&str, &str); 3] = [("warning", "Errors and warnings"), ("error", "Errors"), ("", "Everything")];

/// The two sections, or the button that asks for them. `page` is the path of the run, `file` of the whole log, `off` why
/// nothing can be fetched.
pub fn section(fetched: Fetched, page: &str, file: &str, off: String) -> AnyView {
    let Some(answer) = fetched else {
        let help = off.is_empty().then(|| {
            view! { <p class="help mt-2">"Read from the upstream by the server; nothing is fetched before you ask."</p> }
        });
        let href = format!("{page}?log=show&level=warning#log");
        return view! {
            <Section id="log" title="Results and log">
                <div class="acts">
                    {if off.is_empty() {
                        view! { <LinkButton href>"Fetch results and log"</LinkButton> }.into_any()
                    } else {
                        view! { <Button off=off>"Fetch results and log"</Button> }.into_any()
                    }}
                </div>
                {help}
            </Section>
        }
        .into_any();
    };
    view! {
        {results(answer.results)}
        {log(answer.log, answer.text, answer.level, page, file)}
    }
    .into_any()
}

fn results(results: Result<Results, ApiError>) -> AnyView {
    let inside = loaded(results, None, |r| {
        if let Some(why) = r.unavailable {
            return view! { <Callout tone=Tone::Mute title="No results"><p>{why}</p></Callout> }.into_any();
        }
        let snapshots = snapshots(r.volumes);
        if r.errors.is_empty() && r.warnings.is_empty() {
            return view! {
                <p>"No error and no warning was recorded."</p>
                {snapshots}
            }
            .into_any();
        }
        view! {
            <div class="panel">
                {r.errors.into_iter().map(|line| message(Tone::Bad, line)).collect_view()}
                {r.warnings.into_iter().map(|line| message(Tone::Warn, line)).collect_view()}
            </div>
            {snapshots}
        }
        .into_any()
    });
    view! {
        <Section id="results" title="Errors and warnings">
            {inside}
        </Section>
    }
    .into_any()
}

/// Snapshots that stay in the storage system; the volumes that were copied have their own table.
fn snapshots(volumes: Vec<VolumeRow>) -> AnyView {
    if volumes.is_empty() {
        return ().into_any();
    }
    let columns = vec![Column::new("Snapshot of"), Column::new("How"), Column::num("Data"), Column::new("State")];
    let rows = volumes
        .into_iter()
        .map(|v| {
            let data = v.bytes.map_or_else(|| "not told".to_owned(), |bytes| words::bytes(bytes.done));
            view! {
                <Row name=v.name>
                    <Cell label="How">{v.method}</Cell>
                    <Cell label="Data" num=true>
                        {data}
                    </Cell>
                    <Cell label="State">
                        <State of=Sign::from(&v.phase) />
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    view! {
        <Table label="Snapshots in the storage system" columns tight=true>
            {rows}
        </Table>
    }
    .into_any()
}

fn message(tone: Tone, line: ResultLine) -> impl IntoView {
    view! {
        <Cause tone title=line.place>
            <p>{line.text}</p>
        </Cause>
    }
}

fn log(log: Result<LogPage, ApiError>, text: String, level: String, page: &str, file: &str) -> AnyView {
    let levels = LEVELS.into_iter().map(|(value, word)| crate::ui::Answer::new(value, word)).collect::<Vec<_>>();
    let (action, file) = (format!("{page}#log"), file.to_owned());
    let inside = loaded(log, None, |log| {
        if let Some(why) = log.unavailable {
            return view! { <Callout tone=Tone::Mute title="No log"><p>{why}</p></Callout> }.into_any();
        }
        let note = if log.cut {
            format!(
                "{} of {} lines; the log is longer than Holdfast reads.",
                words::count(log.matching),
                words::count(log.total)
            )
        } else {
            format!("{} of {} lines.", words::count(log.matching), words::count(log.total))
        };
        view! {
            <p class="note mb-2">{note}</p>
            <LogLines lines=log.lines />
        }
        .into_any()
    });
    view! {
        <Section id="log" title="Log">
            <Filters label="Filter the log" action beside=move || ()>
                <FilterText label="Text, or an object’s name" value=text />
                <FilterSelect label="Level" name="level" answers=levels value=level />
                <FilterKept name="log" value="show" />
            </Filters>
            <p class="acts mb-3">
                <LinkButton href=file icon=Glyph::Download download="log.txt">
                    "Download the whole log"
                </LinkButton>
            </p>
            {inside}
        </Section>
    }
    .into_any()
}
