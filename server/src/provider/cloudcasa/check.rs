//! The connection test: step by step, bounded in time, and truthful about what it could not try.

use super::{CloudCasa, client::Query, inventory};
use crate::provider::{
    ErrorKind, ProviderError,
    checking::{ACCEPTED, KNOWN, OPEN, Report, TRUSTED, Title},
};
use futures::future::join_all;
use model::{
    connection::{CheckOutcome, CheckReport},
    location::Location,
};
use serde_json::json;

const TITLES: [Title; 8] = [
    KNOWN,
    OPEN,
    TRUSTED,
    ("It is CloudCasa", "It does not answer as CloudCasa does"),
    ACCEPTED,
    ("The organisation lets us in", "The organisation does not let us in"),
    ("Object stores", "Object stores"),
    ("Rights to read", "Rights to read"),
];

/// What Holdfast reads; whether it may write shows only when it does.
const READ: [&str; 7] =
    ["policies", "kubebackups", "kubeoffloads", "backupinstances", "jobs", "kuberestores", "objectstores"];

/// Tests a connection.
pub async fn check(cc: &CloudCasa) -> CheckReport {
    let report = Report::new(&TITLES, cc.clock.now());
    report.within(cc.client.rest.address(), async |report| steps(cc, report).await).await
}

async fn steps(cc: &CloudCasa, report: &mut Report) {
    let (client, address) = (&cc.client, cc.client.rest.address());
    if report.reach(address, client.rest.redact()).await.is_none() {
        return;
    }
    let Some(clusters) = organisation(cc, report, address).await else { return };
    report.good(match clusters {
        0 => "No cluster is registered yet.".to_owned(),
        1 => "1 cluster".to_owned(),
        n => format!("{n} clusters"),
    });
    let (locations, missing) = tokio::join!(inventory::locations(cc), missing(cc));
    show_locations(report, locations);
    if missing.is_empty() {
        report.good("Whether it may write shows when something is written.");
    } else {
        let sentence = format!("The key may not {}.", missing.join(", "));
        report.add(CheckOutcome::Warning, sentence, "Give the key's user a role that may read these.");
        report.answer.missing_rights = missing;
    }
}

/// Certificate, product, key, organisation; how many clusters there are.
async fn organisation(cc: &CloudCasa, report: &mut Report, address: &str) -> Option<usize> {
    let certificate = if address.starts_with("http:") { "not used: a loopback address over http" } else { "" };
    let query = Query::of("kubeclusters", json!({}));
    let error = match cc.client.page("list kubeclusters", &query, 1, 1).await {
        Ok(page) => {
            report.answer.version = cc.client.version();
            report.good(certificate);
            report.good(report.answer.version.clone().unwrap_or_default());
            report.good("");
            return Some(page.total.unwrap_or(page.items.len()));
        }
        Err(error) => error,
    };
    match error.kind {
        ErrorKind::Untrusted => report.bad("ca", &error),
        ErrorKind::Unreachable => report.bad("address", &error),
        ErrorKind::Unauthorised => {
            report.good(certificate);
            report.good("");
            report.bad("credential", &error);
        }
        // In CloudCasa's own words: it knows the key, and its plan or role gives it nothing.
        ErrorKind::Forbidden => {
            report.good(certificate);
            report.good("");
            report.good("");
            report.bad("credential", &error);
        }
        // It has the form of CloudCasa's errors, and no such path.
        ErrorKind::NotFound => {
            report.good(certificate);
            let error =
                ProviderError::new(ErrorKind::NotThat, "list kubeclusters", "There is no CloudCasa API at this path.")
                    .remedy("Give the API's whole address; it ends with /api/v1.");
            report.bad("address", &error);
        }
        _ => {
            report.good(certificate);
            report.bad("address", &error);
        }
    }
    None
}

fn show_locations(report: &mut Report, locations: Result<Vec<Location>, ProviderError>) {
    match locations {
        Err(error) => report.add(CheckOutcome::Warning, error.sentence, error.remedy),
        Ok(list) if list.is_empty() => {
            report.add(CheckOutcome::Good, "None of its own; copies go to CloudCasa's storage.", "");
        }
        Ok(list) => {
            let bad: Vec<String> = list
                .iter()
                .filter_map(|location| Some(format!("{}: {}", location.name, location.why_not()?)))
                .collect();
            if bad.is_empty() {
                report.good(list.iter().map(|location| location.name.as_str()).collect::<Vec<_>>().join(", "));
            } else {
                let remedy = "Copies to these fail until CloudCasa can use them; look at them in CloudCasa.";
                report.add(CheckOutcome::Warning, bad.join(" "), remedy);
            }
            report.answer.locations = list;
        }
    }
}

/// Collections that the key may not read.
async fn missing(cc: &CloudCasa) -> Vec<String> {
    let tried = READ.map(async |collection| {
        let answer = cc.client.page("try the rights", &Query::of(collection, json!({})), 1, 1).await;
        matches!(answer, Err(e) if e.kind == ErrorKind::Forbidden).then(|| format!("read {collection}"))
    });
    join_all(tried).await.into_iter().flatten().collect()
}
