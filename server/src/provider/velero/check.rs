//! The connection test: step by step, bounded in time, and truthful about what it could not try.

use super::{
    Velero,
    client::{CONNECT, Group, Kube, Write, garbled},
    inventory, rights,
    wire::{List, StatusRequest, V1},
};
use crate::provider::{ErrorKind, ProviderError, checking::Report};
use model::{
    connection::{CheckOutcome, CheckReport},
    location::Location,
};
use serde_json::json;
use std::time::Duration;

/// How long Velero may take to say its version.
const VELERO: Duration = Duration::from_secs(5);

/// What each step is called when it is good or not tried, and when it isn't good.
const TITLES: [(&str, &str); 9] = [
    ("The address is known", "The address is not known"),
    ("The port is open", "The port does not open"),
    ("The certificate is trusted", "The certificate is not trusted"),
    ("It is Kubernetes", "It does not answer as Kubernetes does"),
    ("The credential is accepted", "The credential is not accepted"),
    ("Velero is installed", "Velero is not to be seen"),
    ("Velero's server answers", "Velero's server does not answer"),
    ("Storage locations", "Storage locations"),
    ("Permissions", "Permissions"),
];
/// Tests a connection.
pub async fn check(velero: &Velero) -> CheckReport {
    let report = Report::new(&TITLES, velero.clock.now());
    report.within(&velero.kube.address, async |report| steps(velero, report).await).await
}

async fn steps(velero: &Velero, report: &mut Report) {
    let kube = &velero.kube;
    if report.reach(&kube.address, &kube.redact).await.is_none() {
        return;
    }
    if kubernetes(kube, report).await.is_none() {
        return;
    }
    let Some(locations) = installed(kube, report).await else { return };
    let (version, missing) = tokio::join!(velero_version(velero), rights::missing(kube));
    match version {
        Ok(version) => {
            report.good(version.clone());
            report.answer.version = Some(version);
        }
        Err(error) => report.add(CheckOutcome::Warning, error.sentence, error.remedy),
    }
    show_locations(report, locations);
    show_rights(report, missing);
}

/// Certificate, Kubernetes, credential.
async fn kubernetes(kube: &Kube, report: &mut Report) -> Option<()> {
    let certificate = if kube.address.starts_with("http:") { "not used: a loopback address over http" } else { "" };
    match kubernetes_version(kube).await {
        Ok(version) => {
            report.good(certificate);
            report.good(version.clone());
            report.answer.platform = Some(version);
        }
        Err(error) => match error.kind {
            ErrorKind::Untrusted => {
                report.bad("ca", &error);
                return None;
            }
            // It answers as Kubernetes answers those whom it doesn't know.
            ErrorKind::Unauthorised => {
                report.good(certificate);
                report.good("");
                report.bad("credential", &error);
                return None;
            }
            // As such: it knows us, and keeps its version to itself.
            ErrorKind::Forbidden => {
                report.good(certificate);
                report.good("It does not tell its version.");
            }
            ErrorKind::Unreachable => {
                report.bad("address", &error);
                return None;
            }
            _ => {
                report.good(certificate);
                report.bad("address", &error);
                return None;
            }
        },
    }
    // The version is public; this isn't, and every account may ask it about itself.
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {"verb": "list", "group": "velero.io", "resource": "backups", "namespace": kube.namespace}},
    });
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    match kube.post("ask for permissions", path, &review, VELERO).await {
        Ok(_) => report.good(""),
        Err(error) => {
            report.bad(if error.kind == ErrorKind::Unreachable { "address" } else { "credential" }, &error);
            return None;
        }
    }
    Some(())
}

/// Velero's kinds and namespace; the storage locations, or why they can't be listed.
async fn installed(kube: &Kube, report: &mut Report) -> Option<Result<Vec<Location>, ProviderError>> {
    if let Err(error) = kube.get("look for Velero's kinds", "/apis/velero.io/v1").await {
        let error = match error.kind {
            ErrorKind::NotInstalled | ErrorKind::NotFound => ProviderError::new(
                ErrorKind::NotInstalled,
                "look for Velero's kinds",
                "The cluster answers, but Velero is not installed on it: it doesn't know velero.io/v1.",
            )
            .remedy("Install Velero on this cluster, or check that this is the right cluster."),
            _ => error,
        };
        report.bad("address", &error);
        return None;
    }
    // A field selector finds one namespace with the right to list them. Without that right, lists in a namespace that isn't
    // there are simply empty, which the locations then show.
    let path = format!("/api/v1/namespaces?fieldSelector=metadata.name%3D{}", kube.namespace);
    if let Ok(list) = kube.read::<List>("look for the namespace", &path).await
        && list.items.is_empty()
    {
        let error = ProviderError::new(
            ErrorKind::NotInstalled,
            "look for the namespace",
            format!("The cluster knows Velero's kinds, but has no namespace {}.", kube.namespace),
        )
        .remedy("Give the namespace that Velero runs in; kubectl get deployments -A | grep velero shows it.");
        report.bad("namespace", &error);
        return None;
    }
    report.good(format!("velero.io/v1, namespace {}", kube.namespace));
    Some(inventory::locations(kube).await)
}

