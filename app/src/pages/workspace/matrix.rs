//! The newest good point by cluster and namespace: where the gap is.

use super::super::judged;
use crate::ui::*;
use leptos::prelude::*;
use model::{
    Millis, Phase,
    view::{Matrix, MatrixCell, MatrixRow},
};

/// The column of systems that know no namespaces.
const WHOLE: &str = "whole";

/// From so many columns on the table may be wider than its panel.
const MANY: usize = 5;

pub fn matrix(matrix: &Matrix, rpo: i64, now: Millis) -> AnyView {
    if matrix.rows.is_empty() {
        return ().into_any();
    }
    let title = if named(matrix).next().is_some() {
        "Newest good point by cluster and namespace"
    } else {
        "Newest good point of each part"
    };
    let note = format!("age, judged against an RPO of {}", words::span(rpo));
    let heads = matrix.columns.iter().map(|name| Column::new(heading(name)));
    let columns: Vec<Column> = std::iter::once(Column::new("Where"))
        .chain(heads)
        .chain(std::iter::once(judged::days_column(matrix.rows.iter().find_map(|row| row.days.first()))))
        .collect();
    let rows =
        matrix.rows.iter().enumerate().map(|(at, row)| one(at, row.clone(), &matrix.columns, now)).collect_view();
    let scrolls = matrix.columns.len() >= MANY;
    view! {
        <Section id="matrix" title note>
            <Table label=title columns wide=true class="matrix" scrolls still=true>
                {rows}
            </Table>
            <StripLegend />
        </Section>
    }
    .into_any()
}

fn heading(column: &str) -> String {
    if column == WHOLE { "Whole".into() } else { column.to_owned() }
}

/// The columns of one namespace each. Where there are too many they stand together ("40 namespaces"); no name has a blank.
fn named(matrix: &Matrix) -> impl Iterator<Item = (usize, &String)> {
    matrix.columns.iter().enumerate().filter(|(_, name)| *name != WHOLE && !name.contains(' '))
}

fn one(at: usize, row: MatrixRow, columns: &[String], now: Millis) -> impl IntoView + use<> {
    let cells = columns
        .iter()
        .zip(row.cells)
        .map(|(column, of)| view! { <Cell label=heading(column)>{cell(of, now)}</Cell> })
        .collect_view();
    let days = judged::days(row.days, &row.name, None);
    view! {
        <Row name=row.name sub=row.detail id=format!("k-{at}")>
            {cells}
            <Cell label="Last 30 days" wide=true>
                {days}
            </Cell>
        </Row>
    }
}

/// What stands in a cell: never green without a point, and of a run that ended badly since, that.
fn cell(of: MatrixCell, now: Millis) -> AnyView {
    let (sign, sub) = match of {
        MatrixCell::NotThere => {
            return view! { <span class="not-there text-xs text-ink-3">"Not there"</span> }.into_any();
        }
        MatrixCell::LeftOut(why) => {
            return view! {
                <span class="text-ink-3">"Left out"</span>
                <span class="sub">{why}</span>
            }
            .into_any();
        }
        MatrixCell::Nothing => (Sign::unprotected().say("Nothing"), "in no definition".to_owned()),
        MatrixCell::NoneYet { phase } => (Sign::unprotected().say("None yet"), none_yet(phase.as_ref()).to_owned()),
        MatrixCell::Good { at, over, last } => {
            let over = over.map(|over| format!("{} over", words::span(judged::ms(over))));
            let (sign, since) = since(last.as_ref(), over.is_some());
            let said = [since.map(str::to_owned), over].into_iter().flatten().collect::<Vec<_>>().join(", ");
            let age = words::span(now.since(at));
            (sign.say(age), if said.is_empty() { "good".to_owned() } else { said })
        }
        MatrixCell::Unknown { at: Some(at) } => {
            (Sign::unjudged().say(words::span(now.since(at))), "as last seen".to_owned())
        }
        MatrixCell::Unknown { at: None } => (Sign::unjudged(), "its system is silent".to_owned()),
    };
    view! {
        <State of=sign />
        <span class="sub">{sub}</span>
    }
    .into_any()
}

fn none_yet(phase: Option<&Phase>) -> &'static str {
    match phase {
        None => "it has not run",
        Some(Phase::Queued | Phase::Running) => "a run is under way",
        Some(Phase::Failed) => "the newest run failed",
        Some(Phase::Partial) => "the newest run lacks something",
        Some(Phase::Cancelled) => "the newest run was cancelled",
        Some(Phase::Unknown(_)) => "nobody can say how the newest run ended",
        Some(Phase::Succeeded) => "its run left no point",
    }
}

