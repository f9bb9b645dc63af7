//! Moments on a page: relative in lists, absolute with its zone in the title. The words are made where the page is
//! made; the browser has no time-zone database.

use super::{
    part::{Part, el},
    words,
};
#[cfg(not(feature = "hydrate"))]
use leptos::prelude::*;
use model::Millis;
use std::sync::Arc;

/// How moments are written out in the reader's zone, provided by the server per request. Without it they are in UTC
/// and say so.
#[derive(Clone)]
pub struct ZoneText(pub Arc<dyn Fn(Millis, Written) -> String + Send + Sync>);

/// How much of a moment is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Written {
    /// `Thu 29 Oct 2026, 08:41:39 CET`: titles, facts.
    #[default]
    Full,
    /// `today 12:30`, `tomorrow 02:30`, `Sat 31 Oct 22:00`, seen from now: next runs, headings.
    Day,
    /// `08:41:39`.
    Clock,
    /// `29 Oct`: days of the last month.
    Date,
}

/// A moment in the reader's zone, or in UTC where no zone is known. In the browser it is always written in full.
pub fn written(at: Millis, how: Written) -> String {
    #[cfg(feature = "hydrate")]
    let told = {
        let _ = how;
        browser::full(at)
    };
    #[cfg(not(feature = "hydrate"))]
    let told = use_context::<ZoneText>().map(|zone| (zone.0)(at, how));
    told.unwrap_or_else(|| words::utc(at))
}

/// The browser has a time-zone database; the document says whose zone (`shell`).
#[cfg(feature = "hydrate")]
mod browser {
    use js_sys::{Array, Date, Function, Object, Reflect};
    use leptos::prelude::document;
    use model::Millis;
    use wasm_bindgen::{JsCast, JsValue};

    const PARTS: [(&str, &str); 8] = [
        ("weekday", "short"),
        ("day", "numeric"),
        ("month", "short"),
        ("year", "numeric"),
        ("hour", "2-digit"),
        ("minute", "2-digit"),
        ("second", "2-digit"),
        ("timeZoneName", "short"),
    ];

    /// `Thu 29 Oct 2026, 08:41:39 CET`; `None` where the browser does not know the zone.
    pub(super) fn full(at: Millis) -> Option<String> {
        let zone = document().document_element()?.get_attribute("data-zone")?;
        let options = Object::new();
        for (key, value) in [("timeZone", zone.as_str())].into_iter().chain(PARTS) {
            Reflect::set(&options, &key.into(), &value.into()).ok()?;
        }
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of this age are exact")]
        let date = Date::new(&JsValue::from_f64(at.0 as f64));
        // By its name: a zone that is not known is an exception, which only this way can be caught.
        let told: Function = Reflect::get(&date, &"toLocaleString".into()).ok()?.dyn_into().ok()?;
        let told = Reflect::apply(&told, &date, &Array::of2(&"en-GB".into(), &options)).ok()?.as_string()?;
        Some(told.replacen(", ", " ", 1))
    }
}

/// How a moment is told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Told {
    /// `2 h ago`, `in 2 d 13 h`.
    #[default]
    Relative,
    /// `5 h 38 min ago`.
    Exact,
    /// Written out.
    Written(Written),
}

/// A moment, with its absolute text in the title. `now` is the page's own moment, needed for what is told relative to
/// it.
pub fn time(at: Millis, now: Option<Millis>, told: Told) -> Part {
    let full = written(at, Written::Full);
    let text = match (told, now) {
        (Told::Relative, Some(now)) => words::relative(at, now),
        (Told::Exact, Some(now)) => words::ago(at, now),
        (Told::Written(Written::Full), _) | (_, None) => full.clone(),
        (Told::Written(how), _) => written(at, how),
    };
    el("time").attr("datetime", at.rfc3339()).attr("title", full).put(text).into()
}

/// The same in a page of the server.
#[cfg(feature = "ssr")]
#[component]
pub fn Time(at: Millis, #[prop(optional)] now: Option<Millis>, #[prop(optional)] told: Told) -> impl IntoView {
    time(at, now, told)
}

/// A moment, or a word where the upstream tells none.
#[cfg(feature = "ssr")]
#[component]
pub fn MaybeTime(
    at: Option<Millis>,
    #[prop(optional)] now: Option<Millis>,
    #[prop(optional)] told: Told,
    /// "not told", "never".
    #[prop(default = "not told")]
    none: &'static str,
) -> impl IntoView {
    match at {
        Some(at) => time(at, now, if now.is_some() { told } else { Told::Written(Written::Full) }),
        None => super::part::span("text-ink-3").put(none).into(),
    }
}
