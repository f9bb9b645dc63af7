//! The test's side over HTTP; the same as methods on [`crate::World`].

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use crate::control::{Advance, read};
use crate::fault::Fault;
use crate::json::stamp;
use crate::world::World;

type Named = Path<(String, String)>;

pub(super) fn routes() -> Router<World> {
    Router::new()
        .route("/control/{scenario}/{system}/seed", post(seed))
        .route("/control/{scenario}/{system}/advance", post(advance))
        .route("/control/{scenario}/{system}/fault", post(fault).delete(heal).get(faults))
        .route("/control/{scenario}/{system}/state", get(state))
        .route("/control/{scenario}/{system}/calls", get(calls).delete(reset_calls))
        .route("/control/{scenario}/{system}/{verb}", post(command))
}

fn tell(result: Result<Value, String>) -> Response {
    match result {
        Ok(value) => Json(value).into_response(),
        Err(sentence) => (StatusCode::BAD_REQUEST, Json(json!({"error": sentence}))).into_response(),
    }
}

fn done(_: ()) -> Value {
    json!({"ok": true})
}

async fn seed(State(world): State<World>, Path((name, system)): Named, body: Bytes) -> Response {
    tell(read(&body).and_then(|options| world.seed_system(&name, &system, &options)).map(done))
}

async fn advance(State(world): State<World>, Path((name, system)): Named, body: Bytes) -> Response {
    tell(step(&world, &name, &system, &body))
}

fn step(world: &World, name: &str, system: &str, body: &[u8]) -> Result<Value, String> {
    let by: Advance = read(body)?;
    let by = Duration::try_from_secs_f64(by.seconds).map_err(|_| "seconds must be a positive number")?;
    world.stand(name, system)?;
    if world.advance(by) {
        Ok(json!({"now": stamp(world.clock().now())}))
    } else {
        Err("the clock is real: it can't be advanced".to_owned())
    }
}

async fn fault(State(world): State<World>, Path((name, system)): Named, body: Bytes) -> Response {
    tell(read::<Vec<Fault>>(&body).and_then(|list| world.fault_system(&name, &system, list)).map(done))
}

async fn faults(State(world): State<World>, Path((name, system)): Named) -> Response {
    tell(world.stand(&name, &system).map(|stand| json!(stand.lock().faults.list())))
}

async fn heal(State(world): State<World>, Path((name, system)): Named) -> Response {
    tell(world.heal_system(&name, &system).map(done))
}

async fn state(State(world): State<World>, Path((name, system)): Named) -> Response {
    tell(world.system_state(&name, &system))
}

async fn calls(State(world): State<World>, Path((name, system)): Named) -> Response {
    tell(world.system_calls(&name, &system))
}

async fn reset_calls(State(world): State<World>, Path((name, system)): Named) -> Response {
    tell(world.reset_system_calls(&name, &system).map(done))
}

async fn command(
    State(world): State<World>,
    Path((name, system, verb)): Path<(String, String, String)>,
    body: Bytes,
) -> Response {
    tell(read(&body).and_then(|body| world.command(&name, &system, &verb, &body)))
}
