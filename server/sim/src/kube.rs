//! A generic Kubernetes API server over a store of loose JSON objects: it knows kinds and their schemas,
//! not what they mean. Controllers live in [`crate::life`].

pub(crate) mod discovery;
pub(crate) mod http;
pub(crate) mod kind;
pub(crate) mod list;
pub(crate) mod patch;
pub(crate) mod schema;
pub(crate) mod selector;
pub(crate) mod status;
pub(crate) mod store;
pub(crate) mod watch;
pub(crate) mod write;
