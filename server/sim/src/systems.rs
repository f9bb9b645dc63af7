//! The systems behind the REST seam, one line each.

use crate::rest::Kind;

pub(crate) const SYSTEMS: &[Kind] =
    &[crate::astra::ASTRA, crate::cloudcasa::KIND, crate::palette::KIND, crate::waldur::WALDUR];
