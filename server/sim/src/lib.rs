//! A stateful fake of what Holdfast talks to: a Kubernetes API server with Velero on it, and the object store
//! that its download URLs point to. It shares no code with Holdfast, so it cannot share its mistakes.
//!
//! | path | what |
//! |---|---|
//! | `/s/{S}/velero/...` | the Kubernetes API of scenario `S`, token `sim-{S}-token` |
//! | `/objects/{S}/...` | its object store, by signed URL only |
//! | `/control/{S}/...` | seed, advance, fault, state, calls, object, server, restart, compact |
//! | `/s/{S}/{system}/...`, `/control/{S}/{system}/...` | the systems of `systems.rs`, see `rest.rs` |
//!
//! A scenario springs into existence on first use. Outcomes are steered by annotations on the objects:
//! `sim/outcome: partial|failed|stuck` on a Backup or Restore (a Schedule passes its own on), `sim/warnings: "2"`, on a
//! Backup also `sim/delete: stuck` and `sim/download: never|missing|xml`, `sim/unreachable: <reason>` on a
//! BackupStorageLocation; on a Namespace `sim/outcome: upload-canceled|upload-failed|partial`.

mod astra;
mod calls;
mod clock;
mod cloudcasa;
mod control;
mod door;
mod estate;
mod fault;
mod harm;
mod json;
mod kube;
mod life;
mod objects;
mod options;
mod palette;
mod rest;
mod scenario;
mod systems;
mod waldur;
mod world;

use std::future::Future;

use axum::Router;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use clock::Clock;
pub use fault::{Effect, Fault};
pub use options::Options;
pub use world::World;

/// Everything the sim serves.
pub fn router(world: World) -> Router {
    Router::new().merge(control::routes()).merge(door::routes()).merge(rest::routes()).with_state(world)
}

/// Serves until the listener fails.
pub fn serve(listener: TcpListener, world: World) -> impl Future<Output = std::io::Result<()>> {
    use axum::serve::ListenerExt;
    world.ensure_ticking();
    let listener = listener.tap_io(|stream| {
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "no TCP_NODELAY");
        }
    });
    async move { axum::serve(listener, router(world)).await }
}

/// What `holdfast sim` prints: one object per faked system, with what the connection form asks for.
/// `base` is `http://HOST:PORT`.
#[must_use]
pub fn announce(base: &str) -> Vec<Value> {
    let others = systems::SYSTEMS.iter().flat_map(|kind| (kind.announce)(base.trim_end_matches('/')));
    [announce_cluster(base, "demo")].into_iter().chain(others).collect()
}

/// The same of the cluster in one scenario.
#[must_use]
pub fn announce_cluster(base: &str, scenario: &str) -> Value {
    json!({
        "system": "velero",
        "base_url": format!("{}/s/{scenario}/velero", base.trim_end_matches('/')),
        "credential": format!("sim-{scenario}-token"),
        "namespace": "velero",
    })
}
