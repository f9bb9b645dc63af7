//! What there is to read of a run or a restore: its own reasons, and what Astra Control told people about it.

use super::{
    Astra,
    client::{NOTIFICATIONS, app},
    key::Key,
    observe::seen,
    wire::{App, Backup, Detail, Notification},
};
use crate::provider::{ErrorKind, LogOf, ProviderError};
use model::run::{ResultLine, Results};

const PLACE: &str = "Astra Control";

/// Warnings and errors; nothing of what is gone.
pub async fn results(astra: &Astra, of: LogOf, name: &str) -> Result<Results, ProviderError> {
    let mut out = Results::default();
    let gone = |error: ProviderError| match error.kind {
        ErrorKind::NotFound => Ok(Results {
            unavailable: Some("Astra Control does not have it any more, and keeps nothing of it.".into()),
            ..Results::default()
        }),
        _ => Err(error),
    };
    let resource = match of {
        LogOf::Run => {
            let key = Key::read(name)?;
            let backup: Backup = match astra.api.get("read the backup", &key.path()).await {
                Ok(backup) => backup,
                Err(error) => return gone(error),
            };
            let lines = seen::reasons(&backup).into_iter().map(|text| ResultLine { place: PLACE.into(), text });
            if backup.state == "failed" {
                out.errors.extend(lines)
            } else {
                out.warnings.extend(lines)
            }
            key.id
        }
        LogOf::Restore => {
            let id = name.split('/').next().unwrap_or_default();
            let app: App = match astra.api.get("read the app", &app(id)).await {
                Ok(app) => app,
                Err(error) => return gone(error),
            };
            let lines = app.state_details.iter().map(Detail::words).filter(|text| !text.is_empty());
            let lines = lines.map(|text| ResultLine { place: format!("app {}", app.name), text });
            if app.state == "failed" {
                out.errors.extend(lines)
            } else {
                out.warnings.extend(lines)
            }
            app.id
        }
    };
    told(astra, &resource, &mut out).await;
    Ok(out)
}

/// Notifications about it. That they can't be had is no reason to hide the rest.
async fn told(astra: &Astra, resource: &str, out: &mut Results) {
    let filter = format!("resourceID eq '{resource}'");
    let all: Vec<Notification> =
        astra.api.filtered("list the notifications", NOTIFICATIONS, &filter).await.unwrap_or_default();
    for one in all {
        let text = match (one.summary.trim(), one.description.trim()) {
            ("", text) | (text, "") => text.to_owned(),
            (summary, description) => format!("{summary}: {description}"),
        };
        let known = |lines: &[ResultLine]| lines.iter().any(|line| line.text == text);
        if text.is_empty() || known(&out.errors) || known(&out.warnings) {
            continue;
        }
        let line = ResultLine { place: PLACE.into(), text };
        match one.severity.as_str() {
            "critical" => out.errors.push(line),
            "cleared" | "informational" => {}
            _ => out.warnings.push(line),
        }
    }
}
