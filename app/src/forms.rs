//! Islands of the smaller forms.

pub mod connection;
pub mod policy;
pub mod restore;
pub mod workspace;
