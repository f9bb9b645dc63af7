//! The systems of the demonstration: what is simulated under which name, and the connections to them.

use super::past::Past;
use crate::console::Console;
use app::{
    backend::{Caller, Connections},
    error::{ApiError, ErrorKind},
};
use futures::future::try_join_all;
use model::{ConnectionId, connection::ConnectionDraft};
use serde_json::{Value, json};
use sim::{Options, World};
use std::collections::BTreeMap;

/// One system: the connection's name, and what the simulators have it under.
struct Place {
    name: &'static str,
    system: &'static str,
    scenario: &'static str,
    /// Of a system that is simulated in several generations.
    generation: &'static str,
}

const fn place(name: &'static str, system: &'static str, scenario: &'static str, generation: &'static str) -> Place {
    Place { name, system, scenario, generation }
}

/// A cluster with Velero: the simulators know it by the connection's name.
const fn cluster(name: &'static str) -> Place {
    place(name, "velero", name, "")
}

const PLACES: [Place; 9] = [
    cluster("zrh-prod-1"),
    cluster("fra-prod-1"),
    cluster("gva-edge-1"),
    cluster("zrh-staging"),
    place("cloudcasa-shop", "cloudcasa", "demo", ""),
    place("astra-zurich", "astra", "demo", ""),
    place("palette-production", "palette", "demo", ""),
    place("waldur-office", "waldur", "demo", "G2"),
    place("waldur-cloud", "waldur", "demo-g4", "G4"),
];

/// The connection's name of a scenario of this system.
pub(super) const STAGING: &str = "zrh-staging";
pub(super) const EDGE: &str = "gva-edge-1";

/// Makes the simulated systems as they were in the beginning: with everything in them and nothing protected.
pub(super) fn seed(world: &World) -> Result<(), String> {
    for place in &PLACES {
        if place.system == "velero" {
            world.seed(place.scenario, of_cluster(place.name));
        } else {
            world.seed_system(place.scenario, place.system, &of_system(place.system))?;
        }
    }
    Ok(())
}

fn of_cluster(name: &str) -> Options {
    let (more, troubled): (&[&str], &[(&str, &str)]) = match name {
        "fra-prod-1" => (&[], &[("payments", "upload-canceled")]),
        EDGE => (&["tills", "till-logs", "signage"], &[]),
        STAGING => (&["feature-142"], &[]),
        _ => (&[], &[]),
    };
    Options {
        extra_namespaces: more.iter().map(|&name| name.to_owned()).collect(),
        troubled_namespaces: troubled.iter().map(|&(ns, what)| (ns.to_owned(), what.to_owned())).collect(),
        concurrent_backups: 2,
        unlucky: 48,
        ..Options::default()
    }
}

/// Without the past that the simulators invent for whoever looks at them alone.
fn of_system(system: &str) -> Value {
    if system == "palette" { json!({"estate": "plain"}) } else { json!({"history_days": 0}) }
}

/// What the form of a connection is filled with.
fn draft(place: &Place, base: &str) -> ConnectionDraft {
    let of_cluster = || sim::announce_cluster(base, place.scenario);
    let announced = sim::announce(base).into_iter().find(|line| {
        line["system"] == place.system && (place.generation.is_empty() || line["generation"] == place.generation)
    });
    let line = match place.system {
        "velero" => of_cluster(),
        _ => announced.unwrap_or_default(),
    };
    let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
    ConnectionDraft {
        system: place.system.to_owned(),
        name: place.name.to_owned(),
        address: text("base_url"),
        credential: text("credential"),
        namespace: text("namespace"),
        account: text("account_id") + &text("project_uid"),
        variant: text("generation"),
        ..ConnectionDraft::default()
    }
}

/// Adds the connections; each is tested as any other. The answer: by name.
pub(super) async fn connect(
    console: &Console,
    caller: &Caller,
    base: &str,
) -> Result<BTreeMap<&'static str, ConnectionId>, ApiError> {
    let added = PLACES.iter().map(async |place| {
        let id = console.add_connection(caller, draft(place, base)).await?;
        Ok::<_, ApiError>((place.name, id))
    });
    Ok(try_join_all(added).await?.into_iter().collect())
}

/// What the simulators are told past their API: for what no client of theirs could do.
impl Past<'_> {
    pub(super) fn order(&self, connection: &str, verb: &str, body: &Value) -> Result<(), ApiError> {
        let Some(place) = PLACES.iter().find(|place| place.name == connection) else {
            return Err(broken(format!("there is no {connection}")));
        };
        self.world.command(place.scenario, place.system, verb, body).map(|_| ()).map_err(broken)
    }
}

pub(super) fn broken(what: impl std::fmt::Display) -> ApiError {
    ApiError::new(ErrorKind::Bug, format!("The demonstration's simulators: {what}."))
}