fn show_locations(report: &mut Report, locations: Result<Vec<Location>, ProviderError>) {
    match locations {
        Err(error) => report.add(CheckOutcome::Warning, error.sentence, error.remedy),
        Ok(list) if list.is_empty() => report.add(
            CheckOutcome::Warning,
            "There is none: no backup can be made yet.",
            "Create a BackupStorageLocation, or check the namespace.",
        ),
        Ok(list) => {
            let usable = list.iter().filter(|l| l.why_not().is_none()).count();
            let words: Vec<String> = list
                .iter()
                .map(|l| match l.why_not() {
                    None => format!("{} is available", l.name),
                    Some(why) => format!("{}: {why}", l.name),
                })
                .collect();
            let outcome = if usable == 0 { CheckOutcome::Warning } else { CheckOutcome::Good };
            let remedy = if usable == 0 {
                "Backups fail until one location can be written; look at its credentials and bucket."
            } else {
                ""
            };
            report.add(outcome, words.join("; "), remedy);
            report.answer.locations = list;
        }
    }
}

fn show_rights(report: &mut Report, missing: Result<Vec<rights::Missing>, ProviderError>) {
    match missing {
        Err(error) => report.add(CheckOutcome::Warning, error.sentence, error.remedy),
        Ok(missing) if missing.is_empty() => report.good("All that Holdfast uses are granted."),
        Ok(missing) => {
            let outcome = if missing.iter().all(|m| m.optional) { CheckOutcome::Warning } else { CheckOutcome::Bad };
            let words: Vec<String> = missing.into_iter().map(|m| m.words).collect();
            report.add(
                outcome,
                format!("Missing: {}.", words.join(", ")),
                "Apply deploy/velero-rbac.yaml to the cluster and use the token of its service account.",
            );
            if outcome == CheckOutcome::Bad {
                report.answer.field.get_or_insert_with(|| "credential".to_owned());
            }
            report.answer.missing_rights = words;
        }
    }
}

/// `Kubernetes v1.34.4`; anything that isn't a version's answer is [`ErrorKind::NotThat`].
pub async fn kubernetes_version(kube: &Kube) -> Result<String, ProviderError> {
    const OPERATION: &str = "ask for the version";
    let not_that = |sentence: &str| {
        ProviderError::new(ErrorKind::NotThat, OPERATION, sentence)
            .remedy("Give the address of the Kubernetes API server.")
    };
    let answer =
        kube.call(OPERATION, http::Method::GET, "/version", "", None, CONNECT).await.map_err(|e| match e.kind {
            // An answer that was cut off says nothing about who gave it.
            ErrorKind::NotFound | ErrorKind::NotInstalled => {
                not_that("Something answers there, but it is not Kubernetes.")
            }
            _ => e,
        })?;
    match answer["gitVersion"].as_str() {
        Some(version) => Ok(format!("Kubernetes {version}")),
        None => Err(not_that("Something answers there with JSON, but it is not Kubernetes.")),
    }
}

/// Velero's own version, through a ServerStatusRequest.
pub async fn velero_version(velero: &Velero) -> Result<String, ProviderError> {
    const OPERATION: &str = "ask Velero for its version";
    let kube = &velero.kube;
    let name = format!("holdfast-{}", uuid::Uuid::now_v7());
    let request = json!({
        "apiVersion": V1, "kind": "ServerStatusRequest",
        "metadata": {"name": name, "namespace": kube.namespace}, "spec": {},
    });
    let made = kube
        .post(
            OPERATION,
            &format!("{}{}", kube.path(Group::Velero, "serverstatusrequests"), Write::Real.query()),
            &request,
            VELERO,
        )
        .await?;
    let made: StatusRequest = serde_json::from_value(made).map_err(|_| garbled(OPERATION))?;
    let path = kube.object("serverstatusrequests", &name);
    let poll = async {
        let mut wait = Duration::from_millis(50);
        loop {
            let now: StatusRequest = kube.read(OPERATION, &path).await?;
            if now.status.phase == "Processed" {
                return Ok(now.status.server_version);
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_millis(500));
        }
    };
    let answer = tokio::time::timeout(VELERO, poll).await;
    // Velero removes it after a minute anyhow.
    let _ = kube.delete(OPERATION, "serverstatusrequests", &name, &made.metadata.uid).await;
    match answer {
        Ok(Ok(version)) => {
            velero.learn(&version);
            Ok(version)
        }
        Ok(Err(error)) => Err(error),
        Err(_) => {
            Err(ProviderError::new(ErrorKind::Broken, OPERATION, "Velero does not answer: is its Deployment running?")
                .remedy(format!(
                    "kubectl -n {} get deployment velero; its log says why it isn't ready.",
                    kube.namespace
                )))
        }
    }
}
