//! Form fields: label above, error between control and help. Every name, error and help is tied to its control by id,
//! so a control is found by its label and says what is wrong with it.
//!
//! Made of parts ([`super::part`]), because forms live in islands. A page of the server puts one into its `view!` by
//! `{field(…).text()}`.

use super::{
    icon::{Glyph, icon},
    part::{Act, El, Part, Said, Words, div, el, p, said, span},
};
use leptos::prelude::{event_target_checked, event_target_value};
use std::sync::Arc;

/// Ids of the sentences that describe a control, for `aria-describedby`: only those that are there.
pub fn described(id: &str, error: bool, help: bool) -> Option<String> {
    match (error, help) {
        (true, true) => Some(format!("{id}-err {id}-help")),
        (true, false) => Some(format!("{id}-err")),
        (false, true) => Some(format!("{id}-help")),
        (false, false) => None,
    }
}

/// What is wrong with a control, tied to it as `{id}-err`.
pub fn problem_of(id: impl Into<Words>, error: Said) -> Part {
    let id = format!("{}-err", id.into());
    said(error, move |text| p("err").id(id.clone()).put(icon(Glyph::Failed)).put(text))
}

/// What helps with a control, tied to it as `{id}-help`.
fn help_of(id: &str, help: Said) -> Part {
    let id = format!("{id}-help");
    said(help, move |text| p("help").id(id.clone()).put(text))
}

/// Marks a control by what is said about it.
pub fn said_of(control: El, id: &str, error: Said, help: Said) -> El {
    let (id, wrong) = (id.to_owned(), error.clone());
    control
        .live("aria-invalid", move || wrong.is_some().then_some("true"))
        .live("aria-describedby", move || described(&id, error.is_some(), help.is_some()))
}

/// A control with its label, help and error, being made; [`Field::text`], [`Field::area`] and [`Field::select`] finish it.
#[derive(Default)]
pub struct Field {
    id: Words,
    label: Words,
    name: Option<Words>,
    hide_label: bool,
    class: &'static str,
    input_class: &'static str,
    kind: Option<&'static str>,
    placeholder: Option<Words>,
    autocomplete: Option<&'static str>,
    numeric: bool,
    value: Said,
    error: Said,
    help: Said,
    off: Said,
    typed: Option<Act<String>>,
    left: Option<Act<()>>,
}

/// A field with this id and label.
pub fn field(id: impl Into<Words>, label: impl Into<Words>) -> Field {
    Field { id: id.into(), label: label.into(), ..Field::default() }
}

impl Field {
    /// The form's name for it; the id when absent.
    #[must_use]
    pub fn name(mut self, name: impl Into<Words>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Read aloud only; for a filter whose placeholder says it.
    #[must_use]
    pub fn hide_label(mut self) -> Self {
        self.hide_label = true;
        self
    }

    /// Of the frame.
    #[must_use]
    pub fn class(mut self, class: &'static str) -> Self {
        self.class = class;
        self
    }

    /// Of the control.
    #[must_use]
    pub fn input_class(mut self, class: &'static str) -> Self {
        self.input_class = class;
        self
    }

    /// `password`, `url`, `search`, `number`, `time`; a line of text when absent.
    #[must_use]
    pub fn kind(mut self, kind: &'static str) -> Self {
        self.kind = Some(kind);
        self
    }

    #[must_use]
    pub fn placeholder(mut self, text: impl Into<Words>) -> Self {
        self.placeholder = Some(text.into());
        self
    }

    #[must_use]
    pub fn autocomplete(mut self, what: &'static str) -> Self {
        self.autocomplete = Some(what);
        self
    }

    /// Digits are what is wanted; anything can be typed.
    #[must_use]
    pub fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }

    /// What stands in it. A live one wins over what was typed.
    #[must_use]
    pub fn value(mut self, value: impl Into<Said>) -> Self {
        self.value = value.into();
        self
    }

    #[must_use]
    pub fn error(mut self, error: impl Into<Said>) -> Self {
        self.error = error.into();
        self
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<Said>) -> Self {
        self.help = help.into();
        self
    }

    /// Why it is off: disables it and takes the place of the help.
    #[must_use]
    pub fn off(mut self, why: impl Into<Said>) -> Self {
        self.off = why.into();
        self
    }

    /// What was typed, with each key; what was chosen.
    #[must_use]
    pub fn typed(mut self, act: impl Fn(String) + Send + Sync + 'static) -> Self {
        self.typed = Some(Arc::new(act));
        self
    }

    /// The focus left it.
    #[must_use]
    pub fn left(mut self, act: impl Fn() + Send + Sync + 'static) -> Self {
        self.left = Some(Arc::new(move |()| act()));
        self
    }

