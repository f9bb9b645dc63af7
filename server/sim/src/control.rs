//! The test's side: `/control/{S}/...` over HTTP; the same as methods on [`crate::World`].

use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::fault::Fault;
use crate::json::{stamp, text};
use crate::kube::kind;
use crate::kube::store::Key;
use crate::options::Options;
use crate::scenario::Scenario;
use crate::world::World;

pub(crate) fn routes() -> Router<World> {
    Router::new()
        .route("/control/{scenario}/seed", post(seed))
        .route("/control/{scenario}/advance", post(advance))
        .route("/control/{scenario}/fault", post(fault).delete(heal).get(faults))
        .route("/control/{scenario}/state", get(state))
        .route("/control/{scenario}/calls", get(calls).delete(reset_calls))
        .route("/control/{scenario}/object", post(object).delete(remove))
        .route("/control/{scenario}/server", post(server))
        .route("/control/{scenario}/restart", post(restart))
        .route("/control/{scenario}/compact", post(compact))
}

/// A body that is missing means `{}`.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, String> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| error.to_string())
}

fn refuse(sentence: &str) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({"error": sentence}))).into_response()
}

fn done() -> Response {
    Json(json!({"ok": true})).into_response()
}

async fn seed(State(world): State<World>, Path(name): Path<String>, body: Bytes) -> Response {
    let mut merged = json!(Options::of_new(&name));
    let asked: Value = match read(&body) {
        Ok(asked) => asked,
        Err(sentence) => return refuse(&sentence),
    };
    crate::kube::patch::merge(&mut merged, &asked);
    match serde_json::from_value::<Options>(merged) {
        Ok(options) => {
            world.seed(&name, options);
            done()
        }
        Err(error) => refuse(&error.to_string()),
    }
}

#[derive(Deserialize)]
pub(crate) struct Advance {
    pub(crate) seconds: f64,
}

async fn advance(State(world): State<World>, Path(name): Path<String>, body: Bytes) -> Response {
    let by: Advance = match read(&body) {
        Ok(by) => by,
        Err(sentence) => return refuse(&sentence),
    };
    let Ok(by) = Duration::try_from_secs_f64(by.seconds) else {
        return refuse("seconds must be a positive number");
    };
    world.scenario(&name);
    if world.advance(by) {
        Json(json!({"now": stamp(world.clock().now())})).into_response()
    } else {
        refuse("the clock is real: it can't be advanced")
    }
}

async fn fault(State(world): State<World>, Path(name): Path<String>, body: Bytes) -> Response {
    match read::<Vec<Fault>>(&body) {
        Ok(list) => {
            world.fault(&name, list);
            done()
        }
        Err(sentence) => refuse(&sentence),
    }
}

async fn faults(State(world): State<World>, Path(name): Path<String>) -> Response {
    let list = json!(world.scenario(&name).lock().faults.list());
    Json(list).into_response()
}

async fn heal(State(world): State<World>, Path(name): Path<String>) -> Response {
    world.heal(&name);
    done()
}

async fn state(State(world): State<World>, Path(name): Path<String>) -> Response {
    Json(world.state(&name)).into_response()
}

async fn calls(State(world): State<World>, Path(name): Path<String>) -> Response {
    Json(world.calls(&name)).into_response()
}

async fn reset_calls(State(world): State<World>, Path(name): Path<String>) -> Response {
    world.reset_calls(&name);
    done()
}

async fn object(State(world): State<World>, Path(name): Path<String>, body: Bytes) -> Response {
    match read(&body).and_then(|object| world.object(&name, object)) {
        Ok(object) => Json(object).into_response(),
        Err(sentence) => refuse(&sentence),
    }
}

async fn remove(State(world): State<World>, Path(name): Path<String>, body: Bytes) -> Response {
    let object: Value = match read(&body) {
        Ok(object) => object,
        Err(sentence) => return refuse(&sentence),
    };
    let result = world.scenario(&name).with(|scenario| {
        let key = key_of(scenario, &object)?;
        scenario.erase(&key);
        Ok::<_, String>(())
    });
    result.map_or_else(|sentence| refuse(&sentence), |()| done())
}

#[derive(Deserialize)]
struct Server {
    running: bool,
}

async fn server(State(world): State<World>, Path(name): Path<String>, body: Bytes) -> Response {
    match read::<Server>(&body) {
        Ok(server) => {
            world.server(&name, server.running);
            done()
        }
        Err(sentence) => refuse(&sentence),
    }
}

async fn restart(State(world): State<World>, Path(name): Path<String>) -> Response {
    world.restart(&name);
    done()
}

async fn compact(State(world): State<World>, Path(name): Path<String>) -> Response {
    world.scenario(&name).with(|scenario| scenario.store.compact());
    done()
}

fn key_of(scenario: &Scenario, object: &Value) -> Result<Key, String> {
    let word = text(object, "/kind");
    let kind = kind::by_word(word).ok_or_else(|| format!("unknown kind {word:?}"))?;
    let name = text(object, "/metadata/name");
    if name.is_empty() {
        return Err("metadata.name is missing".to_owned());
    }
    let namespace = match text(object, "/metadata/namespace") {
        "" => scenario.options.namespace.as_str(),
        given => given,
    };
    Ok(Key::new(kind, namespace, name))
}

/// Writes an object with no validation at all. A finished Backup gets its files in the bucket too.
pub(crate) fn write_object(scenario: &mut Scenario, object: Value) -> Result<Value, String> {
    let key = key_of(scenario, &object)?;
    let stored = scenario.store.put(&key, object, scenario.now);
    if key.kind == &kind::BACKUP && matches!(text(&stored, "/status/phase"), "Completed" | "PartiallyFailed") {
        crate::life::bucket::keep_foreign(scenario, &stored);
    }
    scenario.touched(&key);
    Ok((*stored).clone())
}

pub(crate) fn set_server(scenario: &mut Scenario, running: bool) {
    let was_down = std::mem::replace(&mut scenario.options.server_down, !running);
    if running && was_down {
        crate::life::restart(scenario);
    }
}
