//! The connection test: step by step, bounded in time, and truthful about what it could not try.

use super::{Palette, client::project, generation::Generation, inventory, observe::seen};
use crate::provider::{
    ErrorKind, ProviderError,
    checking::{ACCEPTED, KNOWN, OPEN, Report, TRUSTED, Title},
};
use model::{
    connection::{CheckOutcome, CheckReport},
    named::Named,
};

const TITLES: [Title; 8] = [
    KNOWN,
    OPEN,
    TRUSTED,
    ("It is Palette", "It does not answer as Palette does"),
    ACCEPTED,
    ("The project is there", "The project is not to be seen"),
    ("Workspaces are told", "Workspaces are not told"),
    ("Backup locations", "Backup locations"),
];
/// Workspaces whose backups are looked at: they tell the release.
const LOOKED_AT: usize = 3;

/// Tests a connection.
pub async fn check(palette: &Palette) -> CheckReport {
    let report = Report::new(&TITLES, palette.clock.now());
    report.within(palette.client.rest.address(), async |report| steps(palette, report).await).await
}

async fn steps(palette: &Palette, report: &mut Report) {
    let client = &palette.client;
    if report.reach(client.rest.address(), client.rest.redact()).await.is_none()
        || known(palette, report).await.is_none()
        || in_project(palette, report).await.is_none()
    {
        return;
    }
    match client.workspaces().await {
        Ok(all) if all.is_empty() => report.add(
            CheckOutcome::Warning,
            "The project has none: nothing can be protected yet.",
            "Make a workspace in Palette, or check that this is the right project.",
        ),
        Ok(all) => {
            let names: Vec<&str> = all.iter().map(|w| w.name.as_str()).collect();
            report.good(listed(&names));
            for workspace in all.iter().take(LOOKED_AT) {
                if let Ok(document) = client.backup(&workspace.uid, None).await {
                    palette.shared.learn(Generation::shown(&document));
                }
            }
            report.answer.version = palette.generation().map(|g| g.version().to_owned());
        }
        Err(error) => return report.bad(field(&error), &error),
    }
    match client.locations().await {
        Ok(all) if all.is_empty() => report.add(
            CheckOutcome::Warning,
            "There is none: no backup can be made yet.",
            "Add a backup location in Palette, to the project or the tenant.",
        ),
        Ok(all) => {
            let names: Vec<&str> = all.iter().map(|l| l.name.as_str()).collect();
            report.good(listed(&names));
            report.answer.locations = all.iter().map(seen::location).collect();
        }
        Err(error) => report.add(CheckOutcome::Warning, error.sentence, error.remedy),
    }
}

fn field(error: &ProviderError) -> &'static str {
    match error.kind {
        ErrorKind::Unauthorised | ErrorKind::Forbidden => "credential",
        ErrorKind::Untrusted => "ca",
        ErrorKind::NotInstalled => "account",
        _ => "address",
    }
}

/// Certificate, Palette, key. The person is asked for without the project, which is judged apart.
async fn known(palette: &Palette, report: &mut Report) -> Option<()> {
    let plain = palette.client.rest.address().starts_with("http:");
    let certificate = if plain { "not used: a loopback address over http" } else { "" };
    match palette.client.me().await {
        Ok(me) if me["metadata"]["uid"].is_string() || me["spec"]["emailId"].is_string() => {
            report.good(certificate);
            report.good(palette.client.rest.address());
            let name = me["spec"]["emailId"].as_str().or(me["metadata"]["name"].as_str()).unwrap_or_default();
            report.good(if name.is_empty() { String::new() } else { format!("of {name}") });
            Some(())
        }
        Ok(_) => {
            report.good(certificate);
            let error = ProviderError::new(
                ErrorKind::NotThat,
                "ask who it is",
                "Something answers there with JSON, but it is not Palette.",
            )
            .remedy("Give the address of Palette's API: https://api.spectrocloud.com, or of your own installation.");
            report.bad("address", &error);
            None
        }
        Err(error) => {
            match error.kind {
                // Without an answer nothing is known of the certificate either.
                ErrorKind::Untrusted | ErrorKind::Unreachable => {}
                // It answers as Palette answers those whom it doesn't know.
                ErrorKind::Unauthorised | ErrorKind::Forbidden => {
                    report.good(certificate);
                    report.good("");
                }
                _ => report.good(certificate),
            }
            report.bad(field(&error), &error);
            None
        }
    }
}

/// Whether the key sees the project; which there are, where none or another is given.
async fn in_project(palette: &Palette, report: &mut Report) -> Option<()> {
    let wanted = project(&palette.settings);
    let projects = match palette.client.projects().await {
        Ok(projects) => projects,
        // A key of one project may not list them; the next step shows whether this one is there.
        Err(error) if error.kind == ErrorKind::Forbidden && wanted.is_some() => {
            report.add(CheckOutcome::Warning, "The key may not list projects, so that the name is not known.", "");
            return Some(());
        }
        Err(error) => {
            report.bad(field(&error), &error);
            return None;
        }
    };
    if let Some(found) = projects.iter().find(|p| Some(p.id.as_str()) == wanted) {
        report.good(&found.name);
        return Some(());
    }
    let sentence = match wanted {
        None => "No project is given, and without one Palette finds no workspaces.".to_owned(),
        Some(name) => match projects.iter().find(|p| p.name == name) {
            Some(same) => format!("“{name}” is a project's name; its uid is {}.", same.id),
            None => format!("The key sees no project with the uid “{name}”."),
        },
    };
    let error =
        ProviderError::new(ErrorKind::NotInstalled, "look for the project", sentence).remedy(choices(&projects));
    report.bad("account", &error);
    None
}

fn choices(projects: &[Named]) -> String {
    if projects.is_empty() {
        return "The key sees no project at all: give its user a role in one.".into();
    }
    let words: Vec<String> = projects.iter().map(|p| format!("{} ({})", p.name, p.id)).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    format!("Give the uid of one of: {}.", listed(&words))
}

/// `a, b, c and 4 more`.
fn listed(names: &[&str]) -> String {
    let (shown, rest) = names.split_at(names.len().min(inventory::SHOWN));
    match rest.len() {
        0 => shown.join(", "),
        n => format!("{} and {n} more", shown.join(", ")),
    }
}