    /// One line of text.
    pub fn text(self) -> Part {
        let kind = self.kind.unwrap_or("text");
        let plain = !matches!(kind, "text" | "search");
        let control = el("input").attr("type", kind).attr("spellcheck", (!plain).then_some("false"));
        self.finish(control, "input")
    }

    /// Several lines of text; `mono` for certificates and YAML.
    pub fn area(self, rows: u8, mono: bool) -> Part {
        let control = el("textarea").attr("rows", rows.to_string()).attr("spellcheck", "false");
        let control = if mono { control.class("font-mono text-xs") } else { control };
        self.finish(control, "input")
    }

    /// One of a list.
    pub fn select(self, answers: Vec<Answer>) -> Part {
        let control = el("select").class("w-full").put(options(answers, self.value.clone()));
        Self { value: Said::Never, ..self }.finish(control, "change")
    }

    fn finish(self, control: El, event: &'static str) -> Part {
        let Self { id, typed, left, value, off, help, error, .. } = self;
        let help = off.clone().or(help);
        let control = control
            .id(id.clone())
            .attr("name", self.name.unwrap_or_else(|| id.clone()))
            .class(self.input_class)
            .attr("placeholder", self.placeholder)
            .attr("autocomplete", self.autocomplete)
            .attr("inputmode", self.numeric.then_some("numeric"))
            .attr("autocapitalize", "none")
            .live("disabled", move || off.is_some())
            .said("value", value);
        let control = match typed {
            Some(typed) => control.on(event, move |event| typed(event_target_value(&event))),
            None => control,
        };
        let control = match left {
            Some(left) => control.on("blur", move |_| left(())),
            None => control,
        };
        let control = said_of(control, &id, error.clone(), help.clone());
        framed(id, self.label, self.hide_label, self.class, control, error, help)
    }
}

/// A bare line of text for rows and lists that frame it themselves: a name or an id, so nothing corrects or capitalises it.
pub fn plain_input(
    id: impl Into<Words>,
    value: impl Fn() -> String + Send + Sync + 'static,
    typed: impl Fn(String) + Send + Sync + 'static,
    error: Said,
    help: Said,
) -> El {
    plain(id.into(), Said::live(move || Some(value())), Arc::new(typed), error, help)
}

pub(super) fn plain(id: Words, value: Said, typed: Act<String>, error: Said, help: Said) -> El {
    let input = el("input")
        .id(id.clone())
        .attr("autocomplete", "off")
        .attr("autocapitalize", "none")
        .attr("spellcheck", "false")
        .said("value", value)
        .on("input", move |event| typed(event_target_value(&event)));
    said_of(input, &id, error, help)
}

/// The frame of a control of one's own: label, control, error, help. The control itself is marked by [`said_of`].
pub fn framed(
    id: impl Into<Words>,
    label: impl Into<Words>,
    hide_label: bool,
    class: &'static str,
    control: impl Into<Part>,
    error: Said,
    help: Said,
) -> Part {
    let id = id.into();
    let class = if class.is_empty() { "field".into() } else { Words::from(format!("field {class}")) };
    div(class)
        .put(el("label").attr("for", id.clone()).class(if hide_label { "sr-only" } else { "" }).put(label.into()))
        .put(control)
        .put(problem_of(id.clone(), error))
        .put(help_of(&id, help))
        .into()
}

/// One answer of a select or of segments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answer {
    pub value: String,
    pub label: String,
    /// Shown, but can't be chosen; say why in the label.
    pub off: bool,
}

impl Answer {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), off: false }
    }
}

/// The options of a select. `value` marks the chosen one.
pub fn options(of: Vec<Answer>, value: Said) -> Part {
    let option = |a: Answer| {
        let (own, value) = (a.value.clone(), value.clone());
        el("option")
            .attr("value", a.value)
            .attr("disabled", a.off)
            .live("selected", move || value.get().unwrap_or_default() == own)
            .put(a.label)
    };
    of.into_iter().map(option).collect::<Vec<_>>().into()
}

/// Yes or no. The second line describes it and is not part of its name.
pub fn check(
    id: impl Into<Words>,
    label: impl Into<Words>,
    checked: impl Fn() -> bool + Send + 'static,
    help: Said,
    off: Said,
    ticked: impl Fn(bool) + Send + 'static,
) -> Part {
    check_of(id.into(), label.into(), Box::new(checked), help, off, Box::new(ticked))
}

pub(super) fn check_of(
    id: Words,
    label: Words,
    checked: Box<dyn Fn() -> bool + Send>,
    help: Said,
    off: Said,
    ticked: Box<dyn Fn(bool) + Send>,
) -> Part {
    let help = off.clone().or(help);
    let (own, about) = (id.clone(), help.clone());
    div("opt")
        .put(
            el("input")
                .attr("type", "checkbox")
                .id(id.clone())
                .attr("name", id.clone())
                .live("checked", checked)
                .live("disabled", move || off.is_some())
                .live("aria-describedby", move || described(&own, false, about.is_some()))
                .on("change", move |event| ticked(event_target_checked(&event))),
        )
        .put(el("label").attr("for", id.clone()).put(label))
        .put(sub_of(format!("{id}-help"), help))
        .into()
}

