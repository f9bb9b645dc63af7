//! The days of a workspace as cells. They differ in shape, not by colour alone; the picture's label names those that are not
//! good.

use super::{
    part::{Part, el, parts},
    time::{Written, written},
    words,
};
use leptos::prelude::*;
use model::strip::{self, Day, DayMark};

/// In the order of the legend and of the label.
const MARKS: [DayMark; 8] = [
    DayMark::Good,
    DayMark::Partial,
    DayMark::Failed,
    DayMark::Missed,
    DayMark::Overdue,
    DayMark::Unknown,
    DayMark::Running,
    DayMark::Nothing,
];

/// The outline that half-filled cells share, one fifth of a unit inside the cell.
const FRAME: &str = ".6 2.6h4.8v14.8h-4.8z";

/// Outlined and filled parts of a cell of 6 by 20: class, whole units from its left edge, and the rest of a path that is
/// relative, so that cells of one sort are one path.
const fn drawing(mark: DayMark) -> &'static [(&'static str, usize, &'static str)] {
    match mark {
        DayMark::Good => &[("d-good", 1, " 2h4a1 1 0 0 1 1 1v14a1 1 0 0 1-1 1h-4a1 1 0 0 1-1-1v-14a1 1 0 0 1 1-1z")],
        DayMark::Partial => &[("d-part-o", 0, FRAME), ("d-part", 0, " 10h6v7a1 1 0 0 1-1 1h-4a1 1 0 0 1-1-1z")],
        DayMark::Failed => &[(
            "d-fail",
            1,
            " 2h4a1 1 0 0 1 1 1v4.5l-6 2v-6.5a1 1 0 0 1 1-1zm5 8.5v6.5a1 1 0 0 1-1 1h-4a1 1 0 0 1-1-1v-4.5z",
        )],
        DayMark::Missed => &[("d-miss", 0, FRAME)],
        DayMark::Overdue => &[("d-over-o", 0, FRAME), ("d-over", 2, ".3 5.5h1.4v5h-1.4zm0 6.7h1.4v1.6h-1.4z")],
        DayMark::Unknown => &[("d-unk", 0, FRAME), ("d-unk", 1, ".9 7.8a1.15 1.15 0 1 1 1.7 1q-.6.4-.6 1.3m0 1.8v.8")],
        DayMark::Running => &[("d-run-o", 0, FRAME), ("d-run", 1, ".5 10a1.5 1.5 0 0 1 3 0 1.5 1.5 0 0 1-3 0z")],
        DayMark::Nothing => &[("d-none", 1, " 15.5h4v1.5h-4z")],
    }
}

/// The cells with these places in the row, all of one mark.
fn cells(mark: DayMark, places: &[usize]) -> Part {
    let path = |&(class, left, rest): &(&'static str, usize, &str)| {
        let d: String = places.iter().map(|place| format!("M{}{rest}", place * 8 + left)).collect();
        el("path").attr("class", class).attr("d", d)
    };
    parts(drawing(mark).iter().map(path))
}

/// A day's name: `29 Oct`.
fn named(day: &Day) -> String {
    written(day.begins, Written::Date)
}

/// Whether nobody needs to be told which day it was.
const fn quiet(mark: DayMark) -> bool {
    matches!(mark, DayMark::Good | DayMark::Nothing | DayMark::Running)
}

/// Days in a row, oldest first. Say in a sentence below what they come to.
#[component]
pub fn Strip(
    days: Vec<Day>,
    /// Whose days they are, where several stand on one page.
    #[prop(optional, into)]
    of: Option<String>,
) -> impl IntoView {
    let label = label(&days, of);
    let width = (days.len() * 8).saturating_sub(2);
    let drawn = MARKS.into_iter().map(|mark| {
        let places: Vec<usize> =
            days.iter().enumerate().filter(|(_, day)| day.mark == mark).map(|(place, _)| place).collect();
        if places.is_empty() {
            return Part::default();
        }
        if quiet(mark) {
            return cells(mark, &places);
        }
        let one = |place: usize| {
            let title = days.get(place).map(|day| format!("{}: {}", named(day), day_words(day)));
            el("g").put(el("title").put(title.unwrap_or_default())).put(cells(mark, &[place]))
        };
        parts(places.into_iter().map(one))
    });
    let drawn = parts(drawn.collect::<Vec<_>>());
    Part::from(
        el("svg")
            .class("strip")
            .attr("viewBox", format!("0 0 {width} 20"))
            .attr("role", "img")
            .attr("aria-label", label)
            .put(drawn),
    )
}

