//! The connection test: step by step, bounded in time, and truthful about what it could not try.

use super::{
    Waldur,
    client::NEW_TOKEN,
    generation::{self, Generation, Resource, Version},
};
use crate::provider::{
    ErrorKind, ProviderError,
    checking::{ACCEPTED, KNOWN, OPEN, Report, TRUSTED, Title},
    rest::Call,
};
use model::connection::{CheckOutcome, CheckReport};
use serde_json::{Map, Value};

const TITLES: [Title; 7] = [
    KNOWN,
    OPEN,
    TRUSTED,
    ("It is Waldur", "It does not answer as Waldur does"),
    ACCEPTED,
    ("It keeps OpenStack backups", "It keeps no OpenStack backups that Holdfast knows"),
    ("Instances are to be seen", "No instance is to be seen"),
];

/// Tests a connection.
pub async fn check(waldur: &Waldur) -> CheckReport {
    let report = Report::new(&TITLES, waldur.clock.now());
    report.within(&waldur.settings.address, async |report| steps(waldur, report).await).await
}

async fn steps(waldur: &Waldur, report: &mut Report) {
    let rest = &waldur.api.rest;
    if report.reach(rest.address(), rest.redact()).await.is_none() {
        return;
    }
    let Some(routes) = answered(waldur, report).await else { return };
    let Some(generation) = spoken(waldur, &routes, report).await else { return };
    let version = Version { generation, release: generation::release(&waldur.api).await };
    report.answer.version = Some(version.to_string());
    if !version.release.is_empty() {
        report.answer.platform = Some(format!("Waldur {}", version.release));
    }
    waldur.memory.learn(version);
    instances(waldur, generation, report).await;
}

/// Certificate, Waldur, token.
async fn answered(waldur: &Waldur, report: &mut Report) -> Option<Map<String, Value>> {
    let plain = waldur.settings.address.starts_with("http:");
    let certificate = if plain { "not used: a loopback address over http" } else { "" };
    match generation::routes(&waldur.api).await {
        Ok(routes) => {
            report.good(certificate);
            report.good("");
            report.good("");
            return Some(routes);
        }
        Err(error) => match error.kind {
            ErrorKind::Untrusted => report.bad("ca", &error),
            ErrorKind::Unreachable => report.bad("address", &error),
            // Said in Waldur's own form: it is Waldur that does not know the token, or not let it in.
            ErrorKind::Unauthorised if error.remedy == NEW_TOKEN => {
                report.good(certificate);
                report.good("");
                report.bad("credential", &error);
            }
            ErrorKind::Unauthorised => {
                report.good(certificate);
                let foreign = ProviderError::new(
                    ErrorKind::NotThat,
                    "read the list of routes",
                    "Something else than Waldur answers, and asks for a credential of its own (401).",
                )
                .remedy("Give the address of Waldur's API, without /api at its end.");
                report.bad("address", &foreign);
            }
            ErrorKind::Forbidden => {
                report.good(certificate);
                report.good("");
                report.bad("credential", &error);
            }
            _ => {
                report.good(certificate);
                report.bad("address", &error);
            }
        },
    }
    None
}

/// The generation that it speaks, which is the one that the form names.
async fn spoken(waldur: &Waldur, routes: &Map<String, Value>, report: &mut Report) -> Option<Generation> {
    let found = generation::detect(&waldur.api, routes).await;
    let generation = match (found, waldur.fixed()) {
        (Ok(found), None) => found,
        (Ok(found), Some(fixed)) if found == fixed => found,
        (found, Some(fixed)) => {
            // A proxy may hide routes: what counts is whether the chosen one answers.
            let list = fixed.list(Resource::Backups);
            if routes.contains_key(list.trim_start_matches("/api/").trim_end_matches('/')) && found.is_err() {
                fixed
            } else {
                let speaks = found.map_or_else(|error| error.sentence, |found| format!("It speaks {}.", found.word()));
                let sentence = format!("This Waldur is not {}. {speaks}", fixed.word());
                let error = ProviderError::new(ErrorKind::NotInstalled, "find out the generation", sentence)
                    .remedy("Choose “Find out”, or the generation that it speaks.");
                report.bad("variant", &error);
                return None;
            }
        }
        (Err(error), None) => {
            report.bad("address", &error);
            return None;
        }
    };
    let list = Call::get(generation.list(Resource::Backups)).query("page_size", "1");
    if let Err(error) = waldur.api.rest.json::<Vec<Value>>("list backups", list).await {
        report.bad(if error.kind == ErrorKind::Forbidden { "credential" } else { "address" }, &error);
        return None;
    }
    report.good(format!("generation {}", generation.word()));
    Some(generation)
}

async fn instances(waldur: &Waldur, generation: Generation, report: &mut Report) {
    let list = Call::get(generation.list(Resource::Instances)).query("page_size", "1");
    match waldur.api.rest.send("list instances", list).await {
        Ok(reply) => {
            let rows: Vec<Value> = waldur.api.rest.read("list instances", &reply).unwrap_or_default();
            match (reply.header("x-result-count").trim(), rows.is_empty()) {
                (_, true) => report.add(
                    CheckOutcome::Warning,
                    "The token's account sees no OpenStack instance.",
                    "Give the account a role in the projects whose instances are to be protected.",
                ),
                ("1", _) => report.good("1 instance"),
                ("", _) => report.good(""),
                (n, _) => report.good(format!("{n} instances")),
            }
        }
        Err(error) => {
            report.bad(if error.kind == ErrorKind::Forbidden { "credential" } else { "address" }, &error);
        }
    }
}
