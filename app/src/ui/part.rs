//! A piece of a page as a value of one type.
//!
//! What `view!` makes has a type for every element, attribute and closure in it, and the WASM carries each of them with
//! all that the renderer can do to it: of the wizard that was more than half. A [`Part`] is always the same type, so a
//! further element costs only the call that makes it. Islands that are large are made of parts; pages that only the
//! server renders, and small islands, stay with `view!`. Both mix: a part can stand in a `view!`.
//!
//! - It is as reactive as `view!`: [`live`] draws a piece again when a signal that it read changes, [`El::live`] does
//!   so with one attribute, [`each`] keeps the elements of a list by key.
//! - In the browser a part does not adopt what the server has sent. It is built and takes its place in one step, so
//!   the two need not agree node by node. What it stands in must be `inert` until then (see `Starting`).
//! - `value`, `checked` and `selected` are set as properties too: a signal wins over what stands in the browser.

mod dom;
mod html;

pub use dom::{follow, take_place};
use leptos::{ev::Event, prelude::untrack};
use std::{
    borrow::Cow,
    sync::{Arc, Mutex, PoisonError},
};

/// Text that is mostly written in the code.
pub type Words = Cow<'static, str>;

/// A piece of a page; nothing, by default.
#[derive(Default)]
pub struct Part(pub(super) Kind);

#[derive(Default)]
pub(super) enum Kind {
    #[default]
    Nothing,
    Text(Words),
    Element(Box<Element>),
    Many(Vec<Part>),
    Live(Box<dyn Read<Drawn>>),
    Each(Box<dyn Read<Vec<String>>>, Box<dyn Fn(&str) -> Part + Send>),
    /// A piece made by `view!`: what a page of the server puts between the tags of a kit's component.
    #[cfg(feature = "ssr")]
    View(leptos::prelude::AnyView),
}

/// A closure that reads something. As a trait of its own it costs the WASM one entry instead of the four of `dyn Fn`.
pub trait Read<T>: Send {
    fn read(&self) -> T;
}

impl<T, F: Fn() -> T + Send> Read<T> for F {
    fn read(&self) -> T {
        self()
    }
}

/// A closure that hears of an event.
pub(super) trait Hear: Send {
    fn hear(&self, event: Event);
}

impl<F: Fn(Event) + Send> Hear for F {
    fn hear(&self, event: Event) {
        self(event);
    }
}

/// What a live piece says when something that it reads has changed.
pub(super) enum Drawn {
    /// What stands there may stay.
    Same,
    Anew(Part),
}

