//! Pictures that have their numbers in words beside them: progress, phases, age against an RPO.

use super::{
    state::{Sign, State, Tone},
    time::{Written, written},
    words,
};
use leptos::prelude::*;
use model::{Millis, run::Progress};

/// So much of so much; a stripe that moves when the upstream names no total.
#[component]
pub fn Bar(
    /// What progresses: "Upload".
    #[prop(into)]
    label: String,
    #[prop(optional, into)] done: MaybeProp<Progress>,
    #[prop(optional)] tone: Option<Tone>,
) -> impl IntoView {
    let percent = move || done.get().and_then(|p| p.percent());
    view! {
        <progress
            class="bar"
            max="100"
            value=move || percent().map(|p| p.to_string())
            aria-label=label
            data-tone=tone.map(Tone::key)
        >
            {move || percent().map(|p| format!("{p} %"))}
        </progress>
    }
}

/// A stretch of a run, for its bar and its list.
#[derive(Clone, Debug)]
pub struct Stretch {
    /// `Sign::from(&step.phase).say(step.title)`.
    pub sign: Sign,
    /// "02:33:47, 38 min 33 s".
    pub sub: String,
    /// How long, in milliseconds; nothing for what lies ahead.
    pub ms: i64,
}

/// The phases of a run in proportion, and in words.
#[component]
pub fn Phases(stretches: Vec<Stretch>) -> impl IntoView {
    const WIDTH: i64 = 1000;
    const GAP: i64 = 3;
    const LEAST: i64 = 6;
    let n = i64::try_from(stretches.len()).unwrap_or(1).max(1);
    let sum: i64 = stretches.iter().map(|s| s.ms.max(0)).sum();
    // Where no length is told, each has the same.
    let share = |ms: i64| if sum == 0 { (1, n) } else { (ms.max(0), sum) };
    let room = (WIDTH - (n - 1) * GAP - n * LEAST).max(0);
    let mut x = 0;
    let bars = stretches
        .iter()
        .map(|s| {
            let (part, whole) = share(s.ms);
            let width = LEAST + part.saturating_mul(room) / whole;
            let class = match (s.sign.tone, s.ms) {
                (Tone::Live, _) => "now",
                (Tone::Warn | Tone::Bad, _) => "hurt",
                (Tone::Mute, 0) => "ahead",
                _ => "past",
            };
            let at = x;
            x += width + GAP;
            view! { <rect class=class x=at y="0" width=width height="8"></rect> }
        })
        .collect_view();
    let list = stretches
        .into_iter()
        .map(|s| view! { <li><State of=s.sign/><span class="sub">{s.sub}</span></li> })
        .collect_view();
    view! {
        <div class="phases">
            <svg viewBox="0 0 1000 8" preserveAspectRatio="none" aria-hidden="true">{bars}</svg>
            <ol>{list}</ol>
        </div>
    }
}

/// The newest good point's age against the allowed age, in milliseconds: words above and below say what the line
/// shows, so the line is hidden from assistive technology. `None`: there is no good point.
#[component]
pub fn AgeLine(
    #[prop(into)] age: Option<i64>,
    #[prop(optional, into)] rpo: Option<i64>,
    /// When the point was taken; then its age is a `<time>`.
    #[prop(optional_no_strip)]
    at: Option<Millis>,
    /// Said in the place of what is over, of old news: "as of today 08:28". The line then has no tone.
    #[prop(optional_no_strip)]
    as_of: Option<String>,
) -> impl IntoView {
    let allowed = rpo.filter(|r| *r > 0).map(|rpo| format!("RPO {}", words::span(rpo)));
    let below = |more: Option<String>| {
        let said: Vec<String> = allowed.clone().into_iter().chain(more).collect();
        (!said.is_empty()).then(|| view! { <span class="sub">{said.join(" · ")}</span> })
    };
    let as_of = as_of.filter(|text| !text.is_empty());
    let Some(age) = age else {
        return view! { <b>"None yet"</b>{below(as_of)} }.into_any();
    };
    let (mut line, mut over) = (None, None);
    if let Some(rpo) = rpo.filter(|r| *r > 0) {
        let more = age.saturating_sub(rpo);
        let tone = match (&as_of, more > 0) {
            (Some(_), _) => Tone::Mute,
            (None, true) => Tone::Warn,
            (None, false) => Tone::Good,
        };
        over = (more > 0).then(|| format!("{} over", words::span(more)));
        // The mark stands in the middle: the line ends at twice the RPO, and an arrow says that it goes on.
        let width = (age.max(0).saturating_mul(48) / rpo).min(96);
        line = Some(view! {
            <svg class="rpo" data-tone=tone.key() viewBox="0 0 96 8" aria-hidden="true">
                <rect class="rpo-track" x="0" y="3" width="96" height="2" rx="1"></rect>
                <rect class="rpo-bar" x="0" y="2" width=width height="4" rx="1"></rect>
                <rect class="rpo-tick" x="47.25" y="0" width="1.5" height="8"></rect>
                {(age / 2 > rpo).then(|| view! { <path class="rpo-bar" d="M97 0l4 4-4 4z"></path> })}
            </svg>
        });
    }
    let said = words::span(age);
    let told = match at {
        Some(at) => {
            view! { <time datetime=at.rfc3339() title=written(at, Written::Full)><b>{said}</b></time> }.into_any()
        }
        None => view! { <b>{said}</b> }.into_any(),
    };
    view! { {told}{line}{below(as_of.or(over))} }.into_any()
}
