//! Buttons: a verb and its object; "…" when a question follows; off only with its sentence beside it.

#[cfg(feature = "ssr")]
use super::part::inside;
use super::{
    icon::{Glyph, icon},
    part::{Part, Said, Words, el, parts, said, span},
};
#[cfg(feature = "ssr")]
use leptos::prelude::*;

/// How much a button weighs. `Primary` once a screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    #[default]
    Plain,
    Primary,
    Quiet,
    /// Leads to something that can't be undone.
    Danger,
    /// Does what can't be undone; in a dialog only.
    Destroy,
}

impl Weight {
    const fn class(self) -> &'static str {
        match self {
            Self::Plain => "btn",
            Self::Primary => "btn btn-primary",
            Self::Quiet => "btn btn-quiet",
            Self::Danger => "btn btn-danger",
            Self::Destroy => "btn btn-danger btn-primary",
        }
    }
}

/// How large.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    /// 28 px, in rows.
    Small,
    /// 32 px.
    #[default]
    Normal,
    /// 38 px, on sign-in.
    Tall,
}

fn classes(weight: Weight, size: Size, icon_only: bool) -> String {
    let mut out = String::from(weight.class());
    out.push_str(match size {
        Size::Small => " btn-sm",
        Size::Normal => "",
        Size::Tall => " btn-tall",
    });
    if icon_only {
        out.push_str(" btn-icon");
    }
    out
}

/// The id of the sentence that says why a control is off, made from the sentence.
fn why_id(sentence: &str) -> String {
    let hash = sentence.bytes().fold(0x811c_9dc5_u32, |h, b| (h ^ u32::from(b)).wrapping_mul(0x0100_0193));
    format!("why-{hash:08x}")
}

/// A button being made; it is `type="button"` unless it submits.
#[derive(Default)]
pub struct Press {
    weight: Weight,
    size: Size,
    label: Option<Words>,
    /// Nothing but an icon stands in it.
    icon_only: bool,
    off: Said,
    busy: Option<std::sync::Arc<dyn Fn() -> bool + Send + Sync>>,
    submit: bool,
    more: Vec<(&'static str, Option<Words>)>,
    inside: Vec<Part>,
}

/// A button with this inside.
pub fn button(inside: impl Into<Part>) -> Press {
    Press { inside: vec![inside.into()], ..Press::default() }
}

impl Press {
    #[must_use]
    pub fn weight(mut self, weight: Weight) -> Self {
        self.weight = weight;
        self
    }

    #[must_use]
    pub fn small(mut self) -> Self {
        self.size = Size::Small;
        self
    }

    /// An icon before its word.
    #[must_use]
    pub fn icon(mut self, glyph: Glyph) -> Self {
        self.inside.insert(0, icon(glyph));
        self
    }

    /// Why it is off. Disables it and prints the sentence beside it.
    #[must_use]
    pub fn off(mut self, why: impl Into<Said>) -> Self {
        self.off = why.into();
        self
    }

    /// Off without a sentence, only while its own request is under way.
    #[must_use]
    pub fn busy(mut self, busy: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        self.busy = Some(std::sync::Arc::new(busy));
        self
    }

    /// Sends its form.
    pub fn submit(mut self) -> Part {
        self.submit = true;
        self.finish(None)
    }

    /// Does something.
    pub fn press(self, act: impl Fn() + Send + 'static) -> Part {
        self.finish(Some(Box::new(act)))
    }

