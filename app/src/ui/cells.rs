//! Cells of a table that is made of parts.

use super::part::{El, Part, el};

/// A cell; its label stands beside it where the table turns into cards.
pub fn td(label: &'static str, inside: impl Into<Part>) -> El {
    el("td").attr("data-th", label).put(inside)
}

/// A column's heading.
pub fn th(inside: impl Into<Part>) -> El {
    el("th").attr("scope", "col").put(inside)
}