/// The second line of a choice.
fn sub_of(id: String, help: Said) -> Part {
    said(help, move |text| span("sub").id(id.clone()).put(text))
}

/// A group of controls under one question.
pub fn group(legend: impl Into<Words>, help: impl Into<Said>, inside: impl Into<Part>) -> Part {
    let help = help.into();
    el("fieldset")
        .class("grid gap-2 content-start min-w-0")
        .put(el("legend").class("legend-title mb-1").put(legend.into()))
        .put(help.get().map(|text| p("help mb-2").put(text)))
        .put(inside)
        .into()
}

/// A wizard's question: a section's heading (h2) with its rule above.
pub fn question(class: &'static str, legend: impl Into<Words>, help: impl Into<Said>, inside: impl Into<Part>) -> Part {
    question_of(class, legend.into(), help.into(), inside.into())
}

pub(super) fn question_of(class: &'static str, legend: Words, help: Said, inside: Part) -> Part {
    let class = if class.is_empty() { "fs".into() } else { Words::from(format!("fs {class}")) };
    el("fieldset")
        .class(class)
        .put(el("legend").put(el("h2").put(legend)))
        .put(help.get().map(|text| p("help mb-2").put(text)))
        .put(inside)
        .into()
}

/// A choice as a card, one of several with the same `name`. Its name is the title alone; the second line, or why it is
/// off, describes it.
pub struct Card {
    pub id: Words,
    pub name: Words,
    pub value: Words,
    pub title: Words,
    pub help: Said,
    pub off: Said,
}

impl Card {
    /// A card with the id `{name}-{value}`.
    pub fn new(name: &'static str, value: impl Into<Words>, title: impl Into<Words>) -> Self {
        let value = value.into();
        Self {
            id: format!("{name}-{value}").into(),
            name: name.into(),
            value,
            title: title.into(),
            help: Said::Never,
            off: Said::Never,
        }
    }

    #[must_use]
    pub fn help(mut self, help: impl Into<Said>) -> Self {
        self.help = help.into();
        self
    }

    #[must_use]
    pub fn off(mut self, why: impl Into<Said>) -> Self {
        self.off = why.into();
        self
    }

    /// Finishes it: whether it is the chosen one, and what choosing does.
    pub fn choice(self, checked: impl Fn() -> bool + Send + 'static, chosen: impl Fn() + Send + 'static) -> Part {
        self.finished(Box::new(checked), Box::new(chosen))
    }

    pub(super) fn finished(self, checked: Box<dyn Fn() -> bool + Send>, chosen: Box<dyn Fn() + Send>) -> Part {
        let Self { id, name, value, title, help, off } = self;
        let help = off.clone().or(help);
        let title_id = format!("{id}-title");
        let (own, about) = (id.clone(), help.clone());
        el("label")
            .class("choice")
            .put(
                el("input")
                    .attr("type", "radio")
                    .id(id.clone())
                    .attr("name", name)
                    .attr("value", value)
                    .live("checked", checked)
                    .live("disabled", move || off.is_some())
                    .attr("aria-labelledby", title_id.clone())
                    .live("aria-describedby", move || described(&own, false, about.is_some()))
                    .on("change", move |_| chosen()),
            )
            .put(el("span").put(el("b").id(title_id).put(title)).put(sub_of(format!("{id}-help"), help)))
            .into()
    }
}

/// A few short answers side by side; arrow keys move between them. `legend` is read aloud only unless `show_legend`.
pub fn seg(
    legend: impl Into<Words>,
    show_legend: bool,
    name: &'static str,
    answers: Vec<Answer>,
    value: impl Into<Said>,
    chosen: impl Fn(String) + Send + Sync + 'static,
) -> Part {
    let (value, chosen) = (value.into(), Arc::new(chosen) as Act<String>);
    let radio = |a: Answer| {
        let (own, value, chosen) = (a.value.clone(), value.clone(), chosen.clone());
        el("label")
            .put(
                el("input")
                    .attr("type", "radio")
                    .id(format!("{name}-{}", a.value))
                    .attr("name", name)
                    .attr("value", a.value)
                    .live("checked", move || value.get().unwrap_or_default() == own)
                    .attr("disabled", a.off)
                    .on("change", move |event| chosen(event_target_value(&event))),
            )
            .put(a.label)
    };
    el("fieldset")
        .class("seg")
        .put(el("legend").class(if show_legend { "" } else { "sr-only" }).put(legend.into()))
        .put(answers.into_iter().map(radio).collect::<Vec<_>>())
        .into()
}