    fn finish(self, act: Option<Box<dyn Fn() + Send>>) -> Part {
        let Self { weight, size, label, icon_only, off, busy, submit, more, inside } = self;
        let mut made = el("button")
            .attr("type", if submit { "submit" } else { "button" })
            .class(classes(weight, size, icon_only))
            .attr("aria-label", label);
        made = match (off.clone(), busy) {
            (Said::Never, None) => made,
            (off, busy) => {
                let why = off.clone();
                let is_busy = move || busy.as_ref().is_some_and(|busy| busy());
                let waits = is_busy.clone();
                made.live("disabled", move || off.is_some() || is_busy())
                    .live("aria-busy", move || waits().then_some("true"))
                    .live("aria-describedby", move || why.get().map(|why| why_id(&why)))
            }
        };
        for (name, value) in more {
            made = made.attr(name, value);
        }
        if let Some(act) = act {
            made = made.on("click", move |_| act());
        }
        parts([made.put(inside).into(), why_of(off)])
    }
}

/// The sentence beside a control that is off.
fn why_of(off: Said) -> Part {
    said(off, |why| span("help").id(why_id(&why)).put(why))
}

/// A link that looks like a button: it leads somewhere and changes nothing.
pub fn link_button(href: impl Into<Words>, weight: Weight, inside: impl Into<Part>) -> Part {
    el("a").class(classes(weight, Size::Normal, false)).attr("href", href.into()).put(inside).into()
}

/// A button in a page of the server: `act` is carried out by the layout's island, `submit` sends a plain form, `opens`
/// a dialog or `shows` a popover by attribute alone.
#[cfg(feature = "ssr")]
#[component]
pub fn Button(
    #[prop(optional)] weight: Weight,
    #[prop(optional)] size: Size,
    #[prop(optional, into)] icon: Option<Glyph>,
    /// The accessible name of a button that is an icon alone.
    #[prop(optional, into)]
    label: Option<String>,
    /// Why it is off. Disables it and prints the sentence beside it.
    #[prop(optional, into)]
    off: Said,
    /// Off without a sentence.
    #[prop(optional)]
    busy: bool,
    /// Sends its form. Otherwise `type="button"`.
    #[prop(optional)]
    submit: bool,
    /// Name and value that its form then carries.
    #[prop(optional, into)]
    name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    /// Id of the `Dialog` that it opens.
    #[prop(optional, into)]
    opens: Option<String>,
    /// Id of the popover that it shows.
    #[prop(optional, into)]
    shows: Option<String>,
    /// A word of `actions::ACTS`.
    #[prop(optional, into)]
    act: Option<String>,
    /// Whom the act is about: an id.
    #[prop(optional, into)]
    of: Option<String>,
    /// Where to go when it succeeded.
    #[prop(optional, into)]
    then: Option<String>,
    /// What is announced when it succeeded.
    #[prop(optional, into)]
    said: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let words = |text: Option<String>| text.map(Words::from);
    let command = opens.is_some().then_some("show-modal".into());
    let more = vec![
        ("name", words(name)),
        ("value", words(value)),
        ("command", command),
        ("commandfor", words(opens)),
        ("popovertarget", words(shows)),
        ("data-act", words(act)),
        ("data-id", words(of)),
        ("data-then", words(then)),
        ("data-said", words(said)),
    ];
    let icon_only = children.is_none();
    let inside = parts([icon.map(super::icon::icon).into(), inside(children)]);
    let press =
        Press { weight, size, label: words(label), icon_only, off, busy: None, submit, more, inside: vec![inside] };
    let press = if busy { press.busy(|| true) } else { press };
    press.finish(None)
}

/// A link that looks like a button, in a page of the server.
#[cfg(feature = "ssr")]
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] weight: Weight,
    #[prop(optional)] size: Size,
    #[prop(optional, into)] icon: Option<Glyph>,
    #[prop(optional, into)] label: Option<String>,
    /// Why it leads nowhere now; then a button that is off stands in its place.
    #[prop(optional, into)]
    off: Option<String>,
    /// The link's address is saved as a file of this name.
    #[prop(optional, into)]
    download: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let class = classes(weight, size, children.is_none());
    let inside = parts([icon.map(super::icon::icon).into(), inside(children)]);
    match off.filter(|why| !why.is_empty()) {
        Some(why) => {
            let off = el("button").attr("type", "button").class(class).attr("disabled", true).attr("aria-label", label);
            parts([off.attr("aria-describedby", why_id(&why)).put(inside).into(), why_of(why.into())])
        }
        None => el("a")
            .class(class)
            .attr("href", href)
            .attr("aria-label", label)
            .attr("download", download)
            .put(inside)
            .into(),
    }
}

/// Buttons in a row that wraps.
#[cfg(feature = "ssr")]
#[component]
pub fn Acts(#[prop(optional)] class: &'static str, children: Children) -> impl IntoView {
    view! { <div class=format!("acts {class}").trim_end().to_owned()>{children()}</div> }
}
