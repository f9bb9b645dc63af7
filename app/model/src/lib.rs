//! Holdfast's vocabulary and rules.
//!
//! Everything here compiles for the browser and for the server, and does no I/O, reads no clock and knows no
//! framework. The words are those of `docs/glossary.md`: a *definition* says what an administrator wants
//! protected, a *run* is one attempt, a *recovery point* is what a good run leaves, a *restore* brings it back.
//!
//! What a person types is a *draft* (plain strings that mirror the screen); [`draft::parse`] turns a draft and the
//! connection's [`capability::Capabilities`] into a valid [`definition::Definition`], or into the complete list of
//! [`invalid::FieldError`]s. The browser and the server run the same code.

pub mod account;
pub mod capability;
pub mod connection;
pub mod cron;
pub mod definition;
pub mod draft;
pub mod duration;
pub mod glob;
pub mod id;
pub mod interval;
pub mod invalid;
pub mod judgement;
pub mod label;
pub mod location;
pub mod name;
pub mod named;
pub mod pause;
pub mod phase;
pub mod policy;
pub mod protection;
pub mod recovery;
pub mod request;
pub mod restore;
pub mod run;
pub mod scope;
pub mod strip;
pub mod tier;
pub mod time;
pub mod view;
pub mod workspace;

pub use id::*;
pub use invalid::{FieldError, Invalid};
pub use named::Named;
pub use phase::Phase;
pub use time::Millis;
