//! The connection test: step by step, bounded in time, and truthful about what it could not try.

use super::{
    Astra,
    client::{APPS, CLUSTERS},
    inventory::{self, Allowed},
    observe::{platform, version},
    wire::{Account, App, Cluster},
};
use crate::provider::{
    ErrorKind, ProviderError,
    checking::{ACCEPTED, KNOWN, OPEN, Report, TRUSTED, Title},
};
use model::connection::{CheckOutcome, CheckReport};

/// What each step is called when it is good or not tried, and when it isn't good.
const TITLES: [Title; 8] = [
    KNOWN,
    OPEN,
    TRUSTED,
    ("It is Astra Control", "It does not answer as Astra Control does"),
    ACCEPTED,
    ("The account is there", "The account is not there"),
    ("Apps and rights", "Apps and rights"),
    ("Buckets", "Buckets"),
];

const OPERATION: &str = "read the account";

/// Tests a connection.
pub async fn check(astra: &Astra) -> CheckReport {
    let report = Report::new(&TITLES, astra.clock.now());
    report.within(astra.api.rest.address(), async |report| steps(astra, report).await).await
}

async fn steps(astra: &Astra, report: &mut Report) {
    if report.reach(astra.api.rest.address(), astra.api.rest.redact()).await.is_none() {
        return;
    }
    let http = astra.api.rest.address().starts_with("http:");
    let certificate = if http { "not used: a loopback address over http" } else { "" };
    match astra.api.get::<Account>(OPERATION, "").await {
        Ok(account) if account.kind.starts_with("application/astra-") => {
            report.good(certificate);
            report.good("");
            report.good("");
            report.good(account.name);
        }
        Ok(_) => {
            report.good(certificate);
            report.bad("address", &not_that());
            return;
        }
        Err(error) => return refused(report, certificate, error),
    }
    let (apps, locations, clusters) = tokio::join!(
        astra.api.list::<App>("list the apps", APPS),
        inventory::locations(astra),
        astra.api.list::<Cluster>("list the clusters", CLUSTERS)
    );
    report.answer.platform = clusters.ok().and_then(|clusters| platform(&clusters));
    show_apps(report, apps);
    show_locations(report, locations);
}

fn not_that() -> ProviderError {
    ProviderError::new(ErrorKind::NotThat, OPERATION, "Something answers there with JSON, but it is not Astra Control.")
        .remedy("Give the address of Astra Control's API itself, such as https://astra.netapp.io.")
}

/// Where the first call stops.
fn refused(report: &mut Report, certificate: &str, error: ProviderError) {
    match error.kind {
        ErrorKind::Untrusted => report.bad("ca", &error),
        ErrorKind::Unauthorised | ErrorKind::Forbidden => {
            report.good(certificate);
            report.good("");
            report.bad("credential", &error);
        }
        // A problem document: it is Astra Control, and knows the credential, but not that account.
        ErrorKind::NotFound | ErrorKind::Refused if error.sentence.contains("problem") => {
            report.good(certificate);
            report.good("");
            report.good("");
            let error = ProviderError {
                kind: ErrorKind::NotInstalled,
                sentence: format!("Astra Control answers, but not for this account. {}", error.sentence),
                ..error
            };
            let remedy = "The account's id stands beside the API tokens in Astra Control (API access); a token is for one account.";
            report.bad("account", &error.remedy(remedy));
        }
        ErrorKind::NotFound | ErrorKind::Refused => {
            report.good(certificate);
            report.bad("address", &not_that());
        }
        ErrorKind::Unreachable => report.bad("address", &error),
        _ => {
            report.good(certificate);
            report.bad("address", &error);
        }
    }
}

/// The links of the apps tell what the token's user may do.
fn show_apps(report: &mut Report, apps: Result<Vec<App>, ProviderError>) {
    let apps = match apps {
        Ok(apps) => apps,
        Err(error) => return report.add(CheckOutcome::Bad, error.sentence, error.remedy),
    };
    report.answer.version = version(apps.iter());
    if apps.is_empty() {
        return report.add(
            CheckOutcome::Warning,
            "No app is to be seen: nothing can be protected yet.",
            "Define an app in Astra Control, or give the token's user the namespaces that are protected.",
        );
    }
    let only_looks = apps.iter().filter(|app| inventory::backups(app) == Allowed::NoRight).count();
    if only_looks == apps.len() {
        report.answer.missing_rights = vec!["back up apps".into(), "restore apps".into()];
        report.answer.field.get_or_insert_with(|| "credential".to_owned());
        return report.add(
            CheckOutcome::Bad,
            "The token's user may look at the apps, and not back them up.",
            "Give the user the role member or higher, or use another user's token.",
        );
    }
    let mut words = format!("{} to be seen", count(apps.len(), "app"));
    if only_looks > 0 {
        words.push_str(&format!(", {only_looks} only to look at"));
    }
    report.good(words);
}

fn count(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{n} {word}s") }
}

fn show_locations(report: &mut Report, locations: Result<Vec<model::location::Location>, ProviderError>) {
    match locations {
        Err(error) => report.add(CheckOutcome::Warning, error.sentence, error.remedy),
        Ok(list) if list.is_empty() => report.add(
            CheckOutcome::Warning,
            "There is none: snapshots can be taken, and no backups.",
            "Add a bucket in Astra Control.",
        ),
        Ok(list) => {
            let usable = list.iter().any(|location| location.why_not().is_none());
            let words: Vec<String> = list
                .iter()
                .map(|location| match location.why_not() {
                    None => format!("{} is available", location.name),
                    Some(why) => format!("{}: {why}", location.name),
                })
                .collect();
            let remedy =
                if usable { "" } else { "Backups fail until one bucket can be reached; look at its credential." };
            let outcome = if usable { CheckOutcome::Good } else { CheckOutcome::Warning };
            report.add(outcome, words.join("; "), remedy);
            report.answer.locations = list;
        }
    }
}
