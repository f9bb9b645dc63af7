//! The component kit. Names, descriptions and reasons are tied to their controls here, so that pages get them for nothing
//! and tests find things by what a person reads. An empty text for an optional one means that it is absent.
//!
//! Forms live in islands and are made of parts ([`part`] says why): functions that return a [`part::Part`]. What may
//! change while a page is open (`off`, `error`, `help`, `value`) is a [`part::Said`], which may be live; what an island
//! holds is a [`Slot`]. What pages of the server need too is also there as a component, with the same markup.
//!
//! | function | component | |
//! |---|---|---|
//! | [`field()`]`(id, label)`, then `.value(…).error(…)….text()`, `.area(rows, mono)`, `.select(answers)` | | [`plain_input`] in rows; [`framed`] frames a control of one's own, [`said_of`] marks it, [`problem_of`] |
//! | [`check`], [`Card`]`::new(name, value, title).choice(…)`, [`seg`], [`options`] | | |
//! | [`group`], [`question`] | | a wizard's question is a section |
//! | [`button()`]`(word).weight(…).off(…).press(…)`, [`link_button`] | [`Button`]` weight? size? icon? label? off? submit? opens? shows? act? of? then? said?`, [`LinkButton`], [`Acts`] | |
//! | [`icon()`], [`icon_in`] | [`Icon`]` name: Glyph, class?` · [`System`]` kind` | |
//! | [`state()`]`(sign)` | [`State`]` of: Sign, tag?` | `Sign` from `Phase`, `&Standing`, `&Health`, … |
//! | [`callout`], [`need`], [`empty`] | [`Callout`], [`Need`], [`Empty`] · [`Cause`] | |
//! | [`problem`]`(error)` | [`Problem`] · [`Stale`] · [`loaded()`] | |
//! | [`time()`] | [`Time`], [`MaybeTime`] | |
//! | [`code()`] | [`Code`], [`LogLines`] | |
//! | [`conflict()`]`(Conflict, take, over)` | | two people changed one thing |
//! | [`td`], [`th`] | | cells of a table of parts; pages have [`Table`] |
//! | [`starting()`], [`starting_note`] | | a form that waits for its WASM |
//!
//! Components for pages of the server alone:
//!
//! | part | signature |
//! |---|---|
//! | [`Table`] | `label columns: Vec<Column> wide? tight? class? scrolls? still?` + [`Row`]` name href? sub? silent? id?` + [`Cell`]` label? num? wide? menu? sub?` · [`Bones`] |
//! | [`Tally`] | `label counts: Vec<Count>` · [`Tabs`]` label tabs: Vec<(word, href, current)>` |
//! | [`Filters`] | `label action beside?` + [`FilterText`]` label name="text" value?` · [`FilterSelect`]` label name answers value?` · [`FilterKept`]` name value` |
//! | [`Pager`] | `label previous: Option<String> next: Option<String> note?` |
//! | [`Head`] | `title sign? lead?: AnyView` + buttons · [`Section`]` id title note? hide_title? class?` · [`Panel`]` id title note? padded? class?` |
//! | [`Facts`] | [`Fact`]` label sub?` · [`Pairs`]` class?` + [`Pair`]` label` · [`Fold`]` summary note? open?` · [`Key`]` of` |
//! | [`Dialog`] | `id title foot` + children · [`DialogClose`]` of word` · [`Question`]` id title keep? answer` · [`Removal`]` id title word act of then` · [`Menu`]` id label show_word? small? why?` · [`Tip`]` id question` |
//! | [`Bar`] | `label done?: Progress tone?` · [`Phases`]` stretches` · [`Strip`]` days of?` + [`StripLegend`]` note?` · [`AgeLine`]` age rpo?` (ms) `at? as_of?` |
//! | [`words`] | `span took coarse relative ago bytes count plural list utc` |

pub mod button;
pub mod cells;
#[cfg(feature = "ssr")]
pub mod chart;
pub mod code;
pub mod conflict;
#[cfg(feature = "ssr")]
pub mod dialog;
pub mod field;
pub mod icon;
#[cfg(feature = "ssr")]
pub mod list;
pub mod loaded;
pub mod message;
pub mod packed;
#[cfg(feature = "ssr")]
pub mod panel;
pub mod part;
#[cfg(feature = "ssr")]
pub mod question;
pub mod slot;
pub mod starting;
pub mod state;
#[cfg(feature = "ssr")]
pub mod strip;
#[cfg(feature = "ssr")]
pub mod table;
pub mod time;
pub mod words;

pub use button::*;
pub use cells::*;
#[cfg(feature = "ssr")]
pub use chart::*;
pub use code::*;
pub use conflict::{Conflict, Differs, conflict};
#[cfg(feature = "ssr")]
pub use dialog::*;
pub use field::*;
pub use icon::*;
#[cfg(feature = "ssr")]
pub use list::*;
pub use loaded::*;
pub use message::*;
pub use packed::Packed;
#[cfg(feature = "ssr")]
pub use panel::*;
#[cfg(feature = "ssr")]
pub use question::*;
pub use slot::Slot;
pub use starting::*;
pub use state::*;
#[cfg(feature = "ssr")]
pub use strip::*;
#[cfg(feature = "ssr")]
pub use table::*;
pub use time::*;

/// Holds what every form is made of, and the reading of the words that they share, in the WASM that each page loads:
/// fetched once and kept by the browser, instead of standing in the chunks of several forms.
#[cfg(feature = "hydrate")]
pub fn kept_together() {
    use part::{Part, Said, take_place};
    use std::hint::black_box;
    type Make<T> = fn(T) -> Part;
    type Make2<A, B> = fn(A, B) -> Part;
    type Read<T> = fn(&str) -> Option<T>;
    black_box((Field::text as Make<_>, Field::area as fn(_, _, _) -> _, Field::select as Make2<_, _>));
    black_box((options as Make2<_, Said>, Card::finished as fn(_, _, _) -> _, Press::submit as Make<_>));
    black_box((problem as Make<_>, state as Make<_>, time as fn(_, _, _) -> _, need as fn(_, _, _, _, _) -> _));
    black_box((question_of as fn(_, _, _, _) -> _, check_of as fn(_, _, _, _, _, _) -> _));
    black_box((
        plain as fn(_, _, _, _, _) -> _,
        button as fn(&'static str) -> _,
        conflict::conflict_of as fn(_, _, _) -> _,
    ));
    black_box((said_of as fn(_, &str, _, _) -> _, take_place as fn(&str, _), code_of as fn(_, _, _, _) -> _));
    black_box((
        words::relative as fn(_, _) -> _,
        words::plural as fn(_, &str, &str) -> _,
        words::list as fn(&[_]) -> _,
    ));
    // The wizard and the form of a policy ask alike when something repeats and how long it is kept.
    black_box((
        crate::wizard::rhythm::Rhythm::drawn as Make<_>,
        crate::wizard::retention::Aged::drawn as Make<_>,
        model::cron::parse as fn(&str) -> _,
        model::cron::words as fn(&str) -> _,
    ));
    black_box(packed::unpack::<model::connection::Inventory> as Read<_>);
    black_box(packed::unpack::<model::view::WizardStart> as Read<_>);
    black_box(packed::unpack::<model::view::Preview> as Read<_>);
    black_box(packed::unpack::<model::view::Upcoming> as Read<_>);
    black_box(packed::unpack::<model::connection::CheckReport> as Read<_>);
}