/// `failed, 1 of 3 runs good`.
fn day_words(day: &Day) -> String {
    match day.runs {
        0 => day.mark.word().to_owned(),
        1 => format!("{}, 1 run", day.mark.word()),
        runs => format!("{}, {} of {runs} runs good", day.mark.word(), day.good),
    }
}

/// `edge-geneva, last 30 days: 27 of 30 days good; failed on 28 Oct`.
fn label(days: &[Day], of: Option<String>) -> String {
    let whose = of.map(|of| format!("{of}, last")).unwrap_or_else(|| "Last".into());
    let said = strip::spoken(days, |begins| written(begins, Written::Date));
    format!("{whose} {}: {said}", words::plural(days.len() as u64, "day", "days"))
}

/// What the shapes of a `Strip` mean.
#[component]
pub fn StripLegend(
    /// A last line on the right: what else the page's pictures mean.
    #[prop(optional)]
    note: &'static str,
) -> impl IntoView {
    let item = |mark| {
        let cell = el("svg").attr("viewBox", "0 0 6 20").attr("aria-hidden", "true").put(cells(mark, &[0]));
        el("li").put(cell).put(mark.word())
    };
    let note = (!note.is_empty()).then(|| el("li").class("ml-auto").put(note));
    Part::from(el("ul").class("legend mt-3").put(parts(MARKS.map(item))).put(note))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::Millis;

    const DAY: i64 = 86_400_000;

    fn days(marks: &[DayMark]) -> Vec<Day> {
        let day = |(i, mark): (usize, &DayMark)| Day { begins: Millis(i as i64 * DAY), mark: *mark, runs: 2, good: 1 };
        marks.iter().enumerate().map(day).collect()
    }

    fn html(view: impl FnOnce() -> AnyView) -> String {
        Owner::new().with(|| view().to_html())
    }

    #[test]
    fn the_label_names_the_days_that_are_not_good() {
        use DayMark::*;
        let label = label(&days(&[Good, Failed, Missed, Missed, Good, Nothing, Running]), Some("geneva".into()));
        assert!(label.starts_with("geneva, last 7 days: "), "{label}");
        assert!(label.contains("failed on Fri 2 Jan 1970"), "{label}");
        assert!(label.contains("missed from Sat 3 Jan 1970") && label.contains(" to Sun 4 Jan 1970"), "{label}");
        assert!(!label.contains("Thu 1 Jan 1970"), "a good day needs no name: {label}");
    }

    #[test]
    fn cells_stand_side_by_side_and_like_ones_are_one_path() {
        use DayMark::*;
        let all = days(&[Good, Good, Unknown, Good]);
        let drawn = html(|| view! { <Strip days=all /> }.into_any());
        assert!(drawn.contains("viewBox=\"0 0 30 20\"") && drawn.contains("role=\"img\""), "{drawn}");
        assert_eq!(drawn.matches("d-good").count(), 1, "{drawn}");
        assert!(drawn.contains("M1 2h4") && drawn.contains("zM9 2h4") && drawn.contains("zM25 2h4"), "{drawn}");
        assert!(drawn.contains("M16.6 2.6h4.8"), "{drawn}");
        assert!(drawn.contains(": unknown, 1 of 2 runs good</title>"), "{drawn}");
    }

    #[test]
    fn every_mark_has_a_shape_and_a_word_of_its_own() {
        for (i, mark) in MARKS.into_iter().enumerate() {
            for other in &MARKS[i + 1..] {
                assert_ne!(drawing(mark), drawing(*other), "{mark:?} {other:?}");
                assert_ne!(mark.word(), other.word());
            }
        }
        let legend = html(|| view! { <StripLegend /> }.into_any());
        assert_eq!(legend.matches("<li>").count(), 8, "{legend}");
    }
}
