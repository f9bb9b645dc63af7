//! Server functions by resource. Each is a public URL under `/api`, JSON in and out, POST only; authorisation is in the
//! backend method that it calls.
//!
//! [`calls!`] writes both halves of each from one line. The server's is a `#[server]` function of three lines: get the
//! backend, call the method of the same name, map the reply. The browser's goes through [`post`], because the client that
//! `#[server]` brings is there once for every function: one call cost the WASM more than a kilobyte.

#[cfg(not(feature = "ssr"))]
pub(crate) mod post;

/// Server functions, each as `name of its type, "endpoint", fn name(arguments) -> answer`. The backend has a method of that
/// name with the same arguments.
macro_rules! calls {
    ($($(#[$doc:meta])* $call:ident $endpoint:literal fn $name:ident($($arg:ident: $type:ty),* $(,)?) -> $answer:ty;)*) => {
        $(
            #[cfg(feature = "ssr")]
            $(#[$doc])*
            #[leptos::prelude::server(name = $call, prefix = "/api", endpoint = $endpoint, input = server_fn::codec::Json)]
            pub async fn $name($($arg: $type),*) -> Result<$answer, crate::error::ApiError> {
                crate::backend::reply(crate::backend::backend()?.$name(&crate::backend::caller(), $($arg),*).await)
            }

            #[cfg(not(feature = "ssr"))]
            $(#[$doc])*
            pub async fn $name($($arg: $type),*) -> Result<$answer, crate::error::ApiError> {
                let asked = crate::api::post::Body::default()$(.with(stringify!($arg), serde_json::to_string(&$arg)))*;
                crate::api::post::read(crate::api::post::post($endpoint, asked).await)
            }
        )*
    };
}

pub mod accounts;
pub mod activity;
pub mod connections;
pub mod definitions;
pub mod policies;
pub mod workspaces;