/// What an element is made of.
pub(super) struct Element {
    tag: &'static str,
    attributes: Vec<(&'static str, Value)>,
    listeners: Vec<(&'static str, Box<dyn Hear>)>,
    inside: Vec<Part>,
}

/// An attribute's text; `None` is the attribute's absence.
pub(super) enum Value {
    Still(Option<Words>),
    Live(Box<dyn Read<Option<Words>>>),
}

/// An element being made.
pub struct El(Box<Element>);

/// An element with this tag.
pub fn el(tag: &'static str) -> El {
    El(Box::new(Element { tag, attributes: Vec::new(), listeners: Vec::new(), inside: Vec::new() }))
}

/// A `div` with these classes.
pub fn div(class: impl Into<Words>) -> El {
    el("div").class(class)
}

/// A `span` with these classes.
pub fn span(class: impl Into<Words>) -> El {
    el("span").class(class)
}

/// A `p` with these classes.
pub fn p(class: impl Into<Words>) -> El {
    el("p").class(class)
}

impl El {
    /// Sets an attribute. `None` and `false` leave it out, `true` sets it without a value.
    #[must_use]
    pub fn attr(self, name: &'static str, value: impl Attribute) -> Self {
        self.set(name, Value::Still(value.text()))
    }

    /// Sets an attribute that follows the signals it reads.
    #[must_use]
    pub fn live<A: Attribute>(self, name: &'static str, value: impl Fn() -> A + Send + 'static) -> Self {
        self.set(name, Value::Live(Box::new(move || value().text())))
    }

    /// Sets an attribute that follows a text.
    #[must_use]
    pub fn said(self, name: &'static str, text: Said) -> Self {
        match text {
            Said::Never => self,
            Said::Still(text) => self.set(name, Value::Still(Some(text))),
            text => self.set(name, Value::Live(Box::new(move || text.get()))),
        }
    }

    #[inline(never)]
    fn set(mut self, name: &'static str, value: Value) -> Self {
        if !matches!(value, Value::Still(None)) {
            self.0.attributes.push((name, value));
        }
        self
    }

    #[must_use]
    pub fn id(self, id: impl Into<Words>) -> Self {
        self.set("id", Value::Still(Some(id.into())))
    }

    /// Classes; an empty text sets none.
    #[must_use]
    pub fn class(self, class: impl Into<Words>) -> Self {
        let class = class.into();
        if class.is_empty() { self } else { self.set("class", Value::Still(Some(class))) }
    }

    /// Does something when an event of this name reaches the element.
    #[must_use]
    pub fn on(mut self, event: &'static str, act: impl Fn(Event) + Send + 'static) -> Self {
        self.0.listeners.push((event, Box::new(act)));
        self
    }

    /// Puts a piece inside, behind those already there.
    #[must_use]
    pub fn put(self, part: impl Into<Part>) -> Self {
        self.push(part.into())
    }

    #[inline(never)]
    fn push(mut self, part: Part) -> Self {
        match part.0 {
            Kind::Nothing => {}
            Kind::Many(parts) => self.0.inside.extend(parts),
            kind => self.0.inside.push(Part(kind)),
        }
        self
    }
}

/// Draws again whenever a value that was read inside changes. What stood there is replaced: an input in it loses the
/// focus, so read no more than what decides over the drawing, or use [`switch`].
pub fn live<P: Into<Part>>(draw: impl Fn() -> P + Send + 'static) -> Part {
    Part(Kind::Live(Box::new(move || Drawn::Anew(draw().into()))))
}

/// Draws again when what `on` says is another than before, whatever else changes.
pub fn switch<K, P>(on: impl Fn() -> K + Send + 'static, draw: impl Fn(K) -> P + Send + 'static) -> Part
where
    K: PartialEq + Clone + Send + 'static,
    P: Into<Part>,
{
    let before = Mutex::new(None::<K>);
    Part(Kind::Live(Box::new(move || {
        let key = on();
        let mut before = before.lock().unwrap_or_else(PoisonError::into_inner);
        if before.as_ref() == Some(&key) {
            return Drawn::Same;
        }
        *before = Some(key.clone());
        drop(before);
        Drawn::Anew(untrack(|| draw(key).into()))
    })))
}

/// A text that changes, in a piece of its own.
pub fn said<P: Into<Part>>(text: Said, draw: impl Fn(Words) -> P + Send + 'static) -> Part {
    match text {
        Said::Never => Part::default(),
        Said::Still(text) => draw(text).into(),
        text => said_live(text, Box::new(move |text| draw(text).into())),
    }
}

#[inline(never)]
fn said_live(text: Said, draw: Box<dyn Fn(Words) -> Part + Send>) -> Part {
    switch(move || text.get(), move |text| text.map(&draw))
}

/// A list that keeps the element of a key as long as `keys` names it. Keys are unique.
pub fn each(keys: impl Fn() -> Vec<String> + Send + 'static, draw: impl Fn(&str) -> Part + Send + 'static) -> Part {
    Part(Kind::Each(Box::new(keys), Box::new(draw)))
}

/// Pieces one after the other.
pub fn parts<P: Into<Part>>(of: impl IntoIterator<Item = P>) -> Part {
    Part(Kind::Many(of.into_iter().map(Into::into).collect()))
}

impl From<El> for Part {
    fn from(el: El) -> Self {
        Self(Kind::Element(el.0))
    }
}

impl From<&'static str> for Part {
    fn from(text: &'static str) -> Self {
        Self(Kind::Text(Cow::Borrowed(text)))
    }
}

impl From<String> for Part {
    fn from(text: String) -> Self {
        Self(Kind::Text(Cow::Owned(text)))
    }
}

impl From<Words> for Part {
    fn from(text: Words) -> Self {
        Self(Kind::Text(text))
    }
}

impl From<()> for Part {
    fn from((): ()) -> Self {
        Self::default()
    }
}

impl<P: Into<Part>> From<Option<P>> for Part {
    fn from(part: Option<P>) -> Self {
        part.map(Into::into).unwrap_or_default()
    }
}

impl<P: Into<Part>> From<Vec<P>> for Part {
    fn from(of: Vec<P>) -> Self {
        parts(of)
    }
}

impl<P: Into<Part>, const N: usize> From<[P; N]> for Part {
    fn from(of: [P; N]) -> Self {
        parts(of)
    }
}

/// A piece that `view!` made, in a page of the server.
#[cfg(feature = "ssr")]
pub fn view(of: leptos::prelude::AnyView) -> Part {
    Part(Kind::View(of))
}

/// What stands between the tags of a component, in a page of the server.
#[cfg(feature = "ssr")]
pub fn inside(of: Option<leptos::children::Children>) -> Part {
    of.map(|children| view(children())).unwrap_or_default()
}

/// What can be an attribute's text.
pub trait Attribute {
    fn text(self) -> Option<Words>;
}

impl Attribute for &'static str {
    fn text(self) -> Option<Words> {
        Some(Cow::Borrowed(self))
    }
}

impl Attribute for String {
    fn text(self) -> Option<Words> {
        Some(Cow::Owned(self))
    }
}

impl Attribute for Words {
    fn text(self) -> Option<Words> {
        Some(self)
    }
}

impl Attribute for bool {
    fn text(self) -> Option<Words> {
        self.then_some(Cow::Borrowed(""))
    }
}

impl<A: Attribute> Attribute for Option<A> {
    fn text(self) -> Option<Words> {
        self.and_then(Attribute::text)
    }
}

/// A text that may be absent and may change while the page is open: an error, a help, a reason.
#[derive(Clone, Default)]
pub enum Said {
    #[default]
    Never,
    Still(Words),
    Live(Arc<dyn Read<Option<String>> + Sync>),
}

impl Said {
    /// Follows the signals that it reads.
    pub fn live(of: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self::Live(Arc::new(of))
    }

    /// The text now; an empty one is none.
    pub fn get(&self) -> Option<Words> {
        let text = match self {
            Self::Never => None,
            Self::Still(words) => Some(words.clone()),
            Self::Live(of) => of.read().map(Cow::Owned),
        };
        text.filter(|text| !text.is_empty())
    }

    pub fn is_some(&self) -> bool {
        self.get().is_some()
    }

    /// This text, or another where there is none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (&self, &other) {
            (_, Self::Never) => self,
            (Self::Never, _) => other,
            _ => Self::live(move || self.get().or_else(|| other.get()).map(Cow::into_owned)),
        }
    }
}

impl From<&'static str> for Said {
    fn from(text: &'static str) -> Self {
        Self::Still(Cow::Borrowed(text))
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::Still(Cow::Owned(text))
    }
}

impl From<Option<String>> for Said {
    fn from(text: Option<String>) -> Self {
        text.map_or(Self::Never, Self::from)
    }
}

/// What is done with something that a person gave: a word typed, a choice made.
pub type Act<T> = Arc<dyn Fn(T) + Send + Sync>;