/// The look of a point's age by what the newest run came to since.
fn since(last: Option<&Phase>, over: bool) -> (Sign, Option<&'static str>) {
    match last {
        Some(Phase::Failed) => (Sign::new(Tone::Bad, Glyph::Failed, ""), Some("failed since")),
        Some(Phase::Partial) => (Sign::new(Tone::Warn, Glyph::Partial, ""), Some("partial since")),
        Some(Phase::Cancelled) => (Sign::new(Tone::Warn, Glyph::Cancelled, ""), Some("cancelled since")),
        Some(Phase::Unknown(_)) => (Sign::new(Tone::Mute, Glyph::Unknown, ""), Some("unknown since")),
        Some(Phase::Running | Phase::Queued) if over => (Sign::at_risk(), Some("a run is under way")),
        Some(Phase::Running | Phase::Queued) => {
            (Sign::new(Tone::Good, Glyph::Ok, ""), Some("good, a run is under way"))
        }
        Some(Phase::Succeeded) | None if over => (Sign::at_risk(), None),
        Some(Phase::Succeeded) | None => (Sign::new(Tone::Good, Glyph::Ok, ""), None),
    }
}

/// Rows of which every cell is well, and how many rows there are.
pub fn good_rows(matrix: &Matrix) -> (usize, usize) {
    let well = |cell: &MatrixCell| match cell {
        MatrixCell::NotThere | MatrixCell::LeftOut(_) => true,
        MatrixCell::Good { over, last, .. } => {
            over.is_none() && matches!(last, None | Some(Phase::Succeeded | Phase::Running | Phase::Queued))
        }
        MatrixCell::Nothing | MatrixCell::NoneYet { .. } | MatrixCell::Unknown { .. } => false,
    };
    let proven = |row: &MatrixRow| row.cells.iter().any(|cell| matches!(cell, MatrixCell::Good { .. }));
    (matrix.rows.iter().filter(|row| proven(row) && row.cells.iter().all(well)).count(), matrix.rows.len())
}

/// Namespaces that are in a definition wherever they are, of how many; those left out everywhere count for neither.
pub fn covered(matrix: &Matrix) -> (usize, usize) {
    let of = |at: usize| matrix.rows.iter().filter_map(move |row| row.cells.get(at));
    let counts: Vec<usize> = named(matrix)
        .map(|(at, _)| at)
        .filter(|at| of(*at).any(|cell| !matches!(cell, MatrixCell::NotThere | MatrixCell::LeftOut(_))))
        .collect();
    let open = counts.iter().filter(|at| of(**at).any(|cell| matches!(cell, MatrixCell::Nothing))).count();
    (counts.len() - open, counts.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::duration::Seconds;

    fn good() -> MatrixCell {
        MatrixCell::Good { at: Millis(0), over: None, last: Some(Phase::Succeeded) }
    }

    fn of(columns: &[&str], rows: Vec<Vec<MatrixCell>>) -> Matrix {
        let row = |cells| MatrixRow { name: "zrh".into(), detail: String::new(), cells, days: Vec::new() };
        Matrix {
            columns: columns.iter().map(|name| (*name).to_owned()).collect(),
            rows: rows.into_iter().map(row).collect(),
        }
    }

    #[test]
    fn only_what_is_proven_everywhere_is_a_good_row() {
        for (cells, well) in [
            (vec![good(), good()], 1),
            (vec![good(), MatrixCell::NotThere], 1),
            (vec![good(), MatrixCell::LeftOut("rebuilt".into())], 1),
            (vec![MatrixCell::NotThere, MatrixCell::NotThere], 0),
            (vec![good(), MatrixCell::Nothing], 0),
            (vec![good(), MatrixCell::NoneYet { phase: None }], 0),
            (vec![good(), MatrixCell::Unknown { at: Some(Millis(0)) }], 0),
            (vec![MatrixCell::Good { at: Millis(0), over: Some(Seconds(1)), last: None }], 0),
            (vec![MatrixCell::Good { at: Millis(0), over: None, last: Some(Phase::Failed) }], 0),
            (vec![MatrixCell::Good { at: Millis(0), over: None, last: Some(Phase::Unknown("Odd".into())) }], 0),
        ] {
            assert_eq!(good_rows(&of(&["a", "b"], vec![cells.clone()])), (well, 1), "{cells:?}");
        }
    }

    #[test]
    fn a_namespace_is_covered_where_no_cluster_leaves_it_open() {
        let rows = vec![
            vec![good(), good(), MatrixCell::NotThere, good()],
            vec![good(), MatrixCell::Nothing, MatrixCell::LeftOut("x".into()), good()],
        ];
        assert_eq!(covered(&of(&["shop", "loyalty", "preview", "whole"], rows)), (1, 2));
        assert_eq!(covered(&Matrix::default()), (0, 0));
        assert_eq!(covered(&of(&["40 namespaces"], vec![vec![good()]])), (0, 0), "of those nothing is told one by one");
    }

    #[test]
    fn green_needs_a_point_and_no_trouble_since() {
        for (last, over, tone) in [
            (None, false, Tone::Good),
            (Some(Phase::Succeeded), false, Tone::Good),
            (Some(Phase::Running), false, Tone::Good),
            (Some(Phase::Succeeded), true, Tone::Warn),
            (Some(Phase::Running), true, Tone::Warn),
            (Some(Phase::Partial), false, Tone::Warn),
            (Some(Phase::Failed), false, Tone::Bad),
            (Some(Phase::Unknown("Odd".into())), false, Tone::Mute),
        ] {
            assert_eq!(since(last.as_ref(), over).0.tone, tone, "{last:?} {over}");
        }
    }
}
