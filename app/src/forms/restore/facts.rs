//! The point that is restored, and the better one where there is one.

use crate::{
    paths,
    ui::{
        Glyph, Sign, Told, Tone, Written, callout,
        part::{Part, div, el, p, parts},
        state, time, words,
    },
};
use model::{
    Millis,
    recovery::{PointState, RecoveryPoint},
};

/// A newer whole point, when there is one.
pub fn offered(point: &RecoveryPoint, better: &RecoveryPoint, now: Millis) -> Part {
    let why = match point.state {
        PointState::Whole => "There is a newer whole point",
        _ => "This point is not whole; there is a whole one",
    };
    let taken = better.taken.map(|at| parts([Part::from(", taken "), time(at, Some(now), Told::Relative)]));
    let instead = el("a")
        .class("btn btn-sm")
        .attr("href", paths::new_restore(&better.id))
        .put(format!("Restore {} instead", better.title()));
    let inside = parts([el("p").put(el("b").put(why)).put(taken).put("."), p("acts mt-2").put(instead)]);
    div("mb-4").put(callout(Tone::Warn, Glyph::Warn, None, None, inside)).into()
}

/// What is known of it; what not every system tells stands there only where it is told.
pub fn facts(point: &RecoveryPoint, now: Millis) -> Part {
    let moment = |at: Option<Millis>| match at {
        Some(at) => {
            parts([time(at, None, Told::Written(Written::Full)), Part::from(", "), words::relative(at, now).into()])
        }
        None => "not told".into(),
    };
    let told = |text: Option<String>| Part::from(text.unwrap_or_else(|| "not told".into()));
    let detail = &point.detail;
    let pair = |label: &'static str, value: Part| parts([el("dt").put(label), el("dd").put(value)]);
    let some = |label: &'static str, value: Option<String>| Part::from(value.map(|value| pair(label, value.into())));
    el("dl")
        .class("kv")
        .put(parts([
            pair("Name", point.title().to_owned().into()),
            pair("State", state(Sign::from(&point.state))),
            pair("Taken", moment(point.taken)),
            some("Of", detail.subject.as_ref().map(|s| s.name.clone())),
            some("Cluster", detail.cluster.as_ref().map(|c| c.name.clone())),
            pair("Held in", told(point.location.clone())),
            pair("Objects", told(point.items.map(words::count))),
            some("Data", detail.bytes.map(words::bytes)),
            pair("Expires", moment(point.expires)),
        ]))
        .into()
}
